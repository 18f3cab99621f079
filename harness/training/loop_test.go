package training

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func small(t *testing.T, d Digits) Config {
	t.Helper()
	data, err := d.Load()
	if err != nil {
		t.Fatal(err)
	}
	r := GridRecipe
	r.Epochs = 3
	return Config{Data: data, Recipe: r, Seeds: 1, Seed: 1, Families: []string{"mlp-32"}}
}

// contents are the files of a folder by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameFiles(t *testing.T, what string, a, b map[string]string) {
	t.Helper()
	if len(a) != len(b) {
		t.Errorf("%s: %d files, want %d", what, len(b), len(a))
	}
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s: %s differs", what, name)
		}
	}
}

var smallDigits = Digits{Noise: 0.2, Train: 300, Val: 150, Meta: 120, Held: 2, Box: true, Seed: 1}

// TestWorkersAndInterruptions: the same bytes for one worker and several, and after an interruption.
func TestWorkersAndInterruptions(t *testing.T) {
	c := small(t, smallDigits)
	c.Out, c.Workers = t.TempDir(), 1
	if _, err := Train(context.Background(), c, nil); err != nil {
		t.Fatal(err)
	}
	want := contents(t, c.Out)

	c.Out, c.Workers = t.TempDir(), 3
	ctx, cancel := context.WithCancel(context.Background())
	made := 0
	_, err := Train(ctx, c, func(Trained) {
		if made++; made == 5 {
			cancel()
		}
	})
	if err == nil {
		t.Error("the interruption is not reported")
	}
	trained, err := Train(context.Background(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	cached := 0
	for _, m := range trained {
		if m.Err != nil {
			t.Errorf("%s: %v", m.Model.Name, m.Err)
		}
		if m.Cached {
			cached++
		}
	}
	if cached < 5 {
		t.Errorf("%d models were there, want at least 5", cached)
	}
	sameFiles(t, "interrupted and resumed", want, contents(t, c.Out))
	if !strings.Contains(want["manifest.csv"], "mlp-32-gamma-net-sece-seed0") {
		t.Error("the manifest lacks gamma-Net")
	}
}

// TestHeadsLeaveTheBackbone: fine-tuning changes the last layer only.
func TestHeadsLeaveTheBackbone(t *testing.T) {
	c := small(t, Digits{Noise: 0.5, Train: 300, Val: 200, Group: true, Seed: 1})
	models, err := Plan(c)
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{Config: c}
	heads := 0
	for _, m := range models {
		if m.Regime.Head == nil {
			continue
		}
		heads++
		tuned, err := w.fit(context.Background(), m)
		if err != nil {
			t.Fatal(err)
		}
		backbone, err := w.once(context.Background(), w.twin(m, "vanilla"))
		if err != nil {
			t.Fatal(err)
		}
		before, after := backbone.networks[0].Weights(), tuned.networks[0].Weights()
		last := 32*2 + 2
		for i := range before[:len(before)-last] {
			if before[i] != after[i] {
				t.Fatalf("%s: weight %d of the backbone changed", m.Name, i)
			}
		}
		same := true
		for i := len(before) - last; i < len(before); i++ {
			same = same && before[i] == after[i]
		}
		if same {
			t.Errorf("%s: the last layer did not change", m.Name)
		}
	}
	if heads != 13 {
		t.Errorf("%d heads, want 13", heads)
	}
}
