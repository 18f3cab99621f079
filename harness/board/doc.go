// Package board chooses the rows of a run that can be compared, and ranks them.
//
// Begin with [New] for a leaderboard: it takes a [Selection] and a metric and gives
// a [Board]. [Board.ResolveRanks] then adds the ranks that the data allow,
// [Board.Pin] sets all models against one that was named before, and [Board.MarkTop]
// marks those that may be among the best. [Select] gives the rows of a selection
// without ranking them, and [NewCurves] what the figures draw of one row.
//
// It reads stored results and outcomes and evaluates no predictions. Imports:
// harness, datasets (for the metadata type), metrics and the packages below it.
package board
