"""NeuronLab: its arithmetic against PyTorch, its handling in a browser."""

import json
import re

import pytest
import torch
from demo_tools import js_value, reached, said, set_range

from lessons_lib import demos

js = js_value("neuron_lab_core")


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
    found = js(
        "v.names.map((activation) => v.x.map("
        "(x) => m.neuron({w: v.w, b: v.b, activation}, x).y))",
        x=inputs.tolist(),
        w=w.tolist(),
        b=b,
        names=list(functions),
    )
    for function, got in zip(functions.values(), found, strict=True):
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
        return js(
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
    twice = js(expression, w=[-0.5, -0.1], b=4, k=2, limits=limits)
    assert twice == {"w": [-1, -0.2], "b": 8}
    for k in (10, 1 / 40):  # too large; too fine
        assert js(expression, w=[-1, -0.2], b=8, k=k, limits=limits) is None


# ---- in the page ---------------------------------------------------------------------


def test_neuron_lab_by_keyboard(show_demo):
    page = show_demo(demos.neuron_lab())
    assert said(page).startswith("At 5 h, 10 °C: z = 0.5, y = 0.62, coffee. 3 of 3")
    plane = page.locator("canvas").first
    plane.focus()
    for key in ["ArrowRight"] * 6 + ["Shift+ArrowDown"] * 20:
        page.keyboard.press(key)
    assert said(page).startswith("At 8 h, 0 °C: z = 0, y = 0.5, undecided.")
    assert "y = 0.5, undecided" in plane.get_attribute("aria-label")
    page.get_by_role("radio", name="step").focus()
    page.keyboard.press("ArrowRight")  # from step to tanh: radio buttons follow arrows
    assert "y = 0, undecided" in said(page)
    page.get_by_role("slider", name="b, bias").focus()
    page.keyboard.press("ArrowRight")
    assert "z = 0.1, y = 0.1, coffee" in said(page)


def test_neuron_lab_by_mouse(show_demo):
    page = show_demo(demos.neuron_lab())
    plane = page.locator("canvas").first
    box = plane.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=3)
    page.mouse.up()
    hours = float(re.match(r"At ([\d.]+) h", said(page))[1])
    assert hours < 2, "the probe follows the mouse"
    page.get_by_role("button", name=re.compile("9 h, 25 °C")).click()
    assert said(page).startswith("At 9 h, 25 °C: z = −3, y = 0.05, tea.")
    page.get_by_role("button", name=re.compile("^Flip")).click()
    assert "z = 3, y = 0.95, coffee. 0 of 3" in said(page)
    page.get_by_role("button", name="Start values").click()
    assert "3 of 3" in said(page)


def test_neuron_lab_challenges_in_the_page(show_demo):
    page = show_demo(demos.neuron_lab())
    for _ in range(2):
        page.get_by_role("button", name=re.compile("times 2")).click()
    assert reached(page) == 0
    set_range(page, "b, bias", 16.5)
    assert reached(page) == 1
    set_range(page, "w₁, weight of sleep", 0)
    set_range(page, "w₂, weight of outside", -0.3)
    set_range(page, "b, bias", 5)
    assert reached(page) == 2
    stored = page.evaluate("localStorage.getItem('from-neuron-to-diffusion')")
    assert json.loads(stored) == {
        "challenge:neuron.decided": True,
        "challenge:neuron.temperature_only": True,
    }


def test_neuron_lab_for_another_lesson_has_its_own_points_and_no_challenge(show_demo):
    gate = demos.neuron_lab(
        weights=(1, 1),
        bias=-1.5,
        activation="step",
        points=[(0, 0, 0), (0, 1, 0), (1, 0, 0), (1, 1, 1)],
        axes=[("x₁", "", -0.5, 1.5, 0.1), ("x₂", "", -0.5, 1.5, 0.1)],
        classes=("no", "yes"),
        limits=[(3, 0.1), (3, 0.1), (4, 0.1)],
    )
    page = show_demo(gate)
    assert said(page) == "At 0, 0: z = −1.5, y = 0, no. 4 of 4 points right."
    assert page.locator(".fnd-challenge").count() == 0


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


def test_neuron_lab_answers_to_touch(show_demo):
    page = show_demo(demos.neuron_lab(), width=390, has_touch=True)
    box = page.locator("canvas").first.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] - 30, box["y"] + 40)
    assert re.match(r"At 1\d(\.\d)? h", said(page))


def test_sigmoid_is_never_shown_as_exactly_zero_or_one(show_demo):
    page = show_demo(demos.neuron_lab(bias=12, weights=(-2, -0.4)))
    rows = page.locator(".fnd-rows").inner_text()
    assert "≈ 0 tea" in rows
    assert "0.119 tea" not in rows
    page.get_by_role("radio", name="step").check()
    assert "0 tea" in page.locator(".fnd-rows").inner_text()
    assert "≈" not in page.locator(".fnd-rows").inner_text()
