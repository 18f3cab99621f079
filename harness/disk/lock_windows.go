package disk

import (
	"os"

	"golang.org/x/sys/windows"
)

var errHeld = error(windows.ERROR_LOCK_VIOLATION)

// diskFull is the error of a full disk that is not one of syscall's.
var diskFull = error(windows.ERROR_DISK_FULL)

// lock locks a byte far behind the content, which others may read.
func lock(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0,
		&windows.Overlapped{OffsetHigh: 1 << 20})
}

func alive(process int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(process))
	if err != nil {
		return false
	}
	windows.CloseHandle(h)
	return true
}
