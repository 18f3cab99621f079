package spelling

import "testing"

func TestNearest(t *testing.T) {
	ids := []string{"aurc", "auroc", "true-positive-rate"}
	for name, want := range map[string]string{"aurcc": "aurc", "auroc": "auroc", "tpr": "true-positive-rate", "aroc": "auroc"} {
		if got := Nearest(name, ids); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := Nearest("aurc", nil); got != "" {
		t.Errorf("nearest of nothing: %q", got)
	}
}
