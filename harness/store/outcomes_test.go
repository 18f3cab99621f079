package store

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"abstain/datasets"
	"abstain/metrics"
)

// TestSavedOutcomes: loaded outcomes equal those saved to the last bit, whether a
// column is stored in full, narrowed, or derived from others, and also in memory
// that was used before.
func TestSavedOutcomes(t *testing.T) {
	key := []float64{-math.Inf(1), -1e300, -0.1, -1e-300, 700}
	odds := make([]float64, len(key))
	for i, k := range key {
		odds[i] = 1 / (1 - min(k, 0))
	}
	off := append([]float64(nil), odds...)
	off[2] = math.Nextafter(off[2], 1)
	all := func(v ...float64) []float64 { return v }
	tables := []*Outcomes{
		{Outcomes: &metrics.Outcomes{Classes: 300, Label: []int32{-1, 299, 5, 0, 1}, Prediction: []int32{0, 127, 5, 0, 2},
			Correct: []bool{false, false, true, true, false}, LabelRank: []int32{-1, 40000, 0, 0, 1},
			NLL: all(math.Inf(1), 0.1, 0.5, 0, 2), Brier: all(0.5, 0.25, 2, 0, 1),
			Confidences: []metrics.Confidence{{Name: "msp", Value: odds, Key: key, Probability: true},
				{Name: "margin", Value: off, Key: key}, {Name: "stored", Value: all(0.1, 0.5, 1, 0, 1e-300)}}},
			IDs: datasets.IDs{Int: []int64{7, 8, 9, 10, 11}}},
		{Outcomes: &metrics.Outcomes{Correct: []bool{true, false, true},
			Confidences: []metrics.Confidence{{Name: "stored", Value: all(0.5, 0.25, 1)}},
			Groups:      []metrics.Group{{Name: "g", Levels: []string{"x", "y"}, Code: []int32{1, -1, 0}}}},
			IDs: datasets.IDs{Int: []int64{1, 1 << 40, 2}}, Row: []int32{0, 2, 1}},
		{Outcomes: &metrics.Outcomes{Correct: make([]bool, 17), Confidences: []metrics.Confidence{{Name: "stored", Value: make([]float64, 17)}}},
			IDs: datasets.IDs{Text: make([]string, 17)}},
		{Outcomes: &metrics.Outcomes{Classes: 3, Label: []int32{0, 2, 1}, Prediction: []int32{-1, 2, -1}, Correct: []bool{false, true, false},
			ShouldAbstain: []bool{true, false, false}, Confidences: []metrics.Confidence{{Name: "stored", Value: all(0.5, 0.25, 1)}}},
			IDs: datasets.IDs{Int: []int64{1, 2, 3}}},
		{Outcomes: &metrics.Outcomes{Classes: 3, Label: []int32{0, 2, 1}, Prediction: []int32{0, 2, 0}, Correct: []bool{true, true, false},
			SetSize: []int32{1, 0, 3}, SetHolds: []bool{true, false, true}, SetAlpha: 0.1,
			Confidences: []metrics.Confidence{{Name: "score:set-size", Value: all(-1, 0, -3)}}},
			IDs: datasets.IDs{Int: []int64{1, 2, 3}}},
	}
	memory := new(Workspace)
	for i, want := range tables {
		var b bytes.Buffer
		if err := encode(&b, want, memory); err != nil {
			t.Fatal(err)
		}
		content := b.Bytes()
		if has := bytes.Contains(content, []byte("confidence:margin")); i == 0 && !has || bytes.Contains(content, []byte("confidence:msp")) {
			t.Error("values are stored that follow from their keys, or others are not")
		}
		folder := Folder(t.TempDir())
		if err := folder.SaveOutcomes("key", want, memory); err != nil {
			t.Fatal(err)
		}
		got, err := folder.LoadOutcomes("key")
		if err != nil {
			t.Fatalf("table %d: %v", i, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("table %d: got %+v, want %+v", i, got.Outcomes, want.Outcomes)
		}
	}
}

// TestFormatOfAnswers: versions that would take abstentions for errors do not read them;
// outcomes without are kept as before, so that every version reads them.
func TestFormatOfAnswers(t *testing.T) {
	for want, o := range map[string]*metrics.Outcomes{
		"2": {Label: []int32{-1}, Prediction: []int32{0}}, "3": {Prediction: []int32{0, -1}},
	} {
		if got := formatOf(o); got != want {
			t.Errorf("format %s, want %s", got, want)
		}
	}
	if formatOf(&metrics.Outcomes{ShouldAbstain: []bool{false}}) != "3" {
		t.Error("where to abstain is kept in a format that cannot tell it")
	}
}

// TestOtherFormat: nothing of a folder is used that was kept under another format.
func TestOtherFormat(t *testing.T) {
	dir := t.TempDir()
	var lines string
	for key, format := range map[string]string{"old": "1", "new": format} {
		line, err := lineOf(&Record{Key: key, Format: format, N: 3})
		if err != nil {
			t.Fatal(err)
		}
		lines += string(line)
	}
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	j, err := ReadJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	if j.Lookup("old") != nil || j.Lookup("new") == nil {
		t.Error("a record of another format is found, or one of this format is not")
	}
}
