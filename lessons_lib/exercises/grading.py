"""Run an answer beside the reference and say how it went. Nothing here is displayed."""

from __future__ import annotations

import contextlib
import inspect
import linecache
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from lessons_lib.exercises.compare import difference, kind_of, short
from lessons_lib.exercises.stub import find_stub
from lessons_lib.exercises.timeout import TimeLimit, run_limited
from lessons_lib.exercises.types import Exercise, Make

TIME_LIMIT_S = 10.0
CORRECT, NOT_YET, NOT_ATTEMPTED = "correct", "not yet", "not attempted"


class Verdict(NamedTuple):
    """How an answer did: its status, and sentences that say what is wrong with it."""

    status: str
    sentences: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What came of one case: a result or an error, and the arguments after the call."""

    value: Any = None
    error: BaseException | None = None
    arguments: tuple = ()
    gradients: Outcome | None = None


def grade(
    exercise: Exercise, answer: Any, *, dtype: str = "float32", device: str = "cpu"
) -> Verdict:
    """Return the verdict on `answer`; its mistakes are reported, never raised.

    Args:
        exercise: The exercise that it answers.
        answer: The reader's function, class or value.
        dtype: Name of the floating dtype of the inputs, such as "float64".
        device: Where the inputs are.
    """
    stub = find_stub(answer, exercise.solution)
    if stub and stub.is_certain:
        return Verdict(NOT_ATTEMPTED, (stub.note,))
    how = _grade_by_judge if exercise.cases is None else _grade_cases
    try:
        verdict = how(exercise, answer, dtype, device)
    except TimeLimit as error:
        told = f"It did not end within {TIME_LIMIT_S:g} s and was stopped"
        remedy = "Does every loop come to its end?"
        verdict = Verdict(NOT_YET, (told + _where(error, answer), remedy))
    except Exception as error:  # such as a result whose `==` raises
        told = "The result cannot be compared with the reference"
        verdict = Verdict(NOT_YET, (f"{told}. {_report(error, answer)}",))
    if stub and verdict.status != CORRECT:
        return Verdict(NOT_ATTEMPTED, (stub.note,))
    return verdict


def run_cases(
    exercise: Exercise, answer: Any, dtype: str = "float32", device: str = "cpu"
) -> list[Outcome]:
    """Return what comes of `answer` for each case, in one run of fresh inputs."""
    outcomes = []
    for case in _make_cases(exercise, dtype, device):
        outcome = Outcome(arguments=case)
        with _seeded(), _errors_kept(outcome):
            outcome.value = _use(exercise, answer, case)
        outcomes.append(outcome)
    if exercise.gradient:  # in a run of its own: leaves cannot be changed in place
        cases = _make_cases(exercise, dtype, device)
        for outcome, case in zip(outcomes, cases, strict=True):
            outcome.gradients = Outcome()
            with _seeded(), _errors_kept(outcome.gradients):
                outcome.gradients.value = _gradients(exercise, answer, case)
    return outcomes


def outcome_difference(
    exercise: Exercise, got: Outcome, wanted: Outcome, before: tuple
) -> str | None:
    """Return None if two outcomes are equal, else a sentence on what differs first."""
    if got.error or wanted.error:
        return _error_difference(got.error, wanted.error)
    found = difference(got.value, wanted.value, tolerance=exercise.tolerance)
    if found:
        return found
    names = _argument_names(exercise, len(before))
    everything = zip(names, got.arguments, wanted.arguments, before, strict=False)
    for name, after, reference, original in everything:
        found = difference(
            after,
            reference,
            name=f"`{name}` after the call",
            tolerance=exercise.tolerance,
        )
        if found and difference(reference, original) is None:
            return (
                f"Your code changes its input `{name}` in place, so the caller's data "
                f"is changed too: work on a copy. {found}"
            )
        if found:
            return found
    return _gradient_difference(exercise, got.gradients, wanted.gradients)


def _error_difference(got: Any, wanted: Any) -> str | None:
    if (type(got), str(got)) == (type(wanted), str(wanted)):
        return None
    return f"It raises `{type(got).__name__}`" if got else "It raises nothing"


def _grade_by_judge(exercise: Exercise, answer: Any, *_: str) -> Verdict:
    outcome = Outcome()

    def judged(value: Any) -> str | None:
        if exercise.judge is None:
            return difference(value, exercise.solution, name="your answer")
        return exercise.judge(value)

    def run() -> None:
        with _seeded(), _errors_kept(outcome):
            outcome.value = judged(answer)

    run_limited(run, TIME_LIMIT_S)
    if outcome.error is not None:
        told = f"It cannot be used as an answer. {_report(outcome.error, answer)}"
        return Verdict(NOT_YET, (told,))
    if outcome.value is None:
        return Verdict(CORRECT)
    for wrong in exercise.wrong:
        if callable(wrong.answer):
            with _seeded():
                is_this = judged(wrong.answer) == outcome.value
        else:
            is_this = difference(answer, wrong.answer) is None
        if is_this:
            return Verdict(NOT_YET, (wrong.message, outcome.value))
    return Verdict(NOT_YET, (outcome.value,))


def _grade_cases(exercise: Exercise, answer: Any, dtype: str, device: str) -> Verdict:
    if not callable(answer):
        wanted = "class" if inspect.isclass(exercise.solution) else "function"
        told = f"Expected a {wanted}, got `{short(answer)}` ({kind_of(answer)})"
        return Verdict(NOT_YET, (told + ": pass its name, without calling it",))
    wanted = run_cases(exercise, exercise.solution, dtype, device)
    got = run_limited(lambda: run_cases(exercise, answer, dtype, device), TIME_LIMIT_S)
    before = _make_cases(exercise, dtype, device)
    for i, case in enumerate(before):
        found = outcome_difference(exercise, got[i], wanted[i], case)
        if found is None:
            continue
        if got[i].error is not None:
            found = _report(got[i].error, answer)
        elif found.startswith("It raises"):  # in the run for the gradient
            found = f"The gradient: {_report(got[i].gradients.error, answer)}"
        sentences = (found, f"Case {i + 1} of {len(before)}: {_inputs(exercise, case)}")
        for wrong in exercise.wrong:
            known = run_cases(exercise, wrong.answer, dtype, device)
            pairs = zip(got, known, before, strict=True)
            if not any(outcome_difference(exercise, *pair) for pair in pairs):
                return Verdict(NOT_YET, (wrong.message, *sentences))
        return Verdict(NOT_YET, sentences)
    return Verdict(CORRECT)


def _make_cases(exercise: Exercise, dtype: str, device: str) -> list[tuple]:
    import torch

    with _seeded():
        return list(exercise.cases(Make(getattr(torch, dtype), device)))


def _use(exercise: Exercise, answer: Callable, case: tuple) -> Any:
    return exercise.call(answer, *case) if exercise.call else answer(*case)


@contextlib.contextmanager
def _errors_kept(outcome: Outcome) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, TimeLimit):
        raise
    except BaseException as error:  # also SystemExit: exit() must not end the kernel
        outcome.error = error


@contextlib.contextmanager
def _seeded() -> Iterator[None]:
    """Seed Python's and torch's random numbers, and put the reader's back after."""
    state = random.getstate()
    torch = sys.modules.get("torch")
    has_gpu = torch is not None and torch.cuda.is_initialized()
    devices = [torch.cuda.current_device()] if has_gpu else []
    fork = torch.random.fork_rng(devices) if torch else contextlib.nullcontext()
    try:
        with fork:
            random.seed(0)
            if torch is not None:
                torch.manual_seed(0)
            yield
    finally:
        random.setstate(state)


