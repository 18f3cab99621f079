package figure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"abstain/harness/compare"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/stattest"
	"abstain/reports/internal/sample"
	"abstain/reports/typeface"
)

// TestPicturesThatAreNone: pictures that cannot be drawn are refused with a
// reason.
func TestPicturesThatAreNone(t *testing.T) {
	row := []string{"a"}
	many := CriticalDifference{Names: make([]string, 26), MeanRanks: make([]float64, 26)}
	for name, test := range map[string]struct {
		picture Picture
		want    string
	}{
		"no points":      {Cloud{Points: []Point{{X: Number(math.NaN()), Y: Number(1)}}}, "no point has both values"},
		"log of nothing": {Cloud{X: Axis{Log: true}, Points: []Point{{X: Number(0), Y: Number(1)}}}, "no point has both values"},
		"no strips":      {Strips{Rows: row}, "no rows"},
		"strips short":   {Strips{Rows: row, Panels: []StripPanel{{Axis: Axis{Label: "ECE"}}}}, `panel "ECE" has 0 strips for 1 rows`},
		"no cells":       {Matrix{}, "no cells"},
		"rows short":     {Matrix{Rows: row, Columns: row}, "0 rows of cells for 1 names"},
		"cells short":    {Matrix{Rows: row, Columns: row, Cells: [][]Cell{{}}}, `row "a" has 0 cells for 1 columns`},
		"no lines":       {Lines{Panels: []LinePanel{{}}}, "no lines"},
		"line torn":      {Lines{Panels: []LinePanel{{Lines: []Line{{Name: "a", X: []float64{1}}}}}}, `line "a" has 1 places and 0 values`},
		"one metric":     {Bump{Metrics: row}, "two or more metrics"},
		"none on top":    {Bump{Metrics: []string{"a", "b"}, Top: 2, Models: []BumpModel{{Ranks: []int{3, 0}}}}, "no model is among the top"},
		"ranks short":    {Bump{Metrics: []string{"a", "b"}, Top: 2, Models: []BumpModel{{Name: "m", Ranks: []int{1}}}}, "m has 1 ranks for 2 metrics"},
		"empty forest":   {Forest{}, "no rows"},
		"no ranks":       {RankIntervals{Models: []RankedModel{{}}}, "no model has a rank"},
		"no intervals":   {RankIntervals{Models: []RankedModel{{Rank: 1}}}, "the ranks have no intervals"},
		"one model":      {CriticalDifference{Names: row, MeanRanks: []float64{1}}, "two or more models"},
		"26 models":      {many, "26 models are too many for a critical-difference diagram; choose at most 25"},
		"ranks missing":  {CriticalDifference{Names: []string{"a", "b"}}, "0 mean ranks for 2 models"},
	} {
		figures, err := test.picture.Figures(Text{Name: "x"})
		if err == nil || !strings.Contains(err.Error(), test.want) || figures != nil {
			t.Errorf("%s: %d figures, error %v, want %q", name, len(figures), err, test.want)
		}
	}
}

// TestPicturesOfLittle: extreme pictures can be drawn, and have null in JSON for
// undefined numbers.
func TestPicturesOfLittle(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for i, p := range []Picture{
		Cloud{Points: []Point{{X: Value{1, nan, inf}, Y: Number(1)}}, Size: "parameters"},
		Cloud{Equal: true, X: Axis{Log: true}, Y: Axis{Log: true}, Points: []Point{{X: Value{1, -1, 3}, Y: Value{1, 0, 2}, Named: true, Name: strings.Repeat("long", 90)}}},
		Strips{Rows: []string{""}, Panels: []StripPanel{{Reference: nan, Strips: []Strip{{}}}}},
		Strips{Rows: []string{"a"}, Panels: []StripPanel{{Reference: inf, Strips: []Strip{{Values: []float64{nan, 1}, Median: Number(nan), Quartiles: [2]float64{nan, 1}}}}}},
		Matrix{Rows: []string{""}, Columns: []string{""}, Cells: [][]Cell{{{Value: Number(inf)}}}, Low: 0, High: 1},
		Lines{Panels: []LinePanel{{Lines: []Line{{X: []float64{nan, 2}, Y: []Value{Number(1), Number(nan)}}}}}},
		Lines{X: Axis{Log: true}, Panels: []LinePanel{{Y: Axis{Log: true}, Lines: []Line{{X: []float64{1}, Y: []Value{Number(1)}}}}}},
		Bump{Metrics: []string{"a", "b"}, Top: 1, Models: []BumpModel{{Ranks: []int{1, 0}}}},
		Forest{Reference: nan, Axis: Axis{Log: true}, Rows: []ForestRow{{Value: Number(nan)}, {Value: Value{1, -1, 1}}}},
		RankIntervals{Models: []RankedModel{{Rank: 1, Lo: 1, Hi: 1}}},
		CriticalDifference{Names: []string{"a", "b"}, MeanRanks: []float64{1.5, 1.5}, Bars: [][]int{{0, 1}}, Critical: 9},
	} {
		parts, err := p.Figures(Text{Name: fmt.Sprint(i)})
		if err != nil {
			t.Errorf("%d, %T: %v", i, p, err)
			continue
		}
		for _, f := range parts {
			for _, format := range []string{"svg", "json"} {
				b, err := f.Encode(format)
				if err != nil || strings.Contains(string(b), "NaN") || strings.Contains(string(b), "Inf") {
					t.Errorf("%d, %T as %s: %v\n%s", i, p, format, err, b)
				}
			}
		}
	}
}

