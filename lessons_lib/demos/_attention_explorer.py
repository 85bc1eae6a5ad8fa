"""AttentionExplorer: which words a word looks at."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.packing import pack
from lessons_lib.demos.stills import svg

FEATURES = ("water", "money", "vague", "noun")
# The embeddings of the lesson transformers/attention.
WORDS = {
    "the": (0, 0, 0, -1),
    "of": (0, 0, 0, -1),
    "by": (0, 0, 0, -1),
    "was": (0, 0, 0, -1),
    "closed": (0, 0, 0, -1),
    "us": (0, 0, 0, 1),
    "bank": (1, 1, 1, 1),
    "river": (2, 0, 0, 1),
    "money": (0, 2, 0, 1),
    "lent": (0, 1, 0, -1),
}
SENTENCES = {
    "river": "the bank of the river",
    "money": "the bank lent us money",
    "both": "the bank by the river lent us money",
    "before": "the river bank",
    "neither": "the bank was closed",
}
_KEEP = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
_TOPIC = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))
HEADS = (
    {
        "name": "topic",
        "query": ((1, 0, 0, 0), (0, 1, 0, 0), (1, 1, -4, 0), (0, 0, 0, 0)),
        "key": _KEEP,
        "value": _TOPIC,
    },
    {
        "name": "grammar",
        "query": ((0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, -2)),
        "key": _KEEP,
        "value": _TOPIC,
    },
)
TEMPERATURES = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)


def attention_explorer(
    tokens: Sequence[object] | None = None,
    *,
    weights: Any = None,
    layer: int = 0,
    head: int = 0,
    selected: int | None = None,
    dtype: str = "uint8",
    sentence: str = "river",
    causal: bool = False,
    scaled: bool = True,
    temperature: float = 1.0,
) -> Demo:
    """See which words a word looks at: by hand, or in a model that was trained.

    Args:
        tokens: The tokens of a model's input; without them, sentences with hand-made
            queries, keys and values, which the reader can change.
        weights: What the softmax gave, shape (layers, heads, T, T) or with the first
            one or two left out; rows are the tokens that look.
        layer: Layer at the start, from 0.
        head: Head at the start, from 0; -1 for the mean of the heads.
        selected: The token that is chosen at the start; default "bank", or the last.
        dtype: How weights are stored in the page, "uint8" or "float16".
        sentence: Without tokens: "river", "money", "both", "before" or "neither".
        causal: Without tokens: start with the causal mask.
        scaled: Without tokens: divide the scores by the root of head_dim.
        temperature: Without tokens: one of the slider's, for example 0.5, 1 or 2.

    Raises:
        ValueError: For weights that do not fit the tokens, or an unknown setting.
    """
    if (tokens is None) != (weights is None):
        raise ValueError("tokens and weights belong together: give both or neither")
    if tokens is None:
        state = hand_state(sentence, causal, scaled, temperature, selected)
        text = (
            "AttentionExplorer: choose a word and see as arcs, shades and numbers how "
            "much it looks at each other word. Its query, the temperature, the scaling "
            "and a causal mask can be changed. Here the bank of the river: bank gives "
            "0.65 of its weight to river."
        )
    else:
        state = trained_state(tokens, weights, layer, head, selected, dtype)
        text = (
            f"AttentionExplorer: {len(state['tokens'])} tokens and the weights with which "
            "a trained model looks from each to the others, for each layer and head."
        )
    still = figure() if tokens is None else None
    return Demo("attention_explorer", state, text=text, figure=still)


def hand_state(
    sentence: str, causal: bool, scaled: bool, temperature: float, selected: int | None
) -> dict[str, Any]:
    """Return the state for the hand-made sentences.

    Raises:
        ValueError: For a sentence or temperature that the demo does not offer, or a
            token that the sentence does not have.
    """
    if sentence not in SENTENCES:
        raise ValueError(
            f"sentence must be one of {', '.join(SENTENCES)}, got {sentence!r}"
        )
    if temperature not in TEMPERATURES:
        raise ValueError(
            f"temperature must be one of {TEMPERATURES}, got {temperature!r}"
        )
    tokens = SENTENCES[sentence].split()
    _check_selected(selected, len(tokens))
    return {
        "features": FEATURES,
        "words": WORDS,
        "heads": HEADS,
        "sentences": [[name, text] for name, text in SENTENCES.items()],
        "sentence": sentence,
        "causal": bool(causal),
        "scaled": bool(scaled),
        "temperature": float(temperature),
        "temperatures": TEMPERATURES,
        "selected": tokens.index("bank") if selected is None else selected,
    }


def trained_state(
    tokens: Sequence[object], weights: Any, layer: int, head: int,
    selected: int | None, dtype: str,
) -> dict[str, Any]:  # fmt: skip
    """Return the state for the weights of a model.

    Raises:
        ValueError: If the weights do not fit the tokens, are no weights, or the
            layer, head, token or dtype does not exist.
    """
    if hasattr(weights, "detach"):
        weights = weights.detach().cpu().float().numpy()
    array = np.asarray(weights, dtype=np.float32)
    array = array.reshape((1,) * (4 - array.ndim) + array.shape)
    words = [str(token) for token in tokens]
    size = len(words)
    if array.ndim != 4 or array.shape[2:] != (size, size) or not size:
        raise ValueError(
            f"weights must have shape (layers, heads, {size}, {size}) for {size} "
            f"tokens, got {tuple(np.shape(weights))}"
        )
    sums = array.sum(axis=-1)
    is_row = np.isclose(sums, 1, atol=0.02) | (sums == 0)
    if not np.isfinite(array).all() or array.min() < 0 or not is_row.all():
        raise ValueError(
            "weights must be from 0 to 1 and sum to 1 in each row: give what comes out "
            "of the softmax, not the scores"
        )
    for name, value, count in (("layer", layer, len(array)), ("head", head, array.shape[1])):
        if not -1 <= value < count or (name == "layer" and value < 0):
            raise ValueError(f"{name} must be below {count}, got {value!r}")
    if dtype not in ("uint8", "float16"):
        raise ValueError(f"dtype must be uint8 or float16, got {dtype!r}")
    _check_selected(selected, size)
    stored = np.round(255 * array) if dtype == "uint8" else array
    return {
        "tokens": words,
        "weights": pack(stored, dtype),
        "layer": layer,
        "head": head,
        "selected": size - 1 if selected is None else selected,
    }


def _check_selected(selected: int | None, count: int) -> None:
    if selected is not None and not 0 <= selected < count:
        raise ValueError(f"selected must be from 0 to {count - 1}, got {selected!r}")


def weights_of(sentence: str, head: int = 0) -> np.ndarray:
    """Return the weights (T, T) of a hand-made sentence, as the demo computes them."""
    x = np.array([WORDS[word] for word in SENTENCES[sentence].split()], dtype=float)
    q, k = (x @ np.array(HEADS[head][part]) for part in ("query", "key"))
    exps = np.exp(q @ k.T / math.sqrt(len(FEATURES)))
    return exps / exps.sum(axis=1, keepdims=True)


def figure() -> str:
    """Draw the river sentence with the arcs of "bank", as SVG."""
    words = SENTENCES["river"].split()
    row = weights_of("river")[words.index("bank")]
    places = [50 + 100 * i for i in range(len(words))]
    start = places[words.index("bank")]
    arcs = "".join(
        f'<path d="M{start} 90Q{(start + x) / 2:g} {90 - 0.75 * abs(x - start):g} {x} 90" '
        f'stroke-width="{1 + 12 * weight:.1f}" stroke-opacity="{0.3 + 0.7 * weight:.2f}"/>'
        for x, weight in zip(places, row, strict=True)
        if x != start
    )
    texts = "".join(
        f'<text x="{x}" y="116">{word}</text>'
        f'<text x="{x}" y="138" font-size="13">{weight:.2f}</text>'
        for x, word, weight in zip(places, words, row, strict=True)
    )
    content = (
        f'<g fill="none" stroke="#2e86c1">{arcs}</g>'
        '<g fill="#7d8792" font-family="sans-serif" font-size="18" '
        f'text-anchor="middle">{texts}</g>'
    )
    return svg(500, 150, content)
