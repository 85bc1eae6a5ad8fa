"""Training that a reader can follow: `fit` is the loop of the lesson `pytorch`."""

import copy
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from math import cos, inf, isfinite, nan, pi
from operator import length_hint
from pathlib import Path
from typing import NamedTuple

import torch
from IPython import get_ipython
from IPython.display import display
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR, OneCycleLR

from lessons_lib.device import get_precision


class Evaluation(NamedTuple):
    """Mean loss, and share of right answers (nan where targets are not classes)."""

    loss: float
    accuracy: float


@dataclass
class History:
    """What happened: one entry per epoch, in `batch_loss` one per step."""

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)  # empty without val
    val_accuracy: list[float] = field(default_factory=list)  # or the metric
    lr: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    batch_loss: list[float] = field(default_factory=list)
    best_epoch: int = 0  # counts from 1; 0: none was finished
    stopped: str = ""  # or "early", "interrupted"
    micro_batch: int = 0  # above 0: memory ran out, batches were computed in parts

    def __str__(self) -> str:
        """Return the newest numbers as one line of text."""
        lists = {"loss": self.train_loss or self.batch_loss, "val loss": self.val_loss}
        lists["accuracy"] = [value for value in self.val_accuracy if value == value]
        text = [f"{name} {values[-1]:.4g}" for name, values in lists.items() if values]
        return "  ".join([*text, f"{sum(self.seconds):.1f} s", self.stopped]).rstrip()


def batches(
    inputs: Tensor, targets: Tensor, batch_size: int, *, shuffle: bool = True,
    generator: torch.Generator | None = None, drop_last: bool = False,
) -> Iterator[tuple[Tensor, Tensor]]:  # fmt: skip
    """Yield `(inputs, targets)` in batches, from tensors that are on their device.

    With `shuffle` in a new random order, drawn from `generator` (on the CPU). The last
    batch may be smaller; `drop_last` leaves it out.
    """
    num = len(inputs)
    order = torch.randperm(num, generator=generator) if shuffle else torch.arange(num)
    order = order[: num - num % batch_size] if drop_last else order
    for chosen in order.to(inputs.device).split(batch_size) if len(order) else ():
        # On a CPU 20 times faster than inputs[chosen], targets[chosen].
        yield inputs.index_select(0, chosen), targets.index_select(0, chosen)


