package bench

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"abstain/datasets"
)

func TestStages(t *testing.T) {
	for _, shape := range []Shape{{Models: 2, Samples: 300, Classes: 7}, {Models: 3, Samples: 100}} {
		dir := t.TempDir()
		if err := Generate(context.Background(), dir, shape); err != nil {
			t.Fatal(err)
		}
		c, err := datasets.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		stages, err := Stages(context.Background(), c, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Tables) != shape.Models || len(stages) != 5 || stages[0].Name != "plain read" {
			t.Errorf("%d tables, stages %+v", len(c.Tables), stages)
		}
		if run := stages[4]; run.Memory <= 0 {
			t.Errorf("the run took no memory: %+v", run)
		}
		for _, s := range stages {
			if s.Bytes < shape.Bytes() || s.Seconds <= 0 || s.Rate() <= 0 {
				t.Errorf("stage %+v of %d bytes", s, shape.Bytes())
			}
		}
	}
}

// TestGenerate: the same shape gives the same bytes, another model others.
func TestGenerate(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		if err := Generate(context.Background(), dir, Shape{Models: 2, Samples: 50, Classes: 4}); err != nil {
			t.Fatal(err)
		}
	}
	file := func(dir, name string) []byte {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	for _, name := range []string{"manifest.csv", "synthetic-0000.arrow", "synthetic-0001.arrow"} {
		if !bytes.Equal(file(a, name), file(b, name)) {
			t.Errorf("%s differs", name)
		}
	}
	if bytes.Equal(file(a, "synthetic-0000.arrow"), file(a, "synthetic-0001.arrow")) {
		t.Error("two models are the same")
	}
}

func TestCost(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "corpus")
	c, err := cost(context.Background(), dir, Shape{Models: 2, Samples: 50, Classes: 3}, 1)
	if err != nil || c.Models != 2 || c.Seconds <= 0 || c.Memory <= 0 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the corpus is left behind")
	}
}
