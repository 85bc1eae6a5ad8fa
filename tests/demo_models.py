"""Small models for the demos that show one."""

import math

import torch
from torch import nn

from lessons_lib.models import GPT

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
CHARS = "\n !,.:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
GPT_SIZES = [(len(CHARS), 96, 4, 3), (7, 12, 3, 1), (30, 20, 2, 4)]


def build_mlp(hidden_dim=32):
    """Return a network for DrawADigit."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, 10)
    )


def build_lesson_cnn():
    """Return the network of the lesson `cnns`: 11,770 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip


class Reader(nn.Module):
    """What the lessons train: embedding, recurrent layer, linear layer."""

    def __init__(self, cell, size=20, symbols=27, **settings):
        super().__init__()
        self.embed = nn.Embedding(symbols, 8)
        self.rnn = cell(8, size, batch_first=True, **settings)
        self.out = nn.Linear(size, symbols)

    def forward(self, x):
        states, _ = self.rnn(self.embed(x))
        return states, self.out(states)


def make_reader(kind, size=20, scale=0.4, **settings):
    """Return a reader with weights that are large enough to show a mistake."""
    torch.manual_seed(3)
    model = Reader(CELLS[kind], size, **settings)
    with torch.no_grad():
        for weight in model.rnn.parameters():
            weight.copy_(scale * torch.randn_like(weight) / 2)
    return model


def make_readers(size=16):
    """Return one reader of each kind, by its name."""
    return {kind.upper(): make_reader(kind, size, 0.6) for kind in CELLS}


def make_gpt(sizes=GPT_SIZES[0], seed=0):
    """Return a GPT as after some training: attention that is not even, odd norms."""
    torch.manual_seed(seed)
    model = GPT(*sizes)
    for name, value in model.named_parameters():
        if "norm" in name:
            nn.init.normal_(value, 1.0 if name.endswith("weight") else 0.0, 0.4)
        elif "query" in name or "key" in name:
            nn.init.normal_(value, 0.0, 0.4)
    return model


def random_attention(count=40):
    """Return causal weights (2, 3, T, T) of T tokens, as a trained model has them."""
    generator = torch.Generator().manual_seed(0)
    scores = 2 * torch.randn(2, 3, count, count, generator=generator)
    future = torch.ones(count, count).triu(1).bool()
    return scores.masked_fill(future, -math.inf).softmax(-1)
