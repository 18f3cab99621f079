package harness

// Temporary: the names that callers used while results, intervals, measures and
// transforms still lived in this package. They go as soon as the callers name the
// packages themselves.

import (
	"context"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/gather"
	"abstain/harness/pool"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
)

type (
	Results      = results.Results
	Row          = results.Row
	GroupRow     = results.GroupRow
	DisparityRow = results.DisparityRow
	FitRow       = results.FitRow
	Key          = results.Key
	Model        = results.Model
	Failure      = results.Failure
	RunInfo      = results.RunInfo
	Counts       = results.Counts
	CorpusInfo   = results.CorpusInfo
	Intervals    = evaluate.Intervals
	Measure      = evaluate.Measure
	Transforms   = posthoc.Transforms
)

const (
	ByInfluence       = evaluate.ByInfluence
	ByBootstrap       = evaluate.ByBootstrap
	ByBCa             = evaluate.ByBCa
	AllScores         = evaluate.AllScores
	DefaultLevel      = evaluate.DefaultLevel
	DefaultReplicates = evaluate.DefaultReplicates
	DefaultSeed       = evaluate.DefaultSeed
	DefaultFitSplit   = posthoc.DefaultFitSplit
	ChanceLevel       = results.ChanceLevel
)

var (
	IntervalMethods = evaluate.IntervalMethods
	ErrNotSwept     = results.ErrNotSwept
)

func ReadResults(dir string) (*Results, error)         { return results.Read(dir) }
func Measures(ids []string) ([]Measure, error)         { return evaluate.Measures(ids) }
func Parallel(n int, do func(i int))                   { pool.Each(n, do) }
func AtChance(accuracy float64, n, classes int) string { return results.AtChance(accuracy, n, classes) }

func Attribute(o *metrics.Outcomes, name string) *metrics.Group { return evaluate.Attribute(o, name) }

func DefinedReplicates(values [][]float64) (kept [][]float64, dropped int) {
	return results.DefinedReplicates(values)
}

func Gather(ctx context.Context, t datasets.Table) (*metrics.Outcomes, error) {
	return gather.Outcomes(ctx, t)
}
