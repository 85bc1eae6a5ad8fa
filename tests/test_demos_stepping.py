"""Demos that go step by step: BackpropStepper, DrawADigit, Descent, Chooser.

The pure cores run in Node and are compared with PyTorch; the demos themselves are
operated in a real browser by mouse and by keyboard.
"""

import itertools
import json
import math
import re
from contextlib import ExitStack

import pytest
import torch
from demo_tools import open_browser, run_js, watched_page, write_page
from torch import nn

from lessons_lib import demos
from lessons_lib.demos import _draw_a_digit, chooser_rules, chooser_table

LIMIT = 40_000  # bytes of HTML without data: design.md, section 6


# ---- helpers -------------------------------------------------------------------------


def run_core(code, **data):
    """Run code that gives a value; its first line imports a pure module as `core`."""
    name = re.search(r'import \* as core from "\./(\w+)\.js";', code)
    body = code.replace(name[0], f"const core = ${name[1]}; const data = payload;")
    modules = ("kit", name[1]) if name[1].startswith("draw") else (name[1],)
    return run_js(modules, body.replace("give(", "return ("), data)


@pytest.fixture(scope="module")
def browser():
    with open_browser() as chromium:
        yield chromium


@pytest.fixture
def open_demo(browser, tmp_path):
    """Open a demo from file://: no error, no request, no sideways scrolling."""
    with ExitStack() as stack:
        tabs = []

        def open_(demo, *, width=1000, theme="light", **options):
            size = {"width": width, "height": 900}
            tab = stack.enter_context(watched_page(browser, viewport=size, **options))
            tab.goto(write_page(tmp_path, demo.html(), theme=theme))
            tab.locator(".fnd-body").wait_for()
            tabs.append(tab)
            return tab

        yield open_
        for tab in tabs:
            wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, "the page scrolls sideways"


def done(tab, name):
    """Say whether a challenge is kept as reached in the reader's browser."""
    return tab.evaluate(
        "name => Boolean(JSON.parse(localStorage['from-neuron-to-diffusion'] || '{}')"
        "['challenge:' + name])",
        name,
    )


def said(tab):
    return tab.locator(".fnd-status > span").first.inner_text()


def every_demo():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
    images = torch.rand(10, 1, 28, 28)
    return [
        demos.backprop_stepper(),
        demos.draw_a_digit(model, examples=images),
        demos.descent(),
        demos.chooser(),
    ]


@pytest.mark.parametrize("demo", every_demo(), ids=lambda demo: demo.name)
def test_demo_is_small_and_has_a_still_picture(demo):
    data = len(json.dumps(demo.state))
    assert len(demo.html().encode()) - data <= LIMIT
    assert 'role="img"' in demo.figure
    assert len(demo.text) > 60


@pytest.mark.parametrize("demo", every_demo(), ids=lambda demo: demo.name)
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_demo_fits_every_width_in_the_dark(open_demo, demo, width):
    tab = open_demo(demo, width=width, theme="dark")
    small = tab.evaluate(
        "[...document.querySelectorAll('.fnd-body :is(button, select, summary)')]"
        ".filter(n => n.checkVisibility() && n.getBoundingClientRect().height < 24)"
        ".map(n => n.outerHTML)"
    )
    assert small == []
    nameless = tab.evaluate(
        "[...document.querySelectorAll('.fnd-body :is(button, select, input, canvas)')]"
        ".filter(n => !(n.getAttribute('aria-label') || n.textContent.trim() ||"
        " n.closest('label, [aria-hidden=true]'))).map(n => n.outerHTML)"
    )
    assert nameless == []


@pytest.mark.parametrize("demo", every_demo(), ids=lambda demo: demo.name)
def test_demo_without_scripts_shows_picture_and_sentence(browser, tmp_path, demo):
    address = write_page(tmp_path, demo.html())
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address)
    assert tab.get_by_role("img").first.bounding_box()["width"] > 100
    assert demo.text in tab.locator(".fnd-fallback").inner_text()
    context.close()


# ---- BackpropStepper: the core against autograd --------------------------------------

BACKPROP = """
import * as core from "./backprop_stepper_core.js";
const { GRAPHS } = core;
"""
TORCH_OPS = {
    "add": lambda a, b, k: a + b, "sub": lambda a, b, k: a - b,
    "mul": lambda a, b, k: a * b, "scale": lambda a, k: k * a,
    "shift": lambda a, k: k + a, "square": lambda a, k: a**2,
    "tanh": lambda a, k: a.tanh(), "relu": lambda a, k: a.relu(),
    "exp": lambda a, k: a.exp(), "log": lambda a, k: a.log(),
}  # fmt: skip


def graphs():
    return run_core(BACKPROP + "give(GRAPHS);")


def autograd(nodes, leaves):
    """Values and gradients of all nodes by PyTorch."""
    values = {
        name: torch.tensor(float(value), dtype=torch.float64, requires_grad=True)
        for name, value in leaves.items()
    }
    for node in nodes:
        if "op" in node:
            inputs = [values[parent] for parent in node["from"]]
            values[node["name"]] = TORCH_OPS[node["op"]](*inputs, node.get("k"))
            values[node["name"]].retain_grad()
    values[nodes[-1]["name"]].backward()
    return (
        {name: value.item() for name, value in values.items()},
        {name: value.grad.item() for name, value in values.items()},
    )


