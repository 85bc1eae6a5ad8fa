"""Settings for all tests: no network, no display, no writing into the home folder."""

import os
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
