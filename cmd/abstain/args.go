package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness/results"
	"abstain/metrics/spelling"
	"abstain/reports/words"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mostModels is the end of nothing: any number of models may be named.
const mostModels = math.MaxInt - 1

// folderThen checks the arguments of a verb that reads a run's folder: the folder, then at
// least and at most so many models. Missing ones are said with what could be given.
func folderThen(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return fmt.Errorf("%s wants the folder of a run: abstain %s%s", c.Name(), c.Use, runsBelow("."))
		case len(args) <= least:
			return fmt.Errorf("%s wants a model: abstain %s; %s", c.Name(), c.Use, modelsOf(args[0]))
		case len(args) > 1+most:
			return fmt.Errorf("%s: %q is too much: abstain %s", c.Name(), args[1+most], c.Use)
		}
		return nil
	}
}

// noArgs refuses arguments.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments: %q is too much", c.Name(), args[0])
	}
	return nil
}

// wantsCorpus asks for a corpus.
func wantsCorpus(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil
	}
	return fmt.Errorf("%s wants a corpus: abstain %s, where CORPUS is a folder of prediction tables or one such file%s",
		c.Name(), c.Use, tablesHere())
}

// modelsOf names a few models of a run's folder, for a message.
func modelsOf(dir string) string {
	r, err := results.Read(dir)
	if err != nil {
		return "abstain ls models DIR lists them"
	}
	return fmt.Sprintf("there are %s (abstain ls models %s lists them)", words.Shorten(modelNames(r), 4), dir)
}

// modelNames lists the models of a folder, each once.
func modelNames(r *results.Results) []string {
	var names []string
	seen := map[string]bool{}
	for _, row := range r.Rows {
		if !seen[row.Model] {
			seen[row.Model] = true
			names = append(names, row.Model)
		}
	}
	return names
}

// How far runFolders looks.
const (
	deepest     = 3    // folders below each other
	mostEntries = 5000 // files and folders
)

// runFolders lists folders of runs in a folder and below, as paths that a command takes.
func runFolders(root string) []string {
	var found []string
	entries := 0
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		entries++
		switch {
		case entries > mostEntries:
			return fs.SkipAll
		case err != nil || !d.IsDir():
			return nil
		case path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case isRun(path):
			found = append(found, path)
			return fs.SkipDir
		}
		if rel, err := filepath.Rel(root, path); err != nil || strings.Count(rel, string(filepath.Separator)) >= deepest-1 && rel != "." {
			return fs.SkipDir
		}
		return nil
	})
	return found
}

func isRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "run.json"))
	return err == nil
}

// runsBelow says which run folders there are, for a message.
func runsBelow(root string) string {
	where := "here"
	if root != "." {
		where = "in " + root
	}
	if found := runFolders(root); found != nil {
		return fmt.Sprintf("; run folders %s: %s", where, words.Shorten(found, 6))
	}
	return fmt.Sprintf("; there is no run folder %s: abstain run CORPUS --out DIR makes one", where)
}

// tablesHere names the folders and files of the current folder that may hold predictions.
func tablesHere() string {
	entries, err := os.ReadDir(".")
	if err != nil {
		return ""
	}
	var found []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || isRun(name) {
			continue
		}
		if e.IsDir() && holdsTables(name) || !e.IsDir() && isTable(name) {
			found = append(found, name)
		}
	}
	if found == nil {
		return ""
	}
	return "; prediction tables may be in " + words.Shorten(found, 6)
}

// holdsTables reports whether a folder has a manifest or a prediction table in it.
func holdsTables(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !e.IsDir() && (e.Name() == "manifest.csv" || isTable(filepath.Join(dir, e.Name())))
	})
}

// isTable reports whether a file opens as a prediction table.
func isTable(path string) bool {
	c, err := datasets.Open(path)
	return err == nil && len(c.Tables) > 0
}

// readRun reads the folder of a run, or a file of published figures. Where there is none it says
// what the place holds instead, and which run folders there are.
func readRun(dir string) (*results.Results, error) {
	r, err := results.Read(dir)
	if err == nil {
		return r, nil
	}
	info, missing := os.Stat(dir)
	switch {
	case missing != nil:
		return nil, noPlace(dir, missing)
	case !info.IsDir() && isRun(filepath.Dir(dir)):
		return nil, fmt.Errorf("%s is a file of a run's folder: name the folder, %s", dir, filepath.Dir(dir))
	case !info.IsDir() && isTable(dir):
		return nil, fmt.Errorf("%s is a prediction table, not the folder of a run: abstain run %s --out DIR evaluates it into a folder DIR of its own%s",
			dir, dir, others(dir))
	case !info.IsDir():
		return nil, err
	}
	if _, e := os.Stat(filepath.Join(dir, "results.csv")); e == nil {
		return nil, err
	}
	if c, e := datasets.Open(dir); e == nil && len(c.Tables) > 0 {
		return nil, fmt.Errorf("%s holds prediction tables, not the results of a run: abstain run %s --out DIR evaluates them into a folder DIR of its own%s",
			dir, dir, others(dir))
	}
	return nil, fmt.Errorf("%s is no run's folder: it has no results.csv%s", dir, runsNear(dir))
}

