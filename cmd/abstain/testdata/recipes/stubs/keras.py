"""Stands in for Keras: a model answers with twice its inputs, or their softmax."""
from types import SimpleNamespace

import numpy as np


class Model:
    def __init__(self, path):
        self.softmax = path.endswith("softmax.keras")

    def predict(self, x):
        z = 2 * x.astype(np.float32)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True) if self.softmax else z


models = SimpleNamespace(load_model=Model)
