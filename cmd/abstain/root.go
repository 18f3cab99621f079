package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"abstain/datasets"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes.
const (
	exitDone        = 0
	exitInternal    = 1   // an internal failure
	exitUsage       = 2   // usage or configuration
	exitTables      = 3   // finished, but some tables failed
	exitGate        = 4   // a gate of --fail-if is not met
	exitInterrupted = 130 // by Ctrl-C; what was done is kept
)

const exitCodes = `
Exit codes: 0 done, 1 internal failure, 2 usage or configuration,
3 finished but some tables failed, 4 a gate (--fail-if) is not met,
130 interrupted (what was done is kept).`

// streams is where results (out) and everything else (err) go.
type streams struct {
	out, err io.Writer
	terminal bool // err is a terminal, so that a progress bar makes sense
}

func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	s := &streams{out: out, err: errOut}
	if f, ok := errOut.(*os.File); ok {
		s.terminal = term.IsTerminal(int(f.Fd()))
	}
	root := newRoot(s)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if ctx.Err() != nil {
		fmt.Fprintln(errOut, "abstain: interrupted; what was done is kept, the same command goes on from there")
		return exitInterrupted
	}
	return s.report(err)
}

// report prints the error with its hint and returns the exit code.
func (s *streams) report(err error) int {
	if err == nil {
		return exitDone
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		if e.message != "" {
			fmt.Fprintf(s.err, "abstain: %s\n", e.message)
		}
		return e.code
	}
	fmt.Fprintf(s.err, "abstain: %v\n", err)
	if e, ok := errors.AsType[*datasets.Error](err); ok && e.Hint != "" {
		fmt.Fprintf(s.err, "abstain: hint: %s\n", e.Hint)
	}
	return exitUsage
}

// exitError ends the program with a code of its own.
type exitError struct {
	code    int
	message string
}

func (e *exitError) Error() string { return e.message }

// internal marks a failure that the user did not cause.
func internal(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitInternal, err.Error()}
}

func newRoot(s *streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "abstain",
		Short: "Compare classifiers by how well they know when they are wrong",
		Long: `abstain reads the stored predictions of hundreds of classifiers and compares how
well each knows when it is wrong: selective prediction, ranking of confidence,
calibration. Predictions in, evidence out: no model is ever loaded.

  abstain demo                        the embedded corpus of 523 real classifiers
  abstain check CORPUS                what is wrong with a corpus
  abstain run CORPUS --out DIR        evaluate every prediction table
  abstain rank DIR --by aurc          the leaderboard
  abstain compare DIR A B             in what B is proven better or worse than A
  abstain report DIR                  figures, report.html and report.pdf
  abstain threshold DIR A --risk 0.05 the confidence above which A may answer
  abstain study DIR                   regimes, correlations, families, shift: what a run teaches

A corpus is a folder of Arrow, Parquet or CSV tables, with or without a
manifest.csv, or one such file.
` + exitCodes,
		Example: `  abstain demo
  abstain run predictions --out study --metrics accuracy,auroc,aurc,ece@15
  abstain rank study --by aurc --where regime=distilled --top 10`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(newDemo(s), newRun(s), newRank(s), newCompare(s), newReport(s), newStudy(s), newShow(s), newThreshold(s), newCheck(s), newLs(s), newBench(s), newVersion(s))
	return root
}

// list is a flag of comma-separated values.
func list(value string) []string {
	var parts []string
	for _, p := range strings.Split(value, ",") {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}
