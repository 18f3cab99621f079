package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"abstain/datasets"
	"abstain/harness/board"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares with a file of testdata, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to make it", err)
	}
	if !bytes.Equal(got, want) {
		os.WriteFile(filepath.Join(t.ArtifactDir(), name), got, 0o666)
		t.Errorf("%s differs:\n%s", path, got)
	}
}

func bounded(v, lo, hi float64, n int) metrics.Estimate {
	return metrics.Estimate{Value: v, Lo: lo, Hi: hi, Level: 0.95, N: n}
}

// plainBoard has intervals, names in several scripts, an undefined value.
func plainBoard() *board.Board {
	meta := func(regime string) datasets.Meta {
		return datasets.Meta{{Key: "family", Value: "cnn"}, {Key: "regime", Value: regime}, {Key: "params", Value: "1014"}}
	}
	m := sample.Measures
	return &board.Board{
		By: m[0], Beside: []metrics.Measure{m[1], m[3], m[4], m[6]}, Models: 5, All: 5, N: 2000, Classes: 8,
		Choice: board.Selection{Dataset: "fashion-523", Split: "test", Condition: "clean", Transform: "none", Confidence: "msp"},
		Notes:  []board.Note{board.WithoutValue{Models: 1, Metric: "AURC"}},
		Entries: []board.Entry{
			{Model: "cnn14-w16-d2-drop-seed0", Confidence: "msp", Meta: meta("dropout"), Rank: 1, Overall: 1, Value: bounded(0.014172, 0.0135, 0.0149, 2000),
				Beside: []metrics.Estimate{sample.Point(0.9125, 2000), sample.Point(0.0312, 2000), sample.Point(0.2531, 2000), sample.Point(0.4125, 2000)}},
			{Model: "модель-α", Confidence: "msp", Meta: meta("vanilla"), Rank: 2, Overall: 2, Value: bounded(0.0144, 0.0138, 0.015, 2000),
				Beside: []metrics.Estimate{sample.Point(0.9125, 2000), sample.Point(0.0041, 2000), sample.Point(1.5, 2000), sample.Point(0, 2000)}},
			{Model: "模型-大", Confidence: "msp", Meta: meta("vanilla"), Rank: 2, Overall: 2, Value: bounded(0.0144, math.Inf(-1), math.Inf(1), 2000),
				Beside: []metrics.Estimate{sample.Point(0.91, 2000), sample.Undefined(2000, "the confidence is no probability"), sample.Point(0.31, 2000), sample.Point(0.1, 2000)}},
			{Model: `a|b_c*[x] 50%&{$#}~^<y>\ "q", größe`, Confidence: "stored", Rank: 4, Overall: 4, Value: bounded(0.3, 0.29, 0.31, 1999),
				Beside: []metrics.Estimate{sample.Point(0.7, 1999), sample.Undefined(1999, "the confidence is no probability"), sample.Undefined(1999, "needs class vectors"), sample.Point(1e-9, 1999)}},
			{Model: "\x1b[31mred\nline", Confidence: "stored", Value: sample.Undefined(0, "no samples"),
				Beside: []metrics.Estimate{sample.Undefined(0, "no samples"), sample.Undefined(0, "no samples"), sample.Undefined(0, "no samples"), sample.Undefined(0, "no samples")}},
		},
	}
}

// filteredBoard is ranked upwards, inside a filter, cut to its top.
func filteredBoard() *board.Board {
	b := plainBoard()
	b.By, b.Beside = sample.Measures[2], nil
	b.Choice.Where = []board.Filter{{Key: "regime", Value: "distilled"}}
	b.Choice.Transform = "temperature"
	b.Models, b.All, b.Notes = 40, 523, nil
	b.Entries = []board.Entry{
		{Model: "a", Meta: datasets.Meta{{Key: "regime", Value: "distilled"}}, Rank: 1, Overall: 4, Value: sample.Point(0.9123, 2000)},
		{Model: "b", Meta: datasets.Meta{{Key: "regime", Value: "distilled"}}, Rank: 2, Overall: 17, Value: sample.Point(0.8876, 2000)},
	}
	return b
}

