//go:build amd64 && !noasm

package rowstat

// read only reads, as fast as this machine can.
func read(rows []float32) float32 {
	switch fastest {
	case avx512:
		return streamAVX512(&rows[0], len(rows))
	case avx2:
		return streamAVX2(&rows[0], len(rows))
	}
	return readPortable(rows)
}
