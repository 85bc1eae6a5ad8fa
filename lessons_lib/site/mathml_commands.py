"""The LaTeX commands that take arguments, as functions from parser to atom."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from lessons_lib.site import symbols as sym
from lessons_lib.site.mathml_atoms import Atom, MathError, named, operator, row, spaced

if TYPE_CHECKING:
    from lessons_lib.site.mathml import Parser


def _fraction(parser: Parser, name: str) -> Atom:
    top, bottom = parser.argument(), parser.argument()
    if name == "binom":
        bare = f'<mfrac linethickness="0">{top}{bottom}</mfrac>'
        return Atom("ord", f"<mrow><mo>(</mo>{bare}<mo>)</mo></mrow>")
    xml = f"<mfrac>{top}{bottom}</mfrac>"
    if name != "frac":
        value = str(name == "dfrac").lower()
        xml = f'<mstyle displaystyle="{value}" scriptlevel="0">{xml}</mstyle>'
    return Atom("ord", xml)


def _root(parser: Parser, name: str) -> Atom:
    if parser.peek() != "[":
        return Atom("ord", f"<msqrt>{parser.argument()}</msqrt>")
    parser.next()
    degree = row(parser.sequence(("]",)))
    parser.expect("]")
    return Atom("ord", f"<mroot>{parser.argument()}{degree}</mroot>")


def _text(parser: Parser, name: str) -> Atom:
    text = parser.raw_group()
    if name == "operatorname" or name == "operatorname*":
        text = re.sub(r"\\[,;: ]|\s", " ", text)
        plain = re.sub(r"\\[A-Za-z]+\s*|[{}]", "", text)
        return named(plain, name.endswith("*"))
    text = re.sub(r"\\([%#$&_{} ])", r"\1", text)
    if "\\" in text or "$" in text:
        raise MathError(f"\\{name}{{...}} holds plain words only, got {text!r}")
    if name in ("mathrm", "mathit") and not re.search(r"[\s\d]", text):
        variant = ' mathvariant="normal"' if len(text) == 1 and name == "mathrm" else ""
        return Atom("ord", f"<mi{variant}>{escape(text)}</mi>")
    styles = {"texttt": "mono", "mathtt": "mono", "textbf": "bold", "textit": "italic"}
    mark = f' class="{styles[name]}"' if name in styles else ""
    words = escape(text).replace(" ", "\u00a0")
    return Atom("ord", f"<mtext{mark}>{words}</mtext>")


def _alphabet(parser: Parser, name: str) -> Atom:
    """Replace the letters of the argument by those of another alphabet."""
    inner = parser.argument()
    capital, small, digit, greek_capital, greek_small = sym.ALPHABETS[name]

    def swap(letter: str) -> str:
        if letter in sym.EXCEPTIONS.get(name, {}):
            return sym.EXCEPTIONS[name][letter]
        for low, high, start in (
            ("A", "Z", capital), ("a", "z", small), ("0", "9", digit),
            ("Α", "Ω", greek_capital), ("α", "ω", greek_small),
        ):  # fmt: skip
            if low <= letter <= high and start:
                return chr(start + ord(letter) - ord(low))
        return {"∇": "𝛁", "∂": "𝛛", "ϵ": "𝛜"}.get(letter, letter) if greek_small else letter

    xml = re.sub(
        r"(<m[in][^>]*>)([^<]+)",
        lambda match: match[1] + "".join(swap(letter) for letter in match[2]),
        inner,
    )
    if re.fullmatch(r"(<mrow>)?(<mi>[^<]</mi>)+(</mrow>)?", xml):
        letters = "".join(re.findall(r"<mi>([^<])</mi>", xml))
        xml = f"<mi>{letters}</mi>"
    return Atom("ord", xml)


def _accent(parser: Parser, name: str) -> Atom:
    base = parser.argument()
    stretchy = str(name in sym.STRETCHING).lower()
    mark = operator(sym.ACCENTS[name], stretchy=stretchy)
    return Atom("ord", f'<mover accent="true">{base}{mark}</mover>')


def _brace(parser: Parser, name: str) -> Atom:
    below = name in ("underbrace", "underline")
    sign = {"underbrace": "⏟", "overbrace": "⏞", "underline": "_"}[name]
    tag = "munder" if below else "mover"
    xml = f'<{tag}>{parser.argument()}<mo stretchy="true">{sign}</mo></{tag}>'
    return Atom("ord", xml, "always" if name != "underline" else "")


def _stack(parser: Parser, name: str) -> Atom:
    extra, base = parser.argument(), parser.argument()
    tag = "munder" if name == "underset" else "mover"
    kind = "rel" if base.startswith("<mo>") else "ord"
    return Atom(kind, f"<{tag}>{base}{extra}</{tag}>")


def _left(parser: Parser, name: str) -> Atom:
    r"""Read \left( ... \middle| ... \right)."""
    parts = [parser.fence()]
    while True:
        parts.append("".join(spaced(parser.sequence(("\\right", "\\middle")))))
        token = parser.next()
        if token not in ("\\right", "\\middle"):
            raise MathError(f"\\left without \\right before {token!r}")
        parts.append(parser.fence())
        if token == "\\right":
            break
    form = ["prefix", *["infix"] * (len(parts) // 2 - 1), "postfix"]
    for i in range(0, len(parts), 2):
        mark = {"form": form[i // 2], "stretchy": "true", "fence": "true"}
        parts[i] = operator(parts[i], **mark) if parts[i] else ""
    return Atom("ord", f"<mrow>{''.join(parts)}</mrow>")


def _big(parser: Parser, name: str) -> Atom:
    size = f"{sym.SIZES[name.rstrip('lrm')]}em"
    text = parser.fence()
    is_left = name.endswith("l") or text in sym.OPENING
    is_right = name.endswith("r") or text in sym.CLOSING
    kind, form = (
        ("open", "prefix") if is_left else ("close", "postfix") if is_right
        else ("ord", "infix")
    )  # fmt: skip
    mark = {"form": form, "stretchy": "true", "minsize": size, "maxsize": size}
    return Atom(kind, operator(text, **mark))


def _begin(parser: Parser, name: str) -> Atom:
    r"""Read the rows of \begin{...} ... \end{...}."""
    environment = parser.raw_group()
    if environment not in sym.ENVIRONMENTS:
        raise MathError(f"unknown environment {environment!r}")
    left, right, columns = sym.ENVIRONMENTS[environment]
    if environment == "array":
        columns = parser.raw_group().replace(" ", "")
    rows: list[list[str]] = [[]]
    while True:
        cell = parser.sequence(())
        # After & an operator is infix, although nothing stands before it.
        empty = [Atom("ord", "<mrow></mrow>")] if columns == "rl" and rows[-1] else []
        rows[-1].append(row([*empty, *cell]) if cell else "")
        token = parser.next()
        if token == "\\\\":
            rows.append([])
        elif token == "\\end":
            break
        elif token != "&":
            raise MathError(f"unexpected {token!r} in {environment}")
    if parser.raw_group() != environment:
        raise MathError(f"\\begin{{{environment}}} and its \\end differ")
    if rows[-1] == [""]:
        rows.pop()
    table = _table(rows, columns.replace("|", ""), environment)
    fences = [
        operator(text, form=form, stretchy="true", fence="true") if text else ""
        for text, form in ((left, "prefix"), (right, "postfix"))
    ]
    return Atom("ord", f"<mrow>{fences[0]}{table}{fences[1]}</mrow>")


def _table(rows: list[list[str]], columns: str, environment: str) -> str:
    sides = {"l": ' class="left"', "r": ' class="right"', "c": ""}
    body = "".join(
        "<mtr>"
        + "".join(
            f"<mtd{sides[columns[i % len(columns)]]}>{cell}</mtd>"
            for i, cell in enumerate(row)
        )
        + "</mtr>"
        for row in rows
    )
    mark = ' displaystyle="true" class="aligned"' if columns == "rl" else ""
    return f"<mtable{mark}>{body}</mtable>"


def _not(parser: Parser, name: str) -> Atom:
    atom = parser.atom()
    return Atom(atom.kind, atom.xml.replace("</mo>", "\u0338</mo>"))


def _substack(parser: Parser, name: str) -> Atom:
    parser.expect("{")
    rows = [[row(parser.sequence(()))]]
    while parser.next() == "\\\\":
        rows.append([row(parser.sequence(()))])
    return Atom("ord", _table(rows, "c", name))


def _phantom(parser: Parser, name: str) -> Atom:
    return Atom("ord", f"<mphantom>{parser.argument()}</mphantom>")


def _colon(parser: Parser, name: str) -> Atom:
    return Atom("punct", operator(":", lspace="0", rspace="0.222em"))


HANDLERS = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "binom"), _fraction),
    **dict.fromkeys(
        ("text", "textrm", "texttt", "textbf", "textit", "mathrm", "mathit", "mathtt",
         "operatorname", "operatorname*"), _text
    ),
    **dict.fromkeys(sym.ALPHABETS, _alphabet),
    **dict.fromkeys(sym.ACCENTS, _accent),
    **dict.fromkeys(("underbrace", "overbrace", "underline"), _brace),
    **dict.fromkeys(("underset", "overset", "stackrel"), _stack),
    **{size + side: _big for size in sym.SIZES for side in ("", "l", "r", "m")},
    "sqrt": _root, "left": _left, "begin": _begin, "not": _not, "colon": _colon,
    "substack": _substack, "phantom": _phantom,
}  # fmt: skip
