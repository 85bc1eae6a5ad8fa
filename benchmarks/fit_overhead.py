"""What `fit` costs beside a bare loop over the same tensors: time and memory.

Both sides do the same number of steps with the same optimizer. Run:
`python -m benchmarks.fit_overhead`.
"""

import subprocess
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.report import run
from benchmarks.timing import Row, alternate, row, timed
from lessons_lib.device import get_device
from lessons_lib.training import fit

# Sizes of the network, examples, batch size, epochs, goal.
TASKS = (
    ((2, 16, 2), 6400, 32, 4, "ratio <= 1.02"),
    ((784, 128, 10), 12800, 64, 2, ""),
    ((784, 128, 10), 12800, 256, 4, ""),
)
MEMORY = (
    ((784, 128, 10), 60000, 64, 1, "ratio <= 1.05"),
    ((784, 2000, 2000, 10), 2560, 256, 2, ""),
)


def make_mlp(*sizes: int) -> nn.Module:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for i, (size_in, size_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        layers += [nn.ReLU()] * (i > 0) + [nn.Linear(size_in, size_out)]
    return nn.Sequential(*layers)


def make_data(sizes, num_examples: int, device):
    torch.manual_seed(0)
    inputs = torch.rand(num_examples, sizes[0], device=device)
    return inputs, torch.randint(sizes[-1], (num_examples,), device=device)


def bare(model, data, batch_size: int, num_epochs: int) -> None:
    """Train with the shortest loop that does the same."""
    inputs, targets = data
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    for _ in range(num_epochs):
        order = torch.randperm(len(inputs)).to(inputs.device)
        for chosen in order.split(batch_size):
            optimizer.zero_grad()
            outputs = model(inputs.index_select(0, chosen))
            loss = F.cross_entropy(outputs, targets.index_select(0, chosen))
            loss.backward()
            optimizer.step()
    loss.item()  # waits for the device


def fitted(model, data, batch_size: int, num_epochs: int) -> None:
    """Train with `fit`, at the precision of the bare loop."""
    fit(model, data, batch_size=batch_size, num_epochs=num_epochs,
        precision=torch.float32, progress=False)  # fmt: skip


def name_of(sizes, batch_size: int) -> str:
    return f"MLP {'-'.join(map(str, sizes))}, batch {batch_size}"


def time_row(task, rounds: int, device) -> Row:
    """Return microseconds a step of both sides."""
    sizes, num_examples, batch_size, num_epochs, goal = task
    data = make_data(sizes, num_examples, device)
    steps = num_epochs * -(-num_examples // batch_size)
    # At one thread, processor time leaves out what the neighbours on the machine did.
    clock = time.process_time if device.type == "cpu" else time.perf_counter

    def side(loop):
        model = make_mlp(*sizes).to(device)
        run_once = timed(lambda: loop(model, data, batch_size, num_epochs), clock)
        return lambda: 1e6 * run_once() / steps

    sides = side(fitted), side(bare)
    alternate(*sides, rounds=1)  # the first run is slower
    result = alternate(*sides, rounds=3 * rounds)
    note = f"{steps} steps, {3 * rounds} rounds, one thread, processor time"
    return row(name_of(sizes, batch_size), result, unit="µs/step", goal=goal, note=note)


def peak(side: str, number: int) -> None:
    """Print the process's peak memory in MB, and how much of it came with training."""
    import psutil

    sizes, num_examples, batch_size, num_epochs, _ = MEMORY[number]
    torch.set_num_threads(1)
    warm = make_data((8, 8), 64, "cpu")
    {"fit": fitted, "bare": bare}[side](make_mlp(8, 8), warm, 8, 1)
    data = make_data(sizes, num_examples, "cpu")
    model = make_mlp(*sizes)
    before = psutil.Process().memory_info().rss
    {"fit": fitted, "bare": bare}[side](model, data, batch_size, num_epochs)
    print(peak_bytes() / 1e6, (peak_bytes() - before) / 1e6)


def peak_bytes() -> int:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def memory_row(number: int, rounds: int) -> Row:
    """Return peak memory of both sides, each in a process of its own."""

    def side(name: str):
        code = f"from benchmarks.fit_overhead import peak; peak('{name}', {number})"
        command = [sys.executable, "-c", code]
        which = 1 if number else 0  # the large network: what training added
        return lambda: float(subprocess.check_output(command, text=True).split()[which])

    sizes, num_examples, batch_size, _, goal = MEMORY[number]
    what = "memory that training adds" if number else "memory of the whole process"
    result = alternate(side("fit"), side("bare"), rounds)
    note = (
        "fit keeps a copy of the best weights"
        if number
        else f"{num_examples:,} examples"
    )
    return row(f"{name_of(sizes, batch_size)}: {what}", result, unit="MB", goal=goal,
               note=note)  # fmt: skip


def measure(rounds: int = 5) -> list[Row]:
    torch.set_num_threads(1)
    device = get_device(verbose=False)
    rows = [time_row(task, rounds, device) for task in TASKS]
    return rows + [memory_row(i, rounds) for i in range(len(MEMORY))]


if __name__ == "__main__":
    run("fit_overhead", measure)
