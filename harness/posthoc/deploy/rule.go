package deploy

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"abstain/harness/posthoc"
	"abstain/harness/posthoc/conform"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics"
)

// Rule is a threshold as it is put to use: an inequality, and one line of Python (numpy and
// scipy.special) and of Go (gonum) that computes it. "" where no threshold has the promise.
type Rule struct {
	Text, Python, Golang string
	// With says what the letters in the lines stand for, and what has to be done before.
	With string
}

// line is how a confidence function is computed: from logits z or probabilities p.
type line struct{ python, golang, of string }

// lines are by the name of the function; P stands for probabilities and Z for logits.
var lines = map[string]line{
	"msp":       {"P.max(-1)", "slices.Max(p)", "p"},
	"margin":    {"np.diff(np.sort(P)[..., -2:])[..., 0]", "p[len(p)-1]-p[len(p)-2]", "p"},
	"entropy":   {"-scipy.special.entr(P).sum(-1)", "-stat.Entropy(p)", "p"},
	"gini":      {"(P**2).sum(-1) - 1", "floats.Dot(p, p)-1", "p"},
	"max-logit": {"Z.max(-1)", "slices.Max(z)", "z"},
	"energy":    {"scipy.special.logsumexp(Z, -1)", "floats.LogSumExp(z)", "z"},
}

// rule writes the choice down.
func (t *Threshold) rule(s *results.Results) Rule {
	if !t.Choice.Feasible {
		return Rule{}
	}
	above := strconv.FormatFloat(t.Choice.Above, 'g', -1, 64)
	name, numbers := t.Confidence, t.parameters(s)
	if t.Transform != posthoc.None && t.Transform != posthoc.Rest {
		name = fmt.Sprintf("%s(%s)", t.Confidence, t.Transform)
		if T, ok := temperatureOf(numbers); ok {
			name = fmt.Sprintf("%s(logits / %s)", t.Confidence, T)
		}
	}
	if math.IsInf(t.Choice.Above, -1) {
		return Rule{Text: name + " > -inf", Python: "answer = True", Golang: "answer := true", With: "every row is answered"}
	}
	if math.IsInf(t.Choice.Above, 1) {
		return Rule{Text: name + " > inf", Python: "answer = False", Golang: "answer := false", With: "no row is answered"}
	}
	r := Rule{Text: name + " > " + above}
	var computed bool
	r.Python, r.Golang, r.With, computed = t.code(s, numbers)
	if computed {
		above = strconv.FormatFloat(beyondRounding(t.Choice.Above, t.Choice.AtLeast), 'g', -1, 64)
		r.With += "; the number is the threshold and a part in 10^12, so that a confidence rounded otherwise does not let the largest rejected row in"
	}
	r.Python, r.Golang = r.Python+" > "+above, r.Golang+" > "+above
	return r
}

// rounding is how much two computations of one confidence in float64 may differ, in relation to
// it or to 1.
const rounding = 1e-12

// beyondRounding is a number above the largest rejected confidence by what rounding can do, or
// half of the way to the smallest accepted one.
func beyondRounding(rejected, accepted float64) float64 {
	above := rejected + math.Min(rounding*math.Max(1, math.Abs(rejected)), (accepted-rejected)/2)
	if !(above < accepted) { // there is no number between them
		return rejected
	}
	return above
}

