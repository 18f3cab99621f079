package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"abstain/harness/evaluate"
	"abstain/harness/posthoc/deploy"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics/guarantee"
	"abstain/reports/say"
	"abstain/reports/words"

	"github.com/spf13/cobra"
)

func newThreshold(s *streams) *cobra.Command {
	var a deploy.Asked
	var format string
	c := &cobra.Command{
		Use:   "threshold DIR MODEL --risk R",
		Short: "Choose the confidence above which a model answers, with a promised risk",
		Long: `threshold prints the number to deploy: the confidence above which the model answers,
so that at most the share --risk of its answers are wrong, with probability 1 - delta.
It is chosen on the rows of split val (--fit-split), or on a share of the test rows
drawn at random (--holdout), and judged on the test rows that did not choose it. With
one split alone it is chosen on all of it, and nothing is left to judge.

The rule is "answer where confidence > threshold". The threshold is the largest
rejected confidence, in full: round it and rows that tie with it move. From logits a
confidence computed elsewhere may differ by one part in a million.

--method says what is promised, and how:
` + methodHelp() + `
--metric says what counts as an error. A rate has its rows for itself: of the answers
on rows of the positive class, say, those that say another class.
` + lossHelp() + `
--transform takes the outcomes of a run with that transform; the rule is then composed
(msp(logits / 1.3) > 0.97). The rows that a temperature was fitted on cannot choose:
--holdout 0.5 parts the others. With --groups the common threshold is judged in each
group, and each group gets a threshold of its own, with a promise for itself: for all
of G groups at once take delta/G.

That no threshold has the promise is a result (exit code 0, "feasible": false): the
rule is then to answer nothing, and the text says what these rows could promise.
` + exitCodes,
		Example: `  abstain threshold study resnet50 --risk 0.05
  abstain threshold study resnet50 --risk 0.02 --delta 0.1 --holdout 0.5 --format json
  abstain threshold study scans --risk 0.1 --metric false-negative-rate --positive 1
  abstain threshold study resnet50 --risk 0.05 --method rcps --groups sex`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("--format %s: want text or json", format)
			}
			if !c.Flags().Changed("risk") {
				return fmt.Errorf("--risk: say which risk is to be promised, such as 0.05")
			}
			folder, err := results.Read(args[0])
			if err != nil {
				return err
			}
			a.Model = args[1]
			t, err := deploy.Choose(folder, a)
			if err != nil {
				return err
			}
			if format == "json" {
				return thresholdJSON(s.out, t)
			}
			thresholdText(s.out, t)
			return nil
		},
	}
	f := c.Flags()
	f.Float64Var(&a.Risk, "risk", 0, "largest risk to promise, between 0 and 1")
	f.Float64Var(&a.Delta, "delta", 0.01, "probability with which the promise may fail")
	f.StringVar(&a.Method, "method", deploy.Methods()[0].ID, "way to choose (see above)")
	f.StringVar(&a.Loss, "metric", deploy.Losses()[0].ID, "what counts as an error (see above)")
	f.IntVar(&a.Positive, "positive", -1, "positive class of a rate (default: 1 of two classes)")
	f.StringVar(&a.Groups, "groups", "", "attribute by which to judge it and to choose thresholds too")
	f.StringVar(&a.Dataset, "dataset", "", "dataset (default: the model's only one)")
	f.StringVar(&a.Split, "split", "", "split to judge on (default: test)")
	f.StringVar(&a.FitSplit, "fit-split", "", "split whose rows choose (default: val, if there is one)")
	f.Float64Var(&a.Holdout, "holdout", 0, "let this share of the judged split's rows choose instead, for example 0.5")
	f.Uint64Var(&a.Seed, "fit-seed", 1, "seed of the draw of --holdout")
	f.StringVar(&a.Condition, "condition", "", "condition (default: clean)")
	f.StringVar(&a.Transform, "transform", "", "transform (default: none)")
	f.StringVar(&a.Confidence, "confidence", "", "confidence function (default: msp, or the only one)")
	f.Float64Var(&a.Level, "level", evaluate.DefaultLevel, "level of the intervals")
	f.StringVar(&format, "format", "text", "text|json")
	return c
}

