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

// drawing is the first line of kept replicates. Behind it are the values of each name
// as float32: all first bytes, then all second ones and so on, which compresses well.
type drawing struct {
	Format string   `json:"format"`
	Drawn  string   `json:"drawn"`
	Names  []string `json:"names"`
	Values []int    `json:"values"` // how many of each name
}

func (r Replicates) encode(drawn string) ([]byte, error) {
	d := drawing{Format: format, Drawn: drawn, Names: slices.Sorted(maps.Keys(r))}
	size := 0
	for _, name := range d.Names {
		d.Values = append(d.Values, len(r[name]))
		size += 4 * len(r[name])
	}
	line, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	content := append(make([]byte, 0, len(line)+1+size), line...)
	content = append(content, '\n')
	for _, name := range d.Names {
		for shift := 0; shift < 32; shift += 8 {
			for _, v := range r[name] {
				content = append(content, byte(math.Float32bits(float32(v))>>shift))
			}
		}
	}
	return content, nil
}

// decodeReplicates reads what encode made. Values that the metric cannot have are left
// out.
func decodeReplicates(content []byte, drawn string) (Replicates, error) {
	line, rest, _ := bytes.Cut(content, []byte{'\n'})
	var d drawing
	if err := json.Unmarshal(line, &d); err != nil {
		return nil, err
	}
	if d.Format != format || d.Drawn != drawn || len(d.Names) != len(d.Values) {
		return nil, ErrOtherFormat
	}
	r := Replicates{}
	for i, name := range d.Names {
		n := d.Values[i]
		if n < 0 || n > len(rest)/4 {
			return nil, errDamaged
		}
		values := make([]float64, n)
		for k := range values {
			bits := uint32(rest[k]) | uint32(rest[n+k])<<8 | uint32(rest[2*n+k])<<16 | uint32(rest[3*n+k])<<24
			values[k] = float64(math.Float32frombits(bits))
		}
		rest = rest[4*n:]
		if _, metric, _ := strings.Cut(name, "|"); possible(metric, values...) {
			r[name] = values
		}
	}
	return r, nil
}
