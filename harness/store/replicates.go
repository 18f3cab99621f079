package store

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"abstain/harness/pool"
)

// Replicates are the values of metrics on the bootstrap replicates of a run,
// under the names made by ReplicatesName. They are kept for the metrics whose
// intervals they made, so that models can be compared later without resampling:
// replicate k has the same samples for every model.
type Replicates map[string][]float64

// ReplicatesName is the name, among Replicates, of a metric of a confidence
// function. The metric is given by its id and version.
func ReplicatesName(confidence, metric string) string { return confidence + "|" + metric }

// replicates are the pack of the replicates of all tables.
func (f Folder) replicates() *pack { return packAt(filepath.Join(string(f), "replicates", packName)) }

// SaveReplicates adds to the replicates under the key. They are stored as
// float32, which is exact to 1 part in 10^7, while the standard error is known
// only to about 1 part in 50. Values that are there already stay if they were
// made in the same way; drawn describes that way (the number of replicates, the
// seed and the design). An error ends the run.
func (f Folder) SaveReplicates(key, drawn string, r Replicates) error {
	all := f.LoadReplicates(key, drawn)
	if all == nil {
		all = Replicates{}
	}
	maps.Copy(all, r)
	content, err := all.encode(drawn)
	if err != nil {
		return pool.Stop(err)
	}
	return pool.Stop(f.replicates().writeBytes(key, content))
}

// LoadReplicates reads what SaveReplicates kept under the key; nothing if it is
// absent, damaged, of another format or drawn in another way, since replicates can be made again.
func (f Folder) LoadReplicates(key, drawn string) Replicates {
	var all Replicates
	err := f.replicates().read(key, func(from io.ReaderAt, size int64) (err error) {
		content := make([]byte, size)
		if _, err := from.ReadAt(content, 0); err != nil && err != io.EOF {
			return err
		}
		all, err = decodeReplicates(content, drawn)
		return err
	})
	if err != nil {
		return nil
	}
	return all
}

// drawing is the first line of kept replicates. Behind it are the values of each name as
// float32. Most metrics have few different values, being counts divided by the same
// number: then these come first, and every value is its place among them, in one byte if
// that is enough, else in two. Numbers of several bytes are kept as all first bytes, then
// all second ones and so on, which compresses well.
type drawing struct {
	Format   string   `json:"format"`
	Drawn    string   `json:"drawn"`
	Names    []string `json:"names"`
	Values   []int    `json:"values"`   // how many of each name
	Distinct []int    `json:"distinct"` // how many different ones come first; 0 if the values themselves do
}

func (r Replicates) encode(drawn string) ([]byte, error) {
	d := drawing{Format: format, Drawn: drawn, Names: slices.Sorted(maps.Keys(r))}
	var body []byte
	for _, name := range d.Names {
		bits := make([]uint32, len(r[name]))
		for i, v := range r[name] {
			bits[i] = math.Float32bits(float32(v))
		}
		distinct := slices.Compact(slices.Sorted(slices.Values(bits)))
		if 3*len(distinct) > len(bits) || len(distinct) > 1<<16 {
			distinct = nil
		}
		d.Values, d.Distinct = append(d.Values, len(bits)), append(d.Distinct, len(distinct))
		body = planes(body, distinct, 4)
		for i, b := range bits {
			if distinct != nil {
				place, _ := slices.BinarySearch(distinct, b)
				bits[i] = uint32(place)
			}
		}
		body = planes(body, bits, codeBytes(len(distinct)))
	}
	line, err := json.Marshal(d)
	return slices.Concat(line, []byte{'\n'}, body), err
}

// codeBytes is how many bytes a value takes where so many different ones come first.
func codeBytes(distinct int) int {
	switch {
	case distinct == 0:
		return 4
	case distinct <= 1<<8:
		return 1
	}
	return 2
}

// planes appends the numbers, of so many bytes each: all first bytes, all second ones...
func planes(to []byte, numbers []uint32, bytes int) []byte {
	for shift := range bytes {
		for _, v := range numbers {
			to = append(to, byte(v>>(8*shift)))
		}
	}
	return to
}

// unplaned reads n numbers that planes made, and returns what is behind them.
func unplaned(from []byte, n, bytes int) (numbers []uint32, rest []byte, err error) {
	if n < 0 || n > len(from)/bytes {
		return nil, nil, errDamaged
	}
	numbers = make([]uint32, n)
	for shift := range bytes {
		for i := range numbers {
			numbers[i] |= uint32(from[shift*n+i]) << (8 * shift)
		}
	}
	return numbers, from[n*bytes:], nil
}

// decodeReplicates reads what encode made. Values that the metric cannot have are left
// out.
func decodeReplicates(content []byte, drawn string) (Replicates, error) {
	line, rest, _ := bytes.Cut(content, []byte{'\n'})
	var d drawing
	if err := json.Unmarshal(line, &d); err != nil {
		return nil, err
	}
	if d.Format != format || d.Drawn != drawn || len(d.Names) != len(d.Values) || len(d.Names) != len(d.Distinct) {
		return nil, ErrOtherFormat
	}
	r := Replicates{}
	for i, name := range d.Names {
		distinct, behind, err := unplaned(rest, d.Distinct[i], 4)
		if err != nil {
			return nil, err
		}
		var bits []uint32
		if bits, rest, err = unplaned(behind, d.Values[i], codeBytes(len(distinct))); err != nil {
			return nil, err
		}
		values := make([]float64, len(bits))
		for k, b := range bits {
			if len(distinct) > 0 {
				if int(b) >= len(distinct) {
					return nil, errDamaged
				}
				b = distinct[b]
			}
			values[k] = float64(math.Float32frombits(b))
		}
		if _, metric, _ := strings.Cut(name, "|"); possible(metric, values...) {
			r[name] = values
		}
	}
	return r, nil
}