func methodHelp() string {
	var b strings.Builder
	for _, m := range deploy.Methods() {
		hanging(&b, "  "+m.ID, 12, m.Definition+"; "+bounds(m))
	}
	return b.String()
}

// bounds says in short what a method bounds.
func bounds(m deploy.Method) string {
	switch {
	case m.None:
		return "broken in 53 to 99 % of draws"
	case m.Average:
		return "bounds that share on average, not the risk among the answers"
	case m.Joint:
		return "not the risk among the answers"
	}
	return "bounds the risk among the answers"
}

func lossHelp() string {
	var b strings.Builder
	for _, l := range deploy.Losses() {
		hanging(&b, "  "+l.ID, 23, strings.ReplaceAll(l.Definition, "class %s", "the positive class"))
	}
	return b.String()
}

// screen is the width of what a verb prints as text.
const screen = 80

// hanging writes a text beside its head, wrapped.
func hanging(w io.Writer, head string, indent int, text string) {
	line := fmt.Sprintf("%-*s", indent, head)
	for _, word := range strings.Fields(text) {
		if len([]rune(line))+len([]rune(word)) >= screen && strings.TrimSpace(line) != "" {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line = strings.Repeat(" ", indent)
		}
		line += word + " "
	}
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}

func thresholdText(w io.Writer, t *deploy.Threshold) {
	where := t.Condition
	if t.Transform != "none" {
		where += ", transform " + t.Transform
	}
	fmt.Fprintf(w, "%s on %s, %s, confidence %s, method %s\n\n", t.Model, t.Dataset, where, t.Confidence, t.Method.ID)
	if !t.Choice.Feasible {
		hanging(w, "", 0, say.Infeasible(t))
	} else {
		fmt.Fprintf(w, "answer where %s\n", t.Rule.Text)
		fmt.Fprintf(w, "  python  %s\n  go      %s\n", t.Rule.Python, t.Rule.Golang)
		hanging(w, "", 10, t.Rule.With)
		fmt.Fprintln(w)
		hanging(w, "promise", 10, say.Promise(t))
		hanging(w, "not", 10, say.NotPromised(t))
		fmt.Fprintln(w)
		measuredText(w, t)
	}
	if t.On == nil {
		hanging(w, "", 0, say.NothingToJudge(t))
	}
	planText(w, t)
	groupsText(w, t)
	for _, n := range t.Notes {
		hanging(w, "note:", 6, n)
	}
}

// measuredText prints what the threshold does, first on the rows that did not choose it.
func measuredText(w io.Writer, t *deploy.Threshold) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := "wrong of these %"
	if t.Method.Joint {
		head = "answered and wrong %"
	}
	fmt.Fprintf(tw, "rows\tn\tanswered %%\t%s\n", head)
	if t.On != nil {
		fmt.Fprintf(tw, "%s (judged)\t%d\t%s\t%s\n", t.JudgeRows, t.On.N, shareText(t.On.Answers), shareText(bounded(t, *t.On)))
	}
	bound := ""
	if !math.IsNaN(t.Choice.Bound) {
		bound = ", bound " + words.Share(t.Choice.Bound)
	}
	fmt.Fprintf(tw, "%s (chose it)\t%d\t%s\t%s%s\n", t.FitRows, t.Fit.N, words.Share(t.Fit.Answers.Value), words.Share(bounded(t, t.Fit).Value), bound)
	tw.Flush()
	if t.On != nil {
		fmt.Fprintf(w, "in brackets: exact %s intervals\n", words.Percent(t.Level))
	}
}

func shareText(s deploy.Share) string {
	if math.IsNaN(s.Value) {
		return "–"
	}
	return words.Share(s.Value) + " " + words.ShareBetween(s.Lo, s.Hi)
}

