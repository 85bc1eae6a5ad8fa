"""Beginners' training code against `fit`: seconds an epoch and to the same accuracy.

The beginners' side is what guides show: torchvision's dataset, a transform for each
picture, a `DataLoader`, batches of 64, Adam. Run: `python -m benchmarks.training`.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from benchmarks.report import run
from benchmarks.timing import Row, alternate, compare, row, take_turns
from benchmarks.torchvision_files import dataset
from lessons_lib.data import load
from lessons_lib.device import get_device, set_seed
from lessons_lib.training import evaluate, fit

BATCH_SIZE = 64
MOST_EPOCHS = 12


class Task(NamedTuple):
    """What is trained, on what, how far, and how `fit` goes there."""

    name: str
    data: str
    make: Callable[[], nn.Module]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    accuracy: float
    settings: dict
    layout: dict = {}
    goals: tuple[str, str] = ("", "")  # an epoch, to the accuracy


def mlp(*sizes: int) -> nn.Module:
    layers: list[nn.Module] = [nn.Flatten()]
    for size_in, size_out in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(size_in, size_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn() -> nn.Module:
    """Two convolutions and three dense layers, the sizes of PyTorch's CIFAR-10 tutorial."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(),
        nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


# Settings of `fit` that reached the accuracy with six seeds out of six.
SMALL = {"batch_size": 80, "num_epochs": 1, "lr": 9e-3, "schedule": "cosine"}
LARGE = {"batch_size": 128, "num_epochs": 1, "lr": 7e-3, "schedule": "cosine"}
PHOTOS = {"batch_size": 64, "num_epochs": 3, "lr": 6e-3, "schedule": "one_cycle"}
DIGITS = ("mnist", (0.1307,), (0.3081,))
TASKS = (
    Task("MLP 784-128-10", DIGITS[0], lambda: mlp(784, 128, 10), *DIGITS[1:], 0.97,
         SMALL, goals=("ratio >= 10", "ratio >= 20")),
    Task("MLP 784-256-128-10", DIGITS[0], lambda: mlp(784, 256, 128, 10), *DIGITS[1:],
         0.97, LARGE),
    Task("CNN of two convolutions", "cifar10", cnn, (0.5,) * 3, (0.5,) * 3, 0.45,
         PHOTOS, {"channels_last": True}, ("ratio >= 1.8", "")),
)  # fmt: skip


def prepare(task: Task, images: Tensor, device) -> Tensor:
    """Do for all pictures at once what the guide's transform does for each."""
    mean, std = (torch.tensor(x, device=device)[:, None, None] for x in task[3:5])
    return images.to(device).float().div_(255).sub_(mean).div_(std)


# ---- the two sides -------------------------------------------------------------------


def guide_epoch(model, loader, optimizer, device, num_batches: int = 0) -> float:
    """Train for one epoch (or some batches) as the guides do; return the seconds."""
    model.train()
    started = time.perf_counter()
    for i, (inputs, targets) in enumerate(loader, 1):
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        if i == num_batches:
            break
    loss.item()  # waits for the device
    return time.perf_counter() - started


