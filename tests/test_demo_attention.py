"""AttentionExplorer: its arithmetic against PyTorch, its handling in a browser."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from demo_models import random_attention
from demo_tools import js_core, reached, run_js, said

from lessons_lib import demos
from lessons_lib.demos import _attention_explorer

core = js_core("attention_core")


def numbers(rows):
    """Turn what came through JSON (infinities as text) into a tensor."""
    return torch.tensor([[float(value) for value in row] for row in rows]).double()


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("temperature", [0.5, 1, 4])
@pytest.mark.parametrize(("count", "dim"), [(1, 1), (3, 4), (7, 5)])
def test_attend_equals_torch(causal, scaled, temperature, count, dim):
    generator = torch.Generator().manual_seed(count)
    q, k, v = torch.randn(
        3, count, dim, generator=generator, dtype=torch.float64
    ).unbind()
    got = core(
        "return m.attend(v.q, v.k, v.v, v.settings);",
        {
            "q": q.tolist(),
            "k": k.tolist(),
            "v": v.tolist(),
            "settings": {"causal": causal, "scaled": scaled, "temperature": temperature},
        },
    )
    scale = (1 / math.sqrt(dim) if scaled else 1) / temperature
    expected = F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)
    torch.testing.assert_close(numbers(got["outputs"]), expected, atol=1e-6, rtol=1e-5)
    weights = numbers(got["weights"])
    torch.testing.assert_close(weights.sum(1), torch.ones(count).double())
    torch.testing.assert_close(weights @ v, expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(numbers(got["dots"]), q @ k.T, atol=1e-5, rtol=1e-5)
    is_hidden = numbers(got["scores"]).isneginf()
    future = torch.ones(count, count).triu(1).bool()
    assert (is_hidden == (future & causal)).all()


def test_softmax_of_large_and_of_hidden_scores():
    got = core("return [[1000, 0], [-Infinity, 3], [-Infinity, -Infinity]].map(m.softmax);")
    assert got == [[1, 0], [0, 1], [0, 0]]


def test_project_is_row_times_matrix():
    row, matrix = [1, 2, 3], [[1, 0], [0, 2], [1, 1]]
    assert core("return m.project(v[0], v[1]);", [row, matrix]) == [4, 7]


def test_packed_weights_come_back_as_rows_that_sum_to_one():
    weights = torch.randn(2, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    weights = weights.softmax(-1)
    for dtype, close in (("uint8", 0.01), ("float16", 1e-3)):
        state = demos.attention_explorer(range(5), weights=weights, dtype=dtype).state
        assert state["weights"]["shape"] == [2, 3, 5, 5]
        table = run_js(
            ("kit", "attention_core"),
            "const f = $kit.unpack(payload); const s = payload.shape;"
            "return [[0, 0], [1, 2], [1, -1]].map(([l, h]) =>"
            " $attention_core.tableOf(f, s, l, h));",
            state["weights"],
        )
        expected = [weights[0, 0], weights[1, 2], weights[1].mean(0)]
        for got, wanted in zip(table, expected, strict=True):
            got = numbers(got).float()
            torch.testing.assert_close(got, wanted, atol=close, rtol=0)
            torch.testing.assert_close(got.sum(1), torch.ones(5))


def test_largest_names_the_strongest_first():
    got = core("return m.largest([0.1, 0.6, 0.1, 0.2], 3);")
    assert [item["index"] for item in got] == [1, 3, 0]


def test_hand_made_numbers_are_those_of_the_lesson():
    row = _attention_explorer.weights_of("river")[1]
    share = math.exp(2) / (math.exp(2) + 4)
    np.testing.assert_allclose(row[4], share)
    assert round(share, 2) == 0.65
    assert _attention_explorer.weights_of("money")[1].argmax() == 4


# ---------------------------------------------------------------- challenges


def facts(sentence, query=None, head=0, **settings):
    """Return what the demo would hand to the challenges."""
    tokens = _attention_explorer.SENTENCES[sentence].split()
    chosen = {"scaled": True, "temperature": 1, "causal": False, **settings}
    return core(
        "const x = v.tokens.map((t) => v.words[t]);"
        "const q = x.map((f) => m.project(f, v.head.query));"
        "if (v.query) q[v.tokens.indexOf('bank')] = v.query;"
        "const k = x.map((f) => m.project(f, v.head.key));"
        "const f = {...v.chosen, tokens: v.tokens, edited: v.query ? ['0 1'] : [],"
        " weights: m.attend(q, k, x, v.chosen).weights};"
        "return [m.looksAtRiver(f), m.looksEverywhere(f), m.findsThePast(f)];",
        {
            "tokens": tokens,
            "words": _attention_explorer.WORDS,
            "head": _attention_explorer.HEADS[head],
            "query": query,
            "chosen": chosen,
        },
    )


def test_river_challenge_is_open_at_the_start_and_solvable_by_the_query():
    for sentence in _attention_explorer.SENTENCES:
        for head in (0, 1):
            assert not facts(sentence, head=head)[0]
    assert facts("both", query=[6, -2, -4, 0])[0]
    assert facts("both", query=[4, 2, -6, 0])[0]
    assert not facts("both", query=[3, 2, -4, 0])[0]
    assert not facts("both", query=[6, -2, -4, 0], temperature=0.5)[0]
    assert not facts("river", query=[6, -2, -4, 0])[0]


def test_uniform_challenge_wants_an_empty_query():
    for sentence in _attention_explorer.SENTENCES:
        for head in (0, 1):
            assert not facts(sentence, head=head)[1]
            assert not facts(sentence, head=head, temperature=10)[1]
    for sentence in ("river", "money", "both"):
        assert facts(sentence, query=[0, 0, 0, 0])[1]
        assert not facts(sentence, query=[0, 0, 0, 0.5])[1]


def test_past_challenge_has_one_sentence():
    solved = [name for name in _attention_explorer.SENTENCES if facts(name, causal=True)[2]]
    assert solved == ["before"]
    assert not facts("before")[2]
    assert not facts("river", query=[6, 6, -6, 0], causal=True)[2]


# ---------------------------------------------------------------- Python


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sentence": "cat"}, "sentence must be one of river, money"),
        ({"temperature": 3}, "temperature must be one of"),
        ({"selected": 5}, "selected must be from 0 to 4, got 5"),
        ({"tokens": ["a"]}, "tokens and weights belong together"),
        ({"tokens": "ab", "weights": torch.ones(3, 3) / 3}, r"\(layers, heads, 2, 2\)"),
        ({"tokens": "ab", "weights": torch.zeros(2, 2) - 1}, "weights must be from 0"),
        ({"tokens": "ab", "weights": torch.ones(2, 2)}, "sum to 1 in each row"),
        ({"tokens": "ab", "weights": torch.eye(2), "layer": 1}, "layer must be below 1"),
        ({"tokens": "ab", "weights": torch.eye(2), "head": -2}, "head must be below 1"),
        ({"tokens": "ab", "weights": torch.eye(2), "dtype": "int8"}, "uint8 or float16"),
    ],
)
def test_attention_explorer_says_what_is_wrong(wrong, message):
    with pytest.raises(ValueError, match=message):
        demos.attention_explorer(**wrong)


def test_demo_stays_small_with_the_weights_of_twelve_tokens():
    assert len(demos.attention_explorer().html()) <= 40_000
    weights = torch.eye(12).expand(2, 2, 12, 12)
    assert len(demos.attention_explorer(range(12), weights=weights).html()) <= 40_000


# ---------------------------------------------------------------- in a browser


def trained(count=40, **more):
    tokens = list("To be, or not\nto be, that is the question: <b>&")[:count]
    return demos.attention_explorer(tokens, weights=random_attention(count), **more)


def words(page):
    return page.locator(".fnd-tokens button")


def set_query(page, *values):
    names = page.locator("fieldset .fnd-grid input[type=range]")
    for i, value in enumerate(values):
        names.nth(i).fill(str(value))


def test_words_are_chosen_by_mouse_and_by_keyboard(show_demo):
    page = show_demo(demos.attention_explorer())
    assert said(page).startswith("bank looks most at river 0.65, the 0.09")
    assert said(page).endswith("and becomes water 1.39, money 0.09.")
    assert words(page).nth(1).get_attribute("aria-pressed") == "true"
    words(page).nth(4).click()
    assert said(page).startswith("river looks most at river 0.56, bank 0.21")
    page.keyboard.press("ArrowLeft")
    assert said(page).startswith("the looks most at the 0.20")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    assert words(page).nth(0).get_attribute("aria-pressed") == "true"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "bank0.09"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "range"
    assert "weight 0.65" in words(page).nth(4).get_attribute("aria-label")


def test_rows_of_the_table_are_chosen_by_mouse_and_by_keyboard(show_demo):
    page = show_demo(demos.attention_explorer(sentence="before"))
    view = page.get_by_role("img", name="Table of 3 by 3 weights")
    box = view.bounding_box()
    view.click(position={"x": box["width"] / 2, "y": box["height"] * 0.6})
    assert said(page).startswith("river looks most")
    view.focus()
    page.keyboard.press("ArrowUp")
    assert said(page).startswith("the looks most")
    assert "Row 1, the, is chosen" in view.get_attribute("aria-label")
    page.keyboard.press("End")
    assert said(page).startswith("bank looks most at river 0.79")


def test_numbers_in_the_table_follow_the_settings(show_demo):
    page = show_demo(demos.attention_explorer())

    def river():
        return page.locator("tbody tr").nth(4).locator("td").all_inner_texts()

    assert river() == ["4", "2", "0.65", "(2, 0)"]
    page.get_by_role("checkbox", name="Scaled").uncheck()
    assert river() == ["4", "4", "0.93", "(2, 0)"]
    page.get_by_role("checkbox", name="Scaled").check()
    page.get_by_role("slider", name="Temperature").fill("4")  # the fifth value, 2
    assert river() == ["4", "1", "0.40", "(2, 0)"]
    page.get_by_role("checkbox", name="Causal").check()
    assert river()[1:3] == ["−∞", "hidden"]
    assert "fnd-out" in words(page).nth(4).get_attribute("class")
    page.get_by_role("radio", name="grammar").check()
    page.get_by_role("checkbox", name="Causal").uncheck()
    page.get_by_role("slider", name="Temperature").fill("3")
    assert river() == ["−2", "−1", "0.04", "(2, 0)"]


def test_query_can_be_changed_and_brought_back(show_demo):
    page = show_demo(demos.attention_explorer())
    undo = page.get_by_role("button", name="Undo")
    assert undo.is_disabled()
    set_query(page, 6)
    assert "water 1.9" in said(page)
    assert "(6, 2, −4, 0)" in page.locator("caption").inner_text()
    words(page).nth(4).click()
    assert undo.is_disabled()
    words(page).nth(1).click()
    undo.click()
    assert said(page).startswith("bank looks most at river 0.65")


def test_all_challenges_can_be_reached_by_keyboard(show_demo):
    page = show_demo(demos.attention_explorer())
    choice = page.get_by_role("combobox", name="Sentence")
    choice.select_option(label="the bank by the river lent us money")
    page.locator("fieldset .fnd-grid input[type=range]").first.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert reached(page) == 1
    set_query(page, 0, 0, 0, 0)
    assert reached(page) == 2
    choice.select_option(label="the river bank")
    page.get_by_role("checkbox", name="Causal").press("Space")
    assert reached(page) == 3


def test_weights_of_a_model_by_layer_and_head(show_demo):
    page = show_demo(trained())
    assert page.locator(".fnd-challenge").count() == 0
    assert words(page).count() == 40
    assert words(page).nth(13).inner_text() == "⏎"
    assert words(page).nth(2).inner_text() == "␣"
    first = said(page)
    assert first.startswith("Layer 1, head 1: ")
    page.get_by_role("group", name="Layer").get_by_role("radio", name="2").check()
    page.get_by_role("group", name="Head").get_by_role("radio", name="mean").check()
    assert said(page).startswith("Layer 2, mean of the heads: ")
    words(page).nth(0).click()
    assert said(page).endswith("T looks most at T 1.00.")
    assert page.locator("tbody tr").count() == 10
    page.keyboard.press("End")
    assert "(token 40) looks at; 30 more share 0." in page.locator("caption").inner_text()


def test_tokens_are_text_and_arcs_need_one_line(show_demo):
    page = show_demo(trained(47, selected=46), width=1200)
    assert words(page).nth(43).inner_text() == "<"
    assert page.locator("canvas").first.is_hidden()
    page = show_demo(demos.attention_explorer(sentence="both"), width=1200)
    assert page.locator("canvas").first.is_visible()


def test_words_answer_to_touch(show_demo):
    page = show_demo(demos.attention_explorer(), width=390, has_touch=True)
    words(page).nth(4).tap()
    assert said(page).startswith("river looks most")
