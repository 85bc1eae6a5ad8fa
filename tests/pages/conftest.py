"""A browser for all page tests, and the built site that they read."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from lessons_lib.site.browser import find_browser

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("BOOK_HTML", ROOT / "_build" / "html"))
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# What Chromium says of a file that it still read when the page was left. A file that is
# missing is net::ERR_FILE_NOT_FOUND, one from the network ERR_INTERNET_DISCONNECTED.
LEFT_EARLY = "net::ERR_ABORTED"


def page_names():
    """Return every built page, relative to the site."""
    return sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))


@pytest.fixture(scope="session")
def site():
    assert (SITE / "index.html").exists(), "build the site first: make book"
    return SITE


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=FLAGS
        )
        yield browser
        browser.close()


class Visit:
    """A tab without network that remembers what went wrong in it."""

    def __init__(self, browser, width=1440, theme="light"):
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            reduced_motion="reduce",
            offline=True,
            accept_downloads=True,
        )
        self.tab = self.context.new_page()
        self.errors, self.loaded = [], set()
        self.tab.on("console", self._console)
        self.tab.on("pageerror", lambda error: self.errors.append(f"script: {error}"))
        self.tab.on("request", self._request)
        self.tab.on("requestfailed", self._failed)

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(f"console: {message.text}")

    def _request(self, request):
        if request.url.startswith("file:"):
            self.loaded.add(request.url.split("?")[0].split("#")[0])
        elif not request.url.startswith(("data:", "blob:")):
            self.errors.append(f"foreign request: {request.url}")

    def _failed(self, request):
        if request.failure != LEFT_EARLY:
            self.errors.append(f"not loaded: {request.url} ({request.failure})")

    def open(self, name, query=""):
        """Open one page of the site from the folder."""
        self.errors.clear()
        self.loaded.clear()
        self.tab.goto((SITE / name).as_uri() + query)
        return self.tab


@pytest.fixture(scope="session")
def desk(browser):
    """Return a wide tab in the light theme."""
    visit = Visit(browser)
    yield visit
    visit.context.close()


@pytest.fixture(scope="session")
def phone(browser):
    """Return a narrow tab in the dark theme."""
    visit = Visit(browser, 390, "dark")
    yield visit
    visit.context.close()


@pytest.fixture
def fresh(browser):
    """Return a wide tab with an empty storage."""
    visit = Visit(browser)
    yield visit
    visit.context.close()
