#!/usr/bin/env python3
"""Golden dumps of the losses: python3 tests/golden/losses.py. See golden.py."""
import torch
from torch import nn
from torch.nn import functional as F

from golden import Parameter, classes, draw, fill, record

PROJECT = "DistTrain.Graph.Tests"


def case(name, outputs, target, loss, predict=lambda output: output):
    layer = nn.Linear(4, outputs)
    fill(layer, 40)
    parameters = [Parameter("dense/kernel", layer.weight, lambda t: t.T), Parameter("dense/bias", layer.bias)]
    record(PROJECT, f"loss_{name}", layer, [draw(target.shape[0], 4, seed=1)], target, parameters, loss,
           predict=predict, script="losses.py")


def sequence_case():
    layer = nn.Linear(4, 3)
    fill(layer, 41)
    parameters = [Parameter("dense/kernel", layer.weight, lambda t: t.T), Parameter("dense/bias", layer.bias)]
    record(PROJECT, "loss_sparseCategoricalCrossentropy_positions", layer, [draw(2, 5, 4, seed=1)], classes(3, 2, 5, seed=2),
           parameters, lambda o, t: F.cross_entropy(o.reshape(-1, 3), t.reshape(-1)),
           predict=lambda o: F.softmax(o, -1), script="losses.py")


if __name__ == "__main__":
    case("meanSquaredError", 3, draw(5, 3, seed=2), F.mse_loss)
    case("meanAbsoluteError", 3, draw(5, 3, seed=2), F.l1_loss)
    case("sparseCategoricalCrossentropy", 4, classes(4, 6, seed=2), F.cross_entropy, lambda o: F.softmax(o, -1))
    case("binaryCrossentropy", 2, classes(2, 6, 2, seed=2).double(), F.binary_cross_entropy_with_logits, torch.sigmoid)
    sequence_case()
