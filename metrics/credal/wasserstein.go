package credal

import (
	"math"
	"slices"
)

// Sets of the Wasserstein distance over class indices, where mass is moved along a line.

// maxWasserstein: the member of most entropy has logarithms that change by l at most from
// class to class, and among such distributions it has the largest likelihood of p; the
// larger l, the nearer it is to p.
func (s *Set) maxWasserstein(dst, p []float64) {
	far := func(l float64) float64 {
		lipschitz(dst, p, l)
		return s.D.Of(dst, p)
	}
	lo, hi := 0.0, 1.0
	for far(hi) > s.T && hi < 700 {
		lo, hi = hi, 2*hi
	}
	for range 200 {
		l := lo + (hi-lo)/2
		if l == lo || l == hi {
			break
		}
		if far(l) > s.T {
			lo = l
		} else {
			hi = l
		}
	}
	far(hi)
}

// piece is a part of the slope of a message: a - exp(logC + u) from u = from on.
type piece struct{ from, a, logC float64 }

func (p piece) at(u float64) float64 { return p.a - math.Exp(p.logC+u) }

// lipschitz fills dst with exp(u), u the maximiser of sum p u - exp(u) whose neighbours
// differ by l at most: by passing on, from class to class, the slope of what is best so far
// for each u, which falls.
func lipschitz(dst, p []float64, l float64) {
	message := []piece{{math.Inf(-1), 0, math.Inf(-1)}}
	best := make([]float64, len(p)) // the u of each class that is best for those so far
	for k, v := range p {
		if k > 0 {
			message = spread(message, best[k-1], l)
		}
		for i := range message {
			message[i].a += v
			message[i].logC = logAdd(message[i].logC, 0)
		}
		best[k] = root(message)
	}
	u := best[len(p)-1]
	for k := len(p) - 1; k >= 0; k-- {
		u = math.Min(math.Max(best[k], u-l), u+l)
		dst[k] = math.Exp(u)
	}
	total := 0.0
	for _, v := range dst {
		total += v
	}
	for k := range dst {
		dst[k] /= total
	}
}

// root is where the slope is 0; -Inf if it is below 0 everywhere.
func root(message []piece) float64 {
	i := len(message) - 1
	for i > 0 && message[i].at(message[i].from) < 0 {
		i--
	}
	if message[i].a <= 0 {
		return message[i].from
	}
	u := math.Log(message[i].a) - message[i].logC
	if i+1 < len(message) {
		u = math.Min(u, message[i+1].from)
	}
	return math.Max(u, message[i].from)
}

// spread is the message to a neighbour that may differ by l: what lies left of the best
// moves left, what lies right of it moves right, and between them the slope is 0.
func spread(message []piece, best, l float64) []piece {
	var next []piece
	for _, m := range message {
		if m.from >= best {
			break
		}
		next = append(next, piece{m.from - l, m.a, m.logC + l})
	}
	if math.IsInf(best, -1) {
		next = append(next, piece{math.Inf(-1), 0, math.Inf(-1)})
	} else {
		next = append(next, piece{best - l, 0, math.Inf(-1)})
	}
	at := len(message) - 1
	for at > 0 && message[at].from > best {
		at--
	}
	for i := at; i < len(message); i++ {
		m := message[i]
		next = append(next, piece{math.Max(m.from, best) + l, m.a, m.logC - l})
	}
	if math.IsInf(best, -1) { // there is nothing left of it, nor between
		next = next[1:]
	}
	return next
}

func logAdd(a, b float64) float64 {
	if math.IsInf(a, -1) {
		return b
	}
	hi, lo := math.Max(a, b), math.Min(a, b)
	return hi + math.Log1p(math.Exp(lo-hi))
}

