"""What the PyTorch scripts of the examples share: reading tables and series, folds, training, scores.

python3 examples/NAME/pytorch.py, with DISTTRAIN_DATA naming the folder of data sets. Models, batches, optimizers and first weights
(Glorot's uniform ones, biases 0) are those of the job beside the script; which samples a part holds is drawn by PyTorch.
"""
import csv
import os

import torch
from torch import nn

MISSING = ("", "na", "nan", "null", "?")


def rows(path, header=True):
    """A table as a dictionary of columns of texts; without a header columns are called "1", "2" ..."""
    with open(os.path.join(os.environ["DISTTRAIN_DATA"], path), newline="") as file:
        lines = [line for line in csv.reader(file) if line]
    names = lines.pop(0) if header else [str(i + 1) for i in range(len(lines[0]))]
    return {name: [line[i] for line in lines] for i, name in enumerate(names)}


def numbers(column):
    return torch.tensor([float("nan") if cell.lower() in MISSING else float(cell) for cell in column])


def encode(table, names, categories, train):
    """Features: numbers filled with the median and standardised, categories a place each; fitted on the rows of train."""
    features = []
    for name in names:
        if name in categories:
            known = [cell for cell in table[name] if cell.lower() not in MISSING]
            texts = sorted(set(known))
            counts = [sum(table[name][i] == text for i in train) for text in texts]
            most = texts[counts.index(max(counts))]
            cells = [cell if cell.lower() not in MISSING else most for cell in table[name]]
            features += [torch.tensor([float(cell == text) for cell in cells]) for text in texts]
        else:
            x = numbers(table[name])
            seen = x[train]
            seen = seen[~seen.isnan()].double()
            ordered = seen.sort().values
            median = ((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2).float()
            x = torch.where(x.isnan(), median, x)
            features.append(standardise(x, train))
    return torch.stack(features, 1)


def standardise(x, train):
    part = x[train].double()
    return ((x - part.mean().float()) / part.std(unbiased=False).float())


def folds(classes, count, seed):
    """(train, test) indices of each fold; every fold has its share of every class."""
    order = torch.randperm(len(classes), generator=torch.Generator().manual_seed(seed))
    order = order[classes[order].sort(stable=True).indices]
    for fold in range(count):
        test = order[fold::count]
        inside = torch.zeros(len(classes), dtype=torch.bool)
        inside[test] = True
        yield (~inside).nonzero().flatten(), test


def first_weights(model):
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


def fit(model, x, y, loss, optimizer, epochs, batch, schedule_of=None):
    """schedule_of: number of steps -> a scheduler that is asked after each."""
    schedule = schedule_of and schedule_of(epochs * ((len(x) + batch - 1) // batch))
    model.train()
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for at in range(0, len(x), batch):
            chosen = order[at:at + batch]
            optimizer.zero_grad()
            loss(model(x[chosen]), y[chosen]).backward()
            optimizer.step()
            if schedule:
                schedule.step()
    model.eval()
    return model


def predict(model, x):
    with torch.no_grad():
        return model(x)


def r2(predicted, right):
    return (1 - ((predicted - right) ** 2).sum() / ((right - right.mean()) ** 2).sum()).item()


def roc_auc(scores, classes):
    """Share of pairs of a yes and a no in which the yes has the larger score; equal ones count half."""
    yes, no = scores[classes == 1], scores[classes == 0]
    return ((yes[:, None] > no).double() + (yes[:, None] == no).double() / 2).mean().item()


def windows(values, window, horizon, train, parts):
    """Windows and what follows, for each part (first, end of the steps that are forecast); scaled by the steps of train."""
    scaled = standardise(values, range(train))
    def part(first, end):
        starts = range(max(first, window), end - horizon + 1)
        return (torch.stack([scaled[i - window:i] for i in starts]), torch.stack([scaled[i:i + horizon] for i in starts]))
    deviation = values[:train].double().std(unbiased=False).item()
    return [part(*p) for p in parts], deviation


def rmse(predicted, right):
    return ((predicted - right) ** 2).mean().sqrt().item()


def show(name, values):
    values = torch.tensor(values, dtype=torch.float64)
    print(f"{name}: {' '.join(f'{v:.4f}' for v in values)}  mean {values.mean():.4f} (deviation {values.std(unbiased=False):.4f})", flush=True)
