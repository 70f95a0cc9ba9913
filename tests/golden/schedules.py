#!/usr/bin/env python3
"""Golden rates of the learning-rate schedules: python3 tests/golden/schedules.py. One file, the rate of every step of every case.

PyTorch's ReduceLROnPlateau acts on the (patience + 1)th bad epoch and its cooldown is one longer than Keras', whose numbers are ours:
the case "plateau" is patience 3 and cooldown 2 here, 2 and 1 there.
"""
import json
import pathlib

import torch
from torch.optim import lr_scheduler as s

STEPS, RATE = 40, 0.3
LOSSES = [1.0, 0.9, 0.95, 0.9005, 0.92, 0.91, 0.93, 0.905, 0.8, 0.85, 0.82, 0.81, 0.84, 0.9, 0.83, 0.86, 0.82, 0.81, 0.805, 0.83,
          0.81, 0.8004, 0.82, 0.83]


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)


def rates(schedule_of):
    o = optimizer()
    schedule, found = schedule_of(o), []
    for _ in range(STEPS):
        found.append(o.param_groups[0]["lr"])
        o.step()
        schedule.step()
    return found


def plateau():
    o = optimizer()
    schedule, found = s.ReduceLROnPlateau(o, factor=0.2, patience=2, threshold=0.001, threshold_mode="abs", cooldown=1, min_lr=0.01), []
    for loss in LOSSES:
        schedule.step(loss)
        found.append(o.param_groups[0]["lr"])
    return found


def warm_cosine(o):
    return s.SequentialLR(o, [s.LinearLR(o, 1 / 10, total_iters=9), s.CosineAnnealingLR(o, STEPS - 10)], [10])


CASES = {
    "step": ("schedule: { stepDecay: { decaySteps: 7, decayRate: 0.5 } }", lambda o: s.StepLR(o, 7, 0.5)),
    "exponential": ("schedule: { exponentialDecay: { decaySteps: 1, decayRate: 0.97 } }", lambda o: s.ExponentialLR(o, 0.97)),
    "cosine": ("schedule: cosineDecay", lambda o: s.CosineAnnealingLR(o, STEPS)),
    "cosine to a tenth": ("schedule: { cosineDecay: { alpha: 0.1 } }", lambda o: s.CosineAnnealingLR(o, STEPS, eta_min=0.1 * RATE)),
    "polynomial": ("schedule: { polynomialDecay: { decaySteps: 30, power: 2 } }", lambda o: s.PolynomialLR(o, 30, 2)),
    "warm-up": ("warmupSteps: 10", lambda o: s.LinearLR(o, 1 / 10, total_iters=9)),
    "warm-up, then cosine": ("warmupSteps: 10, schedule: cosineDecay", warm_cosine),
}

if __name__ == "__main__":
    short = lambda values: [float(f"{v:.9g}") for v in values]
    document = {
        "made_by": f"tests/golden/schedules.py, PyTorch {torch.__version__}",
        "learning_rate": RATE,
        "schedules": {name: {"train": yaml, "rates": short(rates(of))} for name, (yaml, of) in CASES.items()},
        "plateau": {"losses": LOSSES, "rates": short(plateau())},
    }
    path = pathlib.Path(__file__).resolve().parent.parent / "DistTrain.Training.Tests" / "Golden" / "schedules.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=1).replace(",\n    ", ", ").replace("[\n    ", "[") + "\n")
