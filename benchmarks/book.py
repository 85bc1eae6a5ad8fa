"""The book itself: executing the lessons, building the pages, changing one lesson.

Works in a copy of the project, so that `_build` stays as it is; runs the two commands of
`make book`. Run: `python -m benchmarks.book`.
"""

import ast
import datetime
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import nbformat

from benchmarks.report import run
from benchmarks.timing import Row, alternate, row, timed

ROOT = Path(__file__).resolve().parents[1]
CHANGED = "book/foundations/neuron.ipynb"
LEFT_OUT = shutil.ignore_patterns("_build", ".*", "*.egg-info", "tests", "checkpoints")
# The first command of `make book`; keeps each executed lesson with the times of its cells
# in a folder of its own, because such times in the cache would make every lesson new.
EXECUTE = """
import sys, uuid
from pathlib import Path
import nbformat
from lessons_lib.site import execute
run = execute.single_nb_execution
def timed(*given, **named):
    result = run(*given, record_timing=True, **named)
    nbformat.write(result.nb, Path("timed") / f"{uuid.uuid4()}.ipynb")
    for cell in result.nb.cells:
        cell.metadata.pop("execution", None)
    return result
execute.single_nb_execution = timed
Path("timed").mkdir(exist_ok=True)
sys.exit(execute.main(sys.argv[1:]))
"""
JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"
BUILD = ["-c", JUPYTER_BOOK, "build", "book", "--config", "_config.yml",
         "--path-output", ".", "--all", "--warningiserror", "--keep-going", "--quiet"]  # fmt: skip
DRAWS = {"show", "plot_images"}
STEPS = {"backward", "fit", "evaluate", "step"}


# ---- the two commands ----------------------------------------------------------------


def python(copy: Path, *arguments: str) -> float:
    """Run Python in the copy and return the seconds; its complaints end the benchmark."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], cwd=copy, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{arguments[:3]} failed:\n{done.stdout[-2000:]}")
    return time.perf_counter() - started


def execute(copy: Path, lessons: list[str]) -> float:
    return python(copy, "-m", "lessons_lib.site.execute", *lessons)


def build(copy: Path) -> float:
    return python(copy, *BUILD, "--toc", str(copy / "_toc.yml"))


def own_seconds(copy: Path) -> dict[str, float]:
    """Return how long each lesson of the cache ran."""
    from jupyter_cache import get_cache

    records = get_cache(copy / "_build" / "lesson_cache").list_cache_records()
    latest = sorted(records, key=lambda record: record.created)
    return {record.uri: record.data["execution_seconds"] for record in latest}


def change(copy: Path, number: int) -> None:
    """Change the code of one lesson, and nothing of what it does."""
    path = copy / CHANGED
    notebook = nbformat.read(path, as_version=4)
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    last.source += f"\n# change {number}"
    nbformat.write(notebook, path)


# ---- where the time of a lesson goes -------------------------------------------------


def names_in(tree: ast.AST) -> set[str]:
    """Return every name and attribute that stands in the code."""
    nodes = list(ast.walk(tree))
    return {n.id for n in nodes if isinstance(n, ast.Name)} | {
        n.attr for n in nodes if isinstance(n, ast.Attribute)
    }


def kinds(notebook) -> Counter:
    """Return the seconds of a lesson's cells, by what the cells do.

    A cell trains if it calls something that does backward steps, even through functions
    that earlier cells defined.
    """
    seconds: Counter = Counter()
    trains = set(STEPS)
    for cell in notebook.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        tree = ast.parse(cell.source)
        names = names_in(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and names_in(node) & trains:
                trains.add(node.name)
        if "explore" in names:
            kind = "frames of `explore`, training included"
        elif any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body):
            kind = "imports"
        elif names & trains:
            kind = "training"
        elif names & DRAWS:
            kind = "pictures"
        else:
            kind = "everything else in cells"
        seconds[kind] += cell_seconds(cell)
    return seconds


def cell_seconds(cell) -> float:
    """Return how long the kernel worked on a cell."""
    times = cell.metadata.get("execution", {})
    ends = [times.get(key) for key in ("iopub.execute_input", "shell.execute_reply")]
    if None in ends:
        return 0.0
    first, last = (
        datetime.datetime.fromisoformat(end.replace("Z", "+00:00")) for end in ends
    )
    return (last - first).total_seconds()


def share_rows(own: list[float], notebooks: list) -> list[Row]:
    """Return what an average lesson spends on each kind of cell."""
    seconds = sum(map(kinds, notebooks), Counter())
    seconds["kernel: start, end, messages"] = sum(own) - sum(seconds.values())
    return [
        Row(f"of it: {kind}", value / len(own), sum(own) / len(own), ratio=value / sum(own),
            note="beside it the whole lesson; the ratio is the share")
        for kind, value in seconds.most_common()
    ]  # fmt: skip


# ---- imports -------------------------------------------------------------------------


def imports_of(path: Path) -> str:
    """Return the import statements of one lesson, as a program."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            nodes = ast.walk(ast.parse(cell.source))
            imports = (n for n in nodes if isinstance(n, ast.Import | ast.ImportFrom))
            found += [ast.unparse(node) for node in imports]
    return "\n".join(found)


