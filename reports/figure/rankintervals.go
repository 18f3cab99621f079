package figure

// RankIntervals shows for each model its rank and the ranks that the data allow.
// Few models have a row each with their names; many become a staircase, in which
// some are named.
type RankIntervals struct {
	By     string        `json:"by"` // the metric that ranks: "AURC (lower is better)"
	Models []RankedModel `json:"models"`
}

// RankedModel is one model, best first.
type RankedModel struct {
	Name string `json:"name"`
	Rank int    `json:"rank"` // 1 = best
	Lo   int    `json:"lo"`   // ranks allowed, from Lo to Hi; 0 if not known
	Hi   int    `json:"hi"`
	Tie  bool   `json:"tie"` // not told apart from the best
}
