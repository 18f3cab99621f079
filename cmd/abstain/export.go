package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abstain/datasets/plain"
	"abstain/harness/board"
	"abstain/harness/export"
	"abstain/harness/results"
	"abstain/metrics/spelling"

	"github.com/spf13/cobra"
)

type exportOptions struct {
	selectOptions
	all, curves, long bool
	format, out       string
	level             float64
}

func newExport(s *streams) *cobra.Command {
	var o exportOptions
	c := &cobra.Command{
		Use:   "export DIR [MODEL...]",
		Short: "Write samples, curves or results as Parquet, CSV or Arrow",
		Long: `export writes what a run's folder holds as one table for other programs: to
stdout as CSV, or into the file --out in the format of its ending. Rows are those
of the models named, or of all, of one dataset, split, condition and transform as
rank takes them; --all takes every table that the flags do not leave out.

Samples (without --curves and --long), one row per table and sample:
  model, dataset, split, condition, transform   text
  sample_id        as the table wrote it: integer, or text; without ids the row
  label            integer; -1 is out of distribution
  prediction       integer; -1 where the model gave no answer
  correct          boolean; false where either is -1
  should_abstain   boolean: the sample had better not be answered
  label_rank       integer: classes placed above the label
  nll, brier       float, of the sample
  confidence_NAME  float: the confidence function (msp, entropy, ...)
  order_NAME       float: by which samples are ranked, if it is not confidence_NAME in
                   all tables: near 1 that no longer tells them apart (msp of logits
                   is ranked by the odds of being wrong)
  group_NAME       text: an attribute of the sample
What no table has is no column. All metrics are computed from these values, of the
samples whose label and prediction are not -1: AUROC, AURC and their kin by
order_NAME where there is one, calibration by confidence_NAME. (accuracy is the share
of right ones among these and those without an answer.)

--curves, one row per model and threshold that its confidences allow:
  model, dataset, split, condition, transform, confidence   text
  threshold        accept what has at least this confidence
  order            the same on the scale of order_NAME; threshold if there is none
  coverage         float; accepted, errors, n   integers; risk = errors / accepted
  risk_upper       one-sided upper bound of the risk on new samples (Clopper and
                   Pearson, of the errors among the accepted), at --level
The bound holds for new samples of the same distribution at a threshold that was
fixed before these samples were seen. It holds at each point by itself: not at
all at once, and not at the point that looked best on the same samples.

--long, the results with one row per model, ..., confidence and metric:
  model, dataset, split, condition, transform, confidence, metric   text
  value, lo, hi, level   floats; n, classes   integers; notes   text
Here all rows are taken that the flags do not leave out.

Missing values are empty in CSV and null elsewhere. Floats in CSV always have a
point or an exponent, infinities are inf and -inf.
` + exitCodes,
		Example: `  abstain export study resnet50 --out resnet50.parquet
  abstain export study --all --out samples.arrow
  abstain export study resnet50 --curves --level 0.99 > curve.csv
  abstain export study --long --condition pgd-eps4`,
		Args: folderThen(0, mostModels),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(s, args[0], args[1:]) },
	}
	o.addFlags(c)
	f := c.Flags()
	f.BoolVar(&o.all, "all", false, "every table that the flags do not leave out, not one dataset, split, condition and transform")
	f.BoolVar(&o.curves, "curves", false, "risk-coverage curves, with an upper bound at each threshold")
	f.BoolVar(&o.long, "long", false, "the results, one row per metric")
	f.Float64Var(&o.level, "level", 0.95, "level of the bounds of --curves")
	f.StringVar(&o.format, "format", "", strings.Join(plain.Formats(), "|")+" (default: by the ending of --out, else csv)")
	f.StringVar(&o.out, "out", "", "file to write (default: stdout)")
	return c
}

func (o *exportOptions) run(s *streams, dir string, models []string) error {
	format, err := o.formatOf()
	if err != nil {
		return err
	}
	if o.curves && o.long {
		return errors.New("export: --curves and --long are two tables: choose one")
	}
	if o.out == "" && format != "csv" && s.outTerminal {
		return fmt.Errorf("export: %s is not for a terminal: name a file by --out", format)
	}
	sel, err := o.parse()
	if err != nil {
		return err
	}
	r, err := readRun(dir)
	if err != nil {
		return err
	}
	rows, err := o.rows(s, r, sel, models)
	if err != nil {
		return err
	}
	t, err := o.table(r, rows)
	if err != nil {
		return err
	}
	if o.out == "" {
		return t.Write(s.out, format)
	}
	return writeOut(s, o.out, func(w io.Writer) error { return t.Write(w, format) })
}

