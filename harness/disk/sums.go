package disk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// SumsName is the file that lists digests of files in its folder, as sha256sum writes
// and checks them.
const SumsName = "SHA256SUMS"

// WriteSums lists the digests of the files that match the patterns (path.Match, with
// forward slashes) in a folder, in the order of their names.
func WriteSums(dir string, patterns ...string) error {
	var names []string
	for _, p := range patterns {
		found, err := fs.Glob(os.DirFS(dir), p)
		if err != nil {
			return err
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	var b bytes.Buffer
	for _, name := range slices.Compact(names) {
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s  %s\n", sum(content), name)
	}
	return WriteFile(filepath.Join(dir, SumsName), b.Bytes())
}

func sum(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:])
}

// ErrOtherContent is the cause of ReadFile's error for a file that does not have the
// digest that its folder says.
var ErrOtherContent = errors.New("it is not what abstain wrote")

// ReadFile reads a file of a folder that may have a list of digests, or of a folder
// directly below it. If there is a list, the file must have the digest that it gives. A
// process that replaces the folder's files is waited for.
func ReadFile(dir, name string) (content []byte, err error) {
	const tries = 5
	for try := range tries {
		if try > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		if content, err = readFile(dir, name); !errors.Is(err, ErrOtherContent) {
			break
		}
		if _, busy := os.Stat(filepath.Join(dir, LockName)); busy != nil {
			break
		}
	}
	return content, err
}

func readFile(dir, name string) ([]byte, error) {
	sums, err := os.ReadFile(filepath.Join(dir, SumsName))
	unlisted := errors.Is(err, fs.ErrNotExist)
	if err != nil && !unlisted {
		return nil, err
	}
	file := filepath.Join(dir, filepath.FromSlash(name))
	content, err := os.ReadFile(file)
	if unlisted || err != nil && (!errors.Is(err, fs.ErrNotExist) || digestOf(sums, name) == "") {
		return content, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: it is not there, though %s has its digest", file, ErrOtherContent, SumsName)
	}
	if want := digestOf(sums, name); want != sum(content) {
		what := "its digest differs from that"
		if want == "" {
			what = "it is not among those"
		}
		return nil, fmt.Errorf("%s: %w: %s in %s (abstain run with the same corpus and --out writes it again; "+
			"whoever changed it on purpose removes %s)", file, ErrOtherContent, what, SumsName, SumsName)
	}
	return content, nil
}

// Adopt moves the files that a folder's list of digests names into another, and the list
// last. Optional ones that are not among them are removed, and so are those that the
// other's list names and whose digest it has: a damaged list may name anything.
func Adopt(dir, from string, optional ...string) error {
	list, err := os.ReadFile(filepath.Join(from, SumsName))
	if err != nil {
		return err
	}
	before, err := os.ReadFile(filepath.Join(dir, SumsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	names := listed(list)
	for _, name := range slices.Concat(listed(before), optional) {
		file := filepath.FromSlash(name)
		if !slices.Contains(names, name) && filepath.IsLocal(file) && (slices.Contains(optional, name) || ours(dir, name, before)) {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	for _, name := range append(names, SumsName) {
		name = filepath.FromSlash(name)
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(from, name), to); err != nil {
			return err
		}
	}
	return SyncFolder(dir)
}

// ours reports whether a file has the digest that the list gives.
func ours(dir, name string, list []byte) bool {
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	return err == nil && digestOf(list, name) == sum(content)
}

// listed are the names in a list of digests.
func listed(list []byte) []string {
	var names []string
	for line := range strings.Lines(string(list)) {
		if _, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); ok {
			names = append(names, path.Clean(name))
		}
	}
	return names
}

// digestOf is the digest of a name in the list; "" if it is not there.
func digestOf(list []byte, name string) string {
	for line := range strings.Lines(string(list)) {
		digest, file, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if ok && path.Clean(file) == name && len(digest) == 2*sha256.Size {
			return digest
		}
	}
	return ""
}
