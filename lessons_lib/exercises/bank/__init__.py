"""The bank: one module of exercises and quizzes for each lesson."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from typing import Any


def lesson_names() -> list[str]:
    """Return the names of all lessons that have a bank file, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def entries(lesson: str, kind: str) -> dict[str, Any]:
    """Return a lesson's exercises or quizzes by key.

    Args:
        lesson: Name of the bank file.
        kind: "EXERCISES" or "QUIZZES".
    """
    module = importlib.import_module(f"{__name__}.{lesson}")
    return getattr(module, kind, {})


def find(name: str, kind: str) -> Any:
    """Return the exercise or quiz called `name`.

    Args:
        name: "lesson.key", for example "neuron.and_gate".
        kind: "EXERCISES" or "QUIZZES".

    Raises:
        ValueError: If there is none of this name; the message names the nearest one.
    """
    lesson, _, key = str(name).partition(".")
    lessons = lesson_names()
    if lesson not in lessons:
        known = lessons
    else:
        found = entries(lesson, kind)
        if key in found:
            return found[key]
        known = [f"{lesson}.{other}" for other in found]
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0)
    remedy = f": did you mean {near[0]!r}?" if near else ""
    what = kind.lower()[:-1].replace("quizze", "quiz")
    raise ValueError(
        f"name must be 'lesson.key' of an {what} of the bank, got {name!r}{remedy}"
    )
