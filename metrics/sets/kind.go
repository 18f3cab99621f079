package sets

import (
	"fmt"
	"math"
)

// ScoreName is one of the usual scores.
type ScoreName uint8

const (
	LACScore    ScoreName = iota // 1 - p
	MarginScore                  // largest other probability - p
	APSScore                     // the probabilities placed above, and v p
	RAPSScore                    // that plus Lambda for each place after the first Free ones
	SAPSScore                    // v p_max for the first place, p_max + (place-2+v) Lambda for the others
	TopKScore                    // place - 1 + v
)

func (s ScoreName) String() string {
	return [...]string{"lac", "margin", "aps", "raps", "saps", "topk"}[s]
}

// Kind is a score with its parameters. v is 1, or a number of the row drawn uniformly from
// [0, 1) if Randomised says so.
//
// Sources: Sadinle, Lei and Wasserman 2019 (LAC); Johansson et al. 2017 (margin); Romano,
// Sesia and Candès 2020 (APS); Angelopoulos et al. 2021 (RAPS, top-k); Huang et al. 2024
// (SAPS).
type Kind struct {
	Score      ScoreName
	Lambda     float64 // of RAPS and SAPS, at least 0
	Free       int     // of RAPS, at least 0
	Randomised bool    // of APS, RAPS, SAPS and top-k: covers 1 - alpha exactly, by chance of the row
	// FirstWhole has v = 1 for the first class, in calibration and sets alike, so that
	// randomisation empties no set of its first class alone.
	FirstWhole bool
}

// check says what is wrong with the parameters.
func (k Kind) check() error {
	switch {
	case k.Score > TopKScore:
		return fmt.Errorf("no score of that name")
	case !(k.Lambda >= 0) || math.IsInf(k.Lambda, 1) || k.Free < 0:
		return fmt.Errorf("%v with lambda %v and %d free places: neither may be negative", k.Score, k.Lambda, k.Free)
	case k.Randomised && k.Score < APSScore:
		return fmt.Errorf("%v has no randomised form", k.Score)
	}
	return nil
}

// placed reports whether the score goes by places, and does not fall from one to the next.
func (k Kind) placed() bool { return k.Score >= APSScore }

// walk gives the classes of a row by falling probability, with their scores, which do not
// fall, until yield returns false. heap has room for the classes. Only for placed scores.
func (k Kind) walk(row []float64, u float64, heap []int32, yield func(class int, score float64) bool) {
	h := fallingHeap{row, heap[:len(row)]}
	h.build()
	above, first := 0.0, 0.0
	for place := 0; len(h.order) > 0; place++ {
		j := h.pop()
		v := 1.0
		if k.Randomised && !(k.FirstWhole && place == 0) {
			v = u
		}
		var score float64
		switch k.Score {
		case APSScore:
			score = above + float64(v*row[j])
		case RAPSScore:
			score = above + float64(v*row[j]) + float64(k.Lambda*float64(max(place+1-k.Free, 0)))
		case SAPSScore:
			if score = float64(v * row[j]); place == 0 {
				first = row[j]
			} else {
				score = first + float64((float64(place-1)+v)*k.Lambda)
			}
		case TopKScore:
			score = float64(place) + v
		}
		if !yield(int(j), score) {
			return
		}
		above += row[j]
	}
}

// own is the score of one class of a row.
func (k Kind) own(row []float64, class int, u float64, scratch *scratch) float64 {
	if !k.placed() {
		k.plain(scratch.strange, row)
		return scratch.strange[class]
	}
	own := math.NaN()
	k.walk(row, u, scratch.heap, func(j int, score float64) bool {
		own = score
		return j != class
	})
	return own
}

// plain fills dst with scores that do not go by places.
func (k Kind) plain(dst, row []float64) {
	if k.Score == MarginScore {
		Margin(dst, row, len(row))
	} else {
		LAC(dst, row, len(row))
	}
}

// scratch is memory for one row.
type scratch struct {
	strange []float64
	heap    []int32
}

func newScratch(classes int) *scratch {
	return &scratch{make([]float64, classes), make([]int32, classes)}
}

// fallingHeap hands out the classes of a row by falling probability, the lower of equal ones
// first, and sorts no more of them than are asked for.
type fallingHeap struct {
	row   []float64
	order []int32
}

func (h *fallingHeap) before(a, b int32) bool {
	return h.row[a] > h.row[b] || h.row[a] == h.row[b] && a < b
}

func (h *fallingHeap) build() {
	for j := range h.order {
		h.order[j] = int32(j)
	}
	for i := len(h.order)/2 - 1; i >= 0; i-- {
		h.sink(i)
	}
}

func (h *fallingHeap) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(h.order) {
			return
		}
		if child+1 < len(h.order) && h.before(h.order[child+1], h.order[child]) {
			child++
		}
		if !h.before(h.order[child], h.order[i]) {
			return
		}
		h.order[i], h.order[child] = h.order[child], h.order[i]
		i = child
	}
}

func (h *fallingHeap) pop() int32 {
	top, last := h.order[0], len(h.order)-1
	h.order[0] = h.order[last]
	h.order = h.order[:last]
	h.sink(0)
	return top
}
