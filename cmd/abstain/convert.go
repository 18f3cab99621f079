package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/convert"
	"abstain/reports/words"

	"github.com/spf13/cobra"
)

type convertOptions struct {
	as      readingOptions
	out     string
	format  string
	workers int
}

func newConvert(s *streams) *cobra.Command {
	o := convertOptions{format: convert.Formats[0]}
	c := &cobra.Command{
		Use:   "convert CORPUS... --out DIR",
		Short: "Write the tables of a corpus as Arrow files",
		Long: `convert writes every table of the corpora into a folder of its own: one Arrow file
each, which is read at the speed of the disk, and a manifest.csv. Columns get the names
that abstain knows (sample_id, label, logits or probs, ...), model, dataset, split,
condition and whatever else is known become metadata. Values do not change: class
vectors keep their float16, float32 or float64 bits. Class names become numbers from
0, whose names are in the metadata, and scores become the trust that they mean.

--format parquet writes lists of float32 or float64 instead, for tools that read no
Arrow; abstain reads them more slowly.

The same command again writes only what is missing or has changed. Tables that cannot
be read are named, and the others are written. A table is written in pieces of 16 MB,
and its file appears when it is whole.
` + exitCodes,
		Example: `  abstain convert dumps --out predictions
  abstain convert 'runs/**/*.npz' --out predictions --labels targets
  abstain convert scores.csv.gz --out scores --format parquet`,
		Args: wantsCorpus,
		RunE: func(c *cobra.Command, args []string) error {
			if o.out == "" {
				return fmt.Errorf("--out names the folder to write")
			}
			if err := oneOf("format", o.format, convert.Formats); err != nil {
				return err
			}
			corpora, err := o.as.open(args)
			if err != nil {
				return err
			}
			return o.convert(c, s, corpora)
		},
	}
	o.as.addFlags(c)
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "folder to write")
	f.StringVar(&o.format, "format", o.format, "format to write: "+strings.Join(convert.Formats, ", "))
	f.IntVar(&o.workers, "workers", 0, "tables converted at a time (default: one per CPU)")
	return c
}

// convertProgress is told how far a conversion is, as a run is.
type convertProgress struct{ *progress }

// Table implements convert.Progress.
func (p convertProgress) Table(t datasets.Table, there bool, err error) {
	p.progress.Table(harness.Event{Table: t, Cached: there, Err: err})
}

func (o *convertOptions) convert(c *cobra.Command, s *streams, corpora []*datasets.Corpus) error {
	p := newProgress(s, false)
	workers := o.workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	res, err := convert.Run(c.Context(), convert.Config{Corpora: corpora, Out: o.out, Format: o.format, Workers: workers, Progress: convertProgress{p}})
	p.finish()
	if err != nil {
		return err
	}
	for _, c := range corpora {
		for _, problem := range c.Problems {
			p.failure(problem)
		}
		for _, skipped := range c.Skipped {
			fmt.Fprintln(s.err, "note: left out:", skipped)
		}
	}
	p.rest()
	fmt.Fprintf(s.err, "%s: %d written, %d there already, %d failed; %s\n", words.Plural(len(res.Tables)+len(res.Failures), "table"),
		res.Written, res.There, len(res.Failures), bytesOf(res.Bytes))
	if len(res.Tables) > 0 {
		fmt.Fprintf(s.out, "tables      %s\nevaluate    abstain run %s\n\n%s", filepath.Join(o.out, "manifest.csv"), o.out, directly(res.Tables[0]))
	}
	if len(res.Failures) > 0 {
		return &exitError{code: exitTables, message: fmt.Sprintf("%s not converted", words.Plural(len(res.Failures), "table"))}
	}
	return nil
}

// bytesOf words a size.
func bytesOf(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1e3)
}

// directly are the lines of Python that would have written a table like this one in a
// format that needs no conversion.
func directly(t convert.Converted) string {
	names := fmt.Sprintf("{\"model\": \"MODEL\", \"dataset\": %q, \"split\": %q}", t.Table.Dataset, t.Table.Split)
	if t.Kind == datasets.Score.String() {
		return `without conversion, from NumPy arrays of one value a sample:
  np.savez("MODEL.npz", label=label, prediction=prediction, confidence=confidence)
`
	}
	batch, lists, more, ids := "x, y", "logits, labels = [], []", "", ""
	if t.IDs {
		batch, lists, more, ids = "x, y, i", "logits, labels, ids = [], [], []", ", ids.append(i)", `,
           "sample_id": torch.cat(ids)`
	}
	return fmt.Sprintf(`without conversion, from PyTorch (or np.savez("MODEL.npz", %[1]s=..., labels=...)):
  import torch
  from safetensors.torch import save_file
  %[2]s
  with torch.inference_mode():
      for %[3]s in loader:
          logits.append(model(x.to(device)).cpu()), labels.append(y)%[4]s
  save_file({"%[1]s": torch.cat(logits), "labels": torch.cat(labels)%[5]s},
            "MODEL.safetensors",
            metadata=%[6]s)
`, t.Kind, lists, batch, more, ids, names)
}
