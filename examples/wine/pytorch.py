"""The same network in PyTorch on five folds: python3 examples/wine/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import encode, first_weights, fit, folds, nn, numbers, predict, r2, rows, show, standardise, torch

table = rows("tabular/winequality-red.csv", header=False)
quality = numbers(table["12"])
scores = []
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    found = []
    for train, test in folds(torch.zeros(len(quality)), 5, seed):
        x = encode(table, [str(i) for i in range(1, 12)], (), train)
        y = standardise(quality, train)[:, None]
        model = first_weights(nn.Sequential(nn.Linear(11, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1)))
        fit(model, x[train], y[train], nn.MSELoss(), torch.optim.AdamW(model.parameters(), lr=0.002, weight_decay=0.01), epochs=40, batch=32)
        found.append(r2(predict(model, x[test]), y[test]))
    scores.append(sum(found) / 5)
show(f"R2, mean of 5 folds, seeds 1 to 3 (PyTorch {torch.__version__}, CPU)", scores)
