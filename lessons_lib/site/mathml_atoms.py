"""The pieces of a formula and how they stand side by side in MathML."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

# TeX separates a named operator from the letter beside it by a thin space.
THIN = "0.1667em"


class MathError(ValueError):
    """A formula that cannot be converted."""


class Atom(NamedTuple):
    """One piece of a formula.

    ``kind`` is as in TeX: ord, op, bin, rel, open, close, punct, space. ``limits`` says
    whether scripts stand below and above ("always", "display") or beside ("").
    """

    kind: str
    xml: str
    limits: str = ""


def row(atoms: list[Atom]) -> str:
    """Join atoms into one element."""
    if len(atoms) == 1:
        return atoms[0].xml
    return "<mrow>" + "".join(spaced(atoms)) + "</mrow>"


def spaced(atoms: list[Atom]):
    """Yield the atoms with signs and named operators spaced by their neighbours."""
    before = "open"
    for i, (kind, xml, _) in enumerate(atoms):
        after = atoms[i + 1].kind if i + 1 < len(atoms) else "close"
        if kind == "bin" and before in ("open", "rel", "bin", "punct", "op"):
            xml = xml.replace("<mo>", '<mo form="prefix">', 1)
        elif kind == "op":
            left = THIN if before in ("ord", "close") else "0"
            right = THIN if after in ("ord", "op") else "0"
            xml = xml.replace("<mo", f'<mo lspace="{left}" rspace="{right}"', 1)
        if kind != "space":
            before = kind
        yield xml


def operator(text: str, **attributes: str) -> str:
    """Return an ``<mo>`` element."""
    extra = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<mo{extra}>{escape(text)}</mo>"


def space(width: float) -> Atom:
    """Return a space of a width in em."""
    return Atom("space", f'<mspace width="{width:g}em"></mspace>')


def named(name: str, has_limits: bool) -> Atom:
    """Return an operator with a name, such as log."""
    text = {"argmax": "arg max", "argmin": "arg min"}.get(name, name)
    text = text.replace(" ", "\u00a0")
    if has_limits:
        return Atom("op", f'<mo movablelimits="true">{escape(text)}</mo>', "display")
    return Atom("op", f"<mo>{escape(text)}</mo>")


def scripts(base: str, limits: str, below: str, above: str) -> str:
    """Put what stands below and above to the base."""
    if not (below or above):
        return base
    if limits == "always":
        base = base.replace(' movablelimits="true"', "")
    under, over, both = ("munder", "mover", "munderover") if limits else (
        "msub", "msup", "msubsup"
    )  # fmt: skip
    tag = both if below and above else under if below else over
    return f"<{tag}>{base}{below}{above}</{tag}>"
