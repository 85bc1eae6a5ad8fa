"""PerceptronTrainer: points of two classes, and the rule that moves a line."""

from collections.abc import Sequence
from typing import Any

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.stills import svg

PRESETS = ("and", "or", "xor", "separable", "overlapping", "none")


def perceptron_trainer(
    preset: str = "and", *, points: Sequence[Sequence[float]] | None = None
) -> Demo:
    """Place points of two classes and watch the perceptron rule move its line.

    Args:
        preset: "and", "or", "xor", "separable", "overlapping" or "none".
        points: Own points (x1, x2, -1 or 1), coordinates from -2 to 2.

    Raises:
        ValueError: For an unknown preset, or points that are no labelled points.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {PRESETS}, got {preset!r}")
    state: dict[str, Any] = {"preset": preset, "points": None}
    if points is not None:
        state = {"preset": "none", "points": [_placed(point) for point in points]}
    text = (
        "PerceptronTrainer: place points of two classes, then step or run the learning "
        "rule. Each mistake adds the example to the weights and turns the line; "
        "mistakes are counted against the bound, and XOR makes it go in circles."
    )
    return Demo("perceptron_trainer", state, text=text, figure=figure())


def _placed(point: Sequence[float]) -> list[float]:
    """Check one point and put it onto the grid of the page."""
    if len(point) != 3 or point[2] not in (-1, 1) or max(map(abs, point[:2])) > 2:
        raise ValueError(
            "points must be (x1, x2, -1 or 1) with x1 and x2 from -2 to 2, "
            f"got {tuple(point)}"
        )
    x, y, target = point
    return [round(float(x), 1), round(float(y), 1), int(target)]


def figure() -> str:
    """Draw the four corners of AND, the line that the rule finds, and its normal."""

    def place(x: float, y: float) -> str:
        return f"{20 + 75 * (x + 2):g} {320 - 75 * (y + 2):g}"

    # The rule ends at w = (3, 2), b = -4 for AND: x2 = 2 - 1.5 x1.
    line = f"M{place(0, 2)}L{place(8 / 3, -2)}"
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="8"/>'
        for x, y in (place(a, b).split() for a, b in ((0, 0), (0, 1), (1, 0)))
    )
    start, end = place(12 / 13, 8 / 13), place(12 / 13 + 0.45, 8 / 13 + 0.3)
    content = (
        '<path d="M20 20V320H320V20Z" fill="none" stroke="#7d8792"/>'
        f'<path d="{line}" stroke="#7d8792" stroke-width="3"/>'
        f'<path d="M{start}L{end}" stroke="#8f3f8f" stroke-width="4"/>'
        f'<g fill="#0072b2">{dots}</g>'
        f'<path d="M{place(1, 1)}m0 -11l10 18h-20z" fill="#c25400"/>'
    )
    return svg(340, 340, content)
