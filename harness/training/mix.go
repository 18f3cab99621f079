package training

// Mix returns lam x + (1-lam) x[perm], row by row, of rows of that width: the inputs of mixup
// (Zhang et al. 2018, equation 1).
func Mix(x []float64, width int, perm []int32, lam float64) []float64 {
	mixed := make([]float64, len(x))
	for i, partner := range perm {
		for k := range width {
			mixed[i*width+k] = lam*x[i*width+k] + (1-lam)*x[int(partner)*width+k]
		}
	}
	return mixed
}
