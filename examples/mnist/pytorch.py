"""The same networks in PyTorch: python3 examples/mnist/pytorch.py mlp|cnn [mnist|fashion-mnist] [seeds]"""
import gzip
import os
import sys

import numpy as np
import torch
from torch import nn

kind, name = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "mnist"
seeds = [int(seed) for seed in sys.argv[3:]] or [1, 2, 3]
torch.set_num_threads(1)


def idx(file, offset, shape):
    path = os.path.join(os.environ["DISTTRAIN_DATA"], name, file + ".gz")
    return torch.from_numpy(np.frombuffer(gzip.open(path).read(), np.uint8, offset=offset).reshape(shape).copy())


shape = (-1, 784) if kind == "mlp" else (-1, 1, 28, 28)
x, xt = (idx(part + "-images-idx3-ubyte", 16, shape).float() / 255 for part in ("train", "t10k"))
y, yt = (idx(part + "-labels-idx1-ubyte", 8, (-1,)).long() for part in ("train", "t10k"))
for seed in seeds:
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)) if kind == "mlp" else nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(5):
        for chosen in torch.randperm(len(x)).split(64):
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(model(x[chosen]), y[chosen]).backward()
            optimizer.step()
    with torch.no_grad():
        right = sum(int((model(a).argmax(1) == b).sum()) for a, b in zip(xt.split(1000), yt.split(1000)))
    print(f"{kind} on {name}, seed {seed}: accuracy {right / len(xt):.4f} (PyTorch {torch.__version__}, CPU)", flush=True)
