package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abstain/metrics"
)

func folder(t *testing.T, content string) (*Results, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "results.csv"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return Read(dir)
}

// TestMeasuresOfAFolder: columns are metrics under the names that the file has, and
// are found in any spelling.
func TestMeasuresOfAFolder(t *testing.T) {
	const key = "model,dataset,split,condition,transform,confidence,status,n,classes,"
	s, err := folder(t, key+"accuracy,accuracy.lo,accuracy.hi,ece\na,d,test,clean,none,msp,ok,5,3,0.8,0.7,0.9,0.1\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.Names(), " "); got != "accuracy ece" {
		t.Errorf("names %q", got)
	}
	if at := s.Column(metrics.MustMeasure("ece@15")); at != 1 || s.Rows[0].Cells[at].Value != 0.1 {
		t.Errorf("ECE in column %d of %+v", at, s.Rows[0])
	}
	if at := s.Column(metrics.MustMeasure("aurc")); at != -1 {
		t.Errorf("AURC in column %d", at)
	}
	_, err = folder(t, key+"auroq\n")
	if err == nil || !strings.Contains(err.Error(), `results.csv: column "auroq": metric "auroq" is not known: did you mean "auroc"?`) {
		t.Errorf("error %v", err)
	}
}
