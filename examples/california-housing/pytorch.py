"""The same network in PyTorch on five folds: python3 examples/california-housing/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import encode, first_weights, fit, folds, nn, numbers, predict, r2, rows, show, standardise, torch

table = rows("tabular/california-housing.csv")
value = numbers(table["median_house_value"])
names = [name for name in table if name != "median_house_value"]
scores = []
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    found = []
    for train, test in folds(torch.zeros(len(value)), 5, seed):
        x, y = encode(table, names, ("ocean_proximity",), train), standardise(value, train)[:, None]
        model = first_weights(nn.Sequential(nn.Linear(x.shape[1], 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
        fit(model, x[train], y[train], nn.MSELoss(), optimizer, epochs=30, batch=64,
            schedule_of=lambda steps: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps))
        found.append(r2(predict(model, x[test]), y[test]))
    scores.append(sum(found) / 5)
show(f"R2, mean of 5 folds, seeds 1 to 3 (PyTorch {torch.__version__}, CPU)", scores)
