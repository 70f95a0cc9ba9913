"""The same network in PyTorch: python3 examples/xor/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import first_weights, fit, nn, predict, torch

x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
y = torch.tensor([[0.0], [1], [1], [0]])
loss = nn.BCEWithLogitsLoss()
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    model = first_weights(nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1)))
    fit(model, x, y, loss, torch.optim.SGD(model.parameters(), lr=0.5), epochs=1000, batch=4)
    out = predict(model, x)
    print(f"seed {seed}: loss {loss(out, y):.4f}, says {' '.join(f'{p:.3f}' for p in out.sigmoid().flatten())}  (PyTorch {torch.__version__}, CPU)")
