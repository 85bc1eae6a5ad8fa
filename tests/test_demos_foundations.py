"""The demos of the first lessons: their arithmetic in Node, their handling in a browser."""

import json
import re
import shutil
import subprocess

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lessons_lib import demos
from lessons_lib.demos import bundling

NAMES = ["neuron_lab", "perceptron_trainer", "activation_explorer", "loss_explorer"]


def run_js(module, expression, **values):
    """Evaluate `expression` in Node with the exports of a core module as `m`."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node")
    path = (bundling.FOLDER / f"{module}.js").as_uri()
    code = (
        f"import * as m from {json.dumps(path)};"
        f"const v = {json.dumps(values)};"
        f"console.log(JSON.stringify({expression}));"
    )
    command = [node, "--input-type=module", "-e", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def browser():
    from lessons_lib.site.browser import find_browser

    api = pytest.importorskip("playwright.sync_api")
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium: see lessons_lib/site/browser.py")
    quiet = "--disable-background-networking --disable-component-update --disable-sync"
    args = ["--no-sandbox", "--disable-gpu", "--no-first-run", *quiet.split()]
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=args)
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser, tmp_path):
    """Open a demo from file://; at the end no error may have been seen."""
    contexts, errors = [], []

    def open_demo(demo, width=1000, dark=False, **options):
        file = tmp_path / f"page{len(contexts)}.html"
        theme = "dark" if dark else "light"
        file.write_text(
            f'<!doctype html><html lang="en" data-theme="{theme}"><title>t</title>'
            f'<body style="margin:0">{demo.html()}'
        )
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("requestfailed", lambda request: errors.append(request.url))
        tab.goto(file.as_uri())
        if options.get("java_script_enabled", True):
            tab.wait_for_selector(".fnd-body")
        return tab

    yield open_demo
    assert errors == []
    for context in contexts:
        context.close()


def said(tab):
    return tab.locator(".fnd-status").first.inner_text()


def reached(tab):
    return tab.locator(".fnd-done").count()


def set_range(tab, label, value):
    """Move a slider as a hand would: value and input event."""
    tab.get_by_role("slider", name=label, exact=True).fill(str(value))


def demo_of(name):
    return getattr(demos, name)()


@pytest.mark.parametrize("name", NAMES)
def test_demo_is_small_and_asks_for_nothing(name):
    demo = demo_of(name)
    html = demo.html()
    assert len(html) - len(demos._json(demo.state)) <= 40_000
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", html)
    assert "<svg" in html


@pytest.mark.parametrize("name", NAMES)
def test_demo_explains_itself_without_scripts(name, show):
    tab = show(demo_of(name), java_script_enabled=False)
    assert tab.locator(".fnd-fallback [role=img] svg").count() == 1
    assert len(tab.locator(".fnd-fallback p").inner_text()) > 80


@pytest.mark.parametrize("width", [320, 700, 1200])
@pytest.mark.parametrize("name", NAMES)
def test_demo_fits_and_every_control_has_a_name(name, width, show):
    tab = show(demo_of(name), width=width, dark=width == 700)
    wide = tab.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    unnamed = """[...document.querySelectorAll("input, select, button, canvas")]
      .filter((n) => !(n.getAttribute("aria-label") || n.textContent.trim()
        || (n.labels && n.labels[0] && n.labels[0].textContent.trim()))).length"""
    assert tab.evaluate(unnamed) == 0
    cut = """[...document.querySelectorAll(".fnd-body button, .fnd-segments span")]
      .filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.textContent)"""
    assert tab.evaluate(cut) == []


# ---------------------------------------------------------------- NeuronLab


def test_neuron_core_equals_torch():
    inputs = torch.rand(40, 2, dtype=torch.float64) * 20 - 5
    w, b = torch.tensor([-0.5, -0.1], dtype=torch.float64), 4.0
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "step": lambda z: (z > 0).double(),
        "linear": lambda z: z,
    }
    for name, function in functions.items():
        got = run_js(
            "neuron_lab_core",
            "v.x.map((x) => m.neuron({w: v.w, b: v.b, activation: v.name}, x).y)",
            x=inputs.tolist(),
            w=w.tolist(),
            b=b,
            name=name,
        )
        torch.testing.assert_close(
            torch.tensor(got, dtype=torch.float64), function(inputs @ w + b)
        )


