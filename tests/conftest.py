"""Settings for all tests: no network, no display, no writing into the home folder."""

import os
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "agg")

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory, monkeypatch):
    """Keep the reader's cache and progress out of the tests, and the tests out of them."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("LESSONS_PROGRESS", str(home / "progress.json"))
    monkeypatch.setenv("LESSONS_OFFLINE", "1")
    monkeypatch.delenv("LESSONS_DEVICE", raising=False)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def chromium():
    """Return the one headless Chromium of this session, or skip the test."""
    from demo_tools import open_browser

    with open_browser() as opened:
        yield opened


@pytest.fixture
def show_demo(chromium, tmp_path):
    """Return a function that opens a demo on a page that is watched for errors.

    Every page has a storage of its own, and at the end it must not scroll sideways.
    """
    from demo_tools import too_wide, watched_page, write_page

    with ExitStack() as stack:
        pages = []

        def open_demo(demo, width=1000, dark=False, **options):
            theme, name = "dark" if dark else "light", f"page{len(pages)}"
            address = write_page(tmp_path, demo.html(), theme=theme, name=name)
            size = {"width": width, "height": 900}
            page = stack.enter_context(watched_page(chromium, viewport=size, **options))
            page.goto(address)
            if options.get("java_script_enabled", True):
                page.wait_for_selector(".fnd-status")
            pages.append(page)
            return page

        yield open_demo
        assert [too_wide(page) for page in pages] == [0] * len(pages)
