#!/usr/bin/env python3
"""The same network, data, augmentation and schedule in PyTorch: pytorch.py SEED [EPOCHS], with $DISTTRAIN_DATA set."""
import gzip
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SEED, EPOCHS, BATCH = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10, 64
torch.manual_seed(SEED)
torch.set_num_threads(1)


def part(name):
    path = os.path.join(os.environ["DISTTRAIN_DATA"], "cifar-10", name + ".bin.gz")
    raw = np.frombuffer(gzip.open(path).read(), np.uint8).reshape(-1, 3073)
    return torch.from_numpy(raw[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / 255), torch.from_numpy(raw[:, 0].astype(np.int64))


class Residual(nn.Module):
    def __init__(self, before, width, stride):
        super().__init__()
        self.c1, self.b1 = nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.c2, self.b2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.short = None
        if stride != 1 or before != width:
            self.short = nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.b2(self.c2(F.relu(self.b1(self.c1(x)))))
        return F.relu(y + (x if self.short is None else self.short(x)))


model = nn.Sequential(
    nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
    Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
for m in model.modules():
    if isinstance(m, nn.Conv2d):
        nn.init.kaiming_normal_(m.weight)
    elif isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
        nn.init.zeros_(m.bias)

(xs, ys), (xt, yt) = part("data_batch_1"), part("test_batch")
mean, deviation = xs.mean((0, 2, 3), keepdim=True), xs.std((0, 2, 3), keepdim=True)
padded, xt = F.pad((xs - mean) / deviation, (4, 4, 4, 4)), (xt - mean) / deviation
# As data.augment's crop: what comes in is black, a pixel of 0, not the mean.
black = (0 - mean) / deviation
edge = F.pad(torch.ones(1, 1, 32, 32), (4, 4, 4, 4))
padded = padded + (1 - edge) * black


def augmented(pick):
    out = torch.empty(len(pick), 3, 32, 32)
    for i, sample in enumerate(pick.tolist()):
        top, left, mirrored = torch.randint(0, 9, (1,)).item(), torch.randint(0, 9, (1,)).item(), torch.rand(1).item() < 0.5
        window = padded[sample, :, top:top + 32, left:left + 32]
        out[i] = window.flip(2) if mirrored else window
    return out


optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
steps = EPOCHS * ((len(xs) + BATCH - 1) // BATCH)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
for epoch in range(EPOCHS):
    model.train()
    order, total = torch.randperm(len(xs)), 0.0
    for i in range(0, len(xs), BATCH):
        pick = order[i:i + BATCH]
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(augmented(pick)), ys[pick])
        loss.backward()
        optimizer.step()
        schedule.step()
        total += float(loss) * len(pick)
    if (epoch + 1) % 5 == 0 or epoch + 1 == EPOCHS:
        model.eval()
        with torch.no_grad():
            right = sum(int((model(xt[i:i + 500]).argmax(1) == yt[i:i + 500]).sum()) for i in range(0, len(xt), 500))
        print(f"torch {torch.__version__} seed {SEED} epoch {epoch + 1}/{EPOCHS} loss {total / len(xs):.4f} test accuracy {right / len(xt):.4f}", flush=True)
