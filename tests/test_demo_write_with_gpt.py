"""WriteWithGPT: what Python refuses, its handling in a browser, its challenges."""

import re
import zlib

import numpy as np
import pytest
import torch
from demo_models import CHARS, GPT_SIZES, make_gpt
from demo_tools import said, slide
from gpt_tools import bigrams, exported, next_probs, step_by_step
from torch import nn

from lessons_lib import demos
from lessons_lib.demos import _write_with_gpt
from lessons_lib.models import GPT
from lessons_lib.weights import FOLDER


class NoTurn(GPT):
    """The same parts, put together without positions."""

    def forward(self, tokens):
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class Own(nn.Module):
    """A class of one's own that computes the same."""

    def __init__(self):
        super().__init__()
        gpt = make_gpt()
        self.embed, self.blocks, self.norm, self.head = (
            gpt.embed,
            gpt.blocks,
            gpt.norm,
            gpt.head,
        )

    forward = GPT.forward


def test_own_class_with_the_same_parts_is_accepted_and_left_as_it_was():
    model = Own().train()
    assert demos.write_with_gpt(model, CHARS, prompt="ab").state["sizes"]["heads"] == 4
    assert model.training
    assert demos.write_with_gpt(model, list(CHARS), prompt="ab").state["chars"] == CHARS


@pytest.mark.parametrize("model", [nn.Linear(2, 2), "gpt", NoTurn(*GPT_SIZES[0])])
def test_other_models_are_refused(model):
    with pytest.raises(
        TypeError, match="model must .*GPT.*got a? ?(Linear|str|NoTurn)"
    ):
        demos.write_with_gpt(model, CHARS)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"chars": None}, "model and chars belong together"),
        ({"chars": CHARS[1:]}, "chars must have 58 entries, .* got 57"),
        ({"chars": "a" + CHARS[1:]}, "chars must all differ, got 'a' more than once"),
        ({"chars": ["ab", *CHARS[1:]]}, "chars must be single characters, got 'ab'"),
        ({"chars": [3, *CHARS[1:]]}, "chars must be single characters, got 3"),
        ({"prompt": "é1"}, r"only characters of the model, got \['1', 'é'\]"),
        ({"prompt": ""}, "prompt must be a text of 1 to 500 characters, got ''"),
        ({"prompt": "a" * 501}, "prompt must be a text of 1 to 500"),
        ({"prompt": 3}, "prompt must be a text of 1 to 500"),
        ({"temperature": -0.1}, "temperature must be a number from 0 to 2, got -0.1"),
        ({"temperature": 2.1}, "temperature must be a number from 0 to 2"),
        ({"temperature": float("nan")}, "temperature must be a number from 0 to 2"),
        ({"temperature": "hot"}, "temperature must be a number from 0 to 2, got 'hot'"),
        ({"top_k": 59}, "top_k must be a whole number from 0 to 58"),
        ({"top_k": -1}, "top_k must be a whole number"),
        ({"top_k": 2.5}, "top_k must be a whole number"),
        ({"top_p": 0}, "top_p must be a number above 0 and at most 1"),
        ({"top_p": 1.01}, "top_p must be a number above 0"),
        ({"context": 1}, "context must be a whole number from 2 to 1024"),
    ],
)
def test_write_with_gpt_says_what_is_wrong(wrong, message):
    arguments = {"chars": CHARS, "prompt": "ab", **wrong}
    with pytest.raises(ValueError, match=message):
        demos.write_with_gpt(make_gpt(), arguments.pop("chars"), **arguments)


def test_demo_is_small_and_shows_the_next_characters_without_scripts():
    model = make_gpt()
    demo = demos.write_with_gpt(model, CHARS, prompt="a\nb ")
    page = demo.html()
    state = re.search(r"data-fnd-state>([^<]+)<", page)[1]
    assert len(page) - len(state) <= 40_000
    assert len(state) <= 520_000
    assert "After a↵b␣ comes" in demo.figure
    assert demo.figure.count("<rect") == 8
    tokens = torch.tensor([[CHARS.index(char) for char in "a\nb "]])
    _, rounded = exported(model)
    top = rounded(tokens)[0, -1].argmax()
    shown = re.findall(r"<text[^>]*>(.*?)</text>", demo.figure)[1]
    assert shown == _write_with_gpt.shown(CHARS[top])