// noPlace says that there is nothing under a name, and what is near.
func noPlace(dir string, why error) error {
	if !errors.Is(why, fs.ErrNotExist) {
		return why
	}
	near := runFolders(".")
	return fmt.Errorf("%s does not exist%s%s", dir, spelling.Meant(dir, near), runsBelow("."))
}

// others names the run folders that may have been meant; "" if there are none.
func others(dir string) string {
	if runFolders(".") == nil && runFolders(dir) == nil {
		return ""
	}
	return runsNear(dir)
}

// runsNear names the run folders in a folder, or else those here.
func runsNear(dir string) string {
	if runFolders(dir) != nil {
		return runsBelow(dir)
	}
	return runsBelow(".")
}

// refuseRun refuses the folder of a run, or a file in it, where a corpus is wanted.
func refuseRun(path string) error {
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	if _, err := os.Stat(filepath.Join(dir, "results.csv")); err != nil || !isRun(dir) {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.csv")); err == nil {
		return nil // somebody keeps both in one place
	}
	if dir != path && isTable(path) {
		return nil
	}
	from := ""
	if r, err := results.Read(dir); err == nil && len(r.Run.Corpora) > 0 {
		from = " of " + r.Run.Corpora[0].Name
	}
	return fmt.Errorf("%s is the folder of a run%s, not a corpus: abstain rank %s ranks its models, "+
		"and abstain run --out %s, without a corpus, adds metrics to it", dir, from, dir, dir)
}

// elsewhere adds to the error of a corpus that does not exist what stands beside it under a name
// that is near.
func elsewhere(path string, err error) error {
	e, ok := errors.AsType[*datasets.Error](err)
	if !ok || !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "no such file") {
		return err
	}
	entries, _ := os.ReadDir(filepath.Dir(path))
	var names []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, filepath.Join(filepath.Dir(path), entry.Name()))
		}
	}
	mended := *e
	mended.Hint += spelling.Meant(path, names)
	return &mended
}

// checkGroups refuses group attributes that no table of the corpora has a column for. It looks
// at the tables until each attribute is found.
func checkGroups(flag string, corpora []*datasets.Corpus, attributes []string) error {
	wanted := map[string]bool{}
	for _, a := range attributes {
		for _, part := range strings.Split(a, "*") {
			wanted[strings.TrimSpace(part)] = true
		}
	}
	delete(wanted, "label")
	var have []string
	for _, c := range corpora {
		for _, t := range c.Tables {
			if len(wanted) == 0 {
				return nil
			}
			r, err := datasets.OpenTable(t)
			if err != nil {
				continue // a row that fails
			}
			for _, g := range r.Schema().Groups {
				delete(wanted, g)
				if !slices.Contains(have, g) {
					have = append(have, g)
				}
			}
			r.Close()
		}
	}
	for _, a := range attributes {
		for _, part := range strings.Split(a, "*") {
			if part = strings.TrimSpace(part); wanted[part] && len(corpora) > 0 {
				return fmt.Errorf("%s %s: no table has a column %q; there is %s%s",
					flag, a, part, words.Shorten(append(have, "label"), 20), spelling.Meant(part, append(have, "label")))
			}
		}
	}
	return nil
}

// flagError suggests the nearest flag of the verb.
func flagError(c *cobra.Command, err error) error {
	e, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return fmt.Errorf("%s: %w", c.CommandPath(), err)
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return fmt.Errorf("%s: %w%s (abstain help %s lists them)", c.Name(), err, spelling.Meant("--"+e.GetSpecifiedName(), names), c.Name())
}

// unknownVerb says that a word is no verb, and which may have been meant.
func unknownVerb(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	word := args[0]
	if _, err := os.Stat(word); err == nil {
		if isRun(word) {
			return fmt.Errorf("%q is no verb; abstain rank %s ranks the models of that folder", word, word)
		}
		return fmt.Errorf("%q is no verb; abstain check %s looks at it, abstain run %s --out DIR evaluates it", word, word, word)
	}
	if t := topicOf(word); t != nil {
		return fmt.Errorf("%q is no verb; abstain help %s explains it", word, t.name)
	}
	return fmt.Errorf("%q is no verb; there are %s%s", word, strings.Join(verbs(root), ", "), spelling.Meant(word, append(verbs(root), "help")))
}

// oneOf refuses a value of a flag that is none of those there are.
func oneOf(flag, value string, values []string) error {
	if slices.Contains(values, value) {
		return nil
	}
	return fmt.Errorf("--%s %s: want one of %s%s", flag, value, strings.Join(values, ", "), spelling.Meant(value, values))
}
