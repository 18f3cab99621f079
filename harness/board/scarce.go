package board

import "fmt"

// Scarce says where errors, or right samples, are too few to prove an order.
type Scarce struct {
	Models []string // those with less than two of a kind: nothing is proven of them
	All    bool     // no order at all could be proven, whatever the values
}

// words are the notes below a board.
func (s Scarce) words(label string, level float64) (notes []string) {
	if len(s.Models) > 0 {
		have := plural2(len(s.Models), "model has", "models have")
		text := "%s fewer than two errors or right samples, so that no order by %s can be proven: %s"
		notes = append(notes, fmt.Sprintf(text, have, label, shorten(s.Models, 6)))
	}
	if s.All {
		notes = append(notes, fmt.Sprintf("too few errors to prove any order at %g %%", level))
	}
	return notes
}
