"""Every notebook of the book: generated parts agree, form and style are kept."""

import ast
import re
import statistics
import sys
from types import SimpleNamespace

import nbformat
import pytest

from lessons_lib.site import address, notebooks

PATHS = notebooks.lesson_paths()
IDS = [path.stem for path in PATHS]
BOOK = address.ROOT / "book"
LESSONS = [path.relative_to(BOOK).with_suffix("").as_posix() for path in PATHS]


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    """Code cells that the reader sees: all but the setup cell."""
    return [c for c in notebook.cells if c.cell_type == "code" and c.id != "setup"]


def lines_of(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


@pytest.fixture(params=PATHS, ids=IDS)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return read(path)


def test_the_book_has_lessons():
    assert PATHS


# ---- what `make links` writes --------------------------------------------------------

def test_links_and_setup_agree_with_the_config(path):
    before = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(before, as_version=4)
    notebooks.update_links(notebook, path.relative_to(address.ROOT).as_posix())
    assert nbformat.writes(notebook) + "\n" == before, "run `make links`"


def test_links_command_twice_changes_nothing(notebook, path):
    name = path.relative_to(address.ROOT).as_posix()
    notebooks.update_links(notebook, name)
    once = nbformat.writes(notebook)
    notebooks.update_links(notebook, name)
    assert nbformat.writes(notebook) == once


def test_a_fork_changes_one_line(tmp_path, monkeypatch, notebook):
    config = (address.ROOT / "_config.yml").read_text(encoding="utf-8")
    owner, name, _ = address.read_repository()
    fork = tmp_path / "_config.yml"
    fork.write_text(config.replace(f"github.com/{owner}/{name}", "github.com/Ada/fork"))
    monkeypatch.setattr(notebooks, "read_repository", lambda: address.read_repository(fork))
    notebooks.update_links(notebook, "book/foundations/x.ipynb")
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "colab.research.google.com/github/Ada/fork/blob/main/book/" in text
    assert 'package = "https://github.com/Ada/fork"' in text
    assert f"{owner}/{name}/" not in text
    assert f"{owner}.github.io" not in text


def test_first_code_cell_is_the_setup_cell(notebook):
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.id == "setup"
    assert "remove-cell" in first.metadata.tags


def test_setup_cell_imports_only_the_standard_library(notebook):
    setup = next(cell for cell in notebook.cells if cell.id == "setup")
    for node in ast.walk(ast.parse(setup.source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                assert alias.name.split(".")[0] in sys.stdlib_module_names


def run_setup(notebook, monkeypatch, *, found, returncode):
    commands = []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: found)
    monkeypatch.setattr(
        "subprocess.run",
        lambda command: commands.append(command) or SimpleNamespace(returncode=returncode),
    )
    exec(next(cell.source for cell in notebook.cells if cell.id == "setup"), {})
    return commands


def test_setup_cell_does_nothing_where_the_library_is(notebook, monkeypatch, capsys):
    assert run_setup(notebook, monkeypatch, found=object(), returncode=0) == []
    assert capsys.readouterr().out == ""


def test_setup_cell_installs_without_touching_other_packages(notebook, monkeypatch, capsys):
    (command,) = run_setup(notebook, monkeypatch, found=None, returncode=0)
    assert "--no-deps" in command
    assert re.fullmatch(r"https://github\.com/.+/archive/refs/heads/.+\.zip", command[-1])
    assert capsys.readouterr().out == ""


def test_setup_cell_says_where_kaggle_hides_the_network(notebook, monkeypatch, capsys):
    run_setup(notebook, monkeypatch, found=None, returncode=1)
    assert "Kaggle, open Settings" in capsys.readouterr().out


# ---- form ----------------------------------------------------------------------------

def test_notebook_is_valid_and_names_no_machine(notebook, path):
    nbformat.validate(notebook)
    text = path.read_text(encoding="utf-8")
    assert "/root/" not in text
    assert "/home/" not in text


def test_only_marked_cells_keep_outputs(notebook):
    for cell in code_cells(notebook):
        marked = cell.source.startswith(notebooks.CHECK_MARK)
        assert bool(cell.outputs) == marked, cell.source
        for output in cell.outputs:
            assert output.output_type != "error", cell.source


def test_markdown_is_portable(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(
                r"^(:::|```\{)|\{(ref|numref|cite|glue|doc|term|math)[:}`]",
                cell.source, re.MULTILINE,
            ), cell.source


def test_every_figure_carries_a_text(notebook):
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            name = getattr(getattr(node, "func", None), "attr", None)
            assert not (isinstance(node, ast.Call) and name == "show" and
                        getattr(node.func.value, "id", "") == "plt"), (
                "use lessons_lib.plotting.show(figure, alt=...) instead of plt.show()"
            )


def test_lesson_links_only_to_pages_by_public_address(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)\s]+)", cell.source):
                assert target.startswith(("https://", "#")), target


def test_no_line_is_wider_than_88_columns(notebook):
    for cell in notebook.cells:
        for line in cell.source.splitlines() if cell.cell_type == "code" else ():
            assert len(line) <= 88, line


def test_cells_are_small(notebook):
    sizes = sorted(len(lines_of(cell)) for cell in code_cells(notebook))
    assert statistics.median(sizes) <= 8
    assert sizes[int(0.9 * (len(sizes) - 1))] <= 20
    assert sizes[-1] <= 30


def test_no_cell_prints_the_history_that_fit_returns(notebook):
    for cell in code_cells(notebook):
        last = ast.parse(cell.source).body[-1]
        if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
            name = getattr(last.value.func, "id", "")
            assert name != "fit", f"write `history = fit(...)`:\n{cell.source}"


def test_prose_stands_before_nearly_every_cell(notebook):
    shown = [cell for cell in notebook.cells if cell.id != "setup"]
    chained = sum(
        a.cell_type == b.cell_type == "code" for a, b in zip(shown, shown[1:], strict=False)
    )
    assert chained <= 0.2 * len(code_cells(notebook))


def test_headings_descend_without_gaps(notebook):
    levels = [
        len(match[1])
        for cell in notebook.cells if cell.cell_type == "markdown"
        for match in re.finditer(r"^(#+) ", re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL),
                                 re.MULTILINE)
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


def test_lesson_ends_with_its_sources(notebook):
    headings = re.findall(
        r"^## (.+)$", "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown"),
        re.MULTILINE,
    )
    assert "Summary" in headings
    assert "Exercises" in headings
    assert headings[-1] == "Sources"


# ---- README --------------------------------------------------------------------------

def test_readme_lists_every_lesson_with_its_launch_links():
    readme = (address.ROOT / "README.md").read_text(encoding="utf-8")
    assert notebooks.update_readme(readme) == readme, "run `make links`"
    for path in PATHS:
        assert f"]({path.relative_to(address.ROOT).as_posix()})" in readme


def test_the_front_page_leads_to_every_lesson():
    front = (BOOK / "index.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\((\w+/\w+)\.ipynb\)", front)
    assert sorted(linked) == sorted(LESSONS)


def test_what_comes_next_is_the_next_lesson_that_stands(path, notebook):
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    section = text.partition("\n## What comes next")[2].partition("\n## ")[0]
    toc = (address.ROOT / "_toc.yml").read_text(encoding="utf-8")
    order = [name for name in re.findall(r"file: (\S+)", toc) if name in LESSONS]
    here = path.relative_to(BOOK).with_suffix("").as_posix()
    following = order[order.index(here) + 1 :]
    assert section
    assert not following or f"/{following[0]}.html)" in section