def fit(
    model: nn.Module, train: Iterable, *, val: Iterable | None = None,
    loss_fn: Callable = F.cross_entropy, optimizer: torch.optim.Optimizer | None = None,
    lr: float = 1e-3, num_epochs: int = 3, batch_size: int = 256,
    schedule: str | Callable | None = None, clip_norm: float | None = None,
    patience: int | None = None, keep_best: bool = True, channels_last: bool = False,
    augment: Callable | None = None, precision: torch.dtype | None = None,
    checkpoint: str | Path | None = None, device: torch.device | str | None = None,
    seed: int = 0, progress: bool = True, metric: Callable | None = None,
) -> History:  # fmt: skip
    """Train a model: the loop of the lesson `pytorch` and what real training needs.

    Ctrl-C ends training and keeps what was learned. If memory runs out, batches are
    split. A loss that is not finite gives the model its best weights back and raises.

    Args:
        model: trained in place, and left in training mode.
        train: `(inputs, targets)`, moved to the device once, or a DataLoader or list.
        val: data of the same kind, evaluated after each epoch.
        loss_fn: `loss_fn(outputs, targets)`, a mean over the batch.
        optimizer: default AdamW with `lr`. Your own keeps its own learning rate.
        lr: learning rate; with a schedule the highest one.
        num_epochs: how often all examples are seen.
        batch_size: examples in a step (a DataLoader brings its own batches).
        schedule: "one_cycle", "cosine" or `(optimizer, total_steps) -> scheduler`.
        clip_norm: shorten the gradient to this length where it is longer.
        patience: stop after so many epochs without a better validation loss.
        keep_best: end with the weights of the epoch with the lowest validation loss.
        augment: changes the inputs of a training batch; use random numbers of torch.
        precision: torch.bfloat16, float16 or float32; default `get_precision(device)`.
        channels_last: store weights with channels last, faster for most CNNs.
        checkpoint: file written after each epoch; the same call goes on from it.
        device: where to train; default where the model is.
        seed: of dropout, and of the order: `torch.Generator().manual_seed(seed)`.
        progress: show one line of progress, in notebooks and terminals.
        metric: `metric(outputs, targets)`, a mean over the batch, in place of accuracy.
    """
    params = [param for param in model.parameters() if param.requires_grad]
    _require(params, "model", "a module with parameters that learn", model)
    _require(0 < lr < inf, "lr", "a number above 0, for example 1e-3", lr)
    _require(num_epochs >= 1, "num_epochs", "a whole number above 0", num_epochs)
    _require(batch_size >= 1, "batch_size", "a whole number above 0", batch_size)
    device = torch.device(device or params[0].device)
    layout = torch.channels_last if channels_last else torch.preserve_format
    model.to(device, memory_format=layout)
    precision = precision or get_precision(device)
    is_mixed = precision != torch.float32
    autocast = torch.autocast(device.type, precision) if is_mixed else nullcontext()
    scaler = torch.amp.GradScaler(device.type, 1024.0, enabled=precision == torch.half)
    order = torch.Generator().manual_seed(seed)
    train = _Loader(train, device, batch_size, order)
    val = None if val is None else _Loader(val, device, batch_size)
    loss_fn = _checked(loss_fn, train, val)
    total_steps = num_epochs * train.num_batches
    optimizer = optimizer or torch.optim.AdamW(params, lr=lr, fused=True)
    scheduler = schedule and _make_scheduler(schedule, optimizer, total_steps)
    history, best = History(), copy.deepcopy(model.state_dict())
    show = _progress_line(progress, num_epochs, total_steps)
    parts = [x for x in (model, optimizer, scaler, scheduler) if x is not None]
    settings = {
        "lr": lr, "num_epochs": num_epochs, "batch_size": batch_size, "seed": seed,
        "clip_norm": clip_norm, "patience": patience, "precision": str(precision),
        "schedule": str(schedule)[:9], "optimizer": type(optimizer).__name__,
        "total_steps": total_steps, "model": [list(param.shape) for param in params],
    }  # fmt: skip
    if checkpoint and Path(checkpoint).exists():
        states, order_state, best, old_history = _load(checkpoint, settings)
        for part, state in zip(parts, states, strict=True):
            part.load_state_dict(state)
        order.set_state(order_state)
        history = History(**old_history)
        print(f"Resumed after epoch {len(history.seconds)}.")
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        try:
            while len(history.seconds) < num_epochs and not history.stopped:
                started = time.perf_counter()
                random = torch.default_generator if device.type == "cpu" else torch
                random.manual_seed(seed * num_epochs + len(history.seconds))
                loss, last_lr = _train_epoch(
                    model, train, loss_fn, optimizer, scheduler, scaler, autocast,
                    augment, clip_norm, history, show,
                )  # fmt: skip
                if val is not None:
                    val.batch_size = history.micro_batch or batch_size
                    with autocast:
                        result = evaluate(model, val, loss_fn=loss_fn, metric=metric)
                    history.val_loss.append(result.loss)
                    history.val_accuracy.append(result.accuracy)
                history.train_loss.append(loss)
                history.lr.append(last_lr)
                history.seconds.append(time.perf_counter() - started)
                scores = history.val_loss or history.train_loss
                history.best_epoch = 1 + scores.index(min(scores))
                if history.best_epoch == len(scores):
                    for name, value in model.state_dict().items():
                        best[name] = copy.deepcopy(value)  # one at a time: less memory
                if patience and len(scores) - history.best_epoch >= patience:
                    history.stopped = "early"
                if checkpoint:
                    states = [part.state_dict() for part in parts]
                    saved = states, order.get_state(), best, asdict(history)
                    partial = Path(f"{checkpoint}.partial")  # never half a file
                    partial.parent.mkdir(parents=True, exist_ok=True)
                    torch.save((settings, saved), partial)
                    partial.replace(checkpoint)
        except KeyboardInterrupt:
            history.stopped = "interrupted"
            model.train()
        except FloatingPointError as error:
            model.load_state_dict(best)
            error.history = history
            raise
    if keep_best and history.best_epoch:
        model.load_state_dict(best)
    show(history, end="\n")
    return history


