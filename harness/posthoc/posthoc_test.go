package posthoc_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abstain/harness/posthoc"
	"abstain/metrics"
	"abstain/metrics/recalibrate"
)

// drawn returns n rows of logits, overconfident by the factor, and labels.
func drawn(seed uint64, n, classes int, factor float64) ([]float64, []int32) {
	rng := rand.New(rand.NewPCG(seed, 3))
	z, label := make([]float64, n*classes), make([]int32, n)
	for i := range label {
		label[i] = int32(rng.IntN(classes))
		for c := range classes {
			v := rng.NormFloat64()
			if c == int(label[i]) {
				v += 1.5
			}
			z[i*classes+c] = float64(float32(v * factor))
		}
	}
	return z, label
}

func asProbs(z []float64, classes int) []float64 {
	p := make([]float64, len(z))
	recalibrate.Softmax(p, z, classes, 1)
	return p
}

func narrow(z []float64) []float32 {
	f := make([]float32, len(z))
	for i, v := range z {
		f[i] = float32(v)
	}
	return f
}

// outcomesOf gathers rows as stored.
func outcomesOf(t *testing.T, kind metrics.Kind, rows []float64, classes int, label []int32) *metrics.Outcomes {
	t.Helper()
	c := metrics.NewCollector(metrics.Spec{Kind: kind, Classes: classes})
	if err := c.Add(metrics.Rows{F64: rows, Label: label}); err != nil {
		t.Fatal(err)
	}
	return c.Outcomes()
}

// sampleOf is what a transform is fitted on.
func sampleOf(t *testing.T, kind metrics.Kind, rows []float64, classes int, label []int32) *posthoc.Sample {
	t.Helper()
	o := outcomesOf(t, kind, rows, classes, label)
	return &posthoc.Sample{Kind: kind, Classes: classes, Vectors: rows, Label: label, Confidence: o.Confidence("msp").Value, Correct: o.Correct}
}

