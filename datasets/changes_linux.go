package datasets

import (
	"io/fs"
	"strconv"
	"syscall"
	"time"
)

// changes says which file it is and when it was last changed in any way; "" where that
// is not known.
func changes(st fs.FileInfo) (which string, changed time.Time) {
	s, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return "", changed
	}
	return strconv.FormatUint(s.Ino, 16), time.Unix(s.Ctim.Unix())
}
