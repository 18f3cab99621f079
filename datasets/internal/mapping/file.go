// Package mapping holds the bytes of an open file: mapped where the system can, in
// memory if the file is small, and else read piece by piece. Begin with Open.
//
// The package imports nothing of this module.
package mapping

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

// From is the size from which files are mapped. A mapping costs system calls
// and page faults, and unmapping it interrupts the other cores; it is cheaper to
// read a smaller file into a pooled buffer.
const From int64 = 256 << 10

// File is the bytes of a file. Usually all are in memory, mapped or (small files)
// read into a pooled buffer, so that values can be used in place. Where the system
// cannot map, they are read piece by piece into the caller's buffers.
type File struct {
	R    io.ReaderAt
	Size int64
	Data []byte // the whole file; nil if it is read piece by piece; not to be written to

	held  Arena // the pooled buffer of Data, unless that is mapped
	disk  Disk  // nil unless Data is a mapping
	since time.Time
}

// Disk is what a file must have to be mapped; an *os.File has it.
type Disk interface {
	syscall.Conn
	Stat() (fs.FileInfo, error)
}

// Open holds the first size bytes of r. Files of less than from bytes, usually From, are
// read, larger ones are mapped if r is a Disk. The caller closes r, after the File.
func Open(r io.ReaderAt, size, from int64) (*File, error) {
	f := &File{R: r, Size: size}
	if d, ok := r.(Disk); ok && size >= max(from, 1) {
		f.mapped(d)
	}
	if f.Data != nil || size >= from {
		return f, nil
	}
	data, err := f.read(0, size, f.held.Get)
	f.Data = data
	return f, err
}

// Mapped reports whether Data is a mapping.
func (f *File) Mapped() bool { return f.disk != nil }

// mapped maps the file if possible. If not, it is read without a mapping.
func (f *File) mapped(d Disk) {
	st, err := d.Stat()
	if err != nil || st.Size() < f.Size || int64(int(f.Size)) != f.Size {
		return
	}
	if f.Data = Map(d, int(f.Size)); f.Data != nil {
		f.disk, f.since = d, st.ModTime()
	}
}

// View returns n bytes at offset, after checking that they are inside the file:
// in place if the file is in memory, else read into a buffer from get. They may
// be unaligned.
func (f *File) View(offset, n int64, get func(int) []byte) ([]byte, error) {
	if offset < 0 || n < 0 || offset > f.Size || n > f.Size-offset {
		return nil, fmt.Errorf("truncated or corrupt: %d bytes at offset %d lie outside the file's %d", n, offset, f.Size)
	}
	if f.Data != nil {
		return f.Data[offset : offset+n : offset+n], nil
	}
	return f.read(offset, n, get)
}

func (f *File) read(offset, n int64, get func(int) []byte) ([]byte, error) {
	b := get(int(n))
	if got, err := f.R.ReadAt(b, offset); got < len(b) {
		return nil, fmt.Errorf("reading %d bytes at offset %d: %w", n, offset, err)
	}
	return b, nil
}

func fresh(n int) []byte { return make([]byte, n) }

// Unchanged checks that a mapped file is still as it was when it was opened. If a
// file was cut short, the bytes up to the end of a memory page read as zeros,
// without any fault. What was read is therefore valid only after this check.
func (f *File) Unchanged() error {
	if f.disk == nil {
		return nil
	}
	st, err := f.disk.Stat()
	switch {
	case err != nil:
		return err
	case st.Size() < f.Size:
		return fmt.Errorf("the file was cut short while it was read: %d of %d bytes are left", st.Size(), f.Size)
	case !st.ModTime().Equal(f.since):
		return errors.New("the file was changed while it was read")
	}
	return nil
}

// Fault returns the error behind a recovered panic if an access to the mapping
// failed, and nil for everything else, such as a write to its memory.
func (f *File) Fault(recovered any) error {
	p, ok := recovered.(interface {
		runtime.Error
		Addr() uintptr
	})
	if !ok || f.disk == nil {
		return nil
	}
	offset := int64(p.Addr()) - int64(uintptr(unsafe.Pointer(unsafe.SliceData(f.Data))))
	if offset < 0 || offset >= f.Size {
		return nil
	}
	if err := f.Unchanged(); err != nil {
		return err
	}
	_, err := f.read(offset, 1, fresh) // if the device cannot be read, this returns its error
	return err
}

// Close releases the memory. It does not close the underlying file.
func (f *File) Close() {
	if f.disk != nil {
		Unmap(f.Data)
	}
	f.held.Release()
	f.Data, f.disk = nil, nil
}
