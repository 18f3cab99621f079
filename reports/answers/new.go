package answers

import (
	"fmt"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/pictures"
	"abstain/reports/words"
)

// asked is a question and the function that answers it. A function that has nothing to
// answer from returns nil.
type asked struct {
	name, question string
	experiment     string // of the study that answers it; "" for the board
	answer         func(*asking) *Finding
}

// questions lists all questions in the order of a report.
var questions = []asked{
	{Tier, "Which model is best?", "", (*asking).tier},
	{Choice, "Which one should be taken?", "", (*asking).choice},
	{Answered, "How much can be answered?", "", (*asking).answered},
	{Kinds, "Which kind of model is on top?", "", (*asking).kinds},
	{"regimes", "Which training helps?", "regimes", (*asking).regimes},
	{"scaling", "What does a transform after training change?", "scaling", (*asking).scaling},
	{"borrowed", "What does a calibration borrowed from another model do?", "borrowed-calibration", (*asking).borrowed},
	{"confidences", "Does another confidence function rank errors better?", "confidences", (*asking).confidences},
	{"prediction-sets", "What does a set in place of an answer cost?", "prediction-sets", (*asking).predictionSets},
	{"passes", "Do stochastic passes help?", "passes", (*asking).passes},
	{"metrics", "Does it matter which metric ranks the models?", "correlations", (*asking).metricChoice},
	{"accuracy", "Do accurate models know better when they are wrong?", "correlations", (*asking).accuracy},
	{"calibration", "Do models that rank their errors well have honest confidence?", "ranking-calibration", (*asking).calibration},
	{"constraint", "How many models reach a demanded accuracy?", "constraint", (*asking).constraint},
	{"families", "Which family differs from all others?", "families", (*asking).families},
	{"size", "Do larger models know better when they are wrong?", "families", (*asking).size},
	{"teachers", "Does distillation help?", "teachers", (*asking).teachers},
	{"conditions", "Does the ranking hold under shift and attack?", "conditions", (*asking).conditions},
	{"conditions-regimes", "Which training helps under shift and attack?", "conditions", (*asking).regimesUnder},
	{"severity", "Are new classes noticed?", "severity", (*asking).severity},
	{"groups", "Does abstaining serve all groups of samples alike?", "groups", (*asking).groups},
	{"training-comparison", "What becomes of the papers' claims, by fixed rules?", "training-comparison", (*asking).comparison},
}

// Names of the findings that come from the board.
const (
	Tier     = "tier"     // the best and all that are tied with them
	Choice   = "choice"   // the cheapest of these
	Answered = "answered" // shares answered at a risk
	Kinds    = "kinds"    // how many of each family are tied with the best
)

// asking is the work on one set of answers.
type asking struct {
	Input
	level   float64
	numbers map[string]Number // by finding
	lacking string            // why the question just asked has no answer; "" if it was not looked at
}

// New answers all questions that the input can answer. It changes nothing of the input.
func New(in Input) *Answers {
	k := &asking{Input: in, level: 0.95, numbers: map[string]Number{}}
	if in.Study != nil {
		k.level = in.Study.Level
	}
	a := &Answers{Title: k.title(), Subject: k.subject(), Notes: k.notes()}
	if in.Board != nil {
		a.Terms = Plainly(in.Board.By)
	}
	for _, q := range questions {
		if q.experiment != "" && k.experiment(q.experiment) == nil || q.experiment == "" && in.Board == nil {
			continue
		}
		k.lacking = ""
		if f := q.answer(k); f != nil {
			f.Name, f.Question, f.Experiment, f.Sentence = q.name, q.question, q.experiment, spoken(f.Sentence)
			a.Findings = append(a.Findings, *f)
		} else if why := k.absent(q); why != "" {
			a.Absent = append(a.Absent, Absent{q.name, q.question, why})
		}
	}
	if in.Study != nil {
		for i := range in.Study.Experiments {
			k.unasked(a, &in.Study.Experiments[i])
		}
	}
	a.Numbers = k.firstNumbers()
	return a
}

// brackets are left out of sentences: names of models, families and metrics may have some.
var brackets = strings.NewReplacer("(", "", ")", "", "[", "", "]", "", "{", "", "}", "")

// spoken is a sentence without brackets.
func spoken(sentence string) string {
	return strings.Join(strings.Fields(brackets.Replace(sentence)), " ")
}

// drawn are experiments that are shown as figures and in the table of models only.
var drawn = []string{"risk-coverage", "leaderboard"}

// unasked adds what an experiment found that none of the questions is about, in its own words.
func (k *asking) unasked(a *Answers, e *study.Experiment) {
	if slices.Contains(drawn, e.Name) || slices.ContainsFunc(questions, func(q asked) bool { return q.experiment == e.Name }) {
		return
	}
	p := pictures.Of(e.Name)
	question := "What of " + strings.ToLower(p.Title[:1]) + p.Title[1:] + "?"
	if len(e.Findings) == 0 {
		if missing := pictures.Absent(e); len(missing) > 0 {
			a.Absent = append(a.Absent, Absent{e.Name, question, missing[0]})
		}
		return
	}
	f := Finding{Name: e.Name, Question: question, Experiment: e.Name, Table: &Table{Columns: []Column{named("finding")}},
		Sentence: words.Count(len(e.Findings), "finding is", "findings are") + " in the table."}
	for _, told := range pictures.Tell(e) {
		f.Table.Rows = append(f.Table.Rows, Row{Cells: []Cell{label(words.Capital(told.Claim) + ".")}})
		f.Headline, f.Method = f.Headline || told.Headline, words.Capital(told.By)+"."
	}
	a.Findings = append(a.Findings, f)
}

