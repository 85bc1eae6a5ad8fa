"""ConvLab: a kernel that slides over a small picture."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.packing import pack
from lessons_lib.demos.stills import tint

# Kernel and divisor of each preset; conv_lab_core.js has the same (a test compares them).
PRESETS = {
    "identity": ((0, 0, 0, 0, 1, 0, 0, 0, 0), 1),
    "box blur": ((1,) * 9, 9),
    "soft blur": ((1, 2, 1, 2, 4, 2, 1, 2, 1), 16),
    "sharpen": ((0, -1, 0, -1, 5, -1, 0, -1, 0), 1),
    "vertical edges": ((-1, 0, 1, -2, 0, 2, -1, 0, 1), 1),
    "horizontal edges": ((-1, -2, -1, 0, 0, 0, 1, 2, 1), 1),
    "outline": ((-1, -1, -1, -1, 8, -1, -1, -1, -1), 1),
    "emboss": ((-1, -1, 0, -1, 1, 1, 0, 1, 1), 1),
}
NAMES = ("digit", "bars", "photograph")
VERTICAL, HORIZONTAL = (0, 7), (9, 15)  # rows of the bars, first and last


def conv_lab(
    *,
    picture: str = "digit",
    kernel: str | Sequence[Sequence[float]] = "vertical edges",
    divide: int | None = None,
    bias: int = 0,
    stride: int = 1,
    padding: int = 0,
    relu: bool = False,
) -> Demo:
    """Edit a kernel, slide it over a small picture, and see every product and sum.

    Args:
        picture: "digit", "bars" or "photograph".
        kernel: A preset ("identity", "box blur", "soft blur", "sharpen",
            "vertical edges", "horizontal edges", "outline", "emboss") or 3 x 3 numbers.
        divide: Each sum is divided by this number; by default that of the preset.
        bias: Number that is added to each sum.
        stride: 1, 2 or 3.
        padding: 0, 1 or 2.
        relu: Replace negative outputs by 0.

    Raises:
        ValueError: For a value that the demo does not offer.
    """
    start = state(picture, kernel, divide, bias, stride, padding, relu)
    text = (
        "ConvLab: a kernel of nine numbers, which you edit, slides over a small picture. "
        "For each place you see the nine products and their sum, and the output builds "
        "up; stride, padding, bias and ReLU can be changed. Here a digit and its "
        "vertical edges."
    )
    return Demo("conv_lab", start, text=text, figure=figure())


@functools.cache
def pictures() -> dict[str, np.ndarray]:
    """Return the three pictures, uint8 from 0 (black) to 9 (white)."""
    from PIL import Image
    from sklearn.datasets import load_digits, load_sample_image

    digit = Image.fromarray((load_digits().images[42] * 255 / 16).astype(np.uint8))
    digit = np.asarray(digit.resize((16, 16), Image.Resampling.BICUBIC))
    photo = Image.fromarray(load_sample_image("china.jpg")).convert("L")
    # The tower: 400 x 400 pixels, of which each 10 x 10 become one.
    photo = photo.crop((10, 20, 410, 420)).resize((40, 40), Image.Resampling.BOX)
    bars = np.zeros((16, 16), np.uint8)
    bars[: VERTICAL[1] + 1, 2::4] = 9
    bars[10, :] = bars[13, :] = 9
    tone = np.asarray(photo).astype(float)
    tone = 255 * (tone - tone.min()) / (tone.max() - tone.min())
    return {"digit": _levels(digit), "bars": bars, "photograph": _levels(tone)}


def _levels(pixels: np.ndarray) -> np.ndarray:
    return np.round(pixels.astype(float) * 9 / 255).astype(np.uint8)


def state(
    picture: str,
    kernel: str | Sequence[Sequence[float]],
    divide: int | None,
    bias: int,
    stride: int,
    padding: int,
    relu: bool,
) -> dict[str, Any]:
    """Check the arguments of `conv_lab` and return the state of its module.

    Raises:
        ValueError: For a value that the demo does not offer.
    """
    for name, value, known in (
        ("picture", picture, NAMES),
        ("stride", stride, (1, 2, 3)),
        ("padding", padding, (0, 1, 2)),
    ):
        if value not in known:
            raise ValueError(f"{name} must be one of {known}, got {value!r}")
    if isinstance(kernel, str):
        if kernel not in PRESETS:
            raise ValueError(
                f"kernel must be 3 x 3 numbers or one of {tuple(PRESETS)}, "
                f"got {kernel!r}"
            )
        weights, preset_divide = PRESETS[kernel]
    else:
        array = np.asarray(kernel, dtype=float)
        if array.shape != (3, 3):
            raise ValueError(f"kernel must have shape (3, 3), got {array.shape}")
        weights, preset_divide = array.flatten().tolist(), 1
    about = {
        "digit": {"about": "A handwritten digit"},
        "bars": {
            "about": "Vertical bars above, horizontal bars below",
            "bars": {"vertical": VERTICAL, "horizontal": HORIZONTAL},
        },
        "photograph": {
            "about": "A photograph of a Chinese temple",
            "credit": "Photograph: danielbuechele, CC BY 2.0, shipped with "
            "scikit-learn; made small and grey.",
        },
    }
    return {
        "pictures": [
            {
                "name": name,
                "rows": len(pixels),
                "columns": pixels.shape[1],
                "values": pack(pixels, "uint8"),
                **about[name],
            }
            for name, pixels in pictures().items()
        ],
        "picture": picture,
        "kernel": list(weights),
        "divide": int(divide or preset_divide),
        "bias": int(bias),
        "stride": stride,
        "padding": padding,
        "relu": bool(relu),
    }


def figure() -> str:
    """Draw the digit and its vertical edges as SVG: one path for each shade."""
    pixels = pictures()["digit"].astype(int)
    kernel = np.array(PRESETS["vertical edges"][0]).reshape(3, 3)
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (3, 3))
    edges = (windows * kernel).sum(axis=(2, 3))
    greys = {level: f"#{round(level * 255 / 9):02x}" for level in range(10)}
    left = _paths(pixels, {level: "#" + 3 * code[1:] for level, code in greys.items()})
    shades = np.round(4 * edges / np.abs(edges).max()).astype(int)
    right = _paths(shades, {level: tint(level / 4) for level in range(-4, 5)})
    return (
        '<svg viewBox="0 0 35 17" width="560" xmlns="http://www.w3.org/2000/svg" '
        f'shape-rendering="crispEdges"><g>{left}</g>'
        f'<g transform="translate(19 1)">{right}</g>'
        '<path d="M16.7 8h1.4m-.5-.5.5.5-.5.5" fill="none" stroke="#7d8792" '
        'stroke-width=".2" shape-rendering="auto"/></svg>'
    )


def _paths(levels: np.ndarray, colors: dict[int, str]) -> str:
    """Return one SVG path for each level, of rows of equal neighbours."""
    paths = {level: [] for level in colors}
    for y, row in enumerate(levels.tolist()):
        start = 0
        for x in range(1, len(row) + 1):
            if x == len(row) or row[x] != row[start]:
                paths[row[start]].append(f"M{start} {y}h{x - start}v1h{start - x}z")
                start = x
    return "".join(
        f'<path fill="{colors[level]}" d="{"".join(parts)}"/>'
        for level, parts in paths.items()
        if parts
    )