// needWasserstein is the least distance of a distribution whose argmax is j, ties included:
// over the value v of j, which no other class exceeds, a convex function.
func needWasserstein(p []float64, j int) float64 {
	lo, hi := math.Max(p[j], 1/float64(len(p))), 1.0
	if highest(p) <= p[j] {
		return 0
	}
	const golden = 0.6180339887498949
	a, b := hi-golden*(hi-lo), lo+golden*(hi-lo)
	atA, atB := capped(p, j, a), capped(p, j, b)
	for range 100 {
		if atA <= atB {
			hi, b, atB = b, a, atA
			a = hi - golden*(hi-lo)
			atA = capped(p, j, a)
		} else {
			lo, a, atA = a, b, atB
			b = lo + golden*(hi-lo)
			atB = capped(p, j, b)
		}
		if hi-lo < 1e-14 {
			break
		}
	}
	return math.Min(atA, atB)
}

// capped is the least distance from p of a q with q_j = v and no other class above v. It
// passes on the least cost for each cumulative probability, a convex function of straight
// pieces: left holds the points where its slope changes below the least, right those above.
func capped(p []float64, j int, v float64) float64 {
	var left, right []float64 // both sorted rising
	for range len(p) + 2 {    // the cumulative probability begins at 0: a wall on both sides
		left, right = append(left, 0), append(right, 0)
	}
	least, target := 0.0, 0.0
	for k, mass := range p {
		shift := 0.0 // of the part below the least
		if k == j {
			shift = v
		}
		for i := range left {
			left[i] += shift
		}
		for i := range right {
			right[i] += v
		}
		if target += mass; k == len(p)-1 {
			break
		}
		// Add the distance of the cumulative probability from that of p.
		l, r := left[len(left)-1], right[0]
		least += math.Max(0, math.Max(l-target, target-r))
		left, right = withDistance(left, right, target)
	}
	// The cumulative probability ends at 1.
	for _, at := range left {
		least += math.Max(0, at-1)
	}
	for _, at := range right {
		least += math.Max(0, 1-at)
	}
	return least
}

// withDistance adds |F - target| to the function.
func withDistance(left, right []float64, target float64) ([]float64, []float64) {
	left = insert(left, target)
	right = insert(right, target)
	// A point on the wrong side of the least goes over.
	if l, r := left[len(left)-1], right[0]; l > r {
		left, right = left[:len(left)-1], right[1:]
		left, right = insert(left, r), insert(right, l)
	}
	return left, right
}

func insert(sorted []float64, v float64) []float64 {
	at, _ := slices.BinarySearch(sorted, v)
	return slices.Insert(sorted, at, v)
}

// lowerWasserstein descends as lowerPower does.
func (s *Set) lowerWasserstein(p []float64) float64 { return descend(p, s.cheapestMove) }

// cheapestMove fills q with the member of least sum of cost times q: each class's mass goes
// where cost and l times the distance are least. At the l where the distance passes T, both
// ways are mixed.
func (s *Set) cheapestMove(q, p, cost []float64) {
	other := make([]float64, len(p))
	move := func(to []float64, l float64) float64 {
		clear(to)
		moved := 0.0
		for i, mass := range p {
			at := i
			for k, c := range cost {
				if far := l * math.Abs(float64(k-i)); c+far < cost[at]+l*math.Abs(float64(at-i)) {
					at = k
				}
			}
			to[at] += mass
			moved += mass * math.Abs(float64(at-i))
		}
		return moved
	}
	far := move(q, 0)
	if far <= s.T {
		return
	}
	lo, hi := 0.0, slices.Max(cost)-slices.Min(cost)+1
	for range 100 {
		l := lo + (hi-lo)/2
		if moved := move(other, l); moved > s.T {
			lo = l
		} else {
			hi = l
		}
	}
	far = move(q, lo)
	near := move(other, hi)
	share := 0.0
	if far > near {
		share = (s.T - near) / (far - near)
	}
	for k := range q {
		q[k] = other[k] + float64(share*(q[k]-other[k]))
	}
}
