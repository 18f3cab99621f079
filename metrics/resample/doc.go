// Package resample says how far an estimate, or the difference of two, can be
// trusted: standard errors, intervals and paired tests for the metrics of
// package metrics, all from one set of samples that every model answers.
//
// There are three ways to an interval, and Intervals picks among them:
//
//   - Influence values. Influence gives, for most metrics, how much each sample
//     pulls at the value (the infinitesimal jackknife; for the AUROC that is
//     DeLong's method). They cost one sweep over the ranking, their squares add
//     up to a variance, and their products to the covariance between models:
//     see Covariance.
//   - Replicates. A Design draws integer counts over the samples, the same for
//     every model; an Evaluator turns counts into the values of all metrics in
//     one linear pass over the ranking, without sorting again. The values equal
//     those of the metrics on the resampled table. They serve where no closed
//     form is honest, and as the oracle of the influence values.
//   - Exact and standard forms: Wilson, Clopper-Pearson, McNemar, and those for few
//     errors.
//
// # Few errors
//
// The information of a ranking metric is in the rarer of errors and rights, not in n.
// AUROCs go by Student's t on the logit scale with a moderated variance; one sample of a
// kind leaves all of [0, 1]. Areas under a risk have gamma limits of a weighted sum of
// errors, up to 70 errors, the average precision of errors a moderated t, FPR and SAC the
// bounds of their thresholds. A calibration error has 0 for its lower bound unless a
// calibrated model would show less; largest gaps, smoothed and refitted calibration errors
// have no interval, as none held. Tests have the least p-value that the numbers of errors
// allow, and Rivals carries all this to boards.
//
// What simulations say, at 95 %: mean and least coverage over 18 worlds (normal, skew,
// bimodal, tied and saturated scores, errors spread three times as wide to a fifth, AUROC
// .35 to .99), errors binomial around m; before (influence values, or percentiles of
// replicates) and after; 300 simulations a world at n = 100, 100 at n = 1000, so that
// the least of 18 is low by .03 to .05 by chance.
//
//	n = 100           m = 2      before      5            12           50
//	auroc             .69 .51    .85 .72     .92 .76      .95 .90
//	aupr-success      .80 .48    .84 .63     .89 .65      .94 .85
//	aupr-error        .90 .73    .92 .81     .93 .87      .94 .91
//	aurc              .75 .38    .83 .63     .91 .77      .94 .91
//	eaurc             .69 .35    .79 .47     .87 .61      .93 .85
//	naurc             .51 .26    .74 .44     .87 .59      .94 .85
//	augrc             .82 .54    .88 .75     .94 .88      .95 .94
//	sac@0.99          .77 .24    .58 .04     .58 .10      .76 .23
//	                  m = 2      after       5            12           50
//	auroc            1.00 .99    .99 .98     .97 .93      .96 .94
//	aupr-success      .99 .98    .99 .98     .98 .92      .96 .88
//	aupr-error        .99 .96    .98 .95     .96 .94      .95 .91
//	aurc              .99 .98    .99 .97     .98 .89      .95 .92
//	eaurc             .99 .98    .99 .98     .98 .88      .96 .91
//	naurc             .99 .97    .97 .95     .97 .90      .95 .90
//	augrc             .99 .98    .99 .97     .98 .94      .95 .93
//	fpr@0.95         1.00 .99   1.00 .99     .99 .97      .96 .93
//	sac@0.99         1.00 .99   1.00 .99    1.00 .99     1.00 .97
//	risk@0.8         1.00 .98   1.00 .98     .98 .96      .95 .91
//	n = 1000, after
//	auroc            1.00 .99    .99 .97     .98 .91      .96 .90
//	aurc              .99 .95    .99 .95     .99 .90      .97 .91
//	naurc             .98 .95    .97 .91     .98 .92      .96 .87
//	aupr-error        .99 .96    .98 .91     .97 .92      .95 .91
//	fpr@0.95          .99 .98    .99 .98     .97 .94      .96 .90
//	sac@0.99         1.00 1.0   1.00 1.0     .99 .97      .99 .96
//
// Tests of equal AUROCs at .05, mean and most over the worlds, n = 200: 2 errors .11 .20
// before and 0 0 after, 5 .06 .13 and .005 .02, 12 .05 .07 and .02 .07, 50 .05 .07 and .04
// .07; with 2 errors against 40, n = 300, .36 .63 and .001 .01. Boards of six equal models that prove an
// order: 2 errors .46 .75 and 0 0, 5 .15 .29 and 0 .01, 12 .09 .15 and .01 .07, 30 .05 .11 and .02 .09.
// Intervals of all differences at once beside near copies: .62 to .87 before, .94 and more.
//
// What it costs: an AUROC of .70 is told from one of .85, n = 300, with 5 errors each in
// .01 in place of .19 of the simulations, 8 .12 (.30), 12 .26 (.37), 20 .45 (.53), 30 .62 (.67),
// 50 .84 (.86); by nAURC with 20 errors in .01 (.36) and 50 in .74 (.77); by AURC as before.
//
// Not simulated: clusters and strata with few errors, boards of more than 20 models, levels
// other than 95 %. The table is printed by testdata/simulate, and TestEveryIntervalHolds
// simulates each metric that claims an interval.
//
// # Conventions
//
// Samples are the rows of Outcomes, and row i is the same sample in
// every model that is compared. Everything is a pure function of its arguments,
// random draws of a seed among them; replicate k depends on the design, the seed
// and k only. NaN stands for what the data cannot give.
//
// How the sampling error of each metric comes about is said in one row of forms.go.
//
// Replicates are evaluated 64 at a time; see bundle.go.
//
// The package imports metrics and what is below it, the standard library, and
// golang.org/x/sys/cpu.
package resample
