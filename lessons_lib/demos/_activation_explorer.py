"""ActivationExplorer: activations, their slopes, and what many layers leave."""

import math

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.stills import svg

NAMES = ("sigmoid", "tanh", "relu", "leaky", "elu", "gelu", "silu", "mish")


def activation_explorer(
    name: str = "sigmoid", *, depth: int = 20, x: float = 1.0
) -> Demo:
    """Follow an activation, its slope, and the gradient that many layers leave.

    Args:
        name: "sigmoid", "tanh", "relu", "leaky", "elu", "gelu", "silu" or "mish".
        depth: Layers at the start, 1 to 50.
        x: Where the movable point starts, -5 to 5.

    Raises:
        ValueError: For an activation, depth or place that the demo does not offer.
    """
    if name not in NAMES:
        raise ValueError(f"name must be one of {NAMES}, got {name!r}")
    if not 1 <= depth <= 50:
        raise ValueError(f"depth must be from 1 to 50 layers, got {depth}")
    if not -5 <= x <= 5:
        raise ValueError(f"x must be from -5 to 5, got {x}")
    text = (
        "ActivationExplorer: eight activation functions with their slopes and a movable "
        "tangent, and the product of the slopes over up to 50 layers: the part of the "
        "gradient that survives, on a logarithmic scale."
    )
    state = {"name": name, "depth": int(depth), "x": float(x)}
    return Demo("activation_explorer", state, text=text, figure=figure())


def figure() -> str:
    """Draw the sigmoid, its slope, and the largest product of slopes over 20 layers."""
    grid = [i / 5 for i in range(-25, 26)]
    curve = [1 / (1 + math.exp(-x)) for x in grid]
    slope = [y * (1 - y) for y in curve]

    def path(values: list[float]) -> str:
        points = (
            f"{20 + 26 * (x + 5):.1f} {180 - 150 * y:.1f}"
            for x, y in zip(grid, values, strict=True)
        )
        return "M" + "L".join(points)

    bars = "".join(
        f'<rect x="{320 + 11 * i}" y="{180 - h:.1f}" width="8" height="{h:.1f}"/>'
        for i, h in enumerate(150 + 12 * i * math.log10(0.25) for i in range(21))
    )
    content = (
        '<path d="M20 180H280M150 20V180M315 180H555" stroke="#7d8792"/>'
        f'<g fill="none" stroke-width="3"><path d="{path(curve)}" stroke="#0072b2"/>'
        f'<path d="{path(slope)}" stroke="#c25400" stroke-dasharray="6 4"/></g>'
        f'<g fill="#0072b2">{bars}</g>'
        '<g fill="#7d8792" font-size="13" font-family="sans-serif">'
        '<text x="20" y="202">sigmoid and its slope</text>'
        '<text x="315" y="202">0.25 to the power 0 to 20 (logarithmic)</text></g>'
    )
    return svg(560, 215, content)
