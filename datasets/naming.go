package datasets

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What the names of files and folders say of predictions, where no manifest and no
// metadata say it.

// splitNames are the names of splits, as folders, as whole names of files and as parts
// of names, with the word that this package uses for them.
var splitNames = map[string]string{
	"test": "test", "testing": "test",
	"val": "val", "valid": "val", "validation": "val", "dev": "val",
	"train": "train", "training": "train",
	"calib": "calib", "calibration": "calib", "cal": "calib",
}

// splitOf is the split that a name is; "" if it is none.
func splitOf(name string) string { return splitNames[strings.ToLower(name)] }

// packed are endings of compressed files, which come after that of the format.
var packed = []string{".gz", ".zst", ".zip", ".bz2", ".xz"}

// ending is what the name of a file ends in, in lower case: ".npz", and ".csv.gz" for a
// compressed one.
func ending(name string) string {
	last := strings.ToLower(path.Ext(name))
	if !slices.Contains(packed, last) {
		return last
	}
	return strings.ToLower(path.Ext(name[:len(name)-len(last)])) + last
}

// stem is a file's name without its folder and its endings.
func stem(name string) string {
	base := path.Base(name)
	return base[:len(base)-len(ending(base))]
}

// namelessFolders say what kind of files they hold and not whose.
var namelessFolders = map[string]bool{"data": true, "test_results": true, "scores": true, "logits": true, "probs": true,
	"predictions": true, "preds": true, "outputs": true, "output": true, "results": true}

// namelessFiles are names of files that say what they hold and not whose.
var namelessFiles = map[string]bool{"logits": true, "probs": true, "predictions": true, "preds": true, "prediction": true,
	"outputs": true, "output": true, "raw_logits": true, "raw_output": true, "results": true, "scores": true, "samples": true}

// origin is what names say of a table.
type origin struct {
	model, dataset, split, condition string
	declared                         bool // the dataset is named as such
	meta                             Meta
}

// hivePair takes the name of a folder such as model=resnet apart.
func hivePair(folder string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(folder, "=")
	if !ok || key == "" {
		return "", "", false
	}
	if plain, err := url.PathUnescape(value); err == nil {
		value = plain
	}
	return strings.ToLower(key), value, true
}

// originOf reads the names of the folders between the corpus and a file, outermost
// first, and the name of the model in the file's own name, "" if that tells none. root
// is the corpus's own folder.
func originOf(folders []string, model, root string) origin {
	var o origin
	var names []string
	for _, f := range folders {
		switch key, value, ok := hivePair(f); {
		case ok:
			o.take(key, value)
		case splitOf(f) != "":
			o.split = splitOf(f)
		case model == "" && o.model == "" && namelessFolders[strings.ToLower(f)]:
		default:
			names = append(names, f)
		}
	}
	pop := func() string {
		if len(names) == 0 {
			return root
		}
		last := names[len(names)-1]
		names = names[:len(names)-1]
		return last
	}
	if o.model == "" {
		if o.model = model; o.model == "" {
			o.model = pop()
		}
	}
	if o.dataset == "" {
		o.dataset = pop()
	}
	return o
}

// take takes what a folder key=value says.
func (o *origin) take(key, value string) {
	switch key {
	case "model":
		o.model = value
	case "dataset":
		o.dataset, o.declared = value, true
	case "split":
		o.split = value
	case "condition":
		o.condition = value
	default:
		o.meta = append(o.meta, Pair{key, value})
	}
}

// lmEval are the files of samples that lm-evaluation-harness writes: task and date.
var lmEval = regexp.MustCompile(`^samples_(.+)_\d{4}-\d\d-\d\dT[\d.:-]+$`)

// ordinal is a file that its name calls one of several of the same table.
type ordinal struct {
	name   string // what is left of the name: a model, a split or ""
	kind   string // of numbering; parts of different kinds are no table together
	number int
	of     int    // how many there are; 0 if the name does not tell
	at     [2]int // where the number stands in the file's name
	gaps   bool   // numbers may be left out
}

// numberings are how writers number files: what is before the number, the number, and
// how many there are.
var numberings = []struct {
	name *regexp.Regexp
	kind string
	gaps bool // files without rows are left out, and their numbers with them
	hive bool // only in folders named key=value
}{
	{name: regexp.MustCompile(`^(.*?)[-_.]?(\d+)[-_]of[-_](\d+)(?:-[0-9a-f]{8,})?$`)},
	{name: regexp.MustCompile(`^(?:(.*?)[-_.])?(?:part|chunk|shard)[-_.]?(\d+)$`), kind: "part"},
	{name: regexp.MustCompile(`^()part-(\d+)-[0-9a-f]{8}-.*$`), kind: "Spark", gaps: true},
	{name: regexp.MustCompile(`^()data_(\d+)$`), kind: "DuckDB", gaps: true},
	{name: regexp.MustCompile(`^()(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-(\d+))?$`), kind: "pyarrow", gaps: true},
	{name: regexp.MustCompile(`^()(\d+)$`), kind: "bare", hive: true},
}

// ordinalName takes a stem apart that counts: m-00000-of-00002, part-0, data_0 (DuckDB),
// part-00000-6f0c...-c000.snappy (Spark). Numbers alone count inside folders of hive
// only. Writers that leave out files without rows may leave gaps in the numbers.
func ordinalName(s string, hive bool) (ordinal, bool) {
	for _, x := range numberings {
		m := x.name.FindStringSubmatchIndex(s)
		if m == nil || x.hive && !hive {
			continue
		}
		n := ordinal{kind: x.kind, gaps: x.gaps, at: [2]int{m[4], m[5]}}
		if m[2] >= 0 {
			n.name = s[m[2]:m[3]]
		}
		var err error
		if m[4] >= 0 {
			n.number, err = strconv.Atoi(s[m[4]:m[5]])
		}
		if err == nil && len(m) > 6 {
			n.kind = s[m[6]:m[7]]
			n.of, err = strconv.Atoi(n.kind)
		}
		return n, err == nil && (len(m) <= 6 || n.of > 0)
	}
	return ordinal{}, false
}

// beforeSplit takes the split off the front of a name: val_resnet is resnet on val. The
// name is "" if the split is all of it.
func beforeSplit(name string) (rest, split string) {
	if s := splitOf(name); s != "" {
		return "", s
	}
	if i := strings.IndexAny(name, "_-."); i > 0 {
		if s := splitOf(name[:i]); s != "" {
			return name[i+1:], s
		}
	}
	return name, ""
}

// afterSplit takes the split off the end of a name: resnet_val is resnet on val.
func afterSplit(name string) (rest, split string) {
	if i := strings.LastIndexAny(name, "_-."); i > 0 {
		if s := splitOf(name[i+1:]); s != "" {
			return name[:i], s
		}
	}
	return name, ""
}

// pairedSplits are the names without their splits that occur with two splits or more,
// as in resnet_val and resnet_test: there, the ending is a split and no part of the
// model's name.
func pairedSplits(names []string) map[string]bool {
	splits := map[string]map[string]bool{}
	for _, n := range names {
		rest, split := afterSplit(n)
		if split == "" {
			continue
		}
		if splits[rest] == nil {
			splits[rest] = map[string]bool{}
		}
		splits[rest][split] = true
	}
	paired := map[string]bool{}
	for rest, s := range splits {
		paired[rest] = len(s) > 1
	}
	return paired
}
