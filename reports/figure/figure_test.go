package figure

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/reports/internal/sample"
	"abstain/reports/typeface"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// small is an input with few models and samples, so that the golden files are
// readable.
func small() Input {
	b := sample.Resolve(sample.Board(14))
	in := Input{Board: b, Curves: sample.WithBands(sample.Curves(b, 60, 0, 5, 8, 13))}
	for _, score := range []string{"lac", "aps"} {
		in.Sets = append(in.Sets, results.SetRow{Model: in.Curves[0].Model, Dataset: b.Choice.Dataset, Split: b.Choice.Split, Condition: b.Choice.Condition,
			Score: score, By: "all", Randomised: score == "aps", On: "val", Rows: 30, N: 60,
			Curve: "0.5:0.5:0.6:0.6:0.9 0.2:0.8:0.95:0.9:0.95 0.1:0.9:1.3:0.75:0.98 0.05:0.95:1.9:0.5:1 0.01:1:3:0:"})
	}
	return in
}

// TestGolden compares the data and the SVG of every figure with testdata.
func TestGolden(t *testing.T) {
	figures, skipped := All(small())
	if len(skipped) > 0 || len(figures) != len(kinds) {
		t.Fatalf("%d figures, skipped %q", len(figures), skipped)
	}
	figures = append(figures, hung(t, false)...)
	for _, f := range figures {
		for _, format := range []string{"json", "svg"} {
			got, err := f.Encode(format)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", f.Name+"."+format)
			if *update {
				if err := os.WriteFile(path, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; run the test with -update to make it", err)
			}
			if !bytes.Equal(got, want) {
				os.WriteFile(filepath.Join(t.ArtifactDir(), f.Name+"."+format), got, 0o666)
				t.Errorf("%s differs; what was drawn is among the artifacts (go test -artifacts)", path)
			}
		}
	}
}

// TestEncodings: every figure is well formed in every format, has the promised
// size, and gives the same bytes twice.
func TestEncodings(t *testing.T) {
	figures, _ := All(small())
	kinds := len(figures)
	for i, f := range append(figures, hung(t, false)...) {
		for _, format := range Formats() {
			if format == "png" && (i > kinds || testing.Short() && i > 0) {
				continue // one picture of each kind is enough for the slowest format
			}
			first, err := f.Encode(format)
			if err != nil {
				t.Fatalf("%s.%s: %v", f.Name, format, err)
			}
			if again, _ := f.Encode(format); !bytes.Equal(first, again) {
				t.Errorf("%s.%s differs the second time", f.Name, format)
			}
			switch format {
			case "svg":
				err = wellFormed(first)
			case "json":
				err = json.Unmarshal(first, new(any))
			case "png":
				var img, e = png.DecodeConfig(bytes.NewReader(first))
				err = e
				if want := int(math.Round(f.Width.Dots(float64(f.dpi())))); math.Abs(float64(img.Width-want)) > 1 {
					t.Errorf("%s.png is %d pixels wide, want %d", f.Name, img.Width, want)
				}
			}
			if err != nil {
				t.Errorf("%s.%s: %v", f.Name, format, err)
			}
		}
	}
	if _, err := figures[0].Encode("gif"); err == nil || !strings.Contains(err.Error(), "svg, png, pdf, json") {
		t.Errorf("an unknown format: error %v", err)
	}
}

func wellFormed(doc []byte) error {
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// TestInsideCanvas: nothing may be drawn outside the figure, except what the
// canvas clips, whatever the names are.
func TestInsideCanvas(t *testing.T) {
	in := small()
	in.Curves[1].Model = strings.Repeat("a-very-long-name-", 12)
	in.Board.Entries[0].Meta = append(in.Board.Entries[0].Meta[:1:1], in.Board.Entries[0].Meta[1])
	in.Board.Entries[0].Meta[1].Value = strings.Repeat("regime", 30)
	figures, _ := All(in)
	figures = append(append(figures, hung(t, false)...), hung(t, true)...)
	for _, f := range figures {
		if f.Width > pictureWidth || f.Height > 21*vg.Centimeter {
			t.Errorf("%s is %.0f x %.0f points, too large for a page", f.Name, f.Width, f.Height)
		}
		var r recorder.Canvas
		f.Draw(draw.NewCanvas(&r, f.Width, f.Height))
		shift := []vg.Point{{}} // shifts of the states pushed; rotated text is at the left edge and is skipped
		turned := []bool{false}
		for _, a := range r.Actions {
			top := len(shift) - 1
			switch a := a.(type) {
			case *recorder.Push:
				shift, turned = append(shift, shift[top]), append(turned, turned[top])
			case *recorder.Pop:
				shift, turned = shift[:top], turned[:top]
			case *recorder.Translate:
				shift[top] = shift[top].Add(a.Point)
			case *recorder.Rotate:
				turned[top] = true
			case *recorder.FillString:
				at := shift[top].Add(a.Point)
				end := at.X + vg.Length(f.fonts.Width(0, float64(a.Size), a.String))
				if !turned[top] && (at.X < 0 || end > f.Width || at.Y < 0 || at.Y > f.Height) {
					t.Errorf("%s: %q stands at %.1f..%.1f x %.1f of %.1f x %.1f", f.Name, a.String, at.X, end, at.Y, f.Width, f.Height)
				}
			}
		}
	}
}

func TestSkippedSayWhy(t *testing.T) {
	b := sample.Board(5)
	figures, skipped := All(Input{Board: b})
	if len(figures) != 2 || len(skipped) != 5 || !strings.Contains(skipped[0], "no curves") ||
		!strings.Contains(skipped[3], "the ranks have no intervals") || !strings.Contains(skipped[4], "the values have no intervals") {
		t.Errorf("without curves: %d figures, skipped %q", len(figures), skipped)
	}
	curves := sample.Curves(b, 30, 0)
	curves[0].Reliability = nil
	figures, skipped = All(Input{Curves: curves})
	if len(figures) != 2 || !strings.Contains(strings.Join(skipped, "\n"), "no model has a confidence that is a probability") {
		t.Errorf("without board and reliability: %d figures, skipped %q", len(figures), skipped)
	}
	b.Beside = b.Beside[1:] // accuracy
	for i := range b.Entries {
		b.Entries[i].Beside = b.Entries[i].Beside[1:]
	}
	if _, err := New("accuracy-ece", Input{Board: b}); err == nil || !strings.Contains(err.Error(), `"accuracy"`) {
		t.Errorf("without accuracy: error %v", err)
	}
	if _, err := New("pie", Input{Board: b}); err == nil {
		t.Error("a figure that does not exist was made")
	}
}

func TestReliabilityNamesTheOmitted(t *testing.T) {
	b := sample.Board(12)
	curves := sample.Curves(b, 50, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	curves[3].Reliability = nil
	parts, err := New("reliability", Input{Board: b, Curves: curves})
	if err != nil {
		t.Fatal(err)
	}
	f := parts[0]
	for _, want := range []string{"confidence is no probability: " + curves[3].Model, "1 more models are not shown"} {
		if !strings.Contains(f.Caption, want) {
			t.Errorf("the caption lacks %q: %s", want, f.Caption)
		}
	}
	if n := len(f.Shown.(Reliability).Models); n != maxPanels {
		t.Errorf("%d panels", n)
	}
}

// TestStaircase compares the staircase with its definition for every demanded
// accuracy.
func TestStaircase(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		n := 1 + r.IntN(40)
		var points []metrics.Point
		wrong := 0
		for i := range n {
			if r.IntN(3) == 0 {
				wrong++
			}
			if i == n-1 || r.IntN(3) > 0 { // with ties, some ends are missing
				points = append(points, metrics.Point{Coverage: float64(i+1) / float64(n), Risk: float64(wrong) / float64(i+1)})
			}
		}
		full := 1 - points[len(points)-1].Risk
		left := full * r.Float64()
		steps := staircase(points, left)
		for range 50 {
			a := left + (1-left)*r.Float64()
			want := 0.0
			for _, p := range points {
				if 1-p.Risk >= a {
					want = max(want, p.Coverage)
				}
			}
			if got := read(steps, a); got != want {
				t.Fatalf("at accuracy %v: coverage %v, want %v\npoints %v\nsteps %v", a, got, want, points, steps)
			}
		}
	}
}

// read is the height of a staircase: the first corner at or right of a, or 0
// beyond the last.
func read(steps plotter.XYs, a float64) float64 {
	for _, s := range steps {
		if s.X >= a && s.X > steps[0].X {
			return s.Y
		}
	}
	return 0
}

// TestStaircaseOfMany: with many samples, the staircase is drawn with fewer
// steps. It is never above the definition, and to its left by no more than the
// tolerance.
func TestStaircaseOfMany(t *testing.T) {
	points := sample.Curves(sample.Board(3), 50000, 0)[0].RiskCoverage
	full := 1 - points[len(points)-1].Risk
	steps := staircase(points, full)
	if len(steps) > 5000 {
		t.Errorf("%d corners", len(steps))
	}
	coverage := func(a float64) float64 {
		for i := len(points) - 1; i >= 0; i-- {
			if 1-points[i].Risk >= a {
				return points[i].Coverage
			}
		}
		return 0
	}
	r := rand.New(rand.NewPCG(8, 9))
	for range 300 {
		a := full + (1-full)*r.Float64()
		if got := read(steps, a); got > coverage(a) || got < coverage(a+shortest) {
			t.Errorf("at %v: %v is not within %v and %v", a, got, coverage(a+shortest), coverage(a))
		}
	}
}

func TestStaircaseEdges(t *testing.T) {
	perfect := staircase([]metrics.Point{{Coverage: 0.5}, {Coverage: 1}}, 1)
	if want := (plotter.XYs{{X: 1, Y: 1}, {X: 1, Y: 1}}); !slices.Equal(perfect, want) {
		t.Errorf("without errors: %v, want %v", perfect, want)
	}
	hopeless := staircase([]metrics.Point{{Coverage: 1, Risk: 1}}, 0)
	if want := (plotter.XYs{{X: 0, Y: 1}, {X: 0, Y: 1}, {X: 0, Y: 0}}); !slices.Equal(hopeless, want) {
		t.Errorf("all wrong: %v, want %v", hopeless, want)
	}
}

func TestThin(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 2, 3, 50, 3000} {
		points := make(plotter.XYs, n)
		wrong := 0
		for i := range points {
			if r.IntN(5) == 0 {
				wrong++
			}
			points[i] = plotter.XY{X: float64(i+1) / float64(n), Y: float64(wrong) / float64(i+1)}
		}
		kept := thin(points, 1e-3)
		if n == 3000 && len(kept) > n/4 {
			t.Errorf("%d of %d points kept", len(kept), n)
		}
		if n > 0 && (kept[0] != points[0] || kept[len(kept)-1] != points[n-1]) {
			t.Error("an end was lost")
		}
		at := 0
		for _, p := range points {
			for kept[at+min(1, len(kept)-at-1)].X < p.X {
				at++
			}
			a, b := kept[at], kept[min(at+1, len(kept)-1)]
			y := a.Y
			if b.X > a.X {
				y += (b.Y - a.Y) * (p.X - a.X) / (b.X - a.X)
			}
			if math.Abs(y-p.Y) > 1e-3+1e-12 {
				t.Fatalf("n = %d: at %v the thinned curve is off by %v", n, p.X, y-p.Y)
			}
		}
	}
}

func TestGroups(t *testing.T) {
	var c Cloud
	for k := range 26 {
		for i := range 30 - k {
			c.Points = append(c.Points, Point{Group: fmt.Sprintf("regime-%02d", k), X: Number(float64(i)), Y: Number(1)})
		}
	}
	groups := c.groups()
	if len(groups) != len(palette)+1 || groups[0].name != "regime-00" || groups[9].name != "other: 17 groups" {
		t.Fatalf("groups %+v", groups)
	}
	n := 0
	for _, g := range groups {
		n += len(g.marks.points)
	}
	if n != len(c.Points) {
		t.Errorf("%d marks for %d models", n, len(c.Points))
	}
	c.Marked = []string{"regime-20", "regime-99", "regime-03"}
	if marked := c.groups(); len(marked) != 3 || marked[0].name != "regime-20" || marked[1].name != "regime-03" || marked[2].name != "other: 24 groups" {
		t.Errorf("the marked ones became %+v", marked)
	}
	few := Cloud{Points: c.Points[:31]}
	if g := few.groups(); len(g) != 2 || g[1].name != "regime-01" {
		t.Errorf("two regimes became %+v", g)
	}
}

func TestTicks(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{0, 1, "0 0.2 0.4 0.6 0.8 1.0"},
		{0, 0.21, "0 0.05 0.10 0.15 0.20"},
		{0.796, 1, "0.80 0.85 0.90 0.95 1.00"},
		{-3, 3, "-3 -2 -1 0 1 2 3"},
		{0.001, 0.0014, "0.0010 0.0011 0.0012 0.0013 0.0014"},
	} {
		var got []string
		for _, k := range (roundTicks{}).Ticks(test.low, test.high) {
			got = append(got, k.Label)
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%v..%v: %s, want %s", test.low, test.high, s, test.want)
		}
	}
	var logs []string
	for _, k := range (logTicks{}).Ticks(0.004, 0.3) {
		if k.Label != "" {
			logs = append(logs, k.Label)
		}
	}
	if s := strings.Join(logs, " "); s != "0.005 0.01 0.02 0.05 0.1 0.2" {
		t.Errorf("logarithmic ticks %s", s)
	}
}