def test_neuron_challenges_are_open_at_the_start_and_solvable():
    start = demos.neuron_lab().state
    sliders = start["limits"]

    def judged(w, b, activation="sigmoid"):
        values = [*w, b]
        for value, (largest, step) in zip(values, sliders, strict=True):
            assert abs(value) <= largest, "the sliders must reach the answer"
            assert abs(value / step - round(value / step)) < 1e-9
        return run_js(
            "neuron_lab_core",
            "[m.isDecided(v.p, v.points), m.ignoresFirst(v.p, v.points)]",
            p={"w": w, "b": b, "activation": activation},
            points=start["points"],
        )

    assert judged([-0.5, -0.1], 4) == [False, False]
    assert judged([-2, -0.4], 16) == [False, False]  # sharpening alone does not do it
    assert judged([-2, -0.4], 16.5) == [True, False]
    assert judged([-2, -0.4], 16.5, "step") == [False, False]
    assert judged([0, -0.3], 5) == [False, True]
    assert judged([0, -0.6], 9) == [True, True]
    assert judged([0, 0], 5) == [False, False]


def test_doubling_keeps_the_line_and_stays_on_the_sliders():
    expression = "m.scaled({w: v.w, b: v.b}, v.k, v.limits)"
    limits = demos.neuron_lab().state["limits"]
    twice = run_js(
        "neuron_lab_core", expression, w=[-0.5, -0.1], b=4, k=2, limits=limits
    )
    assert twice == {"w": [-1, -0.2], "b": 8}
    for k in (10, 1 / 40):  # too large; too fine
        assert (
            run_js("neuron_lab_core", expression, w=[-1, -0.2], b=8, k=k, limits=limits)
            is None
        )


def test_neuron_lab_by_keyboard(show):
    tab = show(demos.neuron_lab())
    assert said(tab).startswith("At 5 h, 10 °C: z = 0.5, y = 0.62, coffee. 3 of 3")
    plane = tab.locator("canvas").first
    plane.focus()
    for key in ["ArrowRight"] * 6 + ["Shift+ArrowDown"] * 20:
        tab.keyboard.press(key)
    assert said(tab).startswith("At 8 h, 0 °C: z = 0, y = 0.5, undecided.")
    assert "y = 0.5, undecided" in plane.get_attribute("aria-label")
    tab.get_by_role("radio", name="step").focus()
    tab.keyboard.press("ArrowRight")  # from step to tanh: radio buttons follow arrows
    assert "y = 0, undecided" in said(tab)
    tab.get_by_role("slider", name="b, bias").focus()
    tab.keyboard.press("ArrowRight")
    assert "z = 0.1, y = 0.1, coffee" in said(tab)


def test_neuron_lab_by_mouse(show):
    tab = show(demos.neuron_lab())
    plane = tab.locator("canvas").first
    box = plane.bounding_box()
    tab.mouse.move(box["x"] + 100, box["y"] + 100)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 60, box["y"] + 30, steps=3)
    tab.mouse.up()
    hours = float(re.match(r"At ([\d.]+) h", said(tab))[1])
    assert hours < 2, "the probe follows the mouse"
    tab.get_by_role("button", name=re.compile("9 h, 25 °C")).click()
    assert said(tab).startswith("At 9 h, 25 °C: z = −3, y = 0.05, tea.")
    tab.get_by_role("button", name=re.compile("^Flip")).click()
    assert "z = 3, y = 0.95, coffee. 0 of 3" in said(tab)
    tab.get_by_role("button", name="Start values").click()
    assert "3 of 3" in said(tab)


def test_neuron_lab_challenges_in_the_page(show):
    tab = show(demos.neuron_lab())
    for _ in range(2):
        tab.get_by_role("button", name=re.compile("times 2")).click()
    assert reached(tab) == 0
    set_range(tab, "b, bias", 16.5)
    assert reached(tab) == 1
    set_range(tab, "w₁, weight of sleep", 0)
    set_range(tab, "w₂, weight of outside", -0.3)
    set_range(tab, "b, bias", 5)
    assert reached(tab) == 2
    stored = tab.evaluate("localStorage.getItem('from-neuron-to-diffusion')")
    assert json.loads(stored) == {
        "challenge:neuron.decided": True,
        "challenge:neuron.temperature_only": True,
    }


