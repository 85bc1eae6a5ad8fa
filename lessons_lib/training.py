"""Training that a reader can follow: `fit` is the loop of the lesson `pytorch`.

Small models lose their time outside the mathematics, so data that fits stays on the
device as one tensor, batches are taken by index, and losses are read now and then.
"""

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lessons_lib import training_parts as parts
from lessons_lib.training_run import Checkpoint, History, Line, Run, describe


class Evaluation(NamedTuple):
    """Mean loss, and share of right answers (nan where targets are not classes)."""

    loss: float
    accuracy: float


def batches(
    inputs: Tensor,
    targets: Tensor,
    batch_size: int,
    *,
    shuffle: bool = True,
    generator: torch.Generator | None = None,
    drop_last: bool = False,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield `(inputs, targets)` in batches, from tensors that are on their device.

    Args:
        inputs: any shape, examples along the first dimension.
        targets: one for each example.
        batch_size: examples in a batch; the last batch may be smaller.
        shuffle: take the examples in a new random order.
        generator: CPU generator of that order.
        drop_last: leave out a last batch that is smaller.
    """
    end = len(inputs) - (len(inputs) % batch_size if drop_last else 0)
    # index_select copies whole rows where they are contiguous: 20 times faster on a CPU
    # than inputs[chosen]. Channels-last images are contiguous once channels are last.
    is_last = inputs.ndim == 4 and not inputs.is_contiguous()
    rows = inputs.permute(0, 2, 3, 1) if is_last else inputs
    if shuffle:
        order = torch.randperm(len(inputs), generator=generator)[:end]
        chunks = order.to(inputs.device).split(batch_size) if end else ()
        pairs = ((rows.index_select(0, i), targets.index_select(0, i)) for i in chunks)
    else:
        chunks = (slice(i, min(i + batch_size, end)) for i in range(0, end, batch_size))
        pairs = ((rows[i], targets[i]) for i in chunks)
    if is_last:
        pairs = ((taken.permute(0, 3, 1, 2), wanted) for taken, wanted in pairs)
    yield from pairs


def fit(
    model: nn.Module,
    train: tuple[Tensor, Tensor] | Iterable,
    *,
    val: tuple[Tensor, Tensor] | Iterable | None = None,
    loss_fn: Callable = F.cross_entropy,
    optimizer: torch.optim.Optimizer | None = None,
    lr: float = 1e-3,
    num_epochs: int = 3,
    batch_size: int = 256,
    schedule: str | Callable | None = None,
    clip_norm: float | None = None,
    patience: int | None = None,
    keep_best: bool = True,
    augment: Callable[[Tensor], Tensor] | None = None,
    precision: torch.dtype | None = None,
    channels_last: bool = False,
    checkpoint: str | os.PathLike | None = None,
    device: torch.device | str | None = None,
    seed: int = 0,
    progress: bool = True,
    metric: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> History:
    """Train a model: the loop of the lesson `pytorch` and what real training needs.

    Batches are those of `batches(..., generator=torch.Generator().manual_seed(seed))`.
    Dropout starts from `seed` too; your own stream of random numbers is left as it was.
    Ctrl-C (the stop button) ends training, keeps what was learned and returns.

    When memory runs out, a batch is computed in parts whose gradients add up to its own
    (exact for a mean over examples; batch norm then sees the statistics of a part).

    Args:
        model: trained in place.
        train: tensors `(inputs, targets)`, moved to the device once, or an iterable of
            such batches that can start again, for example a `DataLoader`.
        val: data of the same kind, evaluated after each epoch.
        loss_fn: `loss_fn(outputs, targets)`, a mean over the batch.
        optimizer: default AdamW with `lr`. Your own keeps its own learning rate.
        lr: learning rate; with a schedule the highest one.
        num_epochs: how often all examples are seen.
        batch_size: examples in a step (an iterable brings its own batches).
        schedule: "one_cycle", "cosine" (with 5 % warm-up), or a function
            `(optimizer, total_steps)` that returns a scheduler; stepped every batch.
        clip_norm: shorten the gradient to this length where it is longer.
        patience: stop after so many epochs without a better validation loss.
        keep_best: end with the weights of the epoch with the lowest validation loss
            (training loss without `val`), not with the last ones.
        augment: changes the inputs of a training batch; use random numbers of torch.
        precision: torch.bfloat16 or torch.float16 for mixed precision, torch.float32
            for none; default `get_precision(device)`.
        channels_last: store images with channels last, faster for most CNNs.
        checkpoint: file written after each epoch. Called again in the same way, `fit`
            goes on from it, to the numbers of an uninterrupted run.
        device: where to train; default where the model is.
        seed: of the order of the examples and of dropout.
        progress: show one line of progress, in notebooks and terminals.
        metric: `metric(outputs, targets)`, a mean over the batch; default the accuracy
            where targets are classes.

    Raises:
        FloatingPointError: at the first loss that is not finite. The model has its last
            good weights again; the exception's `history` says what happened.
        ValueError, TypeError: settings or data that cannot work, before any step.
    """
    saved = Checkpoint(checkpoint, locals()) if checkpoint else None
    params = parts.check_settings(model, lr, num_epochs, batch_size, patience, val)
    place = parts.find_place(model, device, precision, channels_last)
    train = parts.to_place(train, "train", place)
    val = None if val is None else parts.to_place(val, "val", place)
    optimizer = optimizer or parts.adamw(params, lr)
    groups = [dict(group) for group in optimizer.param_groups]
    total_steps = num_epochs * _count_batches(train, batch_size)
    run = Run(
        model=model,
        optimizer=optimizer,
        schedule=parts.make_schedule(schedule, optimizer, total_steps),
        scaler=torch.amp.GradScaler(place.device.type, enabled=place.is_scaled),
        order=torch.Generator().manual_seed(seed),
        place=place,
        history=History(metric=describe(metric) if metric else "accuracy"),
        best=parts.weights(model),
        unchecked=[data[1] for data in (train, val) if parts.is_tensors(data)],
        line=Line(progress, num_epochs, total_steps),
    )
    with (
        parts.seeded(seed, place.device),
        parts.mode(model, training=True),
        parts.quiet(run.scaler),
    ):
        try:
            if saved:
                run.load_state(saved.load())
            while len(run.history.seconds) < num_epochs and not run.history.stopped:
                started = time.perf_counter()
                stream = _stream(train, batch_size, place, run.order)
                _train_epoch(run, stream, loss_fn, augment, clip_norm)
                size = min(1024, 4 * batch_size)  # evaluation needs less memory
                result = None
                if val is not None:
                    result = _evaluate(model, val, loss_fn, metric, size, place)
                seconds = time.perf_counter() - started
                run.end_epoch(result, seconds, keep_best, patience)
                if saved:
                    saved.save(run.state())
        except KeyboardInterrupt:
            run.history.stopped = "interrupted"
        except FloatingPointError as error:
            model.load_state_dict(run.best)
            optimizer.state.clear()  # its averages are not finite either
            error.history = run.history
            raise
        finally:
            for group, old in zip(optimizer.param_groups, groups, strict=True):
                group.clear()  # a schedule leaves its last learning rate there
                group.update(old)
    if keep_best and run.history.best_epoch:
        model.load_state_dict(run.best)
    run.line.show(run.history, is_last=True)
    if run.history.stopped == "interrupted":
        print(f"Interrupted: {_kept(run.history, keep_best)}")
    return run.history


def evaluate(
    model: nn.Module,
    data: tuple[Tensor, Tensor] | Iterable,
    *,
    loss_fn: Callable = F.cross_entropy,
    batch_size: int = 1024,
    device: torch.device | str | None = None,
    metric: Callable[[Tensor, Tensor], Tensor] | None = None,
) -> Evaluation:
    """Return mean loss and accuracy in evaluation mode, and restore the mode.

    The arguments are those of `fit`. Where targets are classes, `accuracy` is the share
    of targets that are the largest entry of their outputs, along dimension 1 or, for
    outputs (N, T, C) with targets (N, T), the last. Targets below 0 do not count.
    """
    place = parts.find_place(model, device, torch.float32, channels_last=False)
    data = parts.to_place(data, "data", place)
    return _evaluate(model, data, loss_fn, metric, batch_size, place)


def _train_epoch(run, stream, loss_fn, augment, clip_norm) -> None:
    """Do one epoch: the loop of the lesson, each extra in a function of its own."""
    model, optimizer, scaler = run.model, run.optimizer, run.scaler

    def forward_backward(inputs: Tensor, targets: Tensor, share: float = 1.0) -> Tensor:
        with run.place.autocast:
            outputs = model(inputs)
            run.check_first(outputs, targets, loss_fn)
            loss = loss_fn(outputs, targets)
        if share < 1.0:  # a part of a batch, because memory ran out
            loss = loss * share
        scaler.scale(loss).backward()
        return loss.detach()

    for inputs, targets in stream:
        inputs = augment(inputs) if augment else inputs
        optimizer.zero_grad()
        loss = run.within_memory(forward_backward, inputs, targets)
        if clip_norm:
            run.clip_gradients(clip_norm)
        scaler.step(optimizer)
        scaler.update()
        run.record(loss, inputs.shape[0])
        if run.schedule:
            run.schedule.step()
    run.read_losses()


def _kept(history: History, keep_best: bool) -> str:
    if not history.best_epoch:
        return "no epoch was finished, the model has the weights of its last step."
    best = f"the best epoch, {history.best_epoch}"
    return f"the model has the weights of {best if keep_best else 'its last step'}."


def _count_batches(data, batch_size: int) -> int:
    """Return the number of batches in an epoch, 0 if the data do not say."""
    if parts.is_tensors(data):
        return math.ceil(len(data[0]) / batch_size)
    return len(data) if hasattr(data, "__len__") else 0


def _stream(data, batch_size: int, place, order=None) -> Iterator:
    """Yield batches on the device; tensors are shuffled if there is an `order`."""
    if parts.is_tensors(data):
        shuffle = order is not None
        return batches(*data, batch_size, shuffle=shuffle, generator=order)
    return (parts.move(batch, "a batch", place) for batch in data)


def _evaluate(model, data, loss_fn, metric, batch_size: int, place) -> Evaluation:
    """Evaluate, with smaller batches where memory runs out."""
    while True:
        try:
            stream = _stream(data, batch_size, place)
            return _evaluate_stream(model, stream, loss_fn, metric or _accuracy, place)
        except RuntimeError as error:
            batch_size = parts.smaller(
                batch_size if parts.is_tensors(data) else 1, error
            )


def _evaluate_stream(model, stream, loss_fn, metric, place) -> Evaluation:
    rows, sizes = [], []
    with parts.mode(model, training=False), torch.inference_mode(), place.autocast:
        for inputs, targets in stream:
            outputs = model(inputs)
            if not sizes:
                parts.check_outputs(outputs, loss_fn, targets, [])
            score = torch.as_tensor(metric(outputs, targets), device=place.device)
            rows.append(torch.stack([loss_fn(outputs, targets).float(), score.float()]))
            sizes.append(len(inputs))
    parts.require(sizes, "data", "at least one batch", "none", "use tensors or a list")
    weights = torch.tensor(sizes, dtype=torch.float64) / sum(sizes)
    return Evaluation(*(weights @ torch.stack(rows).cpu().double()).tolist())


def _accuracy(outputs, targets: Tensor) -> Tensor:
    """Return the share of right classes, or nan where targets are not classes."""
    if isinstance(outputs, Tensor) and not targets.is_floating_point():
        known = targets >= 0  # cross-entropy ignores -100
        for dim in (1, -1) if outputs.ndim > 1 else ():
            preds = outputs.argmax(dim)
            if preds.shape == targets.shape:
                return ((preds == targets) & known).sum() / known.sum()
    return torch.tensor(math.nan)