def _gradients(exercise: Exercise, answer: Callable, case: tuple) -> dict[str, Any]:
    """Return the gradient of a weighted sum of the outputs for each floating input."""
    import torch

    names = _argument_names(exercise, len(case))
    inputs = dict(_floating(dict(zip(names, case, strict=False))))
    for tensor in inputs.values():
        tensor.requires_grad_()
    outputs = [
        tensor for _, tensor in _floating(_use(exercise, answer, case), grad=True)
    ]
    if not outputs:
        return dict.fromkeys(inputs)
    # Weights that differ, as the plain sum of a softmax has no gradient at all.
    generator = torch.Generator().manual_seed(0)
    total = sum(
        (tensor * torch.rand(tensor.shape, generator=generator).to(tensor)).sum()
        for tensor in outputs
    )
    found = torch.autograd.grad(total, list(inputs.values()), allow_unused=True)
    return dict(zip(inputs, found, strict=True))


def _floating(value: Any, name: str = "", grad: bool = False) -> Iterator[tuple]:
    """Yield (name, tensor) for each floating tensor in nested lists and dicts."""
    if kind_of(value) == "tensor":
        if value.is_floating_point() and (value.requires_grad or not grad):
            yield name, value
        return
    if isinstance(value, list | tuple):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _floating(entry, f"{name}[{key}]" if name else str(key), grad)


def _gradient_difference(
    exercise: Exercise, got: Outcome | None, wanted: Outcome | None
) -> str | None:
    if got is None or wanted is None:
        return None
    if got.error or wanted.error:
        return _error_difference(got.error, wanted.error)
    for name, reference in wanted.value.items():
        if reference is None:
            continue
        what = f"the gradient with respect to `{name}`"
        if got.value.get(name) is None:
            return (
                f"{what}: none comes back. Was the graph cut, by `.item()`, "
                "`.detach()`, `.data` or by going through numpy?"
            )
        found = difference(
            got.value[name], reference, name=what, tolerance=exercise.tolerance
        )
        if found:
            return found
    return None


def _argument_names(exercise: Exercise, count: int) -> list[str]:
    """Return the names of the arguments of a case, as the reader knows them."""
    function = exercise.call or exercise.solution
    names = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is not parameter.VAR_POSITIONAL
    ]
    names = names[1:] if exercise.call else names
    return names[:count] + [f"argument {i + 1}" for i in range(len(names), count)]


def _inputs(exercise: Exercise, case: tuple) -> str:
    names = _argument_names(exercise, len(case))
    pairs = zip(names, case, strict=True)
    return ", ".join(f"`{name} = {short(value)}`" for name, value in pairs)


def _report(error: BaseException, answer: Any) -> str:
    first = str(error).strip().split("\n", maxsplit=1)[0].replace("`", "'")
    return f"It raises `{type(error).__name__}: {first}`{_where(error, answer)}"


def _where(error: BaseException, answer: Any) -> str:
    """Return the last line of the answer's own code that the error came through."""
    files = {code.co_filename for code in _codes(answer)}
    line, trace = "", error.__traceback__
    while trace is not None:
        file, number = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        if file in files:
            text = linecache.getline(file, number).strip()
            line = f" in line {number}" + (f": `{text}`" if text else "")
        trace = trace.tb_next
    return line


def _codes(answer: Any) -> Iterator[Any]:
    members = vars(answer).values() if inspect.isclass(answer) else [answer]
    for member in members:
        function = getattr(member, "__func__", member)
        function = inspect.unwrap(function) if callable(function) else None
        if inspect.isfunction(function):
            yield function.__code__
