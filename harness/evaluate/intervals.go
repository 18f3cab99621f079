package evaluate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abstain/metrics/resample"
)

// Intervals says how sure the numbers of a run are to be stated. The zero value
// is no intervals at all.
type Intervals struct {
	Level float64 `json:"level"` // of confidence, e.g. 0.95; 0 for no intervals
	// Method is one of IntervalMethods; "" is ByInfluence.
	Method string `json:"method,omitempty"`
	// Replicates are bootstrap replicates, shared by all models, for the metrics
	// that have no closed form, or for all with another method than ByInfluence. 0
	// leaves operating points with exact bounds and the others without an interval.
	Replicates int    `json:"replicates"`
	Seed       uint64 `json:"seed"`
	// Every also evaluates on the replicates what has to be evaluated anew on each,
	// such as kernel estimates: that takes hundreds of times as long.
	Every bool `json:"every,omitempty"`
	// Cluster is the attribute whose groups of samples depend on each other, such
	// as the images of a patient: they are drawn together.
	Cluster string `json:"cluster,omitempty"`
	// Stratify is the attribute whose groups have the size they have by design:
	// samples are drawn inside each.
	Stratify string `json:"stratify,omitempty"`
}

// Ways to an interval.
const (
	ByInfluence = "influence" // closed forms where simulations show that they hold their level
	ByBootstrap = "bootstrap" // percentiles of replicates throughout
	ByBCa       = "bca"       // bias-corrected and accelerated percentiles throughout
)

// IntervalMethods are the values of Intervals.Method.
var IntervalMethods = []string{ByInfluence, ByBootstrap, ByBCa}

// Defaults unless others are asked for.
const (
	DefaultLevel      = 0.95
	DefaultReplicates = 1000
	DefaultSeed       = 1
)

// Check refuses what cannot be.
func (i Intervals) Check() error {
	switch {
	case i.Level < 0 || i.Level >= 1 || i.Replicates < 0 || i.Replicates == 1:
		return fmt.Errorf("intervals of level %v with %d replicates: want a level between 0 and 1, and 0 or at least 2 replicates", i.Level, i.Replicates)
	case i.Method != "" && !slices.Contains(IntervalMethods, i.Method):
		return fmt.Errorf("intervals by %q: want one of %s", i.Method, strings.Join(IntervalMethods, ", "))
	case i.Level > 0 && i.Replicates == 0 && i.method() != resample.Standard:
		return fmt.Errorf("intervals by %s need replicates", i.Method)
	case i.Cluster != "" && i.Stratify != "":
		return fmt.Errorf("samples are drawn in clusters of %q or in strata of %q, not both", i.Cluster, i.Stratify)
	}
	return nil
}

func (i Intervals) method() resample.Method {
	switch i.Method {
	case ByBootstrap:
		return resample.ByPercentile
	case ByBCa:
		return resample.ByBCa
	}
	return resample.Standard
}

// Drawn names what decides the replicates besides the samples.
func (i Intervals) Drawn() string {
	return fmt.Sprintf("%dx%d%s", i.Replicates, i.Seed, i.Sampling())
}

// Sampling is the part of Drawn that also decides closed forms: the clusters or
// strata in which samples are drawn, "" if each is drawn by itself.
func (i Intervals) Sampling() string {
	switch {
	case i.Cluster != "":
		return ",cluster=" + i.Cluster
	case i.Stratify != "":
		return ",stratify=" + i.Stratify
	}
	return ""
}

// form is how an interval came about, as far as a later run has to know in order
// to keep it.
type form uint8

const (
	closedForm  form = iota // or no interval at all, whatever the replicates
	resampled               // from replicates, or for want of them from exact bounds
	unresampled             // none: too expensive without Every
)

// By is the attribute by which samples are drawn; "" if there is none.
func (i Intervals) By() string { return cmp.Or(i.Cluster, i.Stratify) }

// key is the part of a cell's key that intervals of the form decide.
func (i Intervals) key(f form) string {
	if i.Level == 0 {
		return ""
	}
	k := fmt.Sprintf("|%v/%d", i.Level, resample.Version)
	if i.method() != resample.Standard {
		k += "," + i.Method
	}
	switch {
	case f == closedForm:
		return k + i.Sampling()
	case f == unresampled:
		return k + ",unresampled"
	case i.Replicates == 0:
		return k + ",exact" + i.Sampling()
	}
	return k + "," + i.Drawn()
}

// forms are those in which an estimate serves.
func (i Intervals) forms() []form {
	switch {
	case i.Level == 0:
		return []form{closedForm}
	case i.Replicates > 0 && !i.Every:
		return []form{closedForm, resampled, unresampled}
	}
	return []form{closedForm, resampled}
}

// String says in words how the intervals are made: the line below a table.
func (i Intervals) String() string {
	if i.Level == 0 {
		return "no intervals"
	}
	text := fmt.Sprintf("%g %% intervals: ", 100*i.Level)
	closed := "Wilson (shares), influence values (means and areas; moderated t for AUROC; gamma limits for areas of few errors), " +
		"bounds of thresholds (SAC, coverage at risk, FPR), "
	points := "exact binomial bounds (other operating points)"
	if i.Sampling() != "" { // those two know of no clusters
		closed, points = "influence values (shares, means and areas), ", "none (operating points)"
	}
	boot := fmt.Sprintf("%d bootstrap replicates shared by all models, seed %d", i.Replicates, i.Seed)
	switch {
	case i.method() == resample.ByPercentile:
		text += "percentiles of " + boot
	case i.method() == resample.ByBCa:
		text += "BCa from " + boot
	case i.Replicates > 0:
		text += closed + "for the rest percentiles of " + boot
	default:
		text += closed + points
	}
	if what := i.By(); what != "" {
		text += map[bool]string{true: "; clusters of ", false: "; strata of "}[i.Cluster != ""] + what
	}
	return text
}