// TestForestPages: every row is on one page, in order, and no page is longer than
// the report's.
func TestForestPages(t *testing.T) {
	for n := 1; n <= 700; n += 23 {
		f := Forest{Reference: math.NaN()}
		for i := range n {
			row := ForestRow{Name: fmt.Sprint(i), Value: Value{1, 0, 2}}
			if i%17 == 0 {
				row.Section = "section"
			}
			f.Rows = append(f.Rows, row)
		}
		at := 0
		for _, page := range f.pages() {
			if len(page) == 0 || f.height(page) > 21*vg.Centimeter {
				t.Errorf("%d rows: a page of %d rows, %.0f points", n, len(page), f.height(page))
			}
			for _, r := range page {
				if r.Name != fmt.Sprint(at) {
					t.Fatalf("%d rows: row %s stands where %d belongs", n, r.Name, at)
				}
				at++
			}
		}
		if at != n {
			t.Errorf("%d of %d rows", at, n)
		}
	}
	f := Forest{Rows: make([]ForestRow, 523), Reference: math.NaN()}
	parts, err := f.Figures(Text{Name: "forest"})
	if err != nil || len(parts) != 9 || parts[0].Name != "forest" || parts[8].Name != "forest-9" || parts[8].Part != 9 || !strings.HasPrefix(parts[8].Caption, "Rows 473 to 523 of 523.") {
		t.Errorf("%d parts, last %+v, %v", len(parts), parts[len(parts)-1].Caption, err)
	}
}

// TestForestClips: one interval that is much longer than the others does not
// shrink them, and the caption says how it is cut off.
func TestForestClips(t *testing.T) {
	f := Forest{Reference: math.NaN(), Rows: []ForestRow{{Value: Value{0, -1, 1}}, {Value: Value{1, 0, 2}}, {Value: Value{0.5, -100, 100}}, {Value: Value{2, 1, 3}}}}
	if z := f.scale(); z.low < -10 || z.high > 10 {
		t.Errorf("scale %+v", z)
	}
	parts, err := f.Figures(Text{})
	if err != nil || !strings.Contains(parts[0].Caption, "ends in an arrow") {
		t.Errorf("caption %q, %v", parts[0].Caption, err)
	}
	f.Rows = f.Rows[:2]
	if parts, _ = f.Figures(Text{}); strings.Contains(parts[0].Caption, "arrow") {
		t.Errorf("nothing is clipped, but: %q", parts[0].Caption)
	}
}

// TestBumpPlaces: in each column no two models share a place, better ranks stand
// higher, and a model stands no higher than its rank.
func TestBumpPlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		b := Bump{Metrics: []string{"a", "b", "c"}, Top: 1 + r.IntN(6)}
		for range 12 {
			b.Models = append(b.Models, BumpModel{Ranks: []int{r.IntN(9), r.IntN(9), r.IntN(9)}})
		}
		places := b.places()
		for j := range b.Metrics {
			for i, m := range b.Models {
				if shown := m.Ranks[j] >= 1 && m.Ranks[j] <= b.Top; shown != (places[i][j] >= 0) || shown && places[i][j] < m.Ranks[j]-1 {
					t.Fatalf("rank %d has place %d of the top %d", m.Ranks[j], places[i][j], b.Top)
				}
				for k, o := range b.Models {
					if p, q := places[i][j], places[k][j]; k != i && p >= 0 && q >= 0 && (p == q || p < q && m.Ranks[j] > o.Ranks[j]) {
						t.Fatalf("ranks %d and %d have places %d and %d", m.Ranks[j], o.Ranks[j], p, q)
					}
				}
			}
		}
	}
}

