package rowstat

//go:generate go -C gen run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg rowstat

// kernel is an implementation of the statistics.
type kernel uint8

const (
	reference kernel = iota // float64 and the standard library, one value after the other
	portable                // the same with an exponential and a logarithm of its own
	avx2                    // assembly: AVX2 with FMA
	avx512                  // assembly: AVX-512
)

func (k kernel) String() string {
	return [...]string{"reference", "portable", "avx2", "avx512"}[k]
}

// few is up to how many classes accuracy goes before speed, since the time of
// such rows is lost beside that of reading and sorting them, and since in small
// tables one pair of rows in the wrong order shows. Logits of float32 go through
// float64 lanes, and probabilities, in which classifiers that count votes have
// ties by design, through the reference.
const few = 64

// abreast is how many rows the vector kernels take at a time.
const abreast = 8

// fastest is the best that this machine runs.
var fastest = detect()

func logits[F Float](k kernel, dst *Columns, rows []F, classes int, label []int32) {
	checkShape(len(rows), len(label), classes)
	dst.reset(len(label), classes)
	switch rows := any(rows).(type) {
	case []float32:
		logitsOf(k, dst, rows, classes, label)
	case []float64:
		logitsOf(k, dst, rows, classes, label)
	case []Half:
		halves(k, dst, rows, classes, label, false)
	}
}

func logitsOf[F real](k kernel, dst *Columns, rows []F, classes int, label []int32) {
	if k >= avx2 && logitsVectors(k, dst, rows, classes, label) {
		return
	}
	for i, l := range label {
		row := rows[i*classes : (i+1)*classes]
		if k == reference {
			logitsRow(dst, i, row, l)
		} else {
			logitsPortable(dst, i, row, l)
		}
		putNorms(dst, i, row)
	}
}

func probs[F Float](k kernel, dst *Columns, rows []F, classes int, label []int32) {
	checkShape(len(rows), len(label), classes)
	dst.reset(len(label), classes)
	dst.noNorms()
	switch rows := any(rows).(type) {
	case []float32:
		probsOf(k, dst, rows, classes, label)
	case []float64:
		probsOf(k, dst, rows, classes, label)
	case []Half:
		halves(k, dst, rows, classes, label, true)
	}
}

func probsOf[F real](k kernel, dst *Columns, rows []F, classes int, label []int32) {
	if k >= avx2 && probsVectors(k, dst, rows, classes, label) {
		return
	}
	for i, l := range label {
		row := rows[i*classes : (i+1)*classes]
		if k == reference || classes <= few {
			probsRow(dst, i, row, l)
		} else {
			probsPortable(dst, i, row, l)
		}
	}
}
