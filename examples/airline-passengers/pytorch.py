"""The same network in PyTorch: python3 examples/airline-passengers/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import first_weights, fit, nn, numbers, predict, rmse, rows, show, torch, windows

values = numbers(rows("timeseries/airline-passengers.csv")["Passengers"])
cut = int(0.75 * len(values))
((x, y), (test_x, test_y)), deviation = windows(values, 12, 1, cut, [(0, cut), (cut, len(values))])
errors = []
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    model = first_weights(nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1)))
    fit(model, x, y, nn.MSELoss(), torch.optim.Adam(model.parameters(), lr=0.005), epochs=300, batch=16)
    errors.append(rmse(predict(model, test_x), test_y) * deviation)
print(f"naive forecast: RMSE {rmse(test_x[:, -1:], test_y) * deviation:.4f}")
show(f"RMSE, seeds 1 to 3 (PyTorch {torch.__version__}, CPU)", errors)
