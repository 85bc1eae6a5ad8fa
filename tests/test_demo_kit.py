"""The kit that all demos are made of, as HTML in Python and alive in a browser."""

import base64
import re
import shutil

import numpy as np
import pytest
import torch
from demo_tools import run_js, watched_page, write_page

from lessons_lib import demos
from lessons_lib.demos import Demo, bundling, pack

# A demo with every control of the kit; what happens is written into one line.
KITCHEN = """
import { button, canvas, challenges, chart, el, getProgress, loop, pointer, keys, segmented,
  select, setProgress, slider, status, stepper, toggle, unpack } from "./kit.js";
const twice = (value) => 2 * value; // a comment with "quotes" and 'more'
export function mount(root, state, life) {
  /* a block comment */
  const log = el("output", { class: "log", text: String(twice(unpack(state.weights)[1])) });
  const say = (name) => (value) => { log.textContent += ` ${name}=${value}`; };
  const goals = challenges(life, [
    { name: "kit.high", text: "Set the level to 9.", check: (facts) => facts.level >= 9 },
  ]);
  const level = slider(life, { label: "Level", min: 0, max: 10, step: 1, value: 3,
    onInput(value) { say("level")(value); goals.test({ level: value }); } });
  const line = status(life, "Ready");
  let frames = 0;
  const spin = loop(life, () => { frames += 1; root.dataset.frames = frames; }, { autoplay: true });
  const view = canvas(life, { label: "Picture", height: 40, focusable: true, draw(context, w, h) {
    context.fillStyle = life.colors.blue;
    context.fillRect(0, 0, w / 2, h);
  } });
  pointer(life, view.node, { down: (x) => say("down")(Math.round(x)) });
  keys(life, view.node, { ArrowRight: () => say("key")("right") });
  const plot = chart(life, { label: "Curve", series: [{ name: "a", color: "blue" }] });
  plot.set([[1, 0.5, NaN, 0.25]]);
  root.append(el("div", { class: "fnd-stack" }, level.node,
    slider(life, { label: "Rate", values: [0.1, 1, 10], value: 1, onInput: say("rate") }).node,
    select(life, { label: "Kind", options: ["a", [7, "seven"]], onInput: say("kind") }).node,
    segmented(life, { label: "Mode", options: ["slow", "fast"], onInput: say("mode") }).node,
    toggle(life, { label: "Grid", onInput: say("grid") }).node,
    stepper(life, { label: "Count", min: 1, max: 3, value: 2, onInput: say("count") }).node,
    button(life, { label: "Go", onClick() { say("go")(1); line.say("Gone"); } }).node,
    view.node, plot.node, line.node, goals.node, log));
}
"""


@pytest.fixture
def kitchen(tmp_path, monkeypatch):
    """Return a function that makes the kitchen demo from a folder of its own."""
    folder = tmp_path / "modules"
    folder.mkdir()
    for name in ("kit.js", "kit.css"):
        shutil.copy(bundling.FOLDER / name, folder)
    (folder / "kitchen.js").write_text(KITCHEN, encoding="utf-8")
    monkeypatch.setattr(bundling, "FOLDER", folder)
    bundling.bundle.cache_clear()
    bundling.style.cache_clear()
    yield lambda **more: Demo(
        "kitchen",
        {"weights": pack([0.0, 1.5]), **more},
        text="All controls & one line.",
        figure='<svg viewBox="0 0 2 1"><path d="M0 0h2"/></svg>',
    )
    bundling.bundle.cache_clear()
    bundling.style.cache_clear()


def test_state_cannot_end_its_script_element(kitchen):
    html = kitchen(evil="</script><!--\u2028<script>").html()
    assert "</script><!--" not in html
    assert html.count("</script>") == 2
    assert "\u2028" not in html


def test_text_is_escaped_and_the_bundle_has_both_kinds(kitchen):
    bundle = kitchen()._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == "All controls & one line."
    assert "<p>All controls &amp; one line.</p>" in bundle["text/html"]


def test_same_demo_gives_the_same_bytes(kitchen):
    assert kitchen().html() == kitchen().html()


def test_unknown_demo_and_bad_state_are_named():
    with pytest.raises(ValueError, match="name must be a module .* got 'nothing'"):
        Demo("nothing", text="")
    with pytest.raises(ValueError, match="state must hold finite JSON values"):
        Demo("playground", {"x": float("nan")}, text="").html()
    with pytest.raises(ValueError, match="figure must be inline SVG without ids"):
        Demo("playground", text="", figure='<svg id="a"></svg>')
    with pytest.raises(ValueError, match="unknown setting: 'depth'"):
        demos.playground(depth=3)


