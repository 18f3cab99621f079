"""Stands in for timm: the functions that the recipe uses, with their arguments."""
import torch

from . import data

factors = {"resnet": 1.0, "vit.in1k": 3.0}


class Model(torch.nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        if self.training or torch.is_grad_enabled():
            raise RuntimeError("call eval() and inference_mode() before you predict")
        return self.factor * x


def create_model(model_name, pretrained=False):
    if not pretrained:
        raise ValueError("without pretrained=True the weights are random")
    return Model(factors[model_name])
