"""What a bank file is made of: exercises, quizzes, and what goes wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import torch


class Choice(NamedTuple):
    """One choice of a quiz, with what the reader is told after taking it."""

    text: str
    feedback: str
    right: bool = False


class Quiz(NamedTuple):
    """A question with choices; `quiz` and `predict` both show it.

    Texts are plain, with `code` between backticks; `code` is shown in a block below
    the question.
    """

    question: str
    choices: Sequence[Choice]
    code: str = ""


class Wrong(NamedTuple):
    """A known wrong answer (function, class or value) and what to say about it."""

    answer: Any
    message: str


@dataclass(frozen=True)
class Exercise:
    """One code exercise.

    Attributes:
        title: What the exercise is called.
        solution: Function or class whose source the page shows, or a value.
        cases: Given a `Make`, returns a list of argument tuples.
        judge: Decides alone, where the answer is not unique: None if it is right,
            else what is wrong with it.
        wrong: At least two known wrong answers.
        hints: Exactly two; the first gives the idea, the second nearly the line.
        gradient: Also compare gradients for every floating tensor among the arguments.
        call: `call(answer, *case)`, where `answer(*case)` is not how it is used.
        tolerance: `(rtol, atol)`, where those of the dtype do not fit.
    """

    title: str
    solution: Any
    cases: Callable[[Make], list[tuple]] | None = None
    judge: Callable[[Any], str | None] | None = None
    wrong: Sequence[Wrong] = ()
    hints: Sequence[str] = ()
    gradient: bool = False
    call: Callable[..., Any] | None = None
    tolerance: tuple[float, float] | None = None


class Make:
    """Makes the inputs of an exercise: seeded, equal for every dtype and device.

    Numbers are drawn on the CPU in float64 and then converted, so a GPU and a CPU,
    float32 and float64 see the same ones.
    """

    def __init__(self, dtype: torch.dtype, device: str = "cpu", seed: int = 0) -> None:
        """Set the dtype and device of the run, and the seed of its numbers."""
        import torch

        self.dtype = dtype
        self.device = torch.device(device)
        self.generator = torch.Generator().manual_seed(seed)

    def tensor(self, values: Any) -> torch.Tensor:
        """Return the given numbers as a tensor of this run's dtype, on its device."""
        import torch

        return torch.as_tensor(values, dtype=self.dtype, device=self.device)

    def normal(self, *shape: int) -> torch.Tensor:
        """Return a tensor of standard normal numbers."""
        import torch

        values = torch.randn(shape, dtype=torch.float64, generator=self.generator)
        return self.tensor(values)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> torch.Tensor:
        """Return a tensor of numbers that are uniform from `low` up to `high`."""
        import torch

        values = torch.rand(shape, dtype=torch.float64, generator=self.generator)
        return self.tensor(low + (high - low) * values)

    def integers(self, high: int, *shape: int, low: int = 0) -> torch.Tensor:
        """Return an int64 tensor of whole numbers from `low` to `high - 1`."""
        import torch

        values = torch.randint(low, high, shape, generator=self.generator)
        return values.to(self.device)
