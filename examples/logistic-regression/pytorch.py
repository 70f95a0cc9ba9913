"""The same gradient descent in PyTorch: python3 examples/logistic-regression/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import encode, first_weights, nn, predict, roc_auc, rows, torch

table = rows("tabular/titanic-train.csv")
y = torch.tensor([float(cell) for cell in table["Survived"]])[:, None]
x = encode(table, ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"], ("Pclass", "Sex", "Embarked"), range(len(y)))
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    model = first_weights(nn.Linear(x.shape[1], 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for epoch in range(2000):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(x), y).backward()
        optimizer.step()
    logits = predict(model, x)
    print(f"seed {seed}: loss {nn.functional.binary_cross_entropy_with_logits(logits, y):.4f}, accuracy {((logits > 0) == (y > 0.5)).float().mean():.4f}, "
          f"ROC-AUC {roc_auc(logits.flatten(), y.flatten()):.4f}  (PyTorch {torch.__version__}, CPU)")
