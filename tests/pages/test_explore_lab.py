"""`explore` as readers meet it: in a real JupyterLab with a kernel, and on a page."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from lessons_lib.exercises.store import read_progress
from lessons_lib.explore import explore
from lessons_lib.site.browser import find_browser

pytestmark = pytest.mark.skipif(
    find_browser() is None,
    reason="no Chromium found: install one or set CHROMIUM to its path",
)

SETUP = """\
import matplotlib.pyplot as plt
from lessons_lib.explore import explore

def descend(lr, momentum, surface):
    print("not to be seen")
    distance, speed, path = 3.0, 0.0, []
    for _ in range(20):
        speed = momentum * speed + (2 if surface == "bowl" else 0.5) * distance
        distance -= lr * speed
        path.append(abs(distance))
    figure, ax = plt.subplots(figsize=(4, 2.5))
    ax.plot(path)
    ax.set(xlabel="step", ylabel="distance", ylim=(0, 3))
    return ax, {"distance": path[-1]}
"""
CALL = """\
explore(descend, lr=[0.01, 0.1, 0.3], momentum=[0.0, 0.5], surface=["bowl", "dish"],
        goal=("Come closer than 0.1.", lambda facts: facts["distance"] < 0.1),
        name="demo.lr", alt="Distance to the minimum over 20 steps.")
"""
START = "lr = 0.01, momentum = 0, surface = bowl: distance 2.003."


def notebook(*sources):
    """Return a notebook of code cells as JSON."""
    cells = [
        {"cell_type": "code", "id": f"cell-{i}", "metadata": {}, "outputs": [],
         "execution_count": None, "source": source}
        for i, source in enumerate(sources)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel}
    return json.dumps(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_lab(folder, python=sys.executable, *options):
    """Start JupyterLab on `folder` without a password, for this machine only."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = {
        name: str(folder / ".own" / name)
        for name in (
            "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR",
            "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR",
        )
    }  # fmt: skip
    environment = {**os.environ, **own, "OMP_NUM_THREADS": "1"}
    environment.pop("LESSONS_FRAMES", None)
    command = [
        python, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", *options,
    ]  # fmt: skip
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=log
    )
    try:
        deadline = time.monotonic() + 40
        while True:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=2).close()
                break
            except OSError:
                told = (folder / "server.log").read_text(errors="replace")[-1500:]
                assert server.poll() is None, told
                assert time.monotonic() < deadline, f"JupyterLab did not start: {told}"
                time.sleep(0.3)
        yield address
    finally:
        server.send_signal(signal.SIGTERM)  # it shuts its kernels down
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


def run_cells(tab, address):
    """Open the notebook and run both of its cells; return the output of the second."""
    tab.goto(f"{address}/lab/tree/explore.ipynb?reset")
    tab.locator("[data-status='idle']").first.wait_for(timeout=30_000)
    cells = tab.locator(".jp-Notebook .jp-CodeCell")
    for i in range(2):
        not_run = cells.nth(i).get_by_text("[ ]:", exact=True)
        deadline = time.monotonic() + 15
        while not_run.count():  # keys are lost while JupyterLab is still starting
            assert time.monotonic() < deadline, "the cell was not run"
            cells.nth(i).locator(".cm-content").click()
            # Not Shift+Enter: that takes the focus to the next cell, some time later.
            tab.keyboard.press("Control+Enter")
            tab.wait_for_timeout(1000)
    return cells.nth(1).locator(".jp-OutputArea")


def test_explore_in_jupyterlab(tmp_path, request):
    browser = request.getfixturevalue("browser")
    (tmp_path / "explore.ipynb").write_text(notebook(SETUP, CALL), encoding="utf-8")
    with running_lab(tmp_path) as address:
        context = browser.new_context(viewport={"width": 1200, "height": 1000})
        tab = context.new_page()
        operate(tab, run_cells(tab, address))
        context.close()
    assert read_progress()["challenge:demo.lr"]["status"] == "correct"


def operate(tab, output):
    """Move a slider by keyboard and a list by mouse; see picture, words, goal follow."""
    picture, status = output.locator("img"), output.get_by_role("status")
    status.get_by_text(START).wait_for(timeout=40_000)
    assert picture.count() == 1
    assert picture.get_attribute("alt").endswith(START)
    assert output.get_by_text("Goal.", exact=True).is_visible()
    first = picture.get_attribute("src")
    # The handle of ipywidgets 8, or of 7.
    handle = output.locator(".noUi-handle, .ui-slider-handle").first
    handle.press("ArrowRight")
    status.get_by_text("lr = 0.1, momentum = 0, surface = bowl").wait_for()
    assert picture.count() == 1
    second = picture.get_attribute("src")
    assert second != first
    assert "lr = 0.1" in picture.get_attribute("alt")
    output.get_by_text("Goal reached.", exact=True).wait_for()
    output.locator("select").select_option("dish")
    status.get_by_text("lr = 0.1, momentum = 0, surface = dish").wait_for()
    assert picture.get_attribute("src") not in (first, second)
    assert output.get_by_text("Goal reached.", exact=True).is_visible()
    assert "not to be seen" not in output.inner_text()
    assert picture.count() == 1