func named(t *testing.T, id string) posthoc.Transform {
	t.Helper()
	list, err := posthoc.Named([]string{id})
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

// applied runs maps over rows in batches of three.
func applied(t *testing.T, x posthoc.Transform, maps []*posthoc.Map, kind metrics.Kind, rows []float64, single bool, classes int, label []int32, which []int16) *metrics.Outcomes {
	t.Helper()
	base := outcomesOf(t, kind, rows, classes, label)
	if x.Input == posthoc.Probability {
		return posthoc.Calibrate(base, "msp", maps, which)
	}
	s := posthoc.NewStream(x, metrics.Spec{Kind: kind, Classes: classes}, maps)
	for from := 0; from < len(label); from += 3 {
		to := min(from+3, len(label))
		b := metrics.Rows{F64: rows[from*classes : to*classes], Label: label[from:to]}
		if single {
			b.F32, b.F64 = narrow(b.F64), nil
		}
		var w []int16
		if which != nil {
			w = which[from:to]
		}
		if err := s.Add(b, w, base.Prediction[from:to]); err != nil {
			t.Fatal(err)
		}
	}
	return s.Outcomes(base, nil)
}

func meanOf(v []float64) float64 {
	total := 0.0
	for _, x := range v {
		total += x
	}
	return total / float64(len(v))
}

// TestEveryTransform: each transform applies to the tables it claims, lowers its
// loss on the rows it is fitted on, keeps the prediction if it says so, and gives
// valid outcomes.
func TestEveryTransform(t *testing.T) {
	const classes = 5
	z, label := drawn(1, 300, classes, 3)
	other, truth := drawn(2, 200, classes, 3)
	for _, x := range posthoc.Table {
		for _, kind := range []metrics.Kind{metrics.FromLogits, metrics.FromProbs} {
			if x.Unfit(posthoc.Shape{Kind: kind, Classes: classes, Rows: 300}) != "" {
				if x.ID != "pnorm" {
					t.Errorf("%s is unfit for kind %d", x.ID, kind)
				}
				continue
			}
			fitOn, judgeOn := z, other
			if kind == metrics.FromProbs {
				fitOn, judgeOn = asProbs(z, classes), asProbs(other, classes)
			}
			m, fit, err := x.Fit(sampleOf(t, kind, fitOn, classes, label))
			if err != nil {
				t.Errorf("%s: %v", x.ID, err)
				continue
			}
			if fit.Rows != 300 || fit.Loss == "" || (x.ID != "temperature-aurc" && x.ID != "temperature-naurc" && !(fit.After <= fit.Before)) {
				t.Errorf("%s: fit %+v", x.ID, fit)
			}
			base := outcomesOf(t, kind, judgeOn, classes, truth)
			o := applied(t, x, []*posthoc.Map{m}, kind, judgeOn, false, classes, truth, nil)
			if x.KeepsPrediction || x.Output == posthoc.Confidence {
				if !slices.Equal(o.Correct, base.Correct) || !slices.Equal(o.Prediction, base.Prediction) {
					t.Errorf("%s changes predictions", x.ID)
				}
			}
			c := o.Confidence("msp")
			if c == nil || len(c.Value) != len(truth) || slices.ContainsFunc(c.Value, math.IsNaN) || c.Probability != (x.ID != "pnorm") {
				t.Errorf("%s: confidence %+v", x.ID, c)
			}
			if (x.Output == posthoc.Confidence) != (o.NLL == nil) {
				t.Errorf("%s: NLL of %d samples", x.ID, len(o.NLL))
			}
			// every calibrating transform corrects threefold overconfidence
			if x.Output == posthoc.ClassVectors && x.ID != "temperature-aurc" && x.ID != "temperature-naurc" && x.ID != "isotonic-classwise" &&
				!(meanOf(o.NLL) < meanOf(base.NLL)) {
				t.Errorf("%s: NLL %v, %v as stored", x.ID, meanOf(o.NLL), meanOf(base.NLL))
			}
		}
	}
}

// TestTemperatureECE: no temperature of the grid has less of the metric ece@15 on the rows
// fitted on, after the map itself, none before it has as much, and the fit's losses are
// that metric's values.
func TestTemperatureECE(t *testing.T) {
	ece := metrics.MustMeasure("ece@15")
	for seed, classes := range []int{2, 3, 10} {
		z, label := drawn(uint64(seed+40), 200, classes, 1.7)
		s := sampleOf(t, metrics.FromLogits, z, classes, label)
		_, fit, err := named(t, "temperature-ece").Fit(s)
		if err != nil {
			t.Fatal(err)
		}
		at := func(temperature float64) float64 {
			scaled := make([]float64, len(z))
			for i, v := range z {
				scaled[i] = v / temperature
			}
			o := outcomesOf(t, metrics.FromLogits, scaled, classes, label)
			return ece.Of(metrics.Rank(o, o.Confidence("msp"))).Value
		}
		chosen := fit.Parameters[0].Values[0]
		if math.Abs(fit.Before-at(1)) > 1e-12 || math.Abs(fit.After-at(chosen)) > 1e-12 {
			t.Errorf("%d classes: losses %v and %v, the metric has %v and %v", classes, fit.Before, fit.After, at(1), at(chosen))
		}
		for k := 1; k <= 100; k++ {
			if other := float64(k) / 10; at(other) < fit.After-1e-12 || other < chosen && at(other) < fit.After+1e-12 {
				t.Errorf("%d classes: T = %v has ECE %v, T = %v was chosen with %v", classes, other, at(other), chosen, fit.After)
			}
		}
	}
}

// TestTemperatureTwin compares a stream with the definition, for rows of either
// width and few and many classes, shifted far from 0.
func TestTemperatureTwin(t *testing.T) {
	for _, classes := range []int{2, 5, 64, 65, 130} {
		z, label := drawn(uint64(classes), 60, classes, 2)
		for i := range z {
			z[i] = float64(float32(z[i] + float64(i/classes)))
		}
		m, fit, err := named(t, "temperature").Fit(sampleOf(t, metrics.FromLogits, z, classes, label))
		if err != nil {
			t.Fatal(err)
		}
		temperature := fit.Parameters[0].Values[0]
		want := make([]float64, len(z))
		for i := range z {
			want[i] = z[i] / temperature
		}
		twin := outcomesOf(t, metrics.FromLogits, want, classes, label)
		for _, single := range []bool{false, true} {
			o := applied(t, named(t, "temperature"), []*posthoc.Map{m}, metrics.FromLogits, z, single, classes, label, nil)
			columns := map[string][2][]float64{"NLL": {o.NLL, twin.NLL}, "Brier": {o.Brier, twin.Brier}}
			for _, c := range twin.Confidences {
				columns[c.Name] = [2][]float64{o.Confidence(c.Name).Value, c.Value}
			}
			for name, pair := range columns {
				for i, v := range pair[0] {
					if math.Abs(v-pair[1][i]) > 3e-6*(1+math.Abs(pair[1][i])) {
						t.Fatalf("%d classes, float32 %v: %s of row %d is %v, want %v", classes, single, name, i, v, pair[1][i])
					}
				}
			}
			if !slices.Equal(o.LabelRank, twin.LabelRank) {
				t.Errorf("%d classes, float32 %v: ranks of labels differ", classes, single)
			}
		}
	}
}

// TestTwoClassesKeepTheirOrder: with two classes, no temperature changes a
// ranking metric, ties included, to the last bit.
func TestTwoClassesKeepTheirOrder(t *testing.T) {
	for seed := range uint64(20) {
		z, label := drawn(seed, 200, 2, 1+float64(seed))
		for i := 0; i < len(z)/2; i += 2 { // rows with equal gaps but shifted logits
			z[i+len(z)/2], z[i+1+len(z)/2] = z[i]+float64(i), z[i+1]+float64(i)
		}
		base := outcomesOf(t, metrics.FromLogits, z, 2, label)
		m, _, err := named(t, "temperature").Fit(sampleOf(t, metrics.FromLogits, z, 2, label))
		if err != nil {
			t.Fatal(err)
		}
		for _, single := range []bool{false, true} {
			o := applied(t, named(t, "temperature"), []*posthoc.Map{m}, metrics.FromLogits, z, single, 2, label, nil)
			if single {
				base = outcomesOf(t, metrics.FromLogits, widened(narrow(z)), 2, label)
			}
			got := metrics.AUROC(metrics.Rank(o, o.Confidence("msp"))).Value
			if want := metrics.AUROC(metrics.Rank(base, base.Confidence("msp"))).Value; got != want {
				t.Errorf("seed %d: AUROC %v, %v as stored", seed, got, want)
			}
		}
	}
}

func widened(f []float32) []float64 {
	z := make([]float64, len(f))
	for i, v := range f {
		z[i] = float64(v)
	}
	return z
}

// TestNormalisedChoosesTheSame: the AURC and its normalised form choose the same temperature.
func TestNormalisedChoosesTheSame(t *testing.T) {
	for seed := range uint64(10) {
		z, label := drawn(seed, 80, 4, 2)
		s := sampleOf(t, metrics.FromLogits, z, 4, label)
		_, a, errA := named(t, "temperature-aurc").Fit(s)
		_, b, errB := named(t, "temperature-naurc").Fit(s)
		if errA != nil || errB != nil || a.Parameters[0].Values[0] != b.Parameters[0].Values[0] {
			t.Errorf("seed %d: %v %v, %v %v", seed, a.Parameters, errA, b.Parameters, errB)
		}
	}
}

// TestNormTwin compares the streamed p-norm with the one over all rows at once.
func TestNormTwin(t *testing.T) {
	z, label := drawn(5, 150, 6, 1)
	for i := range z[:len(z)/2] {
		z[i] *= 7 // scales that only a norm removes
	}
	m, fit, err := named(t, "pnorm").Fit(sampleOf(t, metrics.FromLogits, z, 6, label))
	if err != nil || fit.Note != "" {
		t.Fatalf("%v %+v, want a norm to rank better", err, fit)
	}
	want := make([]float64, len(label))
	recalibrate.PNorm(want, z, 6, fit.Parameters[0].Values[0])
	o := applied(t, named(t, "pnorm"), []*posthoc.Map{m}, metrics.FromLogits, z, false, 6, label, nil)
	for i, v := range o.Confidence("msp").Value {
		if math.Abs(v-want[i]) > 1e-12 {
			t.Fatalf("row %d: norm %v, want %v", i, v, want[i])
		}
	}
	s := posthoc.NewStream(named(t, "pnorm"), metrics.Spec{Kind: metrics.FromLogits, Classes: 2}, []*posthoc.Map{m})
	err = s.Add(metrics.Rows{F64: []float64{1, 0, 3, math.Inf(-1)}, Label: []int32{0, 0}}, nil, []int32{0, 0})
	if err == nil || !strings.Contains(err.Error(), "row 1") {
		t.Errorf("an infinite logit gives %v", err)
	}
}

// TestCalibrateKeepsTheOrder: a rising sigmoid ranks as before, also where its values
// saturate; a falling one is refused; steps make ties.
func TestCalibrateKeepsTheOrder(t *testing.T) {
	z, label := drawn(8, 400, 3, 12) // msp saturates
	s := sampleOf(t, metrics.FromLogits, z, 3, label)
	base := outcomesOf(t, metrics.FromLogits, z, 3, label)
	ranking := func(o *metrics.Outcomes) float64 {
		return metrics.AUROC(metrics.Rank(o, o.Confidence("msp"))).Value
	}
	rising, _, err := named(t, "platt").Fit(s)
	if err != nil {
		t.Fatal(err)
	}
	if got := ranking(posthoc.Calibrate(base, "msp", []*posthoc.Map{rising}, nil)); got != ranking(base) {
		t.Errorf("AUROC %v after Platt, %v before", got, ranking(base))
	}
	for i := range s.Correct {
		s.Correct[i] = !s.Correct[i]
	}
	for _, id := range []string{"platt", "scaling-binning"} {
		if _, _, err := named(t, id).Fit(s); err == nil || !strings.Contains(err.Error(), "reverse the ranking") {
			t.Errorf("%s of a reversed ranking: %v", id, err)
		}
	}
	steps, _, err := named(t, "histogram").Fit(s)
	if err != nil {
		t.Fatal(err)
	}
	if c := posthoc.Calibrate(base, "msp", []*posthoc.Map{steps}, nil).Confidence("msp"); c.Key != nil {
		t.Error("steps keep an order that their values do not have")
	}
}

// TestWhichMap: every row is mapped by the map that which names.
func TestWhichMap(t *testing.T) {
	z, label := drawn(3, 30, 4, 2)
	x := named(t, "temperature")
	var maps []*posthoc.Map
	for _, factor := range []float64{1, 4} {
		fitOn, truth := drawn(9, 100, 4, factor)
		m, _, err := x.Fit(sampleOf(t, metrics.FromLogits, fitOn, 4, truth))
		if err != nil {
			t.Fatal(err)
		}
		maps = append(maps, m)
	}
	which := make([]int16, len(label))
	for i := range which {
		which[i] = int16(i % 2)
	}
	mixed := applied(t, x, maps, metrics.FromLogits, z, false, 4, label, which)
	for k, m := range maps {
		alone := applied(t, x, []*posthoc.Map{m}, metrics.FromLogits, z, false, 4, label, nil)
		for i, w := range which {
			if int(w) == k && mixed.NLL[i] != alone.NLL[i] {
				t.Fatalf("row %d: NLL %v, %v by map %d", i, mixed.NLL[i], alone.NLL[i], k)
			}
		}
	}
}

func TestHoldout(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		label := make([]int32, 1+rng.IntN(300))
		classes := 1 + rng.IntN(12)
		inside := 0
		for i := range label {
			if label[i] = int32(rng.IntN(classes+1)) - 1; label[i] >= 0 {
				inside++
			}
		}
		share := rng.Float64()
		held := posthoc.Holdout(label, share, 7)
		total, per, size := 0, make([]int, classes), make([]int, classes)
		for i, h := range held {
			if l := label[i]; l >= 0 {
				size[l]++
				if h {
					per[l]++
					total++
				}
			} else if h {
				t.Fatal("a sample of no class is held out")
			}
		}
		if want := int(math.Round(share * float64(inside))); total != want {
			t.Fatalf("%d of %d held out at %v, want %d", total, inside, share, want)
		}
		for c, n := range per {
			if math.Abs(float64(n)-share*float64(size[c])) > 1 {
				t.Fatalf("%d of %d of a class held out at %v", n, size[c], share)
			}
		}
		if !slices.Equal(held, posthoc.Holdout(label, share, 7)) {
			t.Fatal("the same seed gives another holdout")
		}
		k := 2 + rng.IntN(6)
		checkFolds(t, label, posthoc.Folds(label, k, 7), k, inside)
	}
}

