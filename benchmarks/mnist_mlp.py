"""Two MLPs on MNIST: accuracy and seconds, and torchvision's loader against `fit`.

Run: python benchmarks/mnist_mlp.py. Needs MNIST itself (set LESSONS_DATA or a network).
"""

import statistics
import tempfile
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from lessons_lib.data import load
from lessons_lib.device import get_device, set_seed
from lessons_lib.training import evaluate, fit

ROUNDS = 3
BATCH_SIZE = 256


def make_mlp(*sizes):
    layers = [nn.Flatten()]
    for i in range(len(sizes) - 1):
        layers += [nn.Linear(sizes[i], sizes[i + 1]), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def write_idx(path, array):
    """Write a uint8 array in MNIST's own format, for torchvision to read."""
    header = bytes([0, 0, 8, array.ndim])
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    path.write_bytes(header + sizes + array.to(torch.uint8).numpy().tobytes())


def torchvision_mnist(digits, root):
    raw = Path(root) / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, images, labels in (
        ("train", digits.train_images, digits.train_labels),
        ("t10k", digits.test_images, digits.test_labels),
    ):
        write_idx(raw / f"{part}-images-idx3-ubyte", images[:, 0])
        write_idx(raw / f"{part}-labels-idx1-ubyte", labels)
    transform = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
    )
    return datasets.MNIST(root, train=True, transform=transform)


def loader_epoch(model, loader, device):
    """The loop that beginners' guides show."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model.train()
    start = time.perf_counter()
    for inputs, targets in loader:
        loss = F.cross_entropy(model(inputs.to(device)), targets.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - start


def main():
    digits = load("mnist")
    device = get_device()
    train, test = (
        ((images.float() / 255 - 0.1307) / 0.3081, labels)
        for images, labels in (
            (digits.train_images, digits.train_labels),
            (digits.test_images, digits.test_labels),
        )
    )
    for sizes in ((784, 128, 10), (784, 256, 128, 10)):
        set_seed(0)
        model = make_mlp(*sizes).to(device)
        start = time.perf_counter()
        fit(model, train, num_epochs=3, batch_size=BATCH_SIZE, lr=1e-2,
            schedule="one_cycle", keep_best=False)
        seconds = time.perf_counter() - start
        accuracy = evaluate(model, test).accuracy
        print(f"{'-'.join(map(str, sizes))}: {100 * accuracy:.2f} % in {seconds:.1f} s")
    with tempfile.TemporaryDirectory() as root:
        dataset = torchvision_mnist(digits, root)
        ratios = []
        for _ in range(ROUNDS):
            loader = DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True)
            slow = loader_epoch(make_mlp(784, 128, 10).to(device), loader, device)
            model = make_mlp(784, 128, 10).to(device)
            quick = fit(model, train, num_epochs=1, batch_size=BATCH_SIZE).seconds[0]
            ratios.append(slow / quick)
            print(f"DataLoader {slow:.1f} s, fit {quick:.2f} s: {ratios[-1]:.1f} times")
    print(f"median ratio {statistics.median(ratios):.1f}")


if __name__ == "__main__":
    main()
