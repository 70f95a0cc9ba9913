"""The same network in PyTorch: python3 examples/auto-encoder/pytorch.py [seed]"""
import gzip
import os
import sys

import numpy as np
import torch
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
torch.set_num_threads(1)


def pictures(name):
    path = os.path.join(os.environ["DISTTRAIN_DATA"], "mnist", name + "-images-idx3-ubyte.gz")
    return torch.from_numpy(np.frombuffer(gzip.open(path).read(), np.uint8, offset=16).reshape(-1, 784).copy()).float() / 255


x, test = pictures("train"), pictures("t10k")
model = nn.Sequential(
    nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 256), nn.ReLU(), nn.Linear(256, 784), nn.Sigmoid())
for layer in model:
    if isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
for epoch in range(5):
    for chosen in torch.randperm(len(x)).split(64):
        optimizer.zero_grad(set_to_none=True)
        nn.functional.mse_loss(model(x[chosen]), x[chosen]).backward()
        optimizer.step()
with torch.no_grad():
    print(f"mean squared error over the test part {nn.functional.mse_loss(model(test), test):.4f} (PyTorch {torch.__version__}, CPU)")
