import numpy as np
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.tree import DecisionTreeClassifier
from truth import expect

rng = np.random.default_rng(5)
names = np.array(["wasp", "ant", "bee"])  # not in the order of classes_
kind = rng.integers(0, 3, 300)
features = rng.normal(size=(300, 4)) + np.eye(4)[kind]
models = {
    "logistic": LogisticRegression(),
    "ridge": RidgeClassifier(),
    "tree": DecisionTreeClassifier(max_depth=3, random_state=0),
}
for m in models.values():
    m.fit(features[:150], names[kind[:150]])
X, y = features[150:], names[kind[150:]]
labels = np.searchsorted(["ant", "bee", "wasp"], y)
for name, m in models.items():
    if name == "ridge":
        expect(name, m.decision_function(X), labels)
    else:
        expect(name, m.predict_proba(X), labels, probs=True)
