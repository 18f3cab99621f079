# Keras models over a test set, one npz a model; probs after a softmax, else logits.
import os, sys, keras, numpy as np
from mine import x, y  # yours: test inputs, and labels as numbers or one-hot

os.makedirs("predictions", exist_ok=True)
for path in sys.argv[1:]:  # python keras_npz.py small.keras large.keras
    out = keras.models.load_model(path).predict(x)
    softmax = out.min() >= 0 and np.allclose(out.sum(axis=1), 1, atol=0.01)
    file = f"predictions/{os.path.splitext(os.path.basename(path))[0]}.npz"
    np.savez(file, labels=y, **{"probs" if softmax else "logits": out})
