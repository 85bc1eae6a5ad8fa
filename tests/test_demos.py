"""What every demo keeps to: small, readable without scripts, fitting every screen.

What a single demo does is tested in `test_demo_<name>.py`, the parts they are made of in
`test_demo_kit.py` and `test_demo_bundling.py`.
"""

import functools
import inspect
import re

import pytest
import torch
from demo_models import (
    CHARS,
    build_lesson_cnn,
    build_mlp,
    make_gpt,
    make_readers,
    random_attention,
)
from demo_tools import too_wide, watched_page, write_page
from digit_drawings import STROKES, draw

from lessons_lib import demos
from lessons_lib.demos import bundling

LIMIT = 40_000  # bytes of HTML without data


def digits(model):
    torch.manual_seed(0)
    return demos.draw_a_digit(model(), examples=torch.rand(10, 1, 28, 28))


def text_of_a_model():
    tokens = list("To be, or not\nto be, that is the question")
    weights = random_attention(len(tokens))
    return demos.attention_explorer(tokens, weights=weights)


# Each demo as it needs most room.
CASES = {
    "activation_explorer": demos.activation_explorer,
    "attention_explorer": lambda: demos.attention_explorer(sentence="both"),
    "attention_explorer, a model": text_of_a_model,
    "backprop_stepper": demos.backprop_stepper,
    "chooser": demos.chooser,
    "conv_lab": lambda: demos.conv_lab(picture="photograph"),
    "descent": demos.descent,
    "diffusion_lab, digits": lambda: demos.diffusion_lab("digits"),
    "diffusion_lab, points": demos.diffusion_lab,
    "draw_a_digit": lambda: digits(build_mlp),
    "draw_a_digit, a CNN": lambda: digits(build_lesson_cnn),
    "loss_explorer": demos.loss_explorer,
    "memory_lab": lambda: demos.memory_lab(make_readers()),
    "neuron_lab": demos.neuron_lab,
    "perceptron_trainer": demos.perceptron_trainer,
    "placement_test": demos.placement_test,
    "playground": lambda: demos.playground(hidden=[8] * 6),
    "write_with_gpt": lambda: demos.write_with_gpt(
        make_gpt(), CHARS, prompt="ROMEO:\n", context=16
    ),
}
# Ten questions, and a table of weights that only scripts can unpack.
WITHOUT_PICTURE = ("placement_test", "placement_test ()", "attention_explorer, a model")
NAMES = [name for name in demos.__all__ if name not in ("Demo", "pack")]


def can_be_called_without(name):
    """Say whether a demo needs no argument."""
    parameters = inspect.signature(getattr(demos, name)).parameters.values()
    return all(
        parameter.default is not parameter.empty
        or parameter.kind == parameter.VAR_KEYWORD
        for parameter in parameters
    )


@functools.cache
def demo_of(case):
    """Return the demo of a case, or the demo without arguments."""
    return CASES[case]() if case in CASES else getattr(demos, case.split()[0])()


# ---- as a reader finds it after some use ---------------------------------------------


def write_some_text(page):
    page.get_by_role("radio", name="fast").check()
    page.get_by_role("button", name="Write", exact=True).press("Enter")
    page.wait_for_function("document.querySelectorAll('.fnd-sheet span').length > 99")
    page.get_by_role("button", name="Pause", exact=True).press("Enter")
    page.locator(".fnd-sheet span").nth(60).click()


def draw_and_open_an_example(page):
    draw(page, STROKES[5])
    page.get_by_role("button", name="Example 3", exact=True).click()


USE = {
    "draw_a_digit, a CNN": draw_and_open_an_example,
    "memory_lab": lambda page: page.get_by_role(
        "textbox", name="Compare with"
    ).fill("maria"),
    "playground": lambda page: page.wait_for_selector(".fnd-cell"),
    "write_with_gpt": write_some_text,
}


def test_every_demo_is_looked_at():
    looked_at = {case.split(",")[0] for case in CASES}
    assert looked_at == set(NAMES) - {"architecture_table"}


# ---- the HTML ------------------------------------------------------------------------


def data_of(html):
    """Return the data block of a demo's HTML."""
    return re.search(r"data-fnd-state>(.*?)</script>", html, re.S)[1]


@pytest.fixture
def plain_scripts(monkeypatch):
    """Return a function that gives a demo's HTML with its script not compressed."""

    def html_of(demo):
        with monkeypatch.context() as patch:
            patch.setattr(bundling, "PLAIN_LIMIT", 10**9)
            bundling.bundle.cache_clear()
            return demo.html()

    yield html_of
    bundling.bundle.cache_clear()


DEFAULTS = [
    f"{name} ()"
    for name in NAMES
    if name != "architecture_table" and can_be_called_without(name)
]


