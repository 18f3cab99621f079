package parquet

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
)

// Files of many writers are compared with what DuckDB reads in them;
// testdata/writers/README.md names writers and options.
func TestWriters(t *testing.T) {
	files, err := filepath.Glob("testdata/writers/*.json")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".json"), func(t *testing.T) { checkWriter(t, name) })
	}
}

// moments are dates and timestamps, of which the expected values know nothing.
var moments = regexp.MustCompile(`^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z?)?$`)

func checkWriter(t *testing.T, name string) {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]any
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	b, err = os.ReadFile(strings.TrimSuffix(name, ".json") + ".parquet")
	if err != nil {
		t.Fatal(err)
	}
	got, n, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(got, func(name string, c *column.Column) bool {
		return want[name] == nil && len(c.Text) == n && moments.MatchString(c.Text[0])
	})
	if len(got) != len(want) || n != len(want["label"]) {
		t.Fatalf("%d rows of %d columns, want %d of %d", n, len(got), len(want["label"]), len(want))
	}
	for name, cells := range want {
		for i, cell := range cells {
			if stored := cellOf(got[name], i); !sameCell(stored, cell) {
				t.Fatalf("%s, row %d: %v, want %v", name, i, stored, cell)
			}
		}
	}
}

// cellOf is row i of a column; a class vector is a slice of its values.
func cellOf(c *column.Column, i int) any {
	switch {
	case c == nil:
		return "no such column"
	case c.Null[i]:
		return nil
	case c.F32 != nil && c.Width > 1:
		return c.F32[i*c.Width : (i+1)*c.Width]
	case c.F64 != nil && c.Width > 1:
		return c.F64[i*c.Width : (i+1)*c.Width]
	case c.F32 != nil:
		return c.F32[i]
	case c.F64 != nil:
		return c.F64[i]
	case c.Int != nil:
		return c.Int[i]
	case c.Bool != nil:
		return c.Bool[i]
	}
	return c.Text[i]
}

func sameCell(got, want any) bool {
	switch got := got.(type) {
	case float32:
		return got == float32(want.(float64))
	case float64:
		return got == want
	case []float32:
		return slices.EqualFunc(got, want.([]any), func(g float32, w any) bool { return sameCell(g, w) })
	case []float64:
		return slices.EqualFunc(got, want.([]any), func(g float64, w any) bool { return sameCell(g, w) })
	case int64:
		if w, ok := want.(float64); ok {
			return got == int64(w)
		}
		return fmt.Sprint(got) == want // too long for a number of JSON
	}
	return got == want
}

func TestEncrypted(t *testing.T) {
	for _, name := range []string{"footer", "columns"} {
		b, err := os.ReadFile("testdata/writers/arrow-go-encrypted-" + name + ".parquet")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := read(b); err == nil || !strings.Contains(err.Error(), "encrypted") {
			t.Errorf("encrypted %s: error %v", name, err)
		}
	}
}
