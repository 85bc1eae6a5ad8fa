"""DiffusionLab: its network and samplers against PyTorch, its handling in a browser."""

import re
import zlib

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from demo_tools import js_core, reached, said, slide
from torch import nn

from lessons_lib import data, demos
from lessons_lib.demos import _diffusion_lab, packing
from lessons_lib.models import UNet, embed_time
from lessons_lib.weights import load_weights

core = js_core("kit", "diffusion_core")
unet_core = js_core("kit", "diffusion_unet")


def unet(body, payload):
    return unet_core(f"const net = m.loadUnet(v.net); {body}", payload)


def trained():
    model = UNet(28, (16, 32), 192)
    model.load_state_dict(load_weights("diffusion"))
    return model


def rounded(model):
    """Return the state for the page, and put the same rounded weights into `model`."""
    state = packing.pack_rows(model.state_dict())
    model.load_state_dict(packing.rounded(model.state_dict()))
    return state


def tensor(values):
    return torch.tensor(values, dtype=torch.float32)


# ---------------------------------------------------------------- the network


@pytest.mark.parametrize(
    ("side", "widths", "hidden_dim"), [(14, (8,), 20), (28, (4, 8), 12), (16, (8, 4, 8), 6)]
)
def test_network_equals_torch_for_any_depth(side, widths, hidden_dim):
    torch.manual_seed(side)
    model = UNet(side, widths, hidden_dim, embed_dim=24)
    for name, value in model.named_parameters():
        if "norm" in name:  # as after training, not 1 and 0
            nn.init.normal_(value, 1.0, 0.5)
    state = rounded(model)
    x = torch.randn(1, 1, side, side)
    for t, label in ((0.0, 0), (0.37, 10), (0.95, 9)):
        got = unet(
            "return m.velocity(net, Float32Array.from(v.x), v.t, v.label);",
            {"net": state, "x": x.flatten().tolist(), "t": t, "label": label},
        )
        with torch.no_grad():
            expected = model(x, torch.tensor([t]), torch.tensor([label]))
        torch.testing.assert_close(tensor(got), expected.flatten(), atol=1e-4, rtol=1e-4)


def test_ten_guided_steps_of_the_trained_network_equal_torch():
    model = trained()
    state = rounded(model)
    torch.manual_seed(0)
    x = torch.randn(1, 1, 28, 28)
    got = unet(
        "let x = Float32Array.from(v.x); const all = [];"
        "for (let k = 0; k < 10; k += 1) {"
        " const step = m.eulerStep(net, x, k / 10, (k + 1) / 10, 7, 2.5);"
        " x = step.pixels; all.push([x, step.target]); } return all;",
        {"net": state, "x": x.flatten().tolist()},
    )
    seven, none = torch.tensor([7]), torch.tensor([10])
    with torch.no_grad():
        for k in range(10):
            t = torch.tensor([k / 10])
            without = model(x, t, none)
            answer = without + 2.5 * (model(x, t, seven) - without)
            target = x + (1 - k / 10) * answer
            x = x + answer / 10
            pixels, pointed = (tensor(part) for part in got[k])
            torch.testing.assert_close(pixels, x.flatten(), atol=1e-3, rtol=0)
            torch.testing.assert_close(pointed, target.flatten(), atol=1e-3, rtol=0)


def test_guidance_0_and_1_are_the_two_answers():
    state = rounded(UNet(14, (8,), 8))
    x = torch.randn(196).tolist()
    got = unet(
        "const x = Float32Array.from(v.x); return [m.guided(net, x, 0.5, 3, 0),"
        " m.velocity(net, x, 0.5, 10), m.guided(net, x, 0.5, 3, 1),"
        " m.velocity(net, x, 0.5, 3)];",
        {"net": state, "x": x},
    )
    assert got[0] == got[1]
    assert got[2] == got[3]
    assert got[0] != got[2]


