package store

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/metrics"
)

// Record is everything computed of one table. Its key is made from the table's
// content, not its name: a table that was renamed or moved is not computed again.
type Record struct {
	Key     string `json:"key"`  // content hash, and whatever else decides the numbers
	Path    string `json:"path"` // where the table was when it was last read
	Size    int64  `json:"size"`
	Format  string `json:"format"` // that of the folder when it was made
	ModTime int64  `json:"mtime"`  // ns; 0 where the file system keeps none
	// Changes tells what the file system keeps of changes of its files, "" if that does
	// not suffice to know that they are the same; see datasets.Stamp.
	Changes string `json:"changes,omitempty"`
	Hash    string `json:"hash"`
	N       int    `json:"n"`
	Outside int    `json:"outside"` // samples with label -1
	Classes int    `json:"classes"`
	Digests
	// Prefix is what stands before the number in every id, and Numbered the digests
	// without it; "" and nil if ids are not so written.
	Prefix   string   `json:"prefix,omitempty"`
	Numbered *Digests `json:"numbered,omitempty"`
	HasIDs   bool     `json:"has_ids"`
	Stored   bool     `json:"stored"` // a score-only table: its one confidence function is "stored"
	// Available are the confidence functions the table can give, Attributes
	// its group columns.
	Available  []string `json:"available"`
	Attributes []string `json:"attributes,omitempty"`
	Notes      []string `json:"notes,omitempty"` // of reading the table
	// Designs are digests of the clusters or strata in which samples are drawn,
	// by how a run names them.
	Designs map[string]string `json:"designs,omitempty"`
	// Margin says that the stored confidence is no probability.
	Margin bool `json:"margin,omitempty"`

	// For a table under a transform: its id, how it was fitted, how many of the
	// table's samples it was fitted on (they are not counted in N), and whether
	// it replaces the one confidence available.
	Transform string `json:"transform,omitempty"`
	Fits      []Fit  `json:"fits,omitempty"`
	Dropped   int    `json:"dropped,omitempty"`
	Replaced  bool   `json:"replaced,omitempty"`

	// Cells are the estimates by confidence function and metric.
	Cells map[string]Cells `json:"cells"`
	// Groups are the estimates by attribute and level.
	Groups map[string]map[string]GroupCells `json:"groups,omitempty"`
}

// Cells are estimates by the metric's id and version and the method of the
// interval.
type Cells map[string]Cell

// GroupCells are the cells of one level of an attribute.
type GroupCells struct {
	N     int              `json:"n"`
	Cells map[string]Cells `json:"cells"`
}

// Fit says how a transform was fitted.
type Fit struct {
	On         string `json:"on"`
	Rows       int    `json:"rows"`
	Parameters string `json:"parameters,omitempty"`
	Loss       string `json:"loss"`
	Before     Value  `json:"before"`
	After      Value  `json:"after"`
	Note       string `json:"note,omitempty"`
}

// NewRecord describes the outcomes. It computes no metric, and the caller sets
// the key.
func NewRecord(o *Outcomes) *Record {
	stored := o.Confidence("stored")
	r := &Record{Format: format, N: o.N(), Classes: o.Classes, Stored: stored != nil,
		HasIDs: o.IDs.Int != nil || o.IDs.Text != nil, Available: o.Available, Cells: map[string]Cells{}}
	r.Digests, r.Numbered = digests(o)
	r.Prefix, r.Notes = o.IDs.Prefix, o.Notes
	for _, l := range o.Label {
		if l < 0 {
			r.Outside++
		}
	}
	if stored != nil {
		r.Margin = !stored.Probability
	}
	for _, g := range o.Groups {
		r.Attributes = append(r.Attributes, g.Name)
	}
	return r
}

// Kind is what the table stores; the confidence functions it has tell that.
func (r *Record) Kind() metrics.Kind {
	switch {
	case r.Stored:
		return metrics.FromScores
	case slices.Contains(r.Available, "max-logit"):
		return metrics.FromLogits
	}
	return metrics.FromProbs
}

// Clone returns a copy, to which cells can be added while others read r.
func (r *Record) Clone() *Record {
	c := *r
	c.Cells, c.Designs = cloneCells(r.Cells), maps.Clone(r.Designs)
	c.Groups = map[string]map[string]GroupCells{}
	for attribute, levels := range r.Groups {
		c.Groups[attribute] = map[string]GroupCells{}
		for level, g := range levels {
			c.Groups[attribute][level] = GroupCells{N: g.N, Cells: cloneCells(g.Cells)}
		}
	}
	return &c
}

// Inherit takes over the cells of an earlier record of the same content; earlier
// may be nil.
func (r *Record) Inherit(earlier *Record) {
	if earlier != nil {
		had := earlier.Clone()
		r.Cells, r.Groups = had.Cells, had.Groups
	}
}

func cloneCells(from map[string]Cells) map[string]Cells {
	to := map[string]Cells{}
	for name, cs := range from {
		to[name] = maps.Clone(cs)
	}
	return to
}

// Cell is an estimate as the journal keeps it.
type Cell struct {
	Value    Value    `json:"v"`
	N        int      `json:"n"`
	Notes    []string `json:"notes,omitempty"`
	Interval []Value  `json:"i,omitempty"` // lower and upper bound, level
}

// NewCell returns the estimate as the journal keeps it.
func NewCell(e metrics.Estimate) Cell {
	c := Cell{Value: Value(e.Value), N: e.N, Notes: e.Notes}
	if e.Level > 0 {
		c.Interval = []Value{Value(e.Lo), Value(e.Hi), Value(e.Level)}
	}
	return c
}

// Estimate is the reverse of NewCell.
func (c Cell) Estimate() metrics.Estimate {
	e := metrics.Estimate{Value: float64(c.Value), Lo: math.NaN(), Hi: math.NaN(), N: c.N, Notes: c.Notes}
	if len(c.Interval) == 3 {
		e.Lo, e.Hi, e.Level = float64(c.Interval[0]), float64(c.Interval[1]), float64(c.Interval[2])
	}
	return e
}

// Value is a float64 that can be written as JSON: null if it is undefined and a
// text if it is infinite, because JSON has no numbers for these.
type Value float64

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) {
	switch f := float64(v); {
	case math.IsNaN(f):
		return []byte("null"), nil
	case math.IsInf(f, 1):
		return []byte(`"inf"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-inf"`), nil
	default:
		return json.Marshal(f)
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*v = Value(math.NaN())
		return nil
	}
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*v = Value(f)
	return err
}
