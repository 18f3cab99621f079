package datasets

import (
	"os"
	"path/filepath"
	"slices"
)

// OpenAll opens several corpora, each as OpenAs does; "-" is the standard input. Files
// that belong together are one corpus where they would make no sense alone, as when a
// shell has made a list of them: arrays with their labels, and files that number
// themselves. The first error ends it.
func OpenAll(names []string, as Reading) ([]*Corpus, error) {
	var corpora []*Corpus
	for _, name := range names {
		var c *Corpus
		var err error
		switch together := belongTogether(names, filepath.Dir(name)); {
		case name == "-":
			c, err = OpenReader(os.Stdin, "stdin", as)
		case len(together) > 1 && slices.Contains(together, name):
			if name != together[0] {
				continue
			}
			c, err = openTogether(together, as)
		default:
			c, err = OpenAs(name, as)
		}
		if err != nil {
			return nil, err
		}
		corpora = append(corpora, c)
	}
	return corpora, nil
}

// belongTogether lists the files of a folder that make no sense alone.
func belongTogether(names []string, folder string) []string {
	var list []string
	for _, name := range names {
		_, counts := ordinalName(stem(filepath.ToSlash(name)), false)
		if filepath.Dir(name) != folder || !counts && ending(name) != arrayEnding {
			continue
		}
		if st, err := os.Stat(name); err == nil && !st.IsDir() {
			list = append(list, name)
		}
	}
	return list
}

// openTogether opens some files of a folder as one corpus.
func openTogether(names []string, as Reading) (*Corpus, error) {
	folder := filepath.Dir(names[0])
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[filepath.Base(name)] = true
	}
	asked := func(p string) bool { return wanted[p] }
	o, err := newOpener(folder, folder, as, asked)
	if err != nil {
		return nil, err
	}
	o.only, o.flat = asked, true
	return o.open(".")
}
