"""Exercises of the lessons: `check`, `quiz`, `predict` and `progress`.

>>> from lessons_lib.exercises import check, predict, progress, quiz
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["check", "predict", "progress", "quiz"]


def check(name: str, answer: Any) -> None:
    """Show how an answer does, with two hints and the solution folded below.

    An answer that is wrong, raises or never ends is reported; the notebook goes on.

    Args:
        name: Exercise as "lesson.key", for example "neuron.and_gate".
        answer: Your function, class or value.

    Raises:
        ValueError: If there is no exercise of this name.
    """
    from IPython.display import display

    from lessons_lib.exercises import bank, grading, page, store

    exercise = bank.find(name, "EXERCISES")
    verdict = grading.grade(exercise, answer)
    torch = sys.modules.get("torch")
    if verdict.status == grading.CORRECT and torch and torch.cuda.is_initialized():
        on_gpu = grading.grade(exercise, answer, device="cuda")
        if on_gpu.status != grading.CORRECT:
            told = "It is right on the CPU, but not with inputs on the GPU."
            verdict = on_gpu._replace(sentences=(told, *on_gpu.sentences))
    note = None
    if verdict.status != grading.NOT_ATTEMPTED:
        note = store.write_progress(name, verdict.status)
    display(page.verdict_page(exercise, verdict, note))


def quiz(name: str) -> Any:
    """Return a question to answer in the page; each choice explains itself.

    Args:
        name: Quiz as "lesson.key", for example "neuron.line".

    Raises:
        ValueError: If there is no quiz of this name.
    """
    from lessons_lib.exercises import bank, page

    return page.Question("quiz", name, bank.find(name, "QUIZZES"))


def predict(name: str) -> Any:
    """Return a question to commit to before the next cell shows the answer.

    Args:
        name: Prediction as "lesson.key", for example "neuron.sign".

    Raises:
        ValueError: If there is no prediction of this name.
    """
    from lessons_lib.exercises import bank, page

    return page.Question("predict", name, bank.find(name, "QUIZZES"))


def progress(path: Any = None) -> Any:
    """Return a table of the code exercises that are done and those that are open.

    Args:
        path: Somebody else's progress file, for teachers; None reads your own.

    Raises:
        ValueError: If the file does not hold progress.
    """
    from lessons_lib.exercises import bank, page, store

    if path is not None and not store.Path(path).expanduser().is_file():
        raise ValueError(f"path must be a progress file, got {path!r}: no such file")
    lessons = {name: bank.entries(name, "EXERCISES") for name in bank.lesson_names()}
    where = path or store.progress_path()
    return page.progress_page(lessons, store.read_progress(path), where)
