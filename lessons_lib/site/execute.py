"""Execute lessons two side by side and keep the results for the page build.

``python -m lessons_lib.site.execute book/foundations/neuron.ipynb ...`` runs each lesson
whose code has changed since it last ran here. When the library, the data folder or the
version of PyTorch changes, every lesson runs again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution

from lessons_lib.site.address import ROOT

CACHE = ROOT / "_build" / "lesson_cache"
TIMEOUT_S = 300  # for one cell; a whole lesson is meant to take 45 s
SIDE_BY_SIDE = min(2, os.cpu_count() or 1)


def fingerprint() -> str:
    """Return a digest of everything but the lesson that its outputs depend on."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "lessons_lib").rglob("*")):
        if path.suffix in (".py", ".js", ".css") and "site" not in path.parts:
            digest.update(path.read_bytes())
    for name in ("torch", "numpy", "matplotlib", "scikit-learn"):
        digest.update(f"{name} {version(name)}".encode())
    digest.update(os.environ.get("LESSONS_DATA", "").encode())
    return digest.hexdigest()


def open_cache():
    """Return the cache of executed lessons, emptied if the fingerprint changed."""
    mark = CACHE / "fingerprint"
    if not mark.exists() or mark.read_text(encoding="utf-8") != fingerprint():
        shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    mark.write_text(fingerprint(), encoding="utf-8")
    return get_cache(CACHE)


def execute(path: Path):
    """Run one lesson in a kernel of its own."""
    notebook = nbformat.read(path, as_version=4)
    return single_nb_execution(
        notebook, cwd=str(path.parent), timeout=TIMEOUT_S, allow_errors=False
    )


def main(names: list[str]) -> int:
    """Execute the lessons that are not in the cache; return the number that failed."""
    os.environ["OMP_NUM_THREADS"] = "1"  # kernels inherit it: one thread each
    os.environ["LESSONS_FRAMES"] = "1"  # `explore` draws every frame for the page
    os.environ.setdefault("LESSONS_PROGRESS", os.devnull)  # the reader's stays as it is
    cache = open_cache()
    paths = [Path(name).resolve() for name in names]
    todo = [path for path in paths if not _is_cached(cache, path)]
    print(f"{len(paths)} lessons, {len(todo)} to execute", flush=True)
    failures = 0
    start = time.perf_counter()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = {pool.submit(execute, path): path for path in todo}
        for done in as_completed(running):
            path, result = running[done], done.result()
            if result.err:
                failures += 1
                print(f"FAILED {path.relative_to(ROOT)}\n{result.err}", flush=True)
                continue
            bundle = CacheBundleIn(
                result.nb, str(path), data={"execution_seconds": result.time}
            )
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            print(f"  {result.time:5.1f} s  {path.relative_to(ROOT)}", flush=True)
    if todo:
        print(f"executed in {time.perf_counter() - start:.0f} s", flush=True)
    return failures


def _is_cached(cache, path: Path) -> bool:
    try:
        cache.match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