// pinnedBoard has rank sets, groups, a pinned reference and a set of the best.
func pinnedBoard() *board.Board {
	b := plainBoard()
	b.Entries = b.Entries[:4]
	b.Resolution, b.Groups = &board.Resolution{Kind: board.Simultaneous, Level: 0.95, Least: 2.5, Most: 2.5, Draws: 1000, N: 2000, Separable: 1, Adjacent: 3, Tied: 3}, 2
	b.Pinned = &board.Pinned{Model: b.Entries[1].Model, Others: 3, Level: 0.95, Critical: 2.4, Noise: board.Noise{Replicates: 1000, Made: 1}, Worse: 1}
	b.MayBeTop = &board.MayBeTop{Top: 2, Models: []string{b.Entries[0].Model, b.Entries[1].Model, b.Entries[2].Model}, Level: 0.95}
	for i, e := range []board.Entry{
		{Ranks: ranks.Interval{Lo: 1, Hi: 3}, Tie: true, Groups: "a", MayBeTop: true, Against: &board.Against{Difference: -0.000228, Lo: -0.0011, Hi: 0.0007, Verdict: ranks.Unproven}},
		{Ranks: ranks.Interval{Lo: 1, Hi: 3}, Tie: true, Groups: "ab", MayBeTop: true, Against: &board.Against{Verdict: ranks.Reference}},
		{Ranks: ranks.Interval{Lo: 1, Hi: 4}, Tie: true, Groups: "ab", MayBeTop: true, Against: &board.Against{Verdict: ranks.Unproven, Lo: -0.0013, Hi: 0.0013}},
		{Ranks: ranks.Interval{Lo: 4, Hi: 4}, Groups: "b", Against: &board.Against{Difference: 0.2856, Lo: 0.21, Hi: 0.36, Verdict: ranks.Worse}},
	} {
		to := &b.Entries[i]
		to.Ranks, to.Tie, to.Groups, to.MayBeTop, to.Against = e.Ranks, e.Tie, e.Groups, e.MayBeTop, e.Against
	}
	return b
}

// TestGroupsShown: if there are more groups than letters, people see them only if
// they ask, machines always.
func TestGroupsShown(t *testing.T) {
	b := pinnedBoard()
	b.Groups = 27
	for _, c := range []struct {
		format  string
		letters bool
		want    bool
	}{{"text", false, false}, {"text", true, true}, {"md", false, false}, {"tex", true, true}, {"csv", false, true}, {"json", false, true}} {
		var got bytes.Buffer
		if err := (Table{Board: b, Letters: c.letters}).Write(&got, c.format); err != nil {
			t.Fatal(err)
		}
		head := strings.Join(strings.SplitAfterN(got.String(), "\n", 12)[:3], "")
		if c.format == "tex" {
			head = got.String()[strings.Index(got.String(), `\toprule`):]
		}
		if strings.Contains(strings.TrimPrefix(head, "groups:"), "groups") != c.want {
			t.Errorf("%s, asked for %v:\n%s", c.format, c.letters, head)
		}
	}
}

func TestBoardGolden(t *testing.T) {
	for _, format := range Formats() {
		for name, board := range map[string]*board.Board{"plain": plainBoard(), "pinned": pinnedBoard(), "filtered": filteredBoard(), "empty": {By: sample.Measures[0], Choice: plainBoard().Choice}} {
			var got bytes.Buffer
			table := Table{Board: board, Version: "v0.1.0", Command: "abstain rank runs/x --by aurc"}
			if err := table.Write(&got, format); err != nil {
				t.Fatal(err)
			}
			golden(t, name+"."+format, got.Bytes())
		}
	}
}

