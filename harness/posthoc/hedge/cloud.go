package hedge

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"abstain/harness/posthoc"
)

// cloud is the model that lends its calibration, on one dataset: read once for all edges.
type cloud struct {
	stage       *Stage
	temper, fit int // places of its tables

	mutex    sync.Mutex
	tables   map[int]*once[*vectors]
	tempered once[float64]
	rows     int // of the table it was tempered on
}

// vectors are those of one of its tables.
func (c *cloud) vectors(ctx context.Context, place int) (*vectors, error) {
	c.mutex.Lock()
	o := c.tables[place]
	if o == nil {
		o = new(once[*vectors])
		c.tables[place] = o
	}
	c.mutex.Unlock()
	return o.get(func() (*vectors, error) { return c.stage.read(ctx, place) })
}

// temperature is the cloud's, fitted on the labelled ones of its rows for that.
func (c *cloud) temperature(ctx context.Context) (float64, error) {
	return c.tempered.get(func() (float64, error) {
		v, err := c.vectors(ctx, c.temper)
		if err != nil {
			return 0, err
		}
		if v.Label == nil {
			return 0, errors.New("credal: the cloud's temperature needs labels")
		}
		c.rows = v.N()
		tempers, _ := c.shares(c.rows)
		t, err := v.temperature(tempers, c.stage.Asked.By)
		if err != nil {
			return 0, fmt.Errorf("credal: the temperature of %s, on %s: %w", c.stage.Asked.Cloud, c.stage.Tables[c.temper].Name, err)
		}
		if !(t > 0) || math.IsInf(t, 1) {
			return 0, fmt.Errorf("credal: %s has no temperature on %s", c.stage.Asked.Cloud, c.stage.Tables[c.temper].Name)
		}
		return t, nil
	})
}

// fewest is the number of rows below which a split is not parted: the same rows then temper
// the cloud and give the threshold.
const fewest = 100

// partSeed is the seed by which a split is parted, the same for all models.
const partSeed = 1

// shares lists the samples that temper the cloud and those that give the threshold: all of
// each split or, if both are one split, a half each.
func (c *cloud) shares(n int) (temper, fit []int32) {
	half := make([]bool, n)
	parted := c.parted(n)
	if parted {
		half = posthoc.Holdout(make([]int32, n), 0.5, partSeed)
	}
	for i := range int32(n) {
		if !parted || half[i] {
			temper = append(temper, i)
		}
		if !parted || !half[i] {
			fit = append(fit, i)
		}
	}
	return temper, fit
}

func (c *cloud) parted(n int) bool { return c.temper == c.fit && n >= fewest }

// approximate reports whether the same rows serve for both.
func (c *cloud) approximate(n int) bool { return c.temper == c.fit && n < fewest }
