"""ActivationExplorer: its functions against PyTorch, its handling in a browser."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from demo_tools import js_value, reached, said, set_range

from lessons_lib import demos

js = js_value("kit", "activation_core")


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
    found = js(
        "v.names.map((name) => v.x.map((x) => { const a = m.ACTIVATIONS[name];"
        "return [a.value(x), a.slope(x)]; }))",
        x=x.tolist(),
        names=list(TORCH),
    )
    for function, got in zip(TORCH.values(), found, strict=True):
        y = function(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
        expected = torch.stack([y.detach(), slope], dim=1)
        torch.testing.assert_close(
            torch.tensor(got, dtype=torch.float64), expected, atol=1e-6, rtol=1e-6
        )


def test_typical_slope_is_the_root_mean_square_over_normal_inputs():
    z = torch.linspace(-8, 8, 160_001, dtype=torch.float64)
    weight = torch.exp(-(z**2) / 2)
    cases = [(name, spread) for name in TORCH for spread in (1.0, 2.5)]
    found = js("v.cases.map((c) => m.typicalSlope(...c))", cases=cases)
    for (name, spread), got in zip(cases, found, strict=True):
        x = (spread * z).requires_grad_()
        (slope,) = torch.autograd.grad(TORCH[name](x).sum(), x)
        expected = ((slope**2 * weight).sum() / weight.sum()).sqrt().item()
        assert got == pytest.approx(expected, rel=2e-4), name
    relu = js("m.typicalSlope('relu', 1)")
    assert relu == pytest.approx(0.5**0.5)


def test_gradient_left_is_the_product_over_the_layers():
    got = js(
        """(() => { const zs = m.chain(3, 20, 1); return [zs,
        m.left("tanh", 20, "chain", {gain: 1.5, zs}),
        m.left("sigmoid", 20, "steepest"), m.left("gelu", 20, "typical")]; })()""",
    )
    zs = torch.tensor(got[0], dtype=torch.float64, requires_grad=True)
    (slopes,) = torch.autograd.grad(torch.tanh(zs).sum(), zs)
    assert got[1][20] == pytest.approx((1.5 * slopes).log10().sum().item())
    assert got[2][20] == pytest.approx(20 * np.log10(0.25))
    one = js("m.typicalSlope('gelu')")
    assert got[3][20] == pytest.approx(20 * np.log10(one))


def test_activation_challenges_are_solvable():
    steep = "Object.keys(m.ACTIVATIONS).filter((n) => m.isSteep(n, v.x))"
    assert js(steep, x=1.4) == ["gelu"]
    assert js(steep, x=1.0) == []
    alive = "m.isAlive({name: 'sigmoid', mode: 'typical', spread: 1, ...v})"
    assert js(alive, depth=30, gain=4.7)
    for facts in ({"depth": 30, "gain": 1}, {"depth": 20, "gain": 4.7}):
        assert not js(alive, **facts)


# ---- in the page ---------------------------------------------------------------------


def test_activation_explorer_by_keyboard(show_demo):
    page = show_demo(demos.activation_explorer())
    assert said(page).startswith("sigmoid: after 20 layers, 3.3 · 10⁻¹⁴")
    page.get_by_role("radio", name="sigmoid").focus()
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("tanh: after 20 layers")
    curve, deep = page.locator("canvas").nth(0), page.locator("canvas").nth(1)
    curve.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    assert "at z = 0 the value is 0 and the slope 1." in curve.get_attribute(
        "aria-label"
    )
    deep.focus()
    for _ in range(19):
        page.keyboard.press("ArrowLeft")
    assert "after 1 layer, 0.68" in said(page)


def test_activation_explorer_by_mouse_and_its_challenges(show_demo):
    page = show_demo(demos.activation_explorer())
    deep = page.locator("canvas").nth(1)
    box = deep.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 90, box["y"] + 50, steps=4)
    page.mouse.up()
    assert re.search(r"after (4[5-9]|50) layers", said(page))
    set_range(page, "Weight factor g", 4.7)
    assert reached(page) == 1
    page.get_by_role("radio", name="GELU", exact=True).check()
    curve = page.locator("canvas").nth(0)
    box = curve.bounding_box()
    middle = 36 + (box["width"] - 48) * 6.4 / 10
    curve.click(position={"x": middle, "y": 90})
    assert reached(page) == 2
    page.get_by_role("radio", name="one random chain").check()
    before = said(page)
    page.get_by_role("button", name="Another chain").click()
    assert said(page) != before


@pytest.mark.parametrize("wrong", [{"name": "step"}, {"depth": 51}, {"x": 6}])
def test_activation_explorer_says_what_is_wrong(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)) + " must be"):
        demos.activation_explorer(**wrong)