def test_signs_have_the_colours_of_the_figures():
    body = "return [false, true].map((d) => [-1, 1].map((v) => $kit.diverging(v, d)));"
    for below, above in run_js(("kit",), body):
        red, _, blue = (int(x) for x in re.findall(r"\d+", below))
        assert blue > 2 * red  # as lessons_lib.plotting.DIVERGING
        red, _, blue = (int(x) for x in re.findall(r"\d+", above))
        assert red > 2 * blue


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [("float16", 1e-3), ("float32", 0), ("int8", 0.5 / 127), ("uint8", None)],
)
def test_packed_arrays_arrive_in_javascript(dtype, tolerance):
    values = torch.linspace(-1, 1, 77)
    if dtype == "uint8":
        values, tolerance = torch.arange(256), 0
    found = run_js(("kit",), "return $kit.unpack(payload);", pack(values, dtype))
    np.testing.assert_allclose(found, values.numpy(), rtol=0, atol=tolerance + 1e-7)


def test_pack_keeps_the_shape_and_refuses_what_does_not_fit():
    assert pack(torch.zeros(2, 3))["shape"] == [2, 3]
    with pytest.raises(ValueError, match="values must be finite in float16"):
        pack([1e6])
    with pytest.raises(ValueError, match="dtype must be float16, .* got 'int4'"):
        pack([1.0], "int4")


def test_half_precision_decoding_equals_numpy_for_every_bit_pattern():
    bits = np.arange(65536, dtype=np.uint16)
    expected = bits.view(np.float16).astype(np.float64)
    body = "return $kit.unpack({ dtype: 'float16', data: payload });"
    found = run_js(("kit",), body, base64.b64encode(bits.tobytes()).decode())
    np.testing.assert_array_equal(np.array(found, dtype=float), expected)


def test_seeded_numbers_are_uniform_normal_and_repeatable():
    body = """
    const random = $kit.rng(7), again = $kit.rng(7);
    const uniform = Array.from({ length: 20000 }, random);
    const normal = Array.from({ length: 20000 }, () => random.normal());
    const order = random.shuffle([...Array(50).keys()]);
    return [uniform, normal, order, again() === uniform[0]];
    """
    uniform, normal, order, same = run_js(("kit",), body)
    assert same
    assert abs(np.mean(uniform) - 0.5) < 0.01
    assert 0 <= min(uniform) < max(uniform) < 1
    assert abs(np.mean(normal)) < 0.03
    assert abs(np.std(normal) - 1) < 0.03
    assert sorted(order) == list(range(50))
    assert order != sorted(order)


# ---- the kit in a browser -----------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_two_copies_on_one_page_work_on_their_own(
    kitchen, chromium, tmp_path, monkeypatch, packed
):
    monkeypatch.setattr(bundling, "PLAIN_LIMIT", 0 if packed else 10**9)
    bundling.bundle.cache_clear()
    html = kitchen().html()
    with watched_page(chromium) as page:
        page.goto(write_page(tmp_path, html, html))
        page.wait_for_function("document.querySelectorAll('.log').length === 2")
        assert page.locator(".fnd-fallback").first.is_hidden()
        page.get_by_role("slider", name="Level").nth(1).press("ArrowRight")
        page.get_by_role("button", name="Go").nth(1).click()
        assert page.locator(".log").all_inner_texts() == ["3", "3 level=4 go=1"]
        assert page.evaluate("Object.keys(window.fndDemos).length") == 1


def test_every_control_works_by_keyboard(kitchen, show_demo):
    page = show_demo(kitchen())
    page.get_by_role("slider", name="Rate").press("ArrowRight")
    page.get_by_role("combobox", name="Kind").select_option("seven")
    page.get_by_role("radio", name="slow").press("ArrowRight")
    page.get_by_role("checkbox", name="Grid").press("Space")
    page.get_by_role("spinbutton", name="Count").fill("9")
    page.get_by_role("spinbutton", name="Count").press("Tab")
    page.get_by_role("button", name="Count: less").press("Enter")
    page.get_by_role("img", name="Picture").press("ArrowRight")
    page.get_by_role("img", name="Picture").click(position={"x": 5, "y": 5})
    assert page.locator(".log").inner_text() == (
        "3 rate=10 kind=7 mode=fast grid=true count=3 count=2 key=right down=5"
    )
    page.get_by_role("button", name="Go").press("Enter")
    page.wait_for_function(
        "[...document.querySelectorAll('[role=status]')]"
        ".some((node) => node.textContent === 'Gone')"
    )


def test_challenge_is_kept_announced_and_sent_as_an_event(kitchen, chromium, tmp_path):
    with watched_page(chromium) as page:
        address = write_page(tmp_path, kitchen().html())
        page.goto(address)
        page.evaluate(
            "document.addEventListener('lesson-progress', (event) => {"
            "  document.title = JSON.stringify(event.detail); })"
        )
        assert "Challenge. Set" in page.locator(".fnd-challenge").inner_text()
        page.get_by_role("slider", name="Level").fill("9")
        assert "\u2713" in page.locator(".fnd-challenge").inner_text()
        said = page.locator(".fnd-challenges + [role=status]").inner_text()
        assert said == "Challenge reached: Set the level to 9."
        assert page.title() == '{"kind":"challenge","name":"kit.high","value":true}'
        stored = page.evaluate("localStorage.getItem('from-neuron-to-diffusion')")
        assert stored == '{"challenge:kit.high":true}'
        page.goto(address)
        assert "Challenge reached. Set" in page.locator(".fnd-challenge").inner_text()


