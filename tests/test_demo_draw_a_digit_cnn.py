"""DrawADigit with the convolutional network of the lesson `cnns`."""

import json
from contextlib import ExitStack

import pytest
import torch
from demo_tools import open_browser, run_js, watched_page, write_page
from torch import nn
from torch.nn import functional as F

from lessons_lib import demos
from lessons_lib.demos import _draw_a_digit

MODULES = ("kit", "draw_a_digit_core", "conv_kernels")
CORE = "const core = $draw_a_digit_core, maps = $conv_kernels;"
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


def build():
    """The network of the lesson: 11,770 parameters."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip


def rounded(model, dtype):
    """A copy whose weights PyTorch has rounded as the export does."""
    copy = build()
    copy.load_state_dict(model.state_dict())
    for layer in copy:
        if isinstance(layer, nn.Linear | nn.Conv2d):
            weight = layer.weight.data
            scale = weight.flatten(1).abs().amax(1) / 127
            scale = scale.view(-1, *[1] * (weight.ndim - 1))
            half = weight.half().float()
            layer.weight.data = half if dtype == "float16" else (weight / scale).round() * scale
    return copy.eval()


def prepared(drawings):
    """Images (N, 1, 28, 28) that the page makes of drawings."""
    code = CORE + "return payload.map((strokes) => Array.from(core.prepare(strokes)));"
    return torch.tensor(run_js(MODULES, code, drawings)).view(-1, 1, 28, 28)


def move(images, dx, dy):
    """Move images by whole pixels; what comes in is 0."""
    padded = F.pad(images, (14, 14, 14, 14))
    return padded[..., 14 - dy : 42 - dy, 14 - dx : 42 - dx]


@pytest.fixture(scope="module")
def network():
    """The lesson's network, taught the strokes above, shaken."""
    torch.manual_seed(0)
    drawings, labels = [], []
    for label, strokes in enumerate(STROKES):
        for _ in range(20):
            a = torch.eye(2) + 0.12 * torch.randn(2, 2)
            drawings.append([
                (torch.tensor(s, dtype=torch.float) @ a + torch.randn(len(s), 2) / 2).tolist()
                for s in strokes
            ])  # fmt: skip
            labels.append(label)
    inputs, targets = prepared(drawings), torch.tensor(labels)
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(40):
        optimizer.zero_grad()
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()
    return model


# ---- arithmetic of the page ----------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int8", "float16"])
def test_every_layer_of_the_page_equals_pytorch_with_the_same_rounded_weights(network, dtype):
    images = prepared(STROKES)
    code = CORE + """
    const layers = core.load(payload.layers);
    return payload.images.map((image) => core.run(layers, Float32Array.from(image))
      .map(({ shape, values }) => ({ shape, values: Array.from(values) })));
    """
    layers = _draw_a_digit.export_model(network, dtype)
    outputs = run_js(MODULES, code, {"layers": layers, "images": images.flatten(1).tolist()})
    current, model = images, rounded(network, dtype)
    assert len(outputs[0]) == len(model)
    with torch.no_grad():
        for i, layer in enumerate(model):
            current = layer(current)
            assert tuple(outputs[0][i]["shape"]) == current.shape[1:]
            found = torch.tensor([output[i]["values"] for output in outputs])
            torch.testing.assert_close(found, current.flatten(1), rtol=1e-4, atol=1e-3)
        exact = network(images)
    assert current.std(0).min() > 0.1, "the outputs tell the digits apart"
    assert (current - exact).abs().max() < 1, "rounding costs little"
    assert current.argmax(1).tolist() == exact.argmax(1).tolist() == list(range(10))


def test_weights_in_the_page_are_small_and_the_script_too(network):
    layers = json.dumps(_draw_a_digit.export_model(network))
    assert len(layers) < 20_000
    assert len(json.dumps(_draw_a_digit.export_model(network, "float16"))) < 40_000
    demo = demos.draw_a_digit(network, examples=prepared(STROKES))
    assert len(demo.html().encode()) - len(json.dumps(demo.state)) <= 40_000


def test_a_stroke_is_answered_within_20_ms(network):
    code = CORE + """
    const layers = core.load(payload.layers), times = [];
    for (let i = 0; i < 30; i += 1) {
      const start = performance.now();
      core.run(layers, core.prepare(payload.strokes));
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[15];
    """
    layers = _draw_a_digit.export_model(network)
    assert run_js(MODULES, code, {"layers": layers, "strokes": STROKES[8]}) < 20


@pytest.mark.parametrize("by", [(0, 0), (3, 0), (-5, 2), (0, -14), (14, 14)])
def test_translate_moves_and_fills_with_zero(by):
    image = torch.rand(1, 1, 28, 28)
    code = CORE + "return maps.translate(Float32Array.from(payload.image), 28, ...payload.by);"
    found = run_js(MODULES, code, {"image": image.flatten().tolist(), "by": by})
    torch.testing.assert_close(torch.tensor(found).view(1, 1, 28, 28), move(image, *by))


