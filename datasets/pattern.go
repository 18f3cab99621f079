package datasets

import (
	"path"
	"path/filepath"
	"strings"
)

// splitPattern takes the folders without *, ? and [ off the front of a pattern; rest is
// "" if the name is no pattern.
func splitPattern(name string) (base, rest string) {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		if strings.ContainsAny(p, "*?[") {
			return strings.Join(parts[:i], "/"), strings.Join(parts[i:], "/")
		}
	}
	return name, ""
}

// openPattern opens what a pattern matches below a folder: files, and all in folders.
// ** stands for any folders. Labels and other files that belong to what is matched need
// not match themselves.
func openPattern(name, base, pattern string, as Reading) (*Corpus, error) {
	folder := filepath.FromSlash(base)
	if base == "" {
		folder = "."
		if strings.HasPrefix(name, "/") {
			folder = "/"
		}
	}
	if _, err := path.Match(pattern, ""); err != nil {
		return nil, &Error{Table: name, Row: -1, Err: err, Hint: `a pattern has *, ?, [abc] and ** for any folders; \ takes a character as it is`}
	}
	o, err := newOpener(folder, name, as, func(string) bool { return false })
	if err != nil {
		return nil, err
	}
	want := strings.Split(pattern, "/")
	o.only = func(p string) bool {
		parts := strings.Split(p, "/")
		for n := 1; n <= len(parts); n++ {
			if matches(want, parts[:n]) {
				return true
			}
		}
		return false
	}
	return o.open(".")
}

// matches reports whether a path matches a pattern; both are split at slashes.
func matches(pattern, parts []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(parts) + 1 {
				if matches(pattern[1:], parts[i:]) {
					return true
				}
			}
			return false
		}
		if len(parts) == 0 {
			return false
		}
		if ok, err := path.Match(pattern[0], parts[0]); err != nil || !ok {
			return false
		}
		pattern, parts = pattern[1:], parts[1:]
	}
	return len(parts) == 0
}
