//go:build !(amd64 || arm64) || noasm

package content

// ways are the implementations that this machine runs, the fastest first.
var ways = []way{plainly}
