package hedge

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"abstain/datasets/plain"
	"abstain/harness/store"
	"abstain/metrics/credal"
)

// Row is what was measured of a pair at one eps, on the judged rows of one table.
type Row struct {
	Edge, Cloud, Dataset, Split, Condition string

	Divergence  string
	Alpha       float64 // NaN without
	Eps         float64
	Temperature float64 // of the cloud
	Rows        int     // that gave the threshold
	Threshold   float64
	// Coverage is the share of judged rows whose set holds the cloud's distribution; NaN
	// where the cloud has no table of these. LawLo and LawHi hold it in 95 % of the draws.
	Coverage, CoverageLo, CoverageHi, LawLo, LawHi float64
	Width                                          float64 // mean over rows and classes of upper - lower
	Volume                                         float64 // mean share of all distributions; NaN where not sampled
	Certain                                        float64 // share of rows with one class for all members
	LowerEntropy, UpperEntropy                     float64 // means, bits
	N                                              int     // judged rows

	Accuracy, AccuracyEdge, AccuracyCloud float64
	// ECE of the intersection probability; of the other predictions; of the edge as it is, at
	// a temperature of its own (fitted with labels) and at the cloud's.
	ECE, ECEEntropy, ECEAverage, ECEEdge, ECETemperature, ECECloudTemperature float64
	NLL, NLLEdge, NLLTemperature, NLLCloudTemperature                         float64
	AUROC, AUROCEdge, AURC, AURCEdge                                          float64
	Changes                                                                   Changes

	Note string
}

// numbers are the row's numbers by the names of credal.csv, in its order.
func (r *Row) numbers() []field {
	all := []field{
		{"alpha", &r.Alpha}, {"eps", &r.Eps}, {"temperature", &r.Temperature}, {"threshold", &r.Threshold},
		{"coverage", &r.Coverage}, {"coverage.lo", &r.CoverageLo}, {"coverage.hi", &r.CoverageHi}, {"width", &r.Width},
		{"law.lo", &r.LawLo}, {"law.hi", &r.LawHi}, {"volume", &r.Volume}, {"certain", &r.Certain},
		{"lower-entropy", &r.LowerEntropy}, {"upper-entropy", &r.UpperEntropy},
		{"accuracy", &r.Accuracy}, {"accuracy.edge", &r.AccuracyEdge}, {"accuracy.cloud", &r.AccuracyCloud},
		{"ece", &r.ECE}, {"ece.entropy", &r.ECEEntropy}, {"ece.average", &r.ECEAverage}, {"ece.edge", &r.ECEEdge},
		{"ece.temperature", &r.ECETemperature}, {"ece.cloud-temperature", &r.ECECloudTemperature},
		{"nll", &r.NLL}, {"nll.edge", &r.NLLEdge}, {"nll.temperature", &r.NLLTemperature},
	}
	return append(all, r.added()...)
}

// added are the numbers whose columns came later, after those of the first version.
func (r *Row) added() []field {
	all := []field{{"nll.cloud-temperature", &r.NLLCloudTemperature}, {"auroc", &r.AUROC}, {"auroc.edge", &r.AUROCEdge},
		{"aurc", &r.AURC}, {"aurc.edge", &r.AURCEdge}}
	for _, c := range r.Changes.named() {
		all = append(all, field{c.name, &c.at.Value}, field{c.name + ".lo", &c.at.Lo}, field{c.name + ".hi", &c.at.Hi})
	}
	return all
}

type field struct {
	Name string
	At   *float64
}

// Columns are the columns of credal.csv.
func Columns() []string {
	all := []string{"edge", "cloud", "divergence", "alpha", "eps", "temperature", "rows", "threshold", "coverage", "coverage.lo", "coverage.hi",
		"width", "law.lo", "law.hi", "volume", "certain", "lower-entropy", "upper-entropy", "n", "accuracy", "accuracy.edge", "accuracy.cloud",
		"ece", "ece.entropy", "ece.average", "ece.edge", "ece.temperature", "ece.cloud-temperature", "nll", "nll.edge", "nll.temperature",
		"dataset", "split", "condition", "note"}
	for _, f := range new(Row).added() {
		all = append(all, f.Name)
	}
	return all
}

// Fields are the row's cells in the order of Columns.
func (r Row) Fields() []string {
	cells := map[string]string{"edge": r.Edge, "cloud": r.Cloud, "divergence": name(r.Divergence), "rows": strconv.Itoa(r.Rows), "n": strconv.Itoa(r.N),
		"dataset": r.Dataset, "split": r.Split, "condition": r.Condition, "note": r.Note}
	for _, n := range r.numbers() {
		cells[n.Name] = number(*n.At)
	}
	fields := make([]string, len(Columns()))
	for i, c := range Columns() {
		fields[i] = cells[c]
	}
	return fields
}

// ReadRow reads cells by the names of their columns. Numbers that have none are NaN.
func ReadRow(columns, fields []string) (r Row, err error) {
	cells := map[string]string{}
	for i, c := range columns {
		cells[c] = fields[i]
	}
	r = Row{Edge: cells["edge"], Cloud: cells["cloud"], Divergence: cells["divergence"], Dataset: cells["dataset"], Split: cells["split"],
		Condition: cells["condition"], Note: cells["note"]}
	for _, n := range r.numbers() {
		if *n.At, err = parsed(cells[n.Name]); err != nil {
			return r, fmt.Errorf("column %q: %q is no number", n.Name, cells[n.Name])
		}
	}
	if !math.IsNaN(r.Alpha) {
		r.Divergence += "@" + cells["alpha"]
	}
	if r.Rows, err = strconv.Atoi(cells["rows"]); err == nil {
		r.N, err = strconv.Atoi(cells["n"])
	}
	return r, err
}

// name is a divergence without its order.
func name(divergence string) string {
	kind, _, _ := strings.Cut(divergence, "@")
	return kind
}

func number(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return string(plain.AppendFloat(nil, v))
}

func parsed(text string) (float64, error) {
	if text == "" {
		return math.NaN(), nil
	}
	return strconv.ParseFloat(text, 64)
}

// fit keeps the row in a record.
func (r Row) fit(on string) store.Fit {
	parts := []string{"cloud=" + r.Cloud, "divergence=" + r.Divergence}
	for _, n := range r.numbers() {
		if n.Name != "alpha" && !math.IsNaN(*n.At) {
			parts = append(parts, n.Name+"="+number(*n.At))
		}
	}
	parts = append(parts, fmt.Sprintf("n=%d", r.N))
	return store.Fit{On: on, Rows: r.Rows, Parameters: strings.Join(parts, "; "), Loss: "ece@15", Before: store.Value(r.ECEEdge), After: store.Value(r.ECE), Note: r.Note}
}

// RowOf reads a row that a record keeps; the caller knows edge, dataset, split and condition.
func RowOf(f store.Fit) (r Row, err error) {
	for _, n := range r.numbers() {
		*n.At = math.NaN()
	}
	r.Rows, r.Note = f.Rows, f.Note
	for part := range strings.SplitSeq(f.Parameters, "; ") {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "cloud":
			r.Cloud = value
		case "divergence":
			r.Divergence = value
		case "n":
			r.N, err = strconv.Atoi(value)
		}
		for _, n := range r.numbers() {
			if n.Name == key {
				*n.At, err = parsed(value)
			}
		}
		if err != nil {
			return r, err
		}
	}
	if d, err := credal.Parse(r.Divergence); err == nil && (d.Kind == credal.Alpha || d.Kind == credal.Renyi) {
		r.Alpha = d.Alpha
	}
	return r, nil
}
