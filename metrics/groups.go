package metrics

// Rates of a binary task, for class 1. Fairness criteria compare them between
// groups of samples; to get them for one group, restrict the outcomes to it with
// Take first.

// confusion counts the samples of a binary task by label, and how many of each
// are predicted as class 1.
type confusion struct {
	positives, negatives int // by label
	hits, alarms         int // of those, predicted as class 1
}

// confusionOf counts the samples; why says why it cannot.
func confusionOf(r *Ranked) (c confusion, why string) {
	o := r.Outcomes
	switch {
	case r.N() == 0:
		return c, noSamples
	case o.Label == nil || o.Prediction == nil:
		return c, noLabels
	case o.Classes > 2:
		return c, "the task has more than two classes"
	}
	for _, i := range r.Order {
		if o.Label[i] > 1 || o.Prediction[i] > 1 {
			return c, "the task has more than two classes"
		}
		positive := o.Prediction[i] == 1
		if o.Label[i] == 1 {
			c.positives++
			c.hits += count(positive)
		} else {
			c.negatives++
			c.alarms += count(positive)
		}
	}
	return c, ""
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rate makes a metric of a quotient of counts.
func rate(of func(c confusion) (part, whole int), empty string) func(*Ranked, float64) Estimate {
	return func(r *Ranked, _ float64) Estimate {
		c, why := confusionOf(r)
		if why != "" {
			return undefined(r.N(), why)
		}
		part, whole := of(c)
		if whole == 0 {
			return undefined(r.N(), empty)
		}
		return point(float64(part)/float64(whole), whole)
	}
}

const (
	noPositives = "no samples of class 1"
	noNegatives = "no samples of class 0"
)

var (
	positiveRate = rate(func(c confusion) (int, int) { return c.hits + c.alarms, c.positives + c.negatives }, noSamples)
	truePositive = rate(func(c confusion) (int, int) { return c.hits, c.positives }, noPositives)
	missed       = rate(func(c confusion) (int, int) { return c.positives - c.hits, c.positives }, noPositives)
	trueNegative = rate(func(c confusion) (int, int) { return c.negatives - c.alarms, c.negatives }, noNegatives)
	falseAlarm   = rate(func(c confusion) (int, int) { return c.alarms, c.negatives }, noNegatives)
)
