package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"abstain/metrics/spelling"

	"github.com/spf13/cobra"
)

// newHelp replaces the help command of the library: it knows topics beside verbs, refuses what is
// neither, and writes manual pages.
func newHelp(s *streams) *cobra.Command {
	var man string
	c := &cobra.Command{
		Use:   "help [VERB or TOPIC]",
		Short: "Explain a verb or a topic",
		Long: `help prints what there is to know of a verb, or of one of these topics:
` + topicList() + `
--man writes a manual page for abstain, for each verb and for each topic into a
folder: man -l DIR/abstain-rank.1
` + exitCodes,
		Example: `  abstain help rank
  abstain help metrics
  abstain help --man man1`,
		RunE: func(c *cobra.Command, args []string) error {
			if man != "" {
				return writeManual(s, c.Root(), man)
			}
			return help(s.out, c.Root(), args)
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return append(verbs(c.Root()), topicNames()...), cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().StringVar(&man, "man", "", "folder to write manual pages into")
	return c
}

// help prints the help of a verb, with its own verbs behind it, or a topic, of one or several
// words.
func help(w io.Writer, root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return root.Help()
	}
	if t := topicOf(strings.Join(args, "-")); t != nil {
		_, err := io.WriteString(w, t.text())
		return err
	}
	if c, rest, err := root.Find(args); err == nil && c != root && len(rest) == 0 {
		c.InitDefaultHelpFlag()
		return c.Help()
	}
	names := append(verbs(root), topicNames()...)
	word := strings.Join(args, " ")
	return fmt.Errorf("help: %q is neither a verb (%s) nor a topic (%s)%s", word,
		strings.Join(verbs(root), ", "), strings.Join(topicNames(), ", "), spelling.Meant(word, names))
}

// verbs are those that users call.
func verbs(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// writeManual writes a page of section 1 for the program, its verbs and the topics.
func writeManual(s *streams, root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	pages := map[string]string{"abstain": manual(root)}
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			pages["abstain-"+c.Name()] = manual(c)
		}
	}
	for i := range topics {
		pages["abstain-"+topics[i].name] = topicManual(&topics[i])
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(text), 0o644); err != nil {
			return internal(err)
		}
	}
	fmt.Fprintf(s.err, "written: %d pages in %s\n", len(pages), dir)
	return nil
}