@pytest.mark.parametrize("case", [*CASES, *DEFAULTS])
def test_demo_is_small_and_has_a_picture_but_no_ids_handlers_or_addresses(case, plain_scripts):
    demo = demo_of(case)
    html = demo.html()
    assert len(html.encode()) - len(data_of(html)) <= LIMIT
    plain = plain_scripts(demo)
    markup = re.sub(r"<script.*?</script>", "", plain, flags=re.S)
    assert not re.search(r"\sid\s*=|\son\w+\s*=", markup)
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", plain)
    assert set(re.findall(r"https?://[^\"' )]+", plain)) <= {
        "http://www.w3.org/2000/svg"
    }
    for forbidden in ("innerHTML", "eval(", "new Function", "setInterval", "fetch("):
        assert forbidden not in plain
    assert demo.text in demo._repr_mimebundle_()["text/plain"]
    assert len(demo.text) > 80
    has_picture = "<svg" in demo.figure and 'role="img"' in demo.figure
    assert has_picture == (case not in WITHOUT_PICTURE)


def test_demos_show_picture_and_sentence_without_scripts(chromium, tmp_path):
    address = write_page(tmp_path, *(demo_of(case).html() for case in CASES))
    with watched_page(chromium, java_script_enabled=False) as page:
        page.goto(address)
        for at, case in enumerate(CASES):
            fallback = page.locator(".fnd").nth(at).locator(".fnd-fallback")
            assert fallback.locator("p").inner_text() == demo_of(case).text
            if case not in WITHOUT_PICTURE:
                picture = fallback.locator("[role=img]")
                assert picture.count() == 1, case
                assert picture.locator("svg").count() == 1, case
                assert picture.bounding_box()["width"] > 100, case


# ---- on the screen -------------------------------------------------------------------

FAULTS = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (n) => n.getAttribute("aria-label") || n.textContent.trim()
    || [...(n.labels || [])].some((label) => label.textContent.trim())
    || (n.matches("canvas") && n.tabIndex < 0 && n.closest("[aria-hidden=true]"));
  const nameless = all("input, select, button, textarea, summary, canvas")
    .filter((n) => !named(n));
  const least = (n) => n.matches("[type=range], [type=radio], [type=checkbox]") ? 17.9 : 24;
  const small = all(".fnd-body :is(button, select, summary, textarea, input), "
    + ".fnd-segments label")
    .filter((n) => n.checkVisibility())
    .filter((n) => { const box = n.getBoundingClientRect();
      return box.width && (box.height < least(n)
        || box.width < least(n) - (n.matches("[type=number]") ? 2 : 0)); });
  const cut = all(".fnd-body button, .fnd-segments span, .fnd-net")
    .filter((n) => n.scrollWidth > n.clientWidth + (n.matches(".fnd-net") ? 0 : 1));
  const tell = (nodes) => nodes.map((n) => n.outerHTML.slice(0, 200));
  return { nameless: tell(nameless), small: tell(small), cut: tell(cut) };
}"""


def faults(page):
    """Return what is wrong: nameless or small controls, words cut off, overflow."""
    found = page.evaluate(FAULTS)
    return {name: nodes for name, nodes in found.items() if nodes} | (
        {"too wide": too_wide(page)} if too_wide(page) else {}
    )


MORE_WIDTHS = {"playground": [1000, 1440], "write_with_gpt": [1440]}


@pytest.mark.parametrize("case", CASES)
def test_demo_fits_every_width_and_every_control_has_a_name(case, show_demo):
    """Opened anew at each width, in the dark, and then in the light."""
    page = show_demo(demo_of(case), dark=True)
    wrong = {}
    for width in [320, 390, 700, 1200, *MORE_WIDTHS.get(case, [])]:
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        page.wait_for_selector(".fnd-status")
        if case in USE:
            USE[case](page)
        for theme in ("dark", "light"):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            page.wait_for_selector(f".fnd[data-fnd-theme={theme}]")
            wrong[width, theme] = faults(page)
    assert {where: found for where, found in wrong.items() if found} == {}


# ---- beside other demos --------------------------------------------------------------

# Each element and what style sheets give it (no sizes, which move by themselves).
LOOKS = """() => [...document.querySelectorAll(".fnd .fnd-body *")].map((node) => {
  const style = getComputedStyle(node);
  const names = ["display", "position", "gap", "margin", "padding", "border", "background",
    "border-radius", "font", "color", "min-height", "min-width", "max-width", "text-align",
    "cursor", "flex", "justify-content", "align-items", "overflow-x", "white-space"];
  const looks = names.map((name) => [name, style.getPropertyValue(name)]);
  const columns = style.display === "grid" ? style.gridTemplateColumns.split(" ").length : 0;
  return { node: `${node.tagName} ${node.getAttribute("class")}`, columns,
    ...Object.fromEntries(looks) };
})"""


def changes(before, after):
    """Say what differs between two lists of looks: {(element, what): (before, after)}."""
    return {
        (old["node"], what): (old[what], new[what])
        for old, new in zip(before, after, strict=True)
        for what in old
        if old[what] != new[what]
    }


@pytest.mark.parametrize("case", CASES)
def test_kit_of_a_later_demo_changes_nothing(show_demo, case):
    """Every demo and every question brings the kit's style sheet along."""
    page = show_demo(demo_of(case))
    USE.get(case, lambda page: None)(page)
    before = page.evaluate(LOOKS)
    page.evaluate(
        "css => document.body.insertAdjacentHTML('beforeend', `<style>${css}</style>`)",
        bundling.style("kit"),
    )
    assert changes(before, page.evaluate(LOOKS)) == {}