// planText prints how many labelled rows would promise the risk at which coverage.
func planText(w io.Writer, t *deploy.Threshold) {
	if len(t.Plan) == 0 {
		return
	}
	fmt.Fprintf(w, "\nlabelled rows that would promise %s (a plug-in: the risk seen at each share\nanswered taken for the true one)\n", words.Percent(t.Risk))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "answered %\trisk seen %\tfrom n on\tn for an 80 % chance")
	for _, p := range t.Plan {
		from, likely := "no number", "no number"
		if p.Rows.FromOn > 0 {
			from, likely = strconv.Itoa(p.Rows.FromOn), strconv.Itoa(p.Rows.Likely)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", words.Share(p.Coverage), words.Share(p.Risk), from, likely)
		if p.Rows.FromOn == 0 {
			break // nor at more
		}
	}
	tw.Flush()
}

func groupsText(w io.Writer, t *deploy.Threshold) {
	if len(t.Groups) == 0 {
		return
	}
	fmt.Fprintf(w, "\nby %s: the common threshold promises nothing for a group; a group's own\ndoes, for it alone\n", t.Asked.Groups)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "group\tn\tanswered %\trisk %, common\town >\tanswered %\trisk %, own")
	for _, g := range t.Groups {
		own := "none promises"
		if g.Choice.Feasible {
			own = words.Value(g.Choice.Above)
		}
		n, answered, risk, answeredOwn, riskOwn := 0, "–", "–", "–", "–"
		if g.Common != nil {
			n, answered, risk = g.Common.N, words.Share(g.Common.Answers.Value), shareText(bounded(t, *g.Common))
		}
		if g.Own != nil && g.Choice.Feasible {
			answeredOwn, riskOwn = words.Share(g.Own.Answers.Value), shareText(bounded(t, *g.Own))
		}
		fmt.Fprintf(tw, "%s\t%d\t%s\t%s\t%s\t%s\t%s\n", g.Name, n, answered, risk, own, answeredOwn, riskOwn)
	}
	tw.Flush()
}

// thresholdPage is the answer for machines.
type thresholdPage struct {
	Model      string      `json:"model"`
	Dataset    string      `json:"dataset"`
	Split      string      `json:"split"`
	Condition  string      `json:"condition"`
	Transform  string      `json:"transform"`
	Confidence string      `json:"confidence"`
	Threshold  store.Value `json:"threshold"`
	Rule       *string     `json:"rule"`
	Python     *string     `json:"python"`
	Golang     *string     `json:"go"`
	Metric     string      `json:"metric"`
	Risk       float64     `json:"risk"`
	Delta      store.Value `json:"delta"`
	Method     string      `json:"method"`
	Feasible   bool        `json:"feasible"`
	Promise    string      `json:"promise"`

	// Of the rows that did not choose; coverage is of those that did where none are left.
	Coverage   store.Value `json:"coverage"`
	CoverageLo store.Value `json:"coverage_lo"`
	CoverageHi store.Value `json:"coverage_hi"`
	TestRisk   store.Value `json:"test_risk"`
	TestRiskLo store.Value `json:"test_risk_lo"`
	TestRiskHi store.Value `json:"test_risk_hi"`
	Level      float64     `json:"level"`

	NCalibration        int         `json:"n_calibration"`
	NTest               int         `json:"n_test"`
	Judged              bool        `json:"judged"`
	CalibrationRows     string      `json:"calibration_rows"`
	CalibrationCoverage store.Value `json:"calibration_coverage"`
	CalibrationRisk     store.Value `json:"calibration_risk"`
	Bound               store.Value `json:"bound"`
	LeastRisk           store.Value `json:"least_risk"`

	Rows   []plannedRows    `json:"rows_needed,omitempty"`
	Groups []thresholdGroup `json:"groups,omitempty"`
	Notes  []string         `json:"notes"`
}

// plannedRows are numbers of labelled rows; null where no number promises the risk.
type plannedRows struct {
	Coverage store.Value `json:"coverage"`
	Risk     store.Value `json:"risk"`
	FromOn   *int        `json:"from_n_on"`
	Likely   *int        `json:"n_for_80_percent"`
}

