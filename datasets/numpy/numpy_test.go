package numpy

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"abstain/datasets/column"
	"abstain/datasets/internal/sourcetest"
)

// written is what testdata/make.py says of an array.
type written struct {
	Kind  string
	Width int
	Cells []string
	Error string
}

// What NumPy wrote once, and what the NumPy of this machine writes, is read as it is.
func TestWrittenByNumPy(t *testing.T) {
	t.Run("committed", func(t *testing.T) { checkWritten(t, "testdata/written") })
	t.Run("now", func(t *testing.T) {
		dir := t.TempDir()
		runPython(t, "testdata/make.py", dir, "2")
		checkWritten(t, dir)
	})
}

// runPython runs a script with a Python that has NumPy, and skips the test if there is none.
func runPython(t *testing.T, args ...string) {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import numpy").Run() != nil {
			continue
		}
		if out, err := exec.Command(python, append([]string{"-W", "ignore"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	t.Skip("no python3 with numpy here")
}

func checkWritten(t *testing.T, dir string) {
	raw, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]written
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	files, err := zip.OpenReader(filepath.Join(dir, "files.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	if len(files.File) != len(expected) {
		t.Errorf("%d files, %d expected", len(files.File), len(expected))
	}
	for _, f := range files.File {
		name := strings.TrimSuffix(f.Name, ".npy")
		checkArray(t, name, member(t, f), expected[name])
	}
	for _, name := range []string{"stored.npz", "deflated.npz", "pipe.npz"} {
		checkZip(t, filepath.Join(dir, name), expected)
	}
}

func member(t *testing.T, f *zip.File) []byte {
	t.Helper()
	in, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openBytes(name string, b []byte) (column.Source, error) {
	return OpenFiles([]File{{Column: name, Name: name + ".npy", At: bytes.NewReader(b), Size: int64(len(b))}})
}

func checkArray(t *testing.T, name string, b []byte, want written) {
	t.Helper()
	s, err := openBytes(name, b)
	if want.Error != "" {
		if err == nil || !strings.Contains(err.Error(), want.Error) || !strings.Contains(err.Error(), name+".npy") {
			t.Errorf("%s: error %v, want one with %q", name, err, want.Error)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer s.Close()
	got, err := sourcetest.Read(s, 0)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	equal(t, name, got[0], want)
}

// equal compares floats by value, because Python writes hexadecimal numbers otherwise.
func equal(t *testing.T, name string, got sourcetest.Values, want written) {
	t.Helper()
	cells := slices.Clone(want.Cells)
	if strings.Contains(want.Kind, "float") {
		for i, c := range cells {
			v, err := strconv.ParseFloat(c, 64)
			if err != nil {
				t.Fatal(err)
			}
			cells[i] = sourcetest.Float(v)
		}
	}
	if got.Kind.String() != want.Kind || got.Width != want.Width || !slices.Equal(got.Cells, cells) {
		t.Errorf("%s: %v %d %q\nwant %v %d %q", name, got.Kind, got.Width, got.Cells, want.Kind, want.Width, cells)
	}
}

func checkZip(t *testing.T, name string, expected map[string]written) {
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		s, err := OpenZip(f, st.Size(), name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if i == len(s.Fields()) {
			s.Close()
			return
		}
		checkField(t, name, s, i, expected)
		s.Close()
	}
}

func checkField(t *testing.T, name string, s column.Source, i int, expected map[string]written) {
	t.Helper()
	f := s.Fields()[i]
	if f.Kind == column.Other {
		if !strings.Contains(f.Stored, "rows where") { // arrays of another length than most
			t.Errorf("%s: %s is %s", name, f.Name, f.Stored)
		}
		return
	}
	got, err := sourcetest.Read(s, i)
	if err != nil {
		t.Errorf("%s: %s: %v", name, f.Name, err)
		return
	}
	equal(t, f.Name, got[0], expected[f.Name])
}
