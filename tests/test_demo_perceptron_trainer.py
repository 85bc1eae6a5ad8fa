"""PerceptronTrainer: its rule against NumPy, its handling in a browser."""

import re

import numpy as np
import pytest
from demo_tools import js_value, reached, said

from lessons_lib import demos
from lessons_lib.demos import _perceptron_trainer

js = js_value("kit", "perceptron_core")


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
    points = js("m.preset(v.name, 2)", name=name)
    got = js(
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
    for found in js(
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
    xor, state = js(
        "[m.bound(m.preset('xor')).separable, m.train(m.preset('xor'))]",
    )
    assert xor is False
    assert not state["done"]
    assert state["cycle"] >= 1
    overlapping = js("m.bound(m.preset('overlapping'))")
    assert overlapping["separable"] is False


def test_perceptron_challenges_are_solvable_and_not_given_away():
    hard = [[1.5, 1.5, 1], [1.6, 1.5, -1]]
    in_line = [[-1, 0, 1], [0, 0, -1], [1, 0, 1]]
    triangle = [[-1, 0, 1], [0, 1, -1], [1, 0, 1]]
    presets = list(_perceptron_trainer.PRESETS)
    found = js(
        "[...v.own, ...v.presets.map((name) => m.preset(name))].map("
        "(p) => [m.isHardButSeparable(m.train(p), p), m.isThreeInseparable(p)])",
        own=[hard, in_line, triangle],
        presets=presets,
    )
    assert found[:3] == [[True, False], [False, True], [False, False]]
    assert found[3:] == [[False, False]] * len(presets)


# ---- in the page ---------------------------------------------------------------------


def test_perceptron_trainer_by_mouse(show_demo):
    page = show_demo(demos.perceptron_trainer("none"))
    assert said(page).startswith("No points yet")
    plane = page.locator("canvas").first
    box = plane.bounding_box()

    def spot(x1, x2):
        wide, high = box["width"] - 46, box["height"] - 46
        return 34 + wide * (x1 + 2) / 4, 12 + high * (2 - x2) / 4

    def click(x1, x2):
        x, y = spot(x1, x2)
        plane.click(position={"x": x, "y": y})

    click(-1, 0)
    click(1, 0)
    page.get_by_role("radio", name="add ●").check()
    click(0, 0)
    assert "No line can separate" in said(page)
    assert reached(page) == 1
    page.get_by_role("radio", name="remove").check()
    click(1, 0)
    assert "A line can separate" in said(page)
    page.get_by_role("radio", name="add ▲").check()
    (x, y), (to_x, to_y) = spot(0, 0), spot(-1.1, 0)
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    page.mouse.move(box["x"] + to_x, box["y"] + to_y, steps=4)
    page.mouse.up()
    page.get_by_role("slider", name="Examples per second").fill("6")
    page.get_by_role("button", name="Run").click()
    page.wait_for_function(
        "document.querySelector('.fnd-status').textContent.startsWith('Done after')"
    )
    assert reached(page) == 2, "close together and far from the middle: many mistakes"


def test_perceptron_trainer_by_keyboard(show_demo):
    page = show_demo(demos.perceptron_trainer("none"))
    plane = page.locator("canvas").first
    plane.focus()
    for key in ["ArrowRight", "Enter"]:
        page.keyboard.press(key)
    assert "1 point. Cursor at (0.5, 0), point 1, class triangle" in (
        plane.get_attribute("aria-label")
    )
    page.keyboard.press("Delete")
    assert said(page).startswith("No points yet")
    page.get_by_role("combobox", name="Points").select_option(label="XOR")
    step = page.get_by_role("button", name=re.compile("^Step"))
    step.focus()
    page.keyboard.press("Enter")
    assert said(page) == "Example 1 was wrong: the line moves. 1 mistake so far."
    facts = page.locator(".fnd-facts").inner_text()
    assert re.search(r"mistakes so far\s+1", facts)
    for _ in range(40):
        page.keyboard.press("Enter")
    assert said(page).startswith("It goes round in a circle: every pass")


def test_perceptron_trainer_says_what_is_wrong():
    with pytest.raises(ValueError, match="preset must be one of"):
        demos.perceptron_trainer("nand")
    with pytest.raises(ValueError, match="points must be"):
        demos.perceptron_trainer(points=[(0, 0, 0)])


def test_perceptron_trainer_answers_to_touch(show_demo):
    page = show_demo(demos.perceptron_trainer("none"), width=390, has_touch=True)
    box = page.locator("canvas").first.bounding_box()
    page.touchscreen.tap(box["x"] + 200, box["y"] + 150)
    assert said(page) == "Place points of both classes."
