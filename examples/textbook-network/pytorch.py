"""The same network in PyTorch: python3 examples/textbook-network/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import first_weights, fit, nn, numbers, predict, rmse, rows, show, torch, windows

values = numbers(rows("timeseries/daily-min-temperatures.csv")["Temp"])
cut = int(0.9 * len(values))
((x, y), (test_x, test_y)), deviation = windows(values, 10, 5, cut, [(0, cut), (cut, len(values))])
errors = []
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    model = first_weights(nn.Sequential(nn.Linear(10, 20), nn.Sigmoid(), nn.Linear(20, 5)))
    fit(model, x, y, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.1), epochs=100, batch=32)
    errors.append(rmse(predict(model, test_x), test_y) * deviation)
print(f"naive forecast: RMSE {rmse(test_x[:, -1:].expand(-1, 5), test_y) * deviation:.4f}")
show(f"RMSE, seeds 1 to 3 (PyTorch {torch.__version__}, CPU)", errors)
