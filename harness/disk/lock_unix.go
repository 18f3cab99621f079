//go:build unix && !solaris && !aix

package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

var errHeld = error(unix.EWOULDBLOCK)

// diskFull is the error of a full disk that is not one of syscall's.
var diskFull = error(unix.ENOSPC)

func lock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.ENOLCK) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return errors.ErrUnsupported
	}
	return err
}

func alive(process int) bool { return !errors.Is(unix.Kill(process, 0), unix.ESRCH) }
