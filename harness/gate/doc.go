// Package gate reads conditions under which a script is to fail, and judges them.
//
// Begin with [Parse], which reads a [Gate] such as "aurc > 0.05" or "aurc worse".
// [OnBoard] judges gates on the models of a leaderboard, [OnComparison] on those of
// a comparison; each gives a [Breach] for every model that fails one.
//
// Imports: harness/board and harness/compare (for what is judged), and metrics.
package gate
