"""MemoryLab: a recurrent network that reads a text."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.packing import pack
from lessons_lib.demos.stills import svg

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
LETTERS = ".abcdefghijklmnopqrstuvwxyz"  # the first one marks start and end
Weights = dict[str, Any]  # kind, size, symbols and arrays, as memory_core.js takes them


def memory_lab(
    model: Any = None,
    *,
    chars: Sequence[str] = LETTERS,
    text: str = "emma",
    other: str = "",
) -> Demo:
    """Watch a recurrent network read a text: its state and gates, step by step.

    Args:
        model: Module with one embedding, one nn.RNN, nn.GRU or nn.LSTM and one linear
            layer, or several of them by name; without one, an untrained RNN.
        chars: The symbols by their numbers; the first one marks start and end.
        text: What is read at the start, at most 24 symbols.
        other: Text to compare it with.

    Raises:
        TypeError: If a model has other layers.
        ValueError: If its recurrent layer or its number of symbols does not fit.
    """
    start, still = state(model, chars, text, other)
    sentence = (
        "MemoryLab: a recurrent network reads a text, symbol by symbol. A heat map shows "
        "the state of its units and its gates over time, bars the probabilities of the "
        f"next symbol. Here the states while it reads {text!r}."
    )
    return Demo("memory_lab", start, text=sentence, figure=still)


def export_model(model: Any) -> Weights:
    """Return the weights of an embedding, one recurrent layer and a linear layer.

    `table` holds for each symbol what it adds to the sums of all gates: its embedding
    times the input weights, and the biases. A GRU keeps one bias apart (`late`): the
    one that stands inside its reset gate.

    Raises:
        TypeError: If a layer is missing, or there are several.
        ValueError: If the recurrent layer has a form that the page cannot compute.
    """
    from torch import nn

    found = []
    for kinds in (nn.Embedding, nn.RNNBase, nn.Linear):
        layers = [part for part in model.modules() if isinstance(part, kinds)]
        if len(layers) != 1:
            raise TypeError(
                f"model must have one {kinds.__name__}, got {len(layers)}: it needs an "
                "embedding, a recurrent layer and a linear layer"
            )
        found.append(layers[0])
    embed, rnn, out = found
    if rnn.num_layers != 1 or rnn.bidirectional or rnn.mode == "RNN_RELU":
        raise ValueError(
            "the recurrent layer must have one layer, one direction and tanh, got "
            f"{rnn}"
        )
    if getattr(rnn, "proj_size", 0):
        raise ValueError("the recurrent layer must not project its state: proj_size=0")

    def array(tensor: Any) -> np.ndarray:
        return tensor.detach().cpu().double().numpy()

    kind = {"RNN_TANH": "rnn", "GRU": "gru", "LSTM": "lstm"}[rnn.mode]
    size = rnn.hidden_size
    biases = [np.zeros(GATES[kind] * size)] * 2
    if rnn.bias:
        biases = [array(rnn.bias_ih_l0), array(rnn.bias_hh_l0).copy()]
    weights: Weights = {"kind": kind, "size": size, "symbols": embed.num_embeddings}
    if kind == "gru":
        weights["late"] = biases[1][2 * size :].copy()
        biases[1][2 * size :] = 0
    weights["table"] = array(embed.weight) @ array(rnn.weight_ih_l0).T + sum(biases)
    weights["u"] = array(rnn.weight_hh_l0)
    weights["out"] = array(out.weight)
    bias = np.zeros(out.out_features) if out.bias is None else array(out.bias)
    return {**weights, "bias": bias}


def untrained(symbols: int, size: int = 12) -> Weights:
    """Return a small RNN with fixed random weights, for a demo without a model."""
    random = np.random.default_rng(0)
    turn = np.linalg.qr(random.normal(size=(size, size)))[0]
    return {
        "kind": "rnn",
        "size": size,
        "symbols": symbols,
        "table": random.normal(0, 0.6, (symbols, size)),
        "u": 0.9 * turn,
        "out": random.normal(0, 0.5, (symbols, size)),
        "bias": np.zeros(symbols),
    }


def states(weights: Weights, symbols: Sequence[int]) -> np.ndarray:
    """Return the state h after each symbol, shape (len(symbols), size)."""
    h = c = np.zeros(weights["size"])
    rows = []
    for symbol in symbols:
        x = np.split(weights["table"][symbol], GATES[weights["kind"]])
        v = np.split(weights["u"] @ h, GATES[weights["kind"]])
        if weights["kind"] == "rnn":
            h = np.tanh(x[0] + v[0])
        elif weights["kind"] == "gru":
            r, z = _sigmoid(x[0] + v[0]), _sigmoid(x[1] + v[1])
            n = np.tanh(x[2] + r * (v[2] + weights["late"]))
            h = (1 - z) * n + z * h
        else:
            i, f, o = (_sigmoid(x[k] + v[k]) for k in (0, 1, 3))
            c = f * c + i * np.tanh(x[2] + v[2])
            h = o * np.tanh(c)
        rows.append(h)
    return np.array(rows)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def state(
    model: Any, chars: Sequence[str], text: str, other: str
) -> tuple[dict[str, Any], str]:
    """Check the arguments; return the demo's state and its still picture."""
    chars = list(chars)
    if len(set(chars)) != len(chars) or any(len(symbol) != 1 for symbol in chars):
        raise ValueError(
            "chars must be different single characters, the first one for start and "
            f"end, got {chars!r}"
        )
    if model is None:
        named = {"untrained": untrained(len(chars))}
    else:
        named = dict(model) if isinstance(model, Mapping) else {"": model}
        named = {name: export_model(one) for name, one in named.items()}
    for name, weights in named.items():
        if not weights["symbols"] == len(weights["out"]) == len(chars):
            raise ValueError(
                f"model {name!r} must embed and answer {len(chars)} symbols, as many as "
                f"chars has, got {weights['symbols']} and {len(weights['out'])}"
            )
    first = next(iter(named.values()))
    codes = [0, *(chars.index(letter) for letter in text if letter in chars[1:])]
    still = figure(states(first, codes), [chars[code] for code in codes])
    models = [
        {
            key: pack(value, "float16") if isinstance(value, np.ndarray) else value
            for key, value in weights.items()
        }
        | {"name": name or weights["kind"].upper()}
        for name, weights in named.items()
    ]
    return {"models": models, "chars": chars, "text": text, "other": other}, still


def figure(rows: np.ndarray, letters: Sequence[str]) -> str:
    """Draw the first 16 units as a heat map, one column for each symbol."""
    rows = rows[:16, :16]
    cells = "".join(
        f'<path d="M{20 + 34 * k} {30 + 12 * j}h34v12h-34z" fill="'
        f'{"#d55e00" if value > 0 else "#0072b2"}" opacity="{abs(value):.2f}"/>'
        for k, row in enumerate(rows)
        for j, value in enumerate(row)
    )
    heads = "".join(
        f'<text x="{37 + 34 * k}" y="20">{"•" if k == 0 else letter}</text>'
        for k, letter in enumerate(letters[:16])
        if letter not in "<&"
    )
    heads = f'<g fill="#7d8792" text-anchor="middle" font-size="16">{heads}</g>'
    return svg(40 + 34 * len(rows), 40 + 12 * rows.shape[1], heads + cells)
