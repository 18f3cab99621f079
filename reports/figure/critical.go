package figure

// CriticalDifference is Demšar's diagram: models on a line of mean ranks, joined
// by bars where the data do not tell them apart. Source: Demšar, Statistical
// Comparisons of Classifiers over Multiple Data Sets, JMLR 7 (2006), figure 1.
type CriticalDifference struct {
	Names     []string  `json:"names"` // at most 25
	MeanRanks []float64 `json:"mean_ranks"`
	// Critical is the smallest difference of mean ranks that counts as one, drawn
	// as a length; 0 if the bars come from another test.
	Critical float64 `json:"critical,omitempty"`
	Bars     [][]int `json:"bars"` // groups of two and more models, by index, that are not told apart
}
