"""The same networks in PyTorch on the same samples: python3 examples/sentiment/pytorch.py [gru|transformer]"""
import collections
import os
import re
import sys

import torch
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from parts import cut

LENGTH, VOCABULARY, WIDTH, EPOCHS, BATCH = 40, 10000, 64, 3, 32
torch.set_num_threads(1)
words = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|\S")


def lines(name):
    with open(os.path.join(os.environ["DISTTRAIN_DATA"], "text", name), encoding="utf-8", errors="replace") as file:
        return [words.findall(line.lower()) for line in file.read().split("\n") if line.strip()]


negative, positive = lines("rt-polarity.neg"), lines("rt-polarity.pos")
texts, y = negative + positive, torch.tensor([0] * len(negative) + [1] * len(positive))


def encode(train):
    """Ids by frequency in the training part, padding 0, unknown 1; texts cut and filled to one length."""
    counts = collections.Counter(word for i in train for word in texts[i])
    known = sorted(counts, key=lambda word: (-counts[word], word))[:VOCABULARY - 2]
    ids = {word: i + 2 for i, word in enumerate(known)}
    rows = [[ids.get(word, 1) for word in text[:LENGTH]] for text in texts]
    return torch.tensor([row + [0] * (LENGTH - len(row)) for row in rows])


def keras_start(layer):
    """First weights as the job's: Glorot's uniform ones, an orthogonal recurrent kernel, embeddings within 0.05, biases 0."""
    for name, value in layer.named_parameters(recurse=False):
        if isinstance(layer, nn.Embedding):
            nn.init.uniform_(value, -0.05, 0.05)
        elif "bias" in name:
            nn.init.zeros_(value)
        elif name == "weight_hh_l0":
            nn.init.orthogonal_(value)
        elif value.dim() == 2:
            nn.init.xavier_uniform_(value)


class Gru(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.gru = nn.Embedding(VOCABULARY, WIDTH), nn.GRU(WIDTH, 64, batch_first=True)
        self.dropout, self.out = nn.Dropout(0.5), nn.Linear(64, 2)

    def forward(self, x):
        lengths = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        return self.out(self.dropout(self.gru(packed)[1][0]))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-3), nn.LayerNorm(WIDTH, eps=1e-3)
        self.attention = nn.MultiheadAttention(WIDTH, 4, batch_first=True)
        self.up, self.down = nn.Linear(WIDTH, 64), nn.Linear(64, WIDTH)
        self.drop1, self.drop2, self.dropout, self.out = nn.Dropout(0.1), nn.Dropout(0.1), nn.Dropout(0.5), nn.Linear(WIDTH, 2)

    def forward(self, x):
        padding = x == 0
        h = self.embedding(x) + self.positions(torch.arange(LENGTH))
        n = self.norm1(h)
        h = h + self.drop1(self.attention(n, n, n, key_padding_mask=padding, need_weights=False)[0])
        h = h + self.drop2(self.down(nn.functional.gelu(self.up(self.norm2(h)))))
        there = (~padding).unsqueeze(2)
        return self.out(self.dropout((h * there).sum(1) / there.sum(1)))


for kind in sys.argv[1:] or ["gru", "transformer"]:
    accuracies = []
    for seed in (1, 2, 3):
        torch.manual_seed(seed)
        train, test = cut(seed, len(texts), 0.2)
        x = encode(train)
        train, test = torch.tensor(train), torch.tensor(test)
        model = Gru() if kind == "gru" else Transformer()
        model.apply(keras_start)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
        for _ in range(EPOCHS):
            for chosen in train[torch.randperm(len(train))].split(BATCH):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(x[chosen]), y[chosen]).backward()
                optimizer.step()
        model.eval()
        with torch.no_grad():
            accuracies.append((model(x[test]).argmax(1) == y[test]).float().mean().item())
        print(f"{kind} seed {seed}: accuracy {accuracies[-1]:.4f} on {len(test)} sentences", flush=True)
    print(f"{kind}: mean {sum(accuracies) / 3:.4f} (PyTorch {torch.__version__}, CPU)")
