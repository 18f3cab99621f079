package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"sort"
	"strconv"

	"abstain/metrics"
)

// Severity is what the experiment severity found.
type Severity struct {
	Levels   []SeverityLevel
	Models   []string
	Regimes  []string    // by model
	Values   [][]float64 // by level and model: AUROC of known against new classes
	Computed bool        // from stored predictions, not from published levels
	Change   Changes     // hardest level less easiest
}

// SeverityLevel is one level over all models.
type SeverityLevel struct {
	Level           int // 0 is the easiest
	Name            string
	N               int
	Median          float64
	Quartiles       [2]float64
	In              Bounds // of the median, over new models
	Accuracy, AUROC Correlation
}

// SeverityChanges says how the AUROC against new classes changes from the easiest
// level to the hardest.
type SeverityChanges struct {
	Easiest, Hardest float64 // medians over models
	Levels           int
	Change           Changes // hardest less easiest, by model
}

// LevelCorrelated holds the rank correlations of the AUROC against the new classes of a
// level with the accuracy and with the AUROC of failure prediction.
type LevelCorrelated struct {
	Level           int
	Accuracy, AUROC Correlation
}

// NoLevels says that the folder has neither published levels nor stored predictions.
type NoLevels struct{}

// NoOutsideClasses says that no table names the classes out of distribution.
type NoOutsideClasses struct{}

// FewerLevels says that there are too few classes out of distribution for all levels.
type FewerLevels struct {
	Wanted, Levels int
	Classes        int // out of distribution
}

// SeverityWindows says how classes out of distribution make levels.
type SeverityWindows struct {
	Classes int    // out of distribution
	Column  string // that names them
	Windows int
	Window  int // classes in one
	Levels  int
}

func (SeverityChanges) claim()    {}
func (LevelCorrelated) claim()    {}
func (NoLevels) missing()         {}
func (NoOutsideClasses) missing() {}
func (FewerLevels) missing()      {}
func (SeverityWindows) note()     {}

// severityLevels is how many levels there are if the classes allow.
const severityLevels = 11

// severity asks how well models tell new classes from known ones, the harder the new
// classes are. It follows the companion paper's framework: each model ranks the classes
// of an out-of-distribution table by its mean confidence in its answers to them. A
// window is a fixed number of neighbours in that order, and a level of severity is one
// window.
//
// Source: Galil, Dabbah and El-Yaniv, A framework for benchmarking
// class-out-of-distribution detection and its application to ImageNet, ICLR 2023.
func severity(ctx context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	d := f.publishedLevels()
	if d == nil {
		var err error
		if d, err = f.computedLevels(ctx, &e); err != nil {
			return e, err
		}
	}
	if d == nil {
		return e, nil
	}
	first, last := d.Values[0], d.Values[len(d.Values)-1]
	var p pairing
	for i, name := range d.Models {
		if v := last[i] - first[i]; !math.IsNaN(v) {
			p.names, p.unit, p.values = append(p.names, name), append(p.unit, f.unitOf(i)), append(p.values, v)
		}
	}
	d.Change = p.sum(f.level, f.options.Seed)
	one := []Changes{d.Change} // the only test of a change here: there is nothing to adjust it over
	f.adjust(one, []int{0})
	d.Change = one[0]
	for k := range d.Levels {
		f.describeLevel(&d.Levels[k], d.Values[k])
	}
	e.Data = d
	e.Tables = []Table{d.table(), d.modelTable()}
	f.severityClaims(&e, d)
	return e, nil
}

// severityClaims states how severity changes the AUROC against new classes, and what
// that AUROC is correlated with at the easiest, the middle and the hardest level.
func (f *Folder) severityClaims(e *Experiment, d *Severity) {
	last := len(d.Levels) - 1
	if c := d.Change; last > 0 && len(c.Values) > 0 {
		basis := Basis{Tests: []Test{{Method: WilcoxonTest, Raw: c.Wilcoxon.P, P: c.P, Level: f.level, Units: c.Units}}}
		if in, over := c.Widest(); in.Defined() {
			basis.Intervals = []Interval{{Method: MedianOfChanges, Level: f.level, Over: over}}
		}
		e.find(Finding{Claim: SeverityChanges{d.Levels[0].Median, d.Levels[last].Median, len(d.Levels), c}, Basis: basis,
			N: len(c.Values), Of: Models, Headline: true})
	}
	for _, k := range slices.Compact([]int{0, len(d.Levels) / 2, last}) {
		if l := d.Levels[k]; l.Accuracy.Defined() && l.AUROC.Defined() {
			basis := l.Accuracy.basis(f.level)
			basis.Tests = append(basis.Tests, l.AUROC.test())
			e.find(Finding{Claim: LevelCorrelated{l.Level, l.Accuracy, l.AUROC}, N: l.Accuracy.N, Of: Models, Basis: basis})
		}
	}
}

