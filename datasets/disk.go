package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// disk is a folder of the operating system as a corpus sees it. Only regular files are
// opened: to open a pipe waits for another program, and a device has no end. Links that
// lead out of the folder are refused unless follow is set: a corpus from elsewhere must
// not make files of this machine into tables.
type disk struct {
	folder string
	inside *os.Root // refuses what leads out of the folder
	follow bool
	asked  func(string) bool // what the user named, and so may be a link to anywhere
}

func newDisk(folder string, follow bool, asked func(string) bool) (*disk, error) {
	d := &disk{folder: folder, follow: follow, asked: asked}
	if follow {
		return d, nil
	}
	var err error
	d.inside, err = os.OpenRoot(folder)
	return d, err
}

// files is where a name is looked up.
func (d *disk) files(name string) fs.FS {
	if d.follow || d.asked(name) {
		return os.DirFS(d.folder)
	}
	return d.inside.FS()
}

// Open opens a regular file or a folder.
func (d *disk) Open(name string) (fs.File, error) {
	st, err := d.Stat(name)
	if err != nil {
		return nil, err
	}
	if kind := irregular(st.Mode()); kind != "" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fmt.Errorf("is %s, not a file", kind)}
	}
	f, err := d.files(name).Open(name)
	return f, d.outside(name, err)
}

// Stat is what a name leads to.
func (d *disk) Stat(name string) (fs.FileInfo, error) {
	st, err := fs.Stat(d.files(name), name)
	return st, d.outside(name, err)
}

// ReadDir lists a folder in the order of names.
func (d *disk) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(d.files(name), name)
	return list, d.outside(name, err)
}

// errOutside is the error of a link that is not followed.
var errOutside = errors.New("is a link that leads out of the corpus's folder")

// outside says in our words that a link leads out; os.Root has no error of its own for it.
func (d *disk) outside(name string, err error) error {
	if err == nil || d.follow || !strings.Contains(err.Error(), "escapes") {
		return err
	}
	return &fs.PathError{Op: "open", Path: name, Err: errOutside}
}

// irregular says what something is that is neither a file nor a folder.
func irregular(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	case m&fs.ModeIrregular != 0:
		return "something irregular"
	}
	return ""
}
