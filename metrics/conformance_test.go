package metrics_test

import (
	"encoding/csv"
	"encoding/json"
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
	"abstain/metrics/internal/conformance"
)

// entry is one reference value of a published implementation.
type entry struct {
	Metric     string          `json:"metric"`
	Params     map[string]any  `json:"params"`
	Order      string          `json:"order"`
	Convention string          `json:"convention"`
	Peer       string          `json:"peer"`
	Function   string          `json:"function"`
	Precision  string          `json:"precision"`
	Value      json.RawMessage `json:"value"`
	Error      string          `json:"error"`
	Tolerance  float64         `json:"tolerance"`
	Official   bool            `json:"official"`
	Defect     bool            `json:"defect"`
	Note       string          `json:"note"`
}

// vectors is a set of inputs with its reference values.
type vectors struct {
	Set   string `json:"set"`
	Input struct {
		File        string `json:"file"`
		Kind        string `json:"kind"`
		Ties        bool   `json:"ties"`
		Calibration int    `json:"calibration_rows"`
	} `json:"input"`
	Values []entry `json:"values"`

	header   []string
	records  [][]string
	rows     metrics.Rows
	outcomes *metrics.Outcomes // nil for sets that are no predictions
}

// rule says for which entries of the catalogue abstain has a value, and how to
// compute it. Kind, metric and convention must equal those of the entry; so must
// peer and precision if the rule names them, and the entry's params must have the
// values of params.
type rule struct {
	kind, metric, convention string
	peer, precision          string
	params                   map[string]any

	// The value is a metric's: braces in id are parameters of the entry. The
	// confidence function is the one named, or the entry's, or the first. With
	// rows the convention walks the rows: equal confidences are kept apart, in
	// the entry's order. adapt goes from our definition to theirs by a known term.
	id, confidence string
	rows           bool
	adapt          func(v float64, r *metrics.Ranked) float64

	// Or it is computed here; lists of lists are flattened.
	of func(q *question) []float64

	explain []explanation // reviewed reasons to differ; if there are none, ours must agree
}

// explanation is a reviewed reason why our value differs from a peer's, with the
// size of the effect. A function decides whether it holds for a question and its
// values.
type explanation struct {
	reason string
	holds  func(q *question, got, want []float64) bool
}

// within is an explanation that holds if the difference is at most effect.
func within(effect float64, reason string) explanation {
	return explanation{reason, func(_ *question, got, want []float64) bool { return agree(got, want, effect) }}
}

// question is what an entry asks: a set, and its samples in the entry's order and
// of the entry's group.
type question struct {
	set      *vectors
	entry    *entry
	outcomes *metrics.Outcomes
}

// ranked ranks the samples by the confidence the entry names, else the first.
func (q *question) ranked() *metrics.Ranked { return metrics.Rank(q.outcomes, q.confidence("")) }

func (q *question) confidence(name string) *metrics.Confidence {
	if name != "" {
		return q.outcomes.Confidence(name)
	}
	if given, ok := q.entry.Params["confidence"]; ok {
		return q.outcomes.Confidence(confidenceNames[given.(string)])
	}
	return &q.outcomes.Confidences[0]
}

// number and text read a parameter of the entry; 0 and "" if it has none.
func (q *question) number(name string) float64 { v, _ := q.entry.Params[name].(float64); return v }
func (q *question) text(name string) string    { v, _ := q.entry.Params[name].(string); return v }

// has reports whether the entry has a parameter.
func (q *question) has(name string) bool { _, ok := q.entry.Params[name]; return ok }

// evaluate gives a metric by its id; braces are parameters of the entry.
func (q *question) evaluate(id string, r *metrics.Ranked) float64 {
	for _, k := range slices.Sorted(maps.Keys(q.entry.Params)) {
		id = strings.ReplaceAll(id, "{"+k+"}", fmt.Sprint(q.entry.Params[k]))
	}
	m, at, err := metrics.Parse(id)
	if err != nil {
		panic(err)
	}
	return m.Of(r, at).Value
}

// rules are all rules, part by part.
var rules = slices.Concat(coreRules, calibrationRules, subpackageRules)

// complete says that every value of the catalogue must have a rule.
const complete = true

// TestConformance checks the directory given by -conformance, or the shared one
// beside the module, and ends with one line that counts its values. The small
// part under testdata is always checked; under -short it is the only one, unless
// a directory is given.
func TestConformance(t *testing.T) {
	committed := filepath.Join("testdata", "conformance")
	dir := given(*conformance.Dir)
	if dir == "" && !testing.Short() {
		dir = sharedDir("conformance")
	}
	if dir == "" {
		t.Log("no -conformance DIR, and -short or no ../shared/conformance beside the module: only the committed part is checked")
		dir = committed
	}
	if dir != committed {
		checkDir(t, committed)
	}
	total := checkDir(t, dir)
	fmt.Printf("conformance: %d matched, %d explained, %d differing, %d not covered of %d\n",
		total.count[matched], total.count[explained], total.count[differing], total.count[uncovered], total.all())
}