def evaluate(
    model: nn.Module, data: Iterable, *, loss_fn: Callable = F.cross_entropy,
    batch_size: int = 1024, device: torch.device | str | None = None,
    metric: Callable | None = None,
) -> Evaluation:  # fmt: skip
    """Return mean loss and accuracy in evaluation mode; arguments as those of `fit`.

    Where targets are classes, `accuracy` is the share of targets that are the largest
    of their outputs (N, C), (N, C, T) or (N, T, C). Targets below 0 do not count.
    """
    device = torch.device(device or next(model.parameters(), torch.zeros(0)).device)
    loader = data if isinstance(data, _Loader) else _Loader(data, device, batch_size)
    loss_fn, metric = _checked(loss_fn, loader), metric or _accuracy
    loss, score, num_examples, was_training = 0.0, 0.0, 0, model.training
    model.to(device).eval()
    with torch.inference_mode():
        for inputs, targets in loader:
            outputs = model(inputs)
            loss += loss_fn(outputs, targets).item() * len(inputs)
            score += float(metric(outputs, targets)) * len(inputs)
            num_examples += len(inputs)
    model.train(was_training)
    return Evaluation(loss / num_examples, score / num_examples)


def _train_epoch(
    model, loader, loss_fn, optimizer, scheduler, scaler, autocast,
    augment, clip_norm, history, show,
) -> tuple[float, float]:  # fmt: skip
    """Do one epoch, the loop of the lesson; return mean loss and last learning rate."""

    def forward_backward(inputs: Tensor, targets: Tensor, share: float = 1.0) -> Tensor:
        with autocast:
            outputs = model(inputs)
            loss = loss_fn(outputs, targets)
        loss = loss if share == 1.0 else loss * share
        scaler.scale(loss).backward()
        return loss.detach()

    model.train()
    first, unread = len(history.batch_loss), []
    for inputs, targets in loader:
        inputs = augment(inputs) if augment else inputs
        optimizer.zero_grad()
        loss = _within_memory(forward_backward, inputs, targets, optimizer, history)
        if clip_norm:
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        scaler.step(optimizer)
        scaler.update()
        if time.monotonic() >= show.next_s:  # rarely: it waits for the device
            _read_losses(unread, history)
            show(history)
        lr = float(optimizer.param_groups[0]["lr"])
        unread.append((loss, lr))
        if scheduler:
            scheduler.step()
    _require(unread, "train", "batches in every epoch (a generator runs only once)", 0)
    # The last step can ruin the weights after its loss was computed: 0 * inf is nan.
    health = 0 * sum(param.detach().float().sum() for param in model.parameters())
    unread[-1] = loss + health, lr
    _read_losses(unread, history)
    losses = history.batch_loss[first:]
    return sum(losses) / len(losses), lr


def _within_memory(forward_backward, inputs, targets, optimizer, history) -> Tensor:
    """Compute a batch at once or, when memory runs out, in parts that add up to it."""
    while True:
        size = history.micro_batch
        try:
            if not size:
                return forward_backward(inputs, targets)
            parts = zip(inputs.split(size), targets.split(size), strict=True)
            return sum(forward_backward(x, y, len(y) / len(inputs)) for x, y in parts)
        except RuntimeError as error:
            size = min(size or len(inputs), len(inputs))
            if size == 1 or not re.search("(of|allocate|enough) memory", str(error)):
                raise
        optimizer.zero_grad()
        history.micro_batch = size // 2
        print(f"Out of memory: computing batches in parts of {size // 2}.")


def _read_losses(unread: list[tuple[Tensor, float]], history: History) -> None:
    """Fetch losses from the device (this waits for it), and stop at one not finite."""
    values = torch.stack([loss for loss, _ in unread]).tolist() if unread else []
    for value, (_, lr) in zip(values, unread, strict=True):
        history.batch_loss.append(value)
        if not isfinite(value):
            where = f"step {len(history.batch_loss)} (epoch {len(history.seconds) + 1})"
            remedy = f"try lr={lr / 10:g} or clip_norm=1.0, and look for nan in data"
            raise FloatingPointError(f"loss {value} at {where}, lr {lr:g}: {remedy}")
    unread.clear()


def _accuracy(outputs: Tensor, targets: Tensor) -> Tensor | float:
    if targets.is_floating_point() or getattr(outputs, "ndim", 0) <= targets.ndim:
        return nan
    known = targets >= 0  # cross-entropy ignores -100
    preds = outputs.argmax(1 if outputs.shape[2:] == targets.shape[1:] else -1)
    return ((preds == targets) & known).sum() / known.sum()


