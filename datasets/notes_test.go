package datasets

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Notes name things that users overlook easily.
func TestNotes(t *testing.T) {
	var once []string
	for i := range 30 {
		once = append(once, fmt.Sprintf("%d,%v,%v", i%2, 0.3+float64(i)/100, 0.7-float64(i)/100))
	}
	shuffled := slices.Concat(once, once)
	slices.Reverse(shuffled[20:50])
	for _, c := range []struct {
		name  string
		lines []string
		want  string // "" for no note
	}{
		{"weights", []string{"label,p0,p1,sample_weight", "0,.9,.1,2.5", "1,.2,.8,1.0"}, `column "sample_weight" does not weigh the samples`},
		{"whole weights", []string{"label,p0,p1,Weight", "0,.9,.1,2", "1,.2,.8,1"}, `column "Weight" does not weigh the samples`},
		{"percent", []string{"label,prediction,confidence", "0,0,50", "1,1,88"}, "in 50..88: if these are percentages"},
		{"largest logits", []string{"label,prediction,confidence", "0,0,5", "1,1,18"}, ""},
		{"unbounded", []string{"label,prediction,confidence", "0,0,-3.2", "1,1,-0.5", "1,0,-9"}, ""},
		{"once", append([]string{"label,l0,l1"}, once...), ""},
		{"twice", append([]string{"label,l0,l1"}, slices.Concat(once, once)...), "every row stands in the table twice"},
		{"twice in any order", append([]string{"label,p0,p1"}, shuffled...), "every row stands in the table twice"},
		{"one row more", append([]string{"label,l0,l1", "0,1,2"}, slices.Concat(once, once)...), ""},
		{"few kinds", append([]string{"label,l0,l1"}, slices.Repeat([]string{"0,1,2", "1,2,1"}, 40)...), ""},
		{"votes", append([]string{"correct,confidence"}, slices.Repeat([]string{"0,0.25", "1,0.5", "1,0.75"}, 40)...), ""},
	} {
		w, err := readWhole(csvTable(c.lines...))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := strings.Join(w.notes, "; "); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: notes %q, want %q", c.name, got, c.want)
		}
	}
}