// TestCriticalLevels: bars on one level never overlap, and each spans its group.
func TestCriticalLevels(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		n := 2 + r.IntN(24)
		d := CriticalDifference{Names: make([]string, n)}
		for range n {
			d.MeanRanks = append(d.MeanRanks, 1+float64(n-1)*r.Float64())
		}
		spans := map[[2]float64]int{}
		for range r.IntN(8) {
			i, j := r.IntN(n), r.IntN(n)
			d.Bars = append(d.Bars, []int{i, j})
			spans[[2]float64{min(d.MeanRanks[i], d.MeanRanks[j]), max(d.MeanRanks[i], d.MeanRanks[j])}]++
		}
		d.Bars = append(d.Bars, []int{0})
		bars := d.levels()
		if len(bars) != len(d.Bars)-1 {
			t.Fatalf("%d bars for %d groups and a single one", len(bars), len(d.Bars)-1)
		}
		for i, a := range bars {
			spans[[2]float64{a.from, a.to}]--
			for _, b := range bars[:i] {
				if a.level == b.level && a.from <= b.to && b.from <= a.to {
					t.Fatalf("%+v meets %+v", a, b)
				}
			}
		}
		for span, count := range spans {
			if count != 0 {
				t.Fatalf("span %v: %d bars too few", span, count)
			}
		}
	}
}

// TestCriticalNames: no two names overlap, even with the largest number of
// models.
func TestCriticalNames(t *testing.T) {
	parts, err := meanRanks(true).Figures(Text{Name: "cd"})
	if err != nil {
		t.Fatal(err)
	}
	f := parts[0]
	var r recorder.Canvas
	f.Draw(draw.NewCanvas(&r, f.Width, f.Height))
	type box struct {
		text                   string
		left, right, low, high vg.Length
	}
	var boxes []box
	shift := []vg.Point{{}}
	for _, a := range r.Actions {
		top := len(shift) - 1
		switch a := a.(type) {
		case *recorder.Push:
			shift = append(shift, shift[top])
		case *recorder.Pop:
			shift = shift[:top]
		case *recorder.Translate:
			shift[top] = shift[top].Add(a.Point)
		case *recorder.FillString:
			at := shift[top].Add(a.Point)
			b := box{a.String, at.X, at.X + vg.Length(f.fonts.Width(0, float64(a.Size), a.String)), at.Y, at.Y + a.Size*0.7}
			for _, o := range boxes {
				if b.left < o.right && o.left < b.right && b.low < o.high && o.low < b.high {
					t.Errorf("%q lies on %q", b.text, o.text)
				}
			}
			boxes = append(boxes, b)
		}
	}
	if len(boxes) < 50 {
		t.Errorf("%d texts for 25 models with their mean ranks", len(boxes))
	}
}

// TestScale: every kind of axis has the values at the right places.
func TestScale(t *testing.T) {
	z := newScale(false, 0, 2, math.NaN())
	if z.low != 0 || z.high <= 2 || z.of(1) != 1/z.high {
		t.Errorf("scale %+v", z)
	}
	if z := newScale(true, 0.01, 1, 0, -3); !(math.Abs(z.of(0.1)-0.5) < 1e-12) || z.low >= 0.01 {
		t.Errorf("logarithmic scale %+v has 0.1 at %v", z, z.of(0.1))
	}
	if z := newScale(false, math.NaN()); z.low != 0 || z.high != 1 {
		t.Errorf("scale of nothing %+v", z)
	}
	for _, tick := range (scale{low: 0.9, high: 3.1, whole: true}).ticks() {
		if tick.Label != "1" && tick.Label != "2" && tick.Label != "3" {
			t.Errorf("a rank %q", tick.Label)
		}
	}
}

