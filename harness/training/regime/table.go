package regime

import (
	"math/rand/v2"
	"slices"

	"abstain/harness/training/attack"
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// Regime is a way to train a classifier.
type Regime struct {
	ID     string
	Label  string // in tables
	Source string // paper and equation or section

	// Objective makes what is minimised, for one training.
	Objective func(s Setting) Objective[float32]

	// What it needs beyond training rows.
	Teacher  bool  // logits of a teacher for every training row
	Meta     bool  // rows that neither training nor selection sees
	Head     *Head // it is a new last layer on the vanilla network's features
	Ensemble int   // it is the mean of that many vanilla networks with other seeds, and is not trained
	Teaches  bool  // it is the teacher of distillation, a model of a wider family
	Epochs   int   // at most so many; 0: as many as the recipe says

	// How the loop differs from the usual one.
	Dropout    float64 // rate after each hidden layer
	Stochastic bool    // dropout stays on for predictions, which are the mean of several passes (Gal and Ghahramani 2016)
	Average    float64 // m of the exponential average of the weights, which the predictions are made with; 0 for none
	Select     bool    // the checkpoint with the least validation loss, not the last
	Perturb    float64 // rho of adversarial weight perturbation; 0 for none
	Attacked   bool    // it trains against an attack, so checkpoints are selected by accuracy under it
	Base       string  // the regime of which it differs only in the loop; "" is vanilla
}

// Setting is what an objective may need.
type Setting struct {
	Classes, Features int // Features are the inputs of the last layer
	Steps             int // of the whole training
	Teacher           loss.Logits
	Meta              Batch[float32]
	Ball              attack.Ball
	Annealing         Annealing
	Random            *rand.Rand
	New               func() *network.Network[float32] // a network of the same shape
	Sum               bool                             // the look-ahead is of the sum over the batch, not of the mean
}

// All are the regimes that networks are trained under, in the order of tables.
var All = slices.Concat([]Regime{
	vanilla,
	labelSmoothing, learnedSmoothing, classSmoothing,
	mixup,
	focal, flsd53,
	brier, mmce, dece,
	gammaNet, gammaNetSECE, gammaNetDECE,
	distillation,
	dropout, mcDropout,
	ensemble, teacher,
	averaging, earlyStopping,
	fgsm, fgsmAveraged,
	pgd, pgdAveraged, pgdSelected, pgdAWP,
	trades, tradesAveraged,
	adr, adrAveraged, adrSelected, adrTRADES, adrConstant, adrClean,
}, heads)

// Needs says in a few words what the regime needs beyond training and validation rows.
func (r Regime) Needs() string {
	switch {
	case r.Teacher:
		return "a teacher"
	case r.Meta:
		return "meta rows"
	case r.Attacked:
		return "values in [0, 1]"
	case r.Head != nil:
		return "2 classes, groups"
	case r.Dropout > 0:
		return "hidden layers"
	}
	return "nothing"
}

// ByID finds a regime.
func ByID(id string) (Regime, bool) {
	for _, r := range All {
		if r.ID == id {
			return r, true
		}
	}
	return Regime{}, false
}
