"""What changes while `fit` runs: its history, its checkpoint, its line of progress."""

import dataclasses
import math
import os
import sys
import time
import zlib
from collections.abc import Iterable, Sized
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer, lr_scheduler

from lessons_lib import training_parts as parts

_READ_EVERY = 50  # steps between two looks at the losses: each look waits for the GPU
_REFRESH_S = 0.2  # the line of progress changes at most five times a second


@dataclasses.dataclass
class History:
    """What happened in training: one entry per epoch, `batch_loss` one per step.

    `val_loss` is empty without validation data; `val_accuracy` holds the metric.
    `best_epoch` counts from 1 (0: none was finished), `stopped` is "", "early" or
    "interrupted", `micro_batch` is 0 unless memory ran out.
    """

    train_loss: list[float] = dataclasses.field(default_factory=list)
    val_loss: list[float] = dataclasses.field(default_factory=list)
    val_accuracy: list[float] = dataclasses.field(default_factory=list)
    lr: list[float] = dataclasses.field(default_factory=list)
    seconds: list[float] = dataclasses.field(default_factory=list)
    batch_loss: list[float] = dataclasses.field(default_factory=list)
    best_epoch: int = 0
    stopped: str = ""
    micro_batch: int = 0
    metric: str = "accuracy"

    def __str__(self) -> str:
        """Return the newest epoch as one line of text."""
        parts = [f"loss {self.train_loss[-1]:.4g}"] if self.train_loss else []
        if self.val_loss:
            parts.append(f"val {self.val_loss[-1]:.4g}")
        if self.val_accuracy and not math.isnan(self.val_accuracy[-1]):
            value = self.val_accuracy[-1]
            percent = self.metric == "accuracy"
            shown = f"{100 * value:.1f} %" if percent else f"{value:.4g}"
            parts.append(f"{self.metric} {shown}")
        parts.append(f"{sum(self.seconds):.1f} s")
        return "  ".join(parts + ([f"stopped: {self.stopped}"] if self.stopped else []))