def test_neuron_lab_for_another_lesson_has_its_own_points_and_no_challenge(show):
    gate = demos.neuron_lab(
        weights=(1, 1),
        bias=-1.5,
        activation="step",
        points=[(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 1)],
        axes=[("x₁", "", -0.5, 1.5, 0.1), ("x₂", "", -0.5, 1.5, 0.1)],
        classes=("no", "yes"),
        limits=[(3, 0.1), (3, 0.1), (4, 0.1)],
    )
    tab = show(gate)
    assert said(tab) == "At 0, 0: z = −1.5, y = 0, no. 4 of 4 points right."
    assert tab.locator(".fnd-challenge").count() == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"activation": "softmax"}, "activation must be one of"),
        ({"points": [(1, 2)]}, "points must be"),
        ({"axes": [("a", "", 0, 1)]}, "axes must be"),
    ],
)
def test_neuron_lab_says_what_is_wrong(wrong, message):
    with pytest.raises(ValueError, match=message):
        demos.neuron_lab(**wrong)


# ---------------------------------------------------------------- PerceptronTrainer


def perceptron_by_numpy(points, passes):
    """The rule of 1958 once more: weights after every example, mistakes per pass."""
    table = np.array(points, dtype=float)
    inputs, targets = table[:, :2], table[:, 2]
    w, b = np.zeros(2), 0.0
    trace, mistakes = [], []
    for _ in range(passes):
        mistakes.append(0)
        for x, y in zip(inputs, targets, strict=True):
            if y * (w @ x + b) <= 1e-9:
                w, b = w + y * x, b + y
                mistakes[-1] += 1
            trace.append([*w.tolist(), b])
        if mistakes[-1] == 0:
            break
    return trace, mistakes


@pytest.mark.parametrize("name", ["and", "or", "xor", "separable", "overlapping"])
def test_perceptron_rule_equals_numpy(name):
    points = run_js("perceptron_core", "m.preset(v.name, 2)", name=name)
    got = run_js(
        "perceptron_core",
        """(() => { const s = m.create(), trace = [];
        while (!s.done && s.passes < 30) {
          m.learn(s, v.points); trace.push([...s.w, s.b]); }
        return [trace, s.perPass]; })()""",
        points=points,
    )
    trace, mistakes = perceptron_by_numpy(points, 30)
    assert got[1] == mistakes
    np.testing.assert_allclose(got[0], trace, atol=1e-9)


