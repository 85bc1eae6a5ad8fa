"""DiffusionLab: points of the plane, or a digit, that come out of noise."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.packing import pack_rows
from lessons_lib.demos.stills import svg

PARTS = ("digits", "points")
DATA = ("moons", "ring", "spirals")  # those of diffusion_core.js; a test compares them
SAMPLERS = ("ddpm", "ddim", "flow")
DIGIT_STEPS = (1, 2, 3, 5, 10, 20, 50)
POINT_STEPS = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)


def diffusion_lab(
    part: str = "points",
    *,
    data: str = "moons",
    sampler: str = "ddpm",
    digit: int = 3,
    steps: int = 10,
    guidance: float = 2.5,
    weights: Mapping[str, Any] | None = None,
) -> Demo:
    """Watch points of the plane, or a handwritten digit, come out of noise.

    Args:
        part: "points", with the exact answer for known data, or "digits", with the
            network of the lesson `diffusion`.
        data: Of the points: "moons", "ring" or "spirals".
        sampler: Of the points: "ddpm", "ddim" or "flow".
        digit: The digit that is asked for at the start.
        steps: Steps of the sampler at the start, one of the slider's.
        guidance: Guidance scale at the start, 0 to 8.
        weights: Of the digits: state_dict of a `UNet` for pictures of 28 x 28; default
            `load_weights("diffusion")`.

    Raises:
        ValueError: For a setting that the demo does not offer.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {PARTS}, got {part!r}")
    if part == "points":
        state = points_state(data, sampler, steps, guidance)
        text = (
            "DiffusionLab: 500 points go from noise to two moons, a ring or spirals, and "
            "back, along a time slider. The sampler (DDPM, DDIM or flow), the steps, a "
            "class and the guidance can be chosen; the distance to the data is measured."
        )
    else:
        if weights is None:
            from lessons_lib.weights import load_weights

            weights = load_weights("diffusion")
        state = digits_state(weights, digit, steps, guidance)
        text = (
            "DiffusionLab: a handwritten digit that you choose comes out of noise, step by "
            "step, drawn in the page by the network of this lesson. Steps and guidance can "
            "be chosen, and a finished digit can go back into noise and become another."
        )
    return Demo("diffusion_lab", state, text=text, figure=figure())


def digits_state(
    weights: Mapping[str, Any], digit: int, steps: int, guidance: float
) -> dict[str, Any]:
    """Check the settings of the digits and return the state of the module."""
    if digit not in range(10):
        raise ValueError(f"digit must be a whole number from 0 to 9, got {digit!r}")
    _check_steps(steps, DIGIT_STEPS, guidance)
    return {
        "part": "digits",
        "net": pack_rows(weights),
        "steps": list(DIGIT_STEPS),
        "settings": {"digit": digit, "steps": steps, "guidance": guidance},
    }


def points_state(
    data: str, sampler: str, steps: int, guidance: float
) -> dict[str, Any]:
    """Check the settings of the points and return the state of the module."""
    if data not in DATA:
        raise ValueError(f"data must be one of {DATA}, got {data!r}")
    if sampler not in SAMPLERS:
        raise ValueError(f"sampler must be one of {SAMPLERS}, got {sampler!r}")
    _check_steps(steps, POINT_STEPS, guidance)
    settings = {"data": data, "sampler": sampler, "steps": steps, "guidance": guidance}
    return {"part": "points", "steps": list(POINT_STEPS), "settings": settings}


def _check_steps(steps: int, known: tuple[int, ...], guidance: float) -> None:
    if steps not in known:
        raise ValueError(f"steps must be one of {known}, got {steps!r}")
    if not 0 <= guidance <= 8:
        raise ValueError(f"guidance must be from 0 to 8, got {guidance!r}")


def figure() -> str:
    """Draw noise that becomes a ring of eight spots, in four pictures."""
    random = np.random.default_rng(0)
    corners = math.pi / 4 * random.integers(0, 8, 70)
    clean = 1.7 * np.stack([np.cos(corners), np.sin(corners)], 1)
    clean += 0.09 * random.normal(size=clean.shape)
    noise = random.normal(size=clean.shape)
    dots = "".join(
        f'<circle cx="{65 + 130 * panel + 24 * x:.0f}" cy="{65 - 24 * y:.0f}" r="2"/>'
        for panel, t in enumerate((0, 0.5, 0.8, 1))
        for x, y in ((1 - t) * noise + t * clean).clip(-2.5, 2.5)
    )
    frames = "".join(
        f'<rect x="{130 * k + 3}" y="3" width="124" height="124"/>' for k in range(4)
    )
    content = (
        f'<g fill="none" stroke="#7d8792">{frames}</g>'
        f'<g fill="#0072b2">{dots}</g>'
    )
    return svg(520, 130, content)
