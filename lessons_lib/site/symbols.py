"""The LaTeX commands that `lessons_lib.site.mathml` knows, as tables."""

from __future__ import annotations


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


# Set in italics, as variables are.
LETTERS = _pairs("""
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ
iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ varrho ϱ sigma σ varsigma ς tau τ
upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω partial ∂ imath ı jmath ȷ
""")

# Set upright.
UPRIGHT = _pairs("""
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
nabla ∇ infty ∞ ell ℓ hbar ℏ Re ℜ Im ℑ aleph ℵ emptyset ∅ varnothing ∅ forall ∀ exists ∃
top ⊤ bot ⊥ prime ′ dots … ldots … cdots ⋯ vdots ⋮ ddots ⋱ dotsc … dotsb ⋯ checkmark ✓
% % # # $ $ & & _ _ degree °
""")

BINARY = _pairs("""
pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ odot ⊙ oplus ⊕ ominus ⊖
otimes ⊗ cap ∩ cup ∪ wedge ∧ land ∧ vee ∨ lor ∨ setminus ∖ neg ¬ lnot ¬ diamond ⋄
""")

RELATIONS = _pairs("""
le ≤ leq ≤ ge ≥ geq ≥ ll ≪ gg ≫ lt < gt > ne ≠ neq ≠ equiv ≡ approx ≈ sim ∼ simeq ≃
cong ≅ propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ mid ∣
parallel ∥ perp ⊥ coloneqq ≔ models ⊨ vdash ⊢ prec ≺ succ ≻ leftarrow ← gets ←
rightarrow → to → leftrightarrow ↔ Leftarrow ⇐ Rightarrow ⇒ Leftrightarrow ⇔ uparrow ↑
downarrow ↓ mapsto ↦ longrightarrow ⟶ longleftarrow ⟵ longmapsto ⟼ implies ⟹ iff ⟺
hookrightarrow ↪ nearrow ↗ searrow ↘ therefore ∴ because ∵
""")

# Operators whose limits stand below and above in displayed formulas.
LARGE = _pairs("""
sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ bigvee ⋁
bigwedge ⋀
""")
INTEGRALS = _pairs("int ∫ iint ∬ oint ∮")

# Named operators, upright: the first group takes limits as sums do.
NAMES_WITH_LIMITS = {
    "lim", "max", "min", "sup", "inf", "argmax", "argmin", "limsup", "liminf", "det", "Pr"
}  # fmt: skip
NAMES = NAMES_WITH_LIMITS | {
    "log", "ln", "lg", "exp", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh",
    "tanh", "coth", "arcsin", "arccos", "arctan", "arg", "dim", "ker", "deg", "gcd", "hom"
}  # fmt: skip

FENCES = _pairs("""
( ( ) ) [ [ ] ] { { } } | | Vert ‖ lbrace { rbrace } lbrack [ rbrack ] langle ⟨
rangle ⟩ lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋ lvert | rvert | lVert ‖ rVert ‖ vert | / /
""")
OPENING = set("([{⟨⌈⌊")
CLOSING = set(")]}⟩⌉⌋")

# Combining marks, because fonts for mathematics place and stretch those best.
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "¯", "overline": "‾", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7",
    "check": "\u030c",
}  # fmt: skip
STRETCHING = {"widehat", "overline", "widetilde"}

# Widths in em.
SPACES = {
    ",": 0.167, ":": 0.222, ">": 0.222, ";": 0.278, "!": -0.167, " ": 0.25, "~": 0.25,
    "thinspace": 0.167, "enspace": 0.5, "quad": 1, "qquad": 2,
}  # fmt: skip

# Height of \big and its sisters in em, as in TeX.
SIZES = {"big": 1.2, "Big": 1.8, "bigg": 2.4, "Bigg": 3.0}

# Where Unicode keeps an alphabet: capital A, small a, digit 0, capital and small alpha.
ALPHABETS = {
    "mathbf": (0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2),
    "boldsymbol": (0x1D468, 0x1D482, 0x1D7CE, 0x1D71C, 0x1D736),
    "mathbb": (0x1D538, 0x1D552, 0x1D7D8, None, None),
    "mathcal": (0x1D49C, 0x1D4B6, None, None, None),
    "mathsf": (0x1D5A0, 0x1D5BA, 0x1D7E2, None, None),
}
ALPHABETS["bm"] = ALPHABETS["boldsymbol"]
ALPHABETS["mathscr"] = ALPHABETS["mathcal"]

# Letters that Unicode had before the alphabets came.
EXCEPTIONS = {
    "mathbb": _pairs("C ℂ H ℍ N ℕ P ℙ Q ℚ R ℝ Z ℤ"),
    "mathcal": _pairs("B ℬ E ℰ F ℱ H ℋ I ℐ L ℒ M ℳ R ℛ e ℯ g ℊ o ℴ"),
}
EXCEPTIONS["mathscr"] = EXCEPTIONS["mathcal"]

# Environments: fences on both sides and the alignment of the columns, repeated.
ENVIRONMENTS = {
    "matrix": ("", "", "c"), "pmatrix": ("(", ")", "c"), "bmatrix": ("[", "]", "c"),
    "vmatrix": ("|", "|", "c"), "Vmatrix": ("‖", "‖", "c"), "Bmatrix": ("{", "}", "c"),
    "smallmatrix": ("", "", "c"), "array": ("", "", "c"), "cases": ("{", "", "l"),
    "aligned": ("", "", "rl"), "align": ("", "", "rl"), "align*": ("", "", "rl"),
    "split": ("", "", "rl"), "gathered": ("", "", "c"), "gather*": ("", "", "c"),
}  # fmt: skip
