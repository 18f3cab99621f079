package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitDone        = 0
	exitInternal    = 1   // an internal failure, or output that was lost
	exitUsage       = 2   // usage or configuration
	exitTables      = 3   // finished, but some tables failed
	exitGate        = 4   // a gate of --fail-if is not met
	exitInterrupted = 130 // by Ctrl-C; what was done is kept
)

const exitCodes = `
Exit codes: 0 done, 1 internal failure or lost output, 2 usage or configuration,
3 finished but some tables failed, 4 a gate (--fail-if) is not met,
130 interrupted (what was done is kept).`

func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	s := newStreams(out, errOut, args)
	root := newRoot(s)
	root.SetArgs(args)
	root.SetOut(s.out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if ctx.Err() != nil {
		s.complain(complaint{Error: "interrupted; what was done is kept, the same command goes on from there", Exit: exitInterrupted})
		return exitInterrupted
	}
	return s.report(err)
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
  abstain plot KIND DIR               one figure for a column or a page of a paper
  abstain threshold DIR A --risk 0.05 the confidence above which A may answer
  abstain export DIR                  samples, curves, results for other programs
  abstain study DIR                   regimes, correlations, families, shift: what a run teaches

A corpus is a folder of prediction tables, with or without a manifest.csv, or one
such file. Topics, for abstain help TOPIC:
` + topicList() + exitCodes,
		Example: `  abstain demo
  abstain run predictions --out study --metrics accuracy,auroc,aurc,ece@15
  abstain rank study --by aurc --where regime=distilled --top 10`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownVerb,
		Version:       version,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate(versionLine())
	quiet := root.PersistentFlags().BoolP("quiet", "q", false, "no notes and no progress, errors only")
	root.PersistentPreRun = func(*cobra.Command, []string) {
		if *quiet {
			s.hush()
		}
	}
	root.AddCommand(newDemo(s), newTrain(s), newRun(s), newRank(s), newCompare(s), newReport(s), newPlot(s), newStudy(s), newShow(s),
		newThreshold(s), newExport(s), newCheck(s), newConvert(s), newLs(s), newBench(s), newVersion(s))
	root.SetHelpCommand(newHelp(s))
	addCompletion(root)
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
