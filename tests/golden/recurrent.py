#!/usr/bin/env python3
"""Golden dumps of embedding and recurrent layers: python3 tests/golden/recurrent.py. See golden.py.

PyTorch's LSTM and GRU have two biases: of the LSTM the second is zero and is not trained, because one is enough and ours has one.
Its GRU has gates r, z, n, ours z, r, n as Keras.
"""
import torch
from torch import nn

from golden import Parameter, classes, draw, fill, record

PROJECT = "DistTrain.Graph.Tests"


def case(name, forward, inputs, target, parameters, **more):
    record(PROJECT, name, forward, inputs, target, parameters, script="recurrent.py", **more)


def blocks(tensor, order):
    """Gates in another order along the first axis."""
    parts = tensor.chunk(len(order), 0)
    return torch.cat([parts[i] for i in order], 0)


def cell(prefix, layer, order, suffix=""):
    """Kernel, recurrent kernel and the first bias; the second is left out."""
    def get(name):
        return getattr(layer, f"{name}_l0{suffix}")

    with torch.no_grad():
        get("bias_hh").zero_()
    get("bias_hh").requires_grad_(False)
    return [
        Parameter(f"{prefix}kernel", get("weight_ih"), lambda t: blocks(t, order).T),
        Parameter(f"{prefix}recurrent_kernel", get("weight_hh"), lambda t: blocks(t, order).T),
        Parameter(f"{prefix}bias", get("bias_ih"), lambda t: blocks(t, order)),
    ]


def embedding_case():
    layer = nn.Embedding(6, 3)
    fill(layer, 10)
    case("embedding", layer, [classes(6, 4, 5, seed=1)], draw(4, 5, 3, seed=2), [Parameter("embedding/embeddings", layer.weight)])


def lstm_cases():
    layer = nn.LSTM(3, 4, batch_first=True)
    fill(layer, 20)
    parameters = cell("lstm/", layer, [0, 1, 2, 3])
    case("lstm_sequences", lambda x: layer(x)[0], [draw(3, 5, 3, seed=1)], draw(3, 5, 4, seed=2), parameters)
    layer = nn.LSTM(3, 4, batch_first=True)
    fill(layer, 21)
    parameters = cell("lstm/", layer, [0, 1, 2, 3])
    case("lstm_last", lambda x: layer(x)[0][:, -1], [draw(3, 5, 3, seed=1)], draw(3, 4, seed=2), parameters)
    layer = nn.LSTM(2, 3, batch_first=True, bidirectional=True)
    fill(layer, 22)
    forward = cell("bidirectional/forward_", layer, [0, 1, 2, 3])
    backward = cell("bidirectional/backward_", layer, [0, 1, 2, 3], "_reverse")
    case("lstm_bidirectional", lambda x: layer(x)[0], [draw(2, 4, 2, seed=1)], draw(2, 4, 6, seed=2), forward + backward)


def masked_case():
    """Sequences of 5, 2 and 3 steps, padded with zeros at the end: PyTorch packs them."""
    lengths = torch.tensor([5, 2, 3])
    layer = nn.LSTM(3, 4, batch_first=True)
    fill(layer, 23)
    parameters = cell("lstm/", layer, [0, 1, 2, 3])

    def forward(x):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return layer(packed)[1][0][0]

    x = draw(3, 5, 3, seed=1)
    for row, length in enumerate(lengths):
        x[row, length:] = 0
    case("lstm_masked", forward, [x], draw(3, 4, seed=2), parameters)


def gru_case():
    layer = nn.GRU(3, 4, batch_first=True)
    fill(layer, 30)
    order = [1, 0, 2]
    bias = draw(2, 12, seed=31).requires_grad_()
    parameters = cell("gru/", layer, order)[:2] + [Parameter("gru/bias", bias, lambda t: torch.stack([blocks(row, order) for row in t]))]

    def forward(x):
        weights = [layer.weight_ih_l0, layer.weight_hh_l0, bias[0], bias[1]]
        return torch._VF.gru(x, torch.zeros(1, len(x), 4), weights, True, 1, 0.0, False, False, True)[0]

    case("gru_sequences", forward, [draw(3, 5, 3, seed=1)], draw(3, 5, 4, seed=2), parameters)


def gru_reset_before_case():
    """Keras' reset_after=False: the reset gate acts on the state, before the product. PyTorch has no such cell: its formula, by autograd."""
    kernel, recurrent, bias = (draw(*shape, seed=33 + i).requires_grad_() for i, shape in enumerate(((3, 12), (4, 12), (12,))))

    def forward(x):
        h, states = torch.zeros(len(x), 4), []
        for step in range(x.shape[1]):
            z, r, n = (x[:, step] @ kernel + bias).chunk(3, 1)
            uz, ur, un = recurrent.chunk(3, 1)
            z, r = torch.sigmoid(z + h @ uz), torch.sigmoid(r + h @ ur)
            h = z * h + (1 - z) * torch.tanh(n + (r * h) @ un)
            states.append(h)
        return torch.stack(states, 1)

    case("gru_reset_before", forward, [draw(3, 5, 3, seed=1)], draw(3, 5, 4, seed=2),
         [Parameter("gru/kernel", kernel), Parameter("gru/recurrent_kernel", recurrent), Parameter("gru/bias", bias)])


def bidirectional_cases():
    """Merged by adding and multiplying, and over padded sequences, which PyTorch packs: the way back begins at a sequence's last step there."""
    merges = {"sum": lambda f, b: f + b, "ave": lambda f, b: (f + b) * 0.5, "mul": lambda f, b: f * b}
    for merge, both in merges.items():
        layer = nn.RNN(2, 3, batch_first=True, bidirectional=True)
        fill(layer, 24)
        forward = cell("bidirectional/forward_", layer, [0])
        case(f"rnn_bidirectional_{merge}", lambda x: both(*layer(x)[0].chunk(2, 2)), [draw(2, 4, 2, seed=1)], draw(2, 4, 3, seed=2),
             forward + cell("bidirectional/backward_", layer, [0], "_reverse"))
    layer = nn.LSTM(3, 2, batch_first=True, bidirectional=True)
    fill(layer, 25)
    forward = cell("bidirectional/forward_", layer, [0, 1, 2, 3])
    parameters = forward + cell("bidirectional/backward_", layer, [0, 1, 2, 3], "_reverse")
    lengths = torch.tensor([5, 2, 3])
    x = draw(3, 5, 3, seed=1)
    for row, length in enumerate(lengths):
        x[row, length:] = 0

    def packed(x):
        steps = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return torch.cat(list(layer(steps)[1][0]), 1)

    case("lstm_bidirectional_masked", packed, [x], draw(3, 4, seed=2), parameters)


def simple_cases():
    for activation in ("tanh", "relu"):
        layer = nn.RNN(3, 4, nonlinearity=activation, batch_first=True)
        fill(layer, 40)
        parameters = cell("simple_rnn/", layer, [0])
        case(f"simple_rnn_{activation}", lambda x: layer(x)[0], [draw(3, 4, 3, seed=1)], draw(3, 4, 4, seed=2), parameters)


if __name__ == "__main__":
    embedding_case()
    lstm_cases()
    masked_case()
    gru_case()
    gru_reset_before_case()
    bidirectional_cases()
    simple_cases()