# ---- in a browser --------------------------------------------------------------------


def written(page):
    return "".join(page.locator(".fnd-sheet span").all_text_contents())


def press(page, name, key="Enter"):
    page.get_by_role("button", name=re.compile(f"^{name}(:|$)")).press(key)


def rows(page):
    """Return (letter, model's percentage, what is drawn with) of each bar."""
    found = []
    for row in page.locator(".fnd-bars button").all_inner_texts():
        letter, own, result = re.fullmatch(r"(\S+)\s+(\S+) → (.*)", row).groups()
        found.append((letter, own, result))
    return found


def test_same_seed_writes_the_same_text_and_another_seed_another(show_demo):
    page = show_demo(demos.write_with_gpt(make_gpt(), CHARS, prompt="ab", temperature=1))
    page.get_by_role("button", name="Write", exact=True).click()
    page.wait_for_function("document.querySelectorAll('.fnd-sheet span').length > 12")
    page.get_by_role("button", name="Pause", exact=True).click()
    first = written(page)
    assert first.startswith("ab")
    assert said(page).startswith(f"Paused after {len(first) - 2} characters")
    press(page, "Start again")
    assert written(page) == "ab"
    for _ in range(6):
        press(page, "Step")
    press(page, "Back")
    press(page, "Back", "Space")
    assert written(page) == first[:6]
    for _ in range(2):
        press(page, "Step")
    assert written(page) == first[:8]
    press(page, "Another")
    page.wait_for_function("document.querySelectorAll('.fnd-sheet span').length > 12")
    press(page, "Pause")
    assert page.get_by_role("spinbutton", name="Seed").input_value() == "2"
    assert written(page)[:10] != first[:10]
    page.get_by_role("spinbutton", name="Seed").fill("1")
    page.get_by_role("spinbutton", name="Seed").press("Tab")
    for _ in range(3):
        press(page, "Step")
    assert written(page) == first[:5]


def test_unknown_characters_are_refused_and_nothing_is_lost(show_demo):
    page = show_demo(demos.write_with_gpt(make_gpt(), CHARS, prompt="ab"))
    box = page.get_by_role("textbox", name="Prompt")
    box.fill("abç3")
    reason = page.locator(".fnd-refused")
    assert "does not know ç 3" in reason.inner_text()
    assert box.get_attribute("aria-invalid") == "true"
    assert box.input_value() == "abç3"
    assert written(page) == "ab"
    press(page, "Start again")
    assert "cannot be read" in said(page)
    press(page, "Step")
    longer = written(page)
    assert len(longer) == 3
    box.fill("abcd")
    assert reason.inner_text() == "Press Start again to write on from this prompt."
    assert written(page) == longer
    press(page, "Start again")
    assert written(page) == "abcd"
    assert reason.inner_text() == ""
    box.press("End")
    box.press("Enter")
    assert written(page) == "abcd\n"
    assert "5 characters in the prompt" in said(page)
    box.fill("")
    assert "at least one character" in reason.inner_text()
    assert written(page) == "abcd\n"


def test_bars_are_the_probabilities_of_torch(show_demo):
    model = make_gpt()
    _, rounded = exported(model)
    page = show_demo(demos.write_with_gpt(model, CHARS, prompt="ab ", temperature=1))
    probs, order = next_probs(rounded, "ab ")[-1].sort(descending=True)
    found = rows(page)
    assert [row[0] for row in found] == [
        _write_with_gpt.shown(CHARS[token]) for token in order[:10]
    ]
    for (_, own, result), p in zip(found, probs, strict=False):
        assert float(own) == pytest.approx(100 * p.item(), abs=0.51)
        assert result == f"{own} %"
    slide(page, "Top-k", "Home")
    slide(page, "Top-k", "ArrowRight", 2)
    found = rows(page)
    shares = probs[:3] / probs[:3].sum()
    for (_, _, result), p in zip(found[:3], shares, strict=True):
        assert float(result[:-2]) == pytest.approx(100 * p.item(), abs=0.51)
    assert {row[2] for row in found[3:]} == {"cut off"}
    assert "3 of 58 may come" in page.locator(".fnd-body").inner_text()
    assert page.locator(".fnd-cut").count() == 7
    slide(page, "Top-p", "Home")
    assert found[0][0] == rows(page)[0][0]
    assert rows(page)[0][2] == "100 %"
    slide(page, "Top-k", "End")
    slide(page, "Top-p", "End")
    slide(page, "Temperature", "Home")
    assert [row[2] for row in rows(page)] == ["100 %"] + ["cut off"] * 9
    press(page, "Step")
    assert written(page) == "ab " + CHARS[order[0]]


