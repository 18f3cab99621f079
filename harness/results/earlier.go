package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
)

// ReadInfo reads only run.json of a run's folder: how its last run was asked. It is
// the zero RunInfo if the folder has none, or one that cannot be read, which a run
// replaces.
func ReadInfo(dir string) RunInfo {
	var f runFile
	content, err := readKept(filepath.Join(dir, "run.json"))
	if err != nil || json.Unmarshal(content, &f) != nil {
		return RunInfo{}
	}
	return f.RunInfo
}

// Rendered are the files and folders that other commands make of the results in a
// run's folder.
var Rendered = []string{"report.html", "report.pdf", "study"}

// outdate lists what the folder has of other results than those about to be written:
// rendered from them, and now older than the results. A study of other corpora is
// removed: its files are of models that may no longer be here.
func (s *Results) outdate(dir string, rows []byte) (err error) {
	if before, err := os.ReadFile(filepath.Join(dir, "results.csv")); err != nil || bytes.Equal(before, rows) {
		return nil // none, or the same
	}
	for _, name := range Rendered {
		path := filepath.Join(dir, name)
		_, missing := os.Stat(path)
		switch {
		case missing != nil:
		case name == "study" && s.ofOtherCorpora(ReadInfo(dir)) && isStudy(path):
			err = errors.Join(err, os.RemoveAll(path))
			s.Removed = append(s.Removed, name)
		default:
			s.Older = append(s.Older, name)
		}
	}
	return err
}

// ofOtherCorpora reports whether the earlier run's corpora all have other names.
func (s *Results) ofOtherCorpora(before RunInfo) bool {
	return len(before.Corpora) > 0 && len(s.Run.Corpora) > 0 && !slices.ContainsFunc(before.Corpora, func(c CorpusInfo) bool {
		return slices.ContainsFunc(s.Run.Corpora, func(now CorpusInfo) bool { return now.Name == c.Name })
	})
}

// isStudy reports whether the folder is what abstain study writes.
func isStudy(path string) bool {
	_, err := os.Stat(filepath.Join(path, "study.json"))
	return err == nil
}

// remove removes files of an earlier run that this one does not make; it is no error if
// they are not there.
func remove(dir string, names ...string) error {
	var err error
	for _, name := range names {
		if e := os.Remove(filepath.Join(dir, name)); !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