def run_js_backward(cases):
    """Run backward passes to their end in Node: (graph, leaves, order, adds) each."""
    code = BACKPROP + """
    give(data.cases.map(([name, leaves, order, adds]) => {
      const run = core.forward(GRAPHS[name], leaves);
      const events = core.handOns(GRAPHS[name], order);
      const { grads } = core.backward(GRAPHS[name], run, events, events.length, adds);
      return [run.values, grads, core.measure(GRAPHS[name], leaves)];
    }));
    """
    return run_core(code, cases=cases)


def test_backprop_graphs_agree_with_autograd():
    torch.manual_seed(0)
    table = graphs()
    cases = [
        (name, {
            node["name"]: 2 * torch.randn(()).item()
            for node in graph["nodes"] if "op" not in node
        }, "right", True)
        for name, graph in table.items() for _ in range(20)
    ]  # fmt: skip
    for case, result in zip(cases, run_js_backward(cases), strict=True):
        name, leaves, *_ = case
        values, grads, measured = result
        expected_values, expected_grads = autograd(table[name]["nodes"], leaves)
        assert values == pytest.approx(expected_values, rel=1e-12, abs=1e-12)
        assert grads == pytest.approx(expected_grads, rel=1e-12, abs=1e-12)
        nudged = {key: grads[key] for key in leaves}
        assert measured == pytest.approx(nudged, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    ("graph", "order", "adds", "expected"),
    [  # the numbers of the lesson
        ("twice", "right", True, 2), ("twice", "right", False, 1),
        ("reuse", "right", True, 6), ("reuse", "once", True, 9),
        ("reuse", "met", True, 6), ("order", "right", True, 9),
        ("order", "met", True, 3), ("order", "once", True, 12),
    ],
)  # fmt: skip
def test_wrong_orders_give_the_numbers_of_the_lesson(graph, order, adds, expected):
    start = {"twice": 3, "reuse": 1, "order": 1}[graph]
    _, grads, measured = run_js_backward([(graph, {"a": start}, order, adds)])[0]
    assert grads["a"] == expected
    right = {"twice": 2, "reuse": 6, "order": 9}[graph]
    assert measured["a"] == pytest.approx(right)


def test_backprop_starts_with_the_numbers_of_the_lesson():
    values, grads, _ = run_js_backward(
        [("weight", {"w": 3, "x": 2, "b": -4, "t": 5}, "right", True)]
    )[0]
    assert (values["m"], values["z"], values["e"], values["L"]) == (6, 2, -3, 9)
    assert (grads["w"], grads["x"], grads["b"], grads["t"]) == (-12, -18, -6, 6)
    figure = demos.backprop_stepper().figure
    for number in ("−12", "−18", "−6", ">6<", ">9<"):
        assert number in figure


# ---- BackpropStepper in the page -----------------------------------------------------


def test_backprop_by_mouse_reaches_the_end_and_the_challenge(open_demo):
    tab = open_demo(demos.backprop_stepper())
    step = tab.get_by_role("button", name="One step on")
    step.click()
    assert said(tab) == "m = w · x = 6."
    for _ in range(3):
        step.click()
    step.click()
    assert "L.grad = 1" in said(tab)
    step.click()
    assert said(tab).startswith("L hands its gradient 1 on: to e goes −6 · 1 = −6")
    while step.is_enabled():
        step.click()
    assert "every leaf has its gradient" in said(tab)
    assert tab.locator(".fnd-bs-good").count() == 4
    assert not done(tab, "backpropagation.dead_input")
    for _ in range(8):
        tab.get_by_role("button", name="x: less").click()  # to 0, in steps of 0.25
    assert done(tab, "backpropagation.dead_input")
    picture = tab.locator(".fnd-bs-graph").get_attribute("aria-label")
    assert "w, a leaf, is 3, gradient 0" in picture
    assert "L is 81" in picture


def test_backprop_by_keyboard(open_demo):
    tab = open_demo(demos.backprop_stepper("order"))
    graph = tab.locator(".fnd-bs-graph")
    graph.focus()
    graph.press("ArrowRight")
    assert said(tab) == "b = 3 · a = 3."
    graph.press("End")
    assert "a nudge measures the same" in said(tab)
    graph.press("ArrowLeft")
    graph.press("ArrowLeft")
    assert said(tab).startswith("c hands its gradient 1 on")
    tab.get_by_label("waits").focus()
    tab.keyboard.press("ArrowRight")
    graph.press("End")
    assert "wrong: a.grad is 3, but a nudge measures 9" in said(tab)
    assert done(tab, "backpropagation.order")


def test_backprop_leaf_can_be_dragged(open_demo):
    tab = open_demo(demos.backprop_stepper())
    box = tab.locator("[data-leaf=w] rect").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x, y - 40, steps=4)
    tab.mouse.up()
    assert tab.get_by_label("w", exact=True).first.input_value() == "4"


