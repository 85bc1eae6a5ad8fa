"""The Playground in a real browser: by mouse, by keyboard, by link, on every width."""

import pytest
from demo_tools import open_browser, run_js, watched_page, write_page

from lessons_lib import demos

MODULES = ("kit", "wasm", "network_wasm", "kernels", "network", "points", "playground_state")


@pytest.fixture(scope="module")
def browser():
    with open_browser() as found:
        yield found


def metric(page, name):
    """Return one of the Playground's numbers."""
    text = page.locator(".fnd-metrics div", has_text=name).locator("dd").inner_text()
    return float(text.replace(",", "").replace("%", ""))


def test_playground_trains_by_mouse_and_reaches_a_challenge(browser, tmp_path):
    with watched_page(browser, viewport={"width": 1440, "height": 1000}) as page:
        page.goto(write_page(tmp_path, demos.playground(hidden=[3]).html()))
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


def test_playground_works_by_keyboard_alone(browser, tmp_path):
    with watched_page(browser) as page:
        page.goto(write_page(tmp_path, demos.playground().html()))
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


def test_playground_weights_can_be_read_and_changed_as_numbers(browser, tmp_path):
    with watched_page(browser) as page:
        page.goto(write_page(tmp_path, demos.playground(hidden=[]).html()))
        page.get_by_text("Weights as numbers").click()
        assert page.locator(".fnd-table tr").count() == 3
        before = metric(page, "Training loss")
        page.get_by_role("spinbutton", name="Bias").fill("3")
        page.get_by_role("spinbutton", name="Bias").press("Tab")
        assert metric(page, "Training loss") > before
        assert "bias 3" in page.get_by_role("button", name="Output,").get_attribute(
            "aria-label"
        )


def test_playground_link_restores_the_state(browser, tmp_path):
    with watched_page(browser) as page:
        address = write_page(tmp_path, demos.playground(data="moons").html())
        page.goto(address)
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


def test_playground_stops_with_a_message_when_training_diverges(browser, tmp_path):
    with watched_page(browser) as page:
        demo = demos.playground(
            activation="relu", data="plane", lr=10, features=["x1sq"]
        )
        page.goto(write_page(tmp_path, demo.html()))
        page.get_by_role("button", name="Train", exact=True).click()
        page.locator(".fnd-status", has_text="Training diverged").wait_for()
        assert page.get_by_role("button", name="Train", exact=True).is_visible()


@pytest.mark.parametrize("width", [320, 390, 700, 1000, 1440])
def test_largest_network_fits_without_sideways_scrolling(browser, tmp_path, width):
    demo = demos.playground(hidden=[8] * 6)
    with watched_page(browser, viewport={"width": width, "height": 900}) as page:
        page.goto(write_page(tmp_path, demo.html()))
        page.wait_for_selector(".fnd-cell")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        inner = page.locator(".fnd-net").evaluate(
            "(e) => [e.scrollWidth, e.clientWidth]"
        )
        assert inner[0] <= inner[1]
        small = page.locator(".fnd-body :is(button, select, input)").evaluate_all(
            "(all) => all.map((e) => e.getBoundingClientRect())"
            ".filter((b) => b.width && Math.min(b.width, b.height) < 17.9).length"
        )
        assert small == 0


def test_settings_known_to_python_are_those_of_the_page():
    body = "return Object.keys($playground_state.settingsFrom({}));"
    names = run_js(MODULES, body)
    assert set(names) == set(demos.PLAYGROUND_SETTINGS)
