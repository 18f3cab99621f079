// Package conformance has the flags of the conformance tests. All test packages below
// metrics import it, so that one go test command can pass them to all of them. It imports
// the standard library only.
package conformance

import "flag"

// Directories of reference values; "" for the default, beside the module root.
var (
	Dir        = flag.String("conformance", "", "directory of conformance vectors; default ../shared/conformance from the module root")
	Credal     = flag.String("credal", "", "directory of reference values of credal sets; default ../shared/credal from the module root")
	Guarantees = flag.String("guarantees", "", "directory of reference values of guarantees; default ../shared/guarantees from the module root")
)