def test_backprop_flat_tanh_and_prediction_are_solvable(open_demo):
    tab = open_demo(demos.backprop_stepper("tanh"))
    field = tab.locator(".fnd-bs-leaves input").nth(4)  # b
    field.fill("9")
    field.press("Enter")
    tab.locator(".fnd-bs-graph").press("End")
    assert done(tab, "backpropagation.flat_tanh")
    for number, leaf in ((0, "x"), (4, "v"), (6, "t")):
        tab.get_by_label("Graph", exact=True).select_option(str(number))
        tab.get_by_label(leaf, exact=True).and_(tab.locator("[type=radio]")).check()
        tab.locator(".fnd-bs-graph").press("End")
        assert f"Your prediction {leaf} is right" in said(tab)
    assert done(tab, "backpropagation.predict_leaf")


def test_backprop_prediction_closes_when_the_way_back_begins(open_demo):
    tab = open_demo(demos.backprop_stepper())
    graph = tab.locator(".fnd-bs-graph")
    radio = tab.get_by_label("w", exact=True).and_(tab.locator("[type=radio]"))
    assert radio.is_enabled()
    graph.press("End")
    assert radio.is_disabled()


def test_backprop_plays_by_itself(open_demo):
    tab = open_demo(demos.backprop_stepper("twice"))
    tab.get_by_role("button", name="Play").click()
    tab.get_by_text("every leaf has its gradient").first.wait_for(timeout=15_000)
    assert tab.get_by_role("button", name="Play").is_visible()


# ---- DrawADigit: the core against PyTorch --------------------------------------------

DRAW = 'import * as core from "./draw_a_digit_core.js";'
# Ten digits as strokes in pixels of the 28x28 field.
STROKES = [
    [[(14, 4), (9, 7), (8, 14), (9, 20), (14, 24), (19, 21), (20, 14), (19, 7), (14, 4)]],
    [[(15, 4), (14, 24)]],
    [[(8, 9), (10, 5), (15, 4), (19, 7), (18, 12), (12, 19), (8, 23), (14, 22), (20, 23)]],
    [[(8, 6), (13, 4), (18, 6), (18, 10), (13, 13), (18, 15), (19, 20), (14, 24), (8, 22)]],
    [[(10, 4), (8, 14), (18, 14)], [(18, 4), (17, 14), (16, 25)]],
    [[(18, 5), (10, 5), (9, 12), (14, 11), (19, 14), (19, 20), (14, 24), (8, 22)]],
    [[(16, 4), (11, 9), (8, 16), (10, 22), (15, 24), (19, 20), (17, 15), (12, 15), (9, 18)]],
    [[(8, 5), (19, 5), (16, 13), (12, 24)]],
    [[(14, 13), (9, 9), (11, 5), (16, 4), (18, 8), (14, 13), (9, 18), (11, 23), (16, 23),
      (18, 18), (14, 13)]],
    [[(18, 9), (14, 5), (9, 7), (9, 12), (14, 14), (18, 10), (18, 7), (17, 15), (15, 24)]],
]  # fmt: skip


def prepared(drawings):
    """Images (N, 1, 28, 28) that the page makes of drawings."""
    code = DRAW + "give(data.s.map((strokes) => Array.from(core.prepare(strokes))));"
    return torch.tensor(run_core(code, s=drawings)).view(-1, 1, 28, 28)


def page_logits(layers, images):
    code = DRAW + """
    const layers = core.load(data.layers);
    give(data.images.map((image) => {
      const outputs = core.run(layers, Float32Array.from(image));
      return Array.from(outputs[outputs.length - 1].values);
    }));
    """
    flat = images.flatten(1).tolist()
    return torch.tensor(run_core(code, layers=layers, images=flat))


