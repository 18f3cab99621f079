package conform

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/metrics/sets"
	"abstain/metrics/spelling"
)

// Asked says which sets are wanted, and on which rows they are calibrated.
type Asked struct {
	Scores []string  `json:"scores"`
	Alpha  []float64 `json:"alpha"` // the first one makes rows of results.csv
	// By says for what thresholds hold: "all" rows, each "class", each "cluster" of classes,
	// or each group of an attribute, whose name any other word is.
	By      []string `json:"by"`
	Fit     string   `json:"fit,omitempty"`     // split that calibrates; "" is posthoc.DefaultFitSplit without a holdout
	Holdout float64  `json:"holdout,omitempty"` // share of the rows of one table, drawn at random, that calibrate instead
	Seed    uint64   `json:"seed"`              // of that draw, of randomised scores and of clusters

	Random     string   `json:"random"` // of Randoms
	NeverEmpty bool     `json:"never_empty,omitempty"`
	Lambda     *float64 `json:"lambda,omitempty"` // nil for the default of the score
	Free       int      `json:"free"`
	Clusters   int      `json:"clusters,omitempty"`
}

// Kinds describe the scores, in the order of sets.ScoreName.
var Kinds = []struct{ Score, Definition, Source string }{
	{"lac", "1 - p: the smallest sets on average", "Sadinle, Lei and Wasserman 2019"},
	{"margin", "largest other p less p", "Johansson et al. 2017"},
	{"aps", "the probability placed above, and p: sets that adapt to the row", "Romano, Sesia and Candès 2020"},
	{"raps", "that, and lambda for each place after the first free ones", "Angelopoulos et al. 2021"},
	{"saps", "the largest p, and lambda for each further place", "Huang et al. 2024"},
	{"topk", "the place: sets of one size", "Angelopoulos et al. 2021"},
}

// Scores lists the usual scores by name.
func Scores() []string {
	var names []string
	for _, k := range Kinds {
		names = append(names, k.Score)
	}
	return names
}

// Randoms are the values of random: deterministic scores, randomised ones, and randomised
// ones whose first class is whole, so that chance empties no set of it.
var Randoms = []string{"no", "yes", "but-first"}

// DefaultScores are those of a request that names none.
var DefaultScores = []string{"lac", "aps", "raps"}

// The ways to thresholds that are no attribute.
const (
	byAll     = "all"
	byClass   = "class"
	byCluster = "cluster"
)

// The usual parameters of the scores that have one.
const (
	lambdaRAPS = 0.01
	lambdaSAPS = 0.2
	freePlaces = 5
)

// keys are what Parse reads besides scores.
var keys = []string{"alpha", "by", "fit", "holdout", "seed", "random", "never-empty", "lambda", "free", "clusters"}

// Parse reads names of scores and key=value, parted by commas: "lac,aps,alpha=0.1,by=all:class".
// Several values of alpha or by are parted by colons.
func Parse(text string) (*Asked, error) {
	a := &Asked{Alpha: []float64{0.1}, By: []string{byAll}, Seed: 1, Random: "no", Free: freePlaces}
	given := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			if err := a.addScore(key); err != nil {
				return nil, err
			}
			continue
		}
		if given[key] {
			return nil, fmt.Errorf("sets: %s is given twice", key)
		}
		given[key] = true
		if err := a.set(key, value); err != nil {
			return nil, err
		}
	}
	return a, a.complete()
}

func (a *Asked) addScore(name string) error {
	switch {
	case !slices.Contains(Scores(), name):
		return fmt.Errorf("sets: unknown score %q; there are %s%s", name, strings.Join(Scores(), ", "), spelling.Meant(name, Scores()))
	case slices.Contains(a.Scores, name):
		return fmt.Errorf("sets: score %s is asked twice", name)
	}
	a.Scores = append(a.Scores, name)
	return nil
}

