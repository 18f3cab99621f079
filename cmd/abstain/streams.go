package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"syscall"

	"abstain/datasets"
	"abstain/harness/board"
	"abstain/reports/say"

	"golang.org/x/term"
)

// streams is where results (out) and everything else (err) go, and what is known of the
// terminals there.
type streams struct {
	out, err io.Writer
	terminal bool // err is a terminal, so that a progress bar makes sense

	fault       io.Writer // errors: err, also where --quiet drops notes and progress
	outTerminal bool
	width       int  // columns of a line on out; 0 if there is no limit
	colour      bool // out shows colours
	lost        *keeper
	json        bool // errors are JSON, too
}

// newStreams looks at what the program was given. A limit to the width and colours are only for
// terminals, but for COLUMNS, by which anybody can set the limit.
func newStreams(out, errOut io.Writer, args []string) *streams {
	lost := &keeper{w: out}
	s := &streams{out: lost, lost: lost, err: errOut, fault: errOut, json: wantsJSON(args)}
	if f, ok := errOut.(*os.File); ok {
		s.terminal = term.IsTerminal(int(f.Fd()))
	}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.outTerminal = true
		s.width, _, _ = term.GetSize(int(f.Fd()))
		s.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		s.width = n
	}
	return s
}

// hush drops notes and progress; errors stay.
func (s *streams) hush() { s.err, s.terminal = io.Discard, false }

// notes prints what a selection has to say.
func (s *streams) notes(notes []board.Note) {
	for _, n := range notes {
		fmt.Fprintln(s.err, "note:", say.Note(n))
	}
}

// keeper remembers that what was written is lost.
type keeper struct {
	w   io.Writer
	err error
}

func (k *keeper) Write(b []byte) (int, error) {
	if k.err != nil {
		return 0, k.err
	}
	n, err := k.w.Write(b)
	k.err = err
	return n, err
}

// wantsJSON reports whether the arguments ask for --format json, as far as they can be read.
func wantsJSON(args []string) bool {
	if i := slices.Index(args, "--format"); i >= 0 && i+1 < len(args) && args[i+1] == "json" {
		return true
	}
	return slices.Contains(args, "--format=json")
}

// complaint is an error as JSON, on one line of stderr.
type complaint struct {
	Error   string   `json:"error"`
	Hint    string   `json:"hint,omitempty"`
	Reasons []string `json:"reasons,omitempty"` // a line for each gate that is not met
	Exit    int      `json:"exit"`
}

// report prints the error with its hint and returns the exit code.
func (s *streams) report(err error) int {
	c := complaint{Exit: exitUsage}
	if e, ok := errors.AsType[*exitError](err); ok {
		c.Exit, c.Error, c.Reasons = e.code, e.message, e.reasons
	} else if err != nil {
		c.Error = err.Error()
		if e, ok := errors.AsType[*datasets.Error](err); ok {
			c.Hint = e.Hint
		}
		if full(err) {
			c.Exit = exitInternal
		}
	}
	if s.lost != nil && s.lost.err != nil {
		c = complaint{Error: "output is lost: " + s.lost.err.Error(), Exit: exitInternal}
		if errors.Is(s.lost.err, syscall.EPIPE) {
			return c.Exit // the reader went away of its own will
		}
	} else if err == nil {
		return exitDone
	}
	s.complain(c)
	return c.Exit
}

func (s *streams) complain(c complaint) {
	if s.json {
		e := json.NewEncoder(s.fault)
		e.SetEscapeHTML(false)
		e.Encode(c)
		return
	}
	for _, line := range c.Reasons {
		fmt.Fprintln(s.fault, line)
	}
	if c.Error != "" {
		fmt.Fprintf(s.fault, "abstain: %s\n", c.Error)
	}
	if c.Hint != "" {
		fmt.Fprintf(s.fault, "abstain: hint: %s\n", c.Hint)
	}
}

// full reports whether an error is of a disk or device that does not take what is written,
// which the user's command did not cause.
func full(err error) bool {
	_, path := errors.AsType[*fs.PathError](err)
	return path && (errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EIO) || errors.Is(err, syscall.EFBIG))
}

// exitError ends the program with a code of its own.
type exitError struct {
	code    int
	message string
	reasons []string // lines that stand before the message
}

func (e *exitError) Error() string { return e.message }

// internal marks a failure that the user did not cause.
func internal(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: exitInternal, message: err.Error()}
}
