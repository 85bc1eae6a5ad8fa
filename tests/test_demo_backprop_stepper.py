"""BackpropStepper: its graphs against autograd, its handling in a browser."""

import pytest
import torch
from demo_tools import is_kept, js_core, said

from lessons_lib import demos

core = js_core("backprop_stepper_core")
TORCH_OPS = {
    "add": lambda a, b, k: a + b, "sub": lambda a, b, k: a - b,
    "mul": lambda a, b, k: a * b, "scale": lambda a, k: k * a,
    "shift": lambda a, k: k + a, "square": lambda a, k: a**2,
    "tanh": lambda a, k: a.tanh(), "relu": lambda a, k: a.relu(),
    "exp": lambda a, k: a.exp(), "log": lambda a, k: a.log(),
}  # fmt: skip


def graphs():
    return core("return m.GRAPHS;")


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
    body = """
    return v.map(([name, leaves, order, adds]) => {
      const graph = m.GRAPHS[name];
      const run = m.forward(graph, leaves);
      const events = m.handOns(graph, order);
      const { grads } = m.backward(graph, run, events, events.length, adds);
      return [run.values, grads, m.measure(graph, leaves)];
    });
    """
    return core(body, cases)


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


# ---- in the page ---------------------------------------------------------------------


def test_backprop_by_mouse_reaches_the_end_and_the_challenge(show_demo):
    page = show_demo(demos.backprop_stepper())
    step = page.get_by_role("button", name="One step on")
    step.click()
    assert said(page) == "m = w · x = 6."
    for _ in range(3):
        step.click()
    step.click()
    assert "L.grad = 1" in said(page)
    step.click()
    assert said(page).startswith("L hands its gradient 1 on: to e goes −6 · 1 = −6")
    while step.is_enabled():
        step.click()
    assert "every leaf has its gradient" in said(page)
    assert page.locator(".fnd-bs-good").count() == 4
    assert not is_kept(page, "backpropagation.dead_input")
    for _ in range(8):
        page.get_by_role("button", name="x: less").click()  # to 0, in steps of 0.25
    assert is_kept(page, "backpropagation.dead_input")
    picture = page.locator(".fnd-bs-graph").get_attribute("aria-label")
    assert "w, a leaf, is 3, gradient 0" in picture
    assert "L is 81" in picture


def test_backprop_by_keyboard(show_demo):
    page = show_demo(demos.backprop_stepper("order"))
    graph = page.locator(".fnd-bs-graph")
    graph.focus()
    graph.press("ArrowRight")
    assert said(page) == "b = 3 · a = 3."
    graph.press("End")
    assert "a nudge measures the same" in said(page)
    graph.press("ArrowLeft")
    graph.press("ArrowLeft")
    assert said(page).startswith("c hands its gradient 1 on")
    page.get_by_label("waits").focus()
    page.keyboard.press("ArrowRight")
    graph.press("End")
    assert "wrong: a.grad is 3, but a nudge measures 9" in said(page)
    assert is_kept(page, "backpropagation.order")


def test_backprop_leaf_can_be_dragged(show_demo):
    page = show_demo(demos.backprop_stepper())
    box = page.locator("[data-leaf=w] rect").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 40, steps=4)
    page.mouse.up()
    assert page.get_by_label("w", exact=True).first.input_value() == "4"


def test_backprop_flat_tanh_and_prediction_are_solvable(show_demo):
    page = show_demo(demos.backprop_stepper("tanh"))
    field = page.locator(".fnd-bs-leaves input").nth(4)  # b
    field.fill("9")
    field.press("Enter")
    page.locator(".fnd-bs-graph").press("End")
    assert is_kept(page, "backpropagation.flat_tanh")
    for number, leaf in ((0, "x"), (4, "v"), (6, "t")):
        page.get_by_label("Graph", exact=True).select_option(str(number))
        page.get_by_label(leaf, exact=True).and_(page.locator("[type=radio]")).check()
        page.locator(".fnd-bs-graph").press("End")
        assert f"Your prediction {leaf} is right" in said(page)
    assert is_kept(page, "backpropagation.predict_leaf")


def test_backprop_prediction_closes_when_the_way_back_begins(show_demo):
    page = show_demo(demos.backprop_stepper())
    graph = page.locator(".fnd-bs-graph")
    radio = page.get_by_label("w", exact=True).and_(page.locator("[type=radio]"))
    assert radio.is_enabled()
    graph.press("End")
    assert radio.is_disabled()


def test_backprop_plays_by_itself(show_demo):
    page = show_demo(demos.backprop_stepper("twice"))
    page.get_by_role("button", name="Play").click()
    page.get_by_text("every leaf has its gradient").first.wait_for(timeout=15_000)
    assert page.get_by_role("button", name="Play").is_visible()