// checkFolds: every sample with a class is in exactly one fold, and folds have
// equal sizes in all and within each class.
func checkFolds(t *testing.T, label []int32, fold []int16, k, inside int) {
	t.Helper()
	total, per := make([]int, k), map[int32][]int{}
	for i, f := range fold {
		if (f < 0) != (label[i] < 0) {
			t.Fatal("a sample of no class is in a fold, or one of a class is not")
		}
		if f < 0 {
			continue
		}
		if per[label[i]] == nil {
			per[label[i]] = make([]int, k)
		}
		total[f]++
		per[label[i]][f]++
	}
	for _, sizes := range append([][]int{total}, mapValues(per)...) {
		if slices.Max(sizes)-slices.Min(sizes) > 1 {
			t.Fatalf("folds of %v of %d samples", sizes, inside)
		}
	}
}

func mapValues(m map[int32][]int) [][]int {
	var list [][]int
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

func TestNamed(t *testing.T) {
	list, err := posthoc.Named([]string{"pnorm", "none", "temperature"})
	if err != nil || len(list) != 2 || list[0].ID != "pnorm" {
		t.Errorf("%v, %v", list, err)
	}
	for _, ids := range [][]string{{"heat"}, {"temperature", "temperature"}, {posthoc.Rest}} {
		if _, err := posthoc.Named(ids); err == nil {
			t.Errorf("%v passes", ids)
		}
	}
	seen := map[string]bool{}
	for _, x := range posthoc.Table {
		if seen[x.ID] || x.Definition == "" || x.Source == "" || x.Version < 1 {
			t.Errorf("%+v", x)
		}
		seen[x.ID] = true
	}
}

func TestUnfit(t *testing.T) {
	for _, c := range []struct {
		id    string
		shape posthoc.Shape
		want  string
	}{
		{"temperature", posthoc.Shape{Kind: metrics.FromScores}, "no class vectors"},
		{"pnorm", posthoc.Shape{Kind: metrics.FromProbs, Classes: 3}, "needs logits"},
		{"platt", posthoc.Shape{Kind: metrics.FromScores}, "no probability"},
		{"platt", posthoc.Shape{Kind: metrics.FromScores, Probability: true}, ""},
		{"matrix", posthoc.Shape{Kind: metrics.FromLogits, Classes: 1000, Rows: 5000}, "hours"},
		{"dirichlet", posthoc.Shape{Kind: metrics.FromLogits, Classes: 100, Rows: 5000}, ""},
		{"vector", posthoc.Shape{Kind: metrics.FromLogits, Classes: 1000, Rows: 5000}, ""},
	} {
		got := named(t, c.id).Unfit(c.shape)
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s for %+v: %q", c.id, c.shape, got)
		}
	}
}

