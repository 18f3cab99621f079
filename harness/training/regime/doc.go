// Package regime has the training regimes: for each a file with what it minimises, in the paper's symbols, and a row of
// the table All.
//
// Begin with Regime and with vanilla.go, the shortest. A regime says how the gradient of a batch is made (Objective)
// and how the loop around it differs from the usual one; the loop itself is in package training. Networks and descent
// are in network, losses with their gradients in loss, attacks in attack, the look-ahead in meta, constraints in
// fairness. The package may import those.
package regime