func (f *Folder) describeLevel(l *SeverityLevel, values []float64) {
	c := &column{ID: "ood-auroc[" + l.Name + "]", Values: values}
	var p pairing
	for i, v := range values {
		if !math.IsNaN(v) {
			p.values, p.unit = append(p.values, v), append(p.unit, f.unitOf(i))
		}
	}
	x := p.sum(f.level, f.options.Seed)
	l.N, l.Median, l.Quartiles, l.In = len(p.values), x.Median, x.Quartiles, x.Models
	l.Accuracy, l.AUROC = noCorrelation, noCorrelation
	if a := f.column("accuracy"); a != nil {
		l.Accuracy, _ = f.correlate(a, c, f.every(), "all")
	}
	if a := f.column("auroc"); a != nil {
		l.AUROC, _ = f.correlate(a, c, f.every(), "all")
	}
}

func (d *Severity) table() Table {
	t := Table{Name: "severity", Columns: []string{"level", "condition", "n", "median", "median_lo", "median_hi", "quartile_1", "quartile_3",
		"spearman_accuracy", "spearman_accuracy_lo", "spearman_accuracy_hi", "pearson_accuracy", "spearman_auroc", "spearman_auroc_lo", "spearman_auroc_hi"}}
	for _, l := range d.Levels {
		a, r := l.Accuracy, l.AUROC
		t.add(l.Level, l.Name, l.N, l.Median, l.In.Lo, l.In.Hi, l.Quartiles[0], l.Quartiles[1],
			a.Spearman, a.SpearmanIn.Lo, a.SpearmanIn.Hi, a.Pearson, r.Spearman, r.SpearmanIn.Lo, r.SpearmanIn.Hi)
	}
	return t
}

func (d *Severity) modelTable() Table {
	t := Table{Name: "severity-models", Columns: []string{"model", "regime"}}
	for _, l := range d.Levels {
		t.Columns = append(t.Columns, fmt.Sprintf("s%d", l.Level))
	}
	for i, m := range d.Models {
		cells := []any{m, d.Regimes[i]}
		known := false
		for k := range d.Levels {
			cells = append(cells, d.Values[k][i])
			known = known || !math.IsNaN(d.Values[k][i])
		}
		if known {
			t.Rows = append(t.Rows, cells)
		}
	}
	return t
}

func (f *Folder) newSeverity() *Severity {
	d := &Severity{}
	for _, s := range f.models {
		d.Models, d.Regimes = append(d.Models, s.row.Model), append(d.Regimes, s.meta.Get("regime"))
	}
	return d
}

// leveled is a condition's name that ends in a level: "c-ood-s05", "gaussian-blur-3",
// "pgd-eps12".
var leveled = regexp.MustCompile(`^(.+)-([a-z]*)(\d+)$`)

// kindOf splits a condition into its kind and its level; level is -1 without one.
func kindOf(condition string) (kind string, level int) {
	m := leveled.FindStringSubmatch(condition)
	if m == nil {
		return condition, -1
	}
	level, err := strconv.Atoi(m[3])
	if err != nil {
		return condition, -1
	}
	return m[1], level
}

// publishedLevels are the columns of telling new classes whose conditions are
// levels of one kind; nil if there are none.
func (f *Folder) publishedLevels() *Severity {
	d := f.newSeverity()
	first := ""
	for _, s := range f.conditions() {
		c := f.column("ood-auroc[" + s.Condition + "]")
		kind, level := kindOf(s.Condition)
		if c == nil || level < 0 || first != "" && kind != first {
			continue
		}
		first = kind
		d.Levels, d.Values = append(d.Levels, SeverityLevel{Level: level, Name: s.Condition}), append(d.Values, c.Values)
	}
	if len(d.Levels) == 0 {
		return nil
	}
	order := make([]int, len(d.Levels))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(d.Levels[a].Level, d.Levels[b].Level) })
	sorted := f.newSeverity()
	for _, k := range order {
		sorted.Levels, sorted.Values = append(sorted.Levels, d.Levels[k]), append(sorted.Values, d.Values[k])
	}
	return sorted
}

