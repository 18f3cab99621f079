package page

import (
	"math"

	"abstain/harness/board"
	"abstain/metrics/ranks"
	"abstain/reports/words"
)

// order is what is proven by one metric in a view.
type order struct {
	Metric int `json:"metric"`
	// Models are those with a value, best first, by their places in the view.
	Models []int `json:"models"`
	// Over has a bit for each two models of the order, row by row, the lowest bit of a byte
	// first: the first of the two is proven better than the second. Without it there are
	// rank sets alone.
	Over *section `json:"over,omitempty"`
	Lo   []int    `json:"lo,omitempty"` // rank sets, where Over is nil
	Hi   []int    `json:"hi,omitempty"`
	Pins *pins    `json:"pins,omitempty"`
}

// pins are the comparisons of all models of an order with each of them as a reference.
// Bounds are whole numbers of the last decimal printed, as distances from the difference;
// a distance is 65535 where there is no bound. Rows belong to references.
type pins struct {
	Critical []float64 `json:"critical"` // by reference
	Below    section   `json:"below"`    // low bytes of the distances to the lower bound, then high bytes
	Beyond   section   `json:"beyond"`   // the same of the distances to the upper bound, less those below, modulo 65536
	Verdicts section   `json:"verdicts"` // a byte each: 0 unproven, 1 better, 2 worse
}

// order takes what a resolved board proves; nil if it proves nothing. place maps the names
// of models to places in the view.
func (s *Store) order(b *board.Board, metric int, place map[string]int) *order {
	p := b.Pairs()
	if p == nil {
		return orderOfSets(b, metric, place)
	}
	o := &order{Metric: metric, Models: []int{}}
	for _, name := range p.Models {
		o.Models = append(o.Models, place[name])
	}
	n := len(p.Models)
	bits := make([]byte, (n*n+7)/8)
	for i := range n {
		for j := range n {
			if p.Over(i, j) {
				at := i*n + j
				bits[at/8] |= 1 << (at % 8)
			}
		}
	}
	at := s.sections.add(bits)
	o.Over = &at
	return o
}

// orderOfSets takes the rank sets of a board that does not say what they come from.
func orderOfSets(b *board.Board, metric int, place map[string]int) *order {
	if b.Resolution == nil {
		return nil
	}
	o := &order{Metric: metric, Models: []int{}}
	for _, e := range b.Entries {
		if e.Ranks.Lo == 0 {
			continue
		}
		o.Models, o.Lo, o.Hi = append(o.Models, place[e.Model]), append(o.Lo, e.Ranks.Lo), append(o.Hi, e.Ranks.Hi)
	}
	return o
}

// addPins stores the comparisons with each model of a board as the reference.
func (s *Store) addPins(o *order, b *board.Board, u words.Unit) {
	p := b.Pairs()
	if o == nil || p == nil {
		return
	}
	n := len(p.Models)
	below, above, verdicts := make([]uint16, n*n), make([]uint16, n*n), make([]byte, n*n)
	o.Pins = &pins{}
	steps := func(v float64) float64 { return math.RoundToEven(v * u.Factor * math.Pow10(u.Decimals)) }
	for r := range n {
		o.Pins.Critical = append(o.Pins.Critical, math.Round(1e4*p.Critical(r))/1e4)
		for i := range n {
			a, at := p.Against(r, i), r*n+i
			below[at], above[at] = distance(steps(a.Difference)-steps(a.Lo)), distance(steps(a.Hi)-steps(a.Difference))
			switch a.Verdict {
			case ranks.Better:
				verdicts[at] = 1
			case ranks.Worse:
				verdicts[at] = 2
			}
		}
	}
	for at := range above { // nearly always the same, or one step off
		above[at] -= below[at]
	}
	o.Pins.Below, o.Pins.Beyond, o.Pins.Verdicts = s.sections.add(planes(below)), s.sections.add(planes(above)), s.sections.add(verdicts)
}

// noBound stands for a bound that there is not, or that is too far off.
const noBound = math.MaxUint16

func distance(steps float64) uint16 {
	if !(steps >= 0 && steps < noBound) {
		return noBound
	}
	return uint16(steps)
}

// planes are the low bytes, then the high bytes: these compress better apart.
func planes(values []uint16) []byte {
	b := make([]byte, 2*len(values))
	for i, v := range values {
		b[i], b[len(values)+i] = byte(v), byte(v>>8)
	}
	return b
}
