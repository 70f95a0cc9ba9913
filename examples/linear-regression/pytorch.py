"""The same gradient descent in PyTorch, and the least squares in closed form: python3 examples/linear-regression/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import encode, first_weights, nn, numbers, predict, r2, rows, standardise, torch

table = rows("tabular/winequality-red.csv", header=False)
everything = range(len(table["1"]))
x = encode(table, [str(i) for i in range(1, 12)], (), everything)
y = standardise(numbers(table["12"]), everything)[:, None]

ones = torch.cat([x, torch.ones(len(x), 1)], 1).double()
best = torch.linalg.lstsq(ones, y.double()).solution
print(f"least squares      R2 {r2(ones @ best, y):.4f}")

torch.manual_seed(1)
model = first_weights(nn.Linear(11, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
for epoch in range(500):
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
print(f"gradient descent   R2 {r2(predict(model, x), y):.4f}  loss {nn.functional.mse_loss(predict(model, x), y):.4f}  (PyTorch {torch.__version__}, CPU)")
print("weights " + " ".join(f"{w:.3f}" for w in model.weight[0]) + f"  bias {model.bias[0]:.3f}")
