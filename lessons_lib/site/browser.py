"""Find the browser that the page tests drive, or install one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Return the path of a Chromium: ``$CHROMIUM``, one on PATH, or Playwright's own."""
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110


def install_browser() -> str | None:
    """Install a Chromium by Debian's packages or by Playwright; return its path."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if shutil.which("apt-get") and is_root:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        quiet = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        packages = ["chromium", "fonts-dejavu-core"]
        subprocess.run([*quiet, *packages], check=False, env=environment,
                       stdout=subprocess.DEVNULL)
    if not find_browser():
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, check=False)
    return find_browser()


if __name__ == "__main__":
    if not (find_browser() or install_browser()):
        sys.exit("The page tests need Chromium and none could be installed: run "
                 "'apt-get install chromium', or set CHROMIUM to its path.")
