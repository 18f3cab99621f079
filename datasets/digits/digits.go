// Package digits is a small set of images that comes with abstain to train classifiers on: 1 797 handwritten digits of
// 8 x 8 places. Begin with All.
//
// They are the test part of "Optical Recognition of Handwritten Digits" by E. Alpaydin and C. Kaynak, UCI Machine
// Learning Repository, 1998, doi 10.24432/C50P49, licence CC BY 4.0, as they are but for the packing: 13 writers, every
// place the number of dark points of 16 of a 32 x 32 bitmap. The file holds the 1 797 labels and then the places, row
// by row, a byte each, as one zlib stream.
//
// The package imports nothing of this module.
package digits

import (
	"bytes"
	"compress/zlib"
	_ "embed"
	"errors"
	"fmt"
	"io"
)

//go:embed digits.zlib
var packed []byte

// Sizes of the set.
const (
	Rows    = 1797
	Side    = 8
	Pixels  = Side * Side
	Classes = 10
	Darkest = 16 // the largest value of a place
)

// All returns the labels, 0 to 9, and the places, Rows x Pixels from 0 to Darkest.
func All() (labels, places []byte, err error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, nil, fmt.Errorf("the embedded digits: %w", err)
	}
	all, err := io.ReadAll(r)
	if err == nil && len(all) != Rows*(1+Pixels) {
		err = errors.New("not as many values as there should be")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the embedded digits: %w", err)
	}
	return all[:Rows], all[Rows:], nil
}
