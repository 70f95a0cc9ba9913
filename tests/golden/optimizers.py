#!/usr/bin/env python3
"""Golden dumps of the optimizers: python3 tests/golden/optimizers.py. See golden.py."""
import torch
from torch import nn

from golden import Parameter, draw, fill, record

PROJECT = "DistTrain.Graph.Tests"


def case(name, optimizer, rate, clip=None):
    first, second = nn.Linear(4, 5), nn.Linear(5, 2)
    fill(first, 50)
    fill(second, 60)
    parameters = [p for layer, of in (("dense", first), ("dense_1", second)) for p in (
        Parameter(f"{layer}/kernel", of.weight, lambda t: t.T), Parameter(f"{layer}/bias", of.bias))]
    record(PROJECT, f"optimizer_{name}", lambda x: second(torch.tanh(first(x))), [draw(6, 4, seed=1)], draw(6, 2, seed=2),
           parameters, rate=rate, optimizer=lambda p: optimizer(p, rate), script="optimizers.py",
           before_step=clip and (lambda: clip([p.tensor for p in parameters])))


if __name__ == "__main__":
    o = torch.optim
    case("sgd", lambda p, r: o.SGD(p, lr=r), 0.2)
    case("sgd_l2", lambda p, r: o.SGD(p, lr=r, weight_decay=0.01), 0.2)
    case("momentum", lambda p, r: o.SGD(p, lr=r, momentum=0.9), 0.05)
    case("nesterov", lambda p, r: o.SGD(p, lr=r, momentum=0.9, nesterov=True), 0.05)
    case("adagrad", lambda p, r: o.Adagrad(p, lr=r, eps=1e-7), 0.05)
    case("rmsprop", lambda p, r: o.RMSprop(p, lr=r, alpha=0.9, eps=1e-7), 0.01)
    case("adam", lambda p, r: o.Adam(p, lr=r, eps=1e-7), 0.01)
    case("adamw", lambda p, r: o.AdamW(p, lr=r, eps=1e-7, weight_decay=0.05), 0.01)
    case("clip_value", lambda p, r: o.SGD(p, lr=r), 0.2, lambda p: torch.nn.utils.clip_grad_value_(p, 0.05))
    case("adadelta", lambda p, r: o.Adadelta(p, lr=r), 1.0)
    case("nadam", lambda p, r: o.NAdam(p, lr=r, eps=1e-7), 0.01)
