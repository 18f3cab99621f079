package ranks

// Stripes divides the models into tie groups for a picture or a table to shade:
// a group is its best model and those not told apart from it, of the models that
// are in no group above. Groups are numbered from 1, one number per model in the
// order of the values. Models of two groups need not be told apart, except from
// the best of the upper one; Letters says all pairs.
func (s *Sets) Stripes() []int {
	order := s.order()
	stripes := make([]int, len(s.Sets))
	group := 0
	for at, best := range order {
		if stripes[best] > 0 {
			continue
		}
		group++
		stripes[best] = group
		for _, j := range order[at+1:] {
			if stripes[j] == 0 && !s.Separable(best, j) {
				stripes[j] = group
			}
		}
	}
	return stripes
}
