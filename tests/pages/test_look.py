"""Colours of text and code keep a contrast of 4.5 in both themes."""

import re

import pytest
from conftest import ROOT

CSS = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
PAIR = r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(rf"--([\w-]+): {PAIR}", CSS)
}
CODE = re.findall(rf"(\.highlight :is\([^)]*\)) {{ color: {PAIR}", CSS)


def luminance(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Return the ratio of WCAG 2.2, section "contrast ratio"."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("rule", CODE, ids=lambda rule: rule[0][:30])
def test_code_is_legible(rule, theme):
    assert contrast(rule[1 + theme], COLOURS["surface"][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [("text", "bg"), ("muted", "bg"), ("muted", "surface"), ("accent", "bg"),
     ("accent", "tint"), ("accent", "raised"), ("on-accent", "accent"), ("good", "bg")],
)  # fmt: skip
def test_text_is_legible(text, ground, theme):
    assert contrast(COLOURS[text][theme], COLOURS[ground][theme]) >= 4.5


def test_every_code_colour_was_found():
    assert len(CODE) >= 7
    assert len(re.findall(r"\.highlight :is", CSS)) <= len(CODE) + 1  # one uses --muted
