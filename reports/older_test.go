package reports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMarkOlder: a page says once that it is older than the results; what is no page,
// or not there, stays.
func TestMarkOlder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.html")
	for _, c := range []struct{ page, want string }{
		{"<html><body class=\"x\">\n<h1>A</h1>", "<html><body class=\"x\">" + olderMark + "\n<h1>A</h1>"}, {"no page", "no page"}, {"<body", "<body"},
	} {
		if err := os.WriteFile(path, []byte(c.page), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := MarkOlder(path); err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(path); string(got) != c.want {
				t.Errorf("%q becomes %q", c.page, got)
			}
		}
	}
	if err := MarkOlder(path + "x"); err != nil {
		t.Error(err)
	}
	page := string(renderHTML(t, sampleDocument(3)))
	if !strings.Contains(page, "<body>") {
		t.Error("a page of this package has no body to mark")
	}
}
