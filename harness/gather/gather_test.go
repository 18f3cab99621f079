package gather

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets"
)

// table opens a table given as CSV.
func table(t *testing.T, content string) datasets.Table {
	t.Helper()
	c, err := datasets.OpenFS(fstest.MapFS{"a.csv": {Data: []byte(content)}}, ".", "corpus")
	if err != nil {
		t.Fatal(err)
	}
	return c.Tables[0]
}

// TestTable: samples come in the order of their ids, groups have sorted levels,
// and the memory of one table is used again for the next.
func TestTable(t *testing.T) {
	memory := new(Workspace)
	for range 2 {
		o, _, err := Table(context.Background(), table(t, "sample_id,label,p0,p1,site\n12,1,0.3,0.7,y\n11,0,0.9,0.1,x\n13,1,0.6,0.4,\n"), Wanted{Workspace: memory})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(o.IDs.Int, o.Row, o.Label, o.Correct, o.Groups[0].Levels, o.Groups[0].Code); got != "[11 12 13] [1 0 2] [0 1 1] [true true false] [x y] [0 1 -1]" {
			t.Error(got)
		}
		if o.TableRow(1) != 0 || o.ID(1) != "12" {
			t.Errorf("sample 1 is %s of row %d", o.ID(1), o.TableRow(1))
		}
		rising, _, err := Table(context.Background(), table(t, "sample_id,confidence,correct\n4,0.5,1\n5,0.4,0\n"), Wanted{Workspace: memory})
		if err != nil || rising.Row != nil {
			t.Errorf("ids that rise: rows %v, %v", rising.Row, err)
		}
	}
}

// TestTableRefuses: an error names its place, and with Report all errors are
// reported.
func TestTableRefuses(t *testing.T) {
	short := table(t, "label,p0,p1\n0,0.9,0.1\n")
	short.Rows = 2
	for want, of := range map[string]datasets.Table{
		`a.csv: column "sample_id": line 4: the same sample as line 2`: table(t, "sample_id,label,p0,p1\n7,0,0.9,0.1\n3,1,0.3,0.7\n7,0,0.6,0.4\n"),
		"no rows":                            table(t, "sample_id,label,p0,p1\n"),
		"1 rows where the manifest states 2": short,
		`column "p0..p1": line 3`:            table(t, "label,p0,p1\n0,0.9,0.1\n0,2,2\n"),
	} {
		if _, err := Outcomes(context.Background(), of); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	var heard []int
	_, _, err := Table(context.Background(), table(t, "label,p0,p1\n0,2,2\n0,0.9,0.1\n0,2,2\n"), Wanted{Report: func(e *datasets.Error) bool {
		heard = append(heard, e.Row)
		return true
	}})
	if !errors.Is(err, ErrReported) || fmt.Sprint(heard) != "[0 2]" {
		t.Errorf("%v, heard of %v", err, heard)
	}
}

// TestAgain: a table that has changed since it was first read is refused, because
// its samples may be others.
func TestAgain(t *testing.T) {
	of := table(t, "label,p0,p1\n0,0.9,0.1\n1,0.3,0.7\n")
	seen := 0
	each := func(b *datasets.Batch) error { seen += b.N; return nil }
	if err := Again(context.Background(), of, 2, func(datasets.Schema) {}, each); err != nil || seen != 2 {
		t.Errorf("%d rows, %v", seen, err)
	}
	for _, rows := range []int{1, 3} {
		if err := Again(context.Background(), of, rows, func(datasets.Schema) {}, each); err == nil || !strings.Contains(err.Error(), "other rows") {
			t.Errorf("%d rows expected: %v", rows, err)
		}
	}
}