// TestComparison: in the forest, the better model is always at the right, and
// bars have the colour of the better model.
func TestComparison(t *testing.T) {
	b := sample.Board(6)
	curves := sample.WithBands(sample.Curves(b, 300, 0, 3))
	accuracy, aurc := sample.Measures[1], sample.Measures[0]
	estimate := func(v, half float64) metrics.Estimate {
		return metrics.Estimate{Value: v, Lo: v - half, Hi: v + half, Level: 0.95, N: 300}
	}
	c := &compare.Comparison{Models: []compare.Contender{{Label: "old"}, {Label: "new"}}, N: 300, Level: 0.95, Family: compare.Family{Correction: compare.Holm, Tests: 2}, Curves: curves, Band: &compare.Band{Level: 0.95},
		Metrics: []compare.Difference{
			{Measure: accuracy, Model: "new", Against: "old", Difference: estimate(-0.02, 0.01), SE: 0.005, AdjustedP: 0.001, Verdict: ranks.Worse},
			{Measure: aurc, Model: "new", Against: "old", Difference: estimate(-0.01, 0.02), SE: 0.01, AdjustedP: 0.3, Verdict: ranks.Unproven},
			{Measure: aurc, Model: "new", Against: "old", Difference: sample.Undefined(300, "no"), SE: math.NaN(), AdjustedP: math.NaN()},
		},
		Ranges: []compare.Range{{Model: "new", Against: "old", From: 0.5, To: 1}}}
	figures, skipped := Comparison(c)
	if len(figures) != 2 || len(skipped) != 0 {
		t.Fatalf("%d figures, skipped %q", len(figures), skipped)
	}
	f := figures[0].Shown.(Forest)
	if got := f.Rows[0].Value; math.Abs(got.At+4) > 1e-9 || math.Abs(got.Lo+6) > 1e-9 || math.Abs(got.Hi+2) > 1e-9 || !f.Rows[0].Marked {
		t.Errorf("accuracy 0.02 lower at 0.005: %+v, want -4 [-6, -2], marked", f.Rows[0])
	}
	if got := f.Rows[1].Value; math.Abs(got.At-1) > 1e-9 || math.Abs(got.Lo+1) > 1e-9 || math.Abs(got.Hi-3) > 1e-9 || f.Rows[1].Marked {
		t.Errorf("AURC 0.01 lower at 0.01: %+v, want 1 [-1, 3]", f.Rows[1])
	}
	if r := figures[1].Shown.(Lines).Panels[0].Ranges[0]; r.Better != "old" || r.Against != "new" {
		t.Errorf("the larger risk is called better: %+v", r)
	}
	line := figures[1].Shown.(Lines).Panels[0].Lines[0]
	for i, x := range line.X {
		for k, p := range curves[0].RiskCoverage {
			if p.Coverage == x && (line.Y[i].At != p.Risk || line.Y[i].Lo != curves[0].RiskBand.Lo[k] || line.Y[i].Hi != curves[0].RiskBand.Hi[k]) {
				t.Errorf("at coverage %v: %+v, want %v with its band", x, line.Y[i], p.Risk)
			}
		}
	}
	c.Curves, c.Family = nil, compare.Family{}
	if figures, skipped = Comparison(c); len(figures) != 0 || len(skipped) != 2 || !strings.Contains(skipped[1], "keeps no predictions") {
		t.Errorf("a folder without predictions: %d figures, skipped %q", len(figures), skipped)
	}
}

// TestAcross: the matrix begins with the better models, and proven entries are
// bold.
func TestAcross(t *testing.T) {
	values := [][]float64{}
	for d := range 12 {
		values = append(values, []float64{0.3 + 0.01*float64(d), 0.1 + 0.012*float64(d), 0.2})
	}
	compared, err := ranks.CompareDatasets(values, metrics.Lower, 0)
	if err != nil {
		t.Fatal(err)
	}
	c := &compare.Crossing{DatasetComparison: compared, By: sample.Measures[0], Across: compare.AcrossConditions, Names: []string{"worst", "best", "middle"}}
	figures, skipped := Across(c)
	if len(figures) != 2 || len(skipped) != 0 {
		t.Fatalf("%d figures, skipped %q", len(figures), skipped)
	}
	m := figures[1].Shown.(Matrix)
	if m.Rows[0] != "best" || m.Rows[2] != "worst" || m.Cells[0][2].Text != "12/0/0" || !m.Cells[0][2].Bold || m.Cells[2][0].Value.At != -1 {
		t.Errorf("matrix %+v", m)
	}
	c.Names = make([]string, 30)
	c.MeanRanks = make([]float64, 30)
	c.Friedman = stattest.Result{P: math.NaN()}
	if figures, skipped = Across(c); len(figures) != 1 || len(skipped) != 1 || !strings.Contains(skipped[0], "at most 25") {
		t.Errorf("30 models: %d figures, skipped %q", len(figures), skipped)
	}
}

// TestCloudSaysWhatItLacks: the caption counts points without a place; with many
// points, one cross replaces the intervals.
func TestCloudSaysWhatItLacks(t *testing.T) {
	for many, want := range map[bool]string{false: "Whiskers are the intervals", true: "The cross in a corner has the median lengths"} {
		parts, err := pointsOfModels(many).Figures(Text{Caption: "Invented."})
		if err != nil {
			t.Fatal(err)
		}
		if c := parts[0].Caption; !strings.Contains(c, want) || !strings.Contains(c, "1 point is left out") || !strings.Contains(c, "grows with the logarithm of parameters") {
			t.Errorf("caption %q lacks %q", c, want)
		}
	}
}

