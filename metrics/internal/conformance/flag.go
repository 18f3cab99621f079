// Package conformance has the flag of the conformance test, Dir. All test packages
// below metrics import it, so that one go test command can pass the flag to all of
// them. It imports the standard library only.
package conformance

import "flag"

// Dir is the directory of conformance vectors; "" for the default.
var Dir = flag.String("conformance", "", "directory of conformance vectors; default ../shared/conformance from the module root")
