import json

import numpy as np
from truth import expect

rng = np.random.default_rng(8)
rows = [{"text": "good " * int(a) + "bad " * int(b), "label": int(a + rng.integers(0, 2) > b)}
        for a, b in rng.integers(0, 6, size=(90, 2))]
with open("reviews.json", "w") as f:
    json.dump(rows, f)
counts = np.array([[r["text"].count("bad"), r["text"].count("good")] for r in rows], np.float32)
labels = [r["label"] for r in rows]
expect("org--small", counts, labels)
expect("org--large", 2 * counts, labels)