def test_perceptron_margin_is_the_largest_and_bounds_the_mistakes():
    generator = np.random.default_rng(0)
    clouds = []
    for _ in range(40):  # made here, because the presets are chosen by the same bound
        inputs = generator.uniform(-2, 2, size=(15, 2)).round(1)
        w, b = generator.normal(size=2), generator.normal() / 2
        side = inputs @ w + b
        kept = np.abs(side) > 0.3 * np.linalg.norm(w)
        clouds.append(np.c_[inputs, np.sign(side)][kept].tolist())
    for found in run_js(
        "perceptron_core",
        "v.clouds.map((p) => [p, m.bound(p), m.train(p)])",
        clouds=clouds,
    ):
        points, bound, run = found
        assert bound["separable"], "separable by construction"
        table = np.array(points)
        extended = np.c_[table[:, :2], np.ones(len(table))] * table[:, 2:]
        assert (extended @ np.array(bound["u"])).min() == pytest.approx(bound["gamma"])
        assert np.linalg.norm(bound["u"]) == pytest.approx(1)
        directions = generator.normal(size=(5_000, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        best = (directions @ extended.T).min(axis=1).max()
        assert best <= bound["gamma"] + 1e-9
        assert best >= 0.7 * bound["gamma"]
        assert bound["R"] == pytest.approx(np.linalg.norm(extended, axis=1).max())
        assert run["done"]
        assert run["mistakes"] <= (bound["R"] / bound["gamma"]) ** 2 + 1e-9


def test_perceptron_says_that_xor_goes_round():
    xor, state = run_js(
        "perceptron_core",
        "[m.bound(m.preset('xor')).separable, m.train(m.preset('xor'))]",
    )
    assert xor is False
    assert not state["done"]
    assert state["cycle"] >= 1
    overlapping = run_js("perceptron_core", "m.bound(m.preset('overlapping'))")
    assert overlapping["separable"] is False


def test_perceptron_challenges_are_solvable_and_not_given_away():
    judge = "[m.isHardButSeparable(m.train(v.p), v.p), m.isThreeInseparable(v.p)]"
    hard = [[1.5, 1.5, 1], [1.6, 1.5, -1]]
    assert run_js("perceptron_core", judge, p=hard) == [True, False]
    in_line = [[-1, 0, 1], [0, 0, -1], [1, 0, 1]]
    assert run_js("perceptron_core", judge, p=in_line) == [False, True]
    triangle = [[-1, 0, 1], [0, 1, -1], [1, 0, 1]]
    assert run_js("perceptron_core", judge, p=triangle) == [False, False]
    for name in demos._perceptron.PRESETS:
        points = run_js("perceptron_core", "m.preset(v.name)", name=name)
        assert run_js("perceptron_core", judge, p=points) == [False, False]


def test_perceptron_trainer_by_mouse(show):
    tab = show(demos.perceptron_trainer("none"))
    assert said(tab).startswith("No points yet")
    plane = tab.locator("canvas").first
    box = plane.bounding_box()

    def spot(x1, x2):
        wide, high = box["width"] - 46, box["height"] - 46
        return 34 + wide * (x1 + 2) / 4, 12 + high * (2 - x2) / 4

    def click(x1, x2):
        x, y = spot(x1, x2)
        plane.click(position={"x": x, "y": y})

    click(-1, 0)
    click(1, 0)
    tab.get_by_role("radio", name="add ●").check()
    click(0, 0)
    assert "No line can separate" in said(tab)
    assert reached(tab) == 1
    tab.get_by_role("radio", name="remove").check()
    click(1, 0)
    assert "A line can separate" in said(tab)
    tab.get_by_role("radio", name="add ▲").check()
    (x, y), (to_x, to_y) = spot(0, 0), spot(-1.1, 0)
    tab.mouse.move(box["x"] + x, box["y"] + y)
    tab.mouse.down()
    tab.mouse.move(box["x"] + to_x, box["y"] + to_y, steps=4)
    tab.mouse.up()
    tab.get_by_role("slider", name="Examples per second").fill("6")
    tab.get_by_role("button", name="Run").click()
    tab.wait_for_function(
        "document.querySelector('.fnd-status').textContent.startsWith('Done after')"
    )
    assert reached(tab) == 2, "close together and far from the middle: many mistakes"


def test_perceptron_trainer_by_keyboard(show):
    tab = show(demos.perceptron_trainer("none"))
    plane = tab.locator("canvas").first
    plane.focus()
    for key in ["ArrowRight", "Enter"]:
        tab.keyboard.press(key)
    assert "1 point. Cursor at (0.5, 0), point 1, class triangle" in (
        plane.get_attribute("aria-label")
    )
    tab.keyboard.press("Delete")
    assert said(tab).startswith("No points yet")
    tab.get_by_role("combobox", name="Points").select_option(label="XOR")
    step = tab.get_by_role("button", name=re.compile("^Step"))
    step.focus()
    tab.keyboard.press("Enter")
    assert said(tab) == "Example 1 was wrong: the line moves. 1 mistake so far."
    facts = tab.locator(".fnd-facts").inner_text()
    assert re.search(r"mistakes so far\s+1", facts)
    for _ in range(40):
        tab.keyboard.press("Enter")
    assert said(tab).startswith("It goes round in a circle: every pass")


def test_perceptron_trainer_says_what_is_wrong():
    with pytest.raises(ValueError, match="preset must be one of"):
        demos.perceptron_trainer("nand")
    with pytest.raises(ValueError, match="points must be"):
        demos.perceptron_trainer(points=[(0, 0, 0)])


# ---------------------------------------------------------------- ActivationExplorer

TORCH = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky": F.leaky_relu,
    "elu": F.elu,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
}


def test_activations_and_slopes_equal_torch():
    x = torch.linspace(-9, 9, 361, dtype=torch.float64, requires_grad=True)
    for name, function in TORCH.items():
        y = function(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
        got = run_js(
            "activation_core",
            "v.x.map((x) => { const a = m.ACTIVATIONS[v.name];"
            "return [a.value(x), a.slope(x)]; })",
            x=x.tolist(),
            name=name,
        )
        expected = torch.stack([y.detach(), slope], dim=1)
        torch.testing.assert_close(
            torch.tensor(got, dtype=torch.float64), expected, atol=1e-6, rtol=1e-6
        )


def test_typical_slope_is_the_root_mean_square_over_normal_inputs():
    z = torch.linspace(-8, 8, 160_001, dtype=torch.float64)
    weight = torch.exp(-(z**2) / 2)
    for spread in (1.0, 2.5):
        for name, function in TORCH.items():
            x = (spread * z).requires_grad_()
            (slope,) = torch.autograd.grad(function(x).sum(), x)
            expected = ((slope**2 * weight).sum() / weight.sum()).sqrt().item()
            got = run_js(
                "activation_core",
                "m.typicalSlope(v.name, v.spread)",
                name=name,
                spread=spread,
            )
            assert got == pytest.approx(expected, rel=2e-4), name
    relu = run_js("activation_core", "m.typicalSlope('relu', 1)")
    assert relu == pytest.approx(0.5**0.5)


def test_gradient_left_is_the_product_over_the_layers():
    got = run_js(
        "activation_core",
        """(() => { const zs = m.chain(3, 20, 1); return [zs,
        m.left("tanh", 20, "chain", {gain: 1.5, zs}),
        m.left("sigmoid", 20, "steepest"), m.left("gelu", 20, "typical")]; })()""",
    )
    zs = torch.tensor(got[0], dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(torch.tanh(zs).sum(), zs)
    assert got[1][20] == pytest.approx((1.5 * slopes).log10().sum().item())
    assert got[2][20] == pytest.approx(20 * np.log10(0.25))
    one = run_js("activation_core", "m.typicalSlope('gelu')")
    assert got[3][20] == pytest.approx(20 * np.log10(one))


def test_activation_challenges_are_solvable():
    steep = "Object.keys(m.ACTIVATIONS).filter((n) => m.isSteep(n, v.x))"
    assert run_js("activation_core", steep, x=1.4) == ["gelu"]
    assert run_js("activation_core", steep, x=1.0) == []
    alive = "m.isAlive({name: 'sigmoid', mode: 'typical', spread: 1, ...v})"
    assert run_js("activation_core", alive, depth=30, gain=4.7)
    for facts in ({"depth": 30, "gain": 1}, {"depth": 20, "gain": 4.7}):
        assert not run_js("activation_core", alive, **facts)


def test_activation_explorer_by_keyboard(show):
    tab = show(demos.activation_explorer())
    assert said(tab).startswith("sigmoid: after 20 layers, 3.3 · 10⁻¹⁴")
    tab.get_by_role("radio", name="sigmoid").focus()
    tab.keyboard.press("ArrowRight")
    assert said(tab).startswith("tanh: after 20 layers")
    curve, deep = tab.locator("canvas").nth(0), tab.locator("canvas").nth(1)
    curve.focus()
    for _ in range(4):
        tab.keyboard.press("ArrowLeft")
    assert "at x = 0 the value is 0 and the slope 1." in curve.get_attribute(
        "aria-label"
    )
    deep.focus()
    for _ in range(19):
        tab.keyboard.press("ArrowLeft")
    assert "after 1 layer, 0.68" in said(tab)


def test_activation_explorer_by_mouse_and_its_challenges(show):
    tab = show(demos.activation_explorer())
    deep = tab.locator("canvas").nth(1)
    box = deep.bounding_box()
    tab.mouse.move(box["x"] + 60, box["y"] + 50)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] - 90, box["y"] + 50, steps=4)
    tab.mouse.up()
    assert re.search(r"after (4[5-9]|50) layers", said(tab))
    set_range(tab, "Weight factor g", 4.7)
    assert reached(tab) == 1
    tab.get_by_role("radio", name="GELU", exact=True).check()
    curve = tab.locator("canvas").nth(0)
    box = curve.bounding_box()
    middle = 36 + (box["width"] - 48) * 6.4 / 10
    curve.click(position={"x": middle, "y": 90})
    assert reached(tab) == 2
    tab.get_by_role("radio", name="one random chain").check()
    before = said(tab)
    tab.get_by_role("button", name="Another chain").click()
    assert said(tab) != before


@pytest.mark.parametrize("wrong", [{"name": "step"}, {"depth": 51}, {"x": 6}])
def test_activation_explorer_says_what_is_wrong(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)) + " must be"):
        demos.activation_explorer(**wrong)


