"""The quiz and the prediction, in a real browser from file://."""

import pytest
from demo_tools import watched_page, write_page

from lessons_lib.exercises import page
from lessons_lib.exercises.types import Choice, Quiz

QUESTION = Quiz(
    "Which is `even`?",
    (
        Choice("one </script><b>", "One & only is odd."),
        Choice("two", "Two is `2 * 1`.", right=True),
        Choice("three", "Three is odd."),
    ),
    code="x = 1",
)


@pytest.fixture
def opened(chromium, tmp_path):
    """Open a quiz and a prediction from file://; return the tab without errors."""
    parts = [page.Question(kind, "demo.even", QUESTION) for kind in ("quiz", "predict")]
    bodies = [part._repr_mimebundle_()["text/html"] for part in parts]
    with watched_page(chromium) as tab:
        tab.goto(write_page(tmp_path, *bodies))
        yield tab


def part(tab, kind):
    return tab.locator(".fnd-question-root").nth(["quiz", "predict"].index(kind))


def test_quiz_explains_each_choice_by_mouse(opened):
    quiz = part(opened, "quiz")
    feedback = quiz.get_by_role("status")
    assert quiz.get_by_role("group").count() == 1
    quiz.get_by_role("button", name="Check answer").click()
    assert feedback.inner_text() == "Choose one of the answers first."
    quiz.locator("label").nth(0).click()
    assert feedback.inner_text() == ""
    quiz.get_by_role("button", name="Check answer").click()
    assert feedback.inner_text() == "✗ Not this one. One & only is odd."
    quiz.locator("label").nth(1).click()
    quiz.get_by_role("button", name="Check answer").click()
    assert feedback.inner_text() == "✓ Right. Two is 2 * 1."
    assert "(right)" in quiz.locator("label").nth(1).inner_text()


def test_quiz_works_by_keyboard_and_is_kept(opened):
    store_of = "JSON.parse(localStorage['from-neuron-to-diffusion'] || '{}')"
    opened.keyboard.press("Tab")  # the code block, which may have to be scrolled
    opened.keyboard.press("Tab")
    opened.keyboard.press("Space")
    opened.keyboard.press("Enter")
    feedback = part(opened, "quiz").get_by_role("status")
    assert feedback.inner_text() == "✗ Not this one. One & only is odd."
    assert opened.evaluate(store_of) == {}
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    assert opened.evaluate(store_of) == {"quiz:demo.even": {"choice": 1, "tries": 2}}
    opened.reload()
    quiz = part(opened, "quiz")
    assert quiz.get_by_role("radio").nth(1).is_checked()
    assert quiz.get_by_role("status").inner_text().startswith("✓ Right.")
    opened.evaluate(
        "localStorage.clear(); document.dispatchEvent(new CustomEvent('lesson-progress'))"
    )


def test_prediction_reveals_only_after_commitment(opened):
    predict = part(opened, "predict")
    predict.get_by_role("radio").nth(2).check()
    assert predict.get_by_role("status").inner_text() == ""
    predict.get_by_role("button", name="Commit").click()
    said = predict.get_by_role("status").inner_text()
    assert said.startswith("→ You predicted: three")
    assert "What happens: two" in said
    assert "Not this one" not in predict.inner_text()
    assert predict.get_by_role("radio").nth(0).is_disabled()
    predict.get_by_role("button", name="Predict again").click()
    assert predict.get_by_role("status").inner_text() == ""
    opened.reload()
    assert predict.get_by_role("radio").nth(2).is_checked()


def test_reset_elsewhere_clears_the_question(opened):
    quiz = part(opened, "quiz")
    quiz.locator("label").nth(1).click()
    quiz.get_by_role("button", name="Check answer").click()
    opened.reload()
    assert quiz.get_by_role("radio").nth(1).is_checked()
    opened.evaluate(
        "localStorage.clear(); document.dispatchEvent(new CustomEvent('lesson-progress'))"
    )
    assert quiz.get_by_role("status").inner_text() == ""
    assert not quiz.get_by_role("radio").nth(1).is_checked()


def test_question_reads_without_scripts(chromium, tmp_path):
    shown = page.Question("quiz", "demo.even", QUESTION)._repr_mimebundle_()
    with watched_page(chromium, java_script_enabled=False) as tab:
        tab.goto(write_page(tmp_path, shown["text/html"]))
        assert tab.get_by_text("Which is even?").is_visible()
        assert not tab.get_by_text("Three is odd.").is_visible()
        tab.get_by_text("Answers").click()
        assert tab.get_by_text("Three is odd.").is_visible()


def test_question_is_small():
    shown = page.Question("quiz", "demo.even", QUESTION)._repr_mimebundle_()
    assert len(shown["text/html"]) < 30_000
