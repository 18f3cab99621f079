package figure

import (
	"errors"
	"fmt"
	"math"

	"abstain/harness/board"
	"abstain/reports/say"
)

// leaderboardForest draws the board as a forest: one row for each model, best
// first, with its interval, its tie group as a stripe, and the ranks that the
// data allow.
func leaderboardForest(in Input) ([]*Figure, error) {
	b := in.Board
	if b == nil || len(b.Entries) == 0 {
		return nil, errNoModels
	}
	f := Forest{Axis: AxisOf(b.By), Reference: math.NaN(), Head: "model", Heads: []string{b.By.Label()}}
	level, ranked, undefined := 0.0, false, 0
	lettered := b.Groups > 0 && b.Groups <= alphabet
	for _, e := range b.Entries {
		ranked = ranked || e.Ranks.Hi > 0
	}
	for _, e := range b.Entries {
		if !e.Value.Defined() {
			undefined++
			continue
		}
		level = max(level, e.Value.Level)
		row := ForestRow{Name: e.Model, Value: Estimated(e.Value), Marked: e.Tie, Stripe: e.Stripe, Texts: []string{fmt.Sprintf("%.4f", e.Value.Value)}}
		if ranked {
			row.Texts = append(row.Texts, ranksOf(e))
		}
		if lettered {
			row.Texts = append(row.Texts, e.Groups)
		}
		f.Rows = append(f.Rows, row)
	}
	if level == 0 {
		return nil, errors.New("the values have no intervals")
	}
	f.Axis.Log = f.wide()
	caption := fmt.Sprintf("The leaderboard by %s with %g %% intervals of each value by itself; n = %d, confidence function %s.",
		b.By.Label(), 100*level, b.N, b.Choice.Confidence)
	if ranked {
		f.Heads = append(f.Heads, "ranks")
		caption += " Indigo: not told apart from the best. Each stripe is a group of models that are not told apart from its first, " +
			"of those not in a group above. At the right the ranks that the data allow; models answer the same samples, so where intervals overlap a difference may still be sure."
	}
	if lettered {
		f.Heads = append(f.Heads, "groups")
		caption += " Models that share a letter are not told apart from each other."
	}
	caption += leftOut(undefined, "model", "its "+b.By.Label()+" is undefined")
	return f.Figures(Text{Title: "Leaderboard by " + b.By.Label() + " with intervals", Caption: caption})
}

// alphabet is the largest number of groups that can be named by letters.
const alphabet = 26

// wide reports whether the values need a logarithmic axis.
func (f Forest) wide() bool {
	points := make([]Point, len(f.Rows))
	for i, r := range f.Rows {
		if points[i].Y = r.Value; r.Value.Interval() && r.Value.Lo <= 0 {
			return false
		}
	}
	return spread(points)
}

// ranksOf writes the confidence set of an entry's rank.
func ranksOf(e board.Entry) string {
	return RankedModel{Lo: e.Ranks.Lo, Hi: e.Ranks.Hi}.ranks()
}

// leaderboardRanks draws the rank of every model with its interval.
func leaderboardRanks(in Input) ([]*Figure, error) {
	b := in.Board
	if b == nil || len(b.Entries) == 0 {
		return nil, errNoModels
	}
	r := RankIntervals{By: b.By.Label()}
	for _, e := range b.Entries {
		r.Models = append(r.Models, RankedModel{Name: e.Model, Rank: e.Rank, Lo: e.Ranks.Lo, Hi: e.Ranks.Hi, Tie: e.Tie})
	}
	return r.Figures(Text{Title: "Ranks by " + b.By.Label() + " that the data allow", Caption: sentence(say.Resolution(b.Resolution))})
}

// sentence begins a text with a capital and ends it with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return string(text[0]-'a'+'A') + text[1:] + "."
}
