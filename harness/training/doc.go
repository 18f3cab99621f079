// Package training makes corpora of small real classifiers: networks and last layers on stored features or on the
// embedded digits, trained under the regimes of the papers, with their predictions of clean, shifted, attacked and new
// rows as an ordinary corpus that runs and studies read.
//
// Begin with Train, which plans the models of a Config, trains those that the folder lacks, and writes the manifest.
// What is trained on is a Data; a Recipe says how long and at what rate; package regime says what each regime
// minimises. A network is a function of the configuration and its own name alone, so the bytes written do not depend on
// the number of workers, nor on interruptions.
//
// The package may import datasets, harness/pool and the packages below it.
package training
