package harness

import (
	"runtime"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/conform"
	"abstain/harness/posthoc/hedge"
	"abstain/metrics"
)

// Config says what to evaluate, and into which folder.
type Config struct {
	Corpora     []*datasets.Corpus // none: evaluate the tables whose outcomes Out keeps
	Out         string
	Metrics     []metrics.Measure // none means metrics.MeasuresIn(metrics.InDefault); those that Out has stay behind them
	Confidences []string          // none means DefaultConfidences and those that Out has
	Groups      []string          // attributes by which every metric is computed too; none without Corpora means those that Out has
	Intervals   evaluate.Intervals
	Transforms  posthoc.Transforms
	Credal      *hedge.Asked   // which model lends its calibration to which; nil for none
	Sets        *conform.Asked // which prediction sets are made; nil for none
	TrustTimes  bool           // a table with the size and time of modification that it had has the same content
	Workers     int            // 0 means one per CPU
	Version     string
	Progress    Progress // may be nil
}

// DefaultConfidences are evaluated when the user names none.
var DefaultConfidences = []string{"msp", evaluate.AllScores}

// Progress is told what a run does. Its methods are never called at the same
// time. Start is called again when the tables are done and transforms are to be
// evaluated: tables then counts both stages, bytes only the second.
type Progress interface {
	Start(tables int, bytes int64)
	Table(Event)
}

// Event reports that the evaluation of one table has ended.
type Event struct {
	Table  datasets.Table
	Cached bool  // everything wanted was in the journal already
	Err    error // nil if the table was evaluated
}

// complete fills in defaults and refuses settings that are wrong.
func (c Config) complete() (Config, *evaluate.Wanted, error) {
	measures, err := evaluate.Measures(c.Metrics)
	if err != nil {
		return c, nil, err
	}
	if len(c.Confidences) == 0 {
		c.Confidences = DefaultConfidences
	}
	if err := evaluate.CheckConfidences(c.Confidences); err != nil {
		return c, nil, err
	}
	c.Workers, c.Progress = workers(c.Workers), heard(c.Progress)
	if c.Sets != nil {
		measures = withSets(measures)
	}
	return c, &evaluate.Wanted{Measures: measures, Confidences: c.Confidences, Groups: c.Groups, Intervals: c.Intervals}, c.Intervals.Check()
}

// withSets adds the metrics of prediction sets.
func withSets(measures []metrics.Measure) []metrics.Measure {
	measures = slices.Clone(measures)
	for _, m := range metrics.Metrics() {
		measure := metrics.Measure{Metric: m}
		if m.Needs&metrics.NeedsSets != 0 && !slices.ContainsFunc(measures, measure.Same) {
			measures = append(measures, measure)
		}
	}
	return measures
}

// workers is the number of workers to use: as many as asked for, or one per CPU.
func workers(asked int) int {
	if asked <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return asked
}

// silent is a Progress that ignores everything.
type silent struct{}

func (silent) Start(int, int64) {}
func (silent) Table(Event)      {}

// heard returns p, or a silent Progress if p is nil.
func heard(p Progress) Progress {
	if p == nil {
		return silent{}
	}
	return p
}
