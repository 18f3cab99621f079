package study

import (
	"os"
	"path/filepath"
	"testing"

	"abstain/harness"
)

// published reads the figures that the authors of the study of 523 classifiers
// released, which stand beside the module, or skips.
func published(t *testing.T, name string, o Options) *Report {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "papers", name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("no published figures at ../shared/papers beside the module")
	}
	results, err := harness.ReadResults(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Study(results, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPublished(t *testing.T) {
	published(t, "imagenet-523", Options{Seed: 1})
}