def by_package(code: str) -> str:
    """Return the packages that cost most of an import, with their own seconds."""
    command = [sys.executable, "-X", "importtime", "-c", code]
    lines = subprocess.run(command, stderr=subprocess.PIPE, text=True, cwd=ROOT).stderr
    own: Counter = Counter()
    for micro, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\w+)", lines):
        own[name] += int(micro) / 1e6
    return ", ".join(f"{name} {value:.2f} s" for name, value in own.most_common(5))


def import_row(rounds: int) -> Row:
    """Compare what the slowest lesson imports with PyTorch alone."""

    def side(code: str):
        return timed(lambda: python(ROOT, "-c", code))

    codes = {path.stem: imports_of(path) for path in (ROOT / "book").rglob("*.ipynb")}
    slowest = max(codes, key=lambda name: min(side(codes[name])() for _ in range(2)))
    result = alternate(side(codes[slowest]), side("import torch"), rounds)
    note = f"the lesson `{slowest}`; beside it torch alone; own time of packages: "
    return row("imports of the lesson that imports most, in a fresh Python", result,
               goal="ours <= 4", note=note + by_package(codes[slowest]))  # fmt: skip


# ---- all of it -----------------------------------------------------------------------


def measure(rounds: int = 5) -> list[Row]:
    rows = [import_row(rounds)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "book"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        paths = (
            path.relative_to(copy).as_posix()
            for path in (copy / "book").rglob("*.ipynb")
        )
        lessons = sorted(paths)
        executing = python(copy, "-c", EXECUTE, *lessons)
        own = list(own_seconds(copy).values())
        notebooks = [nbformat.read(path, 4) for path in (copy / "timed").iterdir()]
        building = build(copy)
        rebuilds = []
        for i in range(rounds):
            change(copy, i)
            both = execute(copy, lessons) + build(copy)
            rebuilds.append(both - own_seconds(copy)[str((copy / CHANGED).resolve())])
    count, whole = len(own), executing + building
    rebuild, mean_s = statistics.median(rebuilds), statistics.mean(own)
    return [
        Row("executing a lesson from an empty cache, on average", executing / count, mean_s,
            ratio=executing / count / mean_s, goal="ours <= 20",
            note=f"{count} lessons, once; beside it a lesson's own time, as two run at once"),
        *share_rows(own, notebooks),
        Row("building all pages from a full cache", building, whole, ratio=building / whole,
            note="once; beside it the whole book from an empty cache"),
        Row("one lesson changed: everything but its own run", rebuild, whole,
            ratio=rebuild / whole, low=min(rebuilds) / whole, high=max(rebuilds) / whole,
            goal="ours <= 15", note="beside it the whole book from an empty cache"),
        *rows,
    ]  # fmt: skip


if __name__ == "__main__":
    run("book", measure)