// computedLevels ranks the classes of a stored out-of-distribution table.
func (f *Folder) computedLevels(ctx context.Context, e *Experiment) (*Severity, error) {
	if !f.stored {
		e.missing(NoLevels{})
		return nil, nil
	}
	in, attribute, levels := f.outsideTable()
	if attribute == "" {
		e.missing(NoOutsideClasses{})
		return nil, nil
	}
	window, groups, count := severityShape(levels, f.classes)
	d := f.newSeverity()
	d.Computed = true
	for k := range count {
		d.Levels = append(d.Levels, SeverityLevel{Level: k, Name: fmt.Sprintf("%s level %d", in.Condition, k)})
		d.Values = append(d.Values, undefined(len(f.models)))
	}
	err := f.eachModel(ctx, func(i int) error {
		values, err := f.modelLevels(i, in, attribute, window, groups, count)
		for k, v := range values {
			d.Values[k][i] = v
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	e.note(SeverityWindows{Classes: levels, Column: attribute, Windows: groups, Window: window, Levels: count})
	if count < severityLevels {
		e.missing(FewerLevels{Wanted: severityLevels, Levels: count, Classes: levels})
	}
	return d, nil
}

// severityShape gives the number of outside classes in a window, the number of windows,
// and the number of levels, which are windows at equal distances. In the framework a
// window has as many classes as the model knows. If that leaves fewer than eleven
// windows, windows get smaller, down to one class; then there are fewer levels.
func severityShape(outside, known int) (window, groups, levels int) {
	window = max(1, min(known, outside-severityLevels+1))
	groups = outside - window + 1
	return window, groups, min(severityLevels, groups)
}

// windowStart is the first class of a level's window.
func windowStart(level, levels, groups int) int {
	if level == levels-1 {
		return groups - 1
	}
	return level * groups / (levels - 1)
}

// classColumns are the columns that may name the class of a sample out of
// distribution, in order of preference.
var classColumns = []string{"ood_class", "ood-class", "class", "source"}

// outsideTable finds the setting and the column of classes out of distribution.
func (f *Folder) outsideTable() (in setting, attribute string, levels int) {
	candidates := classColumns
	if f.options.OODClass != "" {
		candidates = []string{f.options.OODClass}
	}
	for _, s := range f.conditions() {
		if f.column("ood-auroc["+s.Condition+"]") == nil {
			continue
		}
		for _, m := range f.models {
			row := f.under(m, s)
			if row == nil {
				continue
			}
			o, err := f.results.Outcomes(row.Key)
			if err != nil {
				break
			}
			for _, name := range candidates {
				if g := o.Group(name); g != nil && len(g.Levels) > 1 {
					return s, name, len(g.Levels)
				}
			}
			break
		}
	}
	return in, "", 0
}

// modelLevels are the AUROCs of one model by level; nil if it has no such table.
func (f *Folder) modelLevels(i int, in setting, attribute string, window, groups, levels int) ([]float64, error) {
	row := f.under(f.models[i], in)
	if row == nil {
		return nil, nil
	}
	known, err := f.ranked(f.models[i].row.Key)
	if err != nil {
		return nil, err
	}
	o, err := f.results.Outcomes(row.Key)
	if err != nil {
		return nil, err
	}
	c, g := o.Confidence(row.Confidence), o.Group(attribute)
	if c == nil || g == nil {
		return nil, nil
	}
	classes := splitClasses(g, c, f.options.Seed)
	if len(classes) < window+groups-1 {
		return nil, nil
	}
	inside := make([]float64, len(known.Order)) // sorted
	for k, at := range known.Order {
		inside[len(inside)-1-k] = known.Confidence.Order()[at]
	}
	values := make([]float64, levels)
	for k := range values {
		start := windowStart(k, levels, groups)
		var outside []float64
		for _, class := range classes[start : start+window] {
			outside = append(outside, class.test...)
		}
		values[k] = separation(inside, outside)
	}
	return values, nil
}

// outsideClass is one class out of distribution of one model.
type outsideClass struct {
	severity float64   // mean confidence of the estimation samples
	test     []float64 // ordering confidences of the others
}

// splitClasses splits the samples of each class, 75 % for estimating its
// severity and 25 % for the test, and sorts classes by severity. The split
// depends on the seed and the class only, so that all models share it. Classes are
// shuffled before they are sorted, so that ties are not in the order of their names.
func splitClasses(g *metrics.Group, c *metrics.Confidence, seed uint64) []outsideClass {
	members := make([][]int, len(g.Levels))
	for row, code := range g.Code {
		if code >= 0 {
			members[code] = append(members[code], row)
		}
	}
	var classes []outsideClass
	for k, rows := range members {
		random := rand.New(rand.NewPCG(seed, uint64(k)))
		random.Shuffle(len(rows), func(a, b int) { rows[a], rows[b] = rows[b], rows[a] })
		cut := len(rows) * 3 / 4
		if cut == 0 {
			continue
		}
		var x outsideClass
		for _, row := range rows[:cut] {
			x.severity += c.Value[row] / float64(cut)
		}
		for _, row := range rows[cut:] {
			x.test = append(x.test, c.Order()[row])
		}
		classes = append(classes, x)
	}
	random := rand.New(rand.NewPCG(seed, math.MaxUint64))
	random.Shuffle(len(classes), func(a, b int) { classes[a], classes[b] = classes[b], classes[a] })
	slices.SortStableFunc(classes, func(a, b outsideClass) int { return cmp.Compare(a.severity, b.severity) })
	return classes
}

// separation is the AUROC of inside against outside; ties count one half. inside must be
// sorted.
func separation(inside, outside []float64) float64 {
	twice := 0
	for _, v := range outside {
		below := sort.SearchFloat64s(inside, v)
		upto := sort.Search(len(inside), func(i int) bool { return inside[i] > v })
		twice += (len(inside) - below) + (len(inside) - upto)
	}
	return float64(twice) / float64(2*len(inside)*len(outside))
}