// formatOf is the format asked for, or that of the file's ending.
func (o *exportOptions) formatOf() (string, error) {
	if o.format != "" {
		return o.format, oneOf("format", o.format, plain.Formats())
	}
	ending := strings.TrimPrefix(filepath.Ext(o.out), ".")
	switch {
	case o.out == "":
		return "csv", nil
	case slices.Contains(plain.Formats(), ending):
		return ending, nil
	}
	return "", fmt.Errorf("export: --out %s: give --format, or an ending out of .%s", o.out, strings.Join(plain.Formats(), ", ."))
}

// table is the one asked for.
func (o *exportOptions) table(r *results.Results, rows []results.Row) (*export.Table, error) {
	switch {
	case o.long:
		return export.Long(r, rows), nil
	case o.curves:
		return export.Curves(r, rows, o.level)
	}
	var tables []results.Key
	for _, row := range rows {
		if k := row.Key.Table(); !slices.Contains(tables, k) {
			tables = append(tables, k)
		}
	}
	var only []string
	if o.selection.Confidence != "" {
		only = []string{o.selection.Confidence}
	}
	return export.Samples(r, tables, only)
}

// rows are those of the selection, of the models named.
func (o *exportOptions) rows(s *streams, r *results.Results, sel board.Selection, models []string) ([]results.Row, error) {
	if err := knownModels(r, models); err != nil {
		return nil, err
	}
	var rows []results.Row
	if o.all || o.long {
		if err := known(r, sel); err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(slices.Clone(r.Rows), func(row results.Row) bool { return row.Status != "ok" || !within(row.Key, sel) })
	} else {
		view, err := board.Select(r, sel)
		if err != nil {
			return nil, err
		}
		s.notes(view.Notes)
		rows = view.Rows
	}
	had := len(rows) > 0
	rows = slices.DeleteFunc(slices.Clone(rows), func(row results.Row) bool {
		return !sel.Admits(r.Meta(row.Model, row.Dataset)) || len(models) > 0 && !slices.Contains(models, row.Model)
	})
	if len(rows) == 0 && had && len(models) > 0 {
		return nil, fmt.Errorf("export: %s has no such table of %s; abstain show %s %s lists what there is", r.Dir, models[0], r.Dir, models[0])
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("export: %s has no rows that pass these flags", r.Dir)
	}
	return rows, nil
}

// knownModels refuses models that the folder does not have.
func knownModels(r *results.Results, models []string) error {
	names := modelNames(r)
	for _, m := range models {
		if !slices.Contains(names, m) {
			return fmt.Errorf("%s has no model %q%s", r.Dir, m, cmp.Or(spelling.Meant(m, names), "; abstain ls models lists them"))
		}
	}
	return nil
}

// within reports whether a row is of the selection, whose empty fields admit everything.
func within(k results.Key, sel board.Selection) bool {
	for _, p := range axes(k, sel) {
		if p.asked != "" && p.asked != p.has {
			return false
		}
	}
	return true
}

// axis is a part of a row's key, with what was asked of it.
type axis struct{ what, has, asked string }

func axes(k results.Key, sel board.Selection) []axis {
	return []axis{{"dataset", k.Dataset, sel.Dataset}, {"split", k.Split, sel.Split}, {"condition", k.Condition, sel.Condition},
		{"transform", k.Transform, sel.Transform}, {"confidence", k.Confidence, sel.Confidence}}
}

// known refuses a selection that asks for what no row has.
func known(r *results.Results, sel board.Selection) error {
	for i, a := range axes(results.Key{}, sel) {
		have := board.Distinct(r.Rows, func(row results.Row) string { return axes(row.Key, sel)[i].has })
		if a.asked != "" && !slices.Contains(have, a.asked) {
			return fmt.Errorf("%s has no %s %q; it has %s%s", r.Dir, a.what, a.asked, strings.Join(have, ", "), spelling.Meant(a.asked, have))
		}
	}
	return nil
}

// writeOut writes a file in one step: it is there as a whole, or as it was before.
// A device or a pipe is written to as it is.
func writeOut(s *streams, path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		e.Path = path // not that of a name made up
	}
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // of no use once it has its name
	if err = errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return internal(err)
	}
	fmt.Fprintln(s.err, "written:", path)
	return nil
}
