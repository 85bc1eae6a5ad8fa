"""LaTeX to MathML: structure, spacing, errors, and what Chromium draws of it."""

import re
from xml.etree import ElementTree

import pytest
from conftest import SITE

from lessons_lib.site.mathml import MathError, convert

# What the lessons write, and more.
FORMULAS = r"""
\frac{\partial L}{\partial w_{ij}}
L = -\frac{1}{N}\sum_{i=1}^{N} \log p_{i, y_i}
\hat{y} = \sigma\left(\mathbf{w}^\top \mathbf{x} + b\right)
\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}\begin{bmatrix} a \\ b \end{bmatrix}
f(x)=\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}
\begin{aligned} z &= w x + b \\ &= -1 + 2 \end{aligned}
\lVert \mathbf{x} \rVert_2^2 + \|x\| + |x| + \left\lfloor \frac{n}{2} \right\rfloor
\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}
\operatorname*{arg\,max}_\theta \mathbb{E}_{x \sim p}\left[ f(x) \right]
x \in \mathbb{R}^{n \times m}, \mathcal{L}, \mathcal{N}(0, \mathbf{I}), \boldsymbol{\mu}
\underbrace{a+b}_{\text{sum of two}} \overbrace{c}^{d} \overline{xy} \tilde x \vec{v} \dot q
a \odot b, \nabla_\theta J(\theta), \bar\alpha_t = \prod_{s=1}^t \alpha_s
q(x_t \mid x_{t-1}) = \mathcal{N}\bigl(x_t; \sqrt{1-\beta_t}\,x_{t-1}, \beta_t \mathbf{I}\bigr)
\left.\frac{df}{dx}\right|_{x=0} = f'(0), \sqrt[3]{8}, \binom{n}{k}, \tfrac12
\mathrm{KL}(q \,\|\, p) \ge 0, \quad x \leftarrow x - \eta \nabla f, \ldots, \{1, 2\}
10^{-3}, 1{,}000, 50\,\%, x_{\text{new}}, \mathbf{1}_{[x>0]}, \langle a, b \rangle
\max_{a} Q(s, a), \lim_{n \to \infty} a_n, \arg\max_i z_i, a \not= b, \substack{a\\b}
""".strip().split("\n")


@pytest.mark.parametrize("latex", FORMULAS)
@pytest.mark.parametrize("display", [False, True])
def test_formula_becomes_well_formed_mathml(latex, display):
    tree = ElementTree.fromstring(convert(latex, display=display))
    assert tree.tag == "math"
    assert tree.get("alttext") == latex
    assert "\\" not in "".join(tree.itertext())
    counts = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munderover": 3, "mover": 2,
              "munder": 2, "mroot": 2}  # fmt: skip
    for node in tree.iter():
        if node.tag in counts:
            assert len(node) == counts[node.tag], ElementTree.tostring(node)


@pytest.mark.parametrize(
    ("latex", "part"),
    [
        (r"\mathbf{W}", "<mi>𝐖</mi>"),
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        (r"\mathcal{L}", "<mi>ℒ</mi>"),
        (r"\boldsymbol{\mu}", "<mi>𝝁</mi>"),
        (r"\mathbf{1}", "<mn>𝟏</mn>"),
        (r"\mathrm{KL}", "<mi>KL</mi>"),
        (r"\mathrm{d}", '<mi mathvariant="normal">d</mi>'),
        (r"\text{if } x", "<mtext>if\u00a0</mtext>"),
        (r"\Gamma", '<mi mathvariant="normal">Γ</mi>'),
        (r"x < y", "<mo>&lt;</mo>"),
        (r"x^10", "<msup><mi>x</mi><mn>1</mn></msup><mn>0</mn>"),
        (r"f''", "<msup><mi>f</mi><mo>′′</mo></msup>"),
        (r"\sum_i", "<munder>"),
        (r"\sum\nolimits_i", "<msub>"),
        (r"\int_a^b", "<msubsup>"),
        ("x % a comment\n+ y", "<mo>+</mo><mi>y</mi>"),
    ],
)
def test_signs_are_the_right_ones(latex, part):
    assert part in convert(latex, display=True)


