"""The same network in PyTorch, with PyTorch's first weights: python3 examples/daily-temperatures/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import fit, nn, numbers, predict, rmse, rows, show, torch, windows


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 16, batch_first=True)
        self.dense = nn.Linear(16, 1)

    def forward(self, x):
        return self.dense(self.lstm(x[:, :, None])[0][:, -1])


values = numbers(rows("timeseries/daily-min-temperatures.csv")["Temp"])
cut = int(0.9 * len(values))
((x, y), (test_x, test_y)), deviation = windows(values, 30, 1, cut, [(0, cut), (cut, len(values))])
errors = []
for seed in (1, 2, 3):
    torch.manual_seed(seed)
    model = Network()
    fit(model, x, y, nn.MSELoss(), torch.optim.Adam(model.parameters(), lr=0.003), epochs=15, batch=32)
    errors.append(rmse(predict(model, test_x), test_y) * deviation)
print(f"naive forecast: RMSE {rmse(test_x[:, -1:], test_y) * deviation:.4f}")
show(f"RMSE, seeds 1 to 3 (PyTorch {torch.__version__}, CPU)", errors)