def test_bar_is_chosen_by_mouse_and_keyboard(show_demo):
    model = make_gpt()
    _, rounded = exported(model)
    page = show_demo(demos.write_with_gpt(model, CHARS, prompt="ab", top_k=2))
    third = CHARS[next_probs(rounded, "ab")[-1].argsort(descending=True)[2]]
    bars = page.locator(".fnd-bars button")
    assert "cut off" in bars.nth(2).get_attribute("aria-label")
    bars.nth(2).click()
    assert written(page) == "ab" + third
    assert said(page).startswith("You chose ")
    order = next_probs(rounded, "ab" + third)[-1].argsort(descending=True)
    bars.nth(0).focus()
    for key in (
        "ArrowDown",
        "ArrowDown",
        "ArrowUp",
        "End",
        "Home",
        "ArrowDown",
        "Enter",
    ):
        page.keyboard.press(key)
    assert written(page) == "ab" + third + CHARS[order[1]]
    assert page.locator(".fnd-bars button[tabindex='0']").count() == 1


def test_attention_of_every_place_equals_torch(show_demo):
    model = make_gpt()
    _, rounded = exported(model)
    text = "To be or not to be"
    page = show_demo(demos.write_with_gpt(model, CHARS, prompt=text, context=8))
    tokens = torch.tensor([CHARS.index(char) for char in text])
    _, seen = step_by_step(rounded, tokens, 8)

    def check(place, layer, head):
        rows = seen[place][layer]
        weights = rows.mean(0) if head < 0 else rows[head]
        start = place + 1 - weights.numel()
        top = int(weights.argmax())
        name = "itself" if start + top == place else f"(place {start + top + 1})"
        told = page.locator(".fnd-note", has_text="looks most at").inner_text()
        assert re.search(rf"looks most at .*?{re.escape(name)} (\d\.\d\d)", told), told
        found = float(re.search(r"looks most at .*? (\d\.\d\d)", told)[1])
        assert found == pytest.approx(weights.max().item(), abs=0.006)
        assert page.locator(".fnd-out").count() == len(text) - weights.numel()
        assert page.locator(".fnd-loud").count() == min(3, weights.numel())

    check(17, 2, -1)
    page.get_by_role("group", name="Layer").get_by_role("radio", name="1").check()
    page.get_by_role("group", name="Head").get_by_role("radio", name="3").check()
    check(17, 0, 2)
    page.locator(".fnd-sheet").focus()
    page.keyboard.press("ArrowLeft")
    check(16, 0, 2)
    assert said(page).startswith("Place 17: b came with a surprise of")
    page.locator(".fnd-sheet span").nth(4).click()
    check(4, 0, 2)
    slide(page, "Place that looks", "ArrowRight")
    check(5, 0, 2)
    page.get_by_role("group", name="Head").get_by_role("radio", name="mean").check()
    check(5, 0, -1)
    press(page, "Newest")
    check(17, 0, -1)
    assert page.locator(".fnd-first").count() == 1
    assert "the last 8 of 18 characters" in page.locator(".fnd-body").inner_text()


def test_earlier_place_shows_its_chances_and_what_came(show_demo):
    model = make_gpt()
    _, rounded = exported(model)
    page = show_demo(demos.write_with_gpt(model, CHARS, prompt="abcd", temperature=1))
    page.locator(".fnd-sheet").focus()
    page.keyboard.press("Home")
    p = next_probs(rounded, "abcd")[0, CHARS.index("b")].item()
    came = page.locator(".fnd-came")
    assert came.count() == 1
    assert came.locator("b").text_content() == "b"
    own = came.locator("small").text_content().split()[0]
    assert float(own) == pytest.approx(100 * p, abs=0.51)
    came.click()
    assert written(page) == "abcd"
    assert "earlier place" in said(page)
    page.locator(".fnd-sheet").press("End")
    assert page.locator(".fnd-came").count() == 0