// TestDegenerate: extreme inputs must draw, not panic.
func TestDegenerate(t *testing.T) {
	one := sample.Board(1)
	perfect := board.Curves{Model: "perfect", N: 3, RiskCoverage: []metrics.Point{{Coverage: 1}}, Oracle: []metrics.Point{{Coverage: 1}},
		Reliability: []metrics.Bin{{Lo: 0, Hi: 1, Accuracy: math.NaN(), Confidence: math.NaN()}}}
	wrong := board.Curves{Model: "wrong", N: 1, ErrorRate: 1, RiskCoverage: []metrics.Point{{Coverage: 1, Risk: 1}}, Oracle: []metrics.Point{{Coverage: 1, Risk: 1}},
		Reliability: []metrics.Bin{{Lo: 0, Hi: 1, N: 1, Accuracy: 0, Confidence: 1}}}
	empty := board.Curves{Model: "empty"}
	for name, curves := range map[string][]board.Curves{"perfect": {perfect}, "wrong": {wrong}, "both": {perfect, wrong}, "empty": {empty}} {
		figures, _ := All(Input{Board: one, Curves: curves})
		for _, f := range figures {
			for _, format := range []string{"svg", "pdf", "json"} {
				if b, err := f.Encode(format); err != nil || bytes.Contains(b, []byte("NaN")) {
					t.Errorf("%s: %s.%s: %v", name, f.Name, format, err)
				}
			}
		}
	}
}

