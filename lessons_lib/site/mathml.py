"""Turn LaTeX into MathML when the book is built, so that no page needs a script.

Written for MathML Core, which browsers draw themselves: alphabets are Unicode letters,
spacing is set where the operator dictionary cannot know it, columns are aligned by CSS.
A command that is not in `lessons_lib.site.symbols` is an error, never a silent gap.
"""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from sphinx.util import logging

from lessons_lib.site import symbols as sym
from lessons_lib.site.mathml_atoms import (
    Atom,
    MathError,
    named,
    operator,
    row,
    scripts,
    space,
)
from lessons_lib.site.mathml_commands import HANDLERS

logger = logging.getLogger(__name__)

TOKEN = re.compile(r"%[^\n]*|\\([A-Za-z]+\*?|.)|(\d+(?:\.\d+)?)|(\s+)|(.)", re.DOTALL)


def convert(latex: str, *, display: bool = False) -> str:
    """Return one formula as a ``<math>`` element.

    Args:
        latex: What stands between the dollar signs.
        display: Whether the formula stands on a line of its own.

    Raises:
        MathError: If a command is unknown or a brace is missing.
    """
    parser = Parser(latex)
    body = row(parser.sequence(()))
    if parser.peek() is not None:
        raise MathError(f"unexpected {parser.peek()!r}")
    kind = ' display="block"' if display else ""
    return f'<math{kind} alttext="{escape(latex.strip())}">{body}</math>'


class Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, latex: str) -> None:
        """Split the formula into tokens; comments and spaces between them go."""
        found = [match for match in TOKEN.finditer(latex) if any(match.group(1, 2, 4))]
        self.tokens = ["\\" + m[1] if m[1] else m[2] or m[4] for m in found]
        # Inside \text{...} spaces count, so each token's place in the source is kept.
        self.ends = [match.end() for match in found]
        self.latex = latex
        self.place = 0

    def peek(self) -> str | None:
        """Return the next token, None at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def next(self) -> str:
        """Read one token."""
        token = self.peek()
        if token is None:
            raise MathError("the formula ends too early: is a brace missing?")
        self.place += 1
        return token

    def expect(self, token: str) -> None:
        """Read one token, which has to be this one."""
        found = self.next()
        if found != token:
            raise MathError(f"expected {token!r}, got {found!r}")

    def sequence(self, stop: tuple[str, ...]) -> list[Atom]:
        """Read atoms up to one of the tokens in ``stop``, which stays unread."""
        atoms: list[Atom] = []
        while (token := self.peek()) is not None and token not in stop:
            if token in ("}", "\\right", "\\end", "&", "\\\\"):
                break
            if token in ("\\displaystyle", "\\textstyle"):
                self.next()
                value = str(token == "\\displaystyle").lower()
                rest = row(self.sequence(stop))
                atoms.append(
                    Atom("ord", f'<mstyle displaystyle="{value}">{rest}</mstyle>')
                )
                break
            atoms.append(self.scripted())
        return atoms

    def scripted(self) -> Atom:
        """Read one atom with its subscripts, superscripts and primes."""
        base = Atom("ord", "<mrow></mrow>") if self.peek() in ("_", "^") else self.atom()
        limits, below, above = base.limits, "", ""
        while self.peek() in ("_", "^", "'", "\\limits", "\\nolimits"):
            token = self.next()
            if token in ("\\limits", "\\nolimits"):
                limits = "always" if token == "\\limits" else ""
            elif token == "_":
                below = self.argument()
            elif token == "^":
                above += self.argument()
            else:
                primes = 1
                while self.peek() == "'":
                    self.next()
                    primes += 1
                above += f"<mo>{'′' * primes}</mo>"
        if above.count("<mo>′") and not above.endswith("′</mo>"):
            above = f"<mrow>{above}</mrow>"
        return Atom(base.kind, scripts(base.xml, limits, below, above))

    def argument(self) -> str:
        """Read ``{...}`` or one token as one element."""
        if self.peek() == "{":
            return row(self.group())
        token = self.peek()
        if token and token.isdigit() and len(token) > 1:  # x^10 is x to the 1, then 0
            self.tokens[self.place] = token[1:]
            return f"<mn>{token[0]}</mn>"
        return self.atom().xml

    def group(self) -> list[Atom]:
        """Read ``{...}`` as atoms."""
        self.expect("{")
        atoms = self.sequence(("}",))
        self.expect("}")
        return atoms

    def raw_group(self) -> str:
        """Read ``{...}`` as the text it is, spaces included."""
        self.expect("{")
        start, depth = self.ends[self.place - 1], 1
        while depth:
            token = self.next()
            depth += (token == "{") - (token == "}")
        return self.latex[start : self.ends[self.place - 1] - 1]

    def atom(self) -> Atom:
        """Read one atom without its scripts."""
        token = self.next()
        if token.startswith("\\") and len(token) > 1:
            return self.command(token[1:])
        if token == "{":
            self.place -= 1
            atoms = self.group()
            if len(atoms) == 1 and atoms[0].kind == "punct":  # 1{,}000
                tight = atoms[0].xml.replace("<mo", '<mo lspace="0" rspace="0"', 1)
                return Atom("ord", tight)
            return Atom("ord", row(atoms))
        return self.character(token)

    def character(self, token: str) -> Atom:
        """Return the atom of a single character."""
        if token[0].isdigit():
            return Atom("ord", f"<mn>{token}</mn>")
        if token in sym.OPENING:
            return Atom("open", operator(token, form="prefix", stretchy="false"))
        if token in sym.CLOSING:
            return Atom("close", operator(token, form="postfix", stretchy="false"))
        if token in "|/":
            tight = {"stretchy": "false", "lspace": "0", "rspace": "0"}
            return Atom("ord", operator(token, **tight))
        if token in "+-*":
            return Atom("bin", operator({"-": "−", "*": "∗"}.get(token, token)))
        if token in "=<>:≤≥≠≈→←∈":
            return Atom("rel", operator(token))
        if token in ",;":
            return Atom("punct", operator(token))
        if token in "!?.":
            return Atom("ord", operator(token, lspace="0", rspace="0"))
        if token == "~":
            return space(sym.SPACES["~"])
        if token.isalpha() or token in "…∞∂∇°":
            return Atom("ord", f"<mi>{token}</mi>")
        raise MathError(f"unexpected character {token!r}")

    def command(self, name: str) -> Atom:
        """Read what follows a command and return its atom."""
        if name in HANDLERS:
            return HANDLERS[name](self, name)
        if name in sym.LETTERS:
            return Atom("ord", f"<mi>{sym.LETTERS[name]}</mi>")
        if name in sym.UPRIGHT:
            text = escape(sym.UPRIGHT[name])
            return Atom("ord", f'<mi mathvariant="normal">{text}</mi>')
        for kind, table in (("bin", sym.BINARY), ("rel", sym.RELATIONS)):
            if name in table:
                return Atom(kind, operator(table[name]))
        if name in sym.LARGE:
            sign = f'<mo movablelimits="true">{sym.LARGE[name]}</mo>'
            return Atom("large", sign, "display")
        if name in sym.INTEGRALS:
            return Atom("large", operator(sym.INTEGRALS[name]))
        if name in sym.NAMES:
            return named(name, name in sym.NAMES_WITH_LIMITS)
        if name in sym.SPACES:
            return space(sym.SPACES[name])
        if name in sym.FENCES or name == "|":
            return self.bare_fence(name)
        if name.endswith("*"):  # \alpha* is \alpha and an asterisk
            self.tokens.insert(self.place, "*")
            self.ends.insert(self.place, self.ends[self.place - 1])
            return self.command(name[:-1])
        raise MathError(
            f"unknown command \\{name}: add it to lessons_lib/site/symbols.py"
        )

    def bare_fence(self, name: str) -> Atom:
        r"""Return \{, \lVert, \langle ...: not stretched, no space inside."""
        text = "‖" if name == "|" else sym.FENCES[name]
        if name.startswith("l") or text in sym.OPENING:
            return Atom("open", operator(text, form="prefix", stretchy="false"))
        if name.startswith("r") or text in sym.CLOSING:
            return Atom("close", operator(text, form="postfix", stretchy="false"))
        tight = {"stretchy": "false", "lspace": "0", "rspace": "0"}
        return Atom("ord", operator(text, **tight))

    def fence(self) -> str:
        r"""Read the fence after \left, \right, \middle or \big."""
        token = self.next()
        if token == ".":
            return ""
        if token == "\\|":
            return "‖"
        name = token.removeprefix("\\")
        if name not in sym.FENCES:
            raise MathError(f"{token!r} is not a fence")
        return sym.FENCES[name]


# ---- Sphinx --------------------------------------------------------------------------
def _converted(node, *, display: bool) -> str:
    try:
        return convert(node.astext(), display=display)
    except MathError as error:
        logger.warning(
            "formula %r cannot be converted: %s", node.astext(), error, location=node
        )
        return f"<code>{escape(node.astext())}</code>"


def visit_math(self, node) -> None:
    """Write inline mathematics as a MathML element."""
    self.body.append(_converted(node, display=False))
    raise nodes.SkipNode


def visit_displaymath(self, node) -> None:
    """Write displayed mathematics as a MathML element in a block that can scroll."""
    formula = _converted(node, display=True)
    mark = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    self.body.append(f'<div class="math"{mark}>{formula}{number}</div>')
    raise nodes.SkipNode
