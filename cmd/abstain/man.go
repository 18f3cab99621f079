package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Manual pages are written here rather than by the library's generator: that takes help texts for
// Markdown, so that their tables would run together, and brings three modules.

// manual is the page of a command in roff.
func manual(c *cobra.Command) string {
	var b strings.Builder
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	begin(&b, name, c.Short)
	section(&b, "SYNOPSIS")
	fmt.Fprintf(&b, ".B %s\n", roff(strings.TrimSuffix(c.UseLine(), " [flags]")+" [flags]"))
	section(&b, "DESCRIPTION")
	plainText(&b, c.Long)
	if c.HasAvailableFlags() {
		section(&b, "OPTIONS")
		c.InitDefaultHelpFlag()
		c.Flags().VisitAll(func(f *pflag.Flag) { option(&b, f) })
		c.InheritedFlags().VisitAll(func(f *pflag.Flag) { option(&b, f) })
	}
	if c.Example != "" {
		section(&b, "EXAMPLES")
		plainText(&b, c.Example)
	}
	section(&b, "SEE ALSO")
	also := []string{}
	for _, verb := range verbs(c.Root()) {
		also = append(also, "abstain-"+verb+"(1)")
	}
	for _, t := range topicNames() {
		also = append(also, "abstain-"+t+"(1)")
	}
	fmt.Fprintln(&b, roff(strings.Join(also, ", ")))
	return b.String()
}

// topicManual is the page of a topic in roff.
func topicManual(t *topic) string {
	var b strings.Builder
	begin(&b, "abstain-"+t.name, t.about)
	section(&b, "DESCRIPTION")
	plainText(&b, t.text())
	return b.String()
}

// begin writes the head of a page and its name. There is no date: the same program gives the same
// bytes.
func begin(b *strings.Builder, name, about string) {
	fmt.Fprintf(b, ".TH \"%s\" \"1\" \"\" \"abstain %s\" \"abstain\"\n", strings.ToUpper(name), version)
	section(b, "NAME")
	fmt.Fprintf(b, "%s \\- %s\n", roff(name), roff(about))
}

func section(b *strings.Builder, title string) { fmt.Fprintf(b, ".SH %s\n", title) }

// option is one flag.
func option(b *strings.Builder, f *pflag.Flag) {
	if f.Hidden {
		return
	}
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", " + name
	}
	kind, usage := pflag.UnquoteUsage(f)
	if kind != "" {
		name += " " + kind
	}
	if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "[]" {
		usage += " (default " + f.DefValue + ")"
	}
	fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", roff(name), roff(usage))
}

// plainText keeps the lines of a text as they are.
func plainText(b *strings.Builder, text string) {
	fmt.Fprintf(b, ".nf\n")
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		fmt.Fprintln(b, roff(line))
	}
	fmt.Fprintf(b, ".fi\n")
}

// roff escapes a line.
func roff(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}
