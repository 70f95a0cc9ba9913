"""The same network in PyTorch on five folds: python3 examples/imbalance/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import encode, first_weights, fit, folds, nn, predict, roc_auc, rows, show, torch

table = rows("tabular/winequality-red.csv", header=False)
y = torch.tensor([int(cell in ("3", "4")) for cell in table["12"]])
for balanced in (True, False):
    areas, accuracies, recalls, precisions = [], [], [], []
    for seed in (1, 2, 3):
        torch.manual_seed(seed)
        scores = []
        for train, test in folds(y, 5, seed):
            x = encode(table, [str(i) for i in range(1, 12)], (), train)
            weights = len(train) / (2 * torch.bincount(y[train])) if balanced else None
            model = first_weights(nn.Sequential(nn.Linear(11, 16), nn.ReLU(), nn.Linear(16, 2)))
            fit(model, x[train], y[train], nn.CrossEntropyLoss(weights), torch.optim.Adam(model.parameters(), lr=0.002), epochs=30, batch=32)
            out = predict(model, x[test])
            called, bad = out.argmax(1), y[test]
            hits = ((called == 1) & (bad == 1)).sum().item()
            scores.append((roc_auc(out[:, 1] - out[:, 0], bad), (called == bad).float().mean().item(),
                           hits / bad.sum().item(), hits / max(1, called.sum().item())))
        for all_seeds, found in zip((areas, accuracies, recalls, precisions), zip(*scores)):
            all_seeds.append(sum(found) / 5)
    print("balanced" if balanced else "all weigh the same", f"(PyTorch {torch.__version__}, CPU)")
    for name, values in (("ROC-AUC", areas), ("accuracy", accuracies), ("recall", recalls), ("precision", precisions)):
        show(f"  {name}, mean of 5 folds, seeds 1 to 3", values)
