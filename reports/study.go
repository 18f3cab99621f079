package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/study"
	"abstain/reports/pictures"
	"abstain/reports/words"

	"github.com/rivo/uniseg"
)

// headlined is the part of the first page that belongs to one experiment.
type headlined struct {
	title  string
	claims []string
	table  *pictures.Listing
	how    string // the test and n that all claims share, in brackets; "" if they differ and stand in each claim
}

// headlines are the findings of the first page, by experiment. If all claims of
// an experiment have the same test and n, these are written once.
func headlines(r *study.Report) []headlined {
	var list []headlined
	for k := range r.Experiments {
		e := &r.Experiments[k]
		first := slices.DeleteFunc(pictures.Tell(e), func(f pictures.Told) bool { return !f.Headline })
		g := headlined{title: pictures.Of(e.Name).Title}
		if l := pictures.Of(e.Name).Listing(r, e); l != nil && l.First {
			g.table = l
		}
		if len(first) == 0 && g.table == nil {
			continue
		}
		alike := !slices.ContainsFunc(first, func(f pictures.Told) bool { return f.How() != first[0].How() })
		for _, f := range first {
			sentence := f.String()
			if alike && len(first) > 1 {
				g.how, sentence = "("+f.How()+")", words.Capital(f.Claim)+"."
			}
			g.claims = append(g.claims, sentence)
		}
		list = append(list, g)
	}
	return list
}

// proseWidth is that of sentences, as wide as the usual terminal.
const proseWidth = 80

// glue keeps words on one line, and glued are those that it keeps together: a number and
// its unit, a p-value.
const glue = "\u00a0"

var glued = strings.NewReplacer(" %", glue+"%", "p = ", "p"+glue+"="+glue, "p < ", "p"+glue+"<"+glue, "n = ", "n"+glue+"="+glue)

// wrap writes words in lines of at most proseWidth columns. Later lines are indented by
// the width of the lead.
func wrap(b *bytes.Buffer, lead, text string) {
	const width = proseWidth
	b.WriteString(lead)
	column := len(lead)
	apart := func(c rune) bool { return c == ' ' || c == '\n' || c == '\t' } // a no-break space is none of them
	for i, word := range strings.FieldsFunc(glued.Replace(text), apart) {
		n := uniseg.StringWidth(word)
		if i > 0 && column+1+n > width {
			b.WriteString("\n" + string(bytes.Repeat([]byte(" "), len(lead))))
			column = len(lead)
		} else if i > 0 {
			b.WriteString(" ")
			column++
		}
		b.WriteString(strings.ReplaceAll(word, glue, " "))
		column += n
	}
	b.WriteString("\n")
}

// studyJSON is the content of study.json.
type studyJSON struct {
	Dataset     string           `json:"dataset"`
	Split       string           `json:"split"`
	Condition   string           `json:"condition"`
	Transform   string           `json:"transform"`
	Confidence  string           `json:"confidence"`
	Models      int              `json:"models"`
	Samples     *int             `json:"samples"` // null if unknown
	Classes     *int             `json:"classes"`
	Broken      []brokenJSON     `json:"broken"`
	WithBroken  bool             `json:"with_broken"`
	Level       float64          `json:"level"`
	Replicates  int              `json:"replicates"`
	Seed        uint64           `json:"seed"`
	Outcomes    bool             `json:"outcomes"`
	Notes       []string         `json:"notes"`
	Summary     []findingJSON    `json:"summary"`
	Experiments []experimentJSON `json:"experiments"`
}

type brokenJSON struct {
	Model  string `json:"model"`
	Reason string `json:"reason"`
}

type findingJSON struct {
	Claim string `json:"claim"`
	By    string `json:"by"`
	N     int    `json:"n"`
	Of    string `json:"of"`
}

type experimentJSON struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Title    string        `json:"title"`
	Findings []findingJSON `json:"findings"`
	Missing  []string      `json:"missing"`
	Notes    []string      `json:"notes"`
	Data     []string      `json:"data"` // names of the files, without ending
}

