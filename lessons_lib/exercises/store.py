"""The reader's own progress file: what `check` has seen, and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from lessons_lib.exercises.grading import CORRECT


def progress_path() -> Path | None:
    """Return where progress is kept, or None if `$LESSONS_PROGRESS` is empty.

    That is the file `$LESSONS_PROGRESS` names, else one in the user's data folder.
    """
    named = os.environ.get("LESSONS_PROGRESS")
    if named is not None:
        return Path(named).expanduser() if named else None
    if os.name == "nt":
        base = os.environ.get("APPDATA") or "~/AppData/Roaming"
    elif sys.platform == "darwin":
        base = "~/Library/Application Support"
    else:
        base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "from-neuron-to-diffusion" / "progress.json"


def read_progress(path: Path | str | None = None) -> dict[str, dict[str, Any]]:
    """Return {exercise name: {"status", "attempts", "updated"}}; empty without a file.

    Raises:
        ValueError: If there is a file and it does not hold progress.
    """
    path = progress_path() if path is None else Path(path).expanduser()
    if path is None or not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["exercises"]
        return {name: dict(entry) for name, entry in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} must hold progress written by check(), got something else: "
            "move it away to start anew"
        ) from error


def write_progress(name: str, status: str) -> str | None:
    """Note an attempt; once correct, an exercise stays correct.

    Returns:
        None, or one sentence that says why nothing was written. Nothing is raised.
    """
    path = progress_path()
    if path is None:
        return None
    try:
        known = read_progress(path)
        before = known.get(name, {})
        known[name] = {
            "status": CORRECT if before.get("status") == CORRECT else status,
            "attempts": int(before.get("attempts", 0)) + 1,
            "updated": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, json.dumps({"version": 1, "exercises": known}, indent=1))
    except (OSError, ValueError) as error:
        return f"Your progress was not saved: {error}"
    return None


def _replace(path: Path, text: str) -> None:
    """Write the file in one step, so that it is never half written."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
