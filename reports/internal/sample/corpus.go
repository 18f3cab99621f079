package sample

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing/fstest"
)

// Corpus is prediction tables of invented models, m0 and on, each worse than the one before
// but for m1, which answers as m0 does: logits of three classes on so many samples, the same
// for all, of a clean and of a shifted table. Regimes are vanilla and focal by turns.
// Logits have one decimal, so that confidences are often equal.
func Corpus(models, samples int) fstest.MapFS {
	files, manifest := fstest.MapFS{}, "file,model,dataset,split,condition,regime\n"
	for m := range models {
		for _, condition := range []string{"clean", "noise"} {
			name := fmt.Sprintf("m%d-%s.csv", m, condition)
			files[name] = &fstest.MapFile{Data: []byte(table(max(m, 1), samples, condition == "noise"))}
			manifest += fmt.Sprintf("%s,m%d,tiny,test,%s,%s\n", name, m, condition, []string{"vanilla", "focal"}[m%2])
		}
	}
	files["manifest.csv"] = &fstest.MapFile{Data: []byte(manifest)}
	return files
}

func table(m, samples int, shifted bool) string {
	shared, own := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, uint64(m)))
	noise := 0.5 + 0.3*float64(m)
	if shifted {
		noise += 0.5
	}
	var b strings.Builder
	b.WriteString("sample_id,label,l0,l1,l2\n")
	for i := range samples {
		label, ease := i%3, 3*shared.Float64()
		fmt.Fprintf(&b, "%d,%d", i, label)
		for k := range 3 {
			v := noise * own.NormFloat64()
			if k == label {
				v += ease
			}
			fmt.Fprintf(&b, ",%.1f", v)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