# ---------------------------------------------------------------- LossExplorer


def test_best_fits_equal_torch():
    points = torch.tensor(demos.loss_explorer().state["points"], dtype=torch.float64)
    x, y = points.T
    losses = {
        "mse": lambda p: F.mse_loss(p, y),
        "mae": lambda p: F.l1_loss(p, y),
        "huber": lambda p: F.huber_loss(p, y, delta=1.5),
    }
    for name, loss_fn in losses.items():
        fit, loss, level = run_js(
            "loss_core",
            "(() => { const f = m.bestFit(v.name, v.p, true, 1.5);"
            "return [f, m.meanLoss(v.name, v.p, f, 1.5),"
            "m.bestFit(v.name, v.p, false, 1.5)]; })()",
            name=name,
            p=points.tolist(),
        )
        assert loss == pytest.approx(loss_fn(fit[0] + fit[1] * x).item())
        # Both losses are convex: no nearby line is better, so it is the best one.
        for size in (1e-3, 0.1, 1.0):
            for angle in torch.linspace(0, 6.28, 24):
                a, b = fit[0] + size * angle.cos(), fit[1] + size * angle.sin() / 6
                assert loss_fn(a + b * x).item() >= loss - 1e-9
        constant = torch.tensor(level[0], dtype=torch.float64)
        for shift in (-1e-3, 1e-3):
            assert loss_fn((constant + shift).expand(9)) >= loss_fn(constant.expand(9))