def test_fold_and_embed_time_equal_torch():
    x = torch.randn(3, 8, 8)
    got = unet(
        "const x = {values: Float32Array.from(v.x), depth: 3, side: 8};"
        "const folded = m.fold(x);"
        "return [folded.values, m.unfold(folded).values, m.embedTime(0.3)];",
        {"net": rounded(UNet(14, (4,), 4)), "x": x.flatten().tolist()},
    )
    torch.testing.assert_close(tensor(got[0]), F.pixel_unshuffle(x, 2).flatten())
    torch.testing.assert_close(tensor(got[1]), x.flatten())
    expected = embed_time(torch.tensor([0.3]))[0]
    torch.testing.assert_close(tensor(got[2]), expected, atol=1e-5, rtol=0)


def test_rounding_to_int8_changes_the_answer_little():
    model = trained()
    torch.manual_seed(0)
    x, t, label = torch.randn(8, 1, 28, 28), torch.rand(8), torch.arange(8)
    with torch.no_grad():
        before = model(x, t, label)
        rounded(model)
        error = (model(x, t, label) - before).square().mean().sqrt()
    assert error < 0.05 * before.square().mean().sqrt()


def test_likeness_is_the_correlation_and_back_the_straight_line():
    a, b = np.random.default_rng(0).normal(size=(2, 50))
    got = unet(
        "return [m.likeness(v.a, v.b), m.likeness(v.a, v.a), m.backTo(v.a, 0.25, v.b)];",
        {"net": rounded(UNet(14, (4,), 4)), "a": a.tolist(), "b": b.tolist()},
    )
    assert got[0] == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert got[1] == pytest.approx(1)
    np.testing.assert_allclose(got[2], 0.25 * a + 0.75 * b)


# ---------------------------------------------------------------- the samplers


def test_schedule_is_that_of_the_lesson():
    beta = torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64)
    expected = torch.cat([torch.ones(1).double(), (1 - beta).cumprod(0)])
    got = torch.tensor(core("return m.ALPHA_BAR;"), dtype=torch.float64)
    torch.testing.assert_close(got, expected)


def test_names_are_the_same_in_python_and_javascript():
    assert tuple(core("return m.NAMES;")) == _diffusion_lab.DATA


@pytest.mark.parametrize("name", _diffusion_lab.DATA)
def test_clean_mean_is_the_slope_of_the_log_density(name):
    """Tweedie's formula: the mean follows from the density's slope, by autograd."""
    a, b = 0.6, 0.8
    got = core(
        "const data = m.makeData(v.name);"
        "return [data, m.SPREAD, v.points.map((p) => m.cleanMeans(data, p, v.a, v.b, 1))];",
        {"name": name, "a": a, "b": b, "points": [[0.3, -0.2], [2.0, 1.0], [-1.0, 0.1]]},
    )
    centres, spread, means = got
    places = torch.tensor([centres["x"], centres["y"]], dtype=torch.float64).T
    labels = torch.tensor(centres["labels"])
    for point, found in zip([[0.3, -0.2], [2.0, 1.0], [-1.0, 0.1]], means, strict=True):
        for key, chosen in (("all", places), ("own", places[labels == 1])):
            x = torch.tensor(point, dtype=torch.float64, requires_grad=True)
            variance = a * a * spread**2 + b * b
            distances = (x - a * chosen).square().sum(1)
            (-distances / (2 * variance)).logsumexp(0).backward()
            expected = (x.detach() + b * b * x.grad) / a
            np.testing.assert_allclose(found[key], expected, atol=1e-9)


