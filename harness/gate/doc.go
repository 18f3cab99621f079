// Package gate reads the conditions of --fail-if, under which a script is to
// fail, and judges them.
//
// Begin with [Parse], which reads a [Gate] such as "aurc > 0.05" or "aurc worse".
// [OnBoard] judges gates on the models of a leaderboard, [OnComparison] on those
// of a comparison; each returns a [Breach] for every model that fails one.
//
// It may import harness/board and harness/compare, whose values it judges, and
// metrics.
package gate