// code is the left side of the inequality in Python and in Go; computed says that they compute
// the confidence, and do not take it from a column.
func (t *Threshold) code(s *results.Results, numbers string) (python, golang, with string, computed bool) {
	l, known := lines[t.Confidence]
	temperature, scaled := temperatureOf(numbers)
	stored := t.Transform == posthoc.None || t.Transform == posthoc.Rest
	if !known || !stored && !scaled {
		python, golang, with = t.column(stored, numbers)
		return python, golang, with, false
	}
	logits := t.kind(s) == metrics.FromLogits
	z, with := "z", "z: logits"
	if !logits {
		z, with = "np.log(np.maximum(p, 1e-12))", "p: probabilities"
	}
	p := "p"
	if scaled {
		z += " / " + temperature
		with = fmt.Sprintf("%s; in Go z: %s over %s", with, map[bool]string{true: "those", false: "their logarithms"}[logits], temperature)
	}
	if logits || scaled {
		p = "scipy.special.softmax(" + z + ", -1)"
		if l.of == "p" && t.Confidence != "msp" {
			with += "; p: their softmax"
		}
	}
	if l.of == "z" && scaled && t.Confidence == "max-logit" {
		z = "(" + z + ")"
	}
	python, golang = strings.NewReplacer("P", p, "Z", z).Replace(l.python), l.golang
	switch {
	case t.Confidence == "msp" && (logits || scaled):
		golang = "math.Exp(slices.Max(z)-floats.LogSumExp(z))"
	case t.Confidence == "margin":
		return "answer = " + python, "slices.Sort(p); answer := " + golang, with, true
	}
	return "answer = " + python, "answer := " + golang, with, true
}

// column is the code for a confidence that is not computed from class vectors alone.
func (t *Threshold) column(stored bool, numbers string) (python, golang, with string) {
	name := strings.TrimPrefix(t.Confidence, "score:")
	letter := strings.Trim(noLetters.ReplaceAllString(name, "_"), "_")
	if letter == "" || letter == "stored" || letter[0] >= '0' && letter[0] <= '9' {
		letter = "confidence"
	}
	with = fmt.Sprintf("%s: the column %s", letter, t.Confidence)
	switch {
	case strings.HasPrefix(t.Transform, conform.Prefix):
		with = fmt.Sprintf("%s: %s of the sets %s, as sets.csv has their threshold", letter, t.Confidence, t.Transform)
		if t.Confidence == conform.SetSize {
			with = fmt.Sprintf("%s: minus the number of classes in the set of %s, by its threshold in sets.csv", letter, t.Transform)
		}
	case !stored:
		with = fmt.Sprintf("%s: %s after transform %s, as transforms.csv has it", letter, t.Confidence, t.Transform)
		if numbers != "" && len(numbers) < 60 {
			with = fmt.Sprintf("%s: %s after transform %s (%s)", letter, t.Confidence, t.Transform, numbers)
		}
	}
	return "answer = " + letter, "answer := " + letter, with
}

var noLetters = regexp.MustCompile(`[^A-Za-z0-9]+`)

// parameters are those of the transform's only map; "" without one, with a note where there
// are several.
func (t *Threshold) parameters(s *results.Results) string {
	found := ""
	several := false
	for _, f := range s.Fits {
		if f.Model == t.Model && f.Dataset == t.Dataset && f.Transform == t.Transform {
			several = several || found != "" && !strings.HasPrefix(t.Transform, "credal-") // these are of several eps
			found = f.Parameters
		}
	}
	if several {
		t.Notes = append(t.Notes, "the rows were transformed by one map for each fold; deployed is the last of transforms.csv, fitted on all, so that the promise is approximate")
	}
	return found
}

// temperatureOf reads the T of "T=1.25".
func temperatureOf(parameters string) (string, bool) {
	value, ok := strings.CutPrefix(parameters, "T=")
	if _, err := strconv.ParseFloat(value, 64); !ok || err != nil {
		return "", false
	}
	return value, true
}

// kind is what the judged table stores.
func (t *Threshold) kind(s *results.Results) metrics.Kind {
	journal, err := store.ReadJournal(s.Dir)
	if err != nil {
		return metrics.FromProbs
	}
	key := results.Key{Model: t.Model, Dataset: t.Dataset, Split: t.Split, Condition: t.Condition, Transform: posthoc.None}
	if r := journal.Lookup(s.Kept[key.Table()]); r != nil {
		return r.Kind()
	}
	return metrics.FromProbs
}
