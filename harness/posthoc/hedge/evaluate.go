package hedge

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/gather"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/calibration"
	"abstain/metrics/credal"
	"abstain/metrics/resample"
	"abstain/metrics/sets"
	"abstain/metrics/stattest"
)

// evaluate computes the records of an edge's judged tables.
func (s *Stage) evaluate(ctx context.Context, p pair) (map[int]Done, []string, error) {
	temperature, err := p.cloud.temperature(ctx)
	if err != nil {
		return nil, nil, err
	}
	scores, err := s.scores(ctx, p, temperature)
	if err != nil {
		return nil, nil, err
	}
	own, err := s.ownTemperature(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	done, notes := map[int]Done{}, []string{}
	for _, place := range p.judged {
		j := &judging{stage: s, pair: p, place: place, temperature: temperature, own: own, scores: scores}
		d, err := j.run(ctx)
		if err != nil {
			return done, notes, fmt.Errorf("%s: credal sets: %w", s.Tables[place].Name, err)
		}
		done[place] = d
		notes = append(notes, j.notes...)
	}
	return done, notes, nil
}

// scores are the divergences of the cloud from the edge on the rows that give the threshold, by
// divergence.
func (s *Stage) scores(ctx context.Context, p pair, temperature float64) ([][]float64, error) {
	c, err := p.cloud.vectors(ctx, p.cloudFit)
	if err != nil {
		return nil, err
	}
	e, err := s.read(ctx, p.fit)
	if err != nil {
		return nil, err
	}
	if e.N() != c.N() {
		return nil, fmt.Errorf("credal: %s and %s have other rows than when they were first read", s.Tables[p.fit].Name, s.Tables[p.cloudFit].Name)
	}
	_, fit := p.cloud.shares(c.N())
	return scoresOf(s.Asked.divergences(), c, e, fit, temperature), nil
}

// scoresOf are the divergences of the cloud, at its temperature, from the edge, of the samples
// given, by divergence.
func scoresOf(divergences []credal.Divergence, cloud, edge *vectors, samples []int32, temperature float64) [][]float64 {
	w := newWork(cloud.classes)
	scores := make([][]float64, len(divergences))
	for _, i := range samples {
		w.centre(w.cloud, cloud.f32, cloud.f64, int(i), cloud.logits, temperature, 0)
		w.centre(w.edge, edge.f32, edge.f64, int(i), edge.logits, 1, floor)
		for k, d := range divergences {
			scores[k] = append(scores[k], d.Between(w.cloud, w.edge))
		}
	}
	return scores
}

// ownTemperature is that of the edge by labels, to compare with; NaN if it has none.
func (s *Stage) ownTemperature(ctx context.Context, p pair) (float64, error) {
	if p.temper < 0 {
		return math.NaN(), nil
	}
	v, err := s.read(ctx, p.temper)
	if err != nil || v.Label == nil {
		return math.NaN(), err
	}
	temper, _ := p.cloud.shares(v.N())
	t, err := v.temperature(temper, "nll")
	if err != nil || !(t > 0) || math.IsInf(t, 1) {
		return math.NaN(), nil
	}
	return t, nil
}

// scoreNames are the confidence functions that a set gives: how little it leaves open.
var scoreNames = [...]string{"credal-width", "credal-lower-entropy", "credal-upper-entropy", "credal-certain"}

// judging makes the records of one table.
type judging struct {
	stage            *Stage
	pair             pair
	place            int
	temperature, own float64
	scores           [][]float64 // by divergence
	notes            []string

	base    *store.Outcomes
	over    *vectors            // the cloud's table over the same samples; nil if there is none
	d       []credal.Divergence // the first one makes the predictions that are kept
	at      []*atEps
	beside  map[string]*claims // the edge as it is, at its own temperature, at the cloud's
	streams map[string]*metrics.Collector
	score   [len(scoreNames)][]float64 // by row of the table
	volume  float64
	seen    int
	lower   bool     // whether lower entropies are found
	choices *choices // nil unless they are asked for
}

// atEps is the set at one eps, and what is counted of it.
type atEps struct {
	set                            *credal.Set
	divergence                     int // its place
	eps                            float64
	covered, certain               int
	width                          float64
	lower, upper                   float64
	intersection, average, entropy claims
}

// claims are confidences by row of the table, to be compared with what was right.
type claims struct {
	confidence []float64
	nll        []float64
	class      []int32
}

// add adds a row by its class and the logarithms of that one's and the label's probability.
func (c *claims) add(class int, top, truth float64) {
	c.confidence, c.class = append(c.confidence, math.Exp(top)), append(c.class, int32(class))
	c.nll = append(c.nll, math.Min(-truth, -logFloor))
}

// addProbs adds a row of probabilities.
func (c *claims) addProbs(q []float64, class int, label int32) {
	truth := math.NaN()
	if label >= 0 {
		truth = math.Log(q[label])
	}
	c.confidence, c.class = append(c.confidence, q[class]), append(c.class, int32(class))
	c.nll = append(c.nll, math.Min(-truth, -logFloor))
}

func (j *judging) run(ctx context.Context) (Done, error) {
	s, t := j.stage, j.stage.Tables[j.place]
	var err error
	if j.base, err = s.outcomes(ctx, t); err != nil {
		return Done{}, err
	}
	if at := s.cloudOf(j.pair, j.place); at >= 0 {
		if j.over, err = j.pair.cloud.vectors(ctx, at); err != nil {
			return Done{}, err
		}
	}
	j.d, j.beside = s.Asked.divergences(), map[string]*claims{"edge": {}, "own": {}, "cloud": {}}
	for k, d := range j.d {
		for _, eps := range s.Asked.Eps {
			set, err := credal.NewSet(d, credal.Threshold(j.scores[k], eps))
			if err != nil {
				return Done{}, err
			}
			j.at = append(j.at, &atEps{set: set, divergence: k, eps: eps})
		}
	}
	if err := j.read(ctx, t); err != nil {
		return Done{}, err
	}
	return j.keep(t)
}

// read passes over the table once.
func (j *judging) read(ctx context.Context, t apply.Table) error {
	sample := sampleOf(j.base)
	logits := false
	j.lower = j.asksLower(t.Record.Classes)
	if j.stage.asksSets() {
		j.choices = new(choices)
	}
	spec := metrics.Spec{Kind: metrics.FromProbs, Classes: t.Record.Classes, Column: "probs", Rows: j.base.N(),
		Functions: j.functions(t), KeepVectors: j.stage.Wanted.Vectors()}
	begin := func(schema datasets.Schema) {
		logits = gather.Kinds[schema.Kind] == metrics.FromLogits
		j.streams = map[string]*metrics.Collector{}
		for _, name := range Predictions {
			if name != Average || averaged(t.Record) {
				j.streams[name] = metrics.NewCollector(spec)
			}
		}
	}
	w := newWork(t.Record.Classes)
	return gather.Again(ctx, t.Table, j.base.N(), begin, func(b *datasets.Batch) error {
		for i := range b.N {
			label := int32(-1)
			if b.Label != nil {
				label = b.Label[i]
			}
			if err := j.row(w, b, i, int(sample[b.First+i]), label, logits); err != nil {
				return err
			}
		}
		return nil
	})
}

// functions are the confidence functions of the records: those wanted that probabilities have.
func (j *judging) functions(t apply.Table) []string {
	asked := append(j.stage.Wanted.Functions(nil), "msp")
	return slices.DeleteFunc([]string{"msp", "margin", "entropy", "gini"}, func(name string) bool { return !slices.Contains(asked, name) })
}

// work is memory for one row.
type work struct {
	edge, cloud                         *credal.Centre
	raw, z, q, lower, upper, most, mean []float64
}

func newWork(classes int) *work {
	vector := func() []float64 { return make([]float64, classes) }
	return &work{credal.NewCentre(classes), credal.NewCentre(classes), vector(), vector(), vector(), vector(), vector(), vector(), vector()}
}

// centre makes the distribution of a row at a temperature a centre. z is then its logits, or
// the logarithms of its probabilities.
func (w *work) centre(c *credal.Centre, f32 []float32, f64 []float64, i int, logits bool, temperature, floor float64) (of float64) {
	if !logits && temperature == 1 {
		row(w.raw, f32, f64, i, true)
		c.Distribution(w.raw, floor)
		return math.NaN()
	}
	row(w.z, f32, f64, i, logits)
	return c.Softmax(w.z, temperature, floor)
}

// samples are those by which the mean member of a set is found.
const samples = 2000

// row evaluates one row under every eps; the first makes the predictions that are kept.
func (j *judging) row(w *work, b *datasets.Batch, i, sample int, label int32, logits bool) error {
	if j.over != nil {
		w.centre(w.cloud, j.over.f32, j.over.f64, sample, j.over.logits, j.temperature, 0)
	}
	of := w.centre(w.edge, b.F32, b.F64, i, logits, 1, floor)
	j.asItIs(w, of, label, logits)
	j.seen++
	score := math.NaN()
	for k, at := range j.at {
		if d := at.divergence; j.over != nil && (k == 0 || d != j.at[k-1].divergence) {
			score = j.d[d].Between(w.cloud, w.edge)
		}
		_, width := at.set.IntersectionAround(w.q, w.lower, w.upper, w.edge)
		if score <= at.set.T && !at.set.Empty(w.edge.P) {
			at.covered++
		}
		at.width += width
		certain := at.set.CertainAround(w.edge)
		if certain {
			at.certain++
		}
		j.claim(&at.intersection, w.q, w.edge, label, j.d[at.divergence])
		if k > 0 {
			continue
		}
		if err := j.first(w, at, sample, label, width, certain); err != nil {
			return err
		}
	}
	return nil
}

// asItIs adds the edge's own claims on a row: as it is, at a temperature of its own, at the
// cloud's. of is the logarithm of the sum of its exponentials.
func (j *judging) asItIs(w *work, of float64, label int32, logits bool) {
	top := w.edge.First()
	if !logits {
		j.beside["edge"].addProbs(w.raw, top, label)
		for c, v := range w.raw { // logarithms only now that they are needed
			w.z[c] = math.Log(max(v, floor))
		}
	}
	lead := math.NaN() // of the largest logit over that of the label
	if label >= 0 {
		lead = w.z[top] - w.z[label]
	}
	if logits {
		j.beside["edge"].add(top, -of, -of-lead)
	}
	for _, at := range [2]struct {
		name string
		t    float64
	}{{"own", j.own}, {"cloud", j.temperature}} {
		if !math.IsNaN(at.t) {
			of := credal.LogSum(w.q, w.z, at.t)
			j.beside[at.name].add(top, -of, -of-lead/at.t)
		}
	}
}

// claim adds a prediction. For f-divergences it keeps the edge's class; of others, ties go by
// the edge.
func (j *judging) claim(c *claims, q []float64, edge *credal.Centre, label int32, d credal.Divergence) {
	class := edge.First()
	if !d.F() {
		class, _ = credal.Argmax(q, edge.P)
	}
	c.addProbs(q, class, label)
}

// first adds a row to the predictions that are kept; those of the intersection are in w.q.
func (j *judging) first(w *work, at *atEps, sample int, label int32, width float64, certain bool) error {
	j.choose(w, at, label)
	upper, lower := at.set.MaxEntropyAround(w.most, w.edge), math.NaN()
	j.claim(&at.entropy, w.most, w.edge, label, j.d[0])
	if j.lower {
		lower = at.set.LowerEntropyAround(w.edge)
	}
	at.lower, at.upper = at.lower+lower, at.upper+upper
	sure := 0.0
	if certain {
		sure = 1
	}
	for k, v := range [len(scoreNames)]float64{-width, -lower, -upper, sure} {
		j.score[k] = append(j.score[k], v)
	}
	add := func(name string, q []float64) error {
		return j.streams[name].Add(metrics.Rows{F64: q, Label: []int32{label}})
	}
	if j.streams[Average] != nil {
		j.volume += at.set.Average(w.mean, w.edge.P, samples, uint64(sample))
		if j.d[0].F() {
			ordered(w.mean, w.edge.P)
		}
		j.claim(&at.average, w.mean, w.edge, label, j.d[0])
		if err := add(Average, w.mean); err != nil {
			return err
		}
	}
	if err := add(Intersection, w.q); err != nil {
		return err
	}
	return add(Entropy, w.most)
}

// lowers reports whether the lower entropy can be found: where it has a closed form, or where
// there are few classes to descend among.
func (j *judging) lowers(classes int) bool {
	k := j.d[0].Kind
	return k == credal.KL || k == credal.TV || k == credal.Inner || classes <= mostAveraged
}

// asksLower reports whether it is found: with many classes it costs too much to be looked for
// where no confidence function is asked that is made of it.
func (j *judging) asksLower(classes int) bool {
	return j.lowers(classes) && (classes <= mostAveraged || slices.ContainsFunc(j.stage.Wanted.Functions(nil), func(name string) bool {
		return name == evaluate.AllScores || name == "score:credal-lower-entropy"
	}))
}

// ordered puts the values of q in the order of p, which the mean member of a set around p has
// for every f-divergence: samples of it need not have it.
func ordered(q, p []float64) {
	places := make([]int, len(p))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	values := slices.Clone(q)
	slices.SortFunc(values, func(a, b float64) int { return cmp.Compare(b, a) })
	for k, i := range places {
		q[i] = values[k]
	}
}

// keep makes the records.
func (j *judging) keep(t apply.Table) (Done, error) {
	first := j.at[0]
	design, err := j.stage.Wanted.Intervals.Design(j.base.Outcomes)
	if err != nil {
		return Done{}, err
	}
	with := others{j.judgeEdge(), j.judge(j.beside["own"]), j.judge(j.beside["cloud"])}
	var fits []store.Fit
	for _, at := range j.at {
		r := j.measured(t, at, with, design.Design)
		fits = append(fits, r.fit(j.on()))
	}
	d := Done{Computed: true}
	for _, name := range Predictions {
		if j.streams[name] == nil {
			d.Transforms = append(d.Transforms, apply.Transformed{})
			continue
		}
		own := map[string]*claims{Intersection: &first.intersection, Average: &first.average, Entropy: &first.entropy}[name]
		o := j.outcomes(t, name, own)
		r := store.NewRecord(o)
		r.Hash, r.Path, r.Size, r.ModTime = t.Record.Hash, t.Record.Path, t.Record.Size, t.Record.ModTime
		r.Key, r.Transform, r.Fits = j.stage.key(j.pair, j.place, name), name, fits
		if name != Intersection { // the other eps are of the intersection
			r.Fits = slices.Clone(fits[:1])
			_, ece, _ := own.judge(j.labels())
			r.Fits[0].After = store.Value(ece)
		}
		r.Inherit(j.stage.Store.Lookup(r.Key))
		if err := j.stage.Store.SaveOutcomes(r.Key, o, new(store.Workspace)); err != nil {
			return d, err
		}
		if err := j.stage.Wanted.Fill(j.stage.Store.Folder, t.Name, r, o, new(metrics.Ranker)); err != nil {
			return d, err
		}
		if err := j.stage.Store.Append(r); err != nil {
			return d, err
		}
		d.Transforms = append(d.Transforms, apply.Transformed{Key: r.Key, Record: r})
	}
	return d, nil
}

// on says which rows were fitted on.
func (j *judging) on() string {
	a := j.stage.Asked
	if c := j.pair.cloud; c.parted(c.rows) {
		return fmt.Sprintf("a half of %s (the other tempered the cloud)", a.Fit)
	}
	if a.Temper == a.Fit {
		return fmt.Sprintf("%s (the same rows tempered the cloud)", a.Fit)
	}
	return fmt.Sprintf("%s (the cloud tempered on %s)", a.Fit, a.Temper)
}

// outcomes are those of a prediction, in the order of the samples. Its classes are those that
// the edge's own order breaks ties for.
func (j *judging) outcomes(t apply.Table, name string, own *claims) *store.Outcomes {
	o := j.streams[name].Outcomes()
	available := []string{"msp", "margin", "entropy", "gini"}
	if name == Intersection {
		j.choices.into(o)
		for k, score := range scoreNames {
			if score == "credal-lower-entropy" && !j.lowers(o.Classes) {
				continue
			}
			available = append(available, "score:"+score)
			if score == "credal-lower-entropy" && !j.lower {
				continue // a later run that asks for it computes it
			}
			o.Confidences = append(o.Confidences, metrics.Confidence{Name: "score:" + score, Value: j.score[k]})
		}
	}
	for i, class := range own.class {
		o.Prediction[i] = class
		o.Correct[i] = o.Label != nil && o.Label[i] == class
	}
	if j.base.Row != nil {
		o = o.Take(j.base.Row)
	}
	if j.d[0].F() && j.base.LabelRank != nil { // the order of classes is the edge's
		o.LabelRank = j.base.LabelRank
	}
	o.Groups, o.ShouldAbstain = j.base.Groups, j.base.ShouldAbstain
	return &store.Outcomes{Outcomes: o, IDs: j.base.IDs, Row: j.base.Row, Available: available}
}

// measured is the row of credal.csv.
func (j *judging) measured(t apply.Table, at *atEps, with others, design *resample.Design) Row {
	nan, n, d, rows := math.NaN(), float64(j.seen), j.d[at.divergence], len(j.scores[0])
	r := Row{Edge: t.Model, Cloud: j.stage.Asked.Cloud, Dataset: t.Dataset, Split: t.Split, Condition: t.Condition,
		Divergence: d.String(), Alpha: nan, Eps: at.eps, Temperature: j.temperature, Rows: rows, Threshold: at.set.T, N: j.seen,
		Coverage: nan, CoverageLo: nan, CoverageHi: nan, LawLo: nan, LawHi: nan, Width: at.width / n, Volume: nan, Certain: float64(at.certain) / n,
		LowerEntropy: nan, UpperEntropy: nan, AccuracyCloud: nan, ECEEntropy: nan, ECEAverage: nan}
	if d.Kind == credal.Alpha || d.Kind == credal.Renyi {
		r.Alpha = d.Alpha
	}
	if j.over != nil && j.seen > 0 {
		r.Coverage = float64(at.covered) / n
		r.CoverageLo, r.CoverageHi = stattest.ClopperPearson(at.covered, j.seen, 0.95)
		law := sets.LawOf(rows, at.eps)
		r.LawLo, r.LawHi = float64(law.CountQuantile(0.025, j.seen))/n, float64(law.CountQuantile(0.975, j.seen))/n
		r.AccuracyCloud = share(j.over.Correct)
	}
	labels := j.labels()
	r.Accuracy, r.ECE, r.NLL = at.intersection.judge(labels)
	r.AccuracyEdge, r.ECEEdge, r.NLLEdge = j.beside["edge"].judge(labels)
	_, r.ECETemperature, r.NLLTemperature = j.beside["own"].judge(labels)
	_, r.ECECloudTemperature, r.NLLCloudTemperature = j.beside["cloud"].judge(labels)
	hedged := j.judge(&at.intersection)
	if hedged == nil { // a table without rows
		hedged = with.edge
	}
	r.Changes = j.changes(hedged, with, design)
	r.AUROC, r.AURC = hedged.values[3], hedged.values[4]
	r.AUROCEdge, r.AURCEdge = with.edge.values[3], with.edge.values[4]
	if len(at.entropy.class) > 0 {
		_, r.ECEEntropy, _ = at.entropy.judge(labels)
		r.LowerEntropy, r.UpperEntropy = at.lower/n, at.upper/n
	}
	if len(at.average.class) > 0 {
		_, r.ECEAverage, _ = at.average.judge(labels)
		r.Volume = j.volume / n
	}
	r.Note = j.note(r, at == j.at[0])
	return r
}

// note says what there is to know of the row, and tells the run of it at the first eps.
func (j *judging) note(r Row, first bool) string {
	var all []string
	if c := j.pair.cloud; c.approximate(c.rows) {
		all = append(all, "coverage approximate: the same rows tempered the cloud and gave the threshold")
	}
	if r.AccuracyCloud < r.AccuracyEdge {
		all = append(all, fmt.Sprintf("the cloud is right less often than the edge (%.4f, %.4f): there may be nothing to borrow", r.AccuracyCloud, r.AccuracyEdge))
	}
	if why := r.lost(); why != "" {
		all = append(all, why)
	}
	note := strings.Join(all, "; ")
	if note != "" && first {
		j.notes = append(j.notes, fmt.Sprintf("credal: %s on %s, %s, %s: %s", r.Edge, r.Dataset, r.Split, r.Condition, note))
	}
	return note
}

// labels are those of the table's rows, -1 for none.
func (j *judging) labels() []int32 {
	labels := make([]int32, j.base.N())
	for i := range labels {
		label := int32(-1)
		if j.base.Label != nil {
			label = j.base.Label[i]
		}
		labels[j.base.TableRow(i)] = label
	}
	return labels
}

func share(right []bool) float64 {
	k := 0
	for _, r := range right {
		if r {
			k++
		}
	}
	return float64(k) / float64(len(right))
}

// judge is the accuracy, the ECE over 15 bins and the mean NLL on the rows with a label; NaN
// without any.
func (c *claims) judge(label []int32) (accuracy, ece, nll float64) {
	var confidence []float64
	var correct []bool
	total := 0.0
	for i := range c.class {
		if label[i] >= 0 {
			confidence, correct = append(confidence, c.confidence[i]), append(correct, c.class[i] == label[i])
			total += c.nll[i]
		}
	}
	n := len(correct)
	if n == 0 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	return share(correct), calibration.L1.Of(calibration.WidthBins(confidence, correct, nil, 15), n), total / float64(n)
}
