"""What check, quiz, predict and progress show: self-contained HTML and plain text."""

from __future__ import annotations

import functools
import hashlib
import html
import inspect
import json
import pprint
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lessons_lib.demos import bundling
from lessons_lib.exercises.grading import CORRECT, NOT_ATTEMPTED, NOT_YET, Verdict
from lessons_lib.exercises.types import Exercise, Quiz

_FOLDER = Path(__file__).parent
_ICONS = {CORRECT: "✓", NOT_YET: "✗", NOT_ATTEMPTED: "○"}


class Shown:
    """HTML with a plain-text twin, for any front end."""

    def __init__(self, html_text: str, text: str) -> None:
        """Keep both forms."""
        self._html, self._text = html_text, text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self._html, "text/plain": self._text}

    def __repr__(self) -> str:
        """Return the plain text."""
        return self._text


class Question(Shown):
    """A quiz or a prediction; where scripts do not run, the answers are folded."""

    def __init__(self, kind: str, name: str, question: Quiz) -> None:
        """Show `question` as a "quiz" or to "predict", keeping progress under `name`."""
        script, key = _bundle()
        choices = [choice._asdict() for choice in question.choices]
        state = {"kind": kind, "name": name, **question._asdict(), "choices": choices}
        # Without the attribute JupyterLab takes keys such as Enter for its own commands.
        styles = bundling.style("question") + _style("quiz")
        data = json.dumps(state, separators=(",", ":")).replace("<", "\\u003c")
        html_text = (
            f'<div class="fnd fnd-question-root" data-fnd-demo="{key}" lang="en" '
            f'data-lm-suppress-shortcuts="true"><style>{styles}</style>'
            f'<div class="fnd-fallback">{_still(kind, question)}</div>'
            f'<script type="application/json" data-fnd-state>{data}</script>'
            f"<script>{script}</script></div>"
        )
        listed = "\n".join(f"  ( ) {choice.text}" for choice in question.choices)
        super().__init__(
            html_text, f"{kind.capitalize()}: {question.question}\n{listed}"
        )


def verdict_page(
    exercise: Exercise, verdict: Verdict, note: str | None = None
) -> Shown:
    """Show how an answer did, then the hints and the solution, each folded."""
    status = f"{_ICONS[verdict.status]} {verdict.status.capitalize()}"
    sentences = [_sentence(text) for text in (*verdict.sentences, note) if text]
    text = "\n  ".join([f"{status}: {exercise.title}", *sentences])
    folded = [
        (f"Hint {i}", f"<p>{_rich(hint)}</p>")
        for i, hint in enumerate(exercise.hints, 1)
    ]
    source = html.escape(solution_text(exercise.solution))
    folded.append(("Solution", f'<pre tabindex="0"><code>{source}</code></pre>'))
    return _card(
        f"<p><strong>{status}:</strong> {_rich(exercise.title)}</p>"
        + "".join(f"<p>{_rich(sentence)}</p>" for sentence in sentences)
        + "".join(
            f"<details><summary>{summary}</summary>{content}</details>"
            for summary, content in folded
        ),
        text,
        verdict.status,
    )


def progress_page(
    lessons: Mapping[str, Mapping[str, Exercise]],
    known: Mapping[str, Mapping[str, Any]],
    path: Any,
) -> Shown:
    """Show every code exercise with its status, and the challenges that were met."""
    rows, lines, done, count = [], [], 0, 0
    for lesson, exercises in lessons.items():
        named = [(f"{lesson}.{key}", entry.title) for key, entry in exercises.items()]
        met = [name for name in known if name.startswith(f"challenge:{lesson}.")]
        named += [(name, f"Challenge: {name.partition('.')[2]}") for name in met]
        for name, title in named:
            entry = known.get(name, {})
            status = entry.get("status")
            status = status if status in _ICONS else NOT_ATTEMPTED
            if name not in met:
                done, count = done + (status == CORRECT), count + 1
            cells = (
                lesson,
                title,
                f"{_ICONS[status]} {status}",
                str(entry.get("attempts", 0)),
                str(entry.get("updated", ""))[:10],
            )
            rows.append("".join(f"<td>{_rich(cell)}</td>" for cell in cells))
            lines.append(f"  {cells[2]}  {lesson}: {title}")
    head = f"{done} of {count} code exercises are correct."
    titles = ("Lesson", "Exercise", "Status", "Attempts", "Last attempt")
    header = "".join(f'<th scope="col">{title}</th>' for title in titles)
    table = "".join(f"<tr>{row}</tr>" for row in rows)
    where = (
        f"Kept in `{path}`." if path else "Nothing is kept: $LESSONS_PROGRESS is empty."
    )
    where += " Quizzes and the challenges of demos are kept by the browser."
    return _card(
        f"<p><strong>{head}</strong></p><div style='overflow-x:auto' tabindex='0' "
        f"role='region' aria-label='Progress'><table><thead><tr>{header}</tr></thead>"
        f"<tbody>{table}</tbody></table></div><p>{_rich(where)}</p>",
        "\n".join([head, *lines, where]),
        "progress",
    )


def solution_text(solution: Any) -> str:
    """Return the source of a function or class, or the text of a value."""
    if inspect.isfunction(solution) or inspect.isclass(solution):
        return textwrap.dedent(inspect.getsource(solution)).strip()
    return pprint.pformat(solution, width=80)


def _card(inner: str, text: str, status: str) -> Shown:
    # No script and no colour of its own but the edge: it takes those of the page.
    return Shown(
        f'<div class="lesson-check" data-status="{status}" lang="en">'
        f"<style>{_style('check')}</style>{inner}</div>",
        text,
    )


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else text + "."


def _rich(text: str) -> str:
    """Escape a text, with `code` between backticks as code."""
    parts = html.escape(text).split("`")
    return "".join(
        f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts)
    )


def _still(kind: str, question: Quiz) -> str:
    """Return the question for readers without scripts, its answers folded."""
    code = question.code and f"<pre><code>{html.escape(question.code)}</code></pre>"
    choices = "".join(f"<li>{_rich(choice.text)}</li>" for choice in question.choices)
    words = {True: "Right.", False: "Not this one."}
    answers = "".join(
        f"<li><strong>{words[choice.right]}</strong> {_rich(choice.feedback)}</li>"
        for choice in question.choices
    )
    return (
        f"<p><strong>{kind.capitalize()}.</strong> {_rich(question.question)}</p>{code}"
        f'<ol type="A">{choices}</ol><details><summary>Answers</summary>'
        f'<ol type="A">{answers}</ol></details>'
    )


@functools.cache
def _style(name: str) -> str:
    text = (_FOLDER / f"{name}.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"\s*([{};,])\s*", r"\1", " ".join(text.split()))


@functools.cache
def _bundle() -> tuple[str, str]:
    """Return the script of a question, with what it needs of the demos' kit."""
    source = (_FOLDER / "quiz.js").read_text(encoding="utf-8")
    kit = (bundling.FOLDER / "kit.js").read_text(encoding="utf-8")
    kit = bundling.keep_used(kit, {"el", "getProgress", "rich", "setProgress", "host"})
    code = bundling.as_function("kit", kit) + bundling.as_function("quiz", source)
    key = f"quiz@{hashlib.sha256(code.encode()).hexdigest()[:10]}"
    return (
        f'(()=>{{const key="{key}",hub=window.fndDemos||={{}};'
        f'(hub[key]||=(()=>{{"use strict";\n{code}\n'
        f"return $kit.host(key,$quiz.mount)}})())()}})()"
    ), key