def measure_task(task: Task, data, root: Path, device, rounds: int) -> list[Row]:
    """Return the rows of one network: an epoch, and the time to the accuracy."""
    pictures = dataset(data, task.mean, task.std, root)
    loader = DataLoader(pictures, batch_size=BATCH_SIZE, shuffle=True)
    test = prepare(task, data.test_images, device), data.test_labels
    train = prepare(task, data.train_images, device), data.train_labels

    def guide() -> tuple[float, float]:
        model = task.make().to(device)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        epochs: list[float] = []
        while len(epochs) < MOST_EPOCHS:
            epochs.append(guide_epoch(model, loader, optimizer, device))
            if evaluate(model, test).accuracy >= task.accuracy:
                break
        return epochs[0], sum(epochs)

    def ours() -> tuple[float, float]:
        quiet = {"precision": torch.float32, "progress": False, **task.layout}
        epoch = fit(task.make().to(device), train, num_epochs=1, batch_size=BATCH_SIZE,
                    **quiet).seconds[0]  # fmt: skip
        accuracy, seconds = 0.0, 0.0
        while accuracy < task.accuracy:  # a run that fails counts, and another follows
            model = task.make().to(device)
            started = time.perf_counter()
            inputs = prepare(task, data.train_images, device)
            fit(model, (inputs, data.train_labels), **task.settings, **quiet)
            seconds += time.perf_counter() - started
            accuracy = evaluate(model, test).accuracy
        return epoch, seconds

    set_seed(0)
    warm_up(task, loader, train, device)
    mine, theirs = take_turns(ours, guide, rounds)
    about = f"{data.name}, {len(train[1]):,} pictures, {device.type}"
    rows = []
    for i, (what, note) in enumerate((
        ("an epoch", f"{about}, batch {BATCH_SIZE} on both sides"),
        (f"to {task.accuracy:.0%} of the test pictures",
         f"{about}; fit: batch {task.settings['batch_size']}, AdamW, "
         f"{task.settings['schedule']}, epochs: {task.settings['num_epochs']}"),
    )):  # fmt: skip
        result = compare([x[i] for x in mine], [x[i] for x in theirs]).inverse()
        what = f"{task.name}, {what}".replace("%", " %")
        rows.append(row(what, result, goal=task.goals[i], note=note))
    return [*rows, loader_share(task, loader, device, rounds)]


def warm_up(task: Task, loader, train, device) -> None:
    """Do two steps of both sides: the first of a process imports parts of PyTorch."""
    model = task.make().to(device)
    optimizer = torch.optim.Adam(model.parameters())
    guide_epoch(model, loader, optimizer, device, num_batches=2)
    few = train[0][:128], train[1][:128]
    fit(model, few, num_epochs=1, batch_size=BATCH_SIZE, progress=False)


def loader_share(task: Task, loader, device, rounds: int, num_batches=100) -> Row:
    """Return how much of the guide's time goes before the network sees a picture."""
    model = task.make().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def read_only() -> float:
        started = time.perf_counter()
        for i, _ in enumerate(loader, 1):
            if i == num_batches:
                break
        return time.perf_counter() - started

    def complete() -> float:
        return guide_epoch(model, loader, optimizer, device, num_batches)

    what = f"{task.name}, {num_batches} batches of the guide: reading alone"
    note = "beside it: reading and training; the ratio is the share of reading"
    return row(what, alternate(read_only, complete, rounds), note=note)


def threads_row(train, device, rounds: int) -> Row:
    """Compare an epoch of `fit` on one thread with the same on two."""
    task = TASKS[0]

    def epoch(threads: int) -> float:
        torch.set_num_threads(threads)
        seconds = fit(task.make().to(device), train, num_epochs=1, batch_size=BATCH_SIZE,
                      precision=torch.float32, progress=False).seconds[0]  # fmt: skip
        torch.set_num_threads(1)
        return seconds

    result = alternate(lambda: epoch(1), lambda: epoch(2), rounds).inverse()
    return row(f"{task.name}, an epoch of `fit` on one thread", result,
               note="beside it two threads")  # fmt: skip


def measure(rounds: int = 5) -> list[Row]:
    torch.set_num_threads(1)  # as the lessons run; more did not help networks so small
    device, rows = get_device(verbose=False), []
    with tempfile.TemporaryDirectory() as root:
        for task in TASKS:
            data = load(task.data, verbose=False)
            if not data.name.startswith(("MNIST", "CIFAR")):
                rows.append(
                    Row(task.name, note=f"not measured: {data.name}, no {task.data}")
                )
                continue
            rows += measure_task(task, data, Path(root), device, rounds)
        data = load("mnist", verbose=False)
        if device.type == "cpu" and data.name == "MNIST":
            train = prepare(TASKS[0], data.train_images, device), data.train_labels
            rows.append(threads_row(train, device, rounds))
    if device.type != "cuda":
        rows.append(
            Row("on a GPU", goal="ratio >= 20", note="not measured: no GPU here")
        )
    return rows


if __name__ == "__main__":
    run("training", measure)
