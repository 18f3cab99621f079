package ipc

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// mapFrom is the size from which files are mapped. A mapping costs system calls
// and page faults, and unmapping it interrupts the other cores; it is cheaper to
// read a smaller file into a pooled buffer.
var mapFrom int64 = 256 << 10

// file is the bytes of a table. Usually all are in memory, mapped or (small
// files) read into a pooled buffer, so that values can be used in place. Where
// the system cannot map, they are read piece by piece into pooled buffers.
type file struct {
	r    io.ReaderAt
	size int64
	data []byte // the whole file; nil if it is read piece by piece
	held arena  // the pooled buffer of data, unless that is mapped

	streamFrom int // see the variable

	disk  disk // nil unless data is a mapping
	since time.Time
}

// disk is what a file must have to be mapped; an *os.File has it.
type disk interface {
	syscall.Conn
	Stat() (fs.FileInfo, error)
}

func newFile(r io.ReaderAt, size int64) (*file, error) {
	f := &file{r: r, size: size, streamFrom: streamFrom}
	if d, ok := r.(disk); ok && size >= max(mapFrom, 1) {
		f.mapped(d)
	}
	if f.data != nil || size >= mapFrom {
		return f, nil
	}
	data, err := f.read(0, size, f.held.get)
	f.data = data
	return f, err
}

// mapped maps the file if possible. If not, it is read without a mapping.
func (f *file) mapped(d disk) {
	st, err := d.Stat()
	if err != nil || st.Size() < f.size || int64(int(f.size)) != f.size {
		return
	}
	if f.data = mapFile(d, int(f.size)); f.data != nil {
		f.disk, f.since = d, st.ModTime()
	}
}

// view returns n bytes at offset, after checking that they are inside the file:
// in place if the file is in memory, else read into a buffer from get. They may
// be unaligned.
func (f *file) view(offset, n int64, get func(int) []byte) ([]byte, error) {
	if offset < 0 || n < 0 || offset > f.size || n > f.size-offset {
		return nil, fmt.Errorf("truncated or corrupt: %d bytes at offset %d lie outside the file's %d", n, offset, f.size)
	}
	if f.data != nil {
		return f.data[offset : offset+n : offset+n], nil
	}
	return f.read(offset, n, get)
}

func (f *file) read(offset, n int64, get func(int) []byte) ([]byte, error) {
	b := get(int(n))
	if got, err := f.r.ReadAt(b, offset); got < len(b) {
		return nil, fmt.Errorf("reading %d bytes at offset %d: %w", n, offset, err)
	}
	return b, nil
}

func fresh(n int) []byte { return make([]byte, n) }

// unchanged checks that a mapped file is still as it was when it was opened. If a
// file was cut short, the bytes up to the end of a memory page read as zeros,
// without any fault. What was read is therefore valid only after this check.
func (f *file) unchanged() error {
	if f.disk == nil {
		return nil
	}
	st, err := f.disk.Stat()
	switch {
	case err != nil:
		return err
	case st.Size() < f.size:
		return fmt.Errorf("the file was cut short while it was read: %d of %d bytes are left", st.Size(), f.size)
	case !st.ModTime().Equal(f.since):
		return errors.New("the file was changed while it was read")
	}
	return nil
}

// fault returns the error behind a recovered panic if an access to the mapping
// failed, and nil for everything else, such as a write to its memory.
func (f *file) fault(recovered any) error {
	p, ok := recovered.(interface {
		runtime.Error
		Addr() uintptr
	})
	if !ok || f.disk == nil {
		return nil
	}
	offset := int64(p.Addr()) - int64(uintptr(unsafe.Pointer(unsafe.SliceData(f.data))))
	if offset < 0 || offset >= f.size {
		return nil
	}
	if err := f.unchanged(); err != nil {
		return err
	}
	_, err := f.read(offset, 1, fresh) // if the device cannot be read, this returns its error
	return err
}

// close releases the memory.
func (f *file) close() {
	if f.disk != nil {
		unmap(f.data)
	}
	f.held.release()
	f.data, f.disk = nil, nil
}
