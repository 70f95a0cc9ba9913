#!/usr/bin/env python3
"""Golden dumps of the layers: python3 tests/golden/layers.py. See golden.py."""
import torch
from torch import nn
from torch.nn import functional as F

from golden import Parameter, draw, fill, record

PROJECT = "DistTrain.Graph.Tests"


def to_first(x):
    """(n, h, w, c) -> (n, c, h, w)"""
    return x.permute(0, 3, 1, 2)


def to_last(x):
    return x.permute(0, 2, 3, 1)


def window(w):
    """(out, in, ky, kx) -> (ky, kx, in, out)"""
    return w.permute(2, 3, 1, 0)


def dense(name, layer):
    return [Parameter(f"{name}/kernel", layer.weight, lambda t: t.T)] + (
        [Parameter(f"{name}/bias", layer.bias)] if layer.bias is not None else [])


def conv(name, layer):
    return [Parameter(f"{name}/kernel", layer.weight, window)] + (
        [Parameter(f"{name}/bias", layer.bias)] if layer.bias is not None else [])


def picture(name, module, x, out_shape, parameters, **more):
    """A case of (n, h, w, c) -> (n, h, w, c); PyTorch's modules have channels first."""
    target = draw(*out_shape, seed=3)
    record(PROJECT, name, lambda v: to_last(module(to_first(v))), [x], target, parameters, **more)


def dense_cases():
    layer = nn.Linear(5, 4)
    fill(layer, 10)
    record(PROJECT, "dense", layer, [draw(6, 5, seed=1)], draw(6, 4, seed=2), dense("dense", layer))
    layer = nn.Linear(3, 2)
    fill(layer, 11)
    record(PROJECT, "dense_of_positions", layer, [draw(2, 4, 3, seed=1)], draw(2, 4, 2, seed=2), dense("dense", layer))


def activation_cases():
    functions = {
        "relu": F.relu, "leakyRelu": lambda x: F.leaky_relu(x, 0.3), "sigmoid": torch.sigmoid, "tanh": torch.tanh,
        "gelu": F.gelu, "softmax": lambda x: F.softmax(x, -1), "linear": lambda x: x,
    }
    for name, function in functions.items():
        layer = nn.Linear(3, 4)
        fill(layer, 20)
        record(PROJECT, f"activation_{name}", lambda x: function(layer(x)), [draw(3, 3, seed=1, low=-3, high=3)],
               draw(3, 4, seed=2), dense("dense", layer))


def convolution_cases():
    layer = nn.Conv2d(2, 3, 3)
    fill(layer, 30)
    picture("conv2d", layer, draw(2, 5, 4, 2, seed=1), (2, 3, 2, 3), conv("conv2d", layer))
    layer = nn.Conv2d(2, 2, (3, 2), stride=(2, 1), bias=False)
    fill(layer, 31)
    picture("conv2d_strides", layer, draw(2, 5, 4, 2, seed=1), (2, 2, 3, 2), conv("conv2d", layer))
    layer = nn.Conv2d(2, 3, 3, padding=1)
    fill(layer, 32)
    picture("conv2d_same", layer, draw(2, 4, 4, 2, seed=1), (2, 4, 4, 3), conv("conv2d", layer))


def pooling_cases():
    x = draw(2, 4, 5, 2, seed=1)
    picture("max_pooling2d", nn.MaxPool2d(2), x, (2, 2, 2, 2), [])
    picture("average_pooling2d", nn.AvgPool2d((2, 3), stride=(2, 1)), x, (2, 2, 3, 2), [])
    record(PROJECT, "global_average_pooling2d", lambda v: v.mean((1, 2)), [x], draw(2, 2, seed=3), [])


def shape_cases():
    x = draw(2, 3, 4, seed=1)
    record(PROJECT, "add_concatenate_flatten", lambda v: torch.cat([v + v, v], -1).flatten(1), [x], draw(2, 24, seed=3), [])


if __name__ == "__main__":
    dense_cases()
    activation_cases()
    convolution_cases()
    pooling_cases()
    shape_cases()
