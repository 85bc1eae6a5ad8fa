"""ConvLab: its arithmetic against PyTorch, its handling in a browser."""


import numpy as np
import pytest
import torch
import torch.nn.functional as F
from demo_tools import js_core, reached, said

from lessons_lib import demos
from lessons_lib.demos import _conv_lab

core = js_core("conv_lab_core")
BARS = [-1, 2, -1] * 3  # the solution of the first challenge


def picture_of(name):
    pixels = _conv_lab.pictures()[name]
    found = {
        "rows": pixels.shape[0],
        "columns": pixels.shape[1],
        "values": pixels.flatten().tolist(),
    }
    if name == "bars":
        vertical, horizontal = _conv_lab.VERTICAL, _conv_lab.HORIZONTAL
        found["bars"] = {"vertical": vertical, "horizontal": horizontal}
    return found


def settings(**changes):
    start = {"stride": 1, "padding": 0, "divide": 1, "bias": 0, "relu": False}
    return {**start, **changes}


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_convolve_equals_torch(size, stride, padding):
    generator = torch.Generator().manual_seed(size + 10 * stride + 100 * padding)
    kernel = torch.randn(size, size, generator=generator, dtype=torch.float64)
    cases = []
    for rows, columns in ((7, 7), (8, 5), (6, 11)):
        pixels = torch.rand(rows, columns, generator=generator, dtype=torch.float64)
        cases.append(
            {"rows": rows, "columns": columns, "values": pixels.flatten().tolist()}
        )
    chosen = settings(stride=stride, padding=padding, divide=4, bias=-0.25)
    for relu in (False, True):
        got = core(
            "return v.cases.map((c) => m.convolve(c, v.kernel, v.settings));",
            {
                "cases": cases,
                "kernel": kernel.flatten().tolist(),
                "settings": {**chosen, "relu": relu},
            },
        )
        for case, output in zip(cases, got, strict=True):
            pixels = torch.tensor(case["values"], dtype=torch.float64)
            pixels = pixels.reshape(1, 1, case["rows"], case["columns"])
            expected = F.conv2d(
                pixels, kernel[None, None] / 4, stride=stride, padding=padding
            )
            expected = expected - 0.25
            expected = expected.relu() if relu else expected
            assert [output["rows"], output["columns"]] == list(expected.shape[2:])
            values = torch.tensor(output["values"], dtype=torch.float64)
            torch.testing.assert_close(values, expected.flatten())


def test_output_size_equals_torch_and_is_zero_where_nothing_fits():
    grid = [
        (n, k, s, p)
        for n in range(1, 13)
        for k in (1, 2, 3, 5)
        for s in (1, 2, 3)
        for p in (0, 1, 2)
    ]
    got = core("return v.map((c) => m.outputSize(...c));", grid)
    for (n, k, s, p), size in zip(grid, got, strict=True):
        if n + 2 * p < k:
            assert size == 0
            continue
        picture, kernel = torch.zeros(1, 1, n, n), torch.zeros(1, 1, k, k)
        assert size == F.conv2d(picture, kernel, stride=s, padding=p).shape[-1]


def test_one_window_shows_products_that_add_up():
    got = core(
        "const w = m.windowAt(v.picture, 3, 0, 0, v.settings);"
        "return [w, m.respond(w, v.kernel, v.settings)];",
        {
            "picture": {"rows": 3, "columns": 3, "values": list(range(1, 10))},
            "kernel": [1, 2, 3, 4, 5, 6, 7, 8, 9],
            "settings": settings(padding=1, divide=2, bias=-50, relu=True),
        },
    )
    window, answer = got
    assert window == [0, 0, 0, 0, 1, 2, 0, 4, 5]
    assert answer["products"] == [0, 0, 0, 0, 5, 12, 0, 32, 45]
    assert (answer["sum"], answer["z"], answer["y"]) == (94, -3, 0)


def test_presets_are_the_same_in_python_and_javascript():
    got = core("return m.PRESETS;")
    assert {name: (tuple(p["kernel"]), p["divide"]) for name, p in got.items()} == (
        _conv_lab.PRESETS
    )
    named = core(
        "return Object.values(m.PRESETS).map((p) => m.presetOf(p.kernel, p.divide));"
    )
    assert named == list(_conv_lab.PRESETS)
    assert core("return m.presetOf([0,0,0,0,2,0,0,0,0], 1);") is None


