"""Claims about `lessons_lib.device`; GPUs that do not work are simulated."""

import random

import numpy as np
import pytest
import torch

from lessons_lib import device as module
from lessons_lib.device import get_device, get_precision, scale, set_seed


@pytest.fixture
def machine(monkeypatch):
    """Return a function that builds a machine: device name -> what its kernel does."""

    def build(**kernels):
        def run_kernel(name):
            if isinstance(kernels[name], Exception):
                raise kernels[name]
            return kernels[name]

        for name in ("cuda", "xpu", "mps"):
            backend = torch.backends.mps if name == "mps" else getattr(torch, name)
            here = name in kernels
            monkeypatch.setattr(backend, "is_available", lambda here=here: here)
        monkeypatch.setattr(module, "_run_kernel", run_kernel)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla")
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
        module._choose.cache_clear()

    yield build
    module._choose.cache_clear()


def test_get_device_returns_a_device_that_computes_and_prints_one_line(capsys):
    device = get_device()
    assert (torch.ones(3, device=device) * 2).sum().item() == 6
    assert module._run_kernel("cpu") == 14.0
    line = capsys.readouterr().out
    assert line.startswith(f"Device: {device} (")
    assert line.count("\n") == 1
    get_device(verbose=False)
    assert capsys.readouterr().out == ""


P100 = RuntimeError("CUDA error: no kernel image is available for execution\nx")
MACHINES = [
    ({"cuda": 14.0, "xpu": 14.0, "mps": 14.0}, "cuda", "(Tesla, float16)."),
    ({"xpu": 14.0}, "xpu", "(XPU, bfloat16)."),
    ({"mps": 14.0}, "mps", "(MPS, float32)."),
    ({"cuda": P100}, "cpu", "cuda cannot be used: too old for this PyTorch, on Kaggle"),
    ({"cuda": RuntimeError("old driver"), "xpu": 14.0}, "xpu", "used: old driver."),
    ({"cuda": AssertionError()}, "cpu", "cuda cannot be used: AssertionError."),
    ({"mps": 0.0}, "cpu", "mps cannot be used: it computes wrong results."),
    ({}, "cpu", "PyTorch sees no GPU."),
]


@pytest.mark.parametrize(("kernels", "chosen", "words"), MACHINES)
def test_the_best_device_that_works_is_chosen(machine, capsys, kernels, chosen, words):
    machine(**kernels)
    assert get_device().type == chosen
    line = capsys.readouterr().out
    assert words in line
    assert line.count("\n") == 1
    assert scale(cpu=3, gpu=20) == (3 if chosen == "cpu" else 20)


def test_environment_can_force_the_device(machine, monkeypatch, capsys):
    machine(cuda=14.0, cpu=14.0, xpu=RuntimeError("no such device"))
    monkeypatch.setenv("LESSONS_DEVICE", "cpu")
    assert get_device().type == "cpu"
    assert "LESSONS_DEVICE asked for it." in capsys.readouterr().out
    monkeypatch.setenv("LESSONS_DEVICE", "xpu")
    with pytest.raises(RuntimeError, match="no such device. Unset LESSONS_DEVICE or"):
        get_device()


CARDS = [((9, 0), "bfloat16"), ((8, 0), "bfloat16"), ((7, 5), "float16")]
CARDS += [((7, 0), "float16"), ((6, 0), "float32")]  # H100, A100, T4; V100, P100


@pytest.mark.parametrize(("capability", "expected"), CARDS)
def test_precision_follows_the_hardware(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert get_precision(torch.device("cuda")) == getattr(torch, expected)
    others = [get_precision(name) for name in ("cpu", "mps", "xpu")]
    assert others == [torch.float32, torch.float32, torch.bfloat16]


def test_same_seed_gives_same_numbers_everywhere():
    def draw(seed):
        set_seed(seed)
        return random.random(), np.random.rand(), torch.rand(()).item()  # noqa: NPY002

    assert draw(7) == draw(7)
    assert all(a != b for a, b in zip(draw(7), draw(8), strict=True))
