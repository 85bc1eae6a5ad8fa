"""What the tests of the demos share: run their JavaScript, open them in a browser."""

import functools
import json
import shutil
import subprocess
from contextlib import contextmanager

import pytest

from lessons_lib.demos import bundling
from lessons_lib.site.browser import find_browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def open_browser():
    """Start a headless Chromium, or skip with the reason."""
    playwright_api = pytest.importorskip("playwright.sync_api")
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium found: install one or set CHROMIUM to its path")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@functools.cache
def classic(*names: str) -> str:
    """Return modules (dependencies first) as a classic script that defines $name."""
    read = {name: (bundling.FOLDER / f"{name}.js").read_text("utf-8") for name in names}
    return "\n".join(bundling.as_function(name, text) for name, text in read.items())


def run_js(names: tuple[str, ...], body: str, payload=None):
    """Run `body` (it may use $name and payload, and returns) in Node, else in Chromium.

    Returns:
        What the body returned, through JSON: NaN and infinities arrive as strings.
    """
    program = (
        f"{classic(*names)}\nconst run = (payload) => {{{body}}};\n"
        "const plain = (key, value) => typeof value === 'number' && "
        "!Number.isFinite(value) ? String(value) : ArrayBuffer.isView(value) "
        "? Array.from(value) : value;\n"
        f"const result = JSON.stringify(run({json.dumps(payload)}), plain);\n"
    )
    if node := shutil.which("node"):
        done = subprocess.run(
            [node, "-"],
            input=program + "process.stdout.write(result);",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)
    with open_browser() as browser:
        page = browser.new_page()
        return json.loads(page.evaluate(f"(() => {{{program} return result;}})()"))


def write_page(folder, *fragments: str, theme: str = "light", name: str = "page"):
    """Write a page that holds the fragments; return its file:// address."""
    path = folder / f"{name}.html"
    path.write_text(
        f'<!doctype html><html lang="en" data-theme="{theme}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Demo</title></head><body>{''.join(fragments)}</body></html>",
        encoding="utf-8",
    )
    return path.as_uri()


@contextmanager
def watched_page(browser, **options):
    """Open a page that fails the test on a script error or a request elsewhere."""
    context = browser.new_context(**options)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda r: None if r.url.startswith("file:") else problems.append(r.url),
    )
    yield page
    context.close()
    assert not problems, problems