def test_pictures_have_ten_greys_and_straight_bars():
    for pixels in _conv_lab.pictures().values():
        assert pixels.dtype == np.uint8
        assert pixels.min() == 0
        assert pixels.max() == 9
    bars = _conv_lab.pictures()["bars"]
    first, last = _conv_lab.VERTICAL
    assert (bars[first : last + 1] == bars[first]).all()
    first, last = _conv_lab.HORIZONTAL
    assert (bars[first : last + 1] == bars[first : last + 1, :1]).all()


def test_vertical_challenge_is_solvable_and_no_preset_solves_it():
    judge = "return m.answersVertical(v.picture, v.kernel, v.settings);"
    bars = picture_of("bars")

    def solved(kernel, **changes):
        chosen = settings(relu=True, **changes)
        return core(judge, {"picture": bars, "kernel": kernel, "settings": chosen})

    assert solved(BARS)
    assert solved([0, 0, 0, -1, 1, -1, 0, 0, 0])  # a smaller one is enough
    for kernel, divide in _conv_lab.PRESETS.values():
        assert not solved(list(kernel), divide=divide)
    assert not solved([number / 10 for number in BARS])  # too weak
    assert not solved(BARS, bias=1)  # answers everywhere
    assert not solved([-1, -1, -1, 2, 2, 2, -1, -1, -1])  # the horizontal bars
    assert not solved([0] * 9)


def test_move_challenge_wants_the_pixel_to_the_left():
    judge = "return m.movesRight(v.kernel, v.settings);"
    right = [0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert core(judge, {"kernel": right, "settings": settings()})
    twice = [2 * number for number in right]
    assert core(judge, {"kernel": twice, "settings": settings(divide=2)})
    for kernel, chosen in (
        (right[::-1], settings()),
        (right, settings(bias=1)),
        (right, settings(relu=True)),
        (twice, settings()),
    ):
        assert not core(judge, {"kernel": kernel, "settings": chosen})
    photo = picture_of("photograph")
    output = core(
        "return m.convolve(v.picture, v.kernel, v.settings);",
        {"picture": photo, "kernel": right, "settings": settings(padding=1)},
    )
    moved = np.array(output["values"]).reshape(40, 40)
    assert (moved[:, 1:] == _conv_lab.pictures()["photograph"][:, :-1]).all()
    assert (moved[:, 0] == 0).all()


def test_half_challenge_has_solutions_among_the_settings():
    found = core(
        "const all = []; for (const stride of [1, 2, 3]) for (const padding of [0, 1, 2])"
        " if (m.isHalf(v.picture, m.convolve(v.picture, v.kernel,"
        " {...v.settings, stride, padding}))) all.push([stride, padding]); return all;",
        {"picture": picture_of("photograph"), "kernel": BARS, "settings": settings()},
    )
    assert found == [[2, 1]]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"picture": "cat"}, "picture must be one of"),
        ({"kernel": "sobel"}, "kernel must be 3 x 3 numbers or one of"),
        ({"kernel": [[1, 2], [3, 4]]}, r"kernel must have shape \(3, 3\)"),
        ({"stride": 4}, "stride must be one of"),
        ({"padding": -1}, "padding must be one of"),
    ],
)
def test_conv_lab_says_what_is_wrong(wrong, message):
    with pytest.raises(ValueError, match=message):
        demos.conv_lab(**wrong)


def test_demo_is_small_with_its_pictures():
    assert len(demos.conv_lab().html()) <= 40_000


# ---------------------------------------------------------------- in a browser


def fill_kernel(page, numbers):
    for i, number in enumerate(numbers):
        name = f"Kernel, row {i // 3 + 1}, column {i % 3 + 1}"
        page.get_by_role("spinbutton", name=name).fill(str(number))


def test_window_moves_by_keyboard_and_the_sentence_tells_the_sum(show_demo):
    page = show_demo(demos.conv_lab(picture="bars", kernel="vertical edges"))
    view = page.locator("canvas").first
    view.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("Home")
    assert said(page) == "Row 1, column 1: sum 36. Output 36."
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert said(page) == "Row 1, column 3: sum −36. Output −36."
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert said(page) == "Row 2, column 2: sum 0. Output 0."
    page.keyboard.press("End")
    page.keyboard.press("PageDown")
    assert said(page).startswith("Row 14, column 14: sum 0.")
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("Row 14, column 14:")
    assert "row 14, column 14. Arrow keys move it." in view.get_attribute("aria-label")
    assert "9, 9, 9" in page.get_by_role("img", name="Under the window").get_attribute(
        "aria-label"
    )


