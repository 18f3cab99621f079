package page

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports/internal/sample"
	"abstain/reports/words"
)

// runOf evaluates the corpus of package sample.
func runOf(t *testing.T, models, samples int) *results.Results {
	t.Helper()
	corpus, err := datasets.OpenFS(sample.Corpus(models, samples), ".", "tiny")
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Run(context.Background(), harness.Config{Corpora: []*datasets.Corpus{corpus}, Out: t.TempDir(),
		Metrics: metrics.MustMeasures("aurc", "accuracy", "sac@0.9", "ece"), Intervals: evaluate.Intervals{Level: 0.95, Replicates: 100, Seed: 3}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func resolved(t *testing.T, r *results.Results, by string) *board.Board {
	t.Helper()
	b, err := board.New(r, board.Options{By: metrics.MustMeasure(by), Selection: board.Selection{Condition: "clean"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ResolveRanks(r, board.Simultaneous, ranks.Options{Seed: 1, Draws: 200}); err != nil {
		t.Fatal(err)
	}
	return b
}

func newStore(t *testing.T, in Input) *Store {
	t.Helper()
	s, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPack: what is packed is read back as the scripts read it, and the same store gives
// the same text.
func TestPack(t *testing.T) {
	r := runOf(t, 4, 200)
	s := newStore(t, Input{Board: resolved(t, r, "aurc"), Results: r})
	text, err := s.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := newStore(t, Input{Board: resolved(t, r, "aurc"), Results: r}).Pack(); again != text {
		t.Error("two stores of the same board differ")
	}
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	size := binary.LittleEndian.Uint32(all)
	type view struct {
		Condition string
		Columns   []struct{ V []*float64 }
	}
	var read struct {
		Models []string
		Views  []view
	}
	if err := json.Unmarshal(all[4:4+size], &read); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(all[4+size:], s.sections.bytes) || !slices.Equal(read.Models, s.Models) {
		t.Error("the sections or the models are others")
	}
	if read.Views[0].Condition != "clean" || !slices.ContainsFunc(read.Views, func(v view) bool { return v.Condition == "noise" }) {
		t.Errorf("%d views: %+v", len(read.Views), read.Views)
	}
	for i, e := range resolved(t, r, "aurc").Entries {
		if got := read.Views[0].Columns[0].V[i]; got == nil || math.Abs(*got-e.Value.Value) > 1e-8*e.Value.Value {
			t.Errorf("%s: AURC %v, want %v", e.Model, got, e.Value.Value)
		}
	}
}

// TestThresholds: at every step of the slider and at every percent of coverage, as many
// confidences are greater than the threshold as the curve says are answered.
func TestThresholds(t *testing.T) {
	r := runOf(t, 5, 400)
	b := resolved(t, r, "aurc")
	s := newStore(t, Input{Board: b, Results: r})
	c, n := s.Views[0].Curves, 0
	for i, row := range rowsOf(b, r) {
		o, err := r.Outcomes(row.Key)
		if err != nil {
			t.Fatal(err)
		}
		f := o.Confidence(row.Confidence)
		n += checkThresholds(t, row.Model, newCurve(o, f), f.Value, c.AtRisk[i])
	}
	if n < 150 {
		t.Errorf("only %d thresholds were checked", n)
	}
}

// checkThresholds compares thresholds with a count over the values, and returns how many
// there were.
func checkThresholds(t *testing.T, name string, c *curve, values []float64, atRisk numbers) (n int) {
	t.Helper()
	greater := func(text string) int {
		limit, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		k := 0
		for _, v := range values {
			if v > limit {
				k++
			}
		}
		return k
	}
	check := func(what string, text string, answered int) {
		if text == "null" {
			if answered > 0 && answered < len(values) && !saturated(values, answered) {
				t.Errorf("%s, %s: no threshold for %d answers", name, what, answered)
			}
			return
		}
		n++
		if got := greater(text); got != answered {
			t.Errorf("%s, %s: %d confidences are above %s, want %d", name, what, got, text, answered)
		}
	}
	if len(atRisk) != riskLevels {
		t.Fatalf("%s: %d thresholds", name, len(atRisk))
	}
	for step := 1; step <= riskLevels; step++ {
		answered := 0
		for g, end := range c.ends {
			if float64(c.wrong[g])/float64(end) <= float64(step)*0.005*(1+1e-12) {
				answered = end
			}
		}
		check(fmt.Sprintf("risk %.1f %%", float64(step)/2), atRisk[step-1], answered)
	}
	return n
}

// saturated reports whether no number parts the k greatest values from the others.
func saturated(values []float64, k int) bool {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	slices.Reverse(sorted)
	return sorted[k-1] == sorted[k]
}

// TestThinned: of a long curve, the slider's answers and their thresholds are those of the
// full one, as is every whole percent of coverage.
func TestThinned(t *testing.T) {
	const n = 50_000
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(5, seed))
		o := &metrics.Outcomes{Classes: 2, Correct: make([]bool, n), Label: make([]int32, n), Prediction: make([]int32, n), Confidences: []metrics.Confidence{{Name: "msp", Value: make([]float64, n), Probability: true}}}
		for i := range n {
			c := r.Float64()
			o.Confidences[0].Value[i] = c
			o.Correct[i] = r.Float64() > 0.3*math.Pow(1-c, float64(seed))
			if !o.Correct[i] {
				o.Prediction[i] = 1
			}
		}
		f := &o.Confidences[0]
		c, ranked := newCurve(o, f), metrics.Rank(o, f)
		if len(c.ends) > mostPoints+riskLevels+1 || !c.thinned {
			t.Errorf("%d points are kept", len(c.ends))
		}
		full := &curve{total: n}
		for g, end := range ranked.Ends {
			full.ends, full.wrong = append(full.ends, int(end)), append(full.wrong, int(ranked.Wrong[g]))
		}
		for step := 1; step <= riskLevels; step++ {
			if got, want := answersAt(c, step), answersAt(full, step); got != want {
				t.Errorf("seed %d, step %d: %d answers, want %d", seed, step, got, want)
			}
		}
		checkThresholds(t, fmt.Sprint("seed ", seed), full, f.Value, c.thresholds())
	}
}

// answersAt is the largest number of answers whose risk is at most that of a step, counted
// in fractions.
func answersAt(c *curve, step int) (k int) {
	for g, end := range c.ends {
		if float64(c.wrong[g])/float64(end) <= float64(step)/200*(1+1e-12) {
			k = end
		}
	}
	return k
}

// TestPoints: the text of a curve gives its points back.
func TestPoints(t *testing.T) {
	c := &curve{ends: []int{1, 2, 5, 6, 20}, wrong: []int{0, 1, 1, 2, 9}}
	if got, want := c.points(), "01[3:0]1[14:7]"; got != want {
		t.Errorf("points %q, want %q", got, want)
	}
}

// TestBetween: the number lies from lo on and below hi, and none of fewer digits does that
// is a rounding of an end or the middle.
func TestBetween(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		a := (r.Float64() - 0.3) * math.Pow(10, float64(r.IntN(12)-8))
		b := a + math.Abs(a)*math.Pow(10, -16*r.Float64())
		if r.IntN(10) == 0 {
			b = math.Nextafter(a, math.Inf(1))
		}
		got := between(a, b)
		if a == b {
			if !math.IsNaN(got) {
				t.Fatalf("between(%v, %v) = %v", a, b, got)
			}
			continue
		}
		if !(a <= got && got < b) {
			t.Fatalf("between(%v, %v) = %v", a, b, got)
		}
		if text := strconv.FormatFloat(got, 'e', -1, 64); b-a > 1e-3*math.Abs(a) && len(text) > len("-1.234e-08") {
			t.Errorf("between(%v, %v) = %s, which has many digits", a, b, text)
		}
	}
	if got := between(0.25, 0.5); got != 0.3 && got != 0.4 {
		t.Errorf("between(0.25, 0.5) = %v", got)
	}
	for _, none := range [][2]float64{{1, 1}, {2, 1}, {math.NaN(), 1}, {0, math.NaN()}} {
		if got := between(none[0], none[1]); !math.IsNaN(got) {
			t.Errorf("between(%v) = %v", none, got)
		}
	}
}

// TestBrief: what is stored is printed as the full value is, whatever the unit.
func TestBrief(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	units := []words.Unit{{Factor: 100, Sign: "%", Decimals: 1}, {Factor: 100, Sign: "%", Decimals: 2}, {Factor: 1, Decimals: 3}, {Factor: 1, Sign: "%", Decimals: 1}, {Factor: 100, Decimals: 6}}
	values := []float64{0, 0.8425, 0.84250000001, 0.84249999999, -0.0005, 0.00049999999999, 1, 1e-300, 12345.6785, math.Pi}
	for range 20_000 {
		values = append(values, (r.Float64()-0.2)*math.Pow(10, float64(r.IntN(9)-6)), float64(r.IntN(4000))/2000, float64(r.IntN(100_000))/99_999)
	}
	for _, u := range units {
		for _, v := range values {
			for _, digits := range []int{5, 9} {
				back, err := strconv.ParseFloat(brief(v, u, digits), 64)
				if err != nil || u.Number(back) != u.Number(v) || math.Abs(back-v) > 1e-4*math.Abs(v) {
					t.Fatalf("%v is stored as %s: %s, want %s", v, brief(v, u, digits), u.Number(back), u.Number(v))
				}
			}
		}
	}
	for v, want := range map[float64]string{math.Inf(1): "1e999", math.Inf(-1): "-1e999", 0.5: "0.5"} {
		if got := brief(v, units[0], 5); got != want {
			t.Errorf("%v is stored as %s", v, got)
		}
	}
	if got := brief(math.NaN(), units[0], 5); got != "null" {
		t.Errorf("undefined is stored as %s", got)
	}
}

// over reads a bit as the scripts do.
func over(s *Store, o *order, i, j int) bool {
	at := i*len(o.Models) + j
	return s.sections.bytes[o.Over[0]+at/8]>>(at%8)&1 == 1
}

// TestOrders: rank sets counted from the bits, and the tie, are those of the board by each
// metric.
func TestOrders(t *testing.T) {
	r := runOf(t, 7, 300)
	s := newStore(t, Input{Board: resolved(t, r, "aurc"), Results: r})
	v := s.Views[0]
	if len(v.Orders) != 4 {
		t.Fatalf("%d orders, want one by each metric", len(v.Orders))
	}
	tied := 0
	for _, o := range v.Orders {
		b := resolved(t, r, s.Metrics[o.Metric].ID)
		for i, e := range b.Entries {
			if s.Models[v.Models[o.Models[i]]] != e.Model {
				t.Fatalf("by %s, %s is not at place %d", s.Metrics[o.Metric].ID, e.Model, i)
			}
			better, worse := 0, 0
			for j := range o.Models {
				if over(s, o, j, i) {
					better++
				}
				if over(s, o, i, j) {
					worse++
				}
			}
			if got := (ranks.Interval{Lo: 1 + better, Hi: len(o.Models) - worse}); got != e.Ranks {
				t.Errorf("by %s, %s: ranks %+v, want %+v", s.Metrics[o.Metric].ID, e.Model, got, e.Ranks)
			}
			if got := !over(s, o, 0, i); got != e.Tie {
				t.Errorf("by %s, %s: tied %v, want %v", s.Metrics[o.Metric].ID, e.Model, got, e.Tie)
			}
			if e.Tie {
				tied++
			}
		}
	}
	if tied < len(v.Orders)+1 || tied == len(v.Orders)*len(s.Models) {
		t.Errorf("%d tied in all: the run does not try the bits", tied)
	}
}

// TestPins: differences, their bounds and verdicts are those of Board.Pin, to the last
// decimal printed.
func TestPins(t *testing.T) {
	r := runOf(t, 7, 300)
	b := resolved(t, r, "aurc")
	s := newStore(t, Input{Board: b, Results: r})
	o, u := s.Views[0].Orders[0], s.units[0]
	n, step := len(o.Models), u.Factor*math.Pow10(u.Decimals)
	value := func(place int) float64 {
		v, err := strconv.ParseFloat(s.Views[0].Columns[0].V[place], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	proven := 0
	for _, reference := range []int{0, 2, n - 1} {
		pinned := resolved(t, r, "aurc")
		if err := pinned.Pin(pinned.Entries[reference].Model); err != nil {
			t.Fatal(err)
		}
		if got := o.Pins.Critical[reference]; math.Abs(got-pinned.Pinned.Critical) > 1e-4 {
			t.Errorf("critical value %v, want %v", got, pinned.Pinned.Critical)
		}
		for i, e := range pinned.Entries {
			at := reference*n + i
			distance := func(p section) uint16 {
				return uint16(s.sections.bytes[p[0]+at]) + 256*uint16(s.sections.bytes[p[0]+n*n+at])
			}
			below := distance(o.Pins.Below)
			above := below + distance(o.Pins.Beyond)
			d := value(o.Models[i]) - value(o.Models[reference])
			for _, c := range []struct{ got, want float64 }{{d, e.Against.Difference}, {d - float64(below)/step, e.Against.Lo}, {d + float64(above)/step, e.Against.Hi}} {
				if got, want := u.Signed(c.got), u.Signed(c.want); got != want {
					t.Errorf("%s against %s: %s, want %s", e.Model, pinned.Pinned.Model, got, want)
				}
			}
			want := map[ranks.Verdict]byte{ranks.Better: 1, ranks.Worse: 2}[e.Against.Verdict]
			if got := s.sections.bytes[o.Pins.Verdicts[0]+at]; got != want {
				t.Errorf("%s against %s: verdict %d, want %d", e.Model, pinned.Pinned.Model, got, want)
			}
			if want > 0 {
				proven++
			}
		}
	}
	if proven < 3 {
		t.Errorf("%d proven differences: the run does not try the verdicts", proven)
	}
}

// TestWithoutResults: a board alone has one view, without rank sets by other metrics.
func TestWithoutResults(t *testing.T) {
	r := runOf(t, 3, 100)
	b := resolved(t, r, "aurc")
	s := newStore(t, Input{Board: b})
	if len(s.Views) != 1 || len(s.Views[0].Orders) != 1 || s.Views[0].Curves != nil {
		t.Errorf("%d views, %d orders", len(s.Views), len(s.Views[0].Orders))
	}
	if _, err := New(Input{}); err == nil {
		t.Error("no board, no error")
	}
}