def test_one_step_of_each_sampler_equals_the_formulas_of_the_lesson():
    point, noise = [0.4, -0.9], [1.3, -0.2]
    got = core(
        "const data = m.makeData('ring'); const bar = m.ALPHA_BAR; const step = (s, t, n) =>"
        " m.samplerStep(s, data, v.point, t, n, 0, 2, v.noise);"
        "const mean = (a, b) => m.cleanMeans(data, v.point, a, b, 0);"
        "return [bar[300], bar[299], mean(Math.sqrt(bar[300]), Math.sqrt(1 - bar[300])),"
        " step('ddpm', 300, 299), step('ddim', 300, 299), mean(0.5, 0.5), step('flow', 0.5, 0.6)];",
        {"point": point, "noise": noise},
    )
    bar, before, means, ddpm, ddim, flow_means, flow = got
    x, z = np.array(point), np.array(noise)
    clean = np.array(means["all"]) + 2 * (np.array(means["own"]) - means["all"])
    guess = (x - bar**0.5 * clean) / (1 - bar) ** 0.5
    beta = 1 - bar / before
    mean = (x - beta / (1 - bar) ** 0.5 * guess) / (1 - beta) ** 0.5
    variance = (1 - before) / (1 - bar) * beta
    np.testing.assert_allclose(ddpm, mean + variance**0.5 * z, rtol=1e-6)
    expected = before**0.5 * clean + (1 - before) ** 0.5 * guess
    np.testing.assert_allclose(ddim, expected, rtol=1e-9)
    clean = np.array(flow_means["all"])
    clean = clean + 2 * (np.array(flow_means["own"]) - clean)
    velocity = (clean - x) / 0.5
    np.testing.assert_allclose(flow, x + 0.1 * velocity, rtol=1e-9)


def test_energy_distance_equals_the_lesson():
    a, b = torch.randn(40, 2).double(), torch.randn(30, 2).double() + 1
    within = [torch.cdist(s, s).sum() / (len(s) * (len(s) - 1)) for s in (a, b)]
    expected = 2 * torch.cdist(a, b).mean() - sum(within)
    got = core("return m.energyDistance(v.a, v.b);", {"a": a.tolist(), "b": b.tolist()})
    assert got == pytest.approx(expected.item())


@pytest.mark.parametrize("sampler", _diffusion_lab.SAMPLERS)
@pytest.mark.parametrize("name", _diffusion_lab.DATA)
def test_many_steps_of_every_sampler_reach_the_data(name, sampler):
    distance, kept = core(
        "const data = m.makeData(v.name); const real = m.drawData(data, 500, null, 1000);"
        "const last = m.sample({sampler: v.sampler, data, count: 500, steps: 100,"
        " label: null, scale: 1, seed: 1})[100];"
        "return [m.energyDistance(last, real), m.spread(last) / m.spread(real)];",
        {"name": name, "sampler": sampler},
    )
    assert distance < 0.03
    assert 0.9 < kept < 1.1


def test_way_there_is_the_jump_of_the_lesson():
    frames = core("return m.noised([[1, 2], [3, -1]], 5, 50);")
    bar = core("return m.ALPHA_BAR;")
    assert frames[0] == [[1, 2], [3, -1]]
    noise = (np.array(frames[50]) - bar[1000] ** 0.5 * np.array(frames[0])) / (
        1 - bar[1000]
    ) ** 0.5
    expected = bar[500] ** 0.5 * np.array(frames[0]) + (1 - bar[500]) ** 0.5 * noise
    np.testing.assert_allclose(frames[25], expected)


# ---------------------------------------------------------------- challenges


MEASURE = (
    "const data = m.makeData('moons');"
    "const real = m.drawData(data, 500, v.label, 1000);"
    "return [1, 2, 3].map((seed) => { const path = m.sample({sampler: v.sampler, data,"
    " count: 500, steps: v.steps, label: v.label, scale: v.scale, seed});"
    " const last = path[path.length - 1];"
    " return [m.energyDistance(last, real), m.spread(last) / m.spread(real)]; });"
)


def measure(sampler, steps, label=None, scale=1):
    found = {"sampler": sampler, "steps": steps, "label": label, "scale": scale}
    return np.array(core(MEASURE, found))


def test_few_steps_are_enough_for_the_flow_alone():
    assert (measure("flow", 5)[:, 0] < 0.04).all()
    assert (measure("ddim", 5)[:, 0] > 0.05).all()
    assert (measure("ddpm", 5)[:, 0] > 0.05).all()
    assert (measure("flow", 3)[:, 0] > 0.05).all()


