package ipc_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

func Example() {
	var file bytes.Buffer
	err := ipc.Write(&file, []ipc.Column{
		ipc.Ints("sample_id", ipc.Int64, []int64{17, 18}),
		ipc.Ints("label", ipc.Int8, []int{1, 0}),
		ipc.Vectors("logits", ipc.Float16, 2, []float32{-1.5, 2, 0.25, 0.5}),
	}, ipc.Options{Zstd: true, Meta: []column.Pair{{Key: "model", Value: "tiny"}}})
	if err != nil {
		log.Fatal(err)
	}

	r, err := ipc.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	fmt.Println(r.Meta())
	if err := r.Select([]column.Want{{Field: 2, Kind: column.Vector32}}); err != nil {
		log.Fatal(err)
	}
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(chunk.N, chunk.Columns[0].Width, chunk.Columns[0].F32)
	}
	// Output:
	// [{model tiny}]
	// 2 2 [-1.5 2 0.25 0.5]
}