// given resolves a directory named by the user, relative to where go test was
// called: the working directory of this package, or the module root.
func given(dir string) string {
	if _, err := os.Stat(dir); dir == "" || err == nil || filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(moduleRoot(), dir)
}

// verdict is the outcome of one comparison, the better the smaller.
type verdict int

const (
	matched verdict = iota
	explained
	uncovered
	differing
	verdicts
)

// tally counts the values of a directory by verdict.
type tally struct {
	count   [verdicts]int
	met     []int              // values met, by rule
	reasons map[string]*effect // by reason
	missing map[string]int     // uncovered, by metric, convention and peer
	names   map[string]bool    // metrics of the catalogue: was one of the values matched
}

// effect is how often a reason was needed and the largest difference it explained.
type effect struct {
	n       int
	largest float64
}

func (c *tally) all() int {
	n := 0
	for _, k := range c.count {
		n += k
	}
	return n
}

// checkDir compares every value of a directory.
func checkDir(t *testing.T, dir string) *tally {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "expected", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no expected/*.json (%v)", dir, err)
	}
	slices.Sort(files)
	c := &tally{met: make([]int, len(rules)), reasons: map[string]*effect{}, missing: map[string]int{}, names: map[string]bool{}}
	for _, file := range files {
		set := readVectors(t, dir, file)
		for i := range set.Values {
			e := &set.Values[i]
			v := c.judge(t, set, e)
			c.count[v]++
			c.names[e.Metric] = c.names[e.Metric] || v == matched && e.Error == ""
		}
	}
	c.report(t, dir)
	return c
}

// judge is the verdict on one value. If a rule that covers it differs, it is the
// worst of the rules, else the best.
func (c *tally) judge(t *testing.T, set *vectors, e *entry) verdict {
	best := finding{verdict: uncovered}
	failed := false
	for j := range rules {
		if !rules[j].covers(set, e) {
			continue
		}
		c.met[j]++
		f := rules[j].check(set, e)
		if f.verdict == differing {
			failed = true
			t.Errorf("%s: %s %q %v %s (%s): %s", set.Set, e.Metric, e.Convention, e.Params, e.Order, e.Peer, f.detail)
		}
		if f.verdict < best.verdict {
			best = f
		}
	}
	switch {
	case failed:
		return differing
	case best.verdict == uncovered:
		c.missing[strings.Join([]string{set.Input.Kind, e.Metric, e.Convention, e.Peer}, " | ")]++
	case best.verdict == explained:
		c.explain(best)
	}
	return best.verdict
}

// finding is the outcome of one comparison by one rule.
type finding struct {
	verdict    verdict
	detail     string  // what differs, or the reason that explains it
	difference float64 // explained
}

func (c *tally) explain(f finding) {
	if c.reasons[f.detail] == nil {
		c.reasons[f.detail] = &effect{}
	}
	c.reasons[f.detail].n++
	c.reasons[f.detail].largest = max(c.reasons[f.detail].largest, f.difference)
}

// report logs the explanations, and fails if a value has no rule or a rule has no
// value.
func (c *tally) report(t *testing.T, dir string) {
	t.Helper()
	for _, reason := range slices.Sorted(maps.Keys(c.reasons)) {
		t.Logf("%s: explained %d, by at most %.3g: %s", filepath.Base(dir), c.reasons[reason].n, c.reasons[reason].largest, reason)
	}
	for _, key := range slices.Sorted(maps.Keys(c.missing)) {
		t.Logf("%s: no rule for %d values of %s", filepath.Base(dir), c.missing[key], key)
	}
	if complete && len(c.missing) > 0 {
		t.Errorf("%s: %d values have no rule", dir, c.count[uncovered])
	}
	if dir != sharedDir("conformance") {
		return // another directory need not have every metric and convention
	}
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		if !c.names[name] {
			t.Errorf("no value of %s is matched", name)
		}
	}
	for j, n := range c.met {
		if n == 0 {
			t.Errorf("rule %s/%s/%s met no value", rules[j].kind, rules[j].metric, rules[j].convention)
		}
	}
}

func (u *rule) covers(set *vectors, e *entry) bool {
	if u.kind != set.Input.Kind || u.metric != e.Metric || u.convention != e.Convention ||
		u.peer != "" && u.peer != e.Peer || u.precision != "" && u.precision != e.Precision {
		return false
	}
	for k, v := range u.params {
		if e.Params[k] != v {
			return false
		}
	}
	if name, ok := e.Params["confidence"].(string); ok && u.of == nil && confidenceNames[name] == "" {
		return false
	}
	return true
}

// check compares our value with the reference. If the peer refused, any value is
// accepted, undefined included. If the peer is plainly wrong, the right answer is
// in the entry's note, or there is none to compare with.
func (u *rule) check(set *vectors, e *entry) finding {
	if name, _, _ := strings.Cut(u.id, "@"); u.of == nil {
		if _, ok := metrics.Lookup(name); !ok {
			return finding{verdict: differing, detail: fmt.Sprintf("the rule names %q, which is no metric", name)}
		}
	}
	q := &question{set, e, set.inOrder(e)}
	got, want := u.value(q), flatten(e.Value)
	if e.Defect {
		return checkDefect(e, got)
	}
	if e.Error != "" || agree(got, want, e.Tolerance) {
		return finding{verdict: matched}
	}
	for _, x := range u.explain {
		if len(got) == len(want) && x.holds(q, got, want) {
			return finding{explained, x.reason, distance(got, want)}
		}
	}
	return finding{verdict: differing, detail: fmt.Sprintf("got %v, want %v within %v", got, want, e.Tolerance)}
}

// checkDefect compares with the answer in the note of a defective value.
func checkDefect(e *entry, got []float64) finding {
	_, text, ok := strings.Cut(e.Note, "the answer by its own definition is ")
	right, err := strconv.ParseFloat(text, 64)
	switch {
	case !ok || err != nil:
		return finding{verdict: explained, detail: "the peer's value is a defect by the catalogue, which has no other answer"}
	case agree(got, []float64{right}, e.Tolerance):
		return finding{verdict: matched}
	}
	return finding{verdict: differing, detail: fmt.Sprintf("got %v, the note's answer is %v within %v", got, right, e.Tolerance)}
}

func (u *rule) value(q *question) []float64 {
	if u.of != nil {
		return u.of(q)
	}
	rank := metrics.Rank
	if u.rows {
		rank = metrics.RankRows
	}
	r := rank(q.outcomes, q.confidence(u.confidence))
	v := q.evaluate(u.id, r)
	if u.adapt != nil {
		v = u.adapt(v, r)
	}
	return []float64{v}
}

// inOrder is the samples of the set as an entry sees them: those of its group,
// with equal confidences in its order. Ranking is stable, so it is enough to move
// all right samples, or all wrong ones, to the front.
func (set *vectors) inOrder(e *entry) *metrics.Outcomes {
	o := set.outcomes
	if o == nil {
		return nil
	}
	if by, ok := e.Params["by"].(string); ok && e.Params["group"] != nil && e.Params["group"] != "*overall*" {
		g := o.Group(by)
		return o.Take(where(len(g.Code), func(i int) bool { return g.Levels[g.Code[i]] == e.Params["group"] }))
	}
	right := where(o.N(), func(i int) bool { return o.Correct[i] })
	wrong := where(o.N(), func(i int) bool { return !o.Correct[i] })
	switch e.Order {
	case "correct-first":
		return o.Take(append(right, wrong...))
	case "wrong-first":
		return o.Take(append(wrong, right...))
	}
	return o
}

// where lists the rows that satisfy a condition.
func where(n int, ok func(i int) bool) []int32 {
	var rows []int32
	for i := range n {
		if ok(i) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// agree compares lists to a tolerance; NaN agrees with NaN, infinities with their like.
func agree(got, want []float64, tolerance float64) bool {
	if len(got) != len(want) {
		return false
	}
	for i, w := range want {
		if !(math.IsNaN(w) && math.IsNaN(got[i]) || w == got[i] || math.Abs(w-got[i]) <= tolerance) {
			return false
		}
	}
	return true
}

// distance is the largest finite difference.
func distance(got, want []float64) float64 {
	worst := 0.0
	for i, w := range want {
		if d := math.Abs(got[i] - w); d > worst && !math.IsInf(d, 0) {
			worst = d
		}
	}
	return worst
}

// flatten reads a value, lists of lists row by row; null is NaN.
func flatten(raw json.RawMessage) []float64 {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		panic(err)
	}
	return appendValue(nil, v)
}

func appendValue(to []float64, v any) []float64 {
	switch v := v.(type) {
	case float64:
		return append(to, v)
	case bool:
		if v {
			return append(to, 1)
		}
		return append(to, 0)
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return append(to, f)
		}
	case []any:
		for _, x := range v {
			to = appendValue(to, x)
		}
		return to
	}
	return append(to, math.NaN())
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
	set.header, set.records = records[0], records[1:]
	set.gather(t, records[0], records[1:])
	return set
}

// gather reads a set of predictions through a Collector.
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
		spec = metrics.Spec{Kind: metrics.FromProbs, Classes: len(header) - 1, KeepVectors: true}
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

// moduleRoot is the folder with go.mod.
func moduleRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// sharedDir is a directory beside the module root, "" if there is none.
func sharedDir(name string) string {
	shared := filepath.Join(filepath.Dir(moduleRoot()), "shared", name)
	if _, err := os.Stat(shared); moduleRoot() == "" || err != nil {
		return ""
	}
	return shared
}
