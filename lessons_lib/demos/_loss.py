"""Still picture and start values of LossExplorer."""

from collections.abc import Sequence
from typing import Any

import numpy as np

PARTS = ("numbers", "classes", "words")
# Eight points near y = 1 + 0.8 x, and an outlier at the end.
POINTS = (
    (1, 1.6),
    (2, 2.9),
    (3, 3.1),
    (4, 4.4),
    (5, 4.8),
    (6, 6.1),
    (7, 6.4),
    (8, 7.6),
    (9, 1.5),
)
WORDS = ("the", "cat", "sat", "on", "mats")


def state(part: str, words: Sequence[str]) -> dict[str, Any]:
    """Check the arguments of `loss_explorer` and return its module's state.

    Raises:
        ValueError: For an unknown part, or fewer than 2 or more than 8 words.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {PARTS}, got {part!r}")
    if not 2 <= len(words) <= 8:
        raise ValueError(f"words must be 2 to 8 texts, got {len(words)}")
    return {"part": part, "points": [list(p) for p in POINTS], "words": list(words)}


def figure() -> str:
    """Draw the points, the best line for the squared loss, and the line without it."""
    table = np.array(POINTS)

    def place(x: float, y: float) -> str:
        return f"{20 + 34 * x:.1f} {250 - 24 * y:.1f}"

    def line(points: np.ndarray) -> str:
        slope, start = np.polyfit(points[:, 0], points[:, 1], 1)
        return f"M{place(0, start)}L{place(10, start + 10 * slope)}"

    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="6"/>'
        for x, y in (place(*point).split() for point in POINTS)
    )
    return (
        '<svg viewBox="0 0 380 270" width="380" xmlns="http://www.w3.org/2000/svg">'
        '<path d="M20 10V250H370" fill="none" stroke="#7d8792"/>'
        f'<path d="{line(table)}" stroke="#c25400" stroke-width="3"/>'
        f'<path d="{line(table[:-1])}" stroke="#0072b2" stroke-width="3" '
        f'stroke-dasharray="9 4"/><g fill="#7d8792">{dots}</g></svg>'
    )
