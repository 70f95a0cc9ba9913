"""The same network in PyTorch on five folds: python3 examples/titanic/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import encode, first_weights, fit, folds, nn, predict, roc_auc, rows, show, torch

table = rows("tabular/titanic-train.csv")
names, categories = ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"], ("Pclass", "Sex", "Embarked")
y = torch.tensor([int(cell) for cell in table["Survived"]])
accuracies, areas = [], []
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    right, area = [], []
    for train, test in folds(y, 5, seed):
        x = encode(table, names, categories, train)
        model = first_weights(nn.Sequential(nn.Linear(x.shape[1], 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2)))
        fit(model, x[train], y[train], nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=0.003), epochs=30, batch=32)
        out = predict(model, x[test])
        right.append((out.argmax(1) == y[test]).float().mean().item())
        area.append(roc_auc(out[:, 1] - out[:, 0], y[test]))
    accuracies.append(sum(right) / 5)
    areas.append(sum(area) / 5)
show(f"accuracy, mean of 5 folds, seeds 1 to 3 (PyTorch {torch.__version__}, CPU)", accuracies)
show("ROC-AUC", areas)
