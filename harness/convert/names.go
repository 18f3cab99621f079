package convert

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets"
	"abstain/harness/disk"
)

// fileNames names the files of tables: by model, in folders for what else tells them
// apart. Two tables that nothing tells apart are refused.
func fileNames(tables []datasets.Table, format string) ([]string, error) {
	parts := []func(datasets.Table) string{
		func(t datasets.Table) string { return t.Dataset },
		func(t datasets.Table) string { return t.Split },
		func(t datasets.Table) string { return t.Condition },
	}
	parts = slices.DeleteFunc(parts, func(part func(datasets.Table) string) bool {
		return !slices.ContainsFunc(tables, func(t datasets.Table) bool { return part(t) != part(tables[0]) })
	})
	taken := map[string]bool{}
	seen := map[[4]string]string{}
	names := make([]string, len(tables))
	for i, t := range tables {
		key := [4]string{t.Model, t.Dataset, t.Split, t.Condition}
		if first, twice := seen[key]; twice {
			return nil, fmt.Errorf("%s and %s are both model %q on dataset %q, split %q, condition %q", first, t.Name, t.Model, t.Dataset, t.Split, t.Condition)
		}
		seen[key] = t.Name
		var path []string
		for _, part := range parts {
			path = append(path, safe(part(t)))
		}
		base := strings.Join(append(path, safe(t.Model)), "/")
		name := base + "." + format
		for n := 2; taken[strings.ToLower(name)]; n++ { // names that some file systems do not tell apart
			name = fmt.Sprintf("%s-%d.%s", base, n, format)
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names, nil
}

// safe writes a name so that it can be one of a file on any system: without /, \ and the
// like, and not hidden.
func safe(name string) string {
	var b strings.Builder
	for i, c := range []byte(name) {
		hidden := i == 0 && (c == '.' || c == '-')
		last := i == len(name)-1 && (c == '.' || c == ' ')
		if c < ' ' || strings.IndexByte(`/\:*?"<>|%`, c) >= 0 || hidden || last {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if b.Len() > 150 { // many systems allow 255 bytes
		return strings.TrimRight(strings.ToValidUTF8(b.String()[:150], ""), ". ")
	}
	return b.String()
}

// notMetadata are columns of a manifest that would say how to read the file.
var notMetadata = []string{"file", "model", "dataset", "split", "condition", "rows", "dataset_by", "section", "columns", "labels_from",
	"logits", "probs", "prediction", "confidence", "correct", "label", "labels", "sample_id", "ids"}

// writeManifest lists the tables with their metadata.
func writeManifest(out string, tables []Converted) error {
	if len(tables) == 0 {
		return nil
	}
	var keys []string
	for _, t := range tables {
		for _, p := range t.Table.Meta {
			if !slices.Contains(keys, p.Key) && !slices.Contains(notMetadata, p.Key) && p.Key == strings.TrimSpace(p.Key) {
				keys = append(keys, p.Key)
			}
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(append([]string{"file", "model", "dataset", "dataset_by", "split", "condition", "rows"}, keys...))
	for _, t := range tables {
		by := ""
		if !t.Table.Declared {
			by = "folder" // which says less of what belongs together than somebody's word
		}
		row := []string{t.File, t.Table.Model, t.Table.Dataset, by, t.Table.Split, t.Table.Condition, strconv.Itoa(t.Rows)}
		for _, k := range keys {
			row = append(row, t.Table.Meta.Get(k))
		}
		w.Write(row)
	}
	w.Flush()
	name := filepath.Join(out, "manifest.csv")
	return disk.WriteFile(name, b.Bytes())
}
