"""Keep what is generated in the notebooks up to date.

``python -m lessons_lib.site.notebooks links`` writes the launch links, the setup cell
and the addresses of other pages from ``_config.yml``, and brings each notebook into one
form. ``... outputs FILE...`` runs notebooks and stores the outputs of the cells that are
marked ``# NBVAL_CHECK_OUTPUT``; all others are stored without.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat

from lessons_lib.site.address import (
    ROOT,
    SITE_PATTERN,
    launch_urls,
    read_repository,
    repository_url,
    site_url,
)

CHECK_MARK = "# NBVAL_CHECK_OUTPUT"

SETUP = '''\
# Setup, written by `make links`: adds the book's helper package where it is missing.
import importlib.util, subprocess, sys

if importlib.util.find_spec("lessons_lib") is None:
    package = "{repository}"
    package += "/archive/refs/heads/{branch}.zip"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", package]
    if subprocess.run(command).returncode:
        print("The helper package could not be installed: is there a network? On "
              "Kaggle, open Settings (right), switch Internet on, and run this again.")'''

TABLE_START = "<!-- lessons: written by `make links` -->"
TABLE_END = "<!-- end of lessons -->"

METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def lesson_paths() -> list[Path]:
    """Return every notebook of the book, sorted."""
    return sorted(
        path
        for path in (ROOT / "book").rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    )


def update_links(notebook: nbformat.NotebookNode, path: str) -> None:
    """Write launch links, setup cell, addresses and metadata into a notebook.

    Args:
        notebook: Changed in place. Its first cell holds the title.
        path: The notebook inside the repository, with forward slashes.
    """
    owner, name, branch = read_repository()
    urls = launch_urls(owner, name, branch, path)
    launch = " · ".join(f"[Open in {place}]({url})" for place, url in urls.items())
    setup = SETUP.format(repository=repository_url(owner, name), branch=branch)
    own = [
        _cell("markdown", "launch", launch),
        _cell("code", "setup", setup, tags=["remove-cell"]),
    ]
    rest = [cell for cell in notebook.cells if cell.id not in ("launch", "setup")]
    notebook.cells = [*rest[:1], *own, *rest[1:]]
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.source = SITE_PATTERN.sub(site_url(owner, name), cell.source.strip("\n"))
        if cell.id not in ("launch", "setup"):
            cell.id = f"cell-{number:03d}"
        cell.metadata = nbformat.from_dict(
            {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        )
        if cell.cell_type == "code":
            keep = cell.source.startswith(CHECK_MARK)
            cell.execution_count = 1 if keep else None  # nbval asks for one beside outputs
            cell.outputs = cell.outputs if keep else []


def update_readme(text: str) -> str:
    """Return the README with its table of lessons and its addresses up to date.

    The order is that of ``_toc.yml``; the second column is the promise, the first
    sentence of each lesson.
    """
    owner, name, branch = read_repository()
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    rows = ["| lesson | what it is about | Colab | Kaggle |", "|---|---|---|---|"]
    for page in re.findall(r"file: (\S+)", toc):
        path = f"book/{page}.ipynb"
        if (ROOT / path).exists():
            title, promise = title_and_promise(ROOT / path)
            urls = launch_urls(owner, name, branch, path)
            links = " | ".join(f"[open]({url})" for url in urls.values())
            rows.append(f"| [{title}]({path}) | {promise} | {links} |")
    table = "\n".join([TABLE_START, "", *rows, "", TABLE_END])
    text = re.sub(f"{TABLE_START}.*{TABLE_END}", lambda _: table, text, flags=re.DOTALL)
    return SITE_PATTERN.sub(site_url(owner, name), text)


def title_and_promise(path: Path) -> tuple[str, str]:
    """Return a lesson's title and its first sentence."""
    source = nbformat.read(path, as_version=4).cells[0].source
    title, _, rest = source.partition("\n")
    sentence = re.match(r".*?[.!?](?=\s|$)", " ".join(rest.split()))
    return title.lstrip("# "), sentence[0] if sentence else ""


def _cell(kind: str, identity: str, source: str, tags: list[str] | None = None):
    cell = getattr(nbformat.v4, f"new_{kind}_cell")(source)
    cell.id = identity
    cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
    return cell


def store_outputs(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run a notebook and keep the outputs of its marked cells.

    Args:
        notebook: Changed in place.
        folder: Where the kernel runs.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell raises.
    """
    from nbclient import NotebookClient

    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            keep = cell.source.startswith(CHECK_MARK)
            cell.outputs = [_plain(output) for output in cell.outputs] if keep else []


def _plain(output):
    """Drop what differs from run to run: counts, and every form but plain text."""
    if "data" in output:
        output.data = {"text/plain": output.data["text/plain"]}
        output.metadata = {}
    if "execution_count" in output:
        output.execution_count = None
    return output


def main(arguments: list[str]) -> None:
    """Update the notebooks: ``links``, or ``outputs`` with the files to run."""
    command, *names = arguments or ["links"]
    if command not in ("links", "outputs"):
        sys.exit(f"usage: python -m {__spec__.name} links | outputs [NOTEBOOK ...]")
    for path in [Path(name).resolve() for name in names] or lesson_paths():
        before = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(before, as_version=4)
        if command == "outputs":
            store_outputs(notebook, path.parent)
        update_links(notebook, path.relative_to(ROOT).as_posix())
        _write_if_new(path, before, nbformat.writes(notebook) + "\n")
    readme = ROOT / "README.md"
    before = readme.read_text(encoding="utf-8")
    _write_if_new(readme, before, update_readme(before))


def _write_if_new(path: Path, before: str, after: str) -> None:
    if after != before:
        path.write_text(after, encoding="utf-8")
        print(f"updated {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
