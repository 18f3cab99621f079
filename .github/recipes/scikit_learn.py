# scikit-learn classifiers, one npz a model; predict_proba or decision_function.
import os, numpy as np
from mine import models, X, y  # yours: {name: fitted classifier}, the test set

os.makedirs("predictions", exist_ok=True)
for name, m in models.items():
    kind = "probs" if hasattr(m, "predict_proba") else "logits"
    out = m.predict_proba(X) if kind == "probs" else m.decision_function(X)
    if out.ndim == 1:  # two classes: one decision value, for the second of them
        out = np.stack([np.zeros(len(out)), out], axis=1)
    labels = [list(m.classes_).index(c) for c in y]  # columns are in this order
    np.savez(f"predictions/{name}.npz", labels=labels, **{kind: out})
