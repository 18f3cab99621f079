package harness_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// Evaluate a folder of prediction tables, and say which order of its models is proven.
func Example() {
	corpus, err := datasets.Open("testdata/predictions") // one table a model
	if err != nil {
		log.Fatal(err)
	}
	out, err := os.MkdirTemp("", "study") // in a folder that stays, nothing is computed twice
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(out)
	results, err := harness.Run(context.Background(), harness.Config{
		Corpora: []*datasets.Corpus{corpus}, Out: out,
		Metrics: metrics.MustMeasures("accuracy", "aurc"), Intervals: evaluate.Intervals{Level: 0.95},
	})
	if err != nil {
		log.Fatal(err)
	}
	leaderboard, err := board.New(results, board.Options{By: metrics.MustMeasure("aurc")})
	if err != nil {
		log.Fatal(err)
	}
	if err := leaderboard.ResolveRanks(results, board.Simultaneous, ranks.Options{}); err != nil {
		log.Fatal(err)
	}
	for _, e := range leaderboard.Entries {
		fmt.Printf("%-8s  AURC %.3f [%.3f, %.3f]  rank %d to %d\n", e.Model, e.Value.Value, e.Value.Lo, e.Value.Hi, e.Ranks.Lo, e.Ranks.Hi)
	}
	// Output:
	// ensemble  AURC 0.001 [0.000, 0.084]  rank 1 to 3
	// single-1  AURC 0.007 [0.002, 0.091]  rank 1 to 3
	// single-0  AURC 0.011 [0.004, 0.094]  rank 1 to 3
	// shallow   AURC 0.291 [0.196, 0.410]  rank 4 to 4
}
