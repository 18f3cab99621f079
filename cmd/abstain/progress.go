package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/results"
	"abstain/reports/words"

	"github.com/schollz/progressbar/v3"
)

// progress tells on stderr how far a run is: a bar on a terminal, otherwise one
// line per table, or, when tables are done faster than anyone reads, one line a
// second that sums them up. Failed tables have lines of their own, up to maxFailures.
type progress struct {
	w       io.Writer
	bar     *progressbar.ProgressBar // nil off a terminal
	verbose bool                     // a line for every table
	quiet   bool                     // failures are printed by somebody else
	now     func() time.Time

	tables, done, failed, cached int
	before                       int // done when the last stage began
	bytes, read                  int64
	began, spoke                 time.Time
	said                         map[string]bool // tables whose failure was told
	failures                     int             // printed, or left out because they are many
}

// maxFailures is how many failures are printed: run.json lists all.
const maxFailures = 20

func newProgress(s *streams, verbose bool) *progress {
	p := &progress{w: s.err, verbose: verbose, now: time.Now, said: map[string]bool{}}
	if s.terminal && !verbose {
		p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(s.err), progressbar.OptionClearOnFinish(),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(28),
			progressbar.OptionThrottle(65*time.Millisecond))
	}
	return p
}

// Start implements harness.Progress.
func (p *progress) Start(tables int, bytes int64) {
	p.tables, p.bytes, p.began, p.before, p.read = tables, bytes, p.now(), p.done, 0
	p.spoke = p.began
	if p.bar != nil {
		p.bar.ChangeMax(tables)
	}
}

// Table implements harness.Progress.
func (p *progress) Table(e harness.Event) {
	p.done++
	switch {
	case e.Err != nil:
		p.failed++
		p.said[e.Table.Name] = true
		if !p.quiet {
			p.failure(e.Err)
		}
	case e.Cached:
		p.cached++
	default:
		p.read += e.Table.Size
	}
	switch now := p.now(); {
	case p.bar != nil:
		p.bar.Describe(fmt.Sprintf("%d failed, %.1f MB/s", p.failed, p.rate(now)))
		p.bar.Add(1)
	case p.verbose && e.Err == nil:
		fmt.Fprintf(p.w, "[%d/%d] %s%s\n", p.done, p.tables, e.Table.Name, map[bool]string{true: " (cached)"}[e.Cached])
	case !p.verbose && now.Sub(p.spoke) >= time.Second && p.done < p.tables:
		p.spoke = now
		fmt.Fprintf(p.w, "[%d/%d] %s: %d failed, %.1f MB/s, %s left\n", p.done, p.tables, e.Table.Name, p.failed, p.rate(now), p.left(now))
	}
}

// failure prints a table's error.
func (p *progress) failure(err error) {
	hint := ""
	if e, ok := errors.AsType[*datasets.Error](err); ok {
		hint = e.Hint
	}
	p.print(err.Error(), hint)
}

// print prints a failure, above the bar if there is one, unless there were many.
func (p *progress) print(reason, hint string) {
	if p.failures++; p.failures > maxFailures {
		return
	}
	if p.bar != nil {
		p.bar.Clear()
	}
	fmt.Fprintf(p.w, "failed: %s\n", reason)
	if hint != "" {
		fmt.Fprintf(p.w, "  hint: %s\n", hint)
	}
}

// unsaid prints the failures that showed only when tables were compared.
func (p *progress) unsaid(failures []results.Failure) {
	for _, f := range failures {
		if !p.said[f.Table] {
			p.print(f.Reason, f.Hint)
		}
	}
}

// rest counts the failures that were not printed.
func (p *progress) rest() {
	if more := p.failures - maxFailures; more > 0 {
		fmt.Fprintf(p.w, "failed: %s\n", words.Plural(more, "further table"))
	}
}

func (p *progress) rate(now time.Time) float64 {
	return float64(p.read) / 1e6 / max(now.Sub(p.began).Seconds(), 1e-3)
}

func (p *progress) left(now time.Time) time.Duration {
	perTable := now.Sub(p.began) / time.Duration(p.done-p.before)
	return (perTable * time.Duration(p.tables-p.done)).Round(time.Second)
}

// finish takes the bar away.
func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Finish()
	}
}
