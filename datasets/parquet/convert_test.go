package parquet

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"abstain/datasets/column"
)

// moved is a row of types that are converted: dates, timestamps, bytes, lists of
// integers and of decimals.
type moved struct {
	Day    int32     `parquet:"day,date"`
	Milli  time.Time `parquet:"milli,timestamp(millisecond)"`
	Nano   time.Time `parquet:"nano,timestamp(nanosecond)"`
	Bytes  []byte    `parquet:"bytes"`
	UUID   [16]byte  `parquet:"uuid,uuid"`
	Whole  []int32   `parquet:"whole,list"`
	Small  []uint64  `parquet:"small,list"`
	Labels []int64   `parquet:"decimal,list"`
}

// Dates and timestamps are text, bytes that are no text are hexadecimal, and lists of
// integers are class vectors.
func TestConvertedTypes(t *testing.T) {
	at := time.Date(1969, 12, 31, 23, 59, 58, 250e6, time.UTC)
	later := time.Date(2024, 2, 29, 12, 0, 0, 123456789, time.UTC)
	all := []moved{
		{Day: -1, Milli: at, Nano: at, Bytes: []byte("im_1.png"), UUID: [16]byte{1}, Whole: []int32{1, -2}, Small: []uint64{1 << 63, 0}, Labels: []int64{0, 1}},
		{Day: 19782, Milli: later, Nano: later, Bytes: []byte{0xff, 0, 7}, UUID: [16]byte{15: 255}, Whole: []int32{3, 4}, Small: []uint64{1, 2}, Labels: []int64{1, 0}},
	}
	c, n, err := read(write(t, all, 10))
	if err != nil || n != 2 {
		t.Fatalf("%d rows, %v", n, err)
	}
	for name, want := range map[string][]string{
		"day":   {"1969-12-31", "2024-02-29"},
		"milli": {"1969-12-31T23:59:58.25Z", "2024-02-29T12:00:00.123Z"},
		"nano":  {"1969-12-31T23:59:58.25Z", "2024-02-29T12:00:00.123456789Z"},
		"bytes": {"im_1.png", "0xff0007"},
		"uuid":  {"01000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-0000000000ff"},
	} {
		if c[name] == nil || !slices.Equal(c[name].Text, want) {
			t.Errorf("%s: %+v, want %q", name, c[name], want)
		}
	}
	for name, want := range map[string][]float64{"whole": {1, -2, 3, 4}, "small": {1 << 63, 0, 1, 2}} {
		if c[name] == nil || c[name].Width != 2 || !slices.Equal(c[name].F64, want) {
			t.Errorf("%s: %+v, want %v", name, c[name], want)
		}
	}
}

// A moment is text of its own kind, so that it is not taken for a group.
func TestMomentKind(t *testing.T) {
	for logical, want := range map[string]column.Kind{"day": column.Moment, "milli": column.Moment, "bytes": column.Text} {
		b := write(t, []moved{{Whole: []int32{1}, Small: []uint64{1}, Labels: []int64{1}}}, 1)
		r, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Fields(), func(f column.Field) bool { return f.Name == logical })
		if got := r.Fields()[i].Kind; got != want {
			t.Errorf("%s is %v, want %v", logical, got, want)
		}
	}
}