def test_guidance_challenge_needs_much_guidance():
    for label in (0, 1):
        assert (measure("flow", 30, label, 8)[:, 1] < 0.6).all()
        assert (measure("flow", 30, label, 2.5)[:, 1] > 0.65).all()


BACK = """
const noise = (seed) => { const random = $kit.rng(seed);
  return Float32Array.from({length: 784}, () => random.normal()); };
const run = (x, from, digit, scale) => { const many = Math.round(10 * (1 - from));
  for (let k = 0; k < many; k += 1) x = m.eulerStep(net, x, from + (1 - from) * k / many,
    from + (1 - from) * (k + 1) / many, digit, scale).pixels;
  return x; };
const noises = [1, 2, 3, 4, 5, 6].map((seed) => noise(100 + seed));
return [1, 2, 3, 4, 5, 6].map((seed) => { const three = run(noise(seed), 0, 3, 2.5);
  const last = run(m.backTo(three, v.from, noise(seed + 50)), v.from, 8, v.scale);
  return [three, last, m.likeness(three, last), m.prefers(net, last, 8, 3, noises)]; });
"""


def nearest(pictures):
    """Return the digits of the nearest real ones, or None where MNIST is not here."""
    mnist = data.load("mnist", verbose=False)
    if mnist.name != "MNIST":
        return None
    real = mnist.train_images[:20_000].float().flatten(1) / 127.5 - 1
    return mnist.train_labels[torch.cdist(tensor(pictures), real).argmin(1)]


def test_a_three_far_back_becomes_an_eight_that_is_still_like_it():
    found = unet(BACK, {"net": rounded(trained()), "from": 0.3, "scale": 5})
    solved = [alike >= 0.5 and reads for _, _, alike, reads in found]
    assert sum(solved) >= 3
    digits = nearest([entry[0] for entry in found])
    if digits is not None:
        assert (digits == 3).all()
        eights = nearest([entry[1] for entry in found]) == 8
        assert (eights | ~torch.tensor(solved)).all()  # solved is an 8 for others too


def test_a_three_half_way_back_stays_a_three():
    found = unet(BACK, {"net": rounded(trained()), "from": 0.5, "scale": 2.5})
    assert not any(reads for *_, reads in found)
    digits = nearest([entry[1] for entry in found])
    assert digits is None or (digits == 3).all()


# ---------------------------------------------------------------- the Python function


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"part": "cats"}, "part must be one of"),
        ({"data": "cat"}, "data must be one of"),
        ({"sampler": "euler"}, "sampler must be one of"),
        ({"steps": 7}, "steps must be one of"),
        ({"guidance": -1}, "guidance must be from 0 to 8"),
        ({"part": "digits", "digit": 10}, "digit must be a whole number"),
        ({"part": "digits", "steps": 100}, "steps must be one of"),
    ],
)
def test_diffusion_lab_says_what_is_wrong(wrong, message):
    with pytest.raises(ValueError, match=message):
        demos.diffusion_lab(**wrong)


def test_demo_is_small_and_its_weights_too():
    assert len(demos.diffusion_lab().html()) <= 40_000
    digits = demos.diffusion_lab("digits")
    state = re.search(r"data-fnd-state>([^<]+)<", digits.html())[1]
    assert len(zlib.compress(state.encode(), 9)) <= 300_000


# ---------------------------------------------------------------- in a browser


def press(page, name):
    page.get_by_role("button", name=name, exact=True).press("Enter")


def test_points_answer_to_every_control(show_demo):
    page = show_demo(demos.diffusion_lab())
    assert said(page).startswith("DDPM, 10 steps: distance to the data")
    slide(page, "Time", "Home")
    assert said(page) == "DDPM: after 0 of 10 steps."
    page.get_by_role("radio", name="DDIM").check()
    assert said(page).startswith("DDIM, 10 steps")
    slide(page, "Steps", "End")
    assert said(page).startswith("DDIM, 100 steps")
    page.get_by_role("combobox", name="Data").select_option(label="two spirals")
    assert "two spirals" in page.locator("canvas").first.get_attribute("aria-label")
    assert page.get_by_role("slider", name="Guidance").is_disabled()
    page.get_by_role("radio", name="triangles").check()
    assert page.get_by_role("slider", name="Guidance").is_enabled()
    before = said(page)
    press(page, "New noise")
    assert said(page) != before
    page.get_by_role("radio", name="data to noise").check()
    assert "time 1000 of 1,000" in said(page)
    assert page.get_by_role("radio", name="DDPM").is_disabled()