def test_challenge_works_where_storage_is_blocked(kitchen, chromium, tmp_path):
    with watched_page(chromium) as page:
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', "
            "{ get() { throw new DOMException('blocked', 'SecurityError'); } });"
        )
        page.goto(write_page(tmp_path, kitchen().html()))
        page.get_by_role("slider", name="Level").fill("10")
        assert "Challenge reached." in page.locator(".fnd-challenge").inner_text()


def test_removed_demo_stops_and_comes_back_when_it_is_put_back(kitchen, show_demo):
    page = show_demo(kitchen())
    page.wait_for_function("document.querySelector('.fnd-body').dataset.frames > 2")
    page.evaluate(
        "window.fndDemos.grace = 0; window.kept = document.querySelector('.fnd');"
        "window.body = kept.querySelector('.fnd-body'); kept.remove();"
    )
    page.wait_for_function("kept.dataset.fndMounted === undefined")
    frames = page.evaluate("body.dataset.frames")
    page.wait_for_timeout(150)
    assert page.evaluate("body.dataset.frames") == frames
    assert page.evaluate("kept.querySelector('.fnd-fallback').hidden") is False
    page.evaluate("document.body.append(kept)")
    page.wait_for_selector(".log")
    page.get_by_role("button", name="Go").click()
    assert page.locator(".log").inner_text() == "3 go=1"


def test_short_absence_keeps_the_state(kitchen, show_demo):
    page = show_demo(kitchen())
    page.get_by_role("button", name="Go").click()
    page.evaluate("window.kept = document.querySelector('.fnd'); kept.remove()")
    page.wait_for_timeout(400)
    page.evaluate("document.body.append(kept)")
    page.wait_for_timeout(400)
    page.get_by_role("button", name="Go").click()
    assert page.locator(".log").inner_text() == "3 go=1 go=1"


def test_output_set_as_markup_with_scripts_run_again_mounts(
    kitchen, chromium, tmp_path
):
    # JupyterLab and VS Code insert outputs this way.
    with watched_page(chromium) as page:
        page.goto(write_page(tmp_path, '<div class="place"></div>'))
        page.evaluate(
            """(html) => {
              const place = document.querySelector(".place");
              place.innerHTML = html;
              for (const old of place.querySelectorAll("script")) {
                const again = document.createElement("script");
                for (const { name, value } of old.attributes) again.setAttribute(name, value);
                again.textContent = old.textContent;
                place.appendChild(again).remove();
              }
            }""",
            kitchen().html(),
        )
        assert page.locator(".log").inner_text() == "3"


def test_picture_and_sentence_show_without_scripts(kitchen, show_demo):
    page = show_demo(kitchen(), java_script_enabled=False)
    assert page.get_by_text("All controls & one line.").is_visible()
    assert page.get_by_role("img", name="All controls").is_visible()


def test_picture_and_sentence_stay_when_a_demo_fails(kitchen, chromium, tmp_path):
    (bundling.FOLDER / "kitchen.js").write_text(
        "export function mount() {\n  throw new Error('broken');\n}\n", encoding="utf-8"
    )
    page = chromium.new_page()
    page.goto(write_page(tmp_path, kitchen().html()))
    assert page.get_by_text("All controls & one line.").is_visible()
    page.close()


@pytest.mark.parametrize(
    ("change", "theme"),
    [
        ("document.documentElement.dataset.theme = 'dark'", "dark"),
        ("document.body.setAttribute('data-jp-theme-light', 'false')", "dark"),
        ("document.body.className = 'vscode-dark'", "dark"),
        ("document.body.className = 'vscode-high-contrast-light'", "light"),
        ("document.documentElement.setAttribute('theme', 'dark')", "dark"),
    ],
)
def test_theme_of_the_page_is_followed(kitchen, show_demo, change, theme):
    page = show_demo(kitchen(), color_scheme="light")
    if "dataset.theme" not in change:
        page.evaluate("delete document.documentElement.dataset.theme")
    page.evaluate(change)
    page.wait_for_selector(f".fnd[data-fnd-theme={theme}]")


def test_reader_who_wants_less_motion_gets_no_autoplay(kitchen, show_demo):
    page = show_demo(kitchen(), reduced_motion="reduce")
    page.wait_for_timeout(150)
    assert page.evaluate("document.querySelector('.fnd-body').dataset.frames") is None


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_of_the_kit_have_enough_contrast(theme):
    css = (bundling.FOLDER / "kit.css").read_text(encoding="utf-8")
    light, dark = re.findall(r"\{([^}]*--fnd-bg: [^}]*)\}", css)
    block = light if theme == "light" else dark
    colours = dict(re.findall(r"--fnd-([\w-]+): (#\w{6})", block))

    def contrast(first, second):
        low, high = sorted(luminance(colours[name]) for name in (first, second))
        return (high + 0.05) / (low + 0.05)

    for ground in ("bg", "surface"):
        for ink in ("text", "muted", "accent", "green", "red", "orange", "blue"):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
        assert contrast("line", ground) >= 3, ground
    assert contrast("on-accent", "accent") >= 4.5
