"""The Playground in a real browser: by mouse, by keyboard, by link, on every width."""

import pytest
from demo_tools import run_js

from lessons_lib import demos
from lessons_lib.demos import _playground

MODULES = ("kit", "wasm", "network_wasm", "kernels", "network", "points", "playground_state")


def metric(page, name):
    """Return one of the Playground's numbers."""
    text = page.locator(".fnd-metrics div", has_text=name).locator("dd").inner_text()
    return float(text.replace(",", "").replace("%", ""))


def test_playground_trains_by_mouse_and_reaches_a_challenge(show_demo):
    page = show_demo(demos.playground(hidden=[3]), width=1440)
    page.get_by_role("radio", name="Fast").check()
    before = metric(page, "Test loss")
    page.get_by_role("button", name="Train", exact=True).click()
    done = page.locator(".fnd-done", has_text="Circles")
    done.wait_for(timeout=60_000)
    page.get_by_role("button", name="Pause").click()
    assert metric(page, "Test loss") < 0.08 < before
    assert metric(page, "Epoch") > 20
    page.get_by_role("button", name="Reset").click()
    assert metric(page, "Epoch") == 0
    assert metric(page, "Test loss") == before


def test_playground_works_by_keyboard_alone(show_demo):
    page = show_demo(demos.playground())
    page.get_by_role("button", name="Step: one epoch").press("Enter")
    assert metric(page, "Epoch") == 1
    page.get_by_role("radio", name="Circles").press("ArrowRight")
    assert page.get_by_role("radio", name="XOR").is_checked()
    page.get_by_role("button", name="Hidden layer 1: add a neuron").press("Enter")
    assert page.locator(":focus").get_attribute("data-key") == "more1"
    page.get_by_role("button", name="Output, bias").focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".fnd-output .fnd-title").inner_text() == (
        "Hidden layer 1, neuron 2"
    )
    page.keyboard.press("ArrowLeft")
    chosen = page.locator(":focus")
    key, was = (
        chosen.get_attribute("data-key"),
        chosen.get_attribute("aria-pressed"),
    )
    page.keyboard.press("Enter")
    assert page.locator(":focus").get_attribute("data-key") == key
    assert page.locator(":focus").get_attribute("aria-pressed") != was
    assert "positive on" in page.locator(".fnd-output .fnd-note").inner_text()


def test_playground_weights_can_be_read_and_changed_as_numbers(show_demo):
    page = show_demo(demos.playground(hidden=[]))
    page.get_by_text("Weights as numbers").click()
    assert page.locator(".fnd-table tr").count() == 3
    before = metric(page, "Training loss")
    page.get_by_role("spinbutton", name="Bias").fill("3")
    page.get_by_role("spinbutton", name="Bias").press("Tab")
    assert metric(page, "Training loss") > before
    assert "bias 3" in page.get_by_role("button", name="Output,").get_attribute(
        "aria-label"
    )


def test_playground_link_restores_the_state(show_demo):
    page = show_demo(demos.playground(data="moons"))
    address = page.url
    page.get_by_role("button", name="Add a hidden layer").click()
    page.get_by_role("combobox", name="Activation").select_option("GELU")
    page.get_by_role("button", name="Copy link").click()
    link = page.get_by_role("textbox", name="Link or call").input_value()
    assert link.startswith(address + "#playground=")
    page.goto("about:blank")
    page.goto(link)
    assert page.get_by_role("radio", name="Moons").is_checked()
    assert page.get_by_text("3 hidden layers").is_visible()
    activation = page.get_by_role("combobox", name="Activation")
    assert activation.locator("option:checked").inner_text() == "GELU"


def test_playground_stops_with_a_message_when_training_diverges(show_demo):
    demo = demos.playground(
        activation="relu", data="plane", lr=10, features=["x1sq"]
    )
    page = show_demo(demo)
    page.get_by_role("button", name="Train", exact=True).click()
    page.locator(".fnd-status", has_text="Training diverged").wait_for()
    assert page.get_by_role("button", name="Train", exact=True).is_visible()


def test_python_and_the_page_allow_the_same_settings():
    tried = [*range(-1, 101), 1_000_000, 1_000_001, 0.5, "none", "sgd", "x1", "waves", None]
    tried += [x for known in _playground.SETTINGS.values() for x in known[:9]]
    tried += [[x] for x in tried] + [[], [4] * 6, [4] * 7, ["x1", "x2"], ["x1", "waves"], ["x1"] * 2]
    body = """
    return Object.keys($playground_state.settingsFrom({})).map((name) => [name,
      payload.map((value) => {
        const kept = $playground_state.settingsFrom({ [name]: value })[name];
        return JSON.stringify(kept) === JSON.stringify(value);
      })]);"""

    def is_allowed(name, value):
        try:
            demos.playground(**{name: value})
        except ValueError:
            return False
        return True

    answers = dict(run_js(MODULES, body, tried))
    assert set(answers) == set(_playground.SETTINGS)
    for name, page in answers.items():
        assert page == [is_allowed(name, value) for value in tried], name


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"data": "waves"}, "data must be one of circles, xor.* got 'waves'"),
        ({"noise": 51}, "noise must be a whole number from 0 to 50, got 51"),
        ({"lr": 0.02}, "lr must be one of .*0.03.* got 0.02"),
        ({"hidden": 4}, "hidden must be a list of 0 to 6 entries.* 1 to 8, got 4"),
        ({"hidden": [9]}, "hidden must be a list .* got .9."),
        ({"features": []}, "features must be a list of 1 to 7 entries, each one of x1"),
        ({"depth": 3}, "unknown setting: 'depth', use one of data, noise"),
    ],
)
def test_playground_says_what_a_setting_may_be(setting, message):
    with pytest.raises(ValueError, match=message):
        demos.playground(**setting)
