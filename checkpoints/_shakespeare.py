"""What `tiny_gpt` and `tiny_lstm` share: the text, the steps and the judgement."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from checkpoints import halve, rise_and_fall, train_resumable
from lessons_lib.data import load

CONTEXT = 128


def read() -> tuple[str, Tensor, Tensor]:
    """Return the characters, and the text as numbers: nine tenths and the last tenth.

    Raises:
        ValueError: If Shakespeare is not in the cache and cannot be downloaded.
    """
    data = load("shakespeare")
    if data.name != "tiny Shakespeare":
        raise ValueError(f"data must be Shakespeare, got {data.name}: set LESSONS_DATA")
    chars = "".join(sorted(set(data.text)))
    numbers = torch.tensor([chars.index(char) for char in data.text])
    split = 9 * len(numbers) // 10
    return chars, numbers[:split], numbers[split:]


def train(
    work: Path,
    make_model: Callable[[int], nn.Module],
    all_steps: tuple[int, ...],
    batch_size: int,
    lr: float,
    **settings: Any,
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Train one model after the other, each longer; return the last, and all results.

    `settings` go to AdamW. Each training has a learning rate of its own that rises over
    a twentieth of its steps and then falls to 0: none is the beginning of another.
    """
    chars, text, held_out = read()
    about: dict[str, Any] = {"data": "tiny Shakespeare, the first nine tenths"}
    about |= {"chars": chars, "context": CONTEXT, "batch_size": batch_size}
    about |= {"lr": lr, "seed": 0, "race": []}
    for num_steps in all_steps:
        torch.manual_seed(0)
        model = make_model(len(chars))
        optimizer = torch.optim.AdamW(model.parameters(), lr, fused=True, **settings)

        def do_step(
            k: int, model=model, optimizer=optimizer, num_steps=num_steps
        ) -> float:
            share = rise_and_fall(k / num_steps, 0.01)
            optimizer.param_groups[0]["lr"] = lr * share
            loss = draw_loss(model, text, batch_size)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            return loss.item()

        parts = {"model": model, "optimizer": optimizer}
        path = work.with_suffix(f".{num_steps}.pt")
        run = train_resumable(path, parts, num_steps, do_step)
        halved = halve(model)
        run["nats"] = round(judge(model, held_out), 4)
        about["race"].append(run)
    for num_steps in all_steps:
        work.with_suffix(f".{num_steps}.pt").unlink()
    return halved, about | run


def draw_loss(model: nn.Module, text: Tensor, batch_size: int) -> Tensor:
    """Return the mean loss on windows from random places of the text."""
    starts = torch.randint(len(text) - CONTEXT, (batch_size, 1))
    window = text[starts + torch.arange(CONTEXT + 1)]
    return F.cross_entropy(model(window[:, :-1]).flatten(0, 1), window[:, 1:].flatten())


@torch.no_grad()
def judge(model: nn.Module, text: Tensor) -> float:
    """Return nats per character over the whole text, read in windows of the context."""
    num = (len(text) - 1) // CONTEXT
    inputs = text[: num * CONTEXT].reshape(num, CONTEXT)
    targets = text[1 : num * CONTEXT + 1].reshape(num, CONTEXT)
    losses = [
        F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
        for x, y in zip(inputs.split(64), targets.split(64), strict=True)
    ]
    return sum(losses) / targets.numel()
