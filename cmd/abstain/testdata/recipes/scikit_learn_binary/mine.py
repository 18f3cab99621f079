import numpy as np
from sklearn.linear_model import RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from truth import expect

rng = np.random.default_rng(6)
kind = rng.integers(0, 2, 200)
features = rng.normal(size=(200, 3)) + kind[:, None]
models = {"bayes": GaussianNB(), "ridge": RidgeClassifier()}
X, y = features[100:], (2 * kind - 1)[100:]  # classes -1 and 1
for m in models.values():
    m.fit(features[:100], (2 * kind - 1)[:100])
expect("bayes", models["bayes"].predict_proba(X), kind[100:], probs=True)
d = models["ridge"].decision_function(X)
expect("ridge", np.stack([-d / 2, d / 2], axis=1), kind[100:])