type thresholdGroup struct {
	Group        string         `json:"group"`
	NCalibration int            `json:"n_calibration"`
	Feasible     bool           `json:"feasible"`
	Threshold    store.Value    `json:"threshold"`
	Common       *measuredGroup `json:"common"`
	Own          *measuredGroup `json:"own"`
}

type measuredGroup struct {
	N        int         `json:"n"`
	Coverage store.Value `json:"coverage"`
	Risk     store.Value `json:"risk"`
	RiskLo   store.Value `json:"risk_lo"`
	RiskHi   store.Value `json:"risk_hi"`
}

func thresholdJSON(w io.Writer, t *deploy.Threshold) error {
	p := newThresholdPage(t)
	for _, r := range t.Plan {
		row := plannedRows{Coverage: store.Value(r.Coverage), Risk: store.Value(r.Risk)}
		if r.Rows.FromOn > 0 {
			row.FromOn, row.Likely = &r.Rows.FromOn, &r.Rows.Likely
		}
		p.Rows = append(p.Rows, row)
	}
	for _, g := range t.Groups {
		p.Groups = append(p.Groups, thresholdGroup{g.Name, g.Choice.N, g.Choice.Feasible, above(g.Choice), inGroup(t, g.Common), inGroup(t, g.Own)})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(p)
}

func newThresholdPage(t *deploy.Threshold) thresholdPage {
	undefined := store.Value(math.NaN())
	p := thresholdPage{Model: t.Model, Dataset: t.Dataset, Split: t.Split, Condition: t.Condition, Transform: t.Transform,
		Confidence: t.Confidence, Threshold: above(t.Choice), Metric: t.Loss.ID, Risk: t.Risk, Delta: store.Value(t.Delta), Method: t.Method.ID,
		Feasible: t.Choice.Feasible, Coverage: undefined, CoverageLo: undefined, CoverageHi: undefined, TestRisk: undefined, TestRiskLo: undefined,
		TestRiskHi: undefined, Level: t.Level, NCalibration: t.Choice.N, Judged: t.On != nil, CalibrationRows: t.FitRows, CalibrationCoverage: undefined,
		CalibrationRisk: undefined, Bound: store.Value(t.Choice.Bound), LeastRisk: store.Value(t.Least), Notes: []string{}}
	p.Notes = append(p.Notes, t.Notes...)
	if t.Method.Average || t.Method.None {
		p.Delta = undefined
	}
	if t.On != nil {
		p.NTest = t.On.N
	} else {
		p.Notes = append(p.Notes, say.NothingToJudge(t))
	}
	if !t.Choice.Feasible {
		p.Promise = say.Infeasible(t)
		return p
	}
	p.Promise, p.Rule, p.Python, p.Golang = say.Promise(t), &t.Rule.Text, &t.Rule.Python, &t.Rule.Golang
	p.CalibrationCoverage, p.CalibrationRisk = store.Value(t.Fit.Answers.Value), store.Value(bounded(t, t.Fit).Value)
	p.Coverage = p.CalibrationCoverage
	if t.On != nil {
		c, r := t.On.Answers, bounded(t, *t.On)
		p.Coverage, p.CoverageLo, p.CoverageHi = store.Value(c.Value), store.Value(c.Lo), store.Value(c.Hi)
		p.TestRisk, p.TestRiskLo, p.TestRiskHi = store.Value(r.Value), store.Value(r.Lo), store.Value(r.Hi)
	}
	return p
}

// bounded is the share that the method bounds.
func bounded(t *deploy.Threshold, m deploy.Measured) deploy.Share {
	if t.Method.Joint {
		return m.Joint
	}
	return m.Risk
}

// above is the threshold; undefined without one.
func above(c guarantee.Choice) store.Value {
	if !c.Feasible {
		return store.Value(math.NaN())
	}
	return store.Value(c.Above)
}

func inGroup(t *deploy.Threshold, m *deploy.Measured) *measuredGroup {
	if m == nil {
		return nil
	}
	r := bounded(t, *m)
	return &measuredGroup{m.N, store.Value(m.Answers.Value), store.Value(r.Value), store.Value(r.Lo), store.Value(r.Hi)}
}
