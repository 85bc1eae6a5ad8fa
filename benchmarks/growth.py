"""How time grows: `fit` with data, width and depth, two layers with the sequence.

Draws `speed_growth.webp` beside the page. Run: `python -m benchmarks.growth`.
"""

import io
import statistics
from collections.abc import Callable

import torch
from torch import nn

from benchmarks.report import PAGE, run
from benchmarks.timing import Row, alternate, row, timed
from lessons_lib.device import get_device
from lessons_lib.layers import attention
from lessons_lib.training import fit

# What grows: examples, width, hidden layers, and the middle value of the other two.
FIT = {"examples": (1_000, 10_000, 100_000), "width": (16, 160, 1_600),
       "hidden layers": (1, 10, 100)}  # fmt: skip
START = {"examples": 2_560, "width": 64, "hidden layers": 2}
SEQUENCE = (64, 128, 256, 512, 1024, 2048)
DIM = 64


def fit_once(examples: int, width: int, layers: int, device) -> Callable[[], float]:
    """Return a function that trains for one epoch and returns its seconds."""
    torch.manual_seed(0)
    inputs = torch.rand(examples, 32, device=device)
    targets = torch.randint(10, (examples,), device=device)
    sizes = [32, *[width] * layers, 10]
    parts: list[nn.Module] = []
    for size_in, size_out in zip(sizes, sizes[1:], strict=False):
        parts += [nn.Linear(size_in, size_out), nn.ReLU()]
    model = nn.Sequential(*parts[:-1]).to(device)
    quiet = {"precision": torch.float32, "progress": False, "lr": 1e-5}
    return lambda: fit(model, (inputs, targets), num_epochs=1, **quiet).seconds[0]


def plain_attention(q, k, v):
    """Attention that stores the whole table of weights."""
    return (q @ k.transpose(-2, -1) / DIM**0.5).softmax(dim=-1) @ v


class Scan(nn.Module):
    """A recurrent network written as a loop over the sequence, as in its lesson."""

    def __init__(self, unbinds: bool) -> None:
        super().__init__()
        self.unbinds = unbinds
        self.read, self.keep = nn.Linear(DIM, DIM), nn.Linear(DIM, DIM, bias=False)

    def forward(self, x):
        h, z = x.new_zeros(x.shape[0], DIM), self.read(x)
        places = z.unbind(1) if self.unbinds else (z[:, t] for t in range(x.shape[1]))
        for place in places:
            h = torch.tanh(place + self.keep(h))
        return h


def layer_once(name: str, length: int, device) -> Callable[[], float]:
    """Return a function that does forward and backward and returns the seconds."""
    torch.manual_seed(0)
    x = torch.randn(4, length, DIM, device=device, requires_grad=True)
    scan, lstm = (
        Scan(name == "loop with unbind").to(device),
        nn.LSTM(DIM, DIM, batch_first=True).to(device),
    )
    layers = {
        "attention": lambda: attention(x, x, x),
        "attention with its table": lambda: plain_attention(x, x, x),
        "recurrent loop": lambda: scan(x),
        "loop with unbind": lambda: scan(x),
        "nn.LSTM": lambda: lstm(x)[0],
    }

    def work():
        x.grad = None
        layers[name]().square().mean().backward()
        x.grad.sum().item()  # waits for the device

    return timed(work)


LAYERS = (
    "attention",
    "attention with its table",
    "recurrent loop",
    "loop with unbind",
    "nn.LSTM",
)


def growth_row(what: str, before, after, rounds: int, note: str) -> Row:
    """Compare two sizes in turn."""
    after(), before()
    return row(what, alternate(after, before, rounds), note=note)


def curve(makers, rounds: int) -> list[float]:
    """Return the median seconds at each size."""
    for once in makers:
        once()
    return [statistics.median(once() for _ in range(rounds)) for once in makers]


def measure(rounds: int = 5) -> list[Row]:
    torch.set_num_threads(1)
    device, rows = get_device(verbose=False), []
    curves: dict[str, tuple] = {}
    for name, sizes in FIT.items():
        makers = [fit_once(*{**START, name: size}.values(), device) for size in sizes]
        curves[name] = tuple(s / sizes[0] for s in sizes), curve(makers, rounds)
        for small, large, before, after in zip(
            sizes, sizes[1:], makers, makers[1:], strict=False
        ):
            what = f"`fit`, {small:,} to {large:,} {name}"
            rows.append(growth_row(what, before, after, rounds, "one epoch, batch 256"))
    for name in LAYERS:
        makers = [layer_once(name, length, device) for length in SEQUENCE]
        curves[name] = SEQUENCE, curve(makers, rounds)
        what = f"{name}, sequence of {SEQUENCE[0]} to {SEQUENCE[-1]:,}"
        note = f"length grows by {SEQUENCE[-1] // SEQUENCE[0]}; forward and backward"
        rows.append(growth_row(what, makers[0], makers[-1], rounds, note))
    draw(curves)
    return rows


def draw(curves: dict[str, tuple]) -> None:
    """Draw both groups of curves, on logarithmic scales, in the style of the book."""
    import matplotlib.pyplot as plt
    from PIL import Image

    from lessons_lib.plotting import MARKERS, use_style

    use_style()
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.6))
    for ax, names in ((left, list(FIT)), (right, LAYERS)):
        for name, marker in zip(names, MARKERS, strict=False):
            sizes, seconds = curves[name]
            ax.plot(sizes, [1e3 * s for s in seconds], marker=marker, label=name)
        ax.set(xscale="log", yscale="log", ylabel="milliseconds")
        ax.legend(fontsize=8)
    left.set(title="One epoch of fit", xlabel="times as much as at the start")
    right.set(title="Forward and backward", xlabel="length of the sequence")
    right.set_xticks(SEQUENCE, map(str, SEQUENCE))
    right.minorticks_off()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    plt.close(figure)
    picture = Image.open(buffer).convert("RGB")
    picture.save(PAGE.with_name("speed_growth.webp"), lossless=True)


if __name__ == "__main__":
    run("growth", measure)
