"""Times bootstrap replicates made the usual way: draw rows, index the columns,
evaluate every metric anew, each with its own sort where it needs one.

    python3 reevaluate.py [samples] [replicates]

prints nanoseconds per sample and replicate, to be set beside
    go test ./metrics/resample -run none -bench Values
Needs numpy and scikit-learn; scipy's own bootstrap is timed too if it is there.
"""

import sys
import time

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

n = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
replicates = int(sys.argv[2]) if len(sys.argv) > 2 else 20
rng = np.random.default_rng(1)
confidence = 0.2 + 0.8 * rng.random(n)
correct = rng.random(n) < 0.1 + 0.75 * confidence
nll = rng.exponential(size=n)


def curve(confidence, correct):
    order = np.argsort(-confidence, kind="stable")
    return np.cumsum(~correct[order]) / np.arange(1, len(order) + 1)


def ece(confidence, correct, bins=15):
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for lo, hi in zip(edges[:-1], edges[1:]):
        inside = (confidence > lo) & (confidence <= hi)
        if inside.any():
            total += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return total


def sac(confidence, correct, accuracy=0.99):
    met = np.flatnonzero(1 - curve(confidence, correct) >= accuracy)
    return (met[-1] + 1) / len(correct) if len(met) else 0.0


METRICS = {
    "accuracy": lambda c, y, l: y.mean(),
    "nll": lambda c, y, l: l.mean(),
    "brier": lambda c, y, l: brier_score_loss(y, c),
    "auroc": lambda c, y, l: roc_auc_score(y, c),
    "aupr-success": lambda c, y, l: average_precision_score(y, c),
    "aupr-error": lambda c, y, l: average_precision_score(~y, -c),
    "aurc": lambda c, y, l: curve(c, y).mean(),
    "augrc": lambda c, y, l: (curve(c, y) * np.arange(1, len(y) + 1)).mean() / len(y),
    "sac@0.99": lambda c, y, l: sac(c, y),
    "risk@0.8": lambda c, y, l: curve(c, y)[int(np.ceil(0.8 * len(y))) - 1],
    "ece@15": lambda c, y, l: ece(c, y),
    "overconfidence": lambda c, y, l: c.mean() - y.mean(),
}

spent = dict.fromkeys(METRICS, 0.0)
began = time.perf_counter()
for _ in range(replicates):
    rows = rng.integers(0, n, n)
    c, y, l = confidence[rows], correct[rows], nll[rows]
    for name, metric in METRICS.items():
        start = time.perf_counter()
        metric(c, y, l)
        spent[name] += time.perf_counter() - start
total = time.perf_counter() - began
for name, seconds in spent.items():
    print(f"{name:15s} {seconds / replicates / n * 1e9:8.1f} ns")
print(f"{'together':15s} {total / replicates / n * 1e9:8.1f} ns per sample and replicate ({len(METRICS)} metrics)")

try:
    from scipy.stats import bootstrap
except ImportError:
    sys.exit()
start = time.perf_counter()
bootstrap((correct, confidence), lambda y, c: roc_auc_score(y, c), paired=True, vectorized=False, n_resamples=replicates, method="percentile", random_state=1)
print(f"{'scipy, auroc':15s} {(time.perf_counter() - start) / replicates / n * 1e9:8.1f} ns (scipy.stats.bootstrap of one metric)")
