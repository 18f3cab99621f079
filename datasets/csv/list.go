package csv

import (
	"bytes"
	"errors"
	"fmt"

	"abstain/datasets/text"
)

// isList reports whether a cell holds a list of numbers, as Python prints it: [0.1, 0.2],
// a tuple, an array of NumPy with blanks and line breaks, array([...]), tensor([...]), or a list
// that was printed with its middle left out.
func isList(cell string) bool {
	_, err := appendList(nil, []byte(cell))
	if err == nil || errors.Is(err, errElided) {
		return true
	}
	return false
}

// errElided is returned for a list that was printed with its middle left out.
var errElided = hinted{
	errors.New("the list has ... in place of numbers: NumPy leaves out the middle of long arrays when it prints them, " +
		"so the numbers are gone"),
	"write the file again from list(array) or array.tolist(), or with one column per class",
}

// appendList appends the numbers of a list.
func appendList(dst []float64, cell []byte) ([]float64, error) {
	inside, ok := listBody(cell)
	if !ok {
		return nil, hinted{fmt.Errorf("%s is no list of numbers", shown(cell)),
			"write [0.1, 0.2, ...] in quotes, or one column per class"}
	}
	if decimalCommas(inside) {
		return nil, hinted{fmt.Errorf("%s may have decimal commas, or commas between numbers", shown(cell)),
			"write numbers with a decimal point: [0.1, 0.2, ...]"}
	}
	for item := range bytes.FieldsFuncSeq(inside, betweenItems) {
		if bytes.HasPrefix(item, []byte("...")) || bytes.HasPrefix(item, []byte("…")) {
			return nil, errElided
		}
		v, ok := text.ParseFloat(bare(item))
		if !ok {
			if item[0] == '[' {
				return nil, hinted{errors.New("a list of lists, but a class vector is one list of numbers"),
					"write the vector of each row as one flat list"}
			}
			return nil, fmt.Errorf("%s in the list is no number", shown(item))
		}
		dst = append(dst, v)
	}
	return dst, nil
}

// decimalCommas reports whether some commas of a list stand within what is separated
// otherwise, by blanks or semicolons, as in [0,1, 0,2]: these may be decimal marks.
func decimalCommas(inside []byte) bool {
	inside = bytes.TrimSpace(inside)
	within, other := false, false
	for i := range max(0, len(inside)-1) {
		next := rune(inside[i+1])
		switch {
		case inside[i] == ',' && !betweenItems(next):
			within = true
		case inside[i] == ';', next == ' ':
			other = true
		}
	}
	return within && other
}

// betweenItems reports whether a character separates the numbers of a list.
func betweenItems(r rune) bool {
	return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == ';'
}

// listBody is what stands between the brackets.
func listBody(cell []byte) ([]byte, bool) {
	wrapped := false
	for _, word := range []string{"array(", "np.array(", "tensor(", "torch.tensor("} {
		if rest, ok := bytes.CutPrefix(cell, []byte(word)); ok {
			cell, wrapped = rest, true
			break
		}
	}
	open, closing := byte('['), byte(']')
	if !wrapped && len(cell) > 0 && cell[0] == '(' { // a tuple
		open, closing = '(', ')'
	}
	end := bytes.LastIndexByte(cell, closing)
	if len(cell) == 0 || cell[0] != open || end < 0 {
		return nil, false
	}
	rest := cell[end+1:]
	if wrapped { // ) or , device='cuda:0')
		return cell[1:end], bytes.HasSuffix(rest, []byte(")")) && (rest[0] == ')' || rest[0] == ',')
	}
	return cell[1:end], len(rest) == 0
}

// bare takes off what NumPy 2 prints around a number in a list: np.float32(0.5).
func bare(item []byte) []byte {
	rest, ok := bytes.CutPrefix(item, []byte("np.float"))
	if !ok {
		return item
	}
	_, number, ok := bytes.Cut(rest, []byte("("))
	if number, closed := bytes.CutSuffix(number, []byte(")")); ok && closed {
		return number
	}
	return item
}
