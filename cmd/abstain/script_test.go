package main

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"abstain":      func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) },
		"abstain-main": main, // with its signals
	})
}

// TestScripts runs the command line as a user would; testdata/script reads like
// shell sessions. The command exits N runs a command that has to end with exit
// code N.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				err := ts.Exec(args[1], args[2:]...)
				code := "0"
				if err != nil {
					code = fmt.Sprint(exitCode(err))
				}
				if (code == args[0]) == neg {
					ts.Fatalf("exit code %s, want %s", code, args[0])
				}
			},
		},
	})
}

// exitCode is the exit code behind the error of a command.
func exitCode(err error) int {
	if e, ok := err.(interface{ ExitCode() int }); ok {
		return e.ExitCode()
	}
	return -1
}
