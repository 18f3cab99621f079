//go:build linux || darwin

package mapping

import "syscall"

// Map maps the first n bytes of the file for reading; nil if that is
// impossible. Advice to the kernel (sequential, will need, populate) was measured
// and changed nothing, neither from the page cache nor from disk.
func Map(d Disk, n int) (data []byte) {
	c, err := d.SyscallConn()
	if err != nil {
		return nil
	}
	err = c.Control(func(fd uintptr) {
		if b, err := syscall.Mmap(int(fd), 0, n, syscall.PROT_READ, syscall.MAP_SHARED); err == nil {
			data = b
		}
	})
	if err != nil {
		return nil
	}
	return data
}

// Unmap ends a mapping; it fails only if the memory is not a mapping.
func Unmap(data []byte) { _ = syscall.Munmap(data) }
