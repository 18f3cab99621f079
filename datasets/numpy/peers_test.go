package numpy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
	"abstain/datasets/internal/sourcetest"
)

// outputs is an array of fd-shifts of two classes: two outputs, label, data set.
func outputs(descr string, rows ...[4]float64) string {
	var b bytes.Buffer
	for _, r := range rows {
		for _, v := range r {
			if descr == "<f8" {
				binary.Write(&b, binary.LittleEndian, v)
			} else {
				binary.Write(&b, binary.LittleEndian, float32(v))
			}
		}
	}
	return string(npy(1, fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d, 4)}", descr, len(rows)),
		b.Bytes()))
}

// section reads the columns of a section.
func section(t *testing.T, b []byte, name, section string) (meta []column.Pair, fields []string,
	values []sourcetest.Values) {
	t.Helper()
	s, err := openZipBytes(name, b)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if section != "" {
		if err := s.(column.Sectioned).Enter(section); err != nil {
			t.Fatal(err)
		}
	}
	var all []int
	for i, f := range s.Fields() {
		fields = append(fields, f.Name)
		if f.Kind != column.Other {
			all = append(all, i)
		}
	}
	meta = s.Meta()
	if values, err = sourcetest.Read(s, all...); err != nil {
		t.Fatal(err)
	}
	return meta, fields, values
}

// The data sets of fd-shifts are sections, wherever their rows lie; one that has a label
// that is no class is out of distribution.
func TestShifts(t *testing.T) {
	rows := [][4]float64{{1, 2, 0, 0}, {3, 4, 7, 2}, {5, 6, 1, 0}, {7, 8, 1, 0}, {9, 10, 1, 2}, {11, 12, -1, 1}}
	for _, descr := range []string{"<f4", "<f8"} {
		for _, m := range []uint16{zip.Store, zip.Deflate} {
			b := zipOf(t, method(m), "arr_0.npy", outputs(descr, rows...))
			for name, want := range map[string]string{
				"dataset-index-0": "[{dataset dataset-index-0}] [logits label] [1 2 5 6 7 8] [0 1 1]",
				"dataset-index-1": "[{dataset dataset-index-1}] [logits label] [11 12] [-1]",
				"dataset-index-2": "[{dataset dataset-index-2} {condition ood}] [logits label] [3 4 9 10] [-1 -1]",
			} {
				meta, fields, v := section(t, b, "exp/test_results/raw_logits.npz", name)
				if got := fmt.Sprint(meta, fields, numbers(t, v[0]), v[1].Cells); got != want {
					t.Errorf("%s, method %d, %s: %s, want %s", descr, m, name, got, want)
				}
			}
		}
	}
}

func numbers(t *testing.T, v sourcetest.Values) []float64 {
	t.Helper()
	var list []float64
	for _, c := range v.Cells {
		var f float64
		if _, err := fmt.Sscanf(c, "%g", &f); err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return list
}

func TestShiftsNames(t *testing.T) {
	b := zipOf(t, method(zip.Store), "arr_0.npy", outputs("<f4", [4]float64{0.5, 0.5, 1, 3}))
	if _, fields, _ := section(t, b, "raw_output.npz", "dataset-index-3"); !slices.Equal(fields, []string{"probs",
		"label"}) {
		t.Errorf("fields %v", fields)
	}
	s, err := openZipBytes("net.npz", b) // under another name nothing says what the columns are
	if err != nil || s.(column.Sectioned).Sections() != nil {
		t.Errorf("error %v or sections", err)
	}
	for _, bad := range [][4]float64{{0, 0, 0.5, 0}, {0, 0, 1, 1.5}, {0, 0, 1 << 24, 0}} {
		b := zipOf(t, method(zip.Store), "arr_0.npy", outputs("<f4", [4]float64{}, bad))
		if _, err := openZipBytes("raw_logits.npz", b); err == nil || !strings.HasPrefix(err.Error(),
			`column "arr_0": row 1: `) {
			t.Errorf("%v: error %v", bad, err)
		}
	}
}

// Scores of OpenOOD are of the data set that the file is named after, which is out of
// distribution if no label is a class.
func TestScores(t *testing.T) {
	for label, want := range map[int64][]column.Pair{
		-1: {{Key: "dataset", Value: "svhn"}, {Key: "condition", Value: "ood"}}, 3: {{Key: "dataset", Value: "svhn"}},
	} {
		values := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, ^uint64(0)), uint64(label))
		b := zipOf(t, method(zip.Deflate), "pred.npy", string(shaped("<i8", "(2,)", 16)), "conf.npy",
			string(shaped("<f4", "(2,)", 8)),
			"label.npy", string(npy(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,)}", values)))
		if meta, _, _ := section(t, b, "msp/scores/svhn.npz", ""); !reflect.DeepEqual(meta, want) {
			t.Errorf("label %d: %v, want %v", label, meta, want)
		}
	}
}
