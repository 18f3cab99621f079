// Command abstain compares hundreds of classifiers by how well they know when
// they are wrong, from their stored predictions.
//
// One file per verb: a constructor with the options and the text of the help,
// and a function that does the work by calling harness, study and reports. The
// program is the function run, from arguments and streams to an exit code.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a reader that goes away, as head does, ends no run: the exit code says it
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
