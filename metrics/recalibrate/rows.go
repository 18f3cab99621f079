package recalibrate

import (
	"errors"
	"fmt"
	"math"
)

// Map turns one confidence into another.
type Map interface {
	// Apply gives the new confidence. NaN gives NaN.
	Apply(confidence float64) float64
}

// Loss is what a fit minimises, on average over rows.
type Loss uint8

const (
	NLL          Loss = iota // -ln p(label)
	SquaredError             // sum over classes of (p - indicator)^2
)

var errNoLabel = errors.New("recalibrate: no row has a label: give calibration rows with known classes")

func checkShape(values, classes, labels int) {
	if classes < 1 || values != labels*classes {
		panic("recalibrate: rows do not have one value per class, or there is not one label per row")
	}
}

// labelled yields the rows that have a class, with it.
func labelled(rows []float64, classes int, label []int32) func(yield func(row []float64, label int) bool) {
	return func(yield func([]float64, int) bool) {
		for i, l := range label {
			if l >= 0 && int(l) < classes && !yield(rows[i*classes:(i+1)*classes], int(l)) {
				return
			}
		}
	}
}

// checkLogits refuses rows that no softmax can be taken of, and counts those with a label.
func checkLogits(logits []float64, classes int, label []int32) (n int, err error) {
	checkShape(len(logits), classes, len(label))
	for i := range label {
		row := logits[i*classes : (i+1)*classes]
		top := math.Inf(-1)
		for j, z := range row {
			if math.IsNaN(z) || math.IsInf(z, 1) {
				return 0, fmt.Errorf("recalibrate: row %d, class %d: logit %v: leave such rows out", i, j, z)
			}
			top = max(top, z)
		}
		switch l := label[i]; {
		case math.IsInf(top, -1):
			return 0, fmt.Errorf("recalibrate: row %d: every logit is -Inf: leave such rows out", i)
		case l < 0 || int(l) >= classes:
		case math.IsInf(row[l], -1):
			return 0, fmt.Errorf("recalibrate: row %d: the label's logit is -Inf, so that its loss is infinite: leave such rows out", i)
		default:
			n++
		}
	}
	if n == 0 {
		return 0, errNoLabel
	}
	return n, nil
}

// Softmax fills dst with the probabilities of rows of logits divided by the
// temperature, which must be positive. dst may be logits itself. A row of -Inf
// alone, or with NaN or +Inf, becomes NaN.
func Softmax(dst, logits []float64, classes int, temperature float64) {
	for from := 0; from < len(logits); from += classes {
		softmax(dst[from:from+classes], logits[from:from+classes], 1/temperature)
	}
}

// softmax fills dst with the softmax of beta times the row.
func softmax(dst, row []float64, beta float64) {
	top := highest(row)
	total := 0.0
	for j, z := range row {
		dst[j] = math.Exp(beta * (z - top))
		total += dst[j]
	}
	for j := range dst {
		dst[j] /= total
	}
}

func highest(row []float64) float64 {
	top := math.Inf(-1)
	for _, z := range row {
		if z > top { // max would look for NaN, at several times the cost
			top = z
		}
	}
	return top
}

// Normalise divides every row of dst by its sum, so that values fitted one by
// one become probabilities. A row that adds to 0 becomes uniform.
func Normalise(dst []float64, classes int) {
	for from := 0; from < len(dst); from += classes {
		row := dst[from : from+classes]
		total := 0.0
		for _, p := range row {
			total += p
		}
		for j := range row {
			if total > 0 {
				row[j] /= total
			} else if total == 0 {
				row[j] = 1 / float64(classes)
			}
		}
	}
}

// oddsOfError is the sum of the other classes' probabilities over the largest,
// at beta times the row: it orders as 1 minus the largest probability does, and
// does not round to 0 where that does.
func oddsOfError(row []float64, beta float64) float64 {
	first, _ := leaders(row)
	return exponentials(row, first, row[first], beta)
}

// sureness orders rows as their largest probability at beta does: minus the odds of
// the prediction being wrong, and above 0, where those would underflow, minus
// their logarithm.
func sureness(row []float64, beta float64) float64 {
	const afar = 600
	first, second := leaders(row)
	lead := beta * (row[first] - second)
	switch {
	case math.IsInf(lead, 1):
		return lead
	case lead > afar:
		return lead - math.Log(exponentials(row, first, second, beta))
	}
	return -exponentials(row, first, row[first], beta)
}

// leaders are the first class of the largest value, and the second largest value.
func leaders(row []float64) (first int, second float64) {
	second = math.Inf(-1)
	for j, z := range row[1:] {
		if z > row[first] {
			second, first = row[first], j+1
		} else if z > second {
			second = z
		}
	}
	return first, second
}

// exponentials adds up exp(beta (z - from)) over all classes but first.
func exponentials(row []float64, first int, from, beta float64) float64 {
	total := 0.0
	for j, z := range row {
		if j != first {
			total += math.Exp(beta * (z - from))
		}
	}
	return total
}
