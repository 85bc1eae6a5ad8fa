"""Chromium and Node for the benchmarks, and the demos' modules as one script."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lessons_lib.demos import bundling
from lessons_lib.site.browser import find_browser

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip
RACE = Path(__file__).with_name("playground_race.js")


class Missing(RuntimeError):
    """Something that a benchmark needs is not here; the text says what."""


def script(*names: str) -> str:
    """Return modules (dependencies first) as a classic script that defines $name."""
    paths = [
        RACE if name == RACE.stem else bundling.FOLDER / f"{name}.js" for name in names
    ]
    for path in paths:
        if not path.exists():
            raise Missing(f"the book has no {path.name} yet")
    return "\n".join(
        bundling.as_function(path.stem, path.read_text("utf-8")) for path in paths
    )


@contextmanager
def chromium() -> Iterator:
    """Start a headless Chromium, or raise `Missing`."""
    path = find_browser()
    if path is None:
        raise Missing("no Chromium here")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Missing("no Playwright here") from error
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_with(browser, *names: str) -> Iterator:
    """Open an empty page in which the modules are defined."""
    context = browser.new_context()
    tab = context.new_page()
    tab.add_script_tag(content=script(*names))
    yield tab
    context.close()


def in_node(names: tuple[str, ...], expression: str):
    """Return the value of a JavaScript expression over the modules, computed by Node."""
    node = shutil.which("node")
    if node is None:
        raise Missing("no Node here")
    program = f"{script(*names)}\nprocess.stdout.write(JSON.stringify({expression}));"
    done = subprocess.run(
        [node, "-"], input=program, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)
