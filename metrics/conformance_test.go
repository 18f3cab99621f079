package metrics_test

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"abstain/metrics"
	"abstain/metrics/rowstat"
)

var conformanceDir = flag.String("conformance", "", "directory of conformance vectors; default ../shared/conformance from the module root")

// entry is one reference value of a published implementation.
type entry struct {
	Metric     string          `json:"metric"`
	Params     map[string]any  `json:"params"`
	Order      string          `json:"order"`
	Convention string          `json:"convention"`
	Peer       string          `json:"peer"`
	Value      json.RawMessage `json:"value"`
	Error      string          `json:"error"`
	Tolerance  float64         `json:"tolerance"`
	Defect     bool            `json:"defect"`
}

// vectors is a set of inputs with its reference values.
type vectors struct {
	Set   string `json:"set"`
	Input struct {
		File string `json:"file"`
		Kind string `json:"kind"`
		Ties bool   `json:"ties"`
	} `json:"input"`
	Values []entry `json:"values"`

	rows     metrics.Rows
	outcomes *metrics.Outcomes
}

// agreement says how a rule's values meet the reference on equal confidences.
type agreement int

const (
	always  agreement = iota // the convention does not depend on row order
	between                  // ours lies between the extreme orders, and is theirs where nothing ties
	untied                   // ours differs among ties by design, and is theirs where nothing ties
)

// rule says which of our ids a reference convention is. Braces in id are
// parameters of the entry; params picks entries that have these values.
type rule struct {
	kind, metric, convention string
	params                   map[string]any
	confidence               string // our confidence function; the first, or the entry's, if empty
	id                       string
	ties                     agreement
	adapt                    func(v float64, r *metrics.Ranked) float64 // from our definition to theirs, by a known term
	explain                  []explanation                              // reviewed reasons to differ
}

// explanation is a reviewed reason for which ours differs from a peer's value:
// it holds on this set, for these two values, or it does not.
type explanation func(set *vectors, r *metrics.Ranked, got, want float64) bool

// absentClass: ours is undefined if one of right and wrong does not occur, the
// peer returns 0.
func absentClass(_ *vectors, r *metrics.Ranked, got, want float64) bool {
	return math.IsNaN(got) && want == 0 && (r.Errors == 0 || r.Errors == r.N())
}

// noCoverage: ours is 0 where no coverage meets the target, the peer's is NaN.
func noCoverage(_ *vectors, _ *metrics.Ranked, got, want float64) bool {
	return got == 0 && math.IsNaN(want)
}

// probabilityFloor: ours raises stored probabilities to 1e-12, the peer takes
// the logarithm of what is there.
func probabilityFloor(_ *vectors, r *metrics.Ranked, got, want float64) bool {
	return got < want && slices.Max(r.Outcomes.NLL) == -math.Log(rowstat.MinProb)
}

// emptyRate: ours is undefined in a group without samples of the class, the
// peer returns 0.
func emptyRate(_ *vectors, r *metrics.Ranked, got, want float64) bool {
	return math.IsNaN(got) && want == 0 && r.N() > 0
}

// classTies: among equal class values the peer prefers the higher class.
func classTies(set *vectors, r *metrics.Ranked, _, _ float64) bool {
	classes := r.Outcomes.Classes
	for i, l := range set.rows.Label {
		row := set.rows.F64[i*classes : (i+1)*classes]
		for j, v := range row {
			if j != int(l) && v == row[l] {
				return true
			}
		}
	}
	return false
}

