package datasets

import (
	"runtime/metrics"
	"testing"
	"time"

	"abstain/datasets/ipc"
)

// BenchmarkHash compares reading a mapped table with reading and hashing it, in
// one pass and in two. The three alternate; the ratios are those of the fastest
// rounds.
func BenchmarkHash(b *testing.B) {
	const rows = 50_000
	table := onDisk(b, rows, ipc.Options{Rows: 4096})
	b.SetBytes(table.Size)
	var best [3]float64
	for b.Loop() {
		for i, pass := range []func(){
			func() { readAll(b, table, false) },
			func() { readAll(b, table, true) },
			func() {
				if _, err := table.Hash(); err != nil {
					b.Fatal(err)
				}
				readAll(b, table, false)
			},
		} {
			start := time.Now()
			pass()
			if t := time.Since(start).Seconds(); best[i] == 0 || t < best[i] {
				best[i] = t
			}
		}
	}
	b.ReportMetric(best[1]/best[0], "hashed/read")
	b.ReportMetric(best[2]/best[0], "twice/read")
	b.ReportMetric(best[0]*1e3, "ms")
	b.ReportMetric(0, "ns/op")
}

var touched float32

// readAll loads every cache line of the class vectors into the processor.
func readAll(t testing.TB, table Table, hashed bool) {
	r, err := OpenTable(table)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := r.(Hasher)
	if hashed && !h.StartHash() {
		t.Fatal("the file cannot be hashed")
	}
	for batch, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(batch.F32); i += 16 {
			touched += batch.F32[i]
		}
	}
	if _, ok := h.Hash(); ok != hashed {
		t.Fatalf("hash %v, want %v", ok, hashed)
	}
}

// The program's own memory for a mapped table does not grow with its rows or with
// its record batches.
func TestMappedMemory(t *testing.T) {
	needsMapping(t)
	const limit = 2 << 20
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	for _, rows := range []int{2000, 20_000} {
		for _, o := range []ipc.Options{{}, {Rows: 1000}} {
			table := onDisk(t, rows, o)
			metrics.Read(sample)
			before := sample[0].Value.Uint64()
			readAll(t, table, true)
			metrics.Read(sample)
			if n := sample[0].Value.Uint64() - before; n > limit {
				t.Errorf("%d rows in batches of %d: %d bytes allocated, want at most %d", rows, o.Rows, n, limit)
			}
		}
	}
}
