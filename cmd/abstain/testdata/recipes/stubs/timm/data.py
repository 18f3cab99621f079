"""Stands in for timm.data: images are arrays of three numbers."""
import os

import numpy as np
import torch


def resolve_model_data_config(model):
    return {"mean": 0.0, "std": 2.0}


def create_transform(mean=0.5, std=0.5, is_training=False):
    if is_training:
        raise ValueError("a transform of training draws at random")
    return lambda image: torch.from_numpy((image - np.float32(mean)) / np.float32(std))


class ImageDataset(torch.utils.data.Dataset):
    def __init__(self, root, transform=None):
        names = sorted(os.listdir(root))
        self.files = [(os.path.join(root, c, f), i) for i, c in enumerate(names)
                      for f in sorted(os.listdir(os.path.join(root, c)))]
        self.transform = transform

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        path, label = self.files[i]
        return self.transform(np.load(path)), label