var rules = []rule{
	{kind: "binary", metric: "accuracy", convention: "mean of correct", id: "accuracy"},
	{kind: "binary", metric: "auroc_failure", convention: "auroc.mid-rank", id: "auroc", explain: []explanation{absentClass}},
	{kind: "binary", metric: "auroc_failure", convention: "auroc.sorted-pairs", id: "auroc", ties: between},
	{kind: "binary", metric: "aupr_success", convention: "average-precision", id: "aupr-success", explain: []explanation{absentClass}},
	{kind: "binary", metric: "aupr_error", convention: "average-precision", id: "aupr-error", explain: []explanation{absentClass}},
	{kind: "binary", metric: "fpr95", convention: "fpr95.success-positive-0.9495", id: "fpr@0.9495"},
	{kind: "binary", metric: "aurc", convention: "aurc.mean-prefix", id: "aurc", ties: between},
	{kind: "binary", metric: "aurc", convention: "aurc.mean-prefix (harmonic weights)", id: "aurc", ties: between},
	{kind: "binary", metric: "auarc", convention: "1 - aurc.mean-prefix", id: "aurc", ties: between, adapt: oneMinus},
	{kind: "binary", metric: "mean_selective_accuracy", convention: "1 - aurc.mean-prefix", id: "aurc", ties: untied, adapt: oneMinus},
	{kind: "binary", metric: "aurc", convention: "aurc.trapezoid-zero-origin", id: "aurc", ties: between, adapt: zeroOrigin},
	{kind: "binary", metric: "augrc", convention: "augrc.trapezoid-tie-grouped", id: "augrc"},
	{kind: "binary", metric: "eaurc", convention: "eaurc.same-estimator-optimum", id: "eaurc", ties: between},
	{kind: "binary", metric: "naurc", convention: "naurc", id: "naurc", ties: between, adapt: zeroOriginRatio, explain: []explanation{absentClass}},
	{kind: "binary", metric: "coverage_at_accuracy", convention: "sac.last-crossing", id: "sac@{accuracy}", ties: untied},
	{kind: "binary", metric: "coverage_at_risk", convention: "car.last-crossing", id: "coverage-at-risk@{risk}", ties: untied, explain: []explanation{noCoverage}},
	{kind: "binary", metric: "risk_at_coverage", convention: "rac.ceil", id: "risk@{coverage}", ties: untied},
	{kind: "binary", metric: "risk_at_coverage", convention: "rac.ceil", id: "selective-accuracy@{coverage}", ties: untied, adapt: oneMinus},
	{kind: "binary", metric: "ece", convention: "edges.right-closed-first-closed-f64", id: "ece@{bins}"},
	{kind: "binary", metric: "rmsce", convention: "edges.right-closed-first-closed-f64", id: "ece-l2@{bins}"},
	{kind: "binary", metric: "ece", convention: "equal-mass.midpoints", id: "ece-mass@{bins}"},
	{kind: "binary", metric: "confidence_mean", convention: "mean", id: "mean-confidence"},

	{kind: "multiclass", metric: "accuracy", convention: "first index wins argmax ties", id: "accuracy"},
	{kind: "multiclass", metric: "balanced_accuracy", convention: "mean recall of present classes", id: "balanced-accuracy"},
	{kind: "multiclass", metric: "auroc_failure", convention: "auroc.mid-rank", id: "auroc"},
	{kind: "multiclass", metric: "brier", convention: "brier.sum-over-classes", id: "brier"},
	{kind: "multiclass", metric: "brier", convention: "brier.half-sum", id: "brier", adapt: half},
	{kind: "multiclass", metric: "brier", convention: "brier.mean-over-classes", id: "brier", adapt: perClass},
	{kind: "multiclass", metric: "ece", convention: "equal-mass.midpoints", params: map[string]any{"scope": "top-label"}, id: "ece-mass@{bins}"},
	{kind: "multiclass", metric: "nll", convention: "log of given probability", id: "nll", explain: []explanation{probabilityFloor}},
	{kind: "multiclass", metric: "topk_accuracy", convention: "mergesort argsort, last k", id: "top-k@{k}", explain: []explanation{classTies}},

	{kind: "multiclass", metric: "entropy_mean", convention: "natural log", confidence: "entropy", id: "mean-confidence", adapt: minus},

	{kind: "logits", metric: "auroc_failure", convention: "auroc.mid-rank", id: "auroc"},
	{kind: "logits", metric: "aurc", convention: "aurc.trapezoid-zero-origin", id: "aurc", ties: untied, adapt: zeroOrigin},

	{kind: "ood", metric: "ood_auroc", convention: "auroc.mid-rank", id: "ood-auroc"},
	{kind: "ood", metric: "ood_accuracy_id", convention: "ID rows only", id: "accuracy"},

	{kind: "groups", metric: "accuracy", convention: "by group", id: "accuracy"},
	{kind: "groups", metric: "accuracy", convention: "overall", id: "accuracy"},
	{kind: "groups", metric: "selection_rate", convention: "by group", id: "positive-rate"},
	{kind: "groups", metric: "selection_rate", convention: "overall", id: "positive-rate"},
	{kind: "groups", metric: "tpr", convention: "by group", id: "true-positive-rate", explain: []explanation{emptyRate}},
	{kind: "groups", metric: "tpr", convention: "overall", id: "true-positive-rate"},
	{kind: "groups", metric: "fnr", convention: "by group", id: "false-negative-rate", explain: []explanation{emptyRate}},
	{kind: "groups", metric: "fnr", convention: "overall", id: "false-negative-rate"},
	{kind: "groups", metric: "tnr", convention: "by group", id: "true-negative-rate", explain: []explanation{emptyRate}},
	{kind: "groups", metric: "tnr", convention: "overall", id: "true-negative-rate"},
	{kind: "groups", metric: "fpr", convention: "by group", id: "false-positive-rate", explain: []explanation{emptyRate}},
	{kind: "groups", metric: "fpr", convention: "overall", id: "false-positive-rate"},
}

