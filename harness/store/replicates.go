package store

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
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

// replicatesPath is where the replicates of a table with this content are kept.
func (f Folder) replicatesPath(key string) string {
	return filepath.Join(string(f), "replicates", key+".arrow")
}

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
	var columns []ipc.Column
	for _, name := range slices.Sorted(maps.Keys(all)) {
		columns = append(columns, ipc.Floats(name, ipc.Float32, all[name]))
	}
	meta := []column.Pair{{Key: "format", Value: format}, {Key: "drawn", Value: drawn}}
	return pool.Stop(replaceFile(f.replicatesPath(key), func(w io.Writer) error {
		return ipc.Write(w, columns, ipc.Options{Meta: meta})
	}))
}

// LoadReplicates reads what SaveReplicates kept under the key; nothing if it is
// absent, torn, of another format or drawn in another way, since replicates can be made again.
func (f Folder) LoadReplicates(key, drawn string) Replicates {
	raw, err := os.ReadFile(f.replicatesPath(key))
	if err != nil {
		return nil
	}
	r, err := ipc.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil
	}
	defer r.Close()
	if !drawnAlike(r, drawn) {
		return nil
	}
	values, err := readReplicates(r)
	if err != nil {
		return nil
	}
	return values
}

func drawnAlike(r column.Source, drawn string) bool {
	return slices.Contains(r.Meta(), column.Pair{Key: "drawn", Value: drawn}) &&
		slices.Contains(r.Meta(), column.Pair{Key: "format", Value: format})
}

func readReplicates(r column.Source) (Replicates, error) {
	fields := r.Fields()
	want := make([]column.Want, len(fields))
	for i := range fields {
		want[i] = column.Want{Field: i, Kind: column.Float32}
	}
	if err := r.Select(want); err != nil {
		return nil, err
	}
	values := Replicates{}
	for {
		chunk, err := r.Next()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		for i, f := range fields {
			for _, v := range chunk.Columns[i].F32 {
				values[f.Name] = append(values[f.Name], float64(v))
			}
		}
	}
}