// TestNothingToFitOn: every transform says what is missing in an empty sample.
func TestNothingToFitOn(t *testing.T) {
	for _, x := range posthoc.Table {
		if _, _, err := x.Fit(&posthoc.Sample{Kind: metrics.FromLogits, Classes: 3}); err == nil {
			t.Errorf("%s is fitted on nothing", x.ID)
		}
	}
}

// Fit on some rows, apply to others.
func ExampleStream() {
	list, err := posthoc.Named([]string{"temperature"})
	if err != nil {
		panic(err)
	}
	sample := &posthoc.Sample{Kind: metrics.FromLogits, Classes: 3,
		Vectors: []float64{6, 0, 0, 5, 1, 0, 4, 0, 0, 0, 7, 0, 1, 5, 0, 0, 0, 6}, Label: []int32{0, 0, 1, 1, 2, 2}}
	m, fit, err := list[0].Fit(sample)
	if err != nil {
		panic(err)
	}
	spec := metrics.Spec{Kind: metrics.FromLogits, Classes: 3}
	rows := metrics.Rows{F64: []float64{5, 1, 0}, Label: []int32{0}}
	stored := metrics.NewCollector(spec)
	if err := stored.Add(rows); err != nil {
		panic(err)
	}
	base := stored.Outcomes()
	s := posthoc.NewStream(list[0], spec, []*posthoc.Map{m})
	if err := s.Add(rows, nil, base.Prediction); err != nil {
		panic(err)
	}
	o := s.Outcomes(base, nil)
	fmt.Printf("T = %.3f, msp %.3f instead of %.3f\n", fit.Parameters[0].Values[0], o.Confidence("msp").Value[0], base.Confidence("msp").Value[0])
	// Output: T = 3.364, msp 0.653 instead of 0.976
}