def test_huber_and_its_pull_equal_torch():
    r = torch.linspace(-5, 5, 41, dtype=torch.float64, requires_grad=True)
    for delta in (0.3, 1.0, 4.0):
        zero = torch.zeros_like(r)
        loss = F.huber_loss(r, zero, delta=delta, reduction="none")
        (slope,) = torch.autograd.grad(loss.sum(), r)
        got = run_js(
            "loss_core",
            "v.r.map((r) => [m.LOSSES.huber.value(r, v.d), m.LOSSES.huber.slope(r, v.d)])",
            r=r.tolist(),
            d=delta,
        )
        torch.testing.assert_close(
            torch.tensor(got, dtype=torch.float64),
            torch.stack([loss.detach(), slope], dim=1),
        )


def test_class_losses_and_slopes_equal_torch():
    z = torch.linspace(-30, 30, 61, dtype=torch.float64)
    for target, epsilon in ((1, 0.0), (0, 0.0), (1, 0.2)):
        got = run_js(
            "loss_core",
            "v.z.map((z) => { const l = m.classLoss(z, m.smooth(v.t, v.e));"
            "return [l.crossEntropy, l.crossSlope, l.squared, l.squaredSlope]; })",
            z=z.tolist(),
            t=target,
            e=epsilon,
        )
        # Two classes with the logits (0, z): PyTorch's own label smoothing.
        logits = torch.stack([torch.zeros_like(z), z], dim=1).requires_grad_()
        labels = torch.full((61,), target)
        cross = F.cross_entropy(
            logits, labels, label_smoothing=epsilon, reduction="none"
        )
        (slope,) = torch.autograd.grad(cross.sum(), logits)
        goal = target * (1 - epsilon) + epsilon / 2
        single = z.clone().requires_grad_()
        squared = (torch.sigmoid(single) - goal) ** 2
        (squared_slope,) = torch.autograd.grad(squared.sum(), single)
        expected = [cross.detach(), slope[:, 1], squared.detach(), squared_slope]
        torch.testing.assert_close(
            torch.tensor(got, dtype=torch.float64), torch.stack(expected, dim=1)
        )


def test_perplexity_is_the_exponential_of_the_cross_entropy():
    probs = [0.1, 0.5, 0.25]
    got = run_js("loss_core", "m.perplexity(v.p)", p=probs)
    assert got["nats"] == pytest.approx(-np.log(probs).mean())
    assert got["perplexity"] == pytest.approx(np.prod(probs) ** (-1 / 3))
    assert got["perplexity"] == pytest.approx(2 ** got["bits"])


