package harness_test

import (
	"context"
	"fmt"
	"os"
	"testing/fstest"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/metrics"
)

// Evaluate a corpus into a folder and rank its models.
func Example() {
	files := fstest.MapFS{
		"sure.csv":   {Data: []byte("sample_id,label,p0,p1\n1,0,0.9,0.1\n2,1,0.2,0.8\n3,0,0.4,0.6\n")},
		"unsure.csv": {Data: []byte("sample_id,label,p0,p1\n1,0,0.6,0.4\n2,1,0.3,0.7\n3,0,0.1,0.9\n")},
	}
	corpus, err := datasets.OpenFS(files, ".", "tiny")
	if err != nil {
		panic(err)
	}
	out, err := os.MkdirTemp("", "study")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(out)
	results, err := harness.Run(context.Background(), harness.Config{
		Corpora: []*datasets.Corpus{corpus}, Out: out, Metrics: metrics.MustMeasures("accuracy", "aurc")})
	if err != nil {
		panic(err)
	}
	ranking, err := board.New(results, board.Options{By: metrics.MustMeasure("aurc")})
	if err != nil {
		panic(err)
	}
	for _, e := range ranking.Entries {
		fmt.Printf("%d %s AURC %.3f\n", e.Rank, e.Model, e.Value.Value)
	}
	// Output:
	// 1 sure AURC 0.111
	// 2 unsure AURC 0.611
}
