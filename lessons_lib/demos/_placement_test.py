"""Placement test: ten questions that tell where in a part to start."""

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.placement_questions import QUESTIONS


def placement_test(part: str = "foundations") -> Demo:
    """Ask ten questions that tell a reader where in a part to start.

    Args:
        part: Folder of the part, for example "foundations".

    Raises:
        ValueError: If the part has no test.
    """
    if part not in QUESTIONS:
        known = ", ".join(QUESTIONS)
        raise ValueError(f"part must be one of {known}, got {part!r}")
    questions = QUESTIONS[part]
    text = (
        f"Placement test: {len(questions)} questions about this part; the answers lead "
        "to the lesson to start with. It needs scripts: without them, read the "
        "lessons in their order, and skip what you know."
    )
    return Demo("placement_test", {"part": part, "questions": questions}, text=text)
