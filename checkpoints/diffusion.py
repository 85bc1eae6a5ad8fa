"""The U-Net of the lesson `diffusion`, trained on MNIST at 28x28 for about a quarter of an hour.

Flow matching, Lipman et al. 2022, straight lines from noise to data; one label in ten
is hidden for classifier-free guidance, Ho and Salimans 2022.
"""

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from checkpoints import halve, rise_and_fall, train_resumable
from lessons_lib.data import load
from lessons_lib.models import UNet

SIDE, WIDTHS, HIDDEN_DIM = 28, (16, 32), 192
NUM_STEPS, BATCH_SIZE, LR, HIDE = 8000, 128, 3e-3, 0.1
GUIDANCE, EULER_STEPS = 2.5, 10


def make_model() -> UNet:
    """Return the network, untrained."""
    return UNet(SIDE, WIDTHS, HIDDEN_DIM)


def train(work: Path, num_steps: int = NUM_STEPS) -> tuple[dict[str, Tensor], dict]:
    """Train on MNIST, or go on from `work`; return the weights and what was done.

    Raises:
        ValueError: If MNIST is not in the cache and cannot be downloaded.
    """
    data = load("mnist")
    if data.name != "MNIST":
        raise ValueError(f"data must be MNIST, got {data.name}: set LESSONS_DATA")
    images, labels = to_range(data.train_images), data.train_labels
    torch.manual_seed(0)
    model = make_model().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), LR, betas=(0.9, 0.99))

    def do_step(k: int) -> float:
        optimizer.param_groups[0]["lr"] = LR * rise_and_fall(k / num_steps, 0.02)
        chosen = torch.randint(len(images), (BATCH_SIZE,))
        shown = torch.where(torch.rand(BATCH_SIZE) < HIDE, 10, labels[chosen])
        loss = flow_loss(model, images[chosen], shown)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    parts = {"model": model, "optimizer": optimizer}
    about: dict[str, Any] = {"data": "MNIST, 60,000 training images"}
    about |= train_resumable(work, parts, num_steps, do_step)
    halved = halve(model)
    about |= {"seed": 0, "batch_size": BATCH_SIZE, "guidance": GUIDANCE}
    about |= {"euler_steps": EULER_STEPS, "judge": "CNN, two layers, three epochs"}
    return halved, about | recognise(model, images, data)


def to_range(images: Tensor) -> Tensor:
    """Return uint8 pictures as numbers from -1 to 1."""
    return images.float() / 127.5 - 1


def flow_loss(model: nn.Module, x1: Tensor, labels: Tensor) -> Tensor:
    """Mean squared error of the velocity, at random times on lines from noise to `x1`."""
    x0 = torch.randn_like(x1)
    t = torch.rand(len(x1))
    along = t[:, None, None, None]
    velocity = model((1 - along) * x0 + along * x1, t, labels)
    return F.mse_loss(velocity, x1 - x0)


@torch.no_grad()
def draw(model: nn.Module, labels: Tensor, guidance: float, num_steps: int) -> Tensor:
    """Return a picture for each label: Euler steps from noise."""
    x = torch.randn(len(labels), 1, SIDE, SIDE)
    hidden = torch.full_like(labels, 10)
    for k in range(num_steps):
        t = torch.full((len(labels),), k / num_steps)
        without = model(x, t, hidden)
        x = x + (without + guidance * (model(x, t, labels) - without)) / num_steps
    return x


def recognise(model: nn.Module, images: Tensor, data) -> dict[str, float]:
    """Train a classifier; return its accuracy and how many of 1,000 samples it knows."""
    judge = nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(judge.parameters(), 2e-3)
    for _ in range(3):
        for chosen in torch.randperm(len(images)).split(128):
            loss = F.cross_entropy(judge(images[chosen]), data.train_labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    wanted = torch.arange(10).repeat_interleave(100)
    model.eval()
    samples = draw(model, wanted, GUIDANCE, EULER_STEPS)
    with torch.no_grad():
        known = judge(samples).argmax(1) == wanted
        right = judge(to_range(data.test_images)).argmax(1) == data.test_labels
    return {
        "recognised": round(known.float().mean().item(), 4),
        "judge_accuracy": round(right.float().mean().item(), 4),
    }
