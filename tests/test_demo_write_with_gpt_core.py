"""WriteWithGPT: its network and its choice against PyTorch, its challenges solved."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from demo_models import GPT_SIZES, make_gpt
from demo_tools import classic, run_js
from gpt_tools import READ, core, exported, random_tokens, step_by_step

from lessons_lib import data
from lessons_lib.demos import _write_with_gpt, packing
from lessons_lib.weights import FOLDER


def tensor(values):
    return torch.tensor(values, dtype=torch.float32)


@pytest.mark.parametrize("sizes", GPT_SIZES)
def test_logits_at_every_place_equal_torch(sizes):
    model = make_gpt(sizes)
    state, rounded = exported(model)
    tokens = random_tokens(model, 100)
    got = core(
        READ + "return v.tokens.map((_, t) => m.logitsAfter(text, t));",
        {"state": state, "tokens": tokens.tolist()},
    )
    with torch.no_grad():
        expected = rounded(tokens[None])[0]
    assert expected.std() > 0.2
    torch.testing.assert_close(tensor(got), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize("context", [2, 16, 128])
def test_window_keeps_the_last_keys_and_values_as_torch(context):
    model = make_gpt()
    state, rounded = exported(model, context)
    tokens = random_tokens(model, 150)
    got = core(
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
    model = make_gpt()
    state, rounded = exported(model, 16)
    tokens = random_tokens(model, 40)
    got = core(
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
    model = make_gpt()
    tokens = random_tokens(model, 12)
    _, seen = step_by_step(model, tokens, 128)
    block = model.blocks[0]
    with torch.no_grad():
        weights = block.attention.weights(
            block.norm1(model.embed(tokens[None])), positions=torch.arange(12)
        )
    torch.testing.assert_close(seen[-1][0], weights[0, :, -1], atol=1e-5, rtol=0)


def test_text_that_was_cut_goes_on_as_if_it_had_never_been_longer():
    state, _ = exported(make_gpt(), 8)
    body = (
        READ + "const first = Array.from(m.logitsAfter(text, 20));"
        "m.cutText(text, 12); for (const k of [1, 2, 3]) m.readToken(text, k);"
        "m.cutText(text, 12); for (const k of v.tokens.slice(12)) m.readToken(text, k);"
        "return [first, m.logitsAfter(text, 20)];"
    )
    tokens = random_tokens(make_gpt(), 21).tolist()
    first, again = core(body, {"state": state, "tokens": tokens})
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
        packing.pack_rows(weights),
    )
    for name, values in packing.rounded(weights).items():
        assert got[name]["shape"] == list(values.shape)
        np.testing.assert_allclose(got[name]["values"], values.flatten(), atol=1e-7)
        np.testing.assert_allclose(values, weights[name], atol=0.02)


# ---- choosing ------------------------------------------------------------------------


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


# ---- the trained weights -------------------------------------------------------------


needs_weights = pytest.mark.skipif(
    not (FOLDER / "tiny_gpt.pt").exists(), reason="tiny_gpt is not trained yet"
)


@needs_weights
def test_trained_gpt_equals_torch_and_rounding_changes_little():
    model, chars, context = _write_with_gpt.trained()
    assert len(chars) == model.embed.num_embeddings
    state, rounded = _write_with_gpt.state(
        model, chars, context, "A", 1.0, 0, 1.0
    )
    whole = data.load("shakespeare", verbose=False).text
    text = whole[-20_000:]
    tokens = torch.tensor([chars.index(char) for char in text if char in chars])
    got = core(
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
const gpt = m.loadGpt(v.state);
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
    state, _ = _write_with_gpt.state(model, chars, context, "A", 1.0, 0, 1.0)

    def play(*runs):
        keys = ("prompt", "count", "temperature", "topK", "topP", "seed")
        runs = [dict(zip(keys, run, strict=True)) for run in runs]
        return core(
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
def test_page_reads_ten_times_as_fast_as_it_shows(chromium):
    """Far more on a processor of its own; the limit leaves room for a busy one."""
    model, chars, context = _write_with_gpt.trained()
    state, _ = _write_with_gpt.state(model, chars, context, "A", 1.0, 0, 1.0)
    code = classic("kit", "gpt_core")
    body = "const gpt = $gpt_core.loadGpt(state); $gpt_core.readingSpeed(gpt, 200);"
    page = chromium.new_page()
    speed = page.evaluate(
        f"(state) => {{{code}\n{body} return $gpt_core.readingSpeed(gpt, 400);}}", state
    )
    page.close()
    assert speed > 300
