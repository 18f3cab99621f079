package training

import (
	"fmt"
	"math/rand/v2"

	"abstain/datasets/digits"
	"abstain/harness/training/network"
)

// Digits says how the embedded digits are made into Data.
type Digits struct {
	Noise            float64 // standard deviation of noise added to every place, which lie in [0, 1]: it makes errors plentiful
	Train, Val, Meta int     // rows; the others are test rows
	Held             int     // classes held out as new: the last digits
	Box              bool    // keep every place in [0, 1] under noise, so that attacks are defined
	Group            bool    // the planted group of the fairness experiment: two classes, digits 5 to 9 against 0 to 4
	Seed             uint64
}

// severities of the shift.
var severities = []struct {
	level string
	sigma float64
}{{"1", 0.15}, {"3", 0.3}, {"5", 0.45}}

// planted are the settings of the planted group: how often a row of class 1 shows the group in training and
// validation (one of class 0 as often does not), and how much brighter every place of such a row is.
const (
	plantedShare = 0.9
	plantedLight = 0.35
	plantedGroup = "tone"
)

// Load makes the data. The same Digits give the same bits.
func (g Digits) Load() (*Data, error) {
	labels, places, err := digits.All()
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(g.Seed, 0x64696769747300))
	d := &Data{Name: "digits", Classes: digits.Classes - g.Held, Side: digits.Side, Box: g.Box}
	inside, outside := Rows{}, Rows{}
	for _, i := range random.Perm(digits.Rows) {
		to, y := &inside, int32(labels[i])
		if int(y) >= d.Classes {
			to, y = &outside, -1
		}
		to.Labels, to.IDs = append(to.Labels, y), append(to.IDs, int64(i))
	}
	for _, rows := range []*Rows{&inside, &outside} {
		rows.X = network.NewMatrix[float32](len(rows.IDs), digits.Pixels)
		for i, id := range rows.IDs {
			for k, v := range places[int(id)*digits.Pixels : (int(id)+1)*digits.Pixels] {
				rows.X.Row(i)[k] = float32(v) / digits.Darkest
			}
		}
	}
	if g.Train+g.Val+g.Meta >= len(inside.Labels) {
		return nil, fmt.Errorf("%d + %d + %d rows for train, val and meta of %d leave none to test", g.Train, g.Val, g.Meta, len(inside.Labels))
	}
	if g.Group {
		d.Name, d.Classes = "digits-group", 2
		plant(&inside, g.Train+g.Val+g.Meta, random)
	}
	inside.X, outside.X = noisy(inside.X, g.Noise, g.Box, random), noisy(outside.X, g.Noise, g.Box, random)
	d.split(inside, g)
	d.Outside = outside
	for _, s := range severities {
		d.Shifted = append(d.Shifted, Shifted{Condition: "gaussian-noise-" + s.level, X: noisy(d.Test.X, s.sigma, d.Box, random)})
	}
	return d, nil
}

// split cuts the rows, which are in random order, into the splits.
func (d *Data) split(rows Rows, g Digits) {
	from := 0
	cut := func(n int) Rows {
		places := make([]int, n)
		for i := range places {
			places[i] = from + i
		}
		from += n
		return rows.take(places)
	}
	d.Train, d.Val, d.Meta = cut(g.Train), cut(g.Val), cut(g.Meta)
	d.Test = cut(len(rows.Labels) - from)
}

// plant makes the labels two classes and shows a group that goes with the class in the first rows, and is independent
// of it in the others, the test rows.
func plant(rows *Rows, first int, random *rand.Rand) {
	g := Attribute{Name: plantedGroup}
	for i, y := range rows.Labels {
		rows.Labels[i] = y / 5
		share := 0.5
		if i < first {
			share = plantedShare
			if rows.Labels[i] == 0 {
				share = 1 - plantedShare
			}
		}
		if random.Float64() >= share {
			g.Values = append(g.Values, "dark")
			continue
		}
		g.Values = append(g.Values, "light")
		for k := range rows.X.Row(i) {
			rows.X.Row(i)[k] += plantedLight
		}
	}
	rows.Groups = []Attribute{g}
}