def test_sign_is_a_prefix_where_nothing_stands_before_it():
    assert convert("-1").count('form="prefix"') == 1
    assert convert("a = -b").count('form="prefix"') == 1
    assert convert("a - b").count('form="prefix"') == 0
    assert convert(r"\begin{aligned} a &- b \end{aligned}").count('form="prefix"') == 0


def test_named_operator_has_a_thin_space_before_a_letter_but_not_before_a_bracket():
    assert 'rspace="0.1667em"' in convert(r"\log x")
    assert 'rspace="0"' in convert(r"\log(x)")
    assert 'lspace="0.1667em"' in convert(r"y \log(x)")
    assert 'lspace="0"' in convert(r"-\log(x)")


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\nosuchthing{x}", r"unknown command \\nosuchthing"),
        (r"\frac{1}{", "ends too early"),
        (r"x}", "unexpected '}'"),
        (r"\left( x", "ends too early"),
        (r"\begin{nosuch} x \end{nosuch}", "unknown environment 'nosuch'"),
        (r"\begin{matrix} x \end{pmatrix}", "differ"),
        (r"a & b", "unexpected '&'"),
        (r"\text{a $x$}", "plain words only"),
        ("x\u2603", "unexpected character"),
    ],
)
def test_what_cannot_be_converted_is_named(latex, message):
    with pytest.raises(MathError, match=message):
        convert(latex)


@pytest.fixture(scope="module")
def drawn(browser):
    """Return a function that draws formulas with the book's style and measures them."""
    context = browser.new_context()
    tab = context.new_page()
    tab.goto((SITE / "index.html").as_uri())

    def draw(latex, selector="math"):
        tab.evaluate(
            "(xml) => { document.querySelector('article').innerHTML = xml; }",
            f'<div class="math">{convert(latex, display=True)}</div>',
        )
        tab.evaluate("document.fonts.load('16px \"STIX Two Math\"').then(() => true)")
        return tab.evaluate(
            """(selector) => [...document.querySelectorAll(selector)].map((node) => {
              const box = node.getBoundingClientRect();
              return { left: box.left, right: box.right, top: box.top,
                       width: box.width, height: box.height };
            })""",
            selector,
        )

    yield draw
    context.close()


@pytest.mark.parametrize("latex", FORMULAS)
def test_chromium_draws_the_formula(drawn, latex):
    (box,) = drawn(latex, "math > *")
    assert box["width"] > 10
    assert box["height"] > 10


def test_fences_grow_with_what_they_hold(drawn):
    (small,) = drawn(r"\left( x \right)", "math > *")
    (tall,) = drawn(r"\left( \frac{\frac{a}{b}}{c} \right)", "mo:first-child")
    assert tall["height"] > 1.5 * small["height"]


def test_limits_stand_below_a_displayed_sum(drawn):
    sign, index = drawn(r"\sum_{i} x", "munder > *")
    assert index["top"] > sign["top"]
    assert index["left"] < sign["right"]


def test_equal_signs_of_aligned_rows_stand_below_each_other(drawn):
    signs = drawn(r"\begin{aligned} abc &= d \\ e &= f \end{aligned}", "mtd.left mo")
    assert signs[0]["left"] == pytest.approx(signs[1]["left"], abs=0.5)
    cells = drawn(r"\begin{aligned} abc &= d \\ e &= f \end{aligned}", "mtd.right > *")
    assert cells[0]["right"] == pytest.approx(cells[1]["right"], abs=0.5)


def test_every_formula_of_the_book_was_converted():
    failed = [
        path.name
        for path in SITE.rglob("*.html")
        if re.search(r'<div class="math"><code>', path.read_text(encoding="utf-8"))
    ]
    assert failed == []
