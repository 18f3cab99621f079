import numpy as np
import polars as pl
from truth import expect

rng = np.random.default_rng(9)
columns = {"model": [], "id": [], "label": [], "logits": [], "site": []}
labels = rng.integers(0, 3, 80)
for model, strength in ("weak", 1), ("strong", 3):
    logits = rng.normal(size=(80, 3)) + strength * np.eye(3)[labels]
    expect(model, logits, labels)
    for i in range(80):
        columns["model"].append(model)
        columns["id"].append(f"img-{i}")
        columns["label"].append(int(labels[i]))
        columns["logits"].append(logits[i].tolist())
        columns["site"].append("north" if i % 3 else "south")
answers = pl.DataFrame(columns)
