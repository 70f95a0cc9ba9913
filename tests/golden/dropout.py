#!/usr/bin/env python3
"""Golden dumps of dropout: python3 tests/golden/dropout.py. See golden.py.

What is dropped is drawn as docs/numerics.md says, written here a second time: Philox 4x32-10 (Salmon et al. 2011) with the seed as key and
(element / 4, sample, pass, stream) as counter, the stream being the 32-bit FNV-1a hash of the node's name.
"""
import torch
from torch import nn

from golden import Parameter, draw, fill, record

WORD = 0xFFFFFFFF


def philox(seed, counter):
    k0, k1 = seed & WORD, seed >> 32
    c0, c1, c2, c3 = counter
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & WORD, (p0 >> 32) ^ c3 ^ k1, p0 & WORD
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return c0, c1, c2, c3


def stream(name):
    value = 0x811C9DC5
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & WORD
    return value


def uniform(name, samples, elements, seed=0, epoch=0):
    return torch.tensor([[(philox(seed, (e // 4, s, epoch, stream(name)))[e % 4] >> 8) / 2 ** 24 for e in range(elements)]
                         for s in range(samples)])


if __name__ == "__main__":
    # The answers of Philox 4x32-10 in its authors' kat_vectors.
    assert philox(0, (0, 0, 0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    assert philox((0x299F31D0 << 32) | 0xA4093822, (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)) == (
        0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)
    layer = nn.Linear(4, 6)
    fill(layer, 15)
    rate = torch.tensor(0.4, dtype=torch.float32).double()
    kept = (uniform("dropout", 5, 6) >= rate) / (1 - rate)
    record("DistTrain.Graph.Tests", "dropout", lambda x: layer(x) * kept, [draw(5, 4, seed=1)], draw(5, 6, seed=2),
           [Parameter("dense/kernel", layer.weight, lambda t: t.T), Parameter("dense/bias", layer.bias)],
           predict=lambda y: layer(draw(5, 4, seed=1)), script="dropout.py")
    whole = nn.Linear(4, 6)
    fill(whole, 16)
    features = ((uniform("spatial_dropout1d", 5, 6) >= rate) / (1 - rate))[:, None, :]
    record("DistTrain.Graph.Tests", "spatial_dropout1d", lambda x: whole(x) * features, [draw(5, 3, 4, seed=1)], draw(5, 3, 6, seed=2),
           [Parameter("dense/kernel", whole.weight, lambda t: t.T), Parameter("dense/bias", whole.bias)],
           predict=lambda y: whole(draw(5, 3, 4, seed=1)), script="dropout.py")
