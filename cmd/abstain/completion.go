package main

import (
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/datasets/plain"
	"abstain/harness/board"
	"abstain/harness/convert"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/reports"
	"abstain/reports/figure"

	"github.com/spf13/cobra"
)

// values completes an argument or the value of a flag. args are the arguments before it.
type values func(c *cobra.Command, args []string) []string

// flagValues complete flags by name, in whatever command has them; ofVerb those that differ there.
var flagValues = map[string]values{
	"by": metricIDs, "metrics": metricIDs, "format": func(*cobra.Command, []string) []string { return reports.Formats() },
	"dataset":    ofRows(func(r results.Row) string { return r.Dataset }),
	"split":      ofRows(func(r results.Row) string { return r.Split }),
	"condition":  ofRows(func(r results.Row) string { return r.Condition }),
	"transform":  ofRows(func(r results.Row) string { return r.Transform }),
	"confidence": ofRows(func(r results.Row) string { return r.Confidence }),
	"where":      filters, "against": models, "fail-for": models, "models": models,
	"ranks":     oneOfThese(board.Simultaneous, board.Marginal, "none"),
	"intervals": oneOfThese(evaluate.IntervalMethods...),
	"across":    oneOfThese("condition", "dataset"),
	"figures":   func(*cobra.Command, []string) []string { return figure.Formats() },
	"groups":    groups, "cluster": groups, "stratify": groups,
}

// flagsOfVerb are flags whose values differ from those of the same name elsewhere.
var flagsOfVerb = map[string]values{
	"run transform": transforms, "demo transform": transforms, "run confidence": confidences, "demo confidence": confidences,
	"export format": oneOfThese(plain.Formats()...), "check format": oneOfThese("text", "json"),
	"convert format": oneOfThese(convert.Formats...),
	"show format":    oneOfThese("text", "json"), "study format": oneOfThese("text", "json"),
}

// listFlags take several values, separated by commas.
var listFlags = []string{"metrics", "models", "figures", "groups", "transform", "confidence"}

// addCompletion tells the shell what values flags and arguments can have.
func addCompletion(root *cobra.Command) {
	for _, c := range root.Commands() {
		for name, of := range flagValues {
			if own, ok := flagsOfVerb[c.Name()+" "+name]; ok {
				of = own
			}
			if c.Flags().Lookup(name) == nil {
				continue
			}
			several := slices.Contains(listFlags, name)
			c.RegisterFlagCompletionFunc(name, func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
				if !several {
					return of(c, args), cobra.ShellCompDirectiveNoFileComp
				}
				return continued(typed, of(c, args)), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
			})
		}
		switch c.Name() {
		case "rank", "compare", "report", "study", "show", "export":
			c.ValidArgsFunction = folderArgs
		case "ls":
			c.ValidArgsFunction = lsCompletion
		}
	}
}

// continued are the values behind the last comma of a list that is being typed.
func continued(typed string, all []string) []string {
	before := typed[:strings.LastIndex(typed, ",")+1]
	for i, v := range all {
		all[i] = before + v
	}
	return all
}

// folderArgs completes the folder of a run, then models of it.
func folderArgs(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return models(c, args), cobra.ShellCompDirectiveNoFileComp
	}
	if found := runFolders("."); found != nil {
		return found, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func lsCompletion(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		return lists, cobra.ShellCompDirectiveNoFileComp
	case args[0] == "models" && len(args) == 1:
		return folderArgs(c, nil, typed)
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// runOf reads the run's folder that is the first argument; nil if it is none.
func runOf(args []string) *results.Results {
	if len(args) == 0 {
		return nil
	}
	r, err := results.Read(args[0])
	if err != nil {
		return nil
	}
	return r
}

// metricIDs are those of the run's folder, or else all, with their labels.
func metricIDs(_ *cobra.Command, args []string) []string {
	var ids []string
	if r := runOf(args); r != nil {
		for _, m := range r.Measures {
			ids = append(ids, m.Name()+"\t"+m.Label())
		}
		return ids
	}
	for i, m := range metrics.Metrics() {
		ids = append(ids, metrics.IDs()[i]+"\t"+m.Label)
	}
	return ids
}

// ofRows are the values that the rows of the run's folder have.
func ofRows(of func(results.Row) string) values {
	return func(_ *cobra.Command, args []string) []string {
		r := runOf(args)
		if r == nil {
			return nil
		}
		return board.Distinct(r.Rows, of)
	}
}

func models(_ *cobra.Command, args []string) []string {
	r := runOf(args)
	if r == nil {
		return nil
	}
	return slices.DeleteFunc(modelNames(r), func(name string) bool { return slices.Contains(args[1:], name) })
}

// filters are key=value of the models' metadata.
func filters(_ *cobra.Command, args []string) []string {
	r := runOf(args)
	if r == nil {
		return nil
	}
	var all []string
	seen := map[string]bool{}
	for _, m := range r.Models {
		for _, p := range m.Meta {
			if f := p.Key + "=" + p.Value; p.Value != "" && !seen[f] {
				seen[f] = true
				all = append(all, f)
			}
		}
	}
	return all
}

// groups are the attributes of the first table of a corpus, or those that a study can compare.
func groups(_ *cobra.Command, args []string) []string {
	var all []string
	for _, path := range args {
		c, err := datasets.Open(path)
		if err != nil || len(c.Tables) == 0 {
			continue
		}
		if r, err := datasets.OpenTable(c.Tables[0]); err == nil {
			all = append(all, r.Schema().Groups...)
			r.Close()
		}
	}
	if r := runOf(args); r != nil && len(r.Rows) > 0 {
		if o, err := r.Outcomes(r.Rows[0].Key); err == nil {
			for _, g := range o.Groups {
				all = append(all, g.Name)
			}
		}
	}
	return append(all, "label")
}

func transforms(*cobra.Command, []string) []string {
	return append([]string{posthoc.None}, posthoc.IDs()...)
}

func confidences(*cobra.Command, []string) []string {
	var names []string
	for _, f := range metrics.ConfidenceFunctions() {
		names = append(names, f.Name)
	}
	return append(names, evaluate.AllScores)
}

func oneOfThese(names ...string) values {
	return func(*cobra.Command, []string) []string { return slices.Clone(names) }
}
