package figure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/internal/sample"
)

// No two dots of a lane are closer than the pitch, and none is moved sideways.
func TestSwarm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		at := make([]vg.Length, 1+r.IntN(150))
		for i := range at {
			at[i] = vg.Length(100 * r.Float64())
		}
		at[0] = 300 // outside
		points, extent := swarm(at, 0, 100, 3.6)
		for i, p := range points {
			if i == 0 {
				if !math.IsNaN(float64(p.X)) {
					t.Fatalf("a point outside is placed: %v", p)
				}
				continue
			}
			if p.X != at[i] || math.Abs(float64(p.Y)) > float64(extent) {
				t.Fatalf("point %d at %v, want x %v within %v", i, p, at[i], extent)
			}
			for j, q := range points[1:i] {
				if d := math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y)); d < 3.6-1e-3 {
					t.Fatalf("points %d and %d are %.3f apart", i, j+1, d)
				}
			}
		}
	}
}

// Every model is on the axis or counted beyond it, and all tied models are on it.
func TestLanesCountEveryModel(t *testing.T) {
	for _, better := range []metrics.Direction{metrics.Lower, metrics.Higher, metrics.None} {
		l := familyLanes(true).(Lanes)
		l.Axis.Better = better
		all := 0
		for _, lane := range l.Lanes {
			all += len(lane.Dots)
		}
		sorted, missing := l.sorted()
		if len(sorted) > mostLanes {
			t.Errorf("%d lanes", len(sorted))
		}
		l.Lanes = sorted
		axis, beyond := l.bounds()
		inside := 0
		for _, lane := range sorted {
			for _, d := range lane.Dots {
				if at := axis.of(d.Value); at >= 0 && at <= 1 {
					inside++
				} else if d.Tied {
					t.Errorf("%s is tied and off the axis", d.Model)
				}
			}
		}
		if inside+beyond+missing != all || missing != 1 {
			t.Errorf("%d inside, %d beyond, %d missing of %d", inside, beyond, missing, all)
		}
	}
}

// What could be proven is on the axis, with better at the right, and 0 is on it.
func TestEffectsAxis(t *testing.T) {
	e := regimeEffects(true).(Effects)
	for k, c := range e.Columns {
		a := e.axis(k)
		if z := a.of(0); z <= 0 || z >= 1 {
			t.Errorf("column %d: 0 is at %v", k, z)
		}
		for _, r := range e.Rows {
			cell := r.Cells[k]
			if at := a.of(cell.Value.At); finite(cell.Value.At) && cell.Verdict != TooFew && !(at >= 0 && at <= 1) {
				t.Errorf("column %d: %v is at %v", k, cell.Value.At, at)
			}
		}
		if want := c.Better != metrics.Lower; a.of(1) > a.of(-1) != want {
			t.Errorf("column %d: better is not at the right", k)
		}
		for _, v := range a.ticks() {
			if at := a.of(v); at < 0 || at > 1 {
				t.Errorf("column %d: tick %v is at %v", k, v, at)
			}
		}
	}
}

// A narrow matrix keeps the correlation, and names what it leaves out.
func TestEffectsNarrow(t *testing.T) {
	e := regimeEffects(true).(Effects)
	for k := range e.Rows[3].Cells {
		e.Rows[3].Cells[k].Verdict = TooFew
	}
	e.Width, e.TooFew = ColumnWidth, "too few twins"
	shown := e.fitting()
	if n := len(shown.Columns); n >= len(e.Columns) || !shown.Columns[n-1].Apart {
		t.Errorf("columns %+v", shown.Columns)
	}
	figures, err := e.Figures(Text{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Left out, with too few twins: regime-03.", "Not shown here: "} {
		if !strings.Contains(figures[0].Caption, want) {
			t.Errorf("%q is not in %q", want, figures[0].Caption)
		}
	}
	e.Rows[0].Cells = e.Rows[0].Cells[1:]
	if _, err := e.Figures(Text{}); err == nil {
		t.Error("a row without a cell is taken")
	}
}

// Every model that changes is in a bar or counted at an end, on the side where better is.
func TestShiftsCountEveryModel(t *testing.T) {
	s := transformShifts(true).(Shifts)
	for _, r := range s.Rows[:3] {
		bins, worse, better := r.counts(r.bound())
		b, same, w := r.shares()
		left, right := worse, better
		for i, n := range bins {
			if i < shiftBins {
				left += n
			} else {
				right += n
			}
		}
		if left != w || right != b || b+same+w != len(r.Changes) {
			t.Errorf("%s: %d and %d in bars, %d worse, %d the same, %d better of %d", r.Label, left, right, w, same, b, len(r.Changes))
		}
	}
	zero := Shift{Changes: []float64{0, 0}}
	if b := zero.bound(); b != 1 {
		t.Errorf("without changes the bound is %v", b)
	}
}

func TestRoundBelow(t *testing.T) {
	for v, want := range map[float64]float64{0: 0, -1: 0, 1: 1, 1.9: 1, 7.9: 6, 8: 8, 9.99: 8, 42: 40, 0.00035: 0.0003, 1e6: 1e6} {
		if got := roundBelow(v); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v: %v, want %v", v, got, want)
		}
	}
}

