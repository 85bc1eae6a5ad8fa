"""Claims about `lessons_lib.device`; GPUs that do not work are simulated."""

import random

import numpy as np
import pytest
import torch

from lessons_lib import device as module
from lessons_lib.device import get_device, get_precision, scale, set_seed


@pytest.fixture(autouse=True)
def fresh_choice(monkeypatch):
    monkeypatch.delenv("LESSONS_DEVICE", raising=False)
    module._choose.cache_clear()
    yield
    module._choose.cache_clear()


@pytest.fixture
def machine(monkeypatch):
    """Return a function that builds a machine: device name -> what its kernel does."""

    def build(**kernels):
        def run_kernel(name):
            result = kernels[name.split(":")[0]]
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: True)
        for kind in ("cuda", "xpu", "mps"):
            here = kind in kernels
            monkeypatch.setattr(getattr(torch, kind), "is_available", lambda h=here: h)
        monkeypatch.setattr(module, "_run_kernel", run_kernel)
        monkeypatch.setattr(module, "_describe", str)

    return build


def test_kernel_of_the_cpu_gives_the_right_number():
    assert module._run_kernel("cpu") == 14.0


def test_get_device_returns_a_device_that_computes(capsys):
    device = get_device()
    assert (torch.ones(3, device=device) * 2).sum().item() == 6
    line = capsys.readouterr().out
    assert line.startswith(f"Device: {device} (")
    assert line.count("\n") == 1


def test_quiet_get_device_prints_nothing(capsys):
    get_device(verbose=False)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("kind", ["cuda", "xpu", "mps"])
def test_working_gpu_is_chosen(machine, kind):
    machine(**{kind: 14.0})
    assert get_device().type == kind


def test_cuda_is_preferred_to_the_others(machine):
    machine(cuda=14.0, xpu=14.0, mps=14.0)
    assert get_device().type == "cuda"


def test_gpu_that_cannot_run_a_kernel_is_refused_with_the_reason(machine, capsys):
    message = "CUDA error: no kernel image is available for execution on the device\nx"
    machine(cuda=RuntimeError(message))
    assert get_device().type == "cpu"
    line = capsys.readouterr().out
    assert "cudaErrorNoKernelImageForDevice" in line
    assert "choose the T4" in line
    assert line.count("\n") == 1


def test_broken_gpu_gives_way_to_a_working_one_of_another_kind(machine, capsys):
    machine(cuda=RuntimeError("driver too old"), xpu=14.0)
    assert get_device().type == "xpu"
    assert "Cuda cannot run a kernel (driver too old)." in capsys.readouterr().out


def test_gpu_that_computes_nonsense_is_refused(machine, capsys):
    machine(mps=0.0)
    assert get_device().type == "cpu"
    assert "wrong result" in capsys.readouterr().out


def test_gpu_that_only_claims_to_be_there_is_refused(monkeypatch):
    if torch.cuda.is_available():
        pytest.skip("needs a machine without a GPU")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert get_device().type == "cpu"


def test_cpu_build_of_pytorch_is_named(machine, monkeypatch, capsys):
    machine()
    monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: False)
    get_device()
    assert "No GPU: this PyTorch is built for the CPU only." in capsys.readouterr().out


def test_environment_can_force_the_cpu(machine, monkeypatch, capsys):
    machine(cuda=14.0, cpu=14.0)
    monkeypatch.setenv("LESSONS_DEVICE", "cpu")
    assert get_device().type == "cpu"
    assert "LESSONS_DEVICE asked for it." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["xpu", "no such device"])
def test_forced_device_that_does_not_work_is_an_error_with_a_remedy(
    machine, monkeypatch, name
):
    machine(**{name: RuntimeError("unknown device")})
    monkeypatch.setenv("LESSONS_DEVICE", name)
    with pytest.raises(RuntimeError, match="unset LESSONS_DEVICE or set it to cpu"):
        get_device()


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        ((9, 0), torch.bfloat16),  # H100
        ((8, 0), torch.bfloat16),  # A100
        ((7, 5), torch.float16),  # T4
        ((7, 0), torch.float16),  # V100
        ((6, 0), torch.float32),  # P100
    ],
)
def test_precision_of_cuda_follows_the_hardware(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert get_precision(torch.device("cuda")) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("cpu", torch.float32), ("mps", torch.float32), ("xpu", torch.bfloat16)],
)
def test_precision_of_other_devices(name, expected):
    assert get_precision(name) == expected


def test_same_seed_gives_same_numbers_everywhere():
    draws = []
    for _ in range(2):
        set_seed(7)
        draws.append((random.random(), np.random.rand(), torch.rand(()).item()))  # noqa: NPY002
    set_seed(8)
    other = (random.random(), np.random.rand(), torch.rand(()).item())  # noqa: NPY002
    assert draws[0] == draws[1]
    assert all(a != b for a, b in zip(draws[0], other, strict=True))


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, None])
def test_seed_that_numpy_cannot_take_is_refused(seed):
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        set_seed(seed)


def test_scale_gives_a_gpu_more_to_do(machine):
    machine(cuda=14.0)
    assert scale(cpu=3, gpu=20) == 20
    module._choose.cache_clear()
    machine()
    assert scale(cpu=3, gpu=20) == 3
