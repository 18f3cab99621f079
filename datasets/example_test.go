package datasets_test

import (
	"bytes"
	"fmt"
	"log"
	"testing/fstest"

	"abstain/datasets"
	"abstain/datasets/ipc"
)

var corpus = fstest.MapFS{
	"manifest.csv":   {Data: []byte("file,model,dataset,split,condition,family\ncnn.csv,small-cnn,digits,test,clean,cnn\nlost.csv,big-cnn,digits,test,clean,cnn\n")},
	"cnn.csv":        {Data: []byte("sample_id,label,p0,p1,p2,writer\n17,2,0.1,0.2,0.7,ada\n18,0,0.4,0.5,0.1,bo\n")},
	"other/knn.csv":  {Data: []byte("confidence,correct\n0.75,1\n0.5,0\n")},
	"other/bad.csv":  {Data: []byte("confidence,correct\n0.75,1\nhigh,0\n")},
	"other/logs.csv": {Data: []byte("epoch,loss\n1,0.5\n")},
}

func ExampleOpenFS() {
	c, err := datasets.OpenFS(corpus, ".", "corpus")
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range c.Tables {
		fmt.Println(t.Name, t.Model, t.Dataset, t.Split, t.Condition, t.Meta.Get("family"))
	}
	for _, err := range c.Problems {
		fmt.Println("problem:", err)
	}
	// Output:
	// corpus/cnn.csv small-cnn digits test clean cnn
	// problem: corpus/manifest.csv: column "file": line 3: "lost.csv": file does not exist
}

// Without a manifest every table below the folder is taken.
func ExampleOpenFS_folder() {
	c, err := datasets.OpenFS(corpus, "other", "other")
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range c.Tables {
		fmt.Println(t.Model, t.Dataset, t.Split, t.Condition)
	}
	for _, err := range c.Skipped {
		fmt.Println("skipped:", err)
	}
	// Output:
	// bad other test clean
	// knn other test clean
	// skipped: other/logs.csv: no prediction table: no column logits, probs or confidence; found: epoch, loss
}

func ExampleOpenTable() {
	r, err := datasets.OpenTable(datasets.Table{FS: corpus, Path: "cnn.csv", Name: "cnn.csv", Rows: -1})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	s := r.Schema()
	fmt.Println(s.Kind, s.Classes, s.Groups)
	for b, err := range r.Batches() {
		if err != nil {
			log.Fatal(err)
		}
		for row := range b.N {
			fmt.Println(b.ID.Text[row], b.Label[row], b.F64[row*s.Classes:(row+1)*s.Classes], b.Groups[0][row])
		}
	}
	// Output:
	// probs 3 [writer]
	// 17 2 [0.1 0.2 0.7] ada
	// 18 0 [0.4 0.5 0.1] bo
}

// A table that is read anyway is hashed while it is read.
func ExampleHasher() {
	var b bytes.Buffer
	err := ipc.Write(&b, []ipc.Column{ipc.Bools("correct", []bool{true, false}), ipc.Floats("confidence", ipc.Float32, []float32{0.75, 0.5})}, ipc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	table := datasets.Table{FS: fstest.MapFS{"knn.arrow": {Data: b.Bytes()}}, Path: "knn.arrow", Name: "knn.arrow", Rows: -1}
	r, err := datasets.OpenTable(table)
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	h, ok := r.(datasets.Hasher)
	if !ok || !h.StartHash() {
		log.Fatal("has to be hashed by Table.Hash")
	}
	for b, err := range r.Batches() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(b.N, "rows")
	}
	hash, _ := h.Hash()
	again, err := table.Hash()
	fmt.Println(hash == again, err)
	// Output:
	// 2 rows
	// true <nil>
}

// An error says where the problem is, and often what to do.
func ExampleError() {
	r, err := datasets.OpenTable(datasets.Table{FS: corpus, Path: "other/bad.csv", Name: "other/bad.csv", Rows: -1})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	for _, err := range r.Batches() {
		fmt.Println(err)
	}
	// Output:
	// other/bad.csv: column "confidence": line 3: "high" is no number
}

func ExampleIDs_Canonical() {
	ids := datasets.IDs{Text: []string{"t10k-01234", "t10k-00007"}}.Canonical()
	fmt.Println(ids.Int, ids.Name(0))
	fmt.Println(datasets.IDs{Text: []string{"cat", "dog"}}.Canonical().Text)
	// Output:
	// [1234 7] t10k-01234
	// [cat dog]
}

// Ids match as they are written, but a prefix that the other table's ids lack is
// ignored.
func ExampleIDs_Alike() {
	val := datasets.IDs{Text: []string{"val_0001", "val_0002"}}.Canonical()
	test := datasets.IDs{Text: []string{"test_0001", "test_0002"}}.Canonical()
	plain := datasets.IDs{Int: []int64{1, 2}}
	fmt.Println(val.Alike(test), val.Alike(plain), test.Alike(plain))
	// Output:
	// false true true
}
