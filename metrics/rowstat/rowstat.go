// Package rowstat is the row kernel: what every metric needs of a row of
// logits or probabilities, taken in one visit to the row.
//
// Logits and Probs fill Columns, one entry per row, batch by batch; after that
// nothing looks at class vectors again. Columns.Want leaves out statistics that
// nobody asks for, and Columns.Powers adds norms of the centred logits. Rows are
// float16, float32 or float64 as they are stored; float16 gives to the bit what the
// same rows widened to float32 give.
//
// The scalar kernels in scalar.go are the specification: float64 arithmetic
// whatever the type of the rows. Faster ones stand behind the same two functions
// and are tested against them: portable Go, AVX2 with FMA, and AVX-512, chosen
// by what the machine can do; with the build tag noasm it is always portable Go.
// Classes, ranks, largest and second values and bad rows are the same with all.
// Sums over rows of float32 with more than 64 classes carry a relative error of
// at most 1e-6 with the vector kernels, all others one near 1e-14. A row's statistics
// have the same bits on every run on one kind of machine, whatever rows stand beside
// it, and rows that are permutations of each other have the same: every term of a sum
// is rounded to a grid by itself, and integers are added up.
//
// Quantities that saturate are kept in a form that does not. With x the largest
// logit and e = exp(logit - x), R is the sum of e over the other classes, so
// that the probability of being wrong is R/(1+R) with full relative precision
// where the largest probability itself has long been rounded to 1. From leads of
// about 700 on R underflows too: such rows are in Columns.Faint, with ln R.
//
// Outside the standard library the package imports only golang.org/x/sys/cpu, to
// ask what the machine can do. The assembly is written by the module in gen.
package rowstat

// Float is the element type of a row: what is stored, in any of three widths.
type Float interface{ float32 | float64 | Half }

// real is what the kernels work on.
type real interface{ float32 | float64 }

// MinProb is the floor under a stored probability before its logarithm is
// taken, so that NLL stays finite where a classifier stored 0 for the true class.
const MinProb = 1e-12

// SumTolerance is how far a row of stored probabilities may be from adding to 1.
const SumTolerance = 1e-3

// Columns holds the statistics of a batch, one entry per row. It may be used
// again for the next batch: slices grow as needed and are overwritten. Entries
// of rows listed in Bad have no meaning. Columns that Want leaves out have no
// entries.
type Columns struct {
	// Want says which statistics to compute; the zero value means all. Argmax, Max
	// and Bad are always there.
	Want Want
	// Powers are the p whose norms of centred logits to compute, none by default.
	// Each is 0 or positive, and may be infinite.
	Powers []float64

	Argmax []int32 // first class of the largest value
	// Rank is the number of classes placed above the label: a greater value,
	// or an equal one at a lower index. 0 is the same as Argmax == label; -1
	// where the label is no class.
	Rank   []int32
	Max    []float64 // largest value of the row
	Second []float64 // second largest; equal to Max on a tie, -Inf for a single logit, 0 for a single probability

	// Rest is R: the sum over all classes but Argmax of exp(logit - Max), so
	// that ties of the maximum add 1 each. Logits only.
	Rest []float64
	// SecondExp is exp(Second - Max), the share of the runner-up in Rest. Logits only.
	SecondExp []float64

	Entropy []float64 // nats; from logits a sum of non-negative terms
	Gini    []float64 // impurity 1 - sum p^2; from logits a sum without cancellation
	NLL     []float64 // -ln p(label); NaN where the label is no class; +Inf for a logit of -Inf; floored for Probs
	Brier   []float64 // sum over classes of (p - indicator)^2; NaN where the label is no class
	Sum     []float64 // sum of the row as stored. Probs only.

	// Mean is the mean of the logits, and Norm[k] the p-norm of what remains of them
	// without it, for p = Powers[k]; 1 for p = 0. With a logit of -Inf the mean is
	// -Inf and the norms are NaN. NaN for Probs; empty without Powers. See PNorm.
	Mean []float64
	Norm [][]float64

	Faint []Faint // rows of logits whose Rest or Entropy may underflow, in order

	Bad []Bad // rows that are not what they claim to be, in order

	classes int
	side    []float64 // rows standing side by side, between the passes
	wide    []float32 // rows of float16, widened
	part    *Columns  // some of the rows

	// Where the rows of float16 begin that are widened next, for nothing but to
	// have them fetched into the cache, and how many.
	later     uintptr
	laterRows int
}

// Bad is a row that cannot be used.
type Bad struct {
	Row     int // in the batch
	Class   int // first class at fault; -1 if the row as a whole is
	Problem Problem
	Value   float64 // the value at fault, or the sum of the row
}

// Problem says what is wrong with a row.
type Problem uint8

const (
	NaN       Problem = iota + 1 // a value is NaN
	Infinite                     // a logit is +Inf, or a probability is infinite
	AllMinus                     // every logit is -Inf
	Negative                     // a probability is below 0
	SumNotOne                    // the probabilities do not add to 1 within SumTolerance
)

// Logits fills dst with the statistics of rows of unnormalised log
// probabilities: len(label) rows of the given number of classes, row-major. A
// label outside 0..classes-1 counts as none. Logits of -Inf are probabilities
// of 0. Spare capacity of rows may hold the rows of the next call: they are not
// looked at, but their beginning may be fetched into the cache. It panics if
// len(rows) is not len(label)*classes or classes < 1.
func Logits[F Float](dst *Columns, rows []F, classes int, label []int32) {
	logits(fastest, dst, rows, classes, label)
}

// Probs fills dst with the statistics of rows of stored probabilities, taken as
// they are: nothing is renormalised. Shapes and labels are as for Logits.
func Probs[F Float](dst *Columns, rows []F, classes int, label []int32) {
	probs(fastest, dst, rows, classes, label)
}

func checkShape(values, rows, classes int) {
	if classes < 1 || values != rows*classes {
		panic("rowstat: rows do not have one value per class")
	}
}
