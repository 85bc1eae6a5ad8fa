"""`explore`: what it takes, what it shows with a kernel, what it puts into a page."""

import base64
import functools
import io
import json
import re
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from lessons_lib import explore_page
from lessons_lib.demos import Demo
from lessons_lib.exercises.store import read_progress
from lessons_lib.explore import Explored, explore

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def no_page(monkeypatch):
    monkeypatch.delenv("LESSONS_FRAMES", raising=False)


@pytest.fixture
def for_page(monkeypatch):
    monkeypatch.setenv("LESSONS_FRAMES", "1")


def draw_line(slope, **_):
    figure, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, slope])
    ax.set_ylim(0, 10)
    return ax


def with_facts(slope):
    return draw_line(slope), {"end_point": 2.0 * slope}


GOAL = ("End above 7.", lambda facts: facts["end_point"] > 7)


def bundle(shown):
    return shown._repr_mimebundle_()


def state_of(shown):
    """Return the state of the page life, its pictures complete."""
    text = bundle(shown)["text/html"]
    state = json.loads(re.search(r"data-fnd-state>(.*?)</script>", text, re.S)[1])
    first = re.search(r'<img src="(data:image/webp[^"]*)"', text)[1]
    state["pictures"] = [
        base64.b64decode(uri.removeprefix("data:image/webp;base64,"))
        for uri in [first, *state["pictures"]]
    ]
    return state


def source(html):
    return re.search(r'src="([^"]+)"', html)[1]


# ---------------------------------------------------------------- with a kernel


def parts(shown):
    """Return the picture, the words and the goal of the widgets."""
    controls = list(shown.controls.values())
    return [child for child in shown.box.children if child not in controls]


def test_kernel_gets_widgets_and_a_still_picture():
    shown = explore(draw_line, slope=[1, 2])
    found = bundle(shown)
    assert set(found) == {VIEW, "text/html", "text/plain"}
    assert found[VIEW]["model_id"] == shown.box.model_id
    assert found["text/html"].startswith('<img src="data:image/png;base64,')
    assert "slope = 1." in repr(shown)


