"""WriteWithGPT: its network and choice against PyTorch, its handling in a browser."""

import re
import zlib

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from demo_tools import classic, run_js
from torch import nn

from lessons_lib import data, demos
from lessons_lib.demos import _packing, _write_with_gpt, pack
from lessons_lib.layers import rotary
from lessons_lib.models import GPT
from lessons_lib.weights import FOLDER

CHARS = "\n !,.:abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SIZES = [(len(CHARS), 96, 4, 3), (7, 12, 3, 1), (30, 20, 2, 4)]
READ = (
    "const m = $gpt_core; const v = payload; const gpt = m.loadGpt(v.state);"
    "const text = m.openText(gpt, 400); for (const k of v.tokens) m.readToken(text, k);"
)


def core(body, payload=None):
    return run_js(("kit", "gpt_core"), f"const m = $gpt_core; {body}", payload)


def make(sizes=SIZES[0], seed=0):
    """Return a GPT as after some training: attention that is not even, odd norms."""
    torch.manual_seed(seed)
    model = GPT(*sizes)
    for name, value in model.named_parameters():
        if "norm" in name:
            nn.init.normal_(value, 1.0 if name.endswith("weight") else 0.0, 0.4)
        elif "query" in name or "key" in name:
            nn.init.normal_(value, 0.0, 0.4)
    return model


def exported(model, context=128):
    """Return the state for the page, and the same rounded weights in a GPT."""
    chars = CHARS[: model.embed.num_embeddings]
    return _write_with_gpt.state(model, chars, context, chars[:2], 1.0, 0, 1.0, pack)


def tensor(values):
    return torch.tensor(values, dtype=torch.float32)


