"""How everything here is measured: two things in turn, medians of neighbours' ratios.

Single timings of a shared machine are noisy, but neighbours in time are alike: each round
measures both sides, one directly after the other, and every second round begins with the
other side.
"""

import operator
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Comparison(NamedTuple):
    """Medians of both sides; median and range of the rounds' ratios ours / theirs."""

    ours: float
    theirs: float
    ratio: float
    low: float
    high: float

    def inverse(self) -> "Comparison":
        """Return the same with the ratios theirs / ours: how many times faster."""
        return self._replace(ratio=1 / self.ratio, low=1 / self.high, high=1 / self.low)


@dataclass
class Row:
    """One line of the table.

    `goal` is "ours" or "ratio", "<=" or ">=" and a number; empty where there is none.
    """

    what: str
    ours: float | None = None
    theirs: float | None = None
    unit: str = "s"
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    goal: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Return whether the goal is met, None without a goal or a measurement."""
        if not self.goal or self.ours is None:
            return None
        name, sign, limit = self.goal.split()
        compare = {"<=": operator.le, ">=": operator.ge}[sign]
        return compare(getattr(self, name), float(limit))


def timed(work: Callable[[], object], clock=time.perf_counter) -> Callable[[], float]:
    """Return a function that does the work and returns its seconds."""

    def run() -> float:
        started = clock()
        work()
        return clock() - started

    return run


def take_turns(ours: Callable, theirs: Callable, rounds: int) -> tuple[list, list]:
    """Call both once a round, ours first in the even rounds; return what they returned."""
    results = {ours: [], theirs: []}
    for i in range(rounds):
        for side in (theirs, ours) if i % 2 else (ours, theirs):
            results[side].append(side())
    return results[ours], results[theirs]


def compare(ours: list[float], theirs: list[float]) -> Comparison:
    """Return the medians of both lists and of the ratios of neighbours."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    medians = [statistics.median(values) for values in (ours, theirs, ratios)]
    return Comparison(*medians, min(ratios), max(ratios))


def alternate(ours: Callable, theirs: Callable, rounds: int = 5) -> Comparison:
    """Measure both sides in turn; each is a function that returns what it took."""
    return compare(*take_turns(ours, theirs, rounds))


def row(what: str, result: Comparison, **more) -> Row:
    """Return the line of a comparison."""
    return Row(what, **result._asdict(), **more)
