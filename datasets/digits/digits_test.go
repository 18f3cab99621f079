package digits

import "testing"

// TestAll: the numbers of each digit are those that the repository states for the test part.
func TestAll(t *testing.T) {
	labels, places, err := All()
	if err != nil {
		t.Fatal(err)
	}
	var count [Classes]int
	for _, y := range labels {
		count[y]++
	}
	if want := [Classes]int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}; count != want {
		t.Errorf("%v of each digit, want %v", count, want)
	}
	for i, v := range places {
		if v > Darkest {
			t.Fatalf("place %d is %d", i, v)
		}
	}
}