// Labels keep their order, a step apart, between the edges.
func TestSpreadLabels(t *testing.T) {
	ys := []vg.Length{90, 89, 50, 12, 11, 10}
	spreadLabels(ys, 5, 95, 10)
	for i, y := range ys {
		if y < 5 || y > 95 || i > 0 && ys[i-1]-y < 10-1e-9 {
			t.Errorf("label %d at %v: %v", i, y, ys)
		}
	}
}

// What is printed beside a curve is the height of the staircase there.
func TestAnsweredAt(t *testing.T) {
	steps := plotter.XYs{{X: 0.8, Y: 1}, {X: 0.9, Y: 1}, {X: 0.9, Y: 0.5}, {X: 0.97, Y: 0.5}, {X: 0.97, Y: 0}}
	for a, want := range map[float64]float64{0.8: 1, 0.9: 1, 0.91: 0.5, 0.97: 0.5, 0.98: 0} {
		if got := answeredAt(steps, a); got != want {
			t.Errorf("at %v: %v, want %v", a, got, want)
		}
	}
}

// The ends of a board are its first and last models, and what is between is counted.
func TestBoardEnds(t *testing.T) {
	for _, n := range []int{3, 40, 41, 200} {
		b := sample.Resolve(sample.Board(n))
		figures, err := New("forest", Input{Board: b})
		if err != nil {
			t.Fatal(err)
		}
		e := figures[0].Shown.(BoardEnds)
		valued := 0
		for _, x := range b.Entries {
			if x.Value.Defined() {
				valued++
			}
		}
		if got := len(e.First) + len(e.Last) + e.LeftOut; got != valued {
			t.Errorf("%d models: %d + %d shown, %d left out of %d", n, len(e.First), len(e.Last), e.LeftOut, valued)
		}
		if e.First[0].Model != b.Entries[0].Model {
			t.Errorf("%d models: the first is %s", n, e.First[0].Model)
		}
	}
}

// The ten best by a metric are found whatever its direction, and stand at their places.
func TestTopTen(t *testing.T) {
	b := sample.Resolve(sample.Board(60))
	figures, err := New("top-ten", Input{Board: b})
	if err != nil {
		t.Fatal(err)
	}
	shown := figures[0].Shown.(TopTen)
	for _, r := range shown.Rows {
		if r.Label == b.By.Label() {
			for i, p := range r.Places {
				if p > i+1 {
					t.Errorf("the ten best by %s are at places %v", r.Label, r.Places)
				}
			}
		}
	}
	m, of := measure(b, "accuracy")
	r := topTenRow(b, m, of)
	worst := math.Inf(1)
	for _, p := range r.Places {
		worst = math.Min(worst, of(b.Entries[p-1]).Value)
	}
	better := 0
	for _, e := range b.Entries {
		if of(e).Value > worst {
			better++
		}
	}
	if better >= topOf {
		t.Errorf("%d models have a better accuracy than the last of the ten best", better)
	}
}

// Models on the front are those that no other beats in both values.
func TestFront(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, better := range []metrics.Direction{metrics.Higher, metrics.Lower} {
		a := Against{Y: Axis{Better: better}}
		for i := range 80 {
			a.Points = append(a.Points, AgainstPoint{Name: fmt.Sprint(i), X: Number(r.Float64()), Y: Number(r.Float64())})
		}
		a.mark()
		for _, p := range a.Points {
			beaten := false
			for _, q := range a.Points {
				beaten = beaten || q.X.At > p.X.At && a.better(q.Y.At) > a.better(p.Y.At)
			}
			if p.Front == beaten {
				t.Errorf("%v: front %v, beaten %v", p, p.Front, beaten)
			}
		}
		a.frame = a.fit()
		inside := 0
		for _, p := range a.Points {
			if p.X.At >= a.frame.xLow && p.Y.At >= a.frame.yLow && p.Y.At <= a.frame.yHigh {
				inside++
			}
		}
		if inside+a.frame.left+a.frame.beyond != len(a.Points) {
			t.Errorf("%d inside, %d left, %d beyond of %d", inside, a.frame.left, a.frame.beyond, len(a.Points))
		}
	}
}

// Panels say what their models are examples of.
func TestPanelsHaveRoles(t *testing.T) {
	b := sample.Board(3)
	c := sample.Curves(b, 50, 0)[0]
	figures, err := New("reliability", Input{Board: b, Panels: []Panel{{c, "smallest ECE"}}})
	if err != nil {
		t.Fatal(err)
	}
	if svg, err := figures[0].Inline(); err != nil || !strings.Contains(svg, "smallest ECE") {
		t.Error("the role is not in the picture", err)
	}
	if _, err := New("reliability", Input{Board: b, Panels: []Panel{{board.Curves{Model: "x"}, ""}}}); err == nil {
		t.Error("a confidence that is no probability has a diagram")
	}
}
