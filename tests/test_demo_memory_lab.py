"""MemoryLab: its arithmetic against PyTorch, its challenges, and its life in a page."""

import re

import numpy as np
import pytest
import torch
from demo_models import CELLS, Reader, make_reader, make_readers
from demo_tools import js_core, said
from torch import nn

from lessons_lib import demos
from lessons_lib.demos import _memory_lab

plain_core = js_core("kit", "memory_core")
LETTERS = _memory_lab.LETTERS
WORD = "anastasia"


def codes(text):
    return [0, *(LETTERS.index(letter) for letter in text)]


def core(body, payload=None):
    load = (
        "const load = (w) => { const model = {...w}; for (const key of ['table', 'u', "
        "'late', 'out', 'bias']) if (w[key]) model[key] = $kit.unpack(w[key]); "
        "return model; };"
    )
    return plain_core(f"{load} {body}", payload)


def exported(model):
    return demos.memory_lab(model).state["models"][0]


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("bias", [True, False])
def test_page_computes_what_pytorch_computes(kind, bias):
    model = make_reader(kind, bias=bias)
    with torch.no_grad():
        states, logits = model(torch.tensor([codes(WORD)]))
    got = core(
        "const one = load(v.model); const steps = m.readAll(one, v.codes);"
        "return {h: steps.map((s) => [...s.h]),"
        " probs: steps.map((s) => m.chances(m.logits(one, s.h)))};",
        {"model": exported(model), "codes": codes(WORD)},
    )
    # float16 keeps three digits of each weight; exact equality is the next test's.
    np.testing.assert_allclose(got["h"], states[0].numpy(), atol=1e-3)
    np.testing.assert_allclose(got["probs"], logits[0].softmax(1).numpy(), atol=1e-3)


@pytest.mark.parametrize("kind", CELLS)
def test_page_equals_pytorch_with_the_rounded_weights(kind):
    """The same rounded numbers in PyTorch: only the arithmetic is left to differ."""
    model = make_reader(kind)
    weights = _memory_lab.export_model(model)
    rounded = {
        key: np.float64(np.float16(value)) if isinstance(value, np.ndarray) else value
        for key, value in weights.items()
    }
    size = weights["size"]
    cell = CELLS[kind](27, size, batch_first=True).double()
    with torch.no_grad():
        cell.weight_ih_l0.copy_(torch.from_numpy(rounded["table"].T))
        cell.weight_hh_l0.copy_(torch.from_numpy(rounded["u"]))
        cell.bias_ih_l0.zero_()
        cell.bias_hh_l0.zero_()
        if kind == "gru":
            cell.bias_hh_l0[2 * size :] = torch.from_numpy(rounded["late"])
        one_hot = torch.eye(27, dtype=torch.float64)[torch.tensor([codes(WORD)])]
        states, last = cell(one_hot)
    got = core(
        "const one = load(v.model); const steps = m.readAll(one, v.codes);"
        "const end = steps[steps.length - 1];"
        "return {h: steps.map((s) => [...s.h]), c: end.c ? [...end.c] : null};",
        {"model": exported(model), "codes": codes(WORD)},
    )
    np.testing.assert_allclose(got["h"], states[0].numpy(), atol=1e-6)
    np.testing.assert_allclose(
        _memory_lab.states(rounded, codes(WORD)), states[0].numpy(), atol=1e-9
    )
    if kind == "lstm":
        np.testing.assert_allclose(got["c"], last[1][0, 0].numpy(), atol=1e-6)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_gates_are_those_of_the_formulas(kind):
    got = core(
        "const one = load(v.model); const steps = m.readAll(one, v.codes);"
        "return steps.map((s) => Object.fromEntries(Object.entries(s)"
        ".map(([key, value]) => [key, [...value]])));",
        {"model": exported(make_reader(kind)), "codes": codes("abc")},
    )
    parts = {key for key, *_ in core(f"return m.PARTS.{kind};")}
    before = dict.fromkeys("hc", np.zeros(20))
    for step in got:
        step = {key: np.array(value) for key, value in step.items()}
        assert set(step) == parts | {"h"}
        for gate in set("zrfio") & set(step):
            assert ((step[gate] > 0) & (step[gate] < 1)).all()
        if kind == "gru":
            h = (1 - step["z"]) * step["n"] + step["z"] * before["h"]
        else:
            c = step["f"] * before["c"] + step["i"] * step["g"]
            np.testing.assert_allclose(step["c"], c, atol=1e-12)
            h = step["o"] * np.tanh(c)
        np.testing.assert_allclose(step["h"], h, atol=1e-12)
        before = step