@dataclasses.dataclass
class Run:
    """What changes while a model learns, and the small steps around the loop."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: lr_scheduler.LRScheduler | None
    scaler: torch.amp.GradScaler
    order: torch.Generator
    place: parts.Place
    history: History
    best: dict[str, Tensor]
    unchecked: list[Tensor] | None
    line: "Line"
    unread: list[tuple[Tensor, int, float]] = dataclasses.field(default_factory=list)
    loss_sum: float = 0.0
    num_examples: int = 0
    lr: float = 0.0  # of the last step

    def within_memory(self, forward_backward, inputs, targets) -> Tensor:
        """Compute the batch at once, or in parts that are halved until they fit."""
        while True:
            size = self.history.micro_batch
            try:
                if not size:
                    return forward_backward(inputs, targets)
                pieces = zip(inputs.split(size), targets.split(size), strict=True)
                return sum(
                    forward_backward(*p, len(p[1]) / len(inputs)) for p in pieces
                )
            except RuntimeError as error:
                self.history.micro_batch = parts.smaller(size or len(inputs), error)
            self.optimizer.zero_grad()

    def clip_gradients(self, clip_norm: float) -> None:
        """Shorten the gradient, as it is without the scale of float16."""
        self.scaler.unscale_(self.optimizer)
        nn.utils.clip_grad_norm_(self.model.parameters(), clip_norm)

    def check_first(self, outputs, targets, loss_fn) -> None:
        """Check outputs and all targets once, before the first step."""
        if self.unchecked is not None:
            parts.check_outputs(outputs, loss_fn, targets, self.unchecked)
            self.unchecked = None

    def record(self, loss: Tensor, num_examples: int) -> None:
        """Leave the loss on the device; look at the losses only now and then."""
        self.lr = self.optimizer.param_groups[0]["lr"]
        self.unread.append((loss, num_examples, self.lr))
        is_due = self.line.is_due()
        if is_due or len(self.unread) >= _READ_EVERY:
            self.read_losses()
        if is_due:
            self.line.show(self.history)

    def read_losses(self) -> None:
        """Fetch the losses from the device, and stop at the first that is not finite."""
        unread, self.unread = self.unread, []
        values = torch.stack([entry[0] for entry in unread]).tolist() if unread else []
        for value, (_, num_examples, lr) in zip(values, unread, strict=True):
            self.history.batch_loss.append(value)
            self.loss_sum += value * num_examples
            self.num_examples += num_examples
            if not math.isfinite(value):
                self.fail(f"loss became {value}", lr)

    def fail(self, what: str, lr: float) -> None:
        """Stop and say where; `fit` gives the model its good weights back."""
        step, epoch = len(self.history.batch_loss), len(self.history.seconds) + 1
        raise FloatingPointError(
            f"{what} at step {step} (epoch {epoch}), lr {lr:g}: try lr={lr / 10:g} or "
            "clip_norm=1.0, and look for nan in the data; the model has its last good "
            "weights again"
        )

    def end_epoch(self, result, seconds: float, keep_best: bool, patience) -> None:
        """Write the epoch into the history, and keep its weights if they are better."""
        history, lr = self.history, self.lr
        remedy = "pass tensors, a list or a DataLoader, not a generator that runs once"
        parts.require(self.num_examples, "train", "batches every epoch", "none", remedy)
        # The last step can ruin the weights after the last training loss was computed.
        if result and not math.isfinite(result.loss):
            self.fail(f"validation loss became {result.loss}", lr)
        if not result and not parts.are_finite(self.model):
            self.fail("weights became nan or infinite", lr)
        history.train_loss.append(self.loss_sum / self.num_examples)
        self.loss_sum, self.num_examples = 0.0, 0
        if result:
            history.val_loss.append(result.loss)
            history.val_accuracy.append(result.accuracy)
        history.lr.append(lr)
        history.seconds.append(seconds)
        scores = history.val_loss or history.train_loss
        if scores[-1] < min(scores[:-1], default=math.inf):
            history.best_epoch = len(scores)
        if history.best_epoch == len(scores) or not keep_best:
            self.best = parts.weights(self.model)
        if patience and len(scores) - history.best_epoch >= patience:
            history.stopped = "early"

    def state(self) -> dict:
        """Return everything that the next epoch depends on."""
        return {
            "model": self.model.state_dict(),
            "best": self.best,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict() if self.schedule else {},
            "scaler": self.scaler.state_dict(),
            "order": self.order.get_state(),
            "random": parts.random_state(self.place.device),
            "history": dataclasses.asdict(self.history),
        }

    def load_state(self, state: dict | None) -> None:
        """Go on from what `state` returned; from the start if there is nothing."""
        if state is None:
            return
        self.model.load_state_dict(state["best"])  # moves the copy to the device
        self.best = parts.weights(self.model)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.schedule:
            self.schedule.load_state_dict(state["schedule"])
        self.scaler.load_state_dict(state["scaler"])
        self.order.set_state(state["order"])
        parts.set_random_state(state["random"], self.place.device)
        self.history = History(**state["history"])
        print(f"Resumed after epoch {len(self.history.seconds)}.")


def describe(value: Any) -> str:
    """Return a text that tells two settings, models or data sets apart."""
    if isinstance(value, nn.Module):
        shapes = {
            name: tuple(v.shape)
            for name, v in value.state_dict().items()
            if isinstance(v, Tensor)
        }
        return f"{type(value).__name__} {zlib.crc32(repr(shapes).encode()):08x}"
    if isinstance(value, Optimizer):
        how = ("fused", "foreach", "capturable", "differentiable")
        rest = {key: v for key, v in value.defaults.items() if key not in how}
        return f"{type(value).__name__} {rest}"
    if parts.is_tensors(value):
        crc = 0
        for part in value:
            some = part[:256].detach().cpu().contiguous().flatten()
            crc = zlib.crc32(some.view(torch.uint8).numpy(), crc)
        return f"{tuple(value[0].shape)} {crc:08x}"
    if callable(value):
        return getattr(value, "__qualname__", type(value).__name__)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return (
            f"{type(value).__name__} {len(value) if isinstance(value, Sized) else ''}"
        )
    return str(value)


class Checkpoint:
    """A file from which training goes on exactly, and never a half-written one."""

    def __init__(self, path: str | os.PathLike, arguments: dict[str, Any]) -> None:
        """Remember the file, and what `fit` was called with."""
        self.path = Path(path)
        free = ("checkpoint", "device", "progress")
        self.settings = {k: describe(v) for k, v in arguments.items() if k not in free}

    def save(self, state: dict[str, Any]) -> None:
        """Write to a temporary file first: a kill leaves the old file or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(self.path.name + ".partial")
        with partial.open("wb") as file:
            torch.save({"settings": self.settings, "state": state}, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.path)

    def load(self) -> dict[str, Any] | None:
        """Return the saved state, or None where there is no file yet."""
        if not self.path.exists():
            return None
        remedy = "delete the file to start again, or name another one"
        try:
            saved = torch.load(self.path, map_location="cpu", weights_only=True)
            settings, state = saved["settings"], saved["state"]
        except Exception as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise ValueError(
                f"checkpoint {self.path} cannot be read ({reason[0]:.80}): {remedy}"
            ) from error
        for name, now in self.settings.items():
            if settings.get(name) != now:
                raise ValueError(
                    f"checkpoint {self.path} must be of the same training, but was made "
                    f"with {name}={settings.get(name)}, got {name}={now}: {remedy}"
                )
        return state


