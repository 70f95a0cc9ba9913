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
    soft = F.softmax(draw(6, 4, seed=3, low=-2, high=2), -1).float().double()
    softmax = lambda o: F.softmax(o, -1)
    case("huber", 3, draw(5, 3, seed=2, low=-3, high=3), F.huber_loss)
    case("huber_delta", 3, draw(5, 3, seed=2, low=-3, high=3), lambda o, t: F.huber_loss(o, t, delta=0.4))
    case("categoricalCrossentropy", 4, soft, F.cross_entropy, softmax)
    case("categoricalCrossentropy_smoothed", 4, soft, lambda o, t: F.cross_entropy(o, t, label_smoothing=0.1), softmax)
    case("sparseCategoricalCrossentropy_smoothed", 4, classes(4, 6, seed=2),
         lambda o, t: F.cross_entropy(o, t, label_smoothing=0.1), softmax)
    weights = torch.tensor([0.5, 1.0, 2.0, 0.25])
    case("sparseCategoricalCrossentropy_weighted", 4, classes(4, 6, seed=2),
         lambda o, t: F.cross_entropy(o, t, weight=weights.double()), softmax)
    # Keras divides a weighted sum by the number of samples.
    case("sparseCategoricalCrossentropy_weighted_by_samples", 4, classes(4, 6, seed=2),
         lambda o, t: F.cross_entropy(o, t, weight=weights.double(), reduction="sum") / 6, softmax)
    case("sparseCategoricalCrossentropy_ignored", 4, classes(4, 6, seed=2),
         lambda o, t: F.cross_entropy(o, t, ignore_index=1), softmax)
    case("klDivergence", 4, soft, lambda o, t: F.kl_div(F.log_softmax(o, -1), t, reduction="batchmean"), softmax)
    case("binaryCrossentropy_smoothed", 2, classes(2, 6, 2, seed=2).double(),
         lambda o, t: F.binary_cross_entropy_with_logits(o, t * 0.9 + 0.05), torch.sigmoid)
    # PyTorch has no hinge loss of signs: the formula of Keras' Hinge and SquaredHinge, its derivative by autograd.
    signs = classes(2, 6, 2, seed=2).double() * 2 - 1
    case("hinge", 2, signs, lambda o, t: (1 - t * o).clamp(min=0).mean())
    case("hinge_squared", 2, signs, lambda o, t: (1 - t * o).clamp(min=0).square().mean())