// TestInline: the element for an HTML page is a single one, has text as text and
// fonts with substitutes in every viewer, and has nothing that could clash with
// the page.
func TestInline(t *testing.T) {
	fonts, err := typeface.New(liberationmonoregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []Input{small(), {Board: small().Board, Curves: small().Curves, Fonts: fonts}} {
		figures, _ := All(in)
		for _, f := range append(figures, hung(t, false)...) {
			if in.Fonts != nil {
				f = f.In(in.Fonts)
			}
			got, err := f.Inline()
			if err != nil {
				t.Fatal(err)
			}
			if err := wellFormed([]byte(got)); err != nil || !strings.HasPrefix(got, "<svg ") || !strings.HasSuffix(strings.TrimSpace(got), "</svg>") {
				t.Errorf("%s is no svg element: %v", f.Name, err)
			}
			for _, clash := range []string{" id=", "<?xml", "<title>", "<style", "NaN"} {
				if strings.Contains(got, clash) {
					t.Errorf("%s has %q", f.Name, clash)
				}
			}
			families := regexp.MustCompile(`font-family:[^;]*;`).FindAllString(got, -1)
			if len(families) == 0 {
				t.Errorf("%s has no text", f.Name)
			}
			for _, family := range families {
				if !strings.HasSuffix(family, "sans-serif;") {
					t.Errorf("%s: %s has no common font to fall back to", f.Name, family)
				}
			}
		}
	}
}

func ExampleNew() {
	b := sample.Board(20)
	figures, err := New("risk-coverage", Input{Board: b, Curves: sample.Curves(b, 200, 0, 19)})
	if err != nil {
		fmt.Println(err)
		return
	}
	svg, err := figures[0].Encode("svg")
	fmt.Println(figures[0].Title, err, bytes.HasPrefix(svg, []byte("<?xml")))
	// Output: Risk-coverage curves <nil> true
}

func ExampleKinds() {
	for _, k := range Kinds() {
		fmt.Println(k.Name)
	}
	// Output:
	// risk-coverage
	// sac
	// reliability
	// accuracy-aurc
	// accuracy-ece
	// ranks
	// forest
	// abstain-or-hedge
}

func BenchmarkFigures(b *testing.B) {
	board := sample.Board(523)
	in := Input{Board: board, Curves: sample.Curves(board, 50000, 0, 70, 140, 210, 280, 350, 420, 522)}
	for b.Loop() {
		figures, _ := All(in)
		for _, f := range figures {
			svg, err := f.Encode("svg")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(svg))/1e3, "kB/"+f.Name)
		}
	}
}
