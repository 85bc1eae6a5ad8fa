"""DrawADigit with the convolutional network of the lesson `cnns`."""

import json

import pytest
import torch
from demo_models import build_lesson_cnn, build_mlp
from demo_tools import is_kept, run_js, said
from digit_drawings import STROKES, draw, prepared, rounded, taught
from torch import nn
from torch.nn import functional as F

from lessons_lib import demos
from lessons_lib.demos import _draw_a_digit

MODULES = ("kit", "draw_a_digit_core", "conv_kernels")
CORE = "const core = $draw_a_digit_core, maps = $conv_kernels;"


def move(images, dx, dy):
    """Move images by whole pixels; what comes in is 0."""
    padded = F.pad(images, (14, 14, 14, 14))
    return padded[..., 14 - dy : 42 - dy, 14 - dx : 42 - dx]


@pytest.fixture(scope="module")
def network():
    return taught(build_lesson_cnn, copies=20, num_epochs=40)


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


@pytest.mark.parametrize("make", [lambda: build_lesson_cnn()[:6], odd_stack])
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


def test_both_challenges_can_be_solved_with_the_buttons(show_demo, network):
    ways = list(pushes(network))
    digit, way, far, _ = max(ways, key=lambda found: found[2])
    assert far >= 5
    page = show_demo(demos.draw_a_digit(network))
    draw(page, STROKES[digit])
    assert said(page).startswith(f"The network says {digit} (")
    for step in range(far):
        assert not is_kept(page, "cnns.corner") or step >= 5
        page.get_by_role("button", name=way).click()
    assert is_kept(page, "cnns.corner")
    page.get_by_role("button", name="Clear").click()
    digit, way, _, lost = min((w for w in ways if w[3]), key=lambda found: found[3])
    draw(page, STROKES[digit])
    assert not is_kept(page, "cnns.pushed")
    for _ in range(lost + 1):
        page.get_by_role("button", name=way).click()
    assert is_kept(page, "cnns.pushed")
    assert f"in the centre: {digit}." in said(page)


def test_pushing_is_undone_by_centre_and_by_clear(show_demo, network):
    page = show_demo(demos.draw_a_digit(network))
    sees = page.get_by_role("img", name="What the network sees")
    draw(page, STROKES[7])
    first = said(page)
    page.get_by_role("button", name="Push right").click()
    page.get_by_role("button", name="Push up").focus()
    page.keyboard.press("Enter")
    assert "moved 1 right, 1 up" in sees.get_attribute("aria-label")
    page.get_by_role("button", name="Centre").click()
    assert "centred" in sees.get_attribute("aria-label")
    assert said(page) == first
    page.get_by_role("button", name="Push left").click()
    page.get_by_role("button", name="Clear").click()
    assert said(page).startswith("Draw in the field")
    assert not is_kept(page, "cnns.corner")


def test_a_channel_shows_its_kernel_and_what_it_looked_at(show_demo, network):
    page = show_demo(demos.draw_a_digit(network))
    draw(page, STROKES[3])
    maps = page.get_by_role("img", name="8 channels of 24 × 24, convolution and ReLU")
    maps.press("ArrowRight")
    assert page.get_by_role("img", name="1 kernel of 5 by 5").is_visible()
    assert page.get_by_text("looked at the framed 5 × 5 pixels").is_visible()
    deeper = page.get_by_role("img", name="32 channels of 8 × 8, convolution and ReLU")
    deeper.hover(position={"x": 5, "y": 5})
    assert page.get_by_role("img", name="8 kernels of 5 by 5").is_visible()
    assert page.get_by_text("looked at the framed 14 × 14 pixels").is_visible()
    pooled = page.get_by_role("img", name="8 channels of 12 × 12, max pooling")
    pooled.press("ArrowRight")
    assert page.get_by_text("looked at the framed 6 × 6 pixels").is_visible()
    assert page.get_by_text("Has no kernel").is_visible()


def test_an_mlp_has_neither_arrows_nor_kernels(show_demo):
    torch.manual_seed(0)
    page = show_demo(demos.draw_a_digit(build_mlp()))
    draw(page, STROKES[3])
    assert page.get_by_role("button", name="Push left").count() == 0
    assert page.get_by_text("A unit looks for").is_visible()
    assert page.locator(".fnd-challenge, .fnd-challenges li").count() >= 2
    assert "cnns" not in page.locator(".fnd").inner_html()


def test_an_example_takes_the_place_of_a_drawing(show_demo, network):
    page = show_demo(demos.draw_a_digit(network, examples=prepared(STROKES)))
    draw(page, STROKES[5])
    page.get_by_role("button", name="Example 3", exact=True).click()
    assert said(page).startswith("The network says 2 (")


def test_lesson_network_on_mnist_solves_both_challenges():
    """With the real digits, where they are in the cache."""
    from lessons_lib import data, training

    digits = data.load("mnist")
    if len(digits.train_images) < 60_000:
        pytest.skip("MNIST is not here")
    torch.manual_seed(0)
    model = build_lesson_cnn()
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
