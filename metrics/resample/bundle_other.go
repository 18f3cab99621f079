//go:build !amd64 || noasm

package resample

func kernelOf(gaps bool) (kernel, *[lanes]uint8) { return portable(gaps) }
