"""Playground: build, train and look into a small network."""

from typing import Any

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.stills import svg

# What each setting may be, as in playground_state.js; of lists, each entry.
SETTINGS = {
    "data": ("circles", "xor", "blobs", "spirals", "moons", "plane", "hills"),
    "noise": range(51),
    "share": range(10, 91),
    "features": ("x1", "x2", "x1sq", "x2sq", "x1x2", "sin1", "sin2"),
    "hidden": range(1, 9),
    "activation": ("tanh", "relu", "sigmoid", "linear", "gelu", "silu"),
    "loss": ("squared", "cross-entropy"),
    "optimizer": ("sgd", "momentum", "adam"),
    "lr": (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
    "penalty": ("none", "l1", "l2"),
    "rate": (0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1),
    "batch": (1, 2, 5, 10, 20, 30, 50, 100, 200),
    "seed": range(1, 1_000_001),
    "dataSeed": range(1, 1_000_001),
}
LISTS = {"features": (1, 7), "hidden": (0, 6)}  # how many entries


def playground(**settings: Any) -> Demo:
    """Build, train and look into a small network in the page.

    Args:
        **settings: Start values that differ from the default, named as in the call
            that the demo offers to copy, for example `data="spirals", hidden=[8, 8]`.

    Raises:
        ValueError: For a setting that the demo does not have, or a value that it may
            not have.
    """
    for name, value in settings.items():
        if name not in SETTINGS:
            known = ", ".join(SETTINGS)
            raise ValueError(f"unknown setting: {name!r}, use one of {known}")
        if not _is_allowed(name, value):
            raise ValueError(f"{name} must be {_allowed_in_words(name)}, got {value!r}")
    text = (
        "Playground: choose data, inputs, layers and an activation, then train the "
        "network in the page and watch every neuron, the boundary and the loss."
    )
    return Demo("playground", {"settings": settings}, text=text, figure=figure())


def _is_allowed(name: str, value: Any) -> bool:
    if name not in LISTS:
        return _is_in(value, SETTINGS[name])
    least, most = LISTS[name]
    if not isinstance(value, (list, tuple)) or not least <= len(value) <= most:
        return False
    is_known = all(_is_in(entry, SETTINGS[name]) for entry in value)
    return is_known and (name != "features" or len(set(value)) == len(value))


def _is_in(value: Any, allowed: range | tuple) -> bool:
    # What is no int, a range would compare with each of its numbers.
    return (isinstance(value, int) or isinstance(allowed, tuple)) and value in allowed


def _allowed_in_words(name: str) -> str:
    allowed = SETTINGS[name]
    if isinstance(allowed, range):
        words = f"a whole number from {allowed[0]} to {allowed[-1]}"
    else:
        words = "one of " + ", ".join(map(str, allowed))
    if name in LISTS:
        least, most = LISTS[name]
        words = f"a list of {least} to {most} entries, each {words}"
    return words + (", none twice" if name == "features" else "")


def figure() -> str:
    """Draw the Playground's start: two inputs, four and two neurons, one output."""
    columns = [(60, 2), (190, 4), (320, 2), (450, 1)]
    spots = [[(x, 110 + 46 * (i - (n - 1) / 2)) for i in range(n)] for x, n in columns]
    lines = "".join(
        f'<path d="M{a} {b:g}L{c} {d:g}"/>'
        for left, right in zip(spots, spots[1:], strict=False)
        for a, b in left
        for c, d in right
    )
    dots = "".join(
        f'<rect x="{x - 15}" y="{y - 15:g}" width="30" height="30" rx="5"/>'
        for column in spots
        for x, y in column
    )
    content = (
        f'<g fill="none" stroke="#7d8792" stroke-width="2">{lines}</g>'
        f'<g fill="#0072b2" stroke="#7d8792">{dots}</g>'
    )
    return svg(510, 220, content)
