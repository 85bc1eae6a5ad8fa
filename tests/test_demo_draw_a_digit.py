"""DrawADigit: its network against PyTorch, its pen, its handling in a browser."""

import json

import pytest
import torch
from demo_models import build_mlp
from demo_tools import is_kept, said
from digit_drawings import STROKES, core, draw, prepared, rounded, taught
from torch import nn

from lessons_lib import demos
from lessons_lib.demos import _draw_a_digit


def page_logits(layers, images):
    """Return what the page answers, (N, classes)."""
    body = """
    const layers = m.load(v.layers);
    return v.images.map((image) => {
      const outputs = m.run(layers, Float32Array.from(image));
      return Array.from(outputs[outputs.length - 1].values);
    });
    """
    payload = {"layers": layers, "images": images.flatten(1).tolist()}
    return torch.tensor(core(body, payload))


def build_lesson_mlp():
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
@pytest.mark.parametrize("build", [build_lesson_mlp, build_odd_mlp, build_cnn])
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
        expected = rounded(model, dtype)(images)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
    assert logits.std(0).max() > 1e-3


def test_every_activation_of_the_page_equals_pytorch():
    x = torch.linspace(-9, 9, 400).tolist()
    for layer in (nn.ReLU(), nn.LeakyReLU(0.2), nn.GELU(), nn.GELU("tanh"), nn.SiLU(),
                  nn.Sigmoid(), nn.Tanh()):  # fmt: skip
        exported = _draw_a_digit.export_model(nn.Sequential(layer))
        body = """
        const run = (x) => m.run(v.layers, Float32Array.from([x]))[0].values[0];
        return v.x.map(run);
        """
        result = torch.tensor(core(body, {"layers": exported, "x": x}))
        torch.testing.assert_close(result, layer(torch.tensor(x)), rtol=1e-5, atol=2e-6)


def test_int8_export_of_the_lesson_network_is_small():
    layers = _draw_a_digit.export_model(build_lesson_mlp())
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
        _draw_a_digit.export_model(build_lesson_mlp(), "int4")


def test_draw_a_digit_checks_model_and_examples():
    with pytest.raises(ValueError, match=r"to \(1, 3\).*got \(1, 10\)"):
        demos.draw_a_digit(build_lesson_mlp(), classes=("a", "b", "c"))
    with pytest.raises(ValueError, match=r"\(N, 28, 28\).*got \(2, 8, 8\)"):
        demos.draw_a_digit(build_lesson_mlp(), examples=torch.zeros(2, 8, 8))
    with pytest.raises(ValueError, match="before normalising"):
        demos.draw_a_digit(build_lesson_mlp(), examples=torch.full((1, 28, 28), -0.4))
    model = build_lesson_mlp().train()
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
    model = build_lesson_mlp()
    images = digits.train_images / 255
    training.fit(
        model, (images, digits.train_labels), lr=1e-2, num_epochs=2,
        schedule="one_cycle", device="cpu", progress=False,
    )  # fmt: skip
    logits = page_logits(_draw_a_digit.export_model(model), prepared(STROKES))
    probs = logits.softmax(1)
    assert probs.argmax(1).tolist() == list(range(10))
    assert probs.amax(1).min() >= 0.5


# ---- in the page ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def network():
    return taught(lambda: build_mlp(48), copies=30, num_epochs=80)


def clear(page):
    page.get_by_role("button", name="Clear").click()


def test_ten_digits_by_mouse_are_recognised(show_demo, network):
    page = show_demo(demos.draw_a_digit(network))
    times = []
    for digit, strokes in enumerate(STROKES):
        draw(page, strokes)
        assert said(page).startswith(f"The network says {digit} (")
        times.append(float(page.locator(".fnd").get_attribute("data-took")))
        clear(page)
    assert is_kept(page, "pytorch.ten_digits")
    assert sorted(times)[5] < 20, "milliseconds"
    assert said(page).startswith("Draw in the field")


def test_undecided_drawing_exists(show_demo, network):
    def morph(t):  # from a one to a seven
        seven = STROKES[7][0]
        one = [(15 + 0.05 * i, 4 + 20 * i / 3) for i in range(4)]
        return [[(a + t * (c - a), b + t * (d - b))
                 for (a, b), (c, d) in zip(one, seven, strict=True)]]  # fmt: skip

    grid = [morph(i / 200) for i in range(201)]
    logits = page_logits(_draw_a_digit.export_model(network), prepared(grid))
    best = logits.softmax(1).topk(2).values
    which = (best[:, 0] - best[:, 1]).argmin().item()
    page = show_demo(demos.draw_a_digit(network))
    draw(page, grid[0])
    assert not is_kept(page, "pytorch.undecided")
    for number in range(max(0, which - 3), min(200, which + 3) + 1):
        clear(page)
        draw(page, grid[number])
    assert is_kept(page, "pytorch.undecided")


def test_an_example_can_be_opened_and_turned(show_demo, network):
    images = prepared(STROKES)
    page = show_demo(demos.draw_a_digit(network, examples=images))
    page.get_by_role("button", name="Example 2", exact=True).click()
    assert said(page).startswith("The network says 1 (")
    for digit in (0, 8, 2):
        draw(page, STROKES[digit])
    assert not said(page).startswith("The network says 1 (")
    assert is_kept(page, "pytorch.fooled")
    assert not is_kept(page, "pytorch.ten_digits")


def test_drawing_by_keyboard_and_looking_at_a_unit(show_demo, network):
    page = show_demo(demos.draw_a_digit(network))
    paper = page.get_by_role("img", name="Drawing field")
    paper.focus()
    for key in ["Space", *["ArrowDown"] * 16, "Space"]:
        page.keyboard.press(key)
    assert said(page).startswith("The network says 1 (")
    assert "1 stroke. Pen up at column 10, row 24" in paper.get_attribute("aria-label")
    assert page.get_by_text("the most active one").is_visible()
    units = page.get_by_role("img", name="48 units after ReLU")
    units.focus()
    units.press("ArrowRight")
    units.press("ArrowDown")
    note = page.locator(".fnd-dd-top .fnd-note").filter(has_text="answers")
    assert "Unit 16 answers" in note.first.inner_text()
    paper.focus()
    page.keyboard.press("Backspace")
    assert said(page).startswith("Draw in the field")


def test_drawing_by_touch(show_demo, network):
    page = show_demo(demos.draw_a_digit(network), width=390, has_touch=True)
    session = page.context.new_cdp_session(page)
    paper = page.get_by_role("img", name="Drawing field").bounding_box()
    unit = paper["width"] / 28
    for i, (x, y) in enumerate([(8, 5), (13, 5), (19, 5), (17, 10), (15, 15), (12, 24)]):
        point = {"x": paper["x"] + x * unit, "y": paper["y"] + y * unit}
        kind = "touchMove" if i else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.get_by_text("The network says 7").first.wait_for()


def test_convolutional_network_shows_its_channels(show_demo):
    torch.manual_seed(0)
    page = show_demo(demos.draw_a_digit(build_cnn()))
    draw(page, STROKES[3])
    channels = page.get_by_role("img", name="8 channels of 28 × 28, convolution")
    assert "Arrow keys choose a channel" in channels.get_attribute("aria-label")
    channels.press("ArrowRight")
    assert page.get_by_text("Channel 0, enlarged").is_visible()
