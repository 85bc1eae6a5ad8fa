"""LossExplorer: its losses against PyTorch, its handling in a browser."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from demo_tools import js_value, reached, said, set_range

from lessons_lib import demos
from lessons_lib.demos import _loss_explorer

js = js_value("loss_core")


def test_best_fits_equal_torch():
    points = torch.tensor(demos.loss_explorer().state["points"], dtype=torch.float64)
    x, y = points.T
    losses = {
        "mse": lambda p: F.mse_loss(p, y),
        "mae": lambda p: F.l1_loss(p, y),
        "huber": lambda p: F.huber_loss(p, y, delta=1.5),
    }
    for name, loss_fn in losses.items():
        fit, loss, level = js(
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
        got = js(
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
        got = js(
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
    got = js("m.perplexity(v.p)", p=probs)
    assert got["nats"] == pytest.approx(-np.log(probs).mean())
    assert got["perplexity"] == pytest.approx(np.prod(probs) ** (-1 / 3))
    assert got["perplexity"] == pytest.approx(2 ** got["bits"])


def test_loss_challenges_are_solvable_and_open_at_the_start():
    start = demos.loss_explorer().state["points"]
    moved = [list(point) for point in start]
    moved[0][1] = 12
    misled = "m.isMisled(v.p, v.start)"
    assert js(misled, p=moved, start=start)
    assert not js(misled, p=start, start=start)
    assert js("[m.isDeaf(-4, 1), m.isDeaf(4, 0)]") == [True, True]
    assert js("[m.isDeaf(-1, 1), m.isDeaf(4, 1)]") == [False, False]
    ten = "m.isTen(v.p)"
    assert js(ten, p=[0.005, 0.2, 0.2, 0.2, 0.3])
    assert not js(ten, p=[0.1] * 5)


# ---- in the page ---------------------------------------------------------------------


def test_loss_explorer_numbers_by_mouse_and_keyboard(show_demo):
    page = show_demo(demos.loss_explorer())
    assert said(page).startswith(
        "Point 9 at (9, 1.5). Slopes: squared 0.37, absolute 0.8"
    )
    plane = page.locator("canvas").first
    plane.focus()
    page.keyboard.press("ArrowUp")
    assert said(page).startswith("Point 9 at (9, 2).")
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("Point 1 at (1, 1.6).")
    page.get_by_role("checkbox").uncheck()
    page.get_by_role("checkbox").check()
    box = plane.bounding_box()
    x = box["x"] + 36 + (box["width"] - 48) / 10
    y = box["y"] + 14 + (box["height"] - 50) * (12 - 1.6) / 14
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 5, steps=5)
    page.mouse.up()
    assert said(page).startswith("Point 1 at (1, 12).")
    assert reached(page) == 1
    page.get_by_role("radio", name="best constant").check()
    assert "Constants: squared" in said(page)


def test_loss_explorer_classes_and_words(show_demo):
    page = show_demo(demos.loss_explorer("classes"))
    view = page.locator("canvas:visible").first
    view.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    assert said(page).startswith(
        "Logit −4: probability of class 1 is 0.018, truth 1, wrong"
    )
    assert reached(page) == 1
    box = view.bounding_box()
    view.click(position={"x": 36 + (box["width"] - 48) * 0.9, "y": 80})
    assert "Logit 8: " in said(page)
    assert "right" in said(page)
    set_range(page, "Label smoothing ε", 0.2)
    assert "smallest at the finite logit 2.2;" in page.locator(".fnd-body").inner_text()
    page.get_by_role("radio", name="words").check()
    for word, place in zip(_loss_explorer.WORDS, [2, 7, 7, 7, 8], strict=True):
        set_range(page, f"“{word}”", place)
    assert said(page).startswith("Perplexity 9.6")
    assert reached(page) == 2


def test_loss_explorer_says_what_is_wrong():
    with pytest.raises(ValueError, match="part must be one of"):
        demos.loss_explorer("images")
    with pytest.raises(ValueError, match="words must be 2 to 8"):
        demos.loss_explorer(words=["a"])
