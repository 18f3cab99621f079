package published

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestImageNet: what is written are 523 models, each with a clean row and eleven levels of
// new classes; the same files as those they were made from, where these are at hand.
func TestImageNet(t *testing.T) {
	s, dir := ImageNet(), filepath.Join(t.TempDir(), "a", "b")
	if err := s.Write(dir); err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, line := range read(t, filepath.Join(dir, "results.csv")) {
		if line[5] == "msp" && line[6] == "ok" {
			rows[line[0]]++
		}
	}
	models := read(t, filepath.Join(dir, "models.csv"))
	if len(rows) != 523 || len(models) != 523+1 {
		t.Errorf("%d and %d models", len(rows), len(models)-1)
	}
	for _, m := range models[1:] {
		if rows[m[0]] != 12 {
			t.Errorf("%s has %d rows by msp", m[0], rows[m[0]])
		}
	}
	for _, name := range []string{"results.csv", "models.csv"} {
		want, err := os.ReadFile(filepath.Join("../../../shared/papers", s.Name, name))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skip("the files that were embedded are not here")
		}
		if got, _ := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from its source: %v", name, err)
		}
	}
}

func read(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
