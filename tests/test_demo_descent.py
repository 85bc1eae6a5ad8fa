"""Descent: its steps against torch.optim.SGD, its handling in a browser."""

import math

import pytest
import torch
from demo_tools import is_kept, js_core, said

from lessons_lib import demos
from lessons_lib.demos import _descent

core = js_core("descent_core")
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
    body = """
    return v.map(([name, start, lr, momentum, steps]) => {
      const land = m.LANDSCAPES[name];
      const run = m.begin(land, start || land.start);
      for (let i = 0; i < steps; i += 1) m.step(land, run, lr, momentum);
      return { path: run.path, losses: run.losses, ...m.verdict(land, run) };
    });
    """
    return core(body, runs)


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
    sharpness, edge = core(
        "const land = m.LANDSCAPES[v.name];"
        "return [land.sharpness, m.critical(land, v.momentum)];",
        {"name": name, "momentum": momentum},
    )
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
    rates = core("return m.RATES;")
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


# ---- in the page ---------------------------------------------------------------------


def turn(page, label, text):
    """Move a slider by keys until it shows `text`."""
    slider = page.get_by_label(label, exact=True)
    slider.press("Home")
    for _ in range(60):
        if slider.get_attribute("aria-valuetext") == text:
            return
        slider.press("ArrowRight")
    raise AssertionError(f"{label} never shows {text}")


def test_descent_by_mouse_steps_to_the_edge_of_stability(show_demo):
    page = show_demo(demos.descent("parabola", lr=0.5))
    step = page.get_by_role("button", name="Step")
    step.click()
    assert "converges" in said(page), "lr = 1/L reaches the bottom of a parabola at once"
    turn(page, "Learning rate", "1")
    page.get_by_role("button", name="Back to the chosen start").click()
    for _ in range(6):
        step.click()
    assert "comes no closer" in said(page)
    assert is_kept(page, "gradient_descent.edge")
    assert "Above 1 = 2/L it diverges" in page.locator(".fnd-split").inner_text()


def test_descent_start_is_dragged_and_moved_by_keys(show_demo):
    page = show_demo(demos.descent("saddle", lr=0.2))
    view = page.get_by_role("img", name="Saddle")
    box = view.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    middle = box["y"] + 10 + (box["height"] - 46) / 2  # y = 0
    page.mouse.move(box["x"] + box["width"] - 60, middle, steps=5)
    page.mouse.up()
    assert ", 0)" in said(page)
    assert said(page).startswith("Start at (3.")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("not in a valley").first.wait_for(timeout=20_000)
    assert is_kept(page, "gradient_descent.saddle")
    view.focus()
    view.press("ArrowUp")
    assert said(page).startswith("Start at (3.")
    assert ", 0.10)" in said(page)
    view.press("Enter")
    assert said(page).startswith("Step 1:")


def test_ravine_challenge_by_keyboard(show_demo):
    page = show_demo(demos.descent("ravine"))
    turn(page, "Learning rate", "0.079")
    turn(page, "Momentum", "0.70")
    view = page.get_by_role("img", name="Ravine")
    for _ in range(40):
        view.press("Enter")
    assert is_kept(page, "gradient_descent.ravine"), said(page)


def test_deep_valley_challenge(show_demo):
    page = show_demo(demos.descent("valleys"))
    turn(page, "Learning rate", "0.1")
    turn(page, "Momentum", "0.90")
    step = page.get_by_role("button", name="Step")
    for _ in range(250):
        step.press("Enter")
        if "converges" in said(page):
            break
    assert is_kept(page, "gradient_descent.deep_valley"), said(page)


def test_divergence_is_said_and_stops_the_run(show_demo):
    page = show_demo(demos.descent("bowl", lr=3, momentum=0))
    page.get_by_role("button", name="Run").click()
    page.get_by_text("It diverges").first.wait_for(timeout=10_000)
    page.wait_for_timeout(2500)
    assert page.get_by_role("button", name="Run").is_visible()


def test_descent_refuses_impossible_settings():
    with pytest.raises(ValueError, match="lr must be above 0.*got lr=0, momentum=0.0"):
        demos.descent(lr=0)
    with pytest.raises(ValueError, match="landscape must be one of .* got 'hill'"):
        demos.descent("hill")


def test_python_and_the_page_have_the_same_landscapes():
    assert core("return Object.keys(m.LANDSCAPES);") == list(_descent.LANDSCAPES)