@pytest.fixture
def shown(monkeypatch):
    """Return what the call puts into a page."""
    monkeypatch.setenv("LESSONS_FRAMES", "1")
    names = {}
    exec(SETUP, names)
    return eval(CALL, {**names, "explore": explore})._repr_mimebundle_()


def write_page(folder, text, theme="light"):
    file = folder / f"{theme}.html"
    file.write_text(
        f'<!doctype html><html lang="en" data-theme="{theme}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>t</title></head><body><main>{text}</main></body></html>",
        encoding="utf-8",
    )
    return file.as_uri()


def test_explore_on_a_page(tmp_path, request, shown):
    browser = request.getfixturevalue("browser")
    assert set(shown) == {"text/html", "text/plain"}
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 800})
    tab, errors = context.new_page(), []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda r: errors.append(r.url) if "http" in r.url else None)
    tab.goto(write_page(tmp_path, shown["text/html"]))
    picture, status = tab.locator("img.lesson-figure"), tab.locator(".fnd-status")
    tab.get_by_role("slider", name="lr").wait_for()
    assert picture.get_attribute("alt").endswith(START)
    assert status.inner_text().startswith(START)
    assert tab.locator(".fnd-challenge").inner_text().startswith("○")
    first = picture.get_attribute("src")
    assert first.startswith("data:image/webp;base64,")
    tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowRight")
    assert status.inner_text().startswith("lr = 0.1, momentum = 0, surface = bowl")
    assert tab.get_by_role("slider", name="lr").get_attribute("aria-valuetext") == "0.1"
    assert picture.get_attribute("src") != first
    assert "lr = 0.1" in picture.get_attribute("alt")
    assert tab.locator(".fnd-challenge").inner_text().startswith("✓")
    store = json.loads(tab.evaluate("localStorage['from-neuron-to-diffusion']"))
    assert store == {"challenge:demo.lr": True}
    tab.get_by_role("combobox", name="surface").select_option("dish")
    assert status.inner_text().startswith("lr = 0.1, momentum = 0, surface = dish")
    width = "document.documentElement.scrollWidth"
    assert tab.evaluate(f"{width} <= innerWidth")
    assert errors == []
    context.close()


def test_every_combination_shows_its_own_picture(tmp_path, request, shown):
    browser = request.getfixturevalue("browser")
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(write_page(tmp_path, shown["text/html"]))
    tab.get_by_role("slider", name="lr").wait_for()
    seen = tab.evaluate("""async () => {
      const [lr, momentum] = document.querySelectorAll("input[type=range]");
      const surface = document.querySelector("select");
      const image = document.querySelector("img.lesson-figure");
      const seen = [];
      const set = (node, value, type) => {
        node.value = value; node.dispatchEvent(new Event(type));
      };
      for (let a = 0; a < 3; a += 1) for (let b = 0; b < 2; b += 1) {
        for (let c = 0; c < 2; c += 1) {
          set(lr, a, "input"); set(momentum, b, "input"); set(surface, c, "change");
          await image.decode();
          seen.push([image.alt, image.src, image.naturalWidth]);
        }
      }
      return seen;
    }""")
    words = [
        f"lr = {lr}, momentum = {momentum}, surface = {surface}:"
        for lr in ("0.01", "0.1", "0.3")
        for momentum in ("0", "0.5")
        for surface in ("bowl", "dish")
    ]
    assert all(word in alt for word, (alt, _, _) in zip(words, seen, strict=True))
    assert len({source for _, source, _ in seen}) == 12
    assert {width for _, _, width in seen} == {800}
    context.close()


def test_plots_follow_a_dark_page(tmp_path, request, shown):
    browser = request.getfixturevalue("browser")
    context = browser.new_context()
    tab = context.new_page()
    look = "getComputedStyle(document.querySelector('img.lesson-figure')).filter"
    for theme, filtered in (("light", False), ("dark", True)):
        tab.goto(write_page(tmp_path, shown["text/html"], theme))
        tab.get_by_role("slider", name="lr").wait_for()
        assert ("invert(1)" in tab.evaluate(look)) == filtered
    context.close()


def test_picture_and_words_are_there_without_scripts(tmp_path, request, shown):
    browser = request.getfixturevalue("browser")
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(write_page(tmp_path, shown["text/html"]))
    assert tab.get_by_role("img").get_attribute("alt").endswith(START)
    assert tab.get_by_text(START).is_visible()
    context.close()
