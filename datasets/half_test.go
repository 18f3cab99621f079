package datasets

import (
	"bytes"
	"testing"
	"testing/fstest"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

// TestKeepHalf: float16 as stored equals what is otherwise widened.
func TestKeepHalf(t *testing.T) {
	const classes = 3
	values := []float32{0.5, -1.25, 3, 0, 65504, -0.000061, 7, 8, 9}
	for _, stored := range []ipc.FloatType{ipc.Float16, ipc.Float32} {
		var b bytes.Buffer
		err := ipc.Write(&b, []ipc.Column{ipc.Ints("label", ipc.Int8, []int64{0, 1, 2}), ipc.Vectors("logits", stored, classes, values)}, ipc.Options{Rows: 2})
		if err != nil {
			t.Fatal(err)
		}
		table := Table{FS: fstest.MapFS{"t.arrow": {Data: b.Bytes()}}, Path: "t.arrow", Name: "t", Rows: -1}
		read := func(keep bool) (wide []float32, halves int) {
			r, err := OpenTable(table)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if keep {
				r.(HalfKeeper).KeepHalf()
			}
			for b, err := range r.Batches() {
				if err != nil {
					t.Fatal(err)
				}
				halves += len(b.F16)
				for _, bits := range b.F16 {
					wide = append(wide, column.Half(bits))
				}
				wide = append(wide, b.F32...)
			}
			return wide, halves
		}
		plain, none := read(false)
		kept, halves := read(true)
		if want := map[ipc.FloatType]int{ipc.Float16: len(values)}[stored]; none != 0 || halves != want {
			t.Errorf("%d bits: %d and %d values as stored, want 0 and %d", stored, none, halves, want)
		}
		for i, v := range plain {
			if kept[i] != v {
				t.Errorf("%d bits: value %d is %v, widened %v", stored, i, kept[i], v)
			}
		}
	}
}
