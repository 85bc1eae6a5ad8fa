"""The placement test: what answers lead to, and its handling in a browser."""

import re

import pytest
from demo_tools import js_core

from lessons_lib import demos
from lessons_lib.demos.placement_questions import QUESTIONS

PARTS = list(QUESTIONS)
core = js_core("placement_core")


def advise(part, answers):
    payload = {"questions": QUESTIONS[part], "answers": answers}
    return core("return m.advice(v.questions, v.answers);", payload)


def right_answers(part):
    return [
        next(i for i, choice in enumerate(question["choices"]) if choice["right"])
        for question in QUESTIONS[part]
    ]


@pytest.mark.parametrize("part", PARTS)
def test_ten_questions_with_one_right_choice_and_feedback_for_each(part):
    assert len(QUESTIONS[part]) == 10
    for question in QUESTIONS[part]:
        choices = question["choices"]
        assert sum(choice["right"] for choice in choices) == 1
        assert len(choices) >= 3
        assert len({choice["feedback"] for choice in choices}) == len(choices)
    places = {next(i for i, c in enumerate(q["choices"]) if c["right"])
              for q in QUESTIONS[part]}  # fmt: skip
    assert len(places) > 2, "the right choice must not always stand in one place"


@pytest.mark.parametrize("part", PARTS)
def test_who_knows_everything_may_skip_the_part(part):
    advice = advise(part, right_answers(part))
    assert advice["right"] == 10
    assert advice["start"] is None
    assert all(lesson["isKnown"] for lesson in advice["lessons"])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("at", range(10))
def test_one_gap_leads_to_the_lesson_of_that_question(part, at):
    answers = right_answers(part)
    answers[at] = len(QUESTIONS[part][at]["choices"])  # "I do not know"
    advice = advise(part, answers)
    assert advice["right"] == 9
    assert advice["start"]["page"] == QUESTIONS[part][at]["page"]
    assert [lesson["page"] for lesson in advice["lessons"] if not lesson["isKnown"]] == [
        QUESTIONS[part][at]["page"]
    ]


def test_a_wrong_choice_explains_itself():
    answers = right_answers("foundations")
    answers[0] = (answers[0] + 1) % 4
    told = QUESTIONS["foundations"][0]["choices"][answers[0]]["feedback"]
    assert advise("foundations", answers)["start"]["missed"] == [
        {"index": 0, "feedback": told}
    ]


def test_unknown_part_is_named():
    with pytest.raises(ValueError, match="part must be one of foundations"):
        demos.placement_test("cooking")


def test_placement_by_mouse_and_by_keyboard(show_demo):
    right = right_answers("foundations")
    page = show_demo(demos.placement_test())
    page.get_by_role("button", name="Next").click()
    assert "Choose an answer first" in page.locator(".fnd-status").inner_text()
    for at, choice in enumerate(right):
        assert page.get_by_text(f"Question {at + 1} of 10").is_visible()
        choices = page.get_by_role("radio")
        wanted = choices.last if at == 4 else choices.nth(choice)  # 4: not known
        if at % 2:
            wanted.check()
            page.get_by_role("button", name=re.compile("Next|Show")).click()
        else:
            wanted.focus()
            page.keyboard.press("Space")
            page.get_by_role("button", name=re.compile("Next|Show")).focus()
            page.keyboard.press("Enter")
    assert page.locator("h3").inner_text() == "Start with Losses."
    assert page.locator("h3 a").get_attribute("href") == "losses.html"
    assert page.locator("li").count() == 8
    page.get_by_role("button", name="Start again").click()
    assert page.get_by_text("Question 1 of 10").is_visible()
    assert page.locator("input:checked").count() == 0
