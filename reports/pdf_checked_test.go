package reports

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"abstain/reports/typeface"
)

// TestPDFByOthers: other programs find nothing wrong with the file, and every font in it is
// embedded as a subset whose text can be copied.
func TestPDFByOthers(t *testing.T) {
	for name, d := range map[string]Document{"523": sampleDocument(523), "3": sampleDocument(3), "appendix": {Board: plainBoard(), Appendix: true}} {
		file := filepath.Join(t.TempDir(), name+".pdf")
		if err := os.WriteFile(file, render(t, d), 0o666); err != nil {
			t.Fatal(err)
		}
		t.Run("qpdf "+name, func(t *testing.T) {
			out := run(t, "qpdf", "--check", file)
			if !strings.Contains(out, "No syntax or stream encoding errors found") || strings.Contains(out, "WARNING") {
				t.Error(out)
			}
		})
		t.Run("pdffonts "+name, func(t *testing.T) {
			lines := strings.Split(strings.TrimSpace(run(t, "pdffonts", file)), "\n")
			if len(lines) < 4 {
				t.Fatalf("no fonts: %q", lines)
			}
			for _, line := range lines[2:] {
				fields := strings.Fields(line)
				n := len(fields)
				if n < 6 || strings.Join(fields[n-5:n-2], " ") != "yes yes yes" || strings.Index(fields[0], "+") != 6 {
					t.Errorf("not embedded as a subset with its characters: %s", line)
				}
			}
			if all := strings.Join(lines, "\n"); !strings.Contains(all, "+Lato-Regular") || !strings.Contains(all, "+Lato-Bold") {
				t.Errorf("the type of the paper is not there:\n%s", all)
			}
		})
	}
}

// run runs a program that not every machine has.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip("no " + name + " on this machine")
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// TestPDFIsQuick: a paper of 523 models takes far less than the five seconds that a
// reader would wait.
func TestPDFIsQuick(t *testing.T) {
	d := sampleDocument(523)
	begin := time.Now()
	render(t, d)
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("%v", took)
	}
}

// TestPagesAreFull: however many models there are, no page but the last is less than half
// full, no page is overfull, and every piece is on one page.
func TestPagesAreFull(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 8, 12, 20, 45, 60, 130, 523} {
		d := sampleDocument(n)
		fonts, err := typeface.Paper(nil)
		if err != nil {
			t.Fatal(err)
		}
		s := newSheet(fonts, d)
		c := &composer{s: s, d: d, a: d.Answers()}
		if err := c.compose(); err != nil {
			t.Fatal(err)
		}
		strips := s.short(c.offers)
		pages := pack(strips)
		seen := 0
		for k, p := range pages {
			sum := gapBands * float64(len(p.Bands)-1)
			for _, h := range p.Heights {
				sum += h
			}
			seen += len(p.Bands)
			if full := sum / (pageHeight - head - bottom); full > 1+1e-9 || full < 0.5 && k < len(pages)-1 {
				t.Errorf("%d models: page %d of %d is %.0f %% full", n, k+1, len(pages), 100*full)
			}
		}
		if seen != len(strips) || len(pages) > mostPages {
			t.Errorf("%d models: %d of %d strips on %d pages", n, seen, len(strips), len(pages))
		}
	}
}