def round_weights(model, dtype):
    """Round weights as the export does, by PyTorch."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            weight = layer.weight.data
            if dtype == "float16":
                layer.weight.data = weight.half().float()
            else:
                scale = weight.flatten(1).abs().amax(1) / 127
                scale = scale.view(-1, *[1] * (weight.ndim - 1))
                layer.weight.data = (weight / scale).round() * scale
    return model


def build_mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)
    )


def build_odd_mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 37, bias=False), nn.BatchNorm1d(37), nn.GELU(),
        nn.Linear(37, 20), nn.SiLU(), nn.Linear(20, 18), nn.Tanh(), nn.Identity(),
        nn.Sequential(nn.Linear(18, 12), nn.Sigmoid()), nn.Linear(12, 12),
        nn.GELU(approximate="tanh"), nn.Linear(12, 12), nn.LeakyReLU(0.1), nn.Linear(12, 3),
    )  # fmt: skip


def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, (3, 5), stride=(2, 1), padding=(0, 2), groups=4), nn.ReLU(),
        nn.AvgPool2d(3, stride=2, padding=1), nn.Conv2d(16, 6, 3, padding="same"),
        nn.MaxPool2d(3, stride=1, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(6, 10),
    )  # fmt: skip


@pytest.mark.parametrize("dtype", ["int8", "float16"])
@pytest.mark.parametrize("build", [build_mlp, build_odd_mlp, build_cnn])
def test_page_computes_the_same_as_pytorch(build, dtype):
    torch.manual_seed(1)
    model = build()
    for layer in model.modules():  # statistics as after training
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
            nn.init.normal_(layer.weight)
            nn.init.normal_(layer.bias)
        elif isinstance(layer, nn.Linear):
            layer.weight.data *= 2  # so that the outputs differ between images
    images = torch.rand(5, 1, 28, 28)
    logits = page_logits(_draw_a_digit.export_model(model, dtype), images)
    with torch.no_grad():
        expected = round_weights(model, dtype).eval()(images)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
    assert logits.std(0).max() > 1e-3


def test_every_activation_of_the_page_equals_pytorch():
    x = torch.linspace(-9, 9, 400).tolist()
    for layer in (nn.ReLU(), nn.LeakyReLU(0.2), nn.GELU(), nn.GELU("tanh"), nn.SiLU(),
                  nn.Sigmoid(), nn.Tanh()):  # fmt: skip
        exported = _draw_a_digit.export_model(nn.Sequential(layer))
        code = DRAW + """
        const run = (x) => core.run(data.layers, Float32Array.from([x]))[0].values[0];
        give(data.x.map(run));
        """
        result = torch.tensor(run_core(code, layers=exported, x=x))
        torch.testing.assert_close(result, layer(torch.tensor(x)), rtol=1e-5, atol=2e-6)


def test_int8_export_of_the_lesson_network_is_small():
    layers = _draw_a_digit.export_model(build_mlp())
    size = len(json.dumps(layers))
    assert 101_632 * 4 / 3 < size < 101_632 * 4 / 3 + 2_000


def test_export_names_a_layer_that_it_does_not_know():
    with pytest.raises(TypeError, match=r"Softplus.*|got Softplus"):
        _draw_a_digit.export_model(nn.Sequential(nn.Flatten(), nn.Softplus()))
    with pytest.raises(TypeError, match="in nn.Sequential; got Linear"):
        _draw_a_digit.export_model(nn.Linear(784, 10))
    for layer in (nn.Conv2d(1, 2, 3, dilation=2), nn.MaxPool2d(2, ceil_mode=True),
                  nn.AdaptiveAvgPool2d(3), nn.Flatten(0), nn.Conv2d(1, 2, 2, padding="same"),
                  nn.BatchNorm2d(2, track_running_stats=False)):  # fmt: skip
        with pytest.raises(TypeError, match="model must be built from"):
            _draw_a_digit.export_model(nn.Sequential(layer))
    with pytest.raises(ValueError, match='"int8" or "float16", got \'int4\''):
        _draw_a_digit.export_model(build_mlp(), "int4")


def test_draw_a_digit_checks_model_and_examples():
    with pytest.raises(ValueError, match=r"to \(1, 3\).*got \(1, 10\)"):
        demos.draw_a_digit(build_mlp(), classes=("a", "b", "c"))
    with pytest.raises(ValueError, match=r"\(N, 28, 28\).*got \(2, 8, 8\)"):
        demos.draw_a_digit(build_mlp(), examples=torch.zeros(2, 8, 8))
    with pytest.raises(ValueError, match="before normalising"):
        demos.draw_a_digit(build_mlp(), examples=torch.full((1, 28, 28), -0.4))
    model = build_mlp().train()
    demos.draw_a_digit(model)
    assert model.training, "the caller's mode is left as it was"


def test_drawing_is_scaled_and_centred_by_mass_wherever_it_stands():
    three = STROKES[3]
    small = [[(2 + x / 3, 1 + y / 3) for x, y in stroke] for stroke in three]
    images = prepared([three, small])
    torch.testing.assert_close(images[0], images[1], atol=1e-5, rtol=0)
    at = torch.arange(28.0)  # MNIST's centre of mass is pixel 14
    mass = images[0, 0]
    assert (mass.sum(0) @ at / mass.sum()).item() == pytest.approx(14, abs=0.1)
    assert (mass.sum(1) @ at / mass.sum()).item() == pytest.approx(14, abs=0.1)
    rows = (mass > 0.3).any(1).sum()
    assert 19 <= rows <= 22
    assert prepared([[], [[(3, 3)]]]).amax((1, 2, 3)).tolist() == pytest.approx([0, 1], abs=0.4)


def test_pen_suits_the_pictures_that_the_network_knows():
    with_margin = torch.zeros(3, 28, 28, dtype=torch.uint8)
    with_margin[:, 4:24, 8:20] = 255
    assert _draw_a_digit.pen_style(with_margin.numpy())["box"] == 20
    assert _draw_a_digit.pen_style(255 * torch.ones(3, 28, 28).numpy())["box"] == 28
    assert _draw_a_digit.pen_style(None)["box"] == 20


def test_real_network_recognises_the_ten_drawings():
    """The challenge can be solved with the lesson's own network, on MNIST itself."""
    from lessons_lib import data, training

    digits = data.load("mnist")
    if len(digits.train_images) < 60_000:
        pytest.skip("MNIST is not here")
    torch.manual_seed(0)
    model = build_mlp()
    images = digits.train_images / 255
    training.fit(
        model, (images, digits.train_labels), lr=1e-2, num_epochs=2,
        schedule="one_cycle", device="cpu", progress=False,
    )  # fmt: skip
    logits = page_logits(_draw_a_digit.export_model(model), prepared(STROKES))
    probs = logits.softmax(1)
    assert probs.argmax(1).tolist() == list(range(10))
    assert probs.amax(1).min() >= 0.5