// TestNoMapWithoutEnd: rows that send a parameter to a bound, or leave it open, give
// no map but an error that says so.
func TestNoMapWithoutEnd(t *testing.T) {
	const classes = 3
	z, label := drawn(11, 60, classes, 1)
	right, anti := make([]int32, len(label)), make([]int32, len(label))
	for i := range label {
		row := z[i*classes : (i+1)*classes]
		right[i] = int32(slices.Index(row, slices.Max(row)))
		anti[i] = int32(slices.Index(row, slices.Min(row)))
	}
	shape := func(x posthoc.Transform) bool { return x.Output == posthoc.ClassVectors && x.NeedsErrors }
	for _, c := range []struct {
		name, want string
		z          []float64
		label      []int32
		of         func(posthoc.Transform) bool
	}{
		{"no errors", "predicted right", z, right, shape},
		{"one row", "one row", z[:classes], label[:1], func(x posthoc.Transform) bool { return x.ID != "pnorm" }},
		{"worse than chance", "no better than chance", z, anti, func(x posthoc.Transform) bool { return x.ID == "temperature" || x.ID == "ensemble" }},
		{"worse than chance", "order of classes", z, anti, func(x posthoc.Transform) bool { return x.ID == "vector" || x.ID == "matrix" }},
		{"equal logits", "equal", make([]float64, len(z)), label, func(x posthoc.Transform) bool {
			return x.ID == "temperature" || x.ID == "ensemble" || x.ID == "temperature-ece"
		}},
		{"no errors", "all right or all wrong", z, right, func(x posthoc.Transform) bool { return x.Input == posthoc.Probability }},
		{"all wrong", "all right or all wrong", z, anti, func(x posthoc.Transform) bool { return x.Input == posthoc.Probability }},
	} {
		for _, x := range posthoc.Table {
			if !c.of(x) {
				continue
			}
			if _, _, err := x.Fit(sampleOf(t, metrics.FromLogits, c.z, classes, c.label)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %s: %v, want an error about %q", x.ID, c.name, err, c.want)
			}
		}
	}
	s := sampleOf(t, metrics.FromLogits, z, classes, label)
	for i := range s.Correct {
		s.Correct[i] = s.Confidence[i] > 0.5
	}
	for _, id := range []string{"platt", "beta", "scaling-binning"} {
		if _, _, err := named(t, id).Fit(s); err == nil || !strings.Contains(err.Error(), "threshold parts") {
			t.Errorf("%s where a threshold parts right from wrong: %v", id, err)
		}
	}
}
