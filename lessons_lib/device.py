"""Choose a device that really works, and say what it does well."""

import functools
import os
import random
import warnings

import numpy as np
import torch

_KINDS = ("cuda", "xpu", "mps")  # tried in this order, the processor last
_NAMES = {"cuda": "NVIDIA or AMD GPU", "xpu": "Intel GPU", "mps": "Apple GPU"}


def get_device(verbose: bool = True) -> torch.device:
    """Return the best device that has just run a kernel correctly.

    A GPU that only claims to be available is not trusted: PyTorch says so of a
    Kaggle P100 too, whose first operation then fails. The environment variable
    `LESSONS_DEVICE` (for example `cpu` or `cuda:1`) overrides the choice.

    Args:
        verbose: print one line: what was chosen, and why nothing better.

    Raises:
        RuntimeError: if the device named by `LESSONS_DEVICE` does not work.
    """
    device, why = _choose(os.environ.get("LESSONS_DEVICE", "").strip())
    if verbose:
        print(f"Device: {_describe(device)}. {why}".rstrip())
    return device


def get_precision(device: torch.device | str) -> torch.dtype:
    """Return the number format in which this device trains well.

    bfloat16 where the hardware has it (NVIDIA since Ampere, Intel GPUs), float16 on
    older NVIDIA cards such as the T4 (`fit` then scales the loss), float32 elsewhere:
    bfloat16 made small models slower on the CPUs measured for this book.
    """
    device = torch.device(device)
    if device.type == "xpu":
        return torch.bfloat16
    if device.type == "cuda":
        # 8.0 is Ampere, 7.0 is Volta: "Compute Capabilities" in NVIDIA's CUDA guide.
        capability = torch.cuda.get_device_capability(device)
        if capability >= (8, 0):
            return torch.bfloat16
        if capability >= (7, 0):
            return torch.float16
    return torch.float32


def set_seed(seed: int) -> None:
    """Seed the random numbers of Python, NumPy and PyTorch on every device.

    Raises:
        ValueError: if `seed` is not a whole number from 0 to 2**32 - 1.
    """
    if not isinstance(seed, int) or not 0 <= seed < 2**32:
        expected = "a whole number from 0 to 4294967295"
        raise ValueError(f"seed must be {expected}, got {seed!r}: try set_seed(0)")
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  the old generator is what other code uses
    torch.manual_seed(seed)


def scale(*, cpu, gpu):
    """Return `gpu` when training runs on a GPU, else `cpu`.

    Example: `num_epochs = scale(cpu=3, gpu=20)` gives a faster machine more to do.
    """
    return cpu if get_device(verbose=False).type == "cpu" else gpu


@functools.cache
def _choose(forced: str) -> tuple[torch.device, str]:
    """Return the device, and why none that comes before it."""
    if forced:
        problem = _problem(forced)
        if problem:
            remedy = "unset LESSONS_DEVICE or set it to cpu"
            raise RuntimeError(f"LESSONS_DEVICE is {forced!r}, but {problem}: {remedy}")
        return torch.device(forced), "LESSONS_DEVICE asked for it."
    failed = []
    for kind in _KINDS:
        problem = _problem(kind)
        if not problem:
            return torch.device(kind), " ".join(failed)
        if "kernel" in problem:  # a GPU of another maker that is absent is not news
            failed.append(f"{problem[0].upper()}{problem[1:]}.")
    return torch.device("cpu"), " ".join(failed) or f"No GPU: {_problem('cuda')}."


def _problem(name: str) -> str:
    """Return why the device cannot be used, or "" if it ran a kernel correctly."""
    kind = name.split(":")[0]
    try:
        if kind == "cuda" and not torch.backends.cuda.is_built():
            return "this PyTorch is built for the CPU only"
        if kind in _KINDS and not getattr(torch, kind).is_available():
            return f"PyTorch sees no {_NAMES[kind]} with a working driver"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the printed line says it in plain words
            right = _run_kernel(name) == 14.0
        return "" if right else f"{name} ran a kernel with a wrong result"
    except (RuntimeError, AssertionError, AttributeError) as error:
        text = str(error).strip() or type(error).__name__
        if "no kernel image" in text:
            text = "cudaErrorNoKernelImageForDevice: too old for this PyTorch"
            text += "; on Kaggle choose the T4 accelerator"
        return f"{name} cannot run a kernel ({text.splitlines()[0]})"


def _run_kernel(name: str) -> float:
    """Multiply on the device and fetch the result: 1 + 4 + 9."""
    numbers = torch.tensor([[1.0, 2.0, 3.0]], device=name)
    return (numbers @ numbers.T).item()


def _describe(device: torch.device) -> str:
    """Name the device, its size and the precision in which `fit` will train."""
    detail = f"threads: {torch.get_num_threads()}"
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        detail = f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    elif device.type != "cpu":
        detail = _NAMES[device.type]
    precision = str(get_precision(device)).removeprefix("torch.")
    return f"{device} ({detail}, {precision})"
