package reports

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
)

// olderMark is the line that a page gets which is older than the results beside it.
const olderMark = `<p id="older" style="margin:0;padding:.6em 1em;background:#fff3cd;color:#5c4400">` +
	`The results in this folder are newer than this page: make it anew by abstain report, or abstain study, with the folder's name.</p>`

// MarkOlder has a page of this package say that the results in its folder are newer
// than it is. A page that says so is left as it is, and so is one that is not there.
func MarkOlder(path string) error {
	page, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || bytes.Contains(page, []byte(olderMark)) {
		return err
	}
	body := bytes.Index(page, []byte("<body"))
	if body < 0 {
		return nil
	}
	end := bytes.IndexByte(page[body:], '>')
	if end < 0 {
		return nil
	}
	at := body + end + 1
	marked := bytes.Join([][]byte{page[:at], []byte(olderMark), page[at:]}, nil)
	return os.WriteFile(path, marked, 0o644)
}
