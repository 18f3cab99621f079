// Package study looks across the models of a run: which rows are comparable,
// how they rank, and what the figures show of each. It reads stored results
// and outcomes only; it may import harness, datasets and metrics.
package study