// confidenceNames are our names for the confidence functions of the vectors.
var confidenceNames = map[string]string{
	"margin": "margin", "neg_entropy": "entropy", "neg_gini": "gini", "msp": "msp",
	"max_logit": "max-logit", "neg_energy": "energy", "margin_softmax": "margin",
}

func oneMinus(v float64, _ *metrics.Ranked) float64 { return 1 - v }
func minus(v float64, _ *metrics.Ranked) float64    { return -v }
func half(v float64, _ *metrics.Ranked) float64     { return v / 2 }
func perClass(v float64, r *metrics.Ranked) float64 { return v / float64(r.Outcomes.Classes) }

// zeroOrigin is the trapezoid rule through (0, 0): half of the last risk's step less.
func zeroOrigin(v float64, r *metrics.Ranked) float64 {
	n := float64(r.N())
	return v - float64(r.Errors)/n/(2*n)
}

// zeroOriginRatio divides the same excess by (error - optimum) with that rule's optimum.
func zeroOriginRatio(v float64, r *metrics.Ranked) float64 {
	n := float64(r.N())
	chance, best := float64(r.Errors)/n, metrics.Perfect(r.N(), r.Errors)
	return v * (chance - best) / (chance - zeroOrigin(best, r))
}

func TestConformance(t *testing.T) {
	dirs := []string{filepath.Join("testdata", "conformance")}
	switch shared := sharedDir("conformance"); {
	case *conformanceDir != "":
		dirs = []string{*conformanceDir}
	case shared != "":
		dirs = append(dirs, shared)
	default:
		t.Log("no ../shared/conformance beside the module: only the committed part is checked")
	}
	for _, dir := range dirs {
		checkDir(t, dir)
	}
}

