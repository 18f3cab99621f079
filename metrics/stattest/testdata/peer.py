"""Writes scipy.json: rank statistics of small columns as scipy computes them.

Run with numpy 1.24.2 and scipy 1.10.1 (Debian 12) as
    python3 peer.py > scipy.json
The columns are drawn here; nothing in them is measured.
"""

import json

import numpy as np
from scipy import stats

cases = []


def add(test, r, inputs, **more):
    cases.append(dict(test=test, statistic=float(r[0]), p=float(r[1]), inputs=[np.asarray(x).tolist() for x in inputs], **more))


def ties(a, b):
    return len(set(a)) < len(a) or len(set(b)) < len(b)


rng = np.random.default_rng(20240229)
for k in range(12):
    n = [8, 13, 20, 31, 40, 90][k % 6]
    a = rng.normal(size=n)
    b = 0.6 * a + rng.normal(size=n)
    a, b = (np.round(a, 1), np.round(b, 1)) if k >= 6 else (np.round(a, 6), np.round(b, 6))
    add("spearman", stats.spearmanr(a, b), [a, b])
    exact = not ties(a, b) and n <= 33
    add("kendall", stats.kendalltau(a, b, method="exact" if exact else "asymptotic"), [a, b], exact=exact)
    d = np.round(a - b, 9)
    exact = n <= 50 and len(set(abs(d))) == n and not (d == 0).any()
    add("wilcoxon", stats.wilcoxon(d, mode="exact" if exact else "approx", correction=False), [d, np.zeros(n)], exact=exact)
    add("pearson", stats.pearsonr(a, b), [a, b])
    c = np.round(rng.normal(0.7, 1, size=max(5, n // 4)), 1 if k >= 6 else 6)
    exact = len(c) <= 8 and not ties(np.concatenate([a, c]), a)
    add("mann-whitney", stats.mannwhitneyu(a, c, method="exact" if exact else "asymptotic"), [a, c], exact=exact)
for k in range(6):
    rows = rng.normal(size=(12 + 9 * k, 3 + k)) + 0.3 * np.arange(3 + k)
    rows = np.round(rows, 1 if k % 2 else 6)
    add("friedman", stats.friedmanchisquare(*rows.T), rows)
print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
