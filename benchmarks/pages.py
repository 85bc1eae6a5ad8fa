"""A built lesson beside the same lesson built with Jupyter Book's own settings.

Needs `make book` and Chromium. Run: `python -m benchmarks.pages`.
"""

import gzip
import http.server
import mimetypes
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlparse

import nbformat

from benchmarks.book import JUPYTER_BOOK
from benchmarks.browser import Missing, chromium
from benchmarks.report import run
from benchmarks.timing import Row, compare, row, take_turns

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
CACHE = ROOT / "_build" / "lesson_cache"
LESSON = "foundations/networks"
CONFIG = 'title: Plain\nexecute:\n  execute_notebooks: "off"\n'
# Without the picture format that this project's package adds to every build.
PLAIN = "import myst_nb.core.render as r; r.load_mime_renders = list; " + JUPYTER_BOOK
CONTROL = ".fnd-playground button"  # the Playground's, on both pages
# A telephone on a slow connection: 1.6 Mbit/s down, 150 ms.
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
# Remembers when the demo's control came and when the last task over 50 ms ended.
WATCH = """
window.seen = { control: 0, busy: 0 };
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) seen.busy = task.startTime + task.duration;
}).observe({ type: "longtask", buffered: true });
requestAnimationFrame(function look() {
  if (document.querySelector("CONTROL")) seen.control = performance.now();
  else requestAnimationFrame(look);
});
""".replace("CONTROL", CONTROL)
TIMES = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return { paint: paint.startTime, control: seen.control, busy: seen.busy };
}"""


# ---- both sites ----------------------------------------------------------------------


def executed_lesson():
    """Return the lesson with the outputs that the book's pages show."""
    from jupyter_cache import get_cache

    notebook = nbformat.read(ROOT / "book" / f"{LESSON}.ipynb", as_version=4)
    try:
        return get_cache(CACHE).merge_match_into_notebook(notebook)[1]
    except KeyError:
        raise Missing("the lesson is not executed: run `make book` first") from None


def build_plain(folder: Path) -> Path:
    """Build the executed lesson with Jupyter Book's own settings; return its site."""
    name = Path(LESSON).name
    nbformat.write(executed_lesson(), folder / f"{name}.ipynb")
    (folder / "_config.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "_toc.yml").write_text(
        f"format: jb-book\nroot: {name}\n", encoding="utf-8"
    )
    command = [sys.executable, "-c", PLAIN, "build", str(folder)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise Missing(f"the default build failed: {done.stdout[-500:]}")
    return folder / "_build" / "html"


@cache
def content(path: Path) -> tuple[bytes, str, bool]:
    """Return a file as a server sends it: text compressed, pictures as they are."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or path.suffix in (".js", ".svg", ".json")
    data = path.read_bytes()
    return (gzip.compress(data, 6) if is_text else data), kind, is_text


class Handler(http.server.BaseHTTPRequestHandler):
    """Sends files, compressed, and says nothing."""

    protocol_version = "HTTP/1.1"
    root = SITE

    def do_GET(self) -> None:
        path = self.root / unquote(urlparse(self.path).path).lstrip("/")
        if not path.is_file():
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        data, kind, is_compressed = content(path)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if is_compressed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args) -> None:
        pass


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve a folder on this machine; yield its address."""
    handler = type("Handler", (Handler,), {"root": root})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


# ---- one visit -----------------------------------------------------------------------


def visit(browser, address: str, is_slow: bool) -> dict[str, float]:
    """Open a page with an empty cache; return times in ms, bytes and requests."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    foreign: list[str] = []

    def refuse(route) -> None:
        foreign.append(route.request.url)
        route.abort()

    context.route(lambda url: not url.startswith(("http://127.0.0.1", "data:")), refuse)
    session = context.new_cdp_session(tab)
    session.send("Network.enable")
    if is_slow:
        session.send("Network.emulateNetworkConditions", SLOW)
    received: list[float] = []
    loaded = "Network.loadingFinished"
    session.on(loaded, lambda event: received.append(event["encodedDataLength"]))
    tab.add_init_script(WATCH)
    tab.goto(address, wait_until="load", timeout=120_000)
    tab.locator(CONTROL).first.wait_for(state="attached", timeout=60_000)
    tab.wait_for_timeout(500)
    times = tab.evaluate(TIMES)
    context.close()
    return {
        "paint": times["paint"],
        "interactive": max(times["control"], times["busy"]),
        "kilobytes": sum(received) / 1000,
        "requests": len(received) + len(foreign),
        "foreign": len(foreign),
    }


def measure_with(browser, folder: Path, rounds: int) -> list[Row]:
    """Visit both pages in turn, at full speed and over a slow connection."""
    page = f"{LESSON}.html"
    if not (SITE / page).exists():
        raise Missing("the book is not built: run `make book` first")
    rows = []
    plain_site = build_plain(folder)
    with served(SITE) as ours, served(plain_site) as plain:
        both = f"{ours}/{page}", f"{plain}/{Path(page).name}"
        for is_slow, how in (
            (False, "from this machine"),
            (True, "1.6 Mbit/s, 150 ms"),
        ):
            sides = (lambda a=a, s=is_slow: visit(browser, a, s) for a in both)
            mine, theirs = take_turns(*sides, rounds)
            pick = lambda key, m=mine, t=theirs: compare(  # noqa: E731
                [x[key] for x in m], [max(1, x[key]) for x in t]
            )
            if not is_slow:
                rows += weight_rows(pick, mine[0]["foreign"], theirs[0]["foreign"])
            rows += [
                row(f"first paint, {how}", pick("paint").inverse(), unit="ms"),
                row(f"demo can be used, {how}", pick("interactive").inverse(), unit="ms",
                    note="the Playground's controls are there, and no task over 50 ms runs"),
            ]  # fmt: skip
    return rows


def weight_rows(pick, our_foreign: int, plain_foreign: int) -> list[Row]:
    """Return bytes and requests."""
    note = f"to other hosts: {our_foreign} and {plain_foreign}, refused here"
    return [
        row("received when opened, compressed", pick("kilobytes").inverse(), unit="KB",
            note="without what is loaded on scrolling"),
        row("requests when opened", pick("requests").inverse(), unit="", note=note),
    ]  # fmt: skip


def measure(rounds: int = 5) -> list[Row]:
    try:
        with tempfile.TemporaryDirectory() as folder, chromium() as browser:
            return measure_with(browser, Path(folder), rounds)
    except Missing as error:
        return [Row(LESSON, note=f"not measured: {error}")]


if __name__ == "__main__":
    run("pages", measure)
