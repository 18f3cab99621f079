package rowstat

import (
	"syscall"
	"testing"
	"unsafe"
)

// TestNothingReadPastTheEnd puts rows before a page that must not be touched,
// and after one. Spare capacity that lies in such a page may be fetched, not read.
func TestNothingReadPastTheEnd(t *testing.T) {
	page := syscall.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 4*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skipf("no memory to map: %v", err)
	}
	defer syscall.Munmap(memory)
	for _, guard := range [][]byte{memory[:page], memory[3*page:]} {
		if err := syscall.Mprotect(guard, syscall.PROT_NONE); err != nil {
			t.Skipf("no page to guard: %v", err)
		}
	}
	inner := unsafe.Slice((*float32)(unsafe.Pointer(&memory[page])), 2*page/4)
	for classes := 1; classes <= 200; classes++ {
		n := min(3, len(inner)/classes)
		last := inner[len(inner)-n*classes:]
		spare := unsafe.Slice(&last[0], len(last)+page/4)[:len(last)]
		for _, rows := range [][]float32{inner[:n*classes], last, spare} {
			for i := range rows {
				rows[i] = float32(i % classes)
			}
			label := []int32{0, int32(classes - 1), -1}[:n]
			agreeLogits(t, "guarded", rows, classes, label)
			Logits(&Columns{Want: WantBrier}, rows, classes, label)
			for i := range rows {
				rows[i] = 1 / float32(classes)
			}
			agreeProbs(t, "guarded", rows, classes, label)
		}
	}
}
