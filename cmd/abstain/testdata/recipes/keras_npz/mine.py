import keras
import numpy as np
from truth import expect

rng = np.random.default_rng(4)
x = rng.normal(size=(120, 4))
truth = np.where(rng.random(120) < 0.3, rng.integers(0, 4, 120), x.argmax(axis=1))
y = np.eye(4)[truth]  # one-hot, as for categorical_crossentropy
expect("raw", keras.models.load_model("saved/raw.keras").predict(x), truth)
expect("softmax", keras.models.load_model("saved/softmax.keras").predict(x), truth, probs=True)