// TestValueJSON: numbers for machines are complete, and null where undefined.
func TestValueJSON(t *testing.T) {
	b, err := json.Marshal([]any{Value{0.5, math.NaN(), math.Inf(1)}, Axis{ID: "ece", Label: "ECE", Better: metrics.Lower}})
	if want := `[{"value":0.5,"lo":null,"hi":null},{"id":"ece","label":"ECE","better":"lower","log":false}]`; err != nil || string(b) != want {
		t.Errorf("%s, %v; want %s", b, err, want)
	}
}

// TestForestShades: neighbouring rows of different stripes differ in shade, in
// the orders that tie groups have.
func TestForestShades(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 100 {
		var f Forest
		stripe := 1
		for range 60 {
			f.Rows = append(f.Rows, ForestRow{Stripe: max(0, stripe-r.IntN(2))})
			if r.IntN(4) == 0 {
				stripe++
			}
		}
		shades := f.shades()
		for i := 1; i < len(f.Rows); i++ {
			a, b := f.Rows[i-1].Stripe, f.Rows[i].Stripe
			if a > 0 && b > 0 && (a == b) != (shades[a] == shades[b]) {
				t.Fatalf("stripes %d and %d touch: shades %v, %v", a, b, shades[a], shades[b])
			}
		}
	}
}

// TestWriteInParallel: files do not depend on how many are drawn at the same
// time, and a panic while drawing reaches the caller.
func TestWriteInParallel(t *testing.T) {
	figures, dir := hung(t, false), t.TempDir()
	paths, err := Write(dir, figures, "svg", "json")
	if err != nil || len(paths) != 2*len(figures) {
		t.Fatalf("%d paths, %v", len(paths), err)
	}
	for i, f := range figures {
		want, _ := f.Encode("svg")
		if got, err := os.ReadFile(paths[2*i]); err != nil || filepath.Base(paths[2*i]) != f.Name+".svg" || !bytes.Equal(got, want) {
			t.Errorf("%s: %v", paths[2*i], err)
		}
	}
	defer func() {
		if recover() != "torn" {
			t.Error("the panic was lost")
		}
	}()
	Write(dir, []*Figure{{Name: "broken", Width: 10, Height: 10, draw: func(draw.Canvas, *typeface.Family) { panic("torn") }}}, "svg")
}

// TestStripsKeepRoom: a few values that are far away do not shrink the others,
// and the caption says so. At most a twentieth of the values is outside the
// scale.
func TestStripsKeepRoom(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	strips := func(far int) Strips {
		var s Strip
		for i := range 400 {
			v := 0.01 * r.NormFloat64()
			if i < far {
				v = 5
			}
			s.Values = append(s.Values, v)
		}
		s.Median = Number(0)
		return Strips{Rows: []string{"a"}, Panels: []StripPanel{{Strips: []Strip{s}}}}
	}
	for far, clips := range map[int]bool{0: false, 3: true, 100: false} {
		s := strips(far)
		parts, err := s.Figures(Text{})
		if err != nil {
			t.Fatal(err)
		}
		if z := s.Panels[0].scale(); clips != (z.high < 1 && far > 0) || clips != strings.Contains(parts[0].Caption, "triangle at an edge") {
			t.Errorf("%d far out: scale %+v, caption %q", far, z, parts[0].Caption)
		}
	}
}

// TestEqualCloudTurnsLogarithmic: it does so if values are crowded at the lower
// end and all are positive.
func TestEqualCloudTurnsLogarithmic(t *testing.T) {
	c := Cloud{Equal: true}
	for i := range 20 {
		c.Points = append(c.Points, Point{X: Number(0.02 + 0.001*float64(i)), Y: Number(0.03)})
	}
	c.Points[0].X = Number(0.6)
	for _, log := range []bool{true, false} {
		parts, err := c.Figures(Text{})
		if err != nil {
			t.Fatal(err)
		}
		if got := parts[0].Shown.(Cloud); got.X.Log != log || got.Y.Log != log || strings.Contains(parts[0].Caption, "Both axes are logarithmic") != log {
			t.Errorf("logarithmic %v, want %v: %s", got.X.Log, log, parts[0].Caption)
		}
		c.Points[1].Y = Number(0)
	}
}
