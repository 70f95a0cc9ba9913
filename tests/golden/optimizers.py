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


class NAdam(torch.optim.Optimizer):
    """As torch.optim.NAdam from 2.0 on and Keras' Nadam. Until 1.13 PyTorch multiplied mu twice into the next product."""

    def __init__(self, parameters, lr, eps, betas=(0.9, 0.999), momentum_decay=0.004):
        super().__init__(parameters, dict(lr=lr, eps=eps, betas=betas, momentum_decay=momentum_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for p in group["params"]:
                s = self.state[p]
                if not s:
                    s.update(t=0, product=1.0, mean=torch.zeros_like(p), square=torch.zeros_like(p))
                s["t"] += 1
                mu, following = (beta1 * (1 - 0.5 * 0.96 ** ((s["t"] + i) * group["momentum_decay"])) for i in (0, 1))
                s["product"] *= mu
                s["mean"].mul_(beta1).add_(p.grad, alpha=1 - beta1)
                s["square"].mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
                root = (s["square"] / (1 - beta2 ** s["t"])).sqrt() + group["eps"]
                p.addcdiv_(p.grad, root, value=-group["lr"] * (1 - mu) / (1 - s["product"]))
                p.addcdiv_(s["mean"], root, value=-group["lr"] * following / (1 - s["product"] * following))


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
    case("nadam", lambda p, r: NAdam(p, lr=r, eps=1e-7), 0.01)
