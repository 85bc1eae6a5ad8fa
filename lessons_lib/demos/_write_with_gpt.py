"""WriteWithGPT: a small GPT that writes on from a prompt."""

import html
import math
from collections.abc import Sequence
from typing import Any

import torch

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.packing import pack_rows, rounded
from lessons_lib.models import GPT

PROMPT_LIMIT = 500  # characters; the page keeps 2,000 in all
CONTEXT = 128


def write_with_gpt(
    model: Any = None,
    chars: Sequence[str] | None = None,
    *,
    prompt: str = "ROMEO:\n",
    temperature: float = 0.8,
    top_k: int = 0,
    top_p: float = 1.0,
    context: int | None = None,
) -> Demo:
    """Let a GPT write in the page, one character at a time, and see how it chooses.

    Args:
        model: A GPT, trained on single characters; default: that of the lesson.
        chars: The characters by their numbers; given together with a model.
        prompt: The text that the model goes on with, at the start.
        temperature: At the start, 0 (always the most probable character) to 2.
        top_k: At the start; only so many characters may come, 0 for all.
        top_p: At the start; only the most probable that together reach this share.
        context: Characters that the model looks back at, as in its training; default
            128.

    Raises:
        TypeError: If the model is not a GPT.
        ValueError: If the characters, the prompt or a setting do not fit.
    """
    if (model is None) != (chars is None):
        raise ValueError("model and chars belong together: give both or neither")
    known = CONTEXT
    if model is None:
        model, chars, known = trained()
    context = known if context is None else context
    start, page_model = state(model, chars, context, prompt, temperature, top_k, top_p)
    text = (
        "WriteWithGPT: a small GPT writes on from a prompt, one character at a time. Bars "
        "show what it thinks comes next and what temperature, top-k and top-p leave of "
        "it; shades show which characters it looks at, and how each surprised it."
    )
    still = figure(page_model, chars, prompt, context)
    return Demo("write_with_gpt", start, text=text, figure=still)


def trained() -> tuple[GPT, str, int]:
    """Return the GPT of the lesson, its characters and the length of its context."""
    from lessons_lib.weights import about_weights, load_weights

    about = about_weights("tiny_gpt")
    model = GPT(**about["model"])
    model.load_state_dict(load_weights("tiny_gpt"))
    return model, about["chars"], about["context"]


def state(
    model: Any,
    chars: Sequence[str],
    context: int,
    prompt: str,
    temperature: float,
    top_k: int,
    top_p: float,
) -> tuple[dict[str, Any], GPT]:
    """Check everything; return the state of the module and the model as it has it."""
    sizes = sizes_of(model)
    _check_chars(chars, sizes["vocab_size"])
    _check_whole("context", context, 2, 1024)
    if not isinstance(prompt, str) or not 0 < len(prompt) <= PROMPT_LIMIT:
        raise ValueError(
            f"prompt must be a text of 1 to {PROMPT_LIMIT} characters, got {prompt!r}"
        )
    unknown = sorted(set(prompt) - set(chars))
    if unknown:
        raise ValueError(
            f"prompt must have only characters of the model, got {unknown}: leave them "
            f"out, or train on a text that has them; known are {''.join(chars)!r}"
        )
    _check_number(
        "temperature", temperature, 0 <= _real(temperature) <= 2, "from 0 to 2"
    )
    _check_whole("top_k", top_k, 0, len(chars), ", 0 for no limit")
    _check_number(
        "top_p", top_p, 0 < _real(top_p) <= 1, "above 0 and at most 1, 1 for no limit"
    )
    page_model = GPT(**sizes)
    page_model.load_state_dict(rounded(model.state_dict()))
    result = {
        "net": pack_rows(model.state_dict()),
        "sizes": {
            "vocab": sizes["vocab_size"],
            "dim": sizes["embed_dim"],
            "heads": sizes["num_heads"],
            "layers": sizes["num_layers"],
            "context": context,
        },
        "chars": "".join(chars),
        "settings": {
            "prompt": prompt,
            "temperature": float(temperature),
            "topK": top_k,
            "topP": float(top_p),
        },
    }
    return result, page_model


