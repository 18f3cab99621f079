"""AUROC, AURC, ECE and SAC of one model with numpy and scikit-learn.

The peer of BenchmarkFour, on samples of the same kind: 50 000, one float32
confidence each, no ties to speak of. Run

    python3 four.py

beside

    go test -run '^$' -bench 'Four|Sweep' ./metrics

and compare nanoseconds per sample. Everything here is vectorised; the order is
found once and shared where scikit-learn allows it.
"""

import time

import numpy as np
from sklearn.metrics import roc_auc_score

N, BINS, TARGET, ROUNDS = 50_000, 15, 0.99, 30


def draw(rng):
    logits = (2 * rng.standard_normal((N, 10))).astype(np.float32)
    label = rng.integers(0, 10, N)
    logits[np.arange(N), label] += 4
    logits -= logits.max(axis=1, keepdims=True)
    probs = np.exp(logits)
    probs /= probs.sum(axis=1, keepdims=True)
    return probs.max(axis=1), probs.argmax(axis=1) == label


def ece(confidence, correct):
    place = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    total = np.bincount(place, confidence, BINS)
    right = np.bincount(place, correct, BINS)
    return np.abs(right - total).sum() / len(confidence)


def four(confidence, correct):
    order = np.argsort(-confidence, kind="stable")
    places = np.arange(1, len(order) + 1)
    right = np.cumsum(correct[order])
    accuracy = right / places
    met = np.flatnonzero(accuracy >= TARGET)
    return {
        "auroc": roc_auc_score(correct, confidence),
        "aurc": np.mean(1 - accuracy),
        "ece": ece(confidence, correct),
        "sac": (met[-1] + 1) / len(order) if len(met) else 0.0,
    }


def main():
    confidence, correct = draw(np.random.default_rng(1))
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        values = four(confidence, correct)
        best = min(best, time.perf_counter() - start)
    for name, value in values.items():
        print(f"{name:6s} {value:.6f}")
    print(f"{best / N * 1e9:.0f} ns/sample, best of {ROUNDS}")


if __name__ == "__main__":
    main()
