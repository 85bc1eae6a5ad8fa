"""Chooser: five questions that lead to an architecture."""

from lessons_lib.demos import chooser_rules, chooser_table
from lessons_lib.demos.demo import Demo
from lessons_lib.demos.stills import svg


def chooser(*, home: str = "", **answers: str) -> Demo:
    """Answer five questions and get an architecture to start with, and the reasons.

    Args:
        home: Address of the book, ending in a slash, for links to its lessons.
        **answers: Start values that differ: data, amount, goal, compute, explain.

    Raises:
        ValueError: If a question or an answer is unknown.
    """
    questions = chooser_table.QUESTIONS
    for question, answer in answers.items():
        if answer not in questions.get(question, {}).get("options", {}):
            known = {name: list(part["options"]) for name, part in questions.items()}
            raise ValueError(f"answers must be among {known}, got {question}={answer!r}")
    state = {
        "questions": questions,
        "architectures": chooser_table.ARCHITECTURES,
        "rules": chooser_rules.RULES,
        "notes": chooser_rules.NOTES,
        "lessons": chooser_table.LESSONS,
        "answers": {name: next(iter(part["options"])) for name, part in questions.items()}
        | {"amount": "some"}
        | answers,
        "home": home,
    }
    text = (
        "Chooser: five questions about your data, goal and means lead to an architecture "
        "to start with, the reasons, and two alternatives."
    )
    return Demo("chooser", state, text=text, figure=figure())


def figure() -> str:
    """Draw five questions that lead to one start and two alternatives."""
    text = 'font-family="system-ui, sans-serif" font-size="13" fill="#7d8792"'
    boxes = "".join(
        f'<rect x="10" y="{10 + 42 * i}" width="230" height="32" rx="6" fill="none" '
        f'stroke="#7d8792"/><text x="20" y="{31 + 42 * i}" {text}>{question["label"]}</text>'
        f'<path d="M240 {26 + 42 * i}L330 110" stroke="#7d8792" fill="none"/>'
        for i, question in enumerate(chooser_table.QUESTIONS.values())
    )
    answers = "".join(
        f'<rect x="330" y="{y}" width="200" height="36" rx="6" fill="none" '
        f'stroke="#2f86c9" stroke-width="{width}"/><text x="342" y="{y + 23}" {text}>'
        f"{label}</text>"
        for y, width, label in (
            (92, 3, "where to start, and why"), (142, 1, "an alternative"),
            (184, 1, "another one"),
        )
    )  # fmt: skip
    return svg(540, 230, f"{boxes}{answers}")