# ---- DrawADigit in the page ----------------------------------------------------------


@pytest.fixture(scope="module")
def network():
    """A small network that knows the strokes above, shaken."""
    torch.manual_seed(0)
    drawings, labels = [], []
    for label, strokes in enumerate(STROKES):
        for _ in range(30):
            a = torch.eye(2) + 0.12 * torch.randn(2, 2)
            drawings.append([
                (torch.tensor(s, dtype=torch.float) @ a + torch.randn(len(s), 2) / 2).tolist()
                for s in strokes
            ])  # fmt: skip
            labels.append(label)
    inputs, targets = prepared(drawings), torch.tensor(labels)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 48), nn.ReLU(), nn.Linear(48, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(80):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    return model


def draw(tab, strokes):
    """Draw strokes in pixels of the field with the mouse."""
    paper = tab.get_by_role("img", name="Drawing field")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    unit = box["width"] / 28
    for stroke in strokes:
        for i, (x, y) in enumerate(stroke):
            tab.mouse.move(box["x"] + x * unit, box["y"] + y * unit, steps=4)
            if i == 0:
                tab.mouse.down()
        tab.mouse.up()


def clear(tab):
    tab.get_by_role("button", name="Clear").click()


def test_ten_digits_by_mouse_are_recognised(open_demo, network):
    tab = open_demo(demos.draw_a_digit(network))
    times = []
    for digit, strokes in enumerate(STROKES):
        draw(tab, strokes)
        assert said(tab).startswith(f"The network says {digit} (")
        times.append(float(tab.locator(".fnd").get_attribute("data-took")))
        clear(tab)
    assert done(tab, "pytorch.ten_digits")
    assert sorted(times)[5] < 20, "milliseconds"
    assert said(tab).startswith("Draw in the field")


def test_undecided_drawing_exists(open_demo, network):
    def morph(t):  # from a one to a seven
        seven = STROKES[7][0]
        one = [(15 + 0.05 * i, 4 + 20 * i / 3) for i in range(4)]
        return [[(a + t * (c - a), b + t * (d - b))
                 for (a, b), (c, d) in zip(one, seven, strict=True)]]  # fmt: skip

    grid = [morph(i / 200) for i in range(201)]
    logits = page_logits(_draw_a_digit.export_model(network), prepared(grid))
    best = logits.softmax(1).topk(2).values
    which = (best[:, 0] - best[:, 1]).argmin().item()
    tab = open_demo(demos.draw_a_digit(network))
    draw(tab, grid[0])
    assert not done(tab, "pytorch.undecided")
    for number in range(max(0, which - 3), min(200, which + 3) + 1):
        clear(tab)
        draw(tab, grid[number])
    assert done(tab, "pytorch.undecided")


def test_an_example_can_be_opened_and_turned(open_demo, network):
    images = prepared(STROKES)
    tab = open_demo(demos.draw_a_digit(network, examples=images))
    tab.get_by_role("button", name="Example 2", exact=True).click()
    assert said(tab).startswith("The network says 1 (")
    for digit in (0, 8, 2):
        draw(tab, STROKES[digit])
    assert not said(tab).startswith("The network says 1 (")
    assert done(tab, "pytorch.fooled")
    assert not done(tab, "pytorch.ten_digits")


def test_drawing_by_keyboard_and_looking_at_a_unit(open_demo, network):
    tab = open_demo(demos.draw_a_digit(network))
    paper = tab.get_by_role("img", name="Drawing field")
    paper.focus()
    for key in ["Space", *["ArrowDown"] * 16, "Space"]:
        tab.keyboard.press(key)
    assert said(tab).startswith("The network says 1 (")
    assert "1 stroke. Pen up at column 10, row 24" in paper.get_attribute("aria-label")
    assert tab.get_by_text("the most active one").is_visible()
    units = tab.get_by_role("img", name="48 units after ReLU")
    units.focus()
    units.press("ArrowRight")
    units.press("ArrowDown")
    note = tab.locator(".fnd-dd-top .fnd-note").filter(has_text="answers")
    assert "Unit 16 answers" in note.first.inner_text()
    paper.focus()
    tab.keyboard.press("Backspace")
    assert said(tab).startswith("Draw in the field")


def test_drawing_by_touch(open_demo, network):
    tab = open_demo(demos.draw_a_digit(network), width=390, has_touch=True)
    session = tab.context.new_cdp_session(tab)
    paper = tab.get_by_role("img", name="Drawing field").bounding_box()
    unit = paper["width"] / 28
    for i, (x, y) in enumerate([(8, 5), (13, 5), (19, 5), (17, 10), (15, 15), (12, 24)]):
        point = {"x": paper["x"] + x * unit, "y": paper["y"] + y * unit}
        kind = "touchMove" if i else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.get_by_text("The network says 7").first.wait_for()


def test_convolutional_network_shows_its_channels(open_demo):
    torch.manual_seed(0)
    tab = open_demo(demos.draw_a_digit(build_cnn()))
    draw(tab, STROKES[3])
    channels = tab.get_by_role("img", name="8 channels of 28 × 28, convolution")
    assert "Arrow keys choose a channel" in channels.get_attribute("aria-label")
    channels.press("ArrowRight")
    assert tab.get_by_text("Channel 0, enlarged").is_visible()


# ---- Descent: the core against torch.optim.SGD ---------------------------------------

DESCENT = 'import * as core from "./descent_core.js"; const { LANDSCAPES } = core;'
FUNCTIONS = {
    "parabola": lambda x: x[0] ** 2,
    "valleys": lambda x: x[0] ** 4 / 4 - x[0] ** 2 + 0.3 * x[0] + 1.5,
    "bowl": lambda x: (x[0] ** 2 + x[1] ** 2) / 2,
    "ravine": lambda x: (x[0] ** 2 + 50 * x[1] ** 2) / 4,
    "saddle": lambda x: x[0] ** 2 / 2 - x[1] ** 2 / 2 + x[1] ** 4 / 8,
    "noisy": lambda x: (x[0] ** 2 + 4 * x[1] ** 2) / 2,
}


def page_runs(runs):
    """Run descents in Node: (landscape, start or None, lr, momentum, steps) each."""
    code = DESCENT + """
    give(data.runs.map(([name, start, lr, momentum, steps]) => {
      const land = LANDSCAPES[name];
      const run = core.begin(land, start || land.start);
      for (let i = 0; i < steps; i += 1) core.step(land, run, lr, momentum);
      return { path: run.path, losses: run.losses, ...core.verdict(land, run) };
    }));
    """
    return run_core(code, runs=runs)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_descent_takes_the_steps_of_torch_sgd(name, momentum):
    dims = 1 if name in ("parabola", "valleys") else 2
    start, lr, steps = [1.7, 0.6][:dims], 0.03, 60
    (run,) = page_runs([(name, start, lr, momentum, steps)])
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([point], lr=lr, momentum=momentum)
    for number in range(steps + 1):
        assert run["path"][number] == pytest.approx(point.tolist(), rel=1e-9, abs=1e-9)
        loss = FUNCTIONS[name](point)
        assert run["losses"][number] == pytest.approx(loss.item(), rel=1e-9, abs=1e-9)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@pytest.mark.parametrize("name", ["parabola", "bowl", "ravine"])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_critical_learning_rate_divides_converging_from_diverging(name, momentum):
    sharpness, edge = run_core(
        DESCENT + "const land = LANDSCAPES[data.name];"
        "give([land.sharpness, core.critical(land, data.momentum)]);",
        name=name, momentum=momentum,
    )  # fmt: skip
    start = torch.tensor([0.3, 0.4][: 1 if name == "parabola" else 2])
    hessian = torch.autograd.functional.hessian(FUNCTIONS[name], start)
    assert torch.linalg.eigvalsh(hessian)[-1].item() == pytest.approx(sharpness)
    below, above = page_runs(
        [(name, None, factor * edge, momentum, 2000) for factor in (0.98, 1.02)]
    )
    assert below["losses"][-1] < 1e-6
    assert above["kind"] == "diverges"


def test_verdicts_say_what_happens():
    cases = {
        ("parabola", None, 1.0, 0.0, 8): ("oscillates", "comes no closer"),
        ("parabola", None, 0.8, 0.0, 8): ("oscillates", "but comes closer"),
        ("parabola", None, 1.1, 0.0, 6): ("diverges", "higher"),
        ("parabola", None, 0.1, 0.0, 5): ("falls", "falls"),
        ("parabola", None, 0.1, 0.0, 100): ("settled", "converges"),
        ("saddle", (2.0, 0.0), 0.1, 0.0, 200): ("saddle", "not in a valley"),
        ("saddle", (2.0, 0.05), 0.1, 0.0, 300): ("settled", "converges"),
        ("noisy", None, 0.1, 0.0, 60): ("noisy", "wanders"),
        ("bowl", None, 0.1, 0.0, 0): ("start", "Ready"),
    }
    for (kind, words), run in zip(cases.values(), page_runs(list(cases)), strict=True):
        assert run["kind"] == kind, run["text"]
        assert words in run["text"]


def test_ravine_needs_momentum_and_deep_valley_can_be_reached():
    rates = run_core(DESCENT + "give(core.RATES);")
    assert 1 in rates
    momenta = [round(0.05 * i, 2) for i in range(20)]
    grid = [("ravine", None, lr, m, 40) for m in momenta for lr in rates]
    best = {}
    for (_, _, lr, m, _), run in zip(grid, page_runs(grid), strict=True):
        best[m] = min(best.get(m, (math.inf, 0)), (min(run["losses"]), lr))
    assert best[0.0][0] > 0.01
    assert min(best.values())[0] < 0.001
    grid = [("valleys", None, lr, m, 300) for m in momenta for lr in rates]
    runs = page_runs(grid)
    deep = [
        (lr, m) for (_, _, lr, m, _), run in zip(grid, runs, strict=True)
        if run["kind"] == "settled" and run["path"][-1][0] < 0
    ]  # fmt: skip
    assert deep
    assert any(
        run["kind"] == "settled" and run["path"][-1][0] > 0 for run in runs
    ), "a careless choice ends in the shallow valley"


# ---- Descent in the page -------------------------------------------------------------


def turn(tab, label, text):
    """Move a slider by keys until it shows `text`."""
    slider = tab.get_by_label(label, exact=True)
    slider.press("Home")
    for _ in range(60):
        if slider.get_attribute("aria-valuetext") == text:
            return
        slider.press("ArrowRight")
    raise AssertionError(f"{label} never shows {text}")


def test_descent_by_mouse_steps_to_the_edge_of_stability(open_demo):
    tab = open_demo(demos.descent("parabola", lr=0.5))
    step = tab.get_by_role("button", name="Step")
    step.click()
    assert "converges" in said(tab), "lr = 1/L reaches the bottom of a parabola at once"
    turn(tab, "Learning rate", "1")
    tab.get_by_role("button", name="Back to the chosen start").click()
    for _ in range(6):
        step.click()
    assert "comes no closer" in said(tab)
    assert done(tab, "gradient_descent.edge")
    assert "Above 1 = 2/L it diverges" in tab.locator(".fnd-split").inner_text()


def test_descent_start_is_dragged_and_moved_by_keys(open_demo):
    tab = open_demo(demos.descent("saddle", lr=0.2))
    view = tab.get_by_role("img", name="Saddle")
    box = view.bounding_box()
    tab.mouse.move(box["x"] + 60, box["y"] + 60)
    tab.mouse.down()
    middle = box["y"] + 10 + (box["height"] - 46) / 2  # y = 0
    tab.mouse.move(box["x"] + box["width"] - 60, middle, steps=5)
    tab.mouse.up()
    assert ", 0)" in said(tab)
    assert said(tab).startswith("Start at (3.")
    tab.get_by_role("button", name="Run").click()
    tab.get_by_text("not in a valley").first.wait_for(timeout=20_000)
    assert done(tab, "gradient_descent.saddle")
    view.focus()
    view.press("ArrowUp")
    assert said(tab).startswith("Start at (3.")
    assert ", 0.10)" in said(tab)
    view.press("Enter")
    assert said(tab).startswith("Step 1:")


def test_ravine_challenge_by_keyboard(open_demo):
    tab = open_demo(demos.descent("ravine"))
    turn(tab, "Learning rate", "0.079")
    turn(tab, "Momentum", "0.70")
    view = tab.get_by_role("img", name="Ravine")
    for _ in range(40):
        view.press("Enter")
    assert done(tab, "gradient_descent.ravine"), said(tab)


def test_deep_valley_challenge(open_demo):
    tab = open_demo(demos.descent("valleys"))
    turn(tab, "Learning rate", "0.1")
    turn(tab, "Momentum", "0.90")
    step = tab.get_by_role("button", name="Step")
    for _ in range(250):
        step.click()
        if "converges" in said(tab):
            break
    assert done(tab, "gradient_descent.deep_valley"), said(tab)


def test_divergence_is_said_and_stops_the_run(open_demo):
    tab = open_demo(demos.descent("bowl", lr=3, momentum=0))
    tab.get_by_role("button", name="Run").click()
    tab.get_by_text("It diverges").first.wait_for(timeout=10_000)
    tab.wait_for_timeout(2500)
    assert tab.get_by_role("button", name="Run").is_visible()


def test_descent_refuses_impossible_settings():
    with pytest.raises(ValueError, match="lr must be above 0.*got lr=0, momentum=0.0"):
        demos.descent(lr=0)


# ---- Chooser: the rules --------------------------------------------------------------

CHOOSER = 'import * as core from "./chooser_core.js";'
QUESTIONS = {name: list(part["options"]) for name, part in chooser_table.QUESTIONS.items()}
# The ten cases of the page `practice/choosing`: kind, amount, goal, compute, explain.
CASES = {
    "churn": ("table", "some", "predict", "cpu", "no", "boosting"),
    "loan": ("table", "some", "predict", "cpu", "yes", "ebm"),
    "trial": ("table", "few", "predict", "gpu", "no", "tabpfn"),
    "leaves": ("images", "few", "predict", "cpu", "no", "embeddings"),
    "x_ray": ("images", "some", "predict", "gpu", "no", "finetune"),
    "tickets": ("text", "some", "predict", "gpu", "no", "encoder"),
    "letters": ("text", "some", "predict", "cpu", "yes", "words"),
    "sales": ("series", "some", "predict", "cpu", "no", "lags"),
    "birds": ("sound", "few", "predict", "gpu", "no", "embeddings"),
    "textures": ("images", "many", "generate", "gpu", "no", "diffusion"),
}


def every_answer():
    for values in itertools.product(*QUESTIONS.values()):
        yield dict(zip(QUESTIONS, values, strict=True))


def test_every_combination_gets_a_start_with_reasons_and_two_alternatives():
    answers = list(every_answer())
    assert len(answers) == 5 * 3 * 3 * 3 * 2
    for answer in answers:
        rule = chooser_rules.recommend(answer)
        assert len(rule["why"]) >= 2
        keys = [rule["start"], *rule["others"]]
        assert len(set(keys)) == 3
        assert set(keys) <= chooser_table.ARCHITECTURES.keys()
        notes = [n for n in chooser_rules.NOTES if chooser_rules.fits(n["when"], answer)]
        assert notes


def test_page_and_python_choose_the_same():
    answers = list(every_answer())
    code = CHOOSER + "give(data.a.map((a) => core.recommend(data.rules, a).start));"
    starts = run_core(code, a=answers, rules=chooser_rules.RULES)
    assert starts == [chooser_rules.recommend(answer)["start"] for answer in answers]


def test_every_rule_decides_somewhere_and_every_architecture_is_named():
    deciding = [chooser_rules.recommend(answer) for answer in every_answer()]
    for rule in chooser_rules.RULES:
        assert rule in deciding, f"never reached: {rule['when']}"
        for question, value in rule["when"].items():
            assert value in QUESTIONS[question]
    named = {key for rule in deciding for key in (rule["start"], *rule["others"])}
    assert named == chooser_table.ARCHITECTURES.keys()


@pytest.mark.parametrize("case", CASES)
def test_ten_cases_give_what_the_text_says(case):
    *values, start = CASES[case]
    answers = dict(zip(QUESTIONS, values, strict=True))
    assert chooser_rules.recommend(answers)["start"] == start
    bank = pytest.importorskip("lessons_lib.exercises.bank.choosing")
    right = [choice.text for choice in bank.QUIZZES[case].choices if choice.right]
    assert [chooser_table.ARCHITECTURES[start]["name"]] == right


def test_heavy_starts_are_not_for_a_laptop():
    heavy = {"finetune", "encoder", "audio", "diffusion", "vit", "transformer", "ssm", "tcn"}
    for answer in every_answer():
        if answer["compute"] == "cpu":
            assert chooser_rules.recommend(answer)["start"] not in heavy


def test_architectures_have_every_column_and_a_dated_source(root):
    for row in chooser_table.ARCHITECTURES.values():
        assert all(row[key] for key in row if key != "is_deep")
        assert re.search(r"(19|20)\d\d", row["source"])
        assert row["lesson"] in chooser_table.LESSONS
    for lesson in chooser_table.LESSONS.values():
        if "page" in lesson:
            assert (root / "book" / f"{lesson['page']}.ipynb").is_file()


def test_table_shows_every_architecture():
    table = demos.architecture_table()
    for row in chooser_table.ARCHITECTURES.values():
        assert row["name"] in repr(table)
    page = table._repr_html_()
    assert page.count('scope="row"') == len(chooser_table.ARCHITECTURES)
    assert 'aria-label="Architectures"' in page


def test_chooser_refuses_unknown_answers():
    with pytest.raises(ValueError, match="got data='graphs'"):
        demos.chooser(data="graphs")


# ---- Chooser in the page -------------------------------------------------------------


def test_chooser_by_mouse_gives_reasons_links_and_turning_points(open_demo):
    tab = open_demo(demos.chooser(home="https://example.org/book/"))
    heading = tab.locator(".fnd-ch-title")
    assert heading.inner_text() == "Gradient-boosted trees"
    tab.get_by_label("yes", exact=True).check()
    assert heading.inner_text() == "Explainable boosting machine"
    link = tab.locator(".fnd-ch-start a")
    assert link.get_attribute("href").endswith("book/foundations/neuron.html")
    assert tab.locator(".fnd-ch-others section").count() == 2
    turning = tab.locator(".fnd-ch-list").nth(2).inner_text()
    assert "How many examples: under 1,000 → Linear or logistic regression" in turning
    tab.get_by_label("text", exact=True).check()
    tab.get_by_label("time series").check()
    assert done(tab, "choosing.no_network")
    assert "Exponential smoothing" in heading.inner_text()


def test_chooser_by_keyboard(open_demo):
    tab = open_demo(demos.chooser(data="images", goal="groups", amount="few"))
    tab.get_by_label("images", exact=True).focus()
    tab.keyboard.press("ArrowRight")
    assert tab.get_by_label("text", exact=True).is_checked()
    assert tab.locator(".fnd-ch-title").inner_text().startswith("Pretrained features")
    assert done(tab, "choosing.same_start")
    spoken = tab.locator(".fnd-status [role=status]")
    tab.wait_for_timeout(1800)
    assert spoken.text_content().startswith("Start with: Pretrained features")


def test_chooser_names_lessons_to_come_without_a_link(open_demo):
    tab = open_demo(demos.chooser(data="images", compute="gpu"))
    start = tab.locator(".fnd-ch-start")
    assert "ResNets and transfer (part 3), still to come" in start.inner_text()
    assert start.locator("a").count() == 0
