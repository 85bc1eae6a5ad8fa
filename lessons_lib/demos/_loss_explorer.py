"""LossExplorer: an outlier, a confident mistake, and perplexity."""

from collections.abc import Sequence

import numpy as np

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.stills import svg

PARTS = ("numbers", "classes", "words")
# Eight points near y = 1 + 0.8 x, and an outlier at the end.
POINTS = (
    (1, 1.6), (2, 2.9), (3, 3.1), (4, 4.4), (5, 4.8), (6, 6.1), (7, 6.4), (8, 7.6),
    (9, 1.5),
)  # fmt: skip
WORDS = ("the", "cat", "sat", "on", "mats")


def loss_explorer(part: str = "numbers", *, words: Sequence[str] = WORDS) -> Demo:
    """Compare losses: an outlier, a confident mistake, and perplexity.

    Args:
        part: What is open at the start: "numbers", "classes" or "words".
        words: Two to eight words whose probabilities set the perplexity.

    Raises:
        ValueError: For an unknown part, or too few or too many words.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {PARTS}, got {part!r}")
    if not 2 <= len(words) <= 8:
        raise ValueError(f"words must be 2 to 8 texts, got {len(words)}")
    text = (
        "LossExplorer: drag an outlier and see the best line for squared, absolute and "
        "Huber loss; compare cross-entropy with squared error on a confident mistake; "
        "turn the probabilities of words into a perplexity."
    )
    state = {"part": part, "points": [list(p) for p in POINTS], "words": list(words)}
    return Demo("loss_explorer", state, text=text, figure=figure())


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
    content = (
        '<path d="M20 10V250H370" fill="none" stroke="#7d8792"/>'
        f'<path d="{line(table)}" stroke="#c25400" stroke-width="3"/>'
        f'<path d="{line(table[:-1])}" stroke="#0072b2" stroke-width="3" '
        f'stroke-dasharray="9 4"/><g fill="#7d8792">{dots}</g>'
    )
    return svg(380, 270, content)
