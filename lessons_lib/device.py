"""Choose a device that really works, and say what it does well."""

import functools
import os
import random

import numpy as np
import torch


def get_device(verbose: bool = True) -> torch.device:
    """Return the best device that has just run a kernel correctly; print one line.

    PyTorch calls a Kaggle P100 available too, whose first operation then fails. The
    environment variable `LESSONS_DEVICE` (`cpu`, `cuda:1`) overrides the choice.
    """
    device, why = _choose(os.environ.get("LESSONS_DEVICE", "").strip())
    if verbose:
        is_cuda = device.type == "cuda"
        name = torch.cuda.get_device_name(device) if is_cuda else device.type.upper()
        precision = str(get_precision(device)).removeprefix("torch.")
        print(f"Device: {device} ({name}, {precision}). {why}".rstrip())
    return device


def get_precision(device: torch.device | str) -> torch.dtype:
    """Return the number format in which this device trains well.

    bfloat16 on NVIDIA from Ampere (8.0) and Intel GPUs, float16 on NVIDIA from Volta
    (7.0; the T4 is 7.5), float32 elsewhere: on our CPUs bfloat16 made training slower.
    """
    device = torch.device(device)
    if device.type == "cuda":
        capability = torch.cuda.get_device_capability(device)
        if capability >= (7, 0):
            return torch.bfloat16 if capability >= (8, 0) else torch.float16
    return torch.bfloat16 if device.type == "xpu" else torch.float32


def set_seed(seed: int) -> None:
    """Seed the random numbers of Python, NumPy and PyTorch on every device."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  the old generator is what other code uses
    torch.manual_seed(seed)


def scale(*, cpu, gpu):
    """Return `gpu` where training runs on a GPU, else `cpu`."""
    return cpu if get_device(verbose=False).type == "cpu" else gpu


@functools.cache
def _choose(forced: str) -> tuple[torch.device, str]:
    """Return the device, and why it is none that comes before it."""
    gpus = {"cuda": torch.cuda, "xpu": torch.xpu, "mps": torch.backends.mps}
    claimed = [name for name, backend in gpus.items() if backend.is_available()]
    problems = ["LESSONS_DEVICE asked for it."] if forced else []
    for name in [forced] if forced else claimed:
        try:
            if _run_kernel(name) == 14.0:
                return torch.device(name), " ".join(problems)
            problem = "it computes wrong results"
        except (RuntimeError, AssertionError) as error:
            problem = (str(error).strip() or type(error).__name__).splitlines()[0]
            if "no kernel image" in problem:
                problem = "too old for this PyTorch, on Kaggle choose the T4"
        problems.append(f"{name} cannot be used: {problem}.")
    if forced:
        raise RuntimeError(f"{problems[1]} Unset LESSONS_DEVICE or set it to cpu.")
    return torch.device("cpu"), " ".join(problems) or "PyTorch sees no GPU."


def _run_kernel(name: str) -> float:
    numbers = torch.tensor([[1.0, 2.0, 3.0]], device=name)
    return (numbers @ numbers.T).item()  # 1 + 4 + 9