func (a *Asked) set(key, value string) (err error) {
	switch key {
	case "alpha":
		a.Alpha = nil
		for part := range strings.SplitSeq(value, ":") {
			v, err := strconv.ParseFloat(part, 64)
			if err != nil || !(v > 0 && v < 1) {
				return fmt.Errorf("sets: alpha %q: want the share of rows whose set may miss the label, between 0 and 1", part)
			}
			if slices.Contains(a.Alpha, v) {
				return fmt.Errorf("sets: alpha %v is asked twice", v)
			}
			a.Alpha = append(a.Alpha, v)
		}
	case "by":
		a.By = strings.Split(value, ":")
	case "fit":
		a.Fit = value
	case "holdout":
		if a.Holdout, err = strconv.ParseFloat(value, 64); err != nil || !(a.Holdout > 0 && a.Holdout < 1) {
			return fmt.Errorf("sets: holdout %q: want a share of the rows between 0 and 1, such as 0.5", value)
		}
	case "seed":
		if a.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("sets: seed %q: want a whole number", value)
		}
	case "random":
		if a.Random = value; !slices.Contains(Randoms, value) {
			return fmt.Errorf("sets: random=%s: want one of %s", value, strings.Join(Randoms, ", "))
		}
	case "never-empty":
		if a.NeverEmpty = value == "yes"; value != "yes" && value != "no" {
			return fmt.Errorf("sets: never-empty=%s: want yes or no", value)
		}
	case "lambda":
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || !(v >= 0) || math.IsInf(v, 1) {
			return fmt.Errorf("sets: lambda %q: want what a further place costs, at least 0", value)
		}
		a.Lambda = &v
	case "free", "clusters":
		v, err := strconv.Atoi(value)
		if err != nil || v < 0 || v > 1e6 || key == "clusters" && v == 0 {
			return fmt.Errorf("sets: %s %q: want a whole number", key, value)
		}
		*map[string]*int{"free": &a.Free, "clusters": &a.Clusters}[key] = v
	default:
		return fmt.Errorf("sets: unknown key %q; there are %s%s", key, strings.Join(keys, ", "), spelling.Meant(key, keys))
	}
	return nil
}

// complete fills in defaults and refuses what cannot be.
func (a *Asked) complete() error {
	if a.Scores == nil {
		a.Scores = slices.Clone(DefaultScores)
	}
	for i, by := range a.By {
		switch {
		case by == "":
			return fmt.Errorf("sets: by= is empty: want all, class, cluster or the name of an attribute")
		case slices.Contains(strings.Split(by, "*"), evaluate.LabelAttribute):
			return fmt.Errorf("sets: by=%s: the label of a new row is not known; by=class gives each class its own threshold", by)
		case slices.Contains(a.By[:i], by):
			return fmt.Errorf("sets: by %s is asked twice", by)
		}
	}
	if a.Holdout == 0 && a.Fit == "" {
		a.Fit = posthoc.DefaultFitSplit
	}
	if a.Clusters > 0 && !slices.Contains(a.By, byCluster) {
		return fmt.Errorf("sets: clusters=%d: only by=cluster has clusters", a.Clusters)
	}
	return nil
}

// protocol names all that decides the numbers, for keys.
func (a *Asked) protocol(v variant) string {
	return fmt.Sprintf("%d|%+v|%s|%v|%s|%v|%d|%v|%d", version, v.kind, v.by, a.Alpha, a.Fit, a.Holdout, a.Seed, a.NeverEmpty, a.Clusters)
}

// version is raised when the numbers change.
const version = 1

// variant is one kind of set: a score and what its thresholds hold for.
type variant struct {
	kind sets.Kind
	by   string
}

// variants lists what is asked for.
func (a *Asked) variants() []variant {
	var list []variant
	for _, name := range a.Scores {
		k := sets.Kind{Score: sets.ScoreName(slices.Index(Scores(), name))}
		if k.Score >= sets.APSScore {
			k.Randomised, k.FirstWhole = a.Random != "no", a.Random == "but-first"
		}
		switch k.Score {
		case sets.RAPSScore:
			k.Lambda, k.Free = lambdaRAPS, a.Free
		case sets.SAPSScore:
			k.Lambda = lambdaSAPS
		}
		if a.Lambda != nil && (k.Score == sets.RAPSScore || k.Score == sets.SAPSScore) {
			k.Lambda = *a.Lambda
		}
		for _, by := range a.By {
			list = append(list, variant{k, by})
		}
	}
	return list
}

// Prefix begins the transforms of results.csv that are sets.
const Prefix = "sets-"

// Transforms are the transforms asked for, in the order of their rows.
func (a *Asked) Transforms() []string {
	var names []string
	for _, v := range a.variants() {
		names = append(names, v.transform())
	}
	return names
}

// transform is the name of the sets: sets-aps, sets-aps-class, sets-aps-by-sex.
func (v variant) transform() string {
	name := Prefix + v.kind.Score.String()
	switch v.by {
	case byAll:
		return name
	case byClass, byCluster:
		return name + "-" + v.by
	}
	return name + "-by-" + v.by
}

// attribute is the attribute that thresholds are by; "" if by none.
func (v variant) attribute() string {
	if slices.Contains([]string{byAll, byClass, byCluster}, v.by) {
		return ""
	}
	return v.by
}

func (v variant) options(a *Asked) sets.Options {
	o := sets.Options{NeverEmpty: a.NeverEmpty}
	switch v.by {
	case byAll:
	case byClass:
		o.By = sets.ByClass
	case byCluster:
		o.By, o.Clusters = sets.ByCluster, a.Clusters
	default:
		o.By = sets.ByGroup
	}
	return o
}

// Attributes are those by whose groups thresholds are asked for.
func (a *Asked) Attributes() []string {
	return slices.DeleteFunc(slices.Clone(a.By), func(by string) bool { return by == byAll || by == byClass || by == byCluster })
}