// checkDir compares every value of a directory that a rule covers.
func checkDir(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "expected", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no expected/*.json (%v)", dir, err)
	}
	slices.Sort(files)
	count := map[verdict]int{}
	other := 0
	seen := make([]int, len(rules))
	for _, file := range files {
		set := readVectors(t, dir, file)
		for i := range set.Values {
			e := &set.Values[i]
			covered := false
			for j := range rules {
				if !rules[j].covers(set, e) {
					continue
				}
				covered = true
				seen[j]++
				v, detail := rules[j].check(set, e)
				count[v]++
				if v == differing {
					t.Errorf("%s: %s %s %v %s (%s): %s", set.Set, e.Metric, e.Convention, e.Params, e.Order, e.Peer, detail)
				}
			}
			if !covered {
				other++
			}
		}
	}
	for j, n := range seen {
		if n == 0 && strings.HasSuffix(dir, filepath.Join("shared", "conformance")) {
			t.Errorf("rule %s/%s/%s met no value", rules[j].kind, rules[j].metric, rules[j].convention)
		}
	}
	fmt.Printf("conformance: %s: %d matched, %d explained, %d differing by %d rules; %d values of other conventions or metrics\n",
		filepath.ToSlash(dir), count[matched], count[explained], count[differing], len(rules), other)
}

func (u *rule) covers(set *vectors, e *entry) bool {
	if set.outcomes == nil || u.kind != set.Input.Kind || u.metric != e.Metric || u.convention != e.Convention || e.Defect {
		return false
	}
	for k, v := range u.params {
		if e.Params[k] != v {
			return false
		}
	}
	if name, ok := e.Params["confidence"]; ok && confidenceNames[name.(string)] == "" {
		return false
	}
	if u.ties != untied {
		return true
	}
	r := u.ranked(set, e)
	return len(r.Ends) == r.N()
}

// ranked ranks the rows that the entry is of by the confidence it names.
func (u *rule) ranked(set *vectors, e *entry) *metrics.Ranked {
	o := set.outcomes
	if by, ok := e.Params["by"].(string); ok && e.Params["group"] != "*overall*" {
		g := o.Group(by)
		var rows []int32
		for i, c := range g.Code {
			if g.Levels[c] == e.Params["group"] {
				rows = append(rows, int32(i))
			}
		}
		o = o.Take(rows)
	}
	c := &o.Confidences[0]
	if name, ok := e.Params["confidence"]; ok {
		c = o.Confidence(confidenceNames[name.(string)])
	}
	if u.confidence != "" {
		c = o.Confidence(u.confidence)
	}
	return metrics.Rank(o, c)
}

// verdict is the outcome of one comparison.
type verdict int

const (
	matched verdict = iota
	explained
	differing
)

// check compares ours with the reference. Where the peer refused, ours must be
// undefined or a stated value, and any is taken.
func (u *rule) check(set *vectors, e *entry) (verdict, string) {
	r := u.ranked(set, e)
	got, want := u.value(r, e), number(e.Value)
	lo, hi := want, want
	if u.ties == between && len(r.Ends) < r.N() {
		lo, hi = u.extremes(set, e)
	}
	switch {
	case e.Error != "", math.IsNaN(want) && math.IsNaN(got):
		return matched, ""
	case got >= lo-e.Tolerance && got <= hi+e.Tolerance:
		return matched, ""
	}
	for _, holds := range u.explain {
		if holds(set, r, got, want) {
			return explained, ""
		}
	}
	return differing, fmt.Sprintf("got %v, want %v to %v within %v", got, lo, hi, e.Tolerance)
}

func (u *rule) value(r *metrics.Ranked, e *entry) float64 {
	id := u.id
	for _, k := range slices.Sorted(maps.Keys(e.Params)) {
		id = strings.ReplaceAll(id, "{"+k+"}", fmt.Sprint(e.Params[k]))
	}
	m, at, err := metrics.Parse(id)
	if err != nil {
		panic(err)
	}
	v := m.Of(r, at).Value
	if u.adapt != nil {
		v = u.adapt(v, r)
	}
	return v
}

// extremes are the smallest and largest value of the peer over the orders given.
func (u *rule) extremes(set *vectors, e *entry) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range set.Values {
		if v.Metric == e.Metric && v.Convention == e.Convention && v.Peer == e.Peer && maps.Equal(v.Params, e.Params) {
			x := number(v.Value)
			lo, hi = math.Min(lo, x), math.Max(hi, x)
		}
	}
	return lo, hi
}

// number reads a value; lists, which no rule covers, are NaN.
func number(raw json.RawMessage) float64 {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return math.NaN()
	}
	switch v := v.(type) {
	case float64:
		return v
	case string:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return math.NaN()
		}
		return f
	}
	return math.NaN()
}

func readVectors(t *testing.T, dir, file string) *vectors {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set := new(vectors)
	if err := json.Unmarshal(text, set); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(set.Input.File)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", f.Name(), err)
	}
	set.gather(t, records[0], records[1:])
	return set
}

// gather reads a set through a Collector; kinds that no rule covers stay unread.
func (set *vectors) gather(t *testing.T, header []string, records [][]string) {
	t.Helper()
	var spec metrics.Spec
	rows := &set.rows
	switch set.Input.Kind {
	case "binary":
		spec = metrics.Spec{Kind: metrics.FromScores}
		for _, rec := range records {
			rows.Confidence = append(rows.Confidence, float(t, rec[0]))
			rows.Correct = append(rows.Correct, rec[1] == "1")
		}
	case "multiclass", "logits":
		spec = metrics.Spec{Kind: metrics.FromProbs, Classes: len(header) - 1}
		if set.Input.Kind == "logits" {
			spec.Kind = metrics.FromLogits
		}
		for _, rec := range records {
			rows.Label = append(rows.Label, int32(float(t, rec[0])))
			for _, v := range rec[1:] {
				rows.F64 = append(rows.F64, float(t, v))
			}
		}
	case "ood":
		spec = metrics.Spec{Kind: metrics.FromScores}
		for _, rec := range records {
			rows.Confidence = append(rows.Confidence, float(t, rec[0]))
			rows.Label = append(rows.Label, int32(float(t, rec[1])))
			rows.Prediction = append(rows.Prediction, int32(float(t, rec[2])))
		}
	case "groups":
		spec = metrics.Spec{Kind: metrics.FromScores, Classes: 2}
		for _, rec := range records {
			rows.Label = append(rows.Label, int32(float(t, rec[0])))
			rows.Prediction = append(rows.Prediction, int32(float(t, rec[1])))
			rows.Confidence = append(rows.Confidence, float(t, rec[2]))
		}
	default:
		return
	}
	c := metrics.NewCollector(spec)
	if err := c.Add(*rows); err != nil {
		t.Fatal(err)
	}
	set.outcomes = c.Outcomes()
	if set.Input.Kind == "groups" {
		set.outcomes.Groups = attributes(header[3:], records)
	}
}

// attributes are the group columns of a set, and their crossing.
func attributes(names []string, records [][]string) []metrics.Group {
	values := map[string][]string{}
	for _, rec := range records {
		a, b := rec[3], rec[4]
		values[names[0]] = append(values[names[0]], a)
		values[names[1]] = append(values[names[1]], b)
		values[names[0]+"*"+names[1]] = append(values[names[0]+"*"+names[1]], a+"*"+b)
	}
	var groups []metrics.Group
	for _, name := range slices.Sorted(maps.Keys(values)) {
		g := metrics.Group{Name: name}
		for _, v := range values[name] {
			at := slices.Index(g.Levels, v)
			if at < 0 {
				at = len(g.Levels)
				g.Levels = append(g.Levels, v)
			}
			g.Code = append(g.Code, int32(at))
		}
		groups = append(groups, g)
	}
	return groups
}

// float reads a number as the peers saw it: rounded to float32, then widened.
func float(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 32)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sharedDir is a directory beside the module root, "" if there is none.
func sharedDir(name string) string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
	shared := filepath.Join(filepath.Dir(dir), "shared", name)
	if _, err := os.Stat(shared); err != nil {
		return ""
	}
	return shared
}
