package results

import (
	"os"
	"path/filepath"
	"testing"
)

func FuzzRead(f *testing.F) {
	header := "model,dataset,split,condition,transform,confidence,status,n,classes,aurc,aurc.lo,aurc.hi\n"
	f.Add(header+"a,d,test,clean,none,msp,ok,5,3,0.5,0.4,0.6\n", "model,regime\na,x\n", "{}", "model,dataset,split,condition,transform,confidence,metric,note\na,d,test,clean,none,msp,aurc,why\n")
	f.Add(header+"a,d,test,clean,none,,failed,,,,,\n", "model\n", `{"failures":[{"table":"a"}]}`, "a,b\n")
	f.Add("model\n", "", "[", "")
	f.Fuzz(func(t *testing.T, results, models, run, notes string) {
		dir := t.TempDir()
		for name, content := range map[string]string{"results.csv": results, "models.csv": models, "run.json": run, "notes.csv": notes} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		r, err := Read(dir)
		if err != nil {
			return
		}
		for _, row := range r.Rows {
			if row.Status == "ok" && len(row.Cells) != len(r.Measures) {
				t.Fatalf("%d cells for %d metrics", len(row.Cells), len(r.Measures))
			}
		}
	})
}