def test_colab_gets_only_the_widgets(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert set(bundle(explore(draw_line, slope=[1, 2]))) == {VIEW, "text/plain"}


def test_missing_ipywidgets_are_named_and_the_picture_is_shown(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    found = bundle(explore(draw_line, slope=[1, 2]))
    assert set(found) == {"text/html", "text/plain"}
    assert "%pip install ipywidgets" in found["text/plain"]
    assert "<img" in found["text/html"]


def test_kernel_draws_only_the_first_picture_until_a_slider_moves():
    calls = []

    def draw(slope, bend):
        calls.append((slope, bend))
        return draw_line(slope)

    shown = explore(draw, slope=[1, 2], bend=["up", "down"])
    assert calls == [(1, "up")]
    shown.controls["bend"].value = "down"
    shown.controls["slope"].value = 2
    assert calls == [(1, "up"), (1, "down"), (2, "down")]


def test_move_replaces_picture_words_and_alternative_text():
    shown = explore(with_facts, slope=[1, -2.5], alt="A line.")
    picture, status = parts(shown)
    before = picture.value
    assert 'alt="A line. slope = 1: end point 2."' in before
    shown.controls["slope"].value = -2.5
    assert source(picture.value) != source(before)
    assert picture.value.count("<img") == 1
    assert "slope = −2.5: end point −5." in status.value
    assert 'alt="A line. slope = −2.5: end point −5."' in picture.value


def test_reached_goal_is_said_kept_and_stays():
    shown = explore(with_facts, slope=[1, 4, 2], goal=GOAL, name="demo.slope")
    goal = parts(shown)[2]
    assert goal.value.startswith("○")
    assert read_progress() == {}
    shown.controls["slope"].value = 4
    assert "✓ <strong>Goal reached.</strong> End above 7." in goal.value
    assert read_progress()["challenge:demo.slope"]["status"] == "correct"
    shown.controls["slope"].value = 2
    assert "Goal reached." in goal.value
    shown.controls["slope"].value = 4
    assert read_progress()["challenge:demo.slope"]["attempts"] == 1


def test_goal_may_use_the_chosen_values():
    goal = ("Choose 2.", lambda facts: facts["slope"] == 2)
    shown = explore(draw_line, slope=[1, 2], goal=goal, name="demo.two")
    shown.controls["slope"].value = 2
    assert "Goal reached." in parts(shown)[2].value


def test_error_of_draw_is_shown_and_the_next_move_recovers():
    def draw(slope):
        if slope == 2:
            plt.figure()
            raise ValueError("too <steep>")
        return draw_line(slope)

    shown = explore(draw, slope=[1, 2, 3])
    picture, status = parts(shown)
    before = picture.value
    shown.controls["slope"].value = 2
    assert "draw(slope=2) raised ValueError: too &lt;steep&gt;" in status.value
    assert "Traceback" in status.value
    assert picture.value == before
    assert plt.get_fignums() == []
    shown.controls["slope"].value = 3
    assert "slope = 3." in status.value


def test_error_in_the_first_picture_reaches_the_cell():
    def draw(slope):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        explore(draw, slope=[1])


def test_numbers_get_a_slider_and_other_values_a_list():
    def draw(slope, kind, fast):
        return draw_line(slope)

    controls = explore(
        draw, slope=np.array([0.5, 1]), kind=["a", "b"], fast=[True, False]
    ).controls
    assert {key: type(c).__name__ for key, c in controls.items()} == {
        "slope": "SelectionSlider", "kind": "Dropdown", "fast": "Dropdown",
    }  # fmt: skip
    assert [text for text, _ in controls["fast"].options] == ["yes", "no"]
    assert controls["slope"].value == 0.5
    assert not controls["slope"].continuous_update


# ---------------------------------------------------------------- drawing


def as_figure(slope):
    return draw_line(slope).figure


def left_panel(slope):
    figure, axes = plt.subplots(1, 2)
    return axes[0], {}


@pytest.mark.parametrize("draw", [draw_line, as_figure, with_facts, left_panel])
def test_draw_may_return_figure_axes_or_axes_and_facts(draw):
    assert isinstance(explore(draw, slope=[1, 2]), Explored)
    assert plt.get_fignums() == []


def test_draw_may_be_a_partial_function_and_use_pyplot_show():
    def draw(slope, width):
        ax = draw_line(slope)
        plt.show()
        return ax

    draw = functools.partial(draw, width=3)
    assert "slope = 1." in repr(explore(draw, slope=[1, 2]))


def test_what_draw_prints_is_not_shown(capsys):
    def draw(slope):
        print("epoch 1")
        return draw_line(slope)

    explore(draw, slope=[1, 2])
    assert capsys.readouterr().out == ""


def test_draw_without_a_figure_is_told_what_to_return():
    with pytest.raises(TypeError, match="got NoneType: end it with `return ax`"):
        explore(lambda slope: None, slope=[1])


def test_arguments_that_draw_does_not_take_are_named():
    with pytest.raises(TypeError, match="draw must take the arguments bend, got"):
        explore(with_facts, bend=[1])
    with pytest.raises(TypeError, match=r"with_facts\(slope\): got an unexpected"):
        explore(with_facts, slope=[1], bend=[1])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "explore needs values to choose from"),
        ({"slope": []}, "slope must have at least one value"),
        ({"slope": 3}, r"slope must be a list .* got 3: write slope=\[3, ...\]"),
        ({"slope": "up"}, "slope must be a list .* got 'up'"),
        ({"slope": [1, 2, 1]}, "slope must have different values, got 1, 2, 1"),
    ],
)
def test_values_that_are_no_list_to_choose_from_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        explore(draw_line, **values)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"goal": GOAL}, "a goal needs name='lesson.key'"),
        ({"goal": GOAL, "name": "slope"}, "got 'slope'"),
        ({"name": "demo.slope"}, "needs a goal"),
        ({"goal": "End above 7.", "name": "demo.slope"}, r"must be \(text, check\)"),
    ],
)
def test_goal_and_name_belong_together(options, message):
    with pytest.raises(ValueError, match=message):
        explore(with_facts, slope=[1], **options)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"), (0.1 + 0.2, "0.3"), (-1e-5, "−1e−05"), (True, "yes"),
        (float("nan"), "not a number"), (np.float32(0.25), "0.25"),
        (torch.tensor(2.5), "2.5"), (None, "none"), ("gelu", "gelu"),
        (torch.relu, "relu"),
    ],
)  # fmt: skip
def test_facts_are_said_as_readers_read_them(value, text):
    def draw(slope):
        return draw_line(slope), {"best_value": value}

    assert f"slope = 1: best value {text}." in repr(explore(draw, slope=[1]))


def test_values_that_differ_late_keep_all_their_digits():
    shown = explore(draw_line, slope=[0.12341, 0.12342])
    texts = [text for text, _ in shown.controls["slope"].options]
    assert texts == ["0.12341", "0.12342"]


# ---------------------------------------------------------------- on the page


def test_page_gets_html_with_every_combination(for_page):
    def draw(slope, bend):
        return draw_line(slope), {"end": slope * bend}

    shown = explore(draw, slope=[1, 2, 3], bend=[1, 5])
    assert set(bundle(shown)) == {"text/html", "text/plain"}
    state = state_of(shown)
    assert [frame["said"] for frame in state["frames"]] == [
        f"slope = {slope}, bend = {bend}: end {slope * bend}."
        for slope in (1, 2, 3)
        for bend in (1, 5)
    ]
    assert len(state["pictures"]) == 6
    picture = Image.open(io.BytesIO(state["pictures"][3]))
    assert (picture.format, picture.size) == ("WEBP", (400, 200))
    assert (state["width"], state["height"]) == (200, 100)


