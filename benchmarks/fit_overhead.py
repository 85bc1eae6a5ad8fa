"""Measure what `fit` costs beside a bare loop over the same tensors, as a ratio.

Run from the root of the project: `python benchmarks/fit_overhead.py [rounds]`. Both sides
do the same number of steps with the same optimizer, in turn, and the median of the
rounds' ratios is printed: single timings are noisy, neighbours in time are alike.
"""

import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from lessons_lib.device import get_device
from lessons_lib.training import fit


def make_mlp(*sizes: int) -> nn.Module:
    torch.manual_seed(0)
    layers = []
    for i, (size_in, size_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        layers += [nn.ReLU()] * (i > 0) + [nn.Linear(size_in, size_out)]
    return nn.Sequential(*layers)


def bare_loop(model, inputs, targets, batch_size: int, num_epochs: int) -> None:
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


def measure(sizes, num_examples, batch_size, num_epochs, rounds, device) -> None:
    torch.manual_seed(0)
    inputs = torch.rand(num_examples, sizes[0], device=device)
    targets = torch.randint(sizes[-1], (num_examples,), device=device)

    def bare() -> None:
        bare_loop(make_mlp(*sizes).to(device), inputs, targets, batch_size, num_epochs)

    def fitted() -> None:
        fit(
            make_mlp(*sizes).to(device),
            (inputs, targets),
            batch_size=batch_size,
            num_epochs=num_epochs,
            precision=torch.float32,
            progress=False,
        )

    # At one thread, processor time leaves out what the neighbours on the machine did.
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    times = {bare: [], fitted: []}
    bare(), fitted()
    for i in range(rounds):
        for run in (bare, fitted) if i % 2 else (fitted, bare):
            started = clock()
            run()
            times[run].append(clock() - started)
    ratios = [f / b for f, b in zip(times[fitted], times[bare], strict=True)]
    steps = num_epochs * -(-num_examples // batch_size)
    bare_us = 1e6 * statistics.median(times[bare]) / steps
    name = "-".join(map(str, sizes))
    print(
        f"MLP {name}, batch {batch_size}: fit / bare loop = "
        f"{statistics.median(ratios):.3f} (from {min(ratios):.3f} to {max(ratios):.3f}), "
        f"bare {bare_us:.0f} us a step, {steps} steps, {rounds} rounds"
    )


def main() -> None:
    torch.set_num_threads(1)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    device = get_device()
    measure((784, 128, 10), 12800, 256, 4, rounds, device)
    measure((784, 128, 10), 12800, 64, 2, rounds, device)
    measure((2, 16, 2), 6400, 32, 4, rounds, device)


if __name__ == "__main__":
    main()