// experiment is that of the study; nil if it has none of that name.
func (k *asking) experiment(name string) *study.Experiment {
	if k.Study == nil {
		return nil
	}
	at := slices.IndexFunc(k.Study.Experiments, func(e study.Experiment) bool { return e.Name == name })
	if at < 0 {
		return nil
	}
	return &k.Study.Experiments[at]
}

// absent says why a question of the study has no answer; "" if it was another question of
// the same experiment that lacked something.
func (k *asking) absent(q asked) string {
	e := k.experiment(q.experiment)
	if k.lacking != "" {
		return k.lacking
	}
	if e == nil || q.name != e.Name && e.Name != "correlations" {
		return ""
	}
	if missing := pictures.Absent(e); len(missing) > 0 {
		return missing[0]
	}
	return ""
}

// title is the question of the whole report.
func (k *asking) title() string {
	n := 0
	switch {
	case k.Board != nil:
		n = k.Board.Models
	case k.Study != nil:
		n = k.Study.Models
		if !k.Study.WithBroken {
			n += len(k.Study.Broken)
		}
	}
	if n == 1 {
		return "Does the classifier know when it is wrong?"
	}
	return fmt.Sprintf("Which of %s classifiers knows best when it is wrong?", words.Grouped(n))
}

// subject says what was compared.
func (k *asking) subject() []string {
	var c board.Selection
	var n, classes int
	switch {
	case k.Board != nil:
		c, n, classes = k.Board.Choice, k.Board.N, k.Board.Classes
	case k.Study != nil:
		c, n, classes = k.Study.Choice, k.Study.N, k.Study.Classes
	default:
		return nil
	}
	var parts []string
	for _, p := range [][2]string{{"", c.Dataset}, {"split ", c.Split}, {"condition ", c.Condition}, {"transform ", c.Transform}, {"confidence ", c.Confidence}} {
		if p[1] != "" && (p[0] != "transform " || p[1] != "none") {
			parts = append(parts, p[0]+p[1])
		}
	}
	if n > 0 {
		parts = append(parts, "n = "+words.Grouped(n))
	}
	if classes > 0 {
		parts = append(parts, fmt.Sprintf("%d classes", classes))
	}
	if len(c.Where) > 0 {
		var filters []string
		for _, f := range c.Where {
			filters = append(filters, f.String())
		}
		parts = append(parts, "where "+strings.Join(filters, ", "))
	}
	return parts
}

// notes say which records a study left out, and what else is true of the whole folder.
func (k *asking) notes() []string {
	if k.Study == nil {
		return nil
	}
	notes := pictures.Folder(k.Study)
	for _, b := range k.Study.Broken {
		what := "left out of the study"
		if k.Study.WithBroken {
			what = "kept in the study as asked"
		}
		notes = append(notes, fmt.Sprintf("%s is not above chance and was %s: %s", b.Model, what, b.Reason))
	}
	return notes
}

// firstNumbers are the three numbers for the head of the first page, from those that the
// findings have.
func (k *asking) firstNumbers() []Number {
	var list []Number
	for _, name := range []string{Tier, "regimes", "scaling", "teachers", Answered, "conditions", "metrics", "accuracy", "severity", "families", "confidences"} {
		if n, ok := k.numbers[name]; ok && len(list) < 3 {
			n.Finding, n.Sentence = name, spoken(n.Sentence)
			list = append(list, n)
		}
	}
	return list
}

// plainly explains the usual metrics in a line; id without its parameter.
var plainly = map[string]string{
	"aurc":             "AURC: the average error over all shares answered; low is good",
	"eaurc":            "E-AURC: AURC above that of the same errors perfectly ranked; low is good",
	"augrc":            "AUGRC: the average rate of errors that were answered, over all shares answered; low is good",
	"accuracy":         "accuracy: the share of right answers when all is answered; high is good",
	"auroc":            "AUROC: how often a right answer has a higher confidence than a wrong one; 0.5 is chance, high is good",
	"sac":              "SAC: the largest share that can be answered with so many of the answers right; high is good",
	"coverage-at-risk": "coverage at risk: the largest share that can be answered with at most so many of the answers wrong; high is good",
	"ece":              "ECE: the average distance between confidence and accuracy, in bins of confidence; low is good",
	"nll":              "NLL: the surprise at the true class, in nats; low is good",
	"brier":            "Brier: the squared distance of the probabilities from the true class; low is good",
	"ood-auroc":        "OOD AUROC: how often a known class has a higher confidence than a new one; 0.5 is chance, high is good",
}

// Plainly says in one line what a metric is and which end of it is good.
func Plainly(m metrics.Measure) string {
	if text := plainly[m.Metric.ID]; text != "" {
		return text
	}
	switch m.Metric.Better {
	case metrics.Higher:
		return m.Label() + ": high is good"
	case metrics.Lower:
		return m.Label() + ": low is good"
	}
	return m.Label()
}
