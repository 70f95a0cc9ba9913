"""Both networks in PyTorch, the LSTM with PyTorch's first weights: python3 examples/sp500/pytorch.py"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from reference import first_weights, fit, nn, numbers, predict, rmse, rows, show, torch, windows


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 16, batch_first=True)
        self.dense = nn.Linear(16, 1)

    def forward(self, x):
        return self.dense(self.lstm(x[:, :, None])[0][:, -1])


values = numbers(rows("timeseries/sp500-2000.csv")["close"])
cut = int(0.9 * len(values))
for name, window, epochs, network in (("linear", 5, 60, lambda: first_weights(nn.Linear(5, 1))), ("LSTM", 30, 15, Recurrent)):
    ((x, y), (test_x, test_y)), deviation = windows(values, window, 1, cut, [(0, cut), (cut, len(values))])
    errors = []
    for seed in (1, 2, 3):
        torch.manual_seed(seed)
        model = network()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
        cosine = lambda steps: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        fit(model, x, y, nn.MSELoss(), optimizer, epochs, batch=32, schedule_of=cosine if name == "linear" else None)
        errors.append(rmse(predict(model, test_x), test_y) * deviation)
    print(f"naive forecast: RMSE {rmse(test_x[:, -1:], test_y) * deviation:.4f}")
    show(f"{name}: RMSE, seeds 1 to 3 (PyTorch {torch.__version__}, CPU)", errors)
