package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"regexp"

	"abstain/datasets"
	"abstain/harness/board"
	"abstain/metrics"
)

// jsonRow is a model's row. It contains what was selected, so rows of several
// boards can be put together.
type jsonRow struct {
	Model   string   `json:"model"`
	Rank    *int     `json:"rank"`    // null if undefined
	Overall *int     `json:"overall"` // null if undefined
	Metric  string   `json:"metric"`
	Value   *float64 `json:"value"`
	Lo      *float64 `json:"lo"`
	Hi      *float64 `json:"hi"`
	N       int      `json:"n"`
	RankLo  *int     `json:"rank_lo"` // ranks that the data allow; null if not asked for
	RankHi  *int     `json:"rank_hi"`
	Tie     *bool    `json:"tie"`    // tied with the best; null if not asked for
	Groups  *string  `json:"groups"` // models that share a letter or number are not separable; null if not asked for
	Level   *float64 `json:"level"`  // of lo and hi; null if there are none
	*jsonAgainst
	MayBeTop   *bool  `json:"may_be_top,omitempty"` // among the best K that were asked for
	Dataset    string `json:"dataset"`
	Split      string `json:"split"`
	Condition  string `json:"condition"`
	Transform  string `json:"transform"`
	Confidence string `json:"confidence"`
	Meta       object `json:"meta"`
	Metrics    object `json:"metrics"` // by id; the ranking metric first
}

// jsonAgainst compares the model with the pinned one; absent if no model is
// pinned.
type jsonAgainst struct {
	Against    string   `json:"against"` // better, worse, ~ (nothing is proven) or reference
	Difference *float64 `json:"difference"`
	Lo         *float64 `json:"difference_lo"`
	Hi         *float64 `json:"difference_hi"`
}

// jsonEstimate is a cell; its members are null if undefined, not computed or
// infinite.
type jsonEstimate struct {
	Value *float64 `json:"value"`
	Lo    *float64 `json:"lo"`
	Hi    *float64 `json:"hi"`
	Level *float64 `json:"level,omitempty"`
	N     int      `json:"n"`
	Notes []string `json:"notes,omitempty"`
}

// writeJSON writes an array with one row in each line.
func writeJSON(w *bytes.Buffer, t *Table) {
	var all []datasets.Meta
	for _, e := range t.Board.Entries {
		all = append(all, e.Meta)
	}
	numeric := NumericMeta(all)
	w.WriteString("[")
	for i, e := range t.Board.Entries {
		if i > 0 {
			w.WriteString(",")
		}
		w.WriteString("\n")
		w.Write(marshal(newJSONRow(t.Board, e, numeric)))
	}
	w.WriteString("\n]\n")
}

func newJSONRow(b *board.Board, e board.Entry, numeric func(key string) bool) jsonRow {
	v := newJSONEstimate(e.Value)
	row := jsonRow{
		Model: e.Model, Rank: nonZero(e.Rank), Overall: nonZero(e.Overall),
		Metric: b.By.Name(), Value: v.Value, Lo: v.Lo, Hi: v.Hi, Level: v.Level, N: v.N,
		Dataset: b.Choice.Dataset, Split: b.Choice.Split, Condition: b.Choice.Condition,
		Transform: b.Choice.Transform, Confidence: cmp.Or(e.Confidence, b.Choice.Confidence),
		Meta: metaObject(e.Meta, numeric), Metrics: object{{b.By.Name(), v}},
	}
	if row.RankLo, row.RankHi = nonZero(e.Ranks.Lo), nonZero(e.Ranks.Hi); row.RankLo != nil {
		row.Tie, row.Groups = &e.Tie, &e.Groups
		if b.MayBeTop != nil {
			row.MayBeTop = &e.MayBeTop
		}
	}
	if a := e.Against; a != nil {
		row.jsonAgainst = &jsonAgainst{string(a.Verdict), finite(a.Difference), finite(a.Lo), finite(a.Hi)}
	}
	for i, m := range b.Beside {
		row.Metrics = append(row.Metrics, member{m.Name(), newJSONEstimate(e.Beside[i])})
	}
	return row
}

func newJSONEstimate(e metrics.Estimate) jsonEstimate {
	j := jsonEstimate{Value: finite(e.Value), Lo: finite(e.Lo), Hi: finite(e.Hi), N: e.N, Notes: e.Notes}
	if e.Level > 0 {
		j.Level = &e.Level
	}
	return j
}

// finite is nil for numbers that JSON cannot express.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

func nonZero(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	key   string
	value any
}

// metaObject is metadata in their order; numbers are JSON numbers, null where there is none.
func metaObject(meta datasets.Meta, numeric func(key string) bool) object {
	o := object{}
	for _, p := range meta {
		o = append(o, member{p.Key, MetaValue(p, numeric)})
	}
	return o
}

// MetaValue is what JSON has of a model's metadata: a json.Number of a key that is numeric, nil if
// that has no value, else the text.
func MetaValue(p datasets.Pair, numeric func(key string) bool) any {
	switch {
	case !numeric(p.Key):
		return p.Value
	case p.Value == "":
		return nil
	}
	return json.Number(p.Value)
}

// number is how JSON writes numbers.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// NumericMeta says of which keys all models that have a value have a number: the type of a key is
// the same for all of them.
func NumericMeta(models []datasets.Meta) func(key string) bool {
	is := map[string]bool{}
	for _, meta := range models {
		for _, p := range meta {
			before, seen := is[p.Key]
			if p.Value != "" {
				is[p.Key] = (before || !seen) && number.MatchString(p.Value)
			}
		}
	}
	return func(key string) bool { return is[key] }
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(marshal(m.key))
		b.WriteByte(':')
		b.Write(marshal(m.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// marshal encodes our own row types. It cannot fail, because their numbers are
// finite and any text can be encoded.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("reports: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
