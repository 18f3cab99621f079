// Package paper decides what stands on which page of a report.
//
// Begin with [Pack]. A report is a sequence of [Band]s, each over the full width of the
// text. A band has a least, a usual and a largest height: figures can be drawn higher or
// lower. Pack breaks the sequence into pages so that as few pages as possible are needed,
// no page but the last is less than half full, and chapters begin on new pages where that
// costs nothing. If an order of bands leaves a page less than half full, a band is moved.
//
// The package knows only heights; it draws nothing. It imports nothing of this module.
package paper

import "slices"

// Band is a strip of the page that is not broken.
type Band struct {
	Least, Usual, Most float64 // heights, rising
	Opens              bool    // begins a chapter
	Fixed              bool    // stays where it is in the sequence
}

// Page is what stands on one page, from top to bottom.
type Page struct {
	Bands   []int     // by place in the sequence that was packed
	Heights []float64 // of each of these
}

// Costs of what is not wanted; only their order matters.
const (
	costPage   = 20   // a page more
	costThin   = 1000 // a page that is less than half full, and more the emptier it is
	costEmpty  = 30   // the square of the empty share of a page
	costTight  = 4    // the square of the share by which bands are lower than usual
	costInside = 4    // a page that begins inside a chapter
	costMoved  = 3    // a band that is moved
)

// Pack breaks bands into pages of a height, with a gap between bands. A band whose least
// height is larger than the page has a page of its own, of the page's height. Without bands
// there are no pages.
func Pack(bands []Band, height, gap float64) []Page {
	if len(bands) == 0 {
		return nil
	}
	order := make([]int, len(bands))
	for i := range order {
		order[i] = i
	}
	p := packing{bands, height, gap}
	breaks, best := p.breaks(order)
	if p.thin(order, breaks) {
		for _, moved := range p.moves(order) {
			if b, cost := p.breaks(moved); cost+costMoved < best {
				order, breaks, best = moved, b, cost+costMoved
			}
		}
	}
	var pages []Page
	from := 0
	for k, to := range breaks {
		pages = append(pages, p.page(order[from:to], k == len(breaks)-1))
		from = to
	}
	return pages
}

type packing struct {
	bands       []Band
	height, gap float64
}

// breaks finds the ends of the pages of an order, and what they cost.
func (p packing) breaks(order []int) (ends []int, cost float64) {
	n := len(order)
	best := make([]float64, n+1) // of the first i bands
	from := make([]int, n+1)
	for to := 1; to <= n; to++ {
		best[to] = -1
		for i := to - 1; i >= 0; i-- {
			c, ok := p.cost(order[i:to], to == n)
			if !ok && i < to-1 {
				break
			}
			if c += best[i]; best[to] < 0 || c < best[to] {
				best[to], from[to] = c, i
			}
		}
	}
	for to := n; to > 0; to = from[to] {
		ends = append(ends, to)
	}
	slices.Reverse(ends)
	return ends, best[n]
}

// sums of the heights of bands below each other.
func (p packing) sums(list []int) (least, usual, most float64) {
	gaps := p.gap * float64(len(list)-1)
	least, usual, most = gaps, gaps, gaps
	for _, i := range list {
		least, usual, most = least+p.bands[i].Least, usual+p.bands[i].Usual, most+p.bands[i].Most
	}
	return least, usual, most
}

// cost is that of a page of these bands; not ok if they do not fit.
func (p packing) cost(list []int, last bool) (cost float64, ok bool) {
	least, usual, most := p.sums(list)
	cost = costPage
	if !p.bands[list[0]].Opens {
		cost += costInside
	}
	full := min(most, p.height) / p.height
	if !last {
		cost += costEmpty * (1 - full) * (1 - full)
		if full < 0.5 {
			cost += costThin * (1.5 - full)
		}
	} else {
		cost += 0.1 * full // of two ways, that with more on the pages before
	}
	if usual > p.height {
		tight := usual/p.height - 1
		cost += costTight * tight * tight
	}
	return cost, least <= p.height+1e-6
}

// thin reports whether a page but the last is less than half full.
func (p packing) thin(order, ends []int) bool {
	from := 0
	for _, to := range ends[:len(ends)-1] {
		if _, _, most := p.sums(order[from:to]); most < p.height/2 {
			return true
		}
		from = to
	}
	return false
}

// moves are all orders in which one band that may move is elsewhere.
func (p packing) moves(order []int) [][]int {
	var all [][]int
	for i, band := range order {
		if p.bands[band].Fixed {
			continue
		}
		rest := slices.Delete(slices.Clone(order), i, i+1)
		for at := range order {
			moved := slices.Insert(slices.Clone(rest), at, band)
			if at != i && p.keeps(moved) {
				all = append(all, moved)
			}
		}
	}
	return all
}

// keeps reports whether the fixed bands are at their places.
func (p packing) keeps(order []int) bool {
	for at, band := range order {
		if p.bands[band].Fixed && at != band {
			return false
		}
	}
	return true
}

// page gives the bands their heights: they fill the page as far as they can grow, and on
// the last page are as high as usual.
func (p packing) page(list []int, last bool) Page {
	least, usual, most := p.sums(list)
	to := most
	if last {
		to = usual
	}
	target := min(to, p.height)
	page := Page{Bands: slices.Clone(list), Heights: make([]float64, len(list))}
	for k, i := range list {
		b := p.bands[i]
		switch {
		case target >= usual && most > usual:
			b.Usual += (b.Most - b.Usual) * (target - usual) / (most - usual)
		case target < usual && usual > least:
			b.Usual = b.Least + (b.Usual-b.Least)*max(0, target-least)/(usual-least)
		}
		page.Heights[k] = min(b.Usual, p.height)
	}
	return page
}
