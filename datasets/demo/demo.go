// Package demo is the corpus that comes with abstain: stored predictions of 523
// real classifiers of Fashion-MNIST without the classes Bag and Ankle boot,
// made with scikit-learn and PyTorch under 26 training regimes. Begin with Corpus.
//
// It is the corpus fashion-523 in a smaller form, 16 MB with metadata: the
// first 1000 test rows (of 2000), 125 validation rows (of 500), 100 rows (of
// 400) of each shift, 150 (of 500) of each attack and 300 (of 1200) of the
// classes never trained on, in the order of the sample ids. Logits are rounded
// to float16. In a row of probabilities, the largest (the confidence) is stored
// exactly and the others mostly to 9 significant bits: float16 would make ties of
// half the confidences near 1, to the disadvantage of models that store
// probabilities. Everything is compressed with ZSTD. The values of metrics are those
// of this form, not those of the full corpus; expected.csv holds them. They were
// computed from these files by the plain definitions (build/reference.go), which
// share no code with package metrics.
//
// The directory build holds the program that made all this. The package may
// import datasets only.
package demo

import (
	"embed"

	"abstain/datasets"
)

//go:embed manifest.csv fashion-523
var files embed.FS

//go:embed expected.csv
var expected string

// Name is the corpus's name in messages and reports.
const Name = "demo"

// Corpus opens the embedded corpus.
func Corpus() (*datasets.Corpus, error) {
	return datasets.OpenFS(files, ".", Name)
}

// Expected returns the golden table, as CSV: one row per table with the columns
// model, split, condition, accuracy, auroc, aurc, ece@15, nll, brier; an empty
// cell where a metric is undefined.
func Expected() string { return expected }