def test_page_needs_no_ipywidgets(for_page, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert len(state_of(explore(draw_line, slope=[1, 2]))["pictures"]) == 2


def test_frames_are_off_when_the_variable_says_so(monkeypatch):
    monkeypatch.setenv("LESSONS_FRAMES", "0")
    assert VIEW in bundle(explore(draw_line, slope=[1, 2]))


def test_alternative_text_may_be_a_function_of_the_values(for_page):
    shown = explore(draw_line, slope=[1, 2], alt=lambda slope: f"Slope <{slope}>.")
    frames = state_of(shown)["frames"]
    assert [frame["alt"] for frame in frames] == ["Slope <1>.", "Slope <2>."]
    assert 'alt="Slope &lt;1&gt;."' in bundle(shown)["text/html"]


def test_page_marks_the_pictures_that_reach_the_goal(for_page):
    shown = explore(with_facts, slope=[1, 4], goal=GOAL, name="demo.slope")
    state = state_of(shown)
    assert [frame["reached"] for frame in state["frames"]] == [False, True]
    assert state["goal"] == {"name": "demo.slope", "text": "End above 7."}
    assert read_progress() == {}


@pytest.mark.parametrize(
    ("slopes", "found"), [([1, 2], "none of them"), ([4, 1], "the first one")]
)
def test_page_refuses_a_goal_that_cannot_be_reached(for_page, slopes, found):
    with pytest.raises(ValueError, match=f"got {found}: change the values"):
        explore(with_facts, slope=slopes, goal=GOAL, name="demo.slope")


def test_page_refuses_more_than_sixty_pictures(for_page, monkeypatch):
    def draw(slope, bend):
        raise AssertionError("drawn before the number was checked")

    with pytest.raises(ValueError, match=r"at most 60 pictures .* got 9 x 7 = 63"):
        explore(draw, slope=range(9), bend=range(7))
    monkeypatch.delenv("LESSONS_FRAMES")
    # With a kernel any number is fine.
    with pytest.raises(AssertionError, match="drawn"):
        explore(draw, slope=range(9), bend=range(7))


def test_page_refuses_pictures_of_different_size(for_page):
    def draw(size):
        return plt.figure(figsize=(size, 1))

    with pytest.raises(ValueError, match=r"same size, got \[\(100, 100\), \(200"):
        explore(draw, size=[1, 2])


def draw_noise(seed):
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.imshow(np.random.default_rng(seed).random((60, 90, 3)))
    ax.axis("off")
    figure.set_gid("photo")
    return figure


@pytest.mark.parametrize("limit", [400, 60])
def test_pictures_shrink_until_they_fit(for_page, monkeypatch, limit):
    monkeypatch.setattr(explore_page, "LIMIT_KB", limit)
    state = state_of(explore(draw_noise, seed=range(6)))
    assert sum(map(len, state["pictures"])) <= limit * 1000
    assert state["kind"] == "photo"


def test_pictures_that_a_sample_underrates_still_fit(for_page, monkeypatch):
    def draw(seed):  # every second one is plain, and the sample takes every second one
        return draw_noise(seed) if seed % 2 else plt.figure(figsize=(3, 2))

    monkeypatch.setattr(explore_page, "LIMIT_KB", 27)
    state = state_of(explore(draw, seed=range(8)))
    assert sum(map(len, state["pictures"])) <= 27_000


def test_pictures_that_never_fit_are_refused_with_a_remedy(for_page, monkeypatch):
    monkeypatch.setattr(explore_page, "LIMIT_KB", 5)
    with pytest.raises(ValueError, match="6 pictures must fit into 5 KB, .* fewer val"):
        explore(draw_noise, seed=range(6))


def test_small_pictures_keep_their_colors(for_page):
    def draw(width):
        x, y = np.meshgrid(*[np.linspace(-3, 3, 100)] * 2)
        figure, ax = plt.subplots(figsize=(3, 2))
        ax.pcolormesh(x, y, np.tanh(np.sin(width * x) + y), cmap="RdBu", alpha=0.5)
        figure.savefig(exact := io.BytesIO(), dpi=2 * figure.dpi)
        originals.append(exact)
        return ax

    originals = []
    pictures = state_of(explore(draw, width=[1, 2]))["pictures"]
    for small, exact in zip(pictures, originals, strict=True):
        small, exact = (
            np.asarray(Image.open(file).convert("RGB")).astype(int)
            for file in (io.BytesIO(small), exact)
        )
        assert (small[0, 0] == 255).all()  # so that white melts into a dark page
        assert np.abs(small - exact).mean() < 3
        assert np.percentile(np.abs(small - exact), 99) < 20


def test_page_life_is_small_without_its_pictures():
    state = {"frames": [], "controls": [], "pictures": []}
    assert len(Demo("frames", state, text="Pictures.").html()) < 30_000
