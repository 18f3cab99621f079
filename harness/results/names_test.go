package results

import (
	"os"
	"path/filepath"
	"testing"

	"abstain/metrics"
)

// TestHeadsAsPrinted: a results.csv that heads its columns with labels gives their numbers.
func TestHeadsAsPrinted(t *testing.T) {
	dir := t.TempDir()
	text := "model,dataset,split,condition,transform,confidence,status,n,classes,AUROC,AUROC.lo,AUROC.hi,sac@0.9\n" +
		"a,d,test,clean,none,msp,ok,10,2,0.75,0.5,0.875,0.25\n"
	if err := os.WriteFile(filepath.Join(dir, "results.csv"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][3]float64{"auroc": {0.75, 0.5, 0.875}, "SAC@0.9": {0.25}} {
		at := r.Column(metrics.MustMeasure(name))
		if at < 0 {
			t.Fatalf("no column %s", name)
		}
		if e := r.Rows[0].Cells[at]; e.Value != want[0] || want[1] > 0 && (e.Lo != want[1] || e.Hi != want[2]) {
			t.Errorf("%s is %+v, want %v", name, e, want)
		}
	}
}