func newStudyJSON(r *study.Report) studyJSON {
	c := r.Choice
	s := studyJSON{Dataset: c.Dataset, Split: c.Split, Condition: c.Condition, Transform: c.Transform, Confidence: c.Confidence,
		Models: r.Models, Samples: nonZero(r.N), Classes: nonZero(r.Classes), Broken: []brokenJSON{}, WithBroken: r.WithBroken,
		Level: r.Level, Replicates: r.Replicates, Seed: r.Seed, Outcomes: r.Outcomes, Notes: some(pictures.Folder(r)), Summary: []findingJSON{}}
	for _, b := range r.Broken {
		s.Broken = append(s.Broken, brokenJSON(b))
	}
	for k := range r.Experiments {
		e := &r.Experiments[k]
		x := experimentJSON{ID: e.Name, Name: e.Name, Title: pictures.Of(e.Name).Title, Findings: []findingJSON{},
			Missing: some(pictures.Absent(e)), Notes: some(pictures.Remarks(e)), Data: []string{}}
		for _, f := range pictures.Tell(e) {
			x.Findings = append(x.Findings, findingJSON{f.Claim, f.By, f.N, f.Of})
			if f.Headline {
				s.Summary = append(s.Summary, findingJSON{f.Claim, f.By, f.N, f.Of})
			}
		}
		for _, t := range e.Tables {
			x.Data = append(x.Data, t.Name)
		}
		s.Experiments = append(s.Experiments, x)
	}
	return s
}

// some returns the list, or an empty list for nil, because JSON would have null
// for it.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// WriteStudy writes a study into dir, which it makes if needed: study.json, and
// each table of its experiments as NAME.csv and NAME.json. It returns the paths
// in the order written.
func WriteStudy(dir string, r *study.Report) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var paths []string
	put := func(name string, content []byte) error {
		paths = append(paths, filepath.Join(dir, name))
		return os.WriteFile(paths[len(paths)-1], content, 0o644)
	}
	if err := put("study.json", studyDocument(r)); err != nil {
		return nil, err
	}
	for _, e := range r.Experiments {
		for _, t := range e.Tables {
			if err := put(t.Name+".csv", studyCSV(t)); err != nil {
				return nil, err
			}
			if err := put(t.Name+".json", studyRows(t)); err != nil {
				return nil, err
			}
		}
	}
	return paths, nil
}

// StudyJSON writes the content of study.json. It fails if w fails.
func StudyJSON(w io.Writer, r *study.Report) error {
	_, err := w.Write(studyDocument(r))
	return err
}

func studyDocument(r *study.Report) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, marshal(newStudyJSON(r)), "", "  "); err != nil {
		panic("reports: " + err.Error())
	}
	b.WriteByte('\n')
	return b.Bytes()
}

func studyCSV(t study.Table) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b) // writing to a bytes.Buffer never fails
	w.Write(t.Columns)
	kinds := make([]cellKind, len(t.Columns))
	for k := range kinds {
		kinds[k] = kindOf(t, k)
	}
	for _, row := range t.Rows {
		fields := make([]string, len(row))
		for k, cell := range row {
			fields[k] = plainCell(cell, kinds[k])
		}
		w.Write(fields)
	}
	w.Flush()
	return b.Bytes()
}

// cellKind is how the numbers of a column are written, the same in every row.
type cellKind uint8

const (
	asIs   cellKind = iota // each by its type
	counts                 // floats that are all whole: numbers of parameters
	floats                 // integers and floats
)

// kindOf looks at a column as a whole.
func kindOf(t study.Table, column int) cellKind {
	float, whole := false, true
	for _, row := range t.Rows {
		if v, ok := row[column].(float64); ok {
			float = true
			whole = whole && (math.IsNaN(v) || v == math.Trunc(v) && math.Abs(v) < 1<<53)
		}
	}
	switch {
	case !float:
		return asIs
	case whole && t.Columns[column] == "params":
		return counts
	}
	return floats
}

// plainCell is a cell for machines; it is empty if a number is undefined.
func plainCell(cell any, kind cellKind) string {
	switch v := cell.(type) {
	case float64:
		if kind == counts && !math.IsNaN(v) {
			return strconv.FormatInt(int64(v), 10)
		}
		return plain(v)
	case int:
		if kind == floats {
			return plain(float64(v))
		}
	}
	return fmt.Sprint(cell)
}

// studyRows is a table as an array of objects, one in each line.
func studyRows(t study.Table) []byte {
	var b bytes.Buffer
	b.WriteString("[")
	for i, row := range t.Rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n")
		o := make(object, len(row))
		for k, cell := range row {
			if v, ok := cell.(float64); ok && (math.IsNaN(v) || math.IsInf(v, 0)) {
				cell = nil
			}
			o[k] = member{t.Columns[k], cell}
		}
		b.Write(marshal(o))
	}
	b.WriteString("\n]\n")
	return b.Bytes()
}