def _make_scheduler(schedule, optimizer, total_steps: int):
    _require(total_steps, "train", "data with a length, for a schedule", total_steps)
    if schedule == "one_cycle":
        lrs = [group.get("max_lr", group["lr"]) for group in optimizer.param_groups]
        momentum = "betas" in optimizer.defaults  # SGD keeps its own
        return OneCycleLR(optimizer, lrs, total_steps, cycle_momentum=momentum)
    if schedule == "cosine":
        up, turn = max(1, total_steps // 20), pi / 2 / total_steps  # 5 % upwards
        return LambdaLR(optimizer, lambda k: min(1, (k + 1) / up) * cos(turn * k) ** 2)
    _require(callable(schedule), "schedule", "'one_cycle' or 'cosine'", schedule)
    return schedule(optimizer, total_steps)


class _Loader:
    """Batches on the device: of two tensors (or arrays), or those of an iterable."""

    def __init__(self, data, device, batch_size: int, order=None) -> None:
        self.data, self.batch_size, self.order = data, batch_size, order
        self.move = lambda pair: [torch.as_tensor(part, device=device) for part in pair]
        self.num_batches, self.labels = length_hint(data), None  # 0 where unknown
        if type(data) in (tuple, list) and len(data) == 2 and hasattr(data[0], "shape"):
            sizes = len(data[0]), len(data[1])
            _require(sizes[0] == sizes[1] > 0, "data", "a target for each input", sizes)
            self.data = self.move(data)
            self.num_batches, self.labels = -(-sizes[0] // batch_size), self.data[1]

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        if self.labels is None:
            return map(self.move, self.data)
        how = {"shuffle": self.order is not None, "generator": self.order}
        return batches(*self.data, self.batch_size, **how)


def _checked(loss_fn: Callable, *loaders) -> Callable:
    """Look at all labels before the first loss: a wrong one would crash a GPU."""
    unchecked = [x.labels for x in loaders if x is not None and x.labels is not None]

    def checked(outputs: Tensor, targets: Tensor) -> Tensor:
        while unchecked and outputs.ndim > unchecked[-1].ndim:  # not probabilities
            labels, num = unchecked.pop(), outputs.shape[1]
            in_range = (labels >= 0) & (labels < num) | (labels == -100)  # is ignored
            right = labels.dtype == torch.int64 and in_range.all()
            expected = f"class numbers from 0 to {num - 1} (try targets.long())"
            _require(right, "targets", expected, f"{labels.min()} to {labels.max()}")
        return loss_fn(outputs, targets)

    return checked if loss_fn is F.cross_entropy else loss_fn


def _require(right, name: str, expected: str, got) -> None:
    if not right:
        raise ValueError(f"{name} must be {expected}, got {got!r}")


def _load(path: str | Path, settings: dict) -> tuple:
    try:
        before, state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(f"checkpoint {path} is damaged: delete it") from error
    for name, now in settings.items():
        old, expected = before.get(name), f"deleted, or made with {name}={now!s:.50}"
        _require(old == now, f"checkpoint {path}", expected, old)
    return state


def _progress_line(progress: bool, num_epochs: int, total_steps: int) -> Callable:
    """Return a function that changes one line: HTML in notebooks, text in terminals."""
    in_notebook = progress and getattr(get_ipython(), "kernel", None)
    handle = in_notebook and display({"text/plain": ""}, raw=True, display_id=True)

    def show(history: History, end: str = "") -> None:
        show.next_s = time.monotonic() + 0.2  # at most five times a second
        done = len(history.batch_loss) / (total_steps or inf)
        bar = ("█" * int(10 * done)).ljust(10, "░")
        text = f"epoch {len(history.seconds)}/{num_epochs}  {bar}  {history}"
        if handle:
            html = text.replace(bar, f'<span aria-hidden="true">{bar}</span>')
            data = {"text/plain": text, "text/html": f"<pre>{html}</pre>"}
            handle.update(data, raw=True)
        elif progress and sys.stdout.isatty():
            print(f"\r{text}\x1b[K", end=end, flush=True)

    show.next_s = 0.0
    return show
