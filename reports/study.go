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

// Study writes a study as text: the first page with the main findings, then each
// experiment with its findings and with what is missing for others. If brief is
// set, it writes only the first page and one line for each experiment. It fails
// if w fails.
func Study(w io.Writer, r *study.Report, brief bool) error {
	var b bytes.Buffer
	b.WriteString(studyHead(r))
	for _, g := range headlines(r) {
		fmt.Fprintln(&b, g.title)
		for _, c := range g.claims {
			wrap(&b, "* ", visible(c))
		}
		if g.how != "" {
			wrap(&b, "  ", visible(g.how))
		}
		writeListing(&b, g.table)
		b.WriteString("\n")
	}
	for k := range r.Experiments {
		e := &r.Experiments[k]
		if title := pictures.Of(e.Name).Title; brief {
			fmt.Fprintf(&b, "%-19s %s: %s\n", e.Name, title, gist(e))
		} else {
			fmt.Fprintf(&b, "%s  %s\n\n", e.Name, title)
			writeExperiment(&b, r, e)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeExperiment writes what an experiment found, its table if that is narrow enough,
// what it could not compute, and its conventions.
func writeExperiment(b *bytes.Buffer, r *study.Report, e *study.Experiment) {
	for _, f := range pictures.Tell(e) {
		wrap(b, "* ", visible(f.String()))
	}
	writeListing(b, pictures.Of(e.Name).Listing(r, e))
	for _, m := range pictures.Absent(e) {
		wrap(b, "- missing: ", visible(m))
	}
	for _, n := range pictures.Remarks(e) {
		wrap(b, "  ", visible(n))
	}
	b.WriteString("\n")
}

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

// gist says in a few words what an experiment found.
func gist(e *study.Experiment) string {
	switch {
	case len(e.Tables) == 0 && len(e.Missing) > 0:
		return "not possible here: " + visible(pictures.Absent(e)[0])
	case len(e.Missing) > 0:
		return fmt.Sprintf("%s, %s missing", words.Plural(len(e.Findings), "finding"), words.Plural(len(e.Missing), "item"))
	}
	return words.Plural(len(e.Findings), "finding")
}

// studyHead says what was studied, and which records were left out.
func studyHead(r *study.Report) string {
	var b bytes.Buffer
	c := r.Choice
	where := fmt.Sprintf("%s, split %s, condition %s, confidence %s", c.Dataset, c.Split, c.Condition, c.Confidence)
	size := words.Plural(r.Models, "model")
	if r.N > 0 {
		size += fmt.Sprintf(", n = %d", r.N)
	}
	if r.Classes > 0 {
		size += fmt.Sprintf(", %d classes", r.Classes)
	}
	wrap(&b, "", visible(fmt.Sprintf("%s: %s", where, size)))
	if len(r.Broken) > 0 {
		what := "left out of all statistics across models"
		if r.WithBroken {
			what = "kept in the statistics, as asked"
		}
		wrap(&b, "", fmt.Sprintf("%s not above chance, %s:", words.Plural(len(r.Broken), "record"), what))
		for _, x := range r.Broken {
			wrap(&b, "  ", visible(x.Model+": "+x.Reason))
		}
	}
	for _, n := range pictures.Folder(r) {
		wrap(&b, "note: ", visible(n))
	}
	b.WriteString("\n")
	return b.String()
}

// studyWidth is how many columns a line of a study's text has at most.
const studyWidth = 100

// writeListing writes a table in aligned columns, unless it is wider than a line.
func writeListing(b *bytes.Buffer, l *pictures.Listing) {
	if l == nil {
		return
	}
	columns, widths := make([]column, len(l.Columns)), make([]int, len(l.Columns))
	total := 2 * (len(columns) - 1)
	for k := range columns {
		columns[k] = listingColumn(l, k)
		for _, cell := range append([]string{columns[k].head}, columns[k].cells...) {
			widths[k] = max(widths[k], uniseg.StringWidth(cell))
		}
		total += widths[k]
	}
	if total > studyWidth {
		return
	}
	for row := -1; row < len(l.Rows); row++ {
		b.WriteString(strings.TrimRight(listingLine(columns, widths, row), " ") + "\n")
	}
	wrap(b, "  ", visible(l.Note))
}

// listingLine is a row of a table, or its heads for -1.
func listingLine(columns []column, widths []int, row int) string {
	var line strings.Builder
	for k, c := range columns {
		cell := c.head
		if row >= 0 {
			cell = c.cells[row]
		}
		pad := strings.Repeat(" ", widths[k]-uniseg.StringWidth(cell))
		if c.right {
			cell = pad + cell
		} else {
			cell += pad
		}
		if k > 0 {
			line.WriteString("  ")
		}
		line.WriteString(cell)
	}
	return line.String()
}

// wrap writes words in lines of at most 100 columns. Later lines are indented by
// the width of the lead.
func wrap(b *bytes.Buffer, lead, text string) {
	const width = studyWidth
	b.WriteString(lead)
	column := len(lead)
	for i, word := range bytes.Fields([]byte(text)) {
		n := len([]rune(string(word)))
		if i > 0 && column+1+n > width {
			b.WriteString("\n" + string(bytes.Repeat([]byte(" "), len(lead))))
			column = len(lead)
		} else if i > 0 {
			b.WriteString(" ")
			column++
		}
		b.Write(word)
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