def test_points_challenges_are_reached_by_keyboard(show_demo):
    page = show_demo(demos.diffusion_lab())
    assert reached(page) == 0
    page.get_by_role("radio", name="DDPM").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    slide(page, "Steps", "ArrowLeft", 2)
    assert said(page).startswith("flow, 5 steps")
    assert reached(page) == 1
    slide(page, "Steps", "ArrowRight", 4)
    page.get_by_role("radio", name="none").focus()
    page.keyboard.press("ArrowRight")
    slide(page, "Guidance", "End")
    assert reached(page) == 2


def test_points_play_to_the_end_and_stop(show_demo):
    page = show_demo(demos.diffusion_lab(steps=3))
    press(page, "Play")
    page.wait_for_function(
        "document.querySelector('.fnd-status').textContent.includes('DDPM: after 1 of 3')"
    )
    page.wait_for_function(
        "document.querySelector('.fnd-status').textContent.includes('DDPM, 3 steps')"
    )
    page.get_by_role("button", name="Play", exact=True).wait_for()


def test_digit_is_drawn_and_goes_back_by_keyboard(show_demo):
    page = show_demo(demos.diffusion_lab("digits"))
    assert said(page) == "Pure noise, time 0. Press Draw."
    assert page.get_by_role("button", name="From pure noise").is_disabled()
    press(page, "Step")
    assert said(page) == "Step 1 of 10, time 0.10."
    slide(page, "Time", "End")
    assert said(page) == "Step 10 of 10, time 1.00. Asked for a 3, guidance 2.5."
    finished = page.locator("canvas").first.screenshot()
    slide(page, "Time", "Home")
    assert page.locator("canvas").first.screenshot() != finished
    press(page, "Add noise: go back with the finished picture; then choose a digit and draw again")
    assert said(page).startswith("With new noise, time 0.50: it was a 3.")
    page.get_by_role("radio", name="3", exact=True).focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    slide(page, "Time", "End")
    assert "The network reads a 3; likeness to the 3 before: 0.9" in said(page)
    assert reached(page) == 0
    slide(page, "Back to time", "ArrowLeft", 2)
    slide(page, "Guidance", "ArrowRight", 5)
    slide(page, "Time", "End")
    assert "Asked for an 8, guidance 5. The network reads an 8; likeness" in said(page)
    assert reached(page) == 1
    press(page, "From pure noise")
    assert said(page) == "Pure noise, time 0. Press Draw."


def test_draw_shows_every_step(show_demo):
    page = show_demo(demos.diffusion_lab("digits", steps=5), reduced_motion="reduce")
    press(page, "Draw")
    page.wait_for_function(
        "document.querySelector('.fnd-status').textContent.includes('Step 2 of 5')"
    )
    page.wait_for_function(
        "document.querySelector('.fnd-status').textContent.includes('Step 5 of 5')"
    )
    page.get_by_role("button", name="Draw", exact=True).wait_for()
    assert "finished" in page.locator("canvas").first.get_attribute("aria-label")


def test_a_guided_step_is_fast(show_demo):
    """Only a guard against a slow loop; the aim on an idle machine is 40 ms."""
    page = show_demo(demos.diffusion_lab("digits"))
    slide(page, "Time", "End")
    press(page, "New noise")
    took = page.evaluate(
        """() => { const time = [...document.querySelectorAll("input[type=range]")]
          .find((n) => n.getAttribute("aria-label") === "Time");
          const start = performance.now(); time.value = 10;
          time.dispatchEvent(new Event("input"));
          return (performance.now() - start) / 10; }"""
    )
    assert took < 400