def test_rare_character_that_came_stands_among_the_bars(show_demo):
    model = bigrams({"a": {"b": 0.1, "c": 0.85}})
    page = show_demo(demos.write_with_gpt(model, CHARS, prompt="abaZ"))
    page.locator(".fnd-sheet span").nth(2).click()
    assert [row[0] for row in rows(page)][:2] == ["c", "b"]
    assert page.locator(".fnd-came b").text_content() == "Z"


def test_back_from_an_earlier_place_leads_to_the_newest(show_demo):
    page = show_demo(demos.write_with_gpt(make_gpt(), CHARS, prompt="ab"))
    for _ in range(3):
        press(page, "Step")
    page.locator(".fnd-sheet span").nth(3).click()
    assert page.locator(".fnd-title").inner_text().startswith("After place 4")
    press(page, "Back")
    assert page.locator(".fnd-title").inner_text() == "Next character"
    assert len(written(page)) == 4
    page.locator(".fnd-sheet span").nth(1).click()
    press(page, "Back")
    assert page.locator(".fnd-title").inner_text().startswith("After place 2")


def test_chosen_place_comes_into_sight(show_demo):
    lines = "one line\n" * 40
    page = show_demo(demos.write_with_gpt(make_gpt(), CHARS, prompt=lines), width=390)
    inside = """(node) => { const [box, sheet] = [node, node.closest(".fnd-sheet")]
      .map((n) => n.getBoundingClientRect());
      return box.top >= sheet.top && box.bottom <= sheet.bottom; }"""
    spans = page.locator(".fnd-sheet span")
    assert not spans.nth(0).evaluate(inside)
    for key, place in (("Home", 0), ("End", 359)):
        page.locator(".fnd-sheet").press(key)
        assert spans.nth(place).evaluate(inside)
    slider = page.get_by_role("slider", name="Place that looks")
    for place in (150, 320, 20):
        slider.fill(str(place))
        assert spans.nth(place - 1).evaluate(inside)
    assert said(page).startswith("Place 20: n came")


def test_underline_begins_at_three_nats(show_demo):
    model = bigrams({"a": {"b": 0.1, "c": 0.85}, "b": {"a": 0.9}})
    page = show_demo(demos.write_with_gpt(model, CHARS, prompt="abaZ"))
    page.get_by_role("radio", name="surprise").check()
    assert page.locator(".fnd-loud").all_text_contents() == ["Z"]


def test_surprise_is_the_negative_log_probability_of_torch(show_demo):
    model = make_gpt()
    _, rounded = exported(model)
    page = show_demo(demos.write_with_gpt(model, CHARS, prompt="Hello, world"))
    page.get_by_role("radio", name="surprise").check()
    nats = -next_probs(rounded, "Hello, world").log()
    nats = [nats[t, CHARS.index(c)].item() for t, c in enumerate("Hello, world"[1:])]
    told = page.locator(".fnd-note", has_text="surprised the model").inner_text()
    found = re.search(r"Most: . \(place (\d+)\) (\d\.\d)", told)
    assert int(found[1]) == int(np.argmax(nats)) + 2
    assert float(found[2]) == pytest.approx(max(nats), abs=0.051)
    assert page.locator(".fnd-loud").count() == sum(value >= 3 for value in nats)
    for _ in range(3):
        press(page, "Step")
    text = written(page)
    probs = next_probs(rounded, text)
    expected = [-probs[t - 1, CHARS.index(text[t])].log().item() for t in (12, 13, 14)]
    score = page.locator(".fnd-note", has_text="Surprise so far").inner_text()
    assert float(re.search(r"\d+\.\d+", score)[0]) == pytest.approx(
        np.mean(expected), abs=0.006
    )
    page.get_by_role("radio", name="nothing").check()
    assert page.locator(".fnd-loud").count() == 0