def test_probabilities_temperature_and_drawing():
    got = core(
        "const z = [2, 0, -1]; return [m.chances(z), m.chances(z, 0.5), m.chances(z, 100),"
        " [0, 0.2, 0.5, 0.9999].map((p) => m.draw([0.2, 0.3, 0.5], p)),"
        " m.chances([1000, 0])];"
    )
    z = torch.tensor([2.0, 0.0, -1.0], dtype=torch.float64)
    for probs, temperature in zip(got, (1, 0.5, 100), strict=False):
        np.testing.assert_allclose(probs, (z / temperature).softmax(0), atol=1e-12)
    assert got[3] == [0, 1, 2, 2]
    assert got[4] == [1, 0]


def test_text_becomes_known_symbols():
    assert core("return m.encode('Emma-9 .', '.aem', 24);") == [2, 3, 3, 1]
    assert core("return m.encode('aaaa', '.a', 3);") == [1, 1, 1]


def test_distances_are_aligned_at_the_end():
    body = "const s = (...x) => x.map((h) => ({h: [h, 0]}));"
    got = core(body + "return m.distances(s(1, 2, 3), s(7, 3), 'h');")
    np.testing.assert_allclose(got, [5 / 2**0.5, 0])


def test_holding_counts_steps_within_the_play():
    assert core("return m.holds([0, 1, 1.05, 0.95, 1.2, 1], 1);") == 2
    assert core("return m.holds([0.6, 0.6], 1);") == 0


# ---- what Python refuses ------------------------------------------------------------


def test_models_that_the_page_cannot_compute_are_named():
    with pytest.raises(TypeError, match="one RNNBase, got 0"):
        demos.memory_lab(nn.Sequential(nn.Embedding(27, 4), nn.Linear(4, 27)))
    with pytest.raises(ValueError, match="one layer, one direction and tanh"):
        demos.memory_lab(Reader(nn.GRU, num_layers=2))
    with pytest.raises(ValueError, match="one layer, one direction and tanh"):
        demos.memory_lab(Reader(nn.RNN, nonlinearity="relu"))
    with pytest.raises(ValueError, match="must embed and answer 27 symbols"):
        demos.memory_lab(Reader(nn.RNN, symbols=5))
    with pytest.raises(ValueError, match="different single characters"):
        demos.memory_lab(chars=".aa")


def test_demo_without_a_model_is_small_and_three_models_fit():
    demo = demos.memory_lab()
    assert len(demo.html()) <= 40_000
    assert demo.figure.count("<path") > 20
    three = {kind.upper(): make_reader(kind, 48) for kind in CELLS}
    demo = demos.memory_lab(three)
    data = re.search(r"data-fnd-state>(.*?)</script>", demo.html(), re.S)[1]
    assert len(data) <= 120_000
    assert len(demo.html()) - len(data) <= 40_000


# ---- challenges ---------------------------------------------------------------------


def test_forget_challenge_is_solvable_and_needs_different_beginnings():
    model = exported(make_reader("rnn", scale=0.3))
    body = (
        "const one = load(v.model); const read = (t) => m.readAll(one, [0, ...t]);"
        "const gaps = m.distances(read(v.a), read(v.b), 'h');"
        "return m.isForgotten(v.a, v.b, gaps);"
    )
    same = [5] * 8
    assert core(body, {"model": model, "a": [1, *same], "b": [2, *same]})
    assert not core(body, {"model": model, "a": [1, *same], "b": [1, *same]})
    assert not core(body, {"model": model, "a": [1], "b": [2]})
    assert not core(body, {"model": model, "a": [], "b": [2, *same]})
    near = core("return [0.06, 0.04].map((gap) => m.isForgotten([1, 3], [2, 3], [gap]));")
    assert near == [False, True]


def make_latch(kind):
    """Return a reader in which unit 0 takes a value at "a" and keeps it afterwards."""
    size = 4
    model = Reader(CELLS[kind], size)
    embed = nn.Embedding(27, 27)
    cell = CELLS[kind](27, size, batch_first=True)
    model.embed, model.rnn = embed, cell
    with torch.no_grad():
        embed.weight.copy_(torch.eye(27))
        for weight in cell.parameters():
            weight.zero_()
        candidate = {"gru": 2 * size, "lstm": 2 * size}[kind]
        cell.weight_ih_l0[candidate, 1] = 2
        if kind == "gru":
            cell.bias_ih_l0[size : 2 * size] = 6  # z: keep
            cell.weight_ih_l0[size, 1] = -12  # but not at "a"
        else:
            cell.bias_ih_l0[size : 2 * size] = 6  # f: keep
            cell.bias_ih_l0[:size] = -6  # i: closed
            cell.weight_ih_l0[0, 1] = 12  # but open at "a"
    return model


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_a_latch_holds_and_a_plain_network_forgets(kind):
    body = (
        "const one = load(v.model); const steps = m.readAll(one, v.codes);"
        "const line = steps.map((s) => s[m.MEMORY[one.kind]][0]);"
        "return [Math.abs(line[1]), m.holds(line, 1)];"
    )
    size, held = core(body, {"model": exported(make_latch(kind)), "codes": codes("abcdef")})
    assert size >= 0.5
    assert held == 5
    plain = exported(make_reader(kind))
    assert core(body, {"model": plain, "codes": codes("abcdef")})[1] < 5


