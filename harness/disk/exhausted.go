package disk

import (
	"errors"
	"syscall"
)

// Exhausted reports whether the machine lacks what any other file would lack too: open
// files, memory, room on the disk, or the right to write on it. It is no fault of the
// file that the error names.
func Exhausted(err error) bool {
	for _, lacking := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EIO} {
		if errors.Is(err, lacking) {
			return true
		}
	}
	return errors.Is(err, diskFull)
}
