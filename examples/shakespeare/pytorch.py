"""The same models in PyTorch on the same parts of the text: python3 examples/shakespeare/pytorch.py [gru|lstm|transformer|transformer-cosine] [SEED ...]

First weights as the presets': Keras' for the recurrent layers and Dense, embeddings of deviation 1; the transformer's all of deviation 0.02.
Windows are drawn by PyTorch, with putting back. transformer-cosine: Adam's rate rises to 0.002 in 100 steps and falls along half a cosine.
"""
import math
import os
import sys

import torch
from torch import nn

CONTEXT, BATCH, STEPS, WARM_UP = 64, 32, 1000, 100
torch.set_num_threads(1)
with open(os.path.join(os.environ["DISTTRAIN_DATA"], "text", "tinyshakespeare.txt"), encoding="utf-8") as file:
    text = file.read()
letters = sorted(set(text))
ids = {letter: i for i, letter in enumerate(letters)}
tokens = torch.tensor([ids[letter] for letter in text])
first = int(len(tokens) * 0.9)
train, rest = tokens[:first], tokens[first:]


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.embedding = nn.Embedding(len(letters), 64)
        self.layer = (nn.GRU if kind == "gru" else nn.LSTM)(64, 128, batch_first=True)
        self.out = nn.Linear(128, len(letters))
        for name, value in self.named_parameters():
            if "bias" in name:
                nn.init.zeros_(value)
            elif "hh" in name:
                nn.init.orthogonal_(value)
            elif "embedding" not in name:
                nn.init.xavier_uniform_(value)
        if kind == "lstm":
            nn.init.ones_(self.layer.bias_ih_l0[128:256])

    def forward(self, x):
        return self.out(self.layer(self.embedding(x))[0])


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 4, batch_first=True)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        n = self.norm1(x)
        later = torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=torch.bool), 1)
        x = x + self.attention(n, n, n, attn_mask=later, need_weights=False)[0]
        return x + self.down(nn.functional.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(len(letters), width), nn.Embedding(CONTEXT, width)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(4)))
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, len(letters))
        for name, value in self.named_parameters():
            if "bias" in name:
                nn.init.zeros_(value)
            elif "norm" not in name:
                nn.init.normal_(value, std=0.02)

    def forward(self, x):
        return self.out(self.norm(self.blocks(self.embedding(x) + self.positions(torch.arange(x.shape[1])))))


def loss_of(model, text, starts):
    x = torch.stack([text[at:at + CONTEXT] for at in starts])
    y = torch.stack([text[at + 1:at + CONTEXT + 1] for at in starts])
    return nn.functional.cross_entropy(model(x).flatten(0, 1), y.flatten())


def cosine(step):
    return (step + 1) / WARM_UP if step < WARM_UP else (1 + math.cos(math.pi * (step - WARM_UP) / (STEPS - WARM_UP))) / 2


def measured(kind, seed):
    torch.manual_seed(seed)
    model = Transformer() if kind.startswith("transformer") else Recurrent(kind)
    is_scheduled = kind == "transformer-cosine"
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002 if is_scheduled else 0.001)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, cosine if is_scheduled else lambda step: 1)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss_of(model, train, torch.randint(len(train) - CONTEXT, (BATCH,))).backward()
        optimizer.step()
        schedule.step()
    model.eval()
    starts = torch.arange(0, len(rest) - CONTEXT, CONTEXT)
    with torch.no_grad():
        return sum(loss_of(model, rest, part).item() * len(part) for part in starts.split(100)) / len(starts)


kinds = sys.argv[1:2] or ["gru", "lstm", "transformer"]
for kind in kinds:
    for seed in [int(seed) for seed in sys.argv[2:]] or (1, 2, 3):
        print(f"{kind}, seed {seed}: validation loss {measured(kind, seed):.4f} (PyTorch {torch.__version__}, CPU)", flush=True)
