"""State and still pictures of DiffusionLab."""

import math
from typing import Any

import numpy as np

from lessons_lib.demos import _packing

PARTS = ("digits", "points")
DATA = ("moons", "ring", "spirals")  # those of diffusion_core.js; a test compares them
SAMPLERS = ("ddpm", "ddim", "flow")
DIGIT_STEPS = (1, 2, 3, 5, 10, 20, 50)
POINT_STEPS = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)

export_unet, rounded = _packing.pack_rows, _packing.rounded


def digits_state(
    weights: dict[str, Any], digit: int, steps: int, guidance: float, pack: Any
) -> dict[str, Any]:
    """Check the settings of the digits and return the state of the module."""
    if digit not in range(10):
        raise ValueError(f"digit must be a whole number from 0 to 9, got {digit!r}")
    _check_steps(steps, DIGIT_STEPS, guidance)
    return {
        "part": "digits",
        "net": export_unet(weights, pack),
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
    parts = []
    for panel, t in enumerate((0, 0.5, 0.8, 1)):
        points = (1 - t) * noise + t * clean
        dots = "".join(
            f'<circle cx="{65 + 130 * panel + 24 * x:.0f}" cy="{65 - 24 * y:.0f}" r="2"/>'
            for x, y in points.clip(-2.5, 2.5)
        )
        parts.append(dots)
    frames = "".join(
        f'<rect x="{130 * k + 3}" y="3" width="124" height="124"/>' for k in range(4)
    )
    return (
        '<svg viewBox="0 0 520 130" width="520" xmlns="http://www.w3.org/2000/svg">'
        f'<g fill="none" stroke="#7d8792">{frames}</g>'
        f'<g fill="#0072b2">{"".join(parts)}</g></svg>'
    )