def sizes_of(model: Any) -> dict[str, int]:
    """Return the arguments that make a GPT of the same sizes.

    Raises:
        TypeError: If the model is not a GPT, or computes something else.
    """
    remedy = "use lessons_lib.models.GPT, or the class that this lesson builds"
    try:
        vocab_size, embed_dim = model.embed.weight.shape
        sizes = {
            "vocab_size": vocab_size,
            "embed_dim": embed_dim,
            "num_heads": model.blocks[0].attention.num_heads,
            "num_layers": len(model.blocks),
        }
        same = GPT(**sizes)
        same.load_state_dict(model.state_dict())
    except (AttributeError, IndexError, TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"model must be a GPT, got {type(model).__name__}: {remedy}"
        ) from error
    # A class of the same parts may still put them together in another way.
    tokens = torch.arange(12)[None] % vocab_size
    was_training = model.training
    model.eval()
    with torch.no_grad():
        found = model(tokens.to(model.embed.weight.device)).cpu().float()
        expected = same(tokens)
    model.train(was_training)
    if found.shape != expected.shape or not torch.allclose(found, expected, atol=1e-2):
        raise TypeError(
            "model must compute what lessons_lib.models.GPT computes, got a "
            f"{type(model).__name__} with other logits for the same weights: {remedy}"
        )
    return sizes


def _check_chars(chars: Sequence[str], vocab_size: int) -> None:
    listed = list(chars)
    if any(not isinstance(char, str) or len(char) != 1 for char in listed):
        wrong = next(c for c in listed if not isinstance(c, str) or len(c) != 1)
        raise ValueError(f"chars must be single characters, got {wrong!r} among them")
    if len(set(listed)) != len(listed):
        twice = next(char for char in listed if listed.count(char) > 1)
        raise ValueError(
            f"chars must all differ, got {twice!r} more than once: use sorted(set(text))"
        )
    if len(listed) != vocab_size:
        raise ValueError(
            f"chars must have {vocab_size} entries, one for each token of the model, "
            f"got {len(listed)}: use those that the model was trained with"
        )


def _real(value: Any) -> float:
    """Return a number as it is, and not-a-number for what is none."""
    is_real = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_real else math.nan


def _check_number(name: str, value: Any, is_right: bool, expected: str) -> None:
    if not is_right:
        raise ValueError(f"{name} must be a number {expected}, got {value!r}")


def _check_whole(name: str, value: Any, low: int, high: int, more: str = "") -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not (is_whole and low <= value <= high):
        raise ValueError(
            f"{name} must be a whole number from {low} to {high}{more}, got {value!r}"
        )


def shown(char: str) -> str:
    """Return a sign that can be seen for a space or a line end."""
    return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(char, char)


def figure(model: GPT, chars: Sequence[str], prompt: str, context: int) -> str:
    """Draw the eight most probable characters after the prompt."""
    numbers = [list(chars).index(char) for char in prompt[-context:]]
    with torch.no_grad():
        probs = model(torch.tensor([numbers]))[0, -1].softmax(0)
    top = probs.topk(min(8, len(probs)))
    end = "…" * (len(prompt) > 24) + "".join(map(shown, prompt[-24:]))
    lines = [f'<text x="8" y="20">After {html.escape(end)} comes</text>']
    for row, (p, token) in enumerate(zip(*top, strict=True)):
        y = 34 + 24 * row
        lines.append(
            f'<text x="8" y="{y + 14}">{html.escape(shown(chars[token]))}</text>'
            f'<rect x="34" y="{y}" width="{max(1, 300 * p):.0f}" height="18" '
            'fill="#0072b2"/>'
            f'<text x="{42 + 300 * p:.0f}" y="{y + 14}">{100 * p:.0f} %</text>'
        )
    height = 40 + 24 * len(top.values)
    return (
        f'<svg viewBox="0 0 420 {height}" width="420" '
        'xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="15" '
        f'fill="currentColor">{"".join(lines)}</svg>'
    )
