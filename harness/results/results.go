package results

import (
	"cmp"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/conform"
	"abstain/harness/posthoc/hedge"
	"abstain/metrics"
)

// Key names one row of results.csv.
type Key struct {
	Model, Dataset, Split, Condition, Transform, Confidence string
}

// Row is one row of results.csv.
type Row struct {
	Key
	Status  string // "ok" or "failed"
	N       int    // samples
	Classes int    // 0 if unknown
	// Cells has one estimate per metric, in the order of Results.Measures;
	// a failed row has none.
	Cells []metrics.Estimate
}

// GroupRow is one row of groups.csv: a Row for the samples of one group.
type GroupRow struct {
	Attribute, Group string
	Row
}

// Failure is a table that could not be evaluated.
type Failure struct {
	Table     string `json:"table"`
	Model     string `json:"model"`
	Dataset   string `json:"dataset"`
	Split     string `json:"split"`
	Condition string `json:"condition"`
	Transform string `json:"transform,omitempty"` // "" if the table itself failed
	Reason    string `json:"reason"`
	Brief     string `json:"brief,omitempty"` // the reason in a few words, where it has them
	Hint      string `json:"hint,omitempty"`
}

// Results is what a run's folder holds.
type Results struct {
	Dir       string
	Measures  []metrics.Measure // the metric columns of results.csv in order, under their names
	Computed  []metrics.Measure // those of Measures that results.csv lacks, see With
	Rows      []Row
	GroupRows []GroupRow // empty unless groups were asked for
	// Disparities compare each metric between the groups of an attribute.
	Disparities []DisparityRow
	Models      []Model
	Fits        []FitRow // how the maps of transforms were fitted
	Credal      []CredalRow
	Sets        []SetRow
	Failures    []Failure
	Run         RunInfo

	// Older names what Write found rendered from other results, of Rendered, and
	// Removed what of it is gone.
	Older, Removed []string

	// Kept gives the keys under which the outcomes of tables are kept, by
	// Key.Table.
	Kept map[Key]string
}

// Column is the place of a measure among those of the folder, in whatever
// spelling; -1 if it is not there.
func (s *Results) Column(m metrics.Measure) int { return slices.IndexFunc(s.Measures, m.Same) }

// Names are the measures as results.csv heads them.
func (s *Results) Names() []string {
	names := make([]string, len(s.Measures))
	for i, m := range s.Measures {
		names[i] = m.Name()
	}
	return names
}

// Table is the part of the key that names a table under a transform.
func (k Key) Table() Key {
	k.Transform, k.Confidence = cmp.Or(k.Transform, posthoc.None), ""
	return k
}

// Model is a row of models.csv: the metadata of one model on one dataset.
type Model struct {
	Model, Dataset string
	Meta           datasets.Meta // family, regime, params, ... in the order of the columns
}

// RunInfo is the provenance kept in run.json.
type RunInfo struct {
	Version     string             `json:"version"`
	Metrics     []string           `json:"metrics"`
	Confidences []string           `json:"confidences"`
	Groups      []string           `json:"groups,omitempty"`
	Intervals   evaluate.Intervals `json:"intervals"`
	Methods     int                `json:"methods,omitempty"` // resample.Version of the intervals
	Transforms  posthoc.Transforms `json:"transforms,omitzero"`
	Credal      *hedge.Asked       `json:"credal,omitempty"`
	Sets        *conform.Asked     `json:"sets,omitempty"`
	Corpora     []CorpusInfo       `json:"corpora"`
	Counts      Counts             `json:"counts"`
	Interrupted bool               `json:"interrupted"`
	Notices     []string           `json:"notices,omitempty"`
	Seconds     float64            `json:"seconds"` // wall time of the last run
}

// Counts says how many tables were computed, cached and failed.
type Counts struct {
	Tables   int `json:"tables"`
	Computed int `json:"computed"`
	Cached   int `json:"cached"`
	Failed   int `json:"failed"`
}

// CorpusInfo says which corpus was read and what was in it.
type CorpusInfo struct {
	Name   string `json:"name"`
	Hash   string `json:"hash"` // over the paths and contents of its tables
	Tables int    `json:"tables"`
	Bytes  int64  `json:"bytes"`
}

// runFile is run.json.
type runFile struct {
	RunInfo
	Failures []Failure `json:"failures"`
}

func (i RunInfo) with(f []Failure) runFile {
	if f == nil {
		f = []Failure{}
	}
	return runFile{i, f}
}