# ---- in a browser -------------------------------------------------------------------


def test_reading_by_keyboard_tells_the_next_symbols(show_demo):
    model = make_reader("lstm")
    page = show_demo(demos.memory_lab({"LSTM": model}, text="emma"))
    with torch.no_grad():
        probs = model(torch.tensor([codes("emma")]))[1][0].softmax(1)
    view = page.get_by_role("img", name="state h of 20 units")
    view.focus()
    for key, read in (("End", 4), ("ArrowLeft", 3), ("Home", 0), ("ArrowRight", 1)):
        page.keyboard.press(key)
        top = int(probs[read].argmax())
        name = LETTERS[top] if top else "end"
        where = f'after "{"emma"[:read]}"' if read else "at the start"
        # One in a hundred more or less: the page has rounded weights.
        shown = re.fullmatch(rf"LSTM, {where}: next (\w+) (\d+) %, .*", said(page))
        assert shown, said(page)
        assert shown[1] == name
        assert abs(int(shown[2]) - 100 * probs[read, top]) < 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert "Step 1, unit 2:" in view.get_attribute("aria-label")
    assert "Unit 2:" in page.locator(".fnd-legend").first.inner_text()


def test_click_chooses_symbol_and_unit(show_demo):
    page = show_demo(demos.memory_lab(make_readers()))
    view = page.locator("canvas").first
    box = view.bounding_box()
    column = (box["width"] - 32) / 8
    row = (box["height"] - 22) / 16
    view.click(position={"x": 30 + 2.5 * column, "y": 22 + 5.5 * row})
    assert "Step 2, unit 5:" in view.get_attribute("aria-label")
    assert said(page).startswith('RNN, after "em": next')


def test_network_picture_and_text_can_be_changed(show_demo):
    page = show_demo(demos.memory_lab(make_readers()))
    assert page.get_by_role("combobox", name="Picture").count() == 0
    page.get_by_role("group", name="Network").get_by_role("radio", name="LSTM").check()
    picture = page.get_by_role("combobox", name="Picture")
    picture.select_option(label="forget gate f")
    view = page.locator("canvas").first
    assert view.get_attribute("aria-label").startswith("forget gate f of 16 units")
    page.get_by_role("group", name="Network").get_by_role("radio", name="GRU").check()
    assert view.get_attribute("aria-label").startswith("state h of 16 units")
    page.get_by_role("textbox", name="The network reads").fill("Zoë-x")
    assert said(page).startswith('GRU, after "zox": next')
    page.get_by_role("textbox", name="The network reads").fill("")
    assert said(page).startswith("GRU, at the start: next")


def test_network_draws_on_and_plays(show_demo):
    page = show_demo(demos.memory_lab(make_readers()))
    box = page.get_by_role("textbox", name="The network reads")
    for _ in range(30):
        page.get_by_role("button", name="Draw the next").click()
    assert len(box.input_value()) <= 24
    assert len(box.input_value()) > 4
    box.fill("ab")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "document.querySelector('.fnd-status').textContent.includes('after \"ab\"')"
    )
    page.wait_for_selector("button:has-text('Play')")


def test_forget_challenge_by_keyboard(show_demo):
    page = show_demo(demos.memory_lab(make_reader("rnn", scale=0.3)))
    assert page.locator(".fnd-done").count() == 0
    page.get_by_role("textbox", name="The network reads").fill("aeeeeeeee")
    page.get_by_role("textbox", name="Compare with").fill("aeeeeeeee")
    assert page.locator(".fnd-done").count() == 0
    page.get_by_role("textbox", name="Compare with").fill("beeeeeeee")
    assert "At the end: 0.0" in page.locator(".fnd-body").inner_text()
    assert page.locator(".fnd-done").count() == 1


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_hold_challenge_by_keyboard(show_demo, kind):
    page = show_demo(demos.memory_lab(make_latch(kind), text="xabcdef"))
    page.locator("canvas").first.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.locator(".fnd-done").count() == 0
    page.keyboard.press("ArrowRight")
    assert page.locator(".fnd-done").count() == 1


def test_hold_challenge_wants_different_symbols(show_demo):
    page = show_demo(demos.memory_lab(make_latch("gru"), text="abbbbbb"))
    page.locator("canvas").first.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.locator(".fnd-done").count() == 0
