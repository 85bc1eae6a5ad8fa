"""What the tests of the demos share: run their JavaScript, open and use them in a browser."""

import atexit
import functools
import json
import shutil
import subprocess
import threading
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
STORE = "JSON.parse(localStorage.getItem('from-neuron-to-diffusion') || '{}')"


# ---- JavaScript without a page -------------------------------------------------------


@functools.cache
def classic(*names: str) -> str:
    """Return modules (dependencies first) as a classic script that defines $name."""
    read = {name: (bundling.FOLDER / f"{name}.js").read_text("utf-8") for name in names}
    return "\n".join(bundling.as_function(name, text) for name, text in read.items())


# Runs each program that stands on a line of the input in a thread of its own: a world
# as new as that of a new process, in a quarter of the time.
NODE = """
const { Worker } = require("node:worker_threads");
const lines = require("node:readline").createInterface({ input: process.stdin });
const answer = (kind, text) => process.stdout.write(JSON.stringify([kind, text]) + "\\n");
lines.on("line", (line) => {
  const worker = new Worker(JSON.parse(line), { eval: true });
  worker.on("message", (text) => answer("result", text));
  worker.on("error", (error) => answer("error", error.stack || String(error)));
});
"""
SEND = "require('node:worker_threads').parentPort.postMessage(result);"


@functools.cache
def start_node():
    """Return the one Node of this session, or None where there is none."""
    node = shutil.which("node")
    if node is None:
        return None
    started = subprocess.Popen(
        [node, "-e", NODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(started.communicate)  # the end of its input is its end
    return started


def ask_node(node, program, limit_s=120):
    """Return the `result` of a program."""
    watch = threading.Timer(limit_s, node.kill)
    watch.start()
    node.stdin.write(json.dumps(program + SEND) + "\n")
    node.stdin.flush()
    line = node.stdout.readline()
    watch.cancel()
    if not line:
        start_node.cache_clear()
        raise TimeoutError(f"Node gave no answer within {limit_s} s")
    kind, text = json.loads(line)
    assert kind == "result", text[-2000:]
    return text


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
    if node := start_node():
        return json.loads(ask_node(node, program))
    with open_browser() as browser:
        page = browser.new_page()
        result = page.evaluate(f"(() => {{{program} return result;}})()")
        page.close()
        return json.loads(result)


def js_core(*names: str):
    """Return a function that runs a body with the last module as `m`, the payload as `v`."""
    start = f"const m = ${names[-1]}, v = payload; "
    return lambda body, payload=None: run_js(names, start + body, payload)


def js_value(*names: str):
    """Return a function of an expression, with the last module as `m`, its keywords in `v`."""
    core = js_core(*names)
    return lambda expression, /, **values: core(f"return {expression};", values)


# ---- pages ---------------------------------------------------------------------------

_opened = []  # the browser of this session, once it is open


@contextmanager
def open_browser():
    """Start a headless Chromium, or lend the one that is open; skip with the reason."""
    if _opened:
        yield _opened[0]
        return
    playwright_api = pytest.importorskip("playwright.sync_api")
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium found: install one or set CHROMIUM to its path")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        _opened.append(browser)
        try:
            yield browser
        finally:
            _opened.clear()
            browser.close()


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
    try:
        yield page
    finally:
        context.close()
    assert not problems, problems


def too_wide(page):
    """Return by how many pixels a page can be scrolled sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


# ---- what a reader does and sees -----------------------------------------------------


def said(page):
    """Return the sentence below a demo."""
    return page.locator(".fnd-status > span").first.inner_text()


def reached(page):
    """Return how many challenges are marked as reached."""
    return page.locator(".fnd-done").count()


def is_kept(page, challenge):
    """Say whether the reader's browser keeps a challenge as reached."""
    return page.evaluate(f"(name) => Boolean({STORE}['challenge:' + name])", challenge)


def slide(page, name, key, times=1):
    """Move a slider by keys."""
    slider = page.get_by_role("slider", name=name, exact=True)
    for _ in range(times):
        slider.press(key)


def set_range(page, name, value):
    """Move a slider as a hand would: value and input event."""
    page.get_by_role("slider", name=name, exact=True).fill(str(value))
