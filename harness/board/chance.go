package board

import "abstain/harness/results"

// noteChance names the entries that are not above chance: their records are
// probably broken, and a leaderboard shows them all the same. It looks for the
// accuracy among the board's metrics.
func (b *Board) noteChance() {
	var names []string
	for _, e := range b.Entries {
		accuracy := e.Value
		if b.By.Metric.ID != "accuracy" {
			at := -1
			for k, m := range b.Beside {
				if m.Metric.ID == "accuracy" {
					at = k
				}
			}
			if at < 0 {
				return
			}
			accuracy = e.Beside[at]
		}
		if results.AtChance(accuracy.Value, accuracy.N, b.Classes) != "" {
			names = append(names, e.Model)
		}
	}
	if len(names) > 0 {
		b.Notes = append(b.Notes, AtChance{names, b.Classes, results.ChanceLevel})
	}
}