def random_tokens(model, count, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(model.embed.num_embeddings, (count,), generator=generator)


@torch.no_grad()
def step_by_step(model, tokens, context):
    """Run a GPT with a cache that keeps the last `context` keys and values.

    Returns:
        Logits (T, vocab) and for each place the weights (layers, heads, places in view).
    """
    cache = [([], []) for _ in model.blocks]
    logits, seen = [], []
    for t, token in enumerate(tokens):
        x, rows = model.embed(token), []
        for block, (keys, values) in zip(model.blocks, cache, strict=True):
            part, h = block.attention, block.norm1(x)
            place = torch.tensor([t])
            q, k = (
                rotary(layer(h).unflatten(-1, (part.num_heads, 1, -1)), place)
                for layer in (part.query, part.key)
            )
            keys.append(k)
            values.append(part.value(h).unflatten(-1, (part.num_heads, 1, -1)))
            del keys[:-context], values[:-context]
            scores = q @ torch.cat(keys, 1).mT / q.shape[-1] ** 0.5
            rows.append(scores.softmax(-1)[:, 0])
            x = x + part.out((scores.softmax(-1) @ torch.cat(values, 1)).flatten())
            x = x + block.mlp(block.norm2(x))
        logits.append(model.head(model.norm(x)))
        seen.append(torch.stack(rows))
    return torch.stack(logits), seen


# ---------------------------------------------------------------- the network


@pytest.mark.parametrize("sizes", SIZES)
def test_logits_at_every_place_equal_torch(sizes):
    model = make(sizes)
    state, rounded = exported(model)
    tokens = random_tokens(model, 100)
    got = run_js(
        ("kit", "gpt_core"),
        READ + "return v.tokens.map((_, t) => m.logitsAfter(text, t));",
        {"state": state, "tokens": tokens.tolist()},
    )
    with torch.no_grad():
        expected = rounded(tokens[None])[0]
    assert expected.std() > 0.2
    torch.testing.assert_close(tensor(got), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("context", [2, 16, 128])
def test_window_keeps_the_last_keys_and_values_as_torch(context):
    model = make()
    state, rounded = exported(model, context)
    tokens = random_tokens(model, 150)
    got = run_js(
        ("kit", "gpt_core"),
        READ
        + "return v.tokens.map((_, t) => [m.logitsAfter(text, t), m.firstInView(gpt, t)]);",
        {"state": state, "tokens": tokens.tolist()},
    )
    expected, seen = step_by_step(rounded, tokens, context)
    logits = tensor([row[0] for row in got])
    torch.testing.assert_close(logits, expected, atol=1e-3, rtol=0)
    with torch.no_grad():
        whole = rounded(tokens[None])[0]
    torch.testing.assert_close(expected[:context], whole[:context], atol=1e-4, rtol=0)
    assert (expected[context:] - whole[context:]).abs().max() > 0.01
    counts = [t + 1 - row[1] for t, row in enumerate(got)]
    assert counts == [rows.shape[-1] for rows in seen]


def test_attention_weights_equal_torch():
    model = make()
    state, rounded = exported(model, 16)
    tokens = random_tokens(model, 40)
    got = run_js(
        ("kit", "gpt_core"),
        READ + "return [0, 1, 2].map((layer) => [0, 1, 2, 3, -1].map((head) =>"
        " [0, 3, 15, 16, 39].map((t) => m.attentionOf(text, layer, head, t))));",
        {"state": state, "tokens": tokens.tolist()},
    )
    _, seen = step_by_step(rounded, tokens, 16)
    for i, t in enumerate((0, 3, 15, 16, 39)):
        expected = torch.cat([seen[t], seen[t].mean(1, keepdim=True)], 1)
        found = tensor([[head[i]["weights"] for head in layer] for layer in got])
        torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)
        assert got[0][0][i]["start"] == max(0, t - 15)
    assert expected.max() > 0.3  # not even


def test_layer_attention_is_the_module_s_own():
    """The reference of these tests, against MultiHeadAttention.weights."""
    model = make()
    tokens = random_tokens(model, 12)
    _, seen = step_by_step(model, tokens, 128)
    block = model.blocks[0]
    with torch.no_grad():
        weights = block.attention.weights(
            block.norm1(model.embed(tokens[None])), positions=torch.arange(12)
        )
    torch.testing.assert_close(seen[-1][0], weights[0, :, -1], atol=1e-5, rtol=0)


def test_text_that_was_cut_goes_on_as_if_it_had_never_been_longer():
    state, _ = exported(make(), 8)
    body = (
        READ + "const first = Array.from(m.logitsAfter(text, 20));"
        "m.cutText(text, 12); for (const k of [1, 2, 3]) m.readToken(text, k);"
        "m.cutText(text, 12); for (const k of v.tokens.slice(12)) m.readToken(text, k);"
        "return [first, m.logitsAfter(text, 20)];"
    )
    tokens = random_tokens(make(), 21).tolist()
    first, again = run_js(("kit", "gpt_core"), body, {"state": state, "tokens": tokens})
    assert first == again


def test_gelu_equals_torch():
    x = torch.linspace(-9, 9, 3001, dtype=torch.float64)
    got = core("return payload.map(m.gelu);", x.tolist())
    np.testing.assert_allclose(got, F.gelu(x), atol=1e-6)


def test_packed_rows_arrive_as_the_rounded_weights():
    weights = {"a": torch.randn(3, 4, 2), "b": torch.randn(5), "c": torch.zeros(2, 2)}
    got = run_js(
        ("kit",),
        "return $kit.unpackRows(payload);",
        _packing.pack_rows(weights, pack),
    )
    for name, values in _packing.rounded(weights).items():
        assert got[name]["shape"] == list(values.shape)
        np.testing.assert_allclose(got[name]["values"], values.flatten(), atol=1e-7)
        np.testing.assert_allclose(values, weights[name], atol=0.02)


# ---------------------------------------------------------------- choosing


def shaped(logits, temperature, top_k, top_p):
    """Return the probabilities as the lesson defines them."""
    logits = logits / temperature
    if top_k:
        low = logits.topk(top_k).values[-1]
        logits = logits.masked_fill(logits < low, -torch.inf)
    probs, order = logits.softmax(0).sort(descending=True)
    probs = probs.masked_fill(probs.cumsum(0) - probs >= top_p, 0.0)
    return torch.zeros_like(probs).scatter(0, order, probs / probs.sum())


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("top_k", [0, 1, 5, 58])
@pytest.mark.parametrize("top_p", [0.05, 0.5, 0.9, 1.0])
def test_choice_equals_torch(temperature, top_k, top_p):
    logits = 2 * torch.randn(58, generator=torch.Generator().manual_seed(3)).double()
    got = core(
        "return m.shapeNext(Float32Array.from(payload.z), payload);",
        {
            "z": logits.tolist(),
            "temperature": temperature,
            "topK": top_k,
            "topP": top_p,
        },
    )
    expected = shaped(logits, temperature, top_k, top_p)
    np.testing.assert_allclose(got["probs"], expected, atol=1e-6)
    assert [p > 0 for p in got["probs"]] == (expected > 0).tolist()
    np.testing.assert_allclose(got["own"], logits.softmax(0), atol=1e-6)
    assert got["order"] == logits.argsort(descending=True).tolist()


def test_temperature_zero_takes_the_most_probable_alone():
    for rest in ("topK: 0, topP: 1", "topK: 3, topP: 0.05"):
        got = core(f"return m.shapeNext([1, 3, 2], {{temperature: 0, {rest}}}).probs;")
        assert got == [0, 1, 0]


def test_pick_follows_the_probabilities():
    got = core(
        "const shaped = {probs: [0.2, 0, 0.5, 0.3], order: [2, 3, 0, 1]};"
        "return [0, 0.49, 0.51, 0.79, 0.81, 0.9999999999999999].map("
        "(u) => m.pick(shaped, u));"
    )
    assert got == [2, 2, 3, 3, 0, 0]
    counts = core(
        "const shaped = m.shapeNext([0, 1, 2], {temperature: 1, topK: 0, topP: 1});"
        "const counts = [0, 0, 0]; for (let t = 0; t < 9000; t += 1)"
        " counts[m.pick(shaped, $kit.rng(Math.imul(5, 0x9e3779b1) + t)())] += 1;"
        "return counts;"
    )
    expected = 9000 * torch.tensor([0.0, 1.0, 2.0]).softmax(0)
    assert (torch.tensor(counts) - expected).abs().max() < 150


def test_entropy_and_surprise_equal_torch():
    logits = torch.randn(20, dtype=torch.float64)
    got = core(
        "const {own} = m.shapeNext(payload, {temperature: 1, topK: 0, topP: 1});"
        "return [m.entropy(own), payload.map((_, k) => m.surprise(payload, k))];",
        logits.tolist(),
    )
    spread = torch.distributions.Categorical(logits=logits)
    assert got[0] == pytest.approx(spread.entropy().item())
    np.testing.assert_allclose(got[1], -spread.logits)


LIST = (
    "const list = (tokens, more) => tokens.map((token, i) => ({token, heat: 0,"
    " byHand: false, surprise: 1, isTop: i % 2 === 0, ...more}));"
)


def test_loop_is_a_stretch_that_comes_twice_at_temperature_zero():
    got = core(
        LIST + "const once = Array.from({length: 30}, (_, i) => i);"
        "const twice = [...once, ...once]; const hot = list(twice); hot[45].heat = 0.5;"
        "const hand = list(twice); hand[45].byHand = true;"
        "return [list(twice), list([...once, ...once.slice(1)]), list(once), hot, hand,"
        " list([9, ...twice])].map((l) => m.isLoop(l));"
    )
    assert got == [True, False, False, False, False, True]


def test_tame_wants_heat_length_other_choices_and_little_surprise():
    got = core(
        LIST + "const sixty = Array.from({length: 60}, (_, i) => i);"
        "const good = {heat: 1.5}; const one = list(sixty, good); one[3].heat = 1.45;"
        "return [list(sixty, good), list(sixty.slice(1), good), list(sixty, {heat: 1.4}),"
        " list(sixty, {heat: 2, isTop: true}), list(sixty, {heat: 2, surprise: 1.2}),"
        " list(sixty, {heat: 2, byHand: true}), one].map((l) => m.isTame(l));"
    )
    assert got == [True, False, False, False, False, False, False]


# ---------------------------------------------------------------- the Python function


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
        gpt = make()
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


@pytest.mark.parametrize("model", [nn.Linear(2, 2), "gpt", NoTurn(*SIZES[0])])
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
        demos.write_with_gpt(make(), arguments.pop("chars"), **arguments)


def test_demo_is_small_and_shows_the_next_characters_without_scripts():
    model = make()
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


# ---------------------------------------------------------------- in a browser


def bigrams(table, chars=CHARS, dim=64, seed=None):
    """Return a GPT that gives each next character the chances in `table`.

    Characters that the table lacks are followed by any character.
    """
    model = make((len(chars), dim, 4, 2), seed or 0)
    wish = torch.zeros(dim, len(chars))
    for char, likely in table.items():
        share = (1 - sum(likely.values())) / (len(chars) - len(likely))
        probs = torch.full((len(chars),), share)
        for other, p in likely.items():
            probs[chars.index(other)] = p
        wish[chars.index(char)] = probs.log()
    with torch.no_grad():
        for block in model.blocks:
            for part in (block.attention.out, block.mlp[2]):
                part.weight.zero_()
                part.bias.zero_()
        model.embed.weight.copy_(torch.eye(dim)[: len(chars)])
        model.norm.weight.fill_(1.0)
        model.norm.bias.zero_()
        spread = (1 / dim * (1 - 1 / dim) + 1e-5) ** 0.5
        model.head.weight.copy_(wish.T * spread)
        model.head.bias.copy_(wish.mean(0))
    return model


def said(page):
    return page.locator(".fnd-status > span").first.inner_text()


def written(page):
    return "".join(page.locator(".fnd-sheet span").all_text_contents())


def press(page, name, key="Enter"):
    page.get_by_role("button", name=re.compile(f"^{name}(:|$)")).press(key)


def slide(page, name, key, times=1):
    slider = page.get_by_role("slider", name=name, exact=True)
    for _ in range(times):
        slider.press(key)


def next_probs(model, text):
    tokens = torch.tensor([[CHARS.index(char) for char in text]])
    with torch.no_grad():
        return model(tokens)[0].softmax(-1)


def rows(page):
    """Return (letter, model's percentage, what is drawn with) of each bar."""
    found = []
    for row in page.locator(".fnd-bars button").all_inner_texts():
        letter, own, result = re.fullmatch(r"(\S+)\s+(\S+) → (.*)", row).groups()
        found.append((letter, own, result))
    return found


@pytest.mark.parametrize("width", [320, 390, 700, 1200, 1440])
def test_demo_fits_and_every_control_has_a_name(show_demo, width):
    demo = demos.write_with_gpt(make(), CHARS, prompt="ROMEO:\n", context=16)
    page = show_demo(demo, width=width, dark=width == 700)
    page.get_by_role("radio", name="fast").check()
    press(page, "Write")
    page.wait_for_function("document.querySelectorAll('.fnd-sheet span').length > 99")
    press(page, "Pause")
    page.locator(".fnd-sheet span").nth(60).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    unnamed = """[...document.querySelectorAll("input, select, button, textarea")]
      .filter((n) => !(n.getAttribute("aria-label") || n.textContent.trim()
        || (n.labels && n.labels[0] && n.labels[0].textContent.trim()))).length"""
    assert page.evaluate(unnamed) == 0
    small = """[...document.querySelectorAll(".fnd-body button, .fnd-body textarea, "
      + ".fnd-segments label")].filter((n) => n.offsetParent)
      .map((n) => n.getBoundingClientRect())
      .filter((b) => b.width < 24 || b.height < 24).length"""
    assert page.evaluate(small) == 0
    cut = """[...document.querySelectorAll(".fnd-body button, .fnd-segments span")]
      .filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.textContent)"""
    assert page.evaluate(cut) == []


def test_same_seed_writes_the_same_text_and_another_seed_another(show_demo):
    page = show_demo(demos.write_with_gpt(make(), CHARS, prompt="ab", temperature=1))
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
    page = show_demo(demos.write_with_gpt(make(), CHARS, prompt="ab"))
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
    model = make()
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
    model = make()
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
    model = make()
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
    model = make()
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
    page = show_demo(demos.write_with_gpt(make(), CHARS, prompt="ab"))
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
    page = show_demo(demos.write_with_gpt(make(), CHARS, prompt=lines), width=390)
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
    model = make()
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
    page = show_demo(demos.write_with_gpt(make(SIZES[1]), CHARS[:7], prompt="!"))
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
    demo = demos.write_with_gpt(make(SIZES[1]), CHARS[:7], prompt="!")
    page = show_demo(demo, reduced_motion="reduce")
    press(page, "Write")
    page.wait_for_function("document.querySelectorAll('.fnd-sheet span').length > 1")
    assert page.locator(".fnd-sheet span").count() >= 30


# ---------------------------------------------------------------- challenges


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


# ---------------------------------------------------------------- the trained weights


needs_weights = pytest.mark.skipif(
    not (FOLDER / "tiny_gpt.pt").exists(), reason="tiny_gpt is not trained yet"
)


@needs_weights
def test_trained_gpt_equals_torch_and_rounding_changes_little():
    model, chars, context = _write_with_gpt.trained()
    assert len(chars) == model.embed.num_embeddings
    state, rounded = _write_with_gpt.state(
        model, chars, context, "A", 1.0, 0, 1.0, pack
    )
    whole = data.load("shakespeare", verbose=False).text
    text = whole[-20_000:]
    tokens = torch.tensor([chars.index(char) for char in text if char in chars])
    got = run_js(
        ("kit", "gpt_core"),
        READ + "return v.tokens.map((_, t) => m.logitsAfter(text, t));",
        {"state": state, "tokens": tokens[: context + 60].tolist()},
    )
    expected, _ = step_by_step(rounded, tokens[: context + 60], context)
    torch.testing.assert_close(tensor(got), expected, atol=1e-3, rtol=0)
    chunks = tokens[: len(tokens) // context * context].view(-1, context)
    with torch.no_grad():
        losses = [
            F.cross_entropy(net(chunks[:, :-1]).mT, chunks[:, 1:]).item()
            for net in (model, rounded)
        ]
    assert losses[1] == pytest.approx(losses[0], abs=0.01)


PLAY = """
const v = payload; const m = $gpt_core; const gpt = m.loadGpt(v.state);
const chars = Array.from(v.state.chars);
return v.runs.map(({prompt, count, set, seed}) => {
  const text = m.openText(gpt, 800);
  for (const char of prompt) m.readToken(text, chars.indexOf(char));
  const written = [];
  const reached = {loop: 0, tame: 0};
  for (let i = 0; i < count; i += 1) {
    const logits = m.logitsAfter(text, text.length - 1);
    const shaped = m.shapeNext(logits, set);
    const token = m.pick(shaped, $kit.rng(Math.imul(seed, 0x9e3779b1) + text.length)());
    written.push({token, surprise: m.surprise(logits, token), heat: set.temperature,
      isTop: token === shaped.order[0], byHand: false});
    m.readToken(text, token);
    if (m.isLoop(written)) reached.loop = 1;
    if (m.isTame(written)) reached.tame = 1;
  }
  const end = m.shapeNext(m.logitsAfter(text, text.length - 1), set);
  return {...reached, sure: end.own[end.order[0]], letter: chars[end.order[0]]};
});
"""


@needs_weights
def test_challenges_are_solvable_with_the_trained_gpt():
    model, chars, context = _write_with_gpt.trained()
    state, _ = _write_with_gpt.state(model, chars, context, "A", 1.0, 0, 1.0, pack)

    def play(*runs):
        keys = ("prompt", "count", "temperature", "topK", "topP", "seed")
        runs = [dict(zip(keys, run, strict=True)) for run in runs]
        return run_js(
            ("kit", "gpt_core"),
            PLAY,
            {"state": state, "runs": [{**run, "set": run} for run in runs]},
        )

    greedy = play(("ROMEO:\n", 500, 0, 0, 1, 1), ("O", 500, 0, 0, 1, 1))
    assert all(run["loop"] for run in greedy)
    free = play(*(("ROMEO:\n", 300, 1.5, 0, 1, seed) for seed in (1, 2, 3)))
    assert not any(run["tame"] or run["loop"] for run in free)
    nucleus = play(*(("ROMEO:\n", 300, 1.5, 0, 0.5, seed) for seed in (1, 2, 3)))
    assert all(run["tame"] for run in nucleus)
    prompts = ("unq", "CORIOLANU", "MERCUTI", "the quee")
    sure = play(*((prompt, 0, 1, 0, 1, 1) for prompt in prompts))
    assert sum(run["sure"] >= 0.99 and run["letter"].isalpha() for run in sure) >= 2


@needs_weights
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


@needs_weights
def test_page_reads_ten_times_as_fast_as_it_shows(chromium):
    """Far more on a processor of its own; the limit leaves room for a busy one."""
    model, chars, context = _write_with_gpt.trained()
    state, _ = _write_with_gpt.state(model, chars, context, "A", 1.0, 0, 1.0, pack)
    code = classic("kit", "gpt_core")
    body = "const gpt = $gpt_core.loadGpt(state); $gpt_core.readingSpeed(gpt, 200);"
    page = chromium.new_page()
    speed = page.evaluate(
        f"(state) => {{{code}\n{body} return $gpt_core.readingSpeed(gpt, 400);}}", state
    )
    page.close()
    assert speed > 300
