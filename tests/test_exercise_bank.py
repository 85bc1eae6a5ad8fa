"""Every exercise and every question of the bank keeps its promises."""

import contextlib
import inspect
import json
import linecache
import math
import re
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lessons_lib.exercises import bank, grading, page

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(
    path for path in (ROOT / "book").rglob("*.ipynb") if "_build" not in path.parts
)
DEVICES = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def entries(kind):
    return {
        f"{lesson}.{key}": entry
        for lesson in bank.lesson_names()
        for key, entry in bank.entries(lesson, kind).items()
    }


EXERCISES, QUIZZES = entries("EXERCISES"), entries("QUIZZES")
WRONG = [(name, i) for name, ex in EXERCISES.items() for i in range(len(ex.wrong))]
every_exercise = pytest.mark.parametrize("name", EXERCISES)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])
every_device = pytest.mark.parametrize("device", DEVICES)


def code_cells(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


def uses(path, function):
    pattern = rf"^\s*{function}\(\s*[\"']([^\"']+)[\"']"
    return re.findall(pattern, "\n".join(code_cells(path)), re.M)


def as_code(exercise, make_body):
    """Return an answer of the exercise's own kind whose code calls `make_body`."""
    if not inspect.isclass(exercise.solution):
        return lambda *args, **kwargs: make_body()

    def run(self, *args, **kwargs):
        make_body()

    return type("Answer", exercise.solution.__bases__, {"__init__": run})


@every_exercise
def test_exercise_has_title_two_hints_and_two_wrong_answers(name):
    exercise = EXERCISES[name]
    messages = [wrong.message for wrong in exercise.wrong]
    assert exercise.title
    assert len(exercise.hints) == 2
    assert len(messages) >= 2
    assert len(set(messages)) == len(messages)
    for text in (exercise.title, *exercise.hints, *messages):
        assert text.strip()
        assert text.count("`") % 2 == 0, f"open backtick in {text!r}"


@every_exercise
def test_solution_on_the_page_is_the_source_of_the_tested_function(name):
    exercise = EXERCISES[name]
    text = page.solution_text(exercise.solution)
    compile(text, name, "exec")
    if callable(exercise.solution):
        assert text.startswith(("def ", "class ", "@"))
    verdict = grading.Verdict(grading.NOT_ATTEMPTED)
    shown = page.verdict_page(exercise, verdict)._repr_mimebundle_()["text/html"]
    assert shown.count("<details>") == 3


@every_exercise
@every_dtype
@every_device
def test_solution_passes(name, dtype, device):
    exercise = EXERCISES[name]
    verdict = grading.grade(exercise, exercise.solution, dtype=dtype, device=device)
    assert verdict == grading.Verdict(grading.CORRECT)


@every_dtype
@every_device
@pytest.mark.parametrize(("name", "which"), WRONG)
def test_known_wrong_answer_gets_its_own_message(name, which, dtype, device):
    exercise = EXERCISES[name]
    wrong = exercise.wrong[which]
    verdict = grading.grade(exercise, wrong.answer, dtype=dtype, device=device)
    assert verdict.status == grading.NOT_YET
    assert verdict.sentences[0] == wrong.message


@every_exercise
def test_answer_that_raises_is_reported_with_its_last_line(name):
    exercise = EXERCISES[name]
    if not callable(exercise.solution):
        verdict = grading.grade(exercise, object())
        assert verdict.status == grading.NOT_YET
        return

    def boom():
        raise KeyError("boom")

    verdict = grading.grade(exercise, as_code(exercise, boom))
    assert verdict.status == grading.NOT_YET
    if exercise.judge is None:
        assert "KeyError: 'boom'" in verdict.sentences[0]
        assert "in line" in verdict.sentences[0]


@every_exercise
def test_endless_answer_is_stopped(name, monkeypatch):
    exercise = EXERCISES[name]
    if not callable(exercise.solution):
        pytest.skip("a value does not run")
    monkeypatch.setattr(grading, "TIME_LIMIT_S", 0.2)

    def forever():
        while True:
            with contextlib.suppress(Exception):
                time.sleep(0.001)

    started = time.monotonic()
    verdict = grading.grade(exercise, as_code(exercise, forever))
    assert time.monotonic() - started < 5
    assert verdict.status == grading.NOT_YET
    assert "did not end within 0.2 s" in verdict.sentences[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stub_in_the_lesson_is_not_attempted(path):
    found = {}
    for i, source in enumerate(code_cells(path)):
        if not re.search(r"^check\(", source, re.M):
            continue
        file = f"<{path.stem} cell {i}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        names = {"torch": torch, "nn": nn, "F": F, "math": math, "np": np}
        exec(compile(source, file, "exec"), {**names, "check": found.__setitem__})
    for name, stub in found.items():
        verdict = grading.grade(bank.find(name, "EXERCISES"), stub)
        assert verdict.status == grading.NOT_ATTEMPTED, (name, verdict)


@pytest.mark.parametrize("name", QUIZZES)
def test_question_has_a_right_choice_and_feedback_for_each(name):
    choices = QUIZZES[name].choices
    assert 2 <= len(choices) <= 5
    assert any(choice.right for choice in choices)
    assert not all(choice.right for choice in choices)
    feedback = [choice.feedback for choice in choices]
    assert all(text.strip() for text in feedback)
    assert len(set(feedback)) == len(choices)
    assert len({choice.text for choice in choices}) == len(choices)
    for text in (QUIZZES[name].question, *feedback, *(c.text for c in choices)):
        assert text.count("`") % 2 == 0, f"open backtick in {text!r}"
        assert not re.search(r"\$[^$]+\$|\*\*|</?\w+>", re.sub("`.*?`", "", text))


def test_lessons_use_all_of_the_bank_and_nothing_else():
    used = {path.stem: path for path in NOTEBOOKS}
    assert set(bank.lesson_names()) <= set(used)
    for kind, functions in (("EXERCISES", ["check"]), ("QUIZZES", ["quiz", "predict"])):
        asked = [
            name for path in NOTEBOOKS for f in functions for name in uses(path, f)
        ]
        assert sorted(asked) == sorted(entries(kind))
    for lesson, path in used.items():
        for function in ("check", "quiz", "predict"):
            assert all(name.startswith(f"{lesson}.") for name in uses(path, function))
