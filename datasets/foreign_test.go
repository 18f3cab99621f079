package datasets

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
)

// Files of other programs are refused by the name of their format, whatever theirs is, with
// a way out.
func TestForeign(t *testing.T) {
	torch := zipWith(t, "net/data.pkl", "net/data/0", "net/version")
	for _, c := range []struct{ name, begins, want, instead string }{
		{"net.pt", torch, "torch", "safetensors"},
		{"net.npz", torch, "torch", "safetensors"}, // also under another name
		{"net.pt", torch[:40], "torch", "safetensors"},
		{"net", "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8", "torch", "safetensors"},
		{"net.bin", "\x80\x04\x95\x09", "pickle", "npz"},
		{"net.pkl", "(dp0\n", "pickle", "npz"},
		{"net.joblib", "\x78\x9c", "pickle", "npz"},
		{"net.h5", "\x89HDF\r\n\x1a\n", "HDF5", "h5py"},
		{"net.npy", "\x89HDF\r\n\x1a\n", "HDF5", "h5py"},
		{"net.mat", "MATLAB 5.0 MAT-file", "MATLAB", "loadmat"},
		{"net.xlsx", zipWith(t, "[Content_Types].xml", "xl/workbook.xml"), "Excel", "CSV"},
		{"net.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel", "CSV"},
		{"net.rds", "\x1f\x8b\x08\x00", "R file (rds)", "write.csv"},
		{"net.zip", zipWith(t, "a.csv"), `first file is "a.csv"`, "unpack"},
		{"net.npz", zipWith(t), "nothing in it", ""},
		{"net.arrow", "FEA1", "Feather", "version 2"},
	} {
		_, err := OpenTable(Table{FS: fstest.MapFS{c.name: {Data: []byte(c.begins)}}, Path: c.name, Name: c.name, Rows: -1})
		e, ok := err.(*Error)
		if !ok || e.Table != c.name || !strings.Contains(e.Err.Error(), c.want) || !strings.Contains(e.Hint, c.instead) {
			t.Errorf("%s beginning with %.8q: error %v, want %q and a hint with %q", c.name, c.begins, err, c.want, c.instead)
		}
	}
}

// zipWith is a zip file with empty members.
func zipWith(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