def test_window_moves_by_mouse_on_both_pictures(show_demo):
    page = show_demo(demos.conv_lab(picture="bars", kernel="vertical edges"))
    first, second = page.locator("canvas").nth(0), page.locator("canvas").nth(1)
    cell = first.bounding_box()["width"] / 16
    first.click(position={"x": 5.5 * cell, "y": 3.5 * cell})  # the middle of the window
    assert said(page).startswith("Row 3, column 5:")
    second.click(position={"x": 8.5 * cell, "y": 1.5 * cell})
    assert said(page).startswith("Row 2, column 9:")
    box = first.bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 2, steps=5)
    page.mouse.up()
    assert said(page).startswith("Row 1, column 14:")


def test_settings_change_size_and_sum(show_demo):
    page = show_demo(demos.conv_lab(picture="bars", kernel="box blur"))
    assert "Output, 14 × 14 (black 0, white 9)" in page.locator(".fnd-body").inner_text()
    page.get_by_role("group", name="Stride").get_by_role("radio", name="2").check()
    page.get_by_role("group", name="Padding").get_by_role("radio", name="1").check()
    text = page.locator(".fnd-body").inner_text()
    assert "Output, 8 × 8" in text
    assert "(16 + 2 · 1 − 3) / 2 + 1, rounded down: 8." in text
    page.get_by_role("spinbutton", name="Bias").fill("-20")
    page.get_by_role("spinbutton", name="Bias").press("Enter")
    page.get_by_role("checkbox", name="ReLU").check()
    assert said(page).endswith("ReLU: 0. Output 0.")
    assert "divided by 9:" in said(page)
    page.get_by_role("combobox", name="Kernel").select_option(label="identity")
    assert "divided by" not in said(page)
    fill_kernel(page, [0, 0, 0, 0, 2, 0, 0, 0, 0])
    kernel = page.get_by_role("combobox", name="Kernel")
    assert kernel.evaluate("(n) => n.selectedOptions[0].textContent") == "my own"


def test_output_builds_up_step_by_step(show_demo):
    page = show_demo(demos.conv_lab(picture="bars"))
    after = page.locator("canvas").nth(1)
    page.get_by_role("button", name="Step").click()
    assert said(page).startswith("Row 1, column 1:")
    assert "1 of 196 numbers so far" in after.get_attribute("aria-label")
    page.get_by_role("button", name="Step").click()
    assert said(page).startswith("Row 1, column 2:")
    page.get_by_role("button", name="All").click()
    assert "so far" not in after.get_attribute("aria-label")
    page.get_by_role("button", name="Slide").click()
    page.wait_for_function(
        "document.querySelector('.fnd-status').textContent.includes('Row 2,')"
    )
    page.get_by_role("button", name="Pause").click()
    assert "numbers so far" in after.get_attribute("aria-label")
    before = said(page)
    page.wait_for_timeout(200)
    assert said(page) == before


def test_all_challenges_can_be_reached_by_keyboard(show_demo):
    page = show_demo(demos.conv_lab(picture="bars"))
    page.get_by_role("checkbox", name="ReLU").press("Space")
    fill_kernel(page, BARS)
    assert reached(page) == 1
    page.get_by_role("checkbox", name="ReLU").press("Space")
    fill_kernel(page, [0, 0, 0, 1, 0, 0, 0, 0, 0])
    assert reached(page) == 2
    page.get_by_role("radio", name="bars").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("group", name="Stride").get_by_role("radio", name="1").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_role("group", name="Padding").get_by_role("radio", name="0").focus()
    page.keyboard.press("ArrowRight")
    assert reached(page) == 3
    assert "Output, 20 × 20" in page.locator(".fnd-body").inner_text()


def test_window_answers_to_touch(show_demo):
    page = show_demo(demos.conv_lab(), width=390, has_touch=True)
    box = page.locator("canvas").first.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] - 3, box["y"] + box["height"] - 3)
    assert said(page).startswith("Row 14, column 14:")
