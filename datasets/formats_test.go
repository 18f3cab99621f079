package datasets

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSharedFormats reads the layouts that people hold, as their expected values say:
// tables have so many rows and such an accuracy, and a question has the words that answer
// it.
func TestSharedFormats(t *testing.T) {
	dir := shared(t, "formats")
	f, err := os.Open(filepath.Join(dir, "expected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, r := range rows[1:] {
		row := map[string]string{}
		for i, name := range rows[0] {
			row[name] = r[i]
		}
		as, understood := readingOf(t, row["flags"])
		if !understood || row["outcome"] != "ok" && row["outcome"] != "ask" || row["case"] == "manifest-keys" {
			continue
		}
		done++
		corpus, err := OpenAs(filepath.Join(dir, row["case"], row["input"]), as)
		if row["outcome"] == "ask" {
			checkQuestion(t, row, corpus, err)
		} else if err != nil {
			t.Errorf("%s: %v", row["case"], err)
		} else {
			checkFormat(t, row, corpus)
		}
	}
	if done < 100 {
		t.Errorf("only %d rows were compared", done)
	}
}

// readingOf reads the flags of a row.
func readingOf(t *testing.T, flags string) (as Reading, ok bool) {
	t.Helper()
	words := strings.Fields(flags)
	for ; len(words) >= 2; words = words[2:] {
		value := words[1]
		switch words[0] {
		case "--columns":
			said, err := ParseColumns(value)
			if err != nil {
				t.Fatal(err)
			}
			as = as.With(said)
		case "--labels-from":
			as.LabelsFrom, _ = strconv.Atoi(value)
		default:
			as = as.With(Meta{{strings.TrimPrefix(words[0], "--"), value}})
		}
	}
	return as, len(words) == 0
}

// checkFormat looks for a table of the row's model with its number of rows and accuracy.
func checkFormat(t *testing.T, row map[string]string, c *Corpus) {
	t.Helper()
	var seen []string
	for _, table := range c.Tables {
		w, err := readWhole(table)
		if err != nil {
			seen = append(seen, err.Error())
			continue
		}
		got := accuracy(w)
		want, err := strconv.ParseFloat(row["accuracy"], 64)
		if err != nil {
			want = math.NaN()
		}
		if strconv.Itoa(w.N) == row["n"] && (math.Abs(got-want) < 1e-12 || math.IsNaN(got) && math.IsNaN(want)) {
			return
		}
		seen = append(seen, table.Model+": "+strconv.Itoa(w.N)+" rows, accuracy "+strconv.FormatFloat(got, 'g', 6, 64))
	}
	t.Errorf("%s %s %s: %s, want %s rows, accuracy %s (%v)", row["case"], row["model"], row["flags"], strings.Join(seen, "; "), row["n"], row["accuracy"], errors.Join(c.Problems...))
}

// accuracy is that of the answered rows with a label.
func accuracy(w *whole) float64 {
	right, all := 0, 0
	for i := range w.N {
		switch {
		case w.schema.Label && w.Label[i] < 0:
			continue
		case w.schema.Kind != Score && largest64(w, i) == int(w.Label[i]), w.schema.Correct && w.Correct[i], w.schema.Prediction && w.Prediction[i] == w.Label[i]:
			right++
		}
		all++
	}
	return float64(right) / float64(all)
}

// largest64 is the class of the largest value of row i.
func largest64(w *whole, i int) int {
	best, at := math.Inf(-1), 0
	for k := range w.schema.Classes {
		v := 0.0
		if len(w.F64) > 0 {
			v = w.F64[i*w.schema.Classes+k]
		} else {
			v = float64(w.F32[i*w.schema.Classes+k])
		}
		if v > best {
			best, at = v, k
		}
	}
	return at
}

// checkQuestion makes sure that the row's table is not read, and that the message has all
// its words.
func checkQuestion(t *testing.T, row map[string]string, c *Corpus, err error) {
	t.Helper()
	text := ""
	if e, ok := errors.AsType[*Error](err); ok {
		text = e.Error() + e.Hint
	} else {
		for _, p := range c.Problems {
			text += p.Error()
		}
		for _, table := range c.Tables {
			if _, err := readWhole(table); err != nil {
				text += err.Error()
			} else {
				t.Errorf("%s: %s is read without a question", row["case"], table.Name)
			}
		}
	}
	for _, word := range strings.Split(row["must_contain"], ";") {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			t.Errorf("%s: %q lacks %q", row["case"], text, word)
		}
	}
}