def test_page_stops_when_it_is_full(show_demo):
    page = show_demo(demos.write_with_gpt(make_gpt(GPT_SIZES[1]), CHARS[:7], prompt="!"))
    page.get_by_role("radio", name="fast").check()
    press(page, "Write")
    page.wait_for_function(
        "document.querySelectorAll('.fnd-sheet span').length === 2000", timeout=60_000
    )
    page.wait_for_selector("button:has-text('Write')")
    assert "they are full" in said(page)
    press(page, "Step")
    page.locator(".fnd-bars button").first.click()
    assert page.locator(".fnd-sheet span").count() == 2000
    press(page, "Back")
    assert page.locator(".fnd-sheet span").count() == 1999


def test_less_motion_means_a_line_at_a_time(show_demo):
    demo = demos.write_with_gpt(make_gpt(GPT_SIZES[1]), CHARS[:7], prompt="!")
    page = show_demo(demo, reduced_motion="reduce")
    press(page, "Write")
    page.wait_for_function("document.querySelectorAll('.fnd-sheet span').length > 1")
    assert page.locator(".fnd-sheet span").count() >= 30


@pytest.mark.skipif(
    not (FOLDER / "tiny_gpt.pt").exists(), reason="tiny_gpt is not trained yet"
)
def test_default_demo_opens_and_writes(show_demo):
    demo = demos.write_with_gpt()
    state = re.search(r"data-fnd-state>([^<]+)<", demo.html())[1]
    assert len(zlib.compress(state.encode(), 9)) <= 420_000
    page = show_demo(demo)
    assert written(page) == "ROMEO:\n"
    page.get_by_role("radio", name="fast").check()
    press(page, "Write")
    page.wait_for_function("document.querySelectorAll('.fnd-sheet span').length > 200")
    press(page, "Pause")
    score = page.locator(".fnd-note", has_text="Surprise so far").inner_text()
    assert 0.5 < float(re.search(r"\d+\.\d+", score)[0]) < 1.8


# ---- challenges ----------------------------------------------------------------------


LETTERS = {
    "q": {"u": 0.995},
    "a": {"b": 0.5, "c": 0.45},
    "b": {"a": 0.5, "c": 0.45},
    "c": {"b": 0.5, "a": 0.45},
}


def test_table_of_bigrams_is_what_the_helper_builds():
    probs = next_probs(bigrams(LETTERS), "aq")
    assert probs[0, CHARS.index("b")] == pytest.approx(0.5, abs=0.001)
    assert probs[1, CHARS.index("u")] == pytest.approx(0.995, abs=0.001)


def test_sure_challenge_by_keyboard(show_demo):
    page = show_demo(demos.write_with_gpt(bigrams(LETTERS), CHARS, prompt="q"))
    box = page.get_by_role("textbox", name="Prompt")
    press(page, "Start again")
    assert page.locator(".fnd-done").count() == 0  # not with the prompt it came with
    box.fill("a")
    assert page.locator(".fnd-done").count() == 0
    box.fill("a" * 12 + "q")
    assert page.locator(".fnd-done").count() == 0
    box.fill("aq")
    assert page.locator(".fnd-done").count() == 1


def test_sure_challenge_asks_for_a_letter(show_demo):
    model = bigrams({"q": {":": 0.999}})
    page = show_demo(demos.write_with_gpt(model, CHARS, prompt="a"))
    page.get_by_role("textbox", name="Prompt").fill("q")
    assert rows(page)[0][:2] == (":", "99.9")
    assert page.locator(".fnd-done").count() == 0


def test_loop_and_tame_challenges_by_keyboard(show_demo):
    demo = demos.write_with_gpt(bigrams(LETTERS), CHARS, prompt="a", temperature=1)
    page = show_demo(demo)
    page.get_by_role("radio", name="fast").check()
    slide(page, "Temperature", "Home")
    press(page, "Write")
    page.wait_for_selector(".fnd-done")
    press(page, "Pause")
    assert written(page)[1:60] == ("ba" * 30)[:59]
    assert "temperature 0" in page.locator(".fnd-done").inner_text()
    slide(page, "Temperature", "End")
    press(page, "Start again")
    press(page, "Write")
    page.wait_for_function("document.querySelectorAll('.fnd-sheet span').length > 300")
    press(page, "Pause")
    assert page.locator(".fnd-done").count() == 1  # hot alone is not enough
    slide(page, "Top-k", "Home")
    slide(page, "Top-k", "ArrowRight")
    press(page, "Another")
    page.wait_for_function("document.querySelectorAll('.fnd-done').length === 2")
    press(page, "Pause")
