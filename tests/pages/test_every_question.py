"""Every quiz and prediction on the built pages, answered wrong and right."""

import json
import re

import pytest
from conftest import SITE, page_names

from lessons_lib.exercises import bank

STATE = re.compile(r'data-fnd-state>(\{"kind": ?"(?:quiz|predict)".*?)</script>', re.S)
STORED = "JSON.parse(localStorage['from-neuron-to-diffusion'] || '{}')"


def questions_of(name):
    """Return the questions of a page as they stand in it, in order."""
    text = (SITE / name).read_text(encoding="utf-8")
    return [json.loads(found) for found in STATE.findall(text)]


PAGES = [name for name in page_names() if questions_of(name)]


def plain(text):
    return text.replace("`", "")


@pytest.mark.parametrize("name", PAGES)
def test_every_quiz_is_answered_wrong_by_mouse_and_right_by_keyboard(fresh, name):
    tab = fresh.open(name)
    roots = tab.locator(".fnd-question-root")
    for at, state in enumerate(questions_of(name)):
        if state["kind"] != "quiz":
            continue
        root, wrong = roots.nth(at), [c for c in state["choices"] if not c.get("right")]
        said = root.get_by_role("status")
        for choice in wrong:
            root.locator("label").nth(state["choices"].index(choice)).click()
            root.get_by_role("button", name="Check answer").click()
            assert said.inner_text() == f"✗ Not this one. {plain(choice['feedback'])}"
        assert f"quiz:{state['name']}" not in tab.evaluate(STORED)
        right = next(i for i, c in enumerate(state["choices"]) if c.get("right"))
        root.get_by_role("radio").nth(right).focus()
        tab.keyboard.press("Space")
        tab.keyboard.press("Enter")
        told = plain(state["choices"][right]["feedback"])
        assert said.inner_text() == f"✓ Right. {told}"
        assert tab.evaluate(STORED)[f"quiz:{state['name']}"]["choice"] == right
    assert fresh.errors == []


@pytest.mark.parametrize("name", PAGES)
def test_every_prediction_reveals_after_commitment_and_survives_reload(fresh, name):
    tab = fresh.open(name)
    predictions = [
        (at, state)
        for at, state in enumerate(questions_of(name))
        if state["kind"] == "predict"
    ]
    for at, state in predictions:
        root = tab.locator(".fnd-question-root").nth(at)
        last = len(state["choices"]) - 1
        root.get_by_role("radio").nth(last).focus()
        tab.keyboard.press("Space")
        assert root.get_by_role("status").inner_text() == ""
        root.get_by_role("button", name="Commit").click()
        told = root.get_by_role("status").inner_text()
        assert plain(state["choices"][last]["feedback"]) in told
        right = [c for c in state["choices"] if c.get("right")]
        assert any(plain(choice["feedback"]) in told for choice in right)
    tab.reload()
    for at, state in predictions:
        root = tab.locator(".fnd-question-root").nth(at)
        root.get_by_role("status").get_by_text("You predicted").wait_for()
        assert state["name"]
    assert fresh.errors == []


def test_every_question_of_the_bank_is_on_a_page():
    on_pages = {state["name"] for name in PAGES for state in questions_of(name)}
    in_bank = {
        f"{lesson}.{key}"
        for lesson in bank.lesson_names()
        for key in bank.entries(lesson, "QUIZZES")
    }
    assert on_pages == in_bank
