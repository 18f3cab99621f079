//go:build !amd64 || noasm

package rowstat

func read(rows []float32) float32 { return readPortable(rows) }
