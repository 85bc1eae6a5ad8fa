"""NeuronLab: the line that one neuron draws."""

import math
from collections.abc import Sequence
from typing import Any

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.stills import svg, tint

# The mornings of the lesson: hours of sleep, °C outside, 1 = coffee.
MORNINGS = ((5, 10, 1), (9, 25, 0), (7, 20, 0))
AXES = (("sleep", "h", 0, 12, 0.1), ("outside", "°C", -5, 35, 0.5))
LIMITS = ((3, 0.05), (1, 0.01), (24, 0.1))
ACTIVATIONS = ("sigmoid", "step", "tanh", "relu", "linear")

_Pair = tuple[float, float]


def neuron_lab(
    *,
    weights: Sequence[float] = (-0.5, -0.1),
    bias: float = 4.0,
    activation: str = "sigmoid",
    points: Sequence[Sequence[float]] | None = None,
    axes: Sequence[Sequence[Any]] | None = None,
    classes: Sequence[str] | None = None,
    limits: Sequence[Sequence[float]] | None = None,
) -> Demo:
    """Turn, shift and sharpen the line that one neuron draws.

    Args:
        weights: Start values of the two weights.
        bias: Start value of the bias.
        activation: "sigmoid", "step", "tanh", "relu" or "linear".
        points: Examples (x1, x2, 0 or 1); default: the mornings of the first lesson.
        axes: For each input (name, unit, low, high, step).
        classes: What 0 and 1 are called, default ("tea", "coffee").
        limits: For each of the three sliders (largest value, step).

    Raises:
        ValueError: For an argument of another form, or a value that no slider reaches.
    """
    start = state(weights, bias, activation, points, axes, classes, limits)
    text = (
        "NeuronLab: a neuron with two inputs colours the plane by its answer. Sliders "
        "set its two weights, its bias and the activation; a ring that you move "
        "through the plane shows the sum for one point, step by step."
    )
    return Demo("neuron_lab", start, text=text, figure=figure(start))


def state(
    weights: Sequence[float],
    bias: float,
    activation: str,
    points: Sequence[Sequence[float]] | None,
    axes: Sequence[Sequence[Any]] | None,
    classes: Sequence[str] | None,
    limits: Sequence[Sequence[float]] | None,
) -> dict[str, Any]:
    """Check the arguments of `neuron_lab` and return the state of its module.

    Raises:
        ValueError: For an unknown activation, or points or axes of a wrong form.
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {ACTIVATIONS}, got {activation!r}")
    if points is not None and not all(len(p) == 3 and p[2] in (0, 1) for p in points):
        raise ValueError(f"points must be (x1, x2, 0 or 1) each, got {points!r}")
    if axes is not None and [len(axis) for axis in axes] != [5, 5]:
        raise ValueError(
            f"axes must be two times (name, unit, low, high, step), got {axes!r}"
        )
    named = [
        {"name": name, "unit": unit, "range": [low, high], "step": step}
        for name, unit, low, high, step in axes or AXES
    ]
    return {
        "w": [float(value) for value in weights],
        "b": float(bias),
        "activation": activation,
        "points": [list(point) for point in points or MORNINGS],
        "axes": named,
        "classes": list(classes or ("tea", "coffee")),
        "limits": [list(limit) for limit in limits or LIMITS],
        "goals": points is None and axes is None and classes is None,
    }


def figure(state: dict[str, Any], width: int = 420, height: int = 360) -> str:
    """Draw the plane of `state`, coloured by a sigmoid, as SVG."""
    (x0, x1), (y0, y1) = (axis["range"] for axis in state["axes"])
    (w1, w2), bias = state["w"], state["b"]

    def place(x: float, y: float) -> _Pair:
        return (
            round(40 + (x - x0) / (x1 - x0) * (width - 50), 1),
            round(height - 30 - (y - y0) / (y1 - y0) * (height - 40), 1),
        )

    def weighted(point: _Pair) -> float:
        return w1 * point[0] + w2 * point[1] + bias

    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    parts = []
    for i in range(7):
        low, high = (_logit(level / 7) for level in (i, i + 1))
        region = _keep(_keep(corners, weighted, low, 1), weighted, high, -1)
        if len(region) > 2:
            parts.append(
                f'<path fill="{tint((2 * i + 1) / 7 - 1)}" '
                f'd="M{" ".join(f"{a},{b}" for a, b in (place(*p) for p in region))}Z"/>'
            )
    for x, y, target in state["points"]:
        a, b = place(x, y)
        mark = (
            f'<path d="M{a} {b - 8}l8 14h-16z"/>'
            if target
            else f'<circle cx="{a}" cy="{b}" r="7"/>'
        )
        parts.append(f'<g fill="#1c2228" stroke="#fff" stroke-width="2">{mark}</g>')
    names = [f"{axis['name']} ({axis['unit']})" for axis in state["axes"]]
    content = (
        f'{"".join(parts)}<g fill="#7d8792" font-size="13" font-family="sans-serif">'
        f'<text x="{width / 2}" y="{height - 8}">{names[0]}: {x0} to {x1}</text>'
        f'<text transform="translate(24 {height - 60}) rotate(-90)">'
        f"{names[1]}: {y0} to {y1}</text></g>"
    )
    return svg(width, height, content)


def _logit(level: float) -> float:
    """Return z with sigmoid(z) = level; far outside for 0 and 1."""
    return math.log(level / (1 - level)) if 0 < level < 1 else (level - 0.5) * 1e6


def _keep(corners: list[_Pair], value, bound: float, sign: int) -> list[_Pair]:
    """Return the part of a convex polygon where sign * (value - bound) >= 0."""
    kept = []
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        a, b = (sign * (value(point) - bound) for point in (start, end))
        if a >= 0:
            kept.append(start)
        if a * b < 0:
            t = a / (a - b)
            kept.append(tuple(s + t * (e - s) for s, e in zip(start, end, strict=True)))
    return kept
