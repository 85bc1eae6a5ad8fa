"""MNIST and CIFAR-10 in the files that torchvision reads, written from what `load` gives."""

import pickle
from pathlib import Path

import torch


def write_mnist(digits, root: Path) -> None:
    """Write MNIST's own files: a header of sizes, then bytes."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, images, labels in (
        ("train", digits.train_images[:, 0], digits.train_labels),
        ("t10k", digits.test_images[:, 0], digits.test_labels),
    ):
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim])
            sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
            content = header + sizes + array.to(torch.uint8).numpy().tobytes()
            (raw / f"{part}-{name}-ubyte").write_bytes(content)


def write_cifar(photos, root: Path) -> None:
    """Write the pickled batches of CIFAR-10's Python edition."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir()
    for name, images, labels in (
        ("data_batch_1", photos.train_images, photos.train_labels),
        ("test_batch", photos.test_images, photos.test_labels),
    ):
        content = {"data": images.flatten(1).numpy(), "labels": labels.tolist()}
        (folder / name).write_bytes(pickle.dumps(content))
    names = {"label_names": list(photos.classes)}
    (folder / "batches.meta").write_bytes(pickle.dumps(names))


def dataset(data, mean, std, root: Path):
    """Return what a guide constructs, over the files written here."""
    from torchvision import datasets, transforms

    steps = [transforms.ToTensor(), transforms.Normalize(mean, std)]
    transform = transforms.Compose(steps)
    if data.name.startswith("MNIST"):
        if not (root / "MNIST").exists():
            write_mnist(data, root)
        return datasets.MNIST(root, train=True, transform=transform)

    class Cifar(datasets.CIFAR10):  # the checksums are those of the complete edition
        train_list, test_list = [["data_batch_1", None]], [["test_batch", None]]
        meta = {**datasets.CIFAR10.meta, "md5": None}

    write_cifar(data, root)
    return Cifar(root, train=True, transform=transform)