def test_loss_challenges_are_solvable_and_open_at_the_start():
    start = demos.loss_explorer().state["points"]
    moved = [list(point) for point in start]
    moved[0][1] = 12
    misled = "m.isMisled(v.p, v.start)"
    assert run_js("loss_core", misled, p=moved, start=start)
    assert not run_js("loss_core", misled, p=start, start=start)
    assert run_js("loss_core", "[m.isDeaf(-4, 1), m.isDeaf(4, 0)]") == [True, True]
    assert run_js("loss_core", "[m.isDeaf(-1, 1), m.isDeaf(4, 1)]") == [False, False]
    ten = "m.isTen(v.p)"
    assert run_js("loss_core", ten, p=[0.005, 0.2, 0.2, 0.2, 0.3])
    assert not run_js("loss_core", ten, p=[0.1] * 5)


def test_loss_explorer_numbers_by_mouse_and_keyboard(show):
    tab = show(demos.loss_explorer())
    assert said(tab).startswith(
        "Point 9 at (9, 1.5). Slopes: squared 0.37, absolute 0.8"
    )
    plane = tab.locator("canvas").first
    plane.focus()
    tab.keyboard.press("ArrowUp")
    assert said(tab).startswith("Point 9 at (9, 2).")
    tab.keyboard.press("ArrowRight")
    assert said(tab).startswith("Point 1 at (1, 1.6).")
    tab.get_by_role("checkbox").uncheck()
    tab.get_by_role("checkbox").check()
    box = plane.bounding_box()
    x = box["x"] + 36 + (box["width"] - 48) / 10
    y = box["y"] + 14 + (box["height"] - 50) * (12 - 1.6) / 14
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x, box["y"] + 5, steps=5)
    tab.mouse.up()
    assert said(tab).startswith("Point 1 at (1, 12).")
    assert reached(tab) == 1
    tab.get_by_role("radio", name="best constant").check()
    assert "Constants: squared" in said(tab)


def test_loss_explorer_classes_and_words(show):
    tab = show(demos.loss_explorer("classes"))
    view = tab.locator("canvas:visible").first
    view.focus()
    for _ in range(6):
        tab.keyboard.press("ArrowLeft")
    assert said(tab).startswith(
        "Logit −4: probability of class 1 is 0.018, truth 1, wrong"
    )
    assert reached(tab) == 1
    box = view.bounding_box()
    view.click(position={"x": 36 + (box["width"] - 48) * 0.9, "y": 80})
    assert "Logit 8: " in said(tab)
    assert "right" in said(tab)
    set_range(tab, "Label smoothing ε", 0.2)
    assert "smallest at the finite logit 2.2;" in tab.locator(".fnd-body").inner_text()
    tab.get_by_role("radio", name="words").check()
    for word, place in zip(demos._loss.WORDS, [2, 7, 7, 7, 8], strict=True):
        set_range(tab, f"“{word}”", place)
    assert said(tab).startswith("Perplexity 9.6")
    assert reached(tab) == 2


def test_loss_explorer_says_what_is_wrong():
    with pytest.raises(ValueError, match="part must be one of"):
        demos.loss_explorer("images")
    with pytest.raises(ValueError, match="words must be 2 to 8"):
        demos.loss_explorer(words=["a"])


# ---------------------------------------------------------------- touch and honesty


def test_demos_answer_to_touch(show):
    tab = show(demos.perceptron_trainer("none"), width=390, has_touch=True)
    box = tab.locator("canvas").first.bounding_box()
    tab.touchscreen.tap(box["x"] + 200, box["y"] + 150)
    assert said(tab) == "Place points of both classes."
    tab = show(demos.neuron_lab(), width=390, has_touch=True)
    box = tab.locator("canvas").first.bounding_box()
    tab.touchscreen.tap(box["x"] + box["width"] - 30, box["y"] + 40)
    assert re.match(r"At 1\d(\.\d)? h", said(tab))


def test_sigmoid_is_never_shown_as_exactly_zero_or_one(show):
    tab = show(demos.neuron_lab(bias=12, weights=(-2, -0.4)))
    rows = tab.locator(".fnd-rows").inner_text()
    assert "≈ 0 tea" in rows
    assert "0.119 tea" not in rows
    tab.get_by_role("radio", name="step").check()
    assert "0 tea" in tab.locator(".fnd-rows").inner_text()
    assert "≈" not in tab.locator(".fnd-rows").inner_text()
