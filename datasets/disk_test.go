package datasets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const diskTable = "label,l0,l1\n1,-2,1\n0,0.5,0.25\n"

// diskCorpus is a folder with one table, and one beside the folder.
func diskCorpus(t *testing.T) (folder, beside string) {
	t.Helper()
	top := t.TempDir()
	folder, beside = filepath.Join(top, "corpus"), filepath.Join(top, "secret.csv")
	for p, text := range map[string]string{filepath.Join(folder, "in", "net.csv"): diskTable, beside: diskTable} {
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder, beside
}

func link(t *testing.T, to, from string) {
	t.Helper()
	if err := os.Symlink(to, from); err != nil {
		t.Skipf("links cannot be made here: %v", err)
	}
}

// TestLinks: links that leave the corpus and links to folders are refused by name unless
// they are to be followed; what the user names is read whatever it is.
func TestLinks(t *testing.T) {
	folder, beside := diskCorpus(t)
	link(t, beside, filepath.Join(folder, "out.csv"))
	link(t, "in/net.csv", filepath.Join(folder, "alias.csv"))
	link(t, "in", filepath.Join(folder, "twin"))
	link(t, "..", filepath.Join(folder, "in", "loop"))
	link(t, "nowhere", filepath.Join(folder, "gone.csv"))
	for _, x := range []struct {
		follow   bool
		models   string
		problems []string
	}{
		{false, "alias net", []string{"in/loop: is a link to a folder", "gone.csv: is a link:", "out.csv: is a link that leads out", "twin: is a link to a folder"}},
		{true, "alias out net net", []string{"in/loop: is a link to a folder that it lies in", "twin/loop: is a link to a folder that it lies in", "gone.csv: is a link:"}},
	} {
		c, err := OpenAs(folder, Reading{Follow: x.follow})
		if err != nil {
			t.Fatal(err)
		}
		all := ""
		for _, p := range c.Problems {
			all += filepath.ToSlash(p.Error()) + "\n"
		}
		for _, p := range x.problems {
			if !strings.Contains(all, p) {
				t.Errorf("follow %v: no problem %q in\n%s", x.follow, p, all)
			}
		}
		for _, table := range c.Tables {
			if !strings.Contains(x.models, table.Model) {
				t.Errorf("follow %v: read %s", x.follow, table.Name)
			}
			if _, err := readWhole(table); err != nil {
				t.Error(err)
			}
		}
	}
	c, err := Open(filepath.Join(folder, "out.csv"))
	if err != nil || len(c.Tables) != 1 {
		t.Errorf("a link that the user names: %v, %v", c, err)
	}
}

// TestNoFile: what is no file is refused by name, without opening it: that would wait.
func TestNoFile(t *testing.T) {
	folder, _ := diskCorpus(t)
	pipe := filepath.Join(folder, "pipe.csv")
	if err := makePipe(pipe); err != nil {
		t.Skipf("pipes cannot be made here: %v", err)
	}
	link(t, "/dev/zero", filepath.Join(folder, "zeros.npy"))
	link(t, "pipe.csv", filepath.Join(folder, "classes.txt"))
	done := make(chan string)
	go func() {
		var all string
		c, err := OpenAs(folder, Reading{Follow: true})
		if err == nil {
			for _, p := range c.Problems {
				all += p.Error() + "\n"
			}
		}
		_, err = Open(pipe)
		done <- all + err.Error()
	}()
	select {
	case got := <-done:
		if strings.Count(got, "a named pipe") != 3 || !strings.Contains(got, "zeros.npy: leads to a device") {
			t.Error(got)
		}
	case <-time.After(time.Minute):
		t.Fatal("it waits for the pipe")
	}
}
