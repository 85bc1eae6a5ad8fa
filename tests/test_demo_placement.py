"""The placement test: what answers lead to, and its handling in a browser."""

import re

import pytest
from demo_tools import open_browser, run_js, watched_page, write_page

from lessons_lib import demos
from lessons_lib.demos.placement_questions import QUESTIONS

PARTS = list(QUESTIONS)
ADVICE = "return $placement_core.advice(payload.questions, payload.answers);"


def advise(part, answers):
    return run_js(
        ("placement_core",), ADVICE, {"questions": QUESTIONS[part], "answers": answers}
    )


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


def test_placement_by_mouse_and_by_keyboard(tmp_path):
    right = right_answers("foundations")
    with open_browser() as browser, watched_page(browser) as tab:
        tab.goto(write_page(tmp_path, demos.placement_test().html()))
        tab.get_by_role("button", name="Next").click()
        assert "Choose an answer first" in tab.locator(".fnd-status").inner_text()
        for at, choice in enumerate(right):
            assert tab.get_by_text(f"Question {at + 1} of 10").is_visible()
            choices = tab.get_by_role("radio")
            wanted = choices.last if at == 4 else choices.nth(choice)  # 4: not known
            if at % 2:
                wanted.check()
                tab.get_by_role("button", name=re.compile("Next|Show")).click()
            else:
                wanted.focus()
                tab.keyboard.press("Space")
                tab.get_by_role("button", name=re.compile("Next|Show")).focus()
                tab.keyboard.press("Enter")
        assert tab.locator("h3").inner_text() == "Start with Losses."
        assert tab.locator("h3 a").get_attribute("href") == "losses.html"
        assert tab.locator("li").count() == 8
        tab.get_by_role("button", name="Start again").click()
        assert tab.get_by_text("Question 1 of 10").is_visible()
        assert tab.locator("input:checked").count() == 0
