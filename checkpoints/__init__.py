"""Training that takes longer than a lesson has: `make checkpoints`.

One module for each file of weights, with a function `train(work: Path)` that returns
the trained state_dict and a dictionary of what it did. What they share is here.
"""

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable
from math import cos, pi
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lessons_lib import weights

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "_build" / "checkpoints"  # what an interrupted training goes on from
LARGEST = 1_500_000  # bytes


class Clock:
    """Measure what a training costs, over all of its interruptions."""

    def __init__(self, cpu_s: float = 0.0, wall_s: float = 0.0) -> None:
        """Go on from the seconds of an earlier run."""
        self.start = time.process_time() - cpu_s, time.perf_counter() - wall_s

    def read(self) -> dict[str, float]:
        """Return seconds of processor time, and by the clock on the wall."""
        return {
            "cpu_s": round(time.process_time() - self.start[0], 1),
            "wall_s": round(time.perf_counter() - self.start[1], 1),
        }


def rise_and_fall(done: float, first: float) -> float:
    """Return the share of the learning rate after the share `done` of the steps.

    It rises from `first` over about a twentieth of them, and falls to 0 along a cosine.
    """
    return min(1, 20 * done + first) * (0.5 + 0.5 * cos(pi * done))


def halve(model: nn.Module) -> dict[str, torch.Tensor]:
    """Round the weights to float16, so that a model is judged as it will be stored."""
    state = {key: value.half().float() for key, value in model.state_dict().items()}
    model.load_state_dict(state)
    return state


def train_resumable(
    path: Path,
    parts: dict[str, Any],
    num_steps: int,
    do_step: Callable[[int], float],
    *,
    save_every: int = 200,
    report: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Call `do_step(k)` for k = 0 ... num_steps - 1, and survive interruptions.

    After every `save_every` steps the state of all parts, of the random numbers and of
    the clock is written to `path`. The same call goes on from there and ends with the
    same weights as without an interruption.

    Args:
        path: File of the unfinished training; removed by the caller at the end.
        parts: Whatever has `state_dict` and `load_state_dict`: model, optimizer.
        num_steps: Steps in all.
        do_step: One step of training; returns its loss.
        save_every: Steps between two savings.
        report: Gets one line at each saving.

    Returns:
        cpu_s, wall_s, steps, and `loss`: the mean of the last `save_every` steps.

    Raises:
        ValueError: If `path` holds a training with another number of steps.
    """
    first, clock, losses = 0, Clock(), []
    if path.exists():
        saved = torch.load(path, map_location="cpu", weights_only=True)
        if saved["num_steps"] != num_steps:
            raise ValueError(
                f"{path} belongs to a training of {saved['num_steps']} steps, not "
                f"{num_steps}: delete it to begin again"
            )
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        torch.set_rng_state(saved["random"])
        first, losses = saved["step"], saved["losses"]
        clock = Clock(**saved["clock"])
        report(f"resumed after step {first}")
    for k in range(first, num_steps):
        losses = [*losses[1 - save_every :], do_step(k)]
        if (k + 1) % save_every == 0 or k + 1 == num_steps:
            saved = {name: part.state_dict() for name, part in parts.items()}
            saved |= {"num_steps": num_steps, "step": k + 1, "losses": losses}
            saved |= {"random": torch.get_rng_state(), "clock": clock.read()}
            partial = path.with_suffix(".partial")  # never half a file
            partial.parent.mkdir(parents=True, exist_ok=True)
            torch.save(saved, partial)
            partial.replace(path)
            loss = sum(losses) / len(losses)
            report(f"step {k + 1:6,} of {num_steps:,}: loss {loss:.4f}, {clock.read()}")
    loss = sum(losses) / len(losses)
    return {**clock.read(), "steps": num_steps, "loss": round(loss, 4)}


def write_weights(
    name: str,
    state: dict[str, torch.Tensor],
    about: dict[str, Any],
    folder: Path | None = None,
) -> Path:
    """Write a state_dict in float16, and what is known about it with its SHA-256.

    Raises:
        ValueError: If the weights are not finite in float16, or the file is too large.
    """
    folder = folder or weights.FOLDER
    halves = {key: value.detach().cpu().half() for key, value in state.items()}
    for key, value in halves.items():
        if not value.isfinite().all():
            raise ValueError(f"{key} must be finite in float16, but it is not")
    path = folder / f"{name}.pt"
    partial = path.with_suffix(".partial")
    torch.save(halves, partial)
    if partial.stat().st_size > LARGEST:
        size = partial.stat().st_size
        partial.unlink()
        raise ValueError(f"{path} may have {LARGEST:,} bytes, got {size:,}")
    partial.replace(path)
    record = {
        "name": name,
        **about,
        "parameters": sum(value.numel() for value in halves.values()),
        "bytes": path.stat().st_size,
        "torch": torch.__version__,
        "machine": describe_machine(),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    path.with_suffix(".json").write_text(text, encoding="utf-8")
    return path


def describe_machine() -> str:
    """Return kind of processor and threads in words, without the machine's name."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    threads = torch.get_num_threads()
    return f"{name}, {os.cpu_count()} cores seen, {threads} thread(s) used"
