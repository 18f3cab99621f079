package evaluate

import "testing"

// TestIntervalsSayHow: the line below tables.
func TestIntervalsSayHow(t *testing.T) {
	for want, i := range map[string]Intervals{
		"no intervals": {},
		"95 % intervals: Wilson (shares), influence values (means and areas; moderated t for AUROC; gamma limits for areas of few errors), " +
			"bounds of thresholds (SAC, coverage at risk, FPR), exact binomial bounds (other operating points)": {Level: 0.95},
		"95 % intervals: Wilson (shares), influence values (means and areas; moderated t for AUROC; gamma limits for areas of few errors), " +
			"bounds of thresholds (SAC, coverage at risk, FPR), for the rest percentiles of 100 bootstrap replicates shared by all models, seed 2": {Level: 0.95, Replicates: 100, Seed: 2},
		"95 % intervals: influence values (shares, means and areas), for the rest percentiles of 100 bootstrap replicates shared by all models, seed 2; strata of label": {Level: 0.95, Replicates: 100, Seed: 2, Stratify: "label"},
		"90 % intervals: BCa from 500 bootstrap replicates shared by all models, seed 3; strata of label":                                                                {Level: 0.9, Method: ByBCa, Replicates: 500, Seed: 3, Stratify: "label"},
		"95 % intervals: percentiles of 100 bootstrap replicates shared by all models, seed 1; clusters of patient":                                                      {Level: 0.95, Method: ByBootstrap, Replicates: 100, Seed: 1, Cluster: "patient"},
	} {
		if got := i.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
