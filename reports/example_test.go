package reports_test

import (
	"fmt"
	"math"
	"os"
	"strings"

	"abstain/datasets"
	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports"
)

// twoModels is what board.New would return for a run of two models.
func twoModels() *board.Board {
	estimate := func(v float64) metrics.Estimate {
		return metrics.Estimate{Value: v, Lo: math.NaN(), Hi: math.NaN(), N: 2000}
	}
	return &board.Board{
		By:     metrics.Measure{Asked: "aurc", Metric: metrics.Metric{ID: "aurc", Label: "AURC", Better: metrics.Lower, Unit: "fraction"}},
		Beside: []metrics.Measure{{Asked: "accuracy", Metric: metrics.Metric{ID: "accuracy", Label: "accuracy", Better: metrics.Higher, Unit: "fraction"}}},
		Choice: board.Selection{Dataset: "fashion-523", Split: "test", Condition: "clean", Transform: "none", Confidence: "msp"},
		Entries: []board.Entry{
			{Model: "cnn14-kd-seed0", Meta: datasets.Meta{{Key: "regime", Value: "distilled"}}, Rank: 1, Overall: 1, Value: estimate(0.0142), Beside: []metrics.Estimate{estimate(0.912)}},
			{Model: "mlp64-seed1", Meta: datasets.Meta{{Key: "regime", Value: "vanilla"}}, Rank: 2, Overall: 2, Value: estimate(0.0317), Beside: []metrics.Estimate{estimate(0.8735)}},
		},
		Models: 2, All: 2, N: 2000, Classes: 8,
	}
}

func ExampleBoard() {
	if err := reports.Board(os.Stdout, twoModels(), "text"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// rank  model           regime     AURC % ↓  accuracy % ↑
	//    1  cnn14-kd-seed0  distilled      1.42          91.2
	//    2  mlp64-seed1     vanilla        3.17          87.4
	// by AURC (lower is better); fashion-523, split test, condition clean, confidence msp
	// n = 2000, 8 classes; 2 models
}

func ExampleTable_Write() {
	t := reports.Table{Board: twoModels(), Version: "v0.1.0", Command: "abstain rank runs/fashion --by aurc --format tex"}
	if err := t.Write(os.Stdout, "tex"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// % made by abstain v0.1.0
	// % command: abstain rank runs/fashion --by aurc --format tex
	// % by AURC (lower is better); fashion-523, split test, condition clean, confidence msp
	// % n = 2000, 8 classes; 2 models
	// % needs \usepackage{booktabs}
	// \begin{tabular}{rllrr}
	// \toprule
	// rank & model & regime & AURC \% $\downarrow$ & accuracy \% $\uparrow$ \\
	// \midrule
	// 1 & cnn14-kd-seed0 & distilled & 1.42 & 91.2 \\
	// 2 & mlp64-seed1 & vanilla & 3.17 & 87.4 \\
	// \bottomrule
	// \end{tabular}
}

func ExampleFormats() {
	fmt.Println(strings.Join(reports.Formats(), " "))
	// Output: text csv json md tex
}

func ExamplePDF() {
	var file strings.Builder
	err := reports.PDF(&file, reports.Document{Board: twoModels(), Version: "v0.1.0", Command: "abstain report runs/fashion"})
	fmt.Println(err, file.String()[:8])
	// Output: <nil> %PDF-1.4
}

func ExampleHTML() {
	var file strings.Builder
	err := reports.HTML(&file, reports.Document{Board: twoModels(), Version: "v0.1.0", Columns: metrics.MustMeasures("accuracy")})
	fmt.Println(err, file.String()[:15])
	// Output: <nil> <!DOCTYPE html>
}