class Line:
    """One line of progress, changed in place: HTML in notebooks, text in terminals."""

    def __init__(self, wanted: bool, num_epochs: int, total_steps: int) -> None:
        """Find out where the line can be shown; nowhere, if it is not wanted."""
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython else None
        self.in_notebook = wanted and getattr(shell, "kernel", None) is not None
        self.in_terminal = wanted and not self.in_notebook and sys.stdout.isatty()
        self.num_epochs, self.total_steps = num_epochs, total_steps
        self.handle = None
        self.next_s = -math.inf if self.in_notebook or self.in_terminal else math.inf

    def is_due(self) -> bool:
        """Say whether the line may change again; never if there is none."""
        return time.monotonic() >= self.next_s

    def show(self, history, *, is_last: bool = False) -> None:
        """Show how far training is. Words and numbers say it, never colour alone."""
        self.next_s = (
            time.monotonic() + _REFRESH_S if self.next_s < math.inf else math.inf
        )
        num_done, num_steps = len(history.seconds), len(history.batch_loss)
        done = num_steps / self.total_steps if self.total_steps else 0.0
        blocks = 10 if is_last else min(10, int(10 * done))
        bar = "█" * blocks + "░" * (10 - blocks)
        if is_last:
            text = f"epoch {num_done}/{self.num_epochs}  {bar}  {history}"
        else:
            loss = f"loss {history.batch_loss[-1]:.4g}" if num_steps else ""
            before = f"  (epoch {num_done}: {history})" if num_done else ""
            text = f"epoch {num_done + 1}/{self.num_epochs}  {bar}  {loss}{before}"
        if self.in_terminal:
            print(f"\r{text}\x1b[K", end="\n" if is_last else "", flush=True)
        elif self.in_notebook:
            self._display(text, bar)

    def _display(self, text: str, bar: str) -> None:
        from IPython.display import display  # only where a notebook runs

        hidden = (
            f'<span aria-hidden="true">{bar}</span>'  # not read aloud block by block
        )
        style = "font-family:monospace;white-space:pre-wrap"
        html = f'<div style="{style}">{text.replace(bar, hidden)}</div>'
        data = {"text/plain": text, "text/html": html}
        if self.handle is None:
            self.handle = display(data, raw=True, display_id=True)
        else:
            self.handle.update(data, raw=True)
