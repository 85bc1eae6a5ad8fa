"""Keep what was measured in `results.json`, print it, and write the book's page of it."""

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks.timing import Row
from benchmarks.words import END, START, TITLES, WORDS

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
PAGE = FOLDER.parent / "book" / "reference" / "speed.md"
FIGURE = """````{{container}} scroll
```{{image}} {name}
:alt: {alt}
:class: lesson-figure plot
```
````"""
PACKAGES = ("torch", "torchvision", "jupyter-book")


# ---- the machine ---------------------------------------------------------------------


def machine() -> str:
    """Describe processor, cores, memory and system in words, without names of hosts."""
    info, memory = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    found = (
        re.search(r"model name\s*: (.+)", info.read_text()) if info.exists() else None
    )
    processor = found[1] if found else platform.processor() or platform.machine()
    text = f"{processor}, {os.cpu_count()} cores"
    if memory.exists():
        kilobytes = int(memory.read_text().split()[1])
        text += f", {kilobytes / 2**20:.0f} GB of memory"
    return f"{text}, {platform.system()}"


def versions() -> dict[str, str]:
    """Return the versions of everything whose speed is measured."""
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name).split("+")[0]
        except importlib.metadata.PackageNotFoundError:
            found[name] = "missing"
    from lessons_lib.site.browser import find_browser

    for name, path in (("Chromium", find_browser()), ("Node", shutil.which("node"))):
        command = [path or "", "--version"]
        said = path and subprocess.run(command, capture_output=True, text=True).stdout
        number = re.search(r"[\d.]+", said or "")
        found[name] = number[0] if number else "missing"
    return found


# ---- results -------------------------------------------------------------------------


def read_results(path: Path = RESULTS) -> dict:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def record(topic: str, rows: list[Row], rounds: int, path: Path = RESULTS) -> dict:
    """Put the rows of one topic in the place of its older ones; return all results."""
    results = read_results(path)
    results[topic] = {
        "date": datetime.date.today().isoformat(),
        "rounds": rounds,
        "machine": machine(),
        "versions": versions(),
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return results


def run(topic: str, measure: Callable[[int], list[Row]]) -> None:
    """Measure a topic, print its table, keep it, and write the page anew."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{topic}")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    rows = measure(rounds)
    results = record(topic, rows, rounds)
    PAGE.write_text(page(results), encoding="utf-8")
    print(plain_table(topic, rows), flush=True)


# ---- tables --------------------------------------------------------------------------


def number(value: float | None) -> str:
    """Write a number with three digits that count, without exponents."""
    if value is None:
        return "–"
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g} million"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) >= 1 else f"{value:.3g}"


def amount(value: float | None, unit: str) -> str:
    if unit == "s" and value is not None and abs(value) < 0.1:
        value, unit = 1e3 * value, "ms"
    return number(value) if value is None else f"{number(value)} {unit}".rstrip()


def ratio_text(row: Row) -> str:
    if row.ratio is None:
        return "–"
    spread = row.low is not None and row.low != row.high
    spread_text = f" ({number(row.low)} to {number(row.high)})" if spread else ""
    return number(row.ratio) + spread_text


def goal_text(row: Row) -> str:
    """Say the goal and whether it is met."""
    if not row.goal:
        return ""
    name, sign, limit = row.goal.split()
    unit = f" {row.unit}" if name == "ours" else ""
    answer = {True: "**met**", False: "**not met**", None: "not measured"}[row.met]
    return (
        f"{'at least' if sign == '>=' else 'at most'} {float(limit):,g}{unit}: {answer}"
    )


def cells(row: Row) -> list[str]:
    return [row.what, amount(row.ours, row.unit), amount(row.theirs, row.unit),
            ratio_text(row), goal_text(row), row.note]  # fmt: skip


def plain_table(topic: str, rows: list[Row]) -> str:
    """Return the table for a terminal."""
    lines = [["", "ours", "beside it", "ratio", "goal", ""], *map(cells, rows)]
    lines = [[cell.replace("**", "") for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "\n".join([f"== {TITLES[topic]}", *text, ""])


def table(topic: str, rows: list[Row]) -> str:
    """Return the table for the page, without the columns that would be empty."""
    head = ["what", *WORDS[topic].columns, "ratio", "goal", "note"]
    lines = [cells(row) for row in rows]
    for line in lines:
        for column in (1, 2):  # short amounts stay on one line
            if len(line[column]) < 12:
                line[column] = line[column].replace(" ", "\u00a0")
    columns = zip(head, ["---"] * len(head), *lines, strict=True)
    kept = [column for column in columns if any(column[2:])]
    return "\n".join(f"| {' | '.join(line)} |" for line in zip(*kept, strict=True))


# ---- the page ------------------------------------------------------------------------


def page(results: dict) -> str:
    """Return the page: what every topic asks, its table, where its time goes."""
    parts = [START, verdict(results)]
    for topic, title in TITLES.items():
        words = WORDS[topic]
        parts += [f"## {title}", words.asks]
        if topic not in results:
            parts.append("Not measured yet.")
            continue
        found = results[topic]
        parts += [table(topic, [Row(**row) for row in found["rows"]])]
        if words.picture and PAGE.with_name(words.picture).exists():
            parts.append(FIGURE.format(name=words.picture, alt=words.alt))
        parts += [f"**Where the time goes.** {words.found}"] if words.found else []
        tools = ", ".join(f"{name} {text}" for name, text in found["versions"].items())
        many = "1 round" if found["rounds"] == 1 else f"{found['rounds']} rounds"
        parts.append(
            f"<small>Measured on {found['date']}, {many}: {found['machine']}. "
            f"{tools}.</small>"
        )
    return "\n\n".join([*parts, END]) + "\n"


def verdict(results: dict) -> str:
    """Count the goals."""
    rows = [Row(**row) for found in results.values() for row in found["rows"]]
    goals = [row.met for row in rows if row.goal]
    met, missed, open_ = (goals.count(x) for x in (True, False, None))
    return (
        f"Of {len(goals)} goals {met} are met, {missed} are not, "
        f"{open_} could not be measured here."
    )