func TestBoardUnknownFormat(t *testing.T) {
	err := Board(&bytes.Buffer{}, plainBoard(), "xls")
	if err == nil || !strings.Contains(err.Error(), `"xls"`) || !strings.Contains(err.Error(), "tex") {
		t.Errorf("error %v does not name the format and the choices", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestBoardReportsWriteErrors(t *testing.T) {
	for _, format := range Formats() {
		if err := Board(broken{}, plainBoard(), format); err == nil {
			t.Errorf("%s: no error from a writer that fails", format)
		}
	}
}

// TestTextColumnsAlign: in rows with wide and combining characters, the AURC
// column must be at the same place of the terminal.
func TestTextColumnsAlign(t *testing.T) {
	var got bytes.Buffer
	if err := Board(&got, plainBoard(), "text"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(got.String(), "\n")
	at := func(line, mark string) int { // display column at which mark ends
		i := strings.Index(line, mark)
		if i < 0 {
			t.Fatalf("no %q in %q", mark, line)
		}
		return uniseg.StringWidth(line[:i+len(mark)])
	}
	want := at(lines[0], "% ↓")
	for i, end := range []string{"1.49]", "1.50]", "∞]", "31.00]"} {
		if got := at(lines[i+1], end); got != want {
			t.Errorf("row %d ends AURC at column %d, the header at %d:\n%s", i+1, got, want, lines[i+1])
		}
	}
	if strings.ContainsRune(got.String(), '\x1b') {
		t.Error("an escape character of a model's name reached the terminal")
	}
}

// TestMachineFormatsRoundTrip reads CSV and JSON back and compares every number
// bit by bit.
func TestMachineFormatsRoundTrip(t *testing.T) {
	b := sample.Board(40)
	b.Entries[7].Value = sample.Undefined(0, "no samples")
	b.Entries[7].Rank = 0
	var c, j bytes.Buffer
	if err := errors.Join(Board(&c, b, "csv"), Board(&j, b, "json")); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&c).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var objects []struct {
		Model   string
		Rank    *int
		Value   *float64
		Metrics map[string]struct{ Value *float64 }
	}
	if err := json.Unmarshal(j.Bytes(), &objects); err != nil {
		t.Fatal(err)
	}
	ids := append([]metrics.Measure{b.By}, b.Beside...)
	for r, e := range b.Entries {
		if objects[r].Model != e.Model || rows[r+1][slices.Index(rows[0], "model")] != e.Model {
			t.Fatalf("row %d is not %s", r, e.Model)
		}
		if (objects[r].Rank == nil) != (e.Rank == 0) || (objects[r].Value == nil) == e.Value.Defined() {
			t.Errorf("row %d: rank or value is null wrongly", r)
		}
		for i, m := range ids {
			want := cellOf(e, i).Value
			cell, value := rows[r+1][slices.Index(rows[0], m.Name())], objects[r].Metrics[m.Name()].Value
			if math.IsNaN(want) {
				if cell != "" || value != nil {
					t.Errorf("row %d, %s: undefined is %q in CSV, %v in JSON", r, m.Name(), cell, value)
				}
				continue
			}
			if got, err := strconv.ParseFloat(cell, 64); err != nil || got != want || value == nil || *value != want {
				t.Errorf("row %d, %s: %v became %q in CSV, %v in JSON", r, m.Name(), want, cell, value)
			}
		}
	}
}

// TestMayBeBest: by the ranking metric the whole tie set is marked, by others what their
// standings say, and nothing where nothing was tested.
func TestMayBeBest(t *testing.T) {
	b := sample.Resolve(sample.Board(30))
	for k, marked := range mayBeBest(b, 0) {
		if marked != b.Entries[k].Tie {
			t.Errorf("%s: bold %v, tied %v", b.Entries[k].Model, marked, b.Entries[k].Tie)
		}
	}
	if mayBeBest(b, 1) != nil || mayBeBest(sample.Board(5), 0) != nil {
		t.Error("something is in bold that was not tested")
	}
	for i := range b.Entries {
		b.Entries[i].Standings = make([]board.Standing, len(b.Beside))
		b.Entries[i].Standings[1] = []board.Standing{board.MayBeBest, board.NotBest}[i%2]
	}
	if mayBeBest(b, 1) != nil {
		t.Error("the first metric beside was not tested")
	}
	for k, marked := range mayBeBest(b, 2) {
		if marked != (k%2 == 0) {
			t.Errorf("%s: bold %v", b.Entries[k].Model, marked)
		}
	}
}

// TestNoSingleRank: with rank sets no table for people gives a model one rank.
func TestNoSingleRank(t *testing.T) {
	b := sample.Resolve(sample.Board(30))
	for _, format := range []string{"text", "md", "tex"} {
		var got bytes.Buffer
		if err := Board(&got, b, format); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(got.String(), "\n") {
			if cells := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '|' || c == '&' }); len(cells) > 0 && (cells[0] == "rank" || cells[0] == "1") {
				t.Errorf("%s: %s", format, line)
			}
		}
	}
}

func FuzzEscapes(f *testing.F) {
	f.Add("a|b_c*\x1b[31m\n\\$&%#{}~^<>\"[]`模型")
	f.Add("\xff\xfe\u202e")
	f.Fuzz(func(t *testing.T, name string) {
		b := filteredBoard()
		b.Entries[0].Model = name
		for _, format := range Formats() {
			var got bytes.Buffer
			if err := Board(&got, b, format); err != nil {
				t.Fatal(err)
			}
			switch format {
			case "text", "md", "tex":
				reference := filteredBoard()
				var want bytes.Buffer
				if err := Board(&want, reference, format); err != nil {
					t.Fatal(err)
				}
				if bytes.Count(got.Bytes(), []byte("\n")) != bytes.Count(want.Bytes(), []byte("\n")) || bytes.ContainsRune(got.Bytes(), '\x1b') {
					t.Errorf("%s: the name %q broke the table:\n%s", format, name, got.Bytes())
				}
			case "csv":
				if _, err := csv.NewReader(&got).ReadAll(); err != nil {
					t.Errorf("csv: %v", err)
				}
			case "json":
				if !json.Valid(got.Bytes()) {
					t.Errorf("json is not valid: %s", got.Bytes())
				}
			}
		}
	})
}