def odd_stack():
    return nn.Sequential(
        nn.Conv2d(1, 2, (3, 5), stride=(2, 1), padding=(1, 0)), nn.ReLU(),
        nn.AvgPool2d(3, stride=2, padding=1), nn.Conv2d(2, 3, 3), nn.AvgPool2d(2),
    )  # fmt: skip


@pytest.mark.parametrize("make", [lambda: build()[:6], odd_stack])
def test_receptive_field_is_where_the_gradient_is_not_zero(make):
    model = make()
    for parameter in model.parameters():
        nn.init.ones_(parameter)
    # The maximum hands its gradient to one pixel only, the mean to all that it saw.
    model = nn.Sequential(*[
        nn.AvgPool2d(x.kernel_size, x.stride) if isinstance(x, nn.MaxPool2d) else x
        for x in model
    ])  # fmt: skip
    code = CORE + """
    const layers = core.load(payload.layers);
    return payload.asked.map(([i, row, column]) => maps.receptive(layers, i, row, column, 28));
    """
    asked, expected = [], []
    for i in range(1, len(model) + 1):
        image = torch.ones(1, 1, 28, 28, requires_grad=True)
        out = model[:i](image)
        rows, columns = out.shape[2:]
        for row, column in ((0, 0), (rows // 2, columns // 3), (rows - 1, columns - 1)):
            image.grad = None
            out[0, 0, row, column].backward(retain_graph=True)
            seen = image.grad[0, 0].nonzero()
            asked.append([i - 1, row, column])
            expected.append([*seen.amin(0).tolist(), *seen.amax(0).tolist()])
    payload = {"layers": _draw_a_digit.export_model(model), "asked": asked}
    assert run_js(MODULES, code, payload) == expected


def test_after_flatten_a_unit_looks_at_the_whole_picture(network):
    code = CORE + "return maps.receptive(core.load(payload), 7, 0, 0, 28);"
    layers = _draw_a_digit.export_model(network)
    assert run_js(MODULES, code, layers) == [0, 0, 27, 27]


def test_kernels_and_strongest_number_of_a_channel(network):
    code = CORE + """
    const layers = core.load(payload.layers);
    const out = core.run(layers, Float32Array.from(payload.image));
    return [maps.kernelsOf(layers[3], 5), maps.strongest(out[0], 2)];
    """
    image = prepared(STROKES[3:4])
    layers = _draw_a_digit.export_model(network, "float16")
    payload = {"layers": layers, "image": image.flatten().tolist()}
    kernels, top = run_js(MODULES, code, payload)
    model = rounded(network, "float16")
    assert (kernels["count"], kernels["height"], kernels["width"]) == (8, 5, 5)
    torch.testing.assert_close(torch.tensor(kernels["values"]), model[3].weight[5].flatten())
    found = model[0](image)[0, 2]
    assert top["row"] * 24 + top["column"] == found.argmax()
    assert top["value"] == pytest.approx(found.max().item(), abs=1e-4)


# ---- in the page ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    with open_browser() as chromium:
        yield chromium


@pytest.fixture
def open_demo(browser, tmp_path):
    """Open a demo from file://: no error, no request, no sideways scrolling."""
    with ExitStack() as stack:
        tabs = []

        def open_(demo, *, width=1000, theme="light"):
            size = {"width": width, "height": 900}
            tab = stack.enter_context(watched_page(browser, viewport=size))
            tab.goto(write_page(tmp_path, demo.html(), theme=theme))
            tab.locator(".fnd-body").wait_for()
            tabs.append(tab)
            return tab

        yield open_
        for tab in tabs:
            wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, "the page scrolls sideways"


def done(tab, name):
    return tab.evaluate(
        "name => Boolean(JSON.parse(localStorage['from-neuron-to-diffusion'] || '{}')"
        "['challenge:' + name])",
        name,
    )


def said(tab):
    return tab.locator(".fnd-status > span").first.inner_text()


def draw(tab, strokes):
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


WAYS = {"Push left": (-1, 0), "Push up": (0, -1), "Push down": (0, 1), "Push right": (1, 0)}


@torch.no_grad()
def pushes(model):
    """For each digit and way: how far it is read the same, and the next step's answer."""
    model, images = rounded(model, "int8"), prepared(STROKES)
    for digit in range(10):
        for way, (dx, dy) in WAYS.items():
            moved = torch.cat([move(images[digit : digit + 1], k * dx, k * dy) for k in range(15)])
            sure, answer = model(moved).softmax(1).max(1)
            lost = (answer != answer[0]).nonzero().flatten()
            first = lost.min().item() if len(lost) else None
            same = ((answer == answer[0]) & (sure >= 0.6))[:first].nonzero().flatten()
            yield digit, way, same.max().item(), first


def test_both_challenges_can_be_solved_with_the_buttons(open_demo, network):
    ways = list(pushes(network))
    digit, way, far, _ = max(ways, key=lambda found: found[2])
    assert far >= 5
    tab = open_demo(demos.draw_a_digit(network))
    draw(tab, STROKES[digit])
    assert said(tab).startswith(f"The network says {digit} (")
    for step in range(far):
        assert not done(tab, "cnns.corner") or step >= 5
        tab.get_by_role("button", name=way).click()
    assert done(tab, "cnns.corner")
    tab.get_by_role("button", name="Clear").click()
    digit, way, _, lost = min((w for w in ways if w[3]), key=lambda found: found[3])
    draw(tab, STROKES[digit])
    assert not done(tab, "cnns.pushed")
    for _ in range(lost + 1):
        tab.get_by_role("button", name=way).click()
    assert done(tab, "cnns.pushed")
    assert f"in the centre: {digit}." in said(tab)


def test_pushing_is_undone_by_centre_and_by_clear(open_demo, network):
    tab = open_demo(demos.draw_a_digit(network))
    sees = tab.get_by_role("img", name="What the network sees")
    draw(tab, STROKES[7])
    first = said(tab)
    tab.get_by_role("button", name="Push right").click()
    tab.get_by_role("button", name="Push up").focus()
    tab.keyboard.press("Enter")
    assert "moved 1 right, 1 up" in sees.get_attribute("aria-label")
    tab.get_by_role("button", name="Centre").click()
    assert "centred" in sees.get_attribute("aria-label")
    assert said(tab) == first
    tab.get_by_role("button", name="Push left").click()
    tab.get_by_role("button", name="Clear").click()
    assert said(tab).startswith("Draw in the field")
    assert not done(tab, "cnns.corner")


def test_a_channel_shows_its_kernel_and_what_it_looked_at(open_demo, network):
    tab = open_demo(demos.draw_a_digit(network))
    draw(tab, STROKES[3])
    maps = tab.get_by_role("img", name="8 channels of 24 × 24, convolution and ReLU")
    maps.press("ArrowRight")
    assert tab.get_by_role("img", name="1 kernel of 5 by 5").is_visible()
    assert tab.get_by_text("looked at the framed 5 × 5 pixels").is_visible()
    deeper = tab.get_by_role("img", name="32 channels of 8 × 8, convolution and ReLU")
    deeper.hover(position={"x": 5, "y": 5})
    assert tab.get_by_role("img", name="8 kernels of 5 by 5").is_visible()
    assert tab.get_by_text("looked at the framed 14 × 14 pixels").is_visible()
    pooled = tab.get_by_role("img", name="8 channels of 12 × 12, max pooling")
    pooled.press("ArrowRight")
    assert tab.get_by_text("looked at the framed 6 × 6 pixels").is_visible()
    assert tab.get_by_text("Has no kernel").is_visible()


def test_an_mlp_has_neither_arrows_nor_kernels(open_demo):
    torch.manual_seed(0)
    mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
    tab = open_demo(demos.draw_a_digit(mlp))
    draw(tab, STROKES[3])
    assert tab.get_by_role("button", name="Push left").count() == 0
    assert tab.get_by_text("A unit looks for").is_visible()
    assert tab.locator(".fnd-challenge, .fnd-challenges li").count() >= 2
    assert "cnns" not in tab.locator(".fnd").inner_html()


@pytest.mark.parametrize("width", [320, 1200])
def test_demo_with_maps_fits_every_width_in_the_dark(open_demo, network, width):
    tab = open_demo(
        demos.draw_a_digit(network, examples=prepared(STROKES)), width=width, theme="dark"
    )
    draw(tab, STROKES[5])
    tab.get_by_role("button", name="Example 3", exact=True).click()
    assert said(tab).startswith("The network says 2 (")


def test_lesson_network_on_mnist_solves_both_challenges():
    """With the real digits, where they are in the cache."""
    from lessons_lib import data, training

    digits = data.load("mnist")
    if len(digits.train_images) < 60_000:
        pytest.skip("MNIST is not here")
    torch.manual_seed(0)
    model = build()
    training.fit(
        model, (digits.train_images[:20_000] / 255, digits.train_labels[:20_000]), lr=1e-2,
        num_epochs=1, batch_size=128, schedule="one_cycle", device="cpu", progress=False,
        channels_last=True,
    )  # fmt: skip
    with torch.no_grad():
        assert rounded(model, "int8")(prepared(STROKES)).argmax(1).tolist() == list(range(10))
    ways = list(pushes(model))
    assert max(far for _, _, far, _ in ways) >= 5
    assert min(lost for *_, lost in ways if lost) <= 8
