"""Stands in for transformers: a model counts the tokens "bad" and "good"."""
from collections import namedtuple

import numpy as np

words = {"[PAD]": 0, "bad": 1, "good": 2}


class Tokenizer:
    def __call__(self, text, truncation=False):
        ids = [words[w] for w in text.split()]
        return {"input_ids": ids, "attention_mask": [1] * len(ids)}


class AutoTokenizer:
    @staticmethod
    def from_pretrained(name):
        return Tokenizer()


class AutoModelForSequenceClassification:
    @staticmethod
    def from_pretrained(name):
        factor = {"org/small": 1, "org/large": 2}[name]
        return lambda ids: factor * np.float32([[np.sum(row == 1), np.sum(row == 2)] for row in ids])


class DataCollatorWithPadding:
    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def __call__(self, rows):
        longest = max(len(row["input_ids"]) for row in rows)
        padded = [row["input_ids"] + [0] * (longest - len(row["input_ids"])) for row in rows]
        return np.array(padded), [row["label"] for row in rows]


Output = namedtuple("Output", "predictions label_ids metrics")


class Trainer:
    def __init__(self, model=None, args=None, data_collator=None):
        self.model, self.collator = model, data_collator

    def predict(self, test_dataset):
        logits, labels = [], []
        for i in range(0, len(test_dataset), 8):
            ids, truth = self.collator(test_dataset[i:i + 8])
            logits.append(self.model(ids))
            labels += truth
        return Output(np.concatenate(logits), np.array(labels), {})
