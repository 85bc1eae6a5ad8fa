"""What `fit` needs around its loop: checks, schedules, checkpoints, a progress line.

Nothing here is needed to understand training, and no lesson imports it.
"""

import contextlib
import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer, lr_scheduler

from lessons_lib.device import get_precision

_ELEMENTWISE = (F.mse_loss, F.l1_loss, F.huber_loss, F.binary_cross_entropy_with_logits)


# ---- where and how the numbers are computed ------------------------------------------
class Place(NamedTuple):
    """A device, the layout of images on it, and how to enter mixed precision."""

    device: torch.device
    layout: torch.memory_format
    autocast: contextlib.AbstractContextManager
    is_scaled: bool


def find_place(model, device, precision, channels_last: bool) -> Place:
    """Return the place for a model, and move the model there."""
    tensors = [*model.parameters(), *model.buffers(), torch.zeros(0)]
    device = torch.device(device or tensors[0].device)
    precision = precision or get_precision(device)
    layout = torch.channels_last if channels_last else torch.preserve_format
    autocast = contextlib.nullcontext()
    if precision != torch.float32:
        autocast = torch.autocast(device.type, precision)
    model.to(device, memory_format=layout)
    return Place(device, layout, autocast, is_scaled=precision == torch.float16)


def is_tensors(data) -> bool:
    """Say whether data are two tensors, rather than an iterable of batches."""
    is_pair = isinstance(data, (tuple, list)) and len(data) == 2
    return is_pair and all(isinstance(part, Tensor) for part in data)


def move(data, name: str, place: Place) -> tuple[Tensor, Tensor]:
    """Check a pair of tensors and move it to its place."""
    if not is_tensors(data):
        kinds = [type(part).__name__ for part in data] if _is_pair(data) else data
        raise TypeError(
            f"{name} must be tensors (inputs, targets), or an iterable of such batches, "
            f"got {kinds!r:.80}: use torch.as_tensor for arrays and a DataLoader for a "
            "Dataset"
        )
    inputs, targets = data
    if inputs.ndim == 0 or targets.ndim == 0 or len(inputs) != len(targets):
        raise ValueError(
            f"{name} must have one target for each input, got inputs "
            f"{tuple(inputs.shape)} and targets {tuple(targets.shape)}: compare how both "
            "were cut or filtered"
        )
    layout = place.layout if inputs.ndim == 4 else torch.preserve_format
    inputs = inputs.to(place.device, non_blocking=True, memory_format=layout)
    return inputs, targets.to(place.device, non_blocking=True)


def to_place(data, name: str, place: Place):
    """Move tensors to their place at once; leave an iterable to be moved by batch."""
    is_one = isinstance(data, Tensor) or _is_arrays(data)
    if isinstance(data, Iterable) and not is_one:
        return data
    moved = move(data, name, place)
    require(
        len(moved[0]), name, "at least one example", 0, "look at how it was filtered"
    )
    return moved


def _is_pair(data) -> bool:
    return isinstance(data, (tuple, list)) and len(data) == 2


def _is_arrays(data) -> bool:
    """Say whether data look like two arrays that are not both tensors."""
    return _is_pair(data) and all(hasattr(part, "shape") for part in data)


@contextlib.contextmanager
def mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    """Put a model into training or evaluation mode, and every part back afterwards."""
    before = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, was_training in before:
            module.training = was_training


@contextlib.contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Draw random numbers from a seed, and leave the caller's stream as it was."""
    before = random_state(device)
    torch.default_generator.manual_seed(seed)  # not every GPU: that takes a millisecond
    if device.type != "cpu":
        getattr(torch, device.type).manual_seed(seed)
    try:
        yield
    finally:
        set_random_state(before, device)


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Return the state of the random numbers of the CPU and of the device."""
    state = {"cpu": torch.get_rng_state()}
    if device.type != "cpu":
        where = () if device.type == "mps" else (device,)  # there is only one
        state[device.type] = getattr(torch, device.type).get_rng_state(*where)
    return state


def set_random_state(state: dict[str, Tensor], device: torch.device) -> None:
    """Set what `random_state` returned, as far as it is about this device."""
    torch.set_rng_state(state["cpu"])
    if device.type != "cpu" and device.type in state:
        where = () if device.type == "mps" else (device,)
        getattr(torch, device.type).set_rng_state(state[device.type], *where)


# ---- optimizer, schedule, memory -----------------------------------------------------
def adamw(params: list[nn.Parameter], lr: float) -> Optimizer:
    """Return AdamW, in one kernel for all weights where the device has that."""
    try:
        return torch.optim.AdamW(params, lr=lr, fused=True)
    except RuntimeError:  # "fused=True requires ..." on a device or dtype without it
        return torch.optim.AdamW(params, lr=lr)


def make_schedule(schedule, optimizer: Optimizer, total_steps: int):
    """Return a scheduler that is stepped after every batch, or None."""
    if schedule is None:
        return None
    require(
        total_steps, "train", "data with a length, for a schedule", "none", "a list"
    )
    if callable(schedule):
        return schedule(optimizer, total_steps)
    if schedule == "one_cycle":
        # One-cycle also moves the momentum; SGD without momentum must stay without.
        defaults = optimizer.defaults
        return lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=[group["lr"] for group in optimizer.param_groups],
            total_steps=total_steps,
            cycle_momentum="betas" in defaults or defaults.get("momentum", 0) > 0,
        )
    require(
        schedule == "cosine",
        "schedule",
        "None, 'one_cycle', 'cosine' or a function (optimizer, total_steps)",
        schedule,
        "choose one of them",
    )
    warmup = max(1, round(0.05 * total_steps))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        done = (step - warmup) / max(1, total_steps - warmup)
        return 0.5 * (1 + math.cos(math.pi * done))

    return lr_scheduler.LambdaLR(optimizer, factor)


@contextlib.contextmanager
def quiet(scaler: torch.amp.GradScaler) -> Iterator[None]:
    """Silence a warning that loss scaling provokes by skipping its first step."""
    with contextlib.ExitStack() as stack:
        if scaler.is_enabled():
            stack.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler")
        yield


def smaller(size: int, error: RuntimeError) -> int:
    """Return half the size if memory ran out; otherwise raise the error again."""
    text = str(error).lower()
    phrases = ("out of memory", "can't allocate memory", "not enough memory")
    if not any(phrase in text for phrase in phrases):
        raise error
    if size <= 1:
        raise RuntimeError(
            "out of memory with a single example (or with a batch of an iterable): use a "
            f"smaller model or smaller inputs, or restart the kernel; {error}"
        ) from error
    print(f"Out of memory: batches are now computed in parts of {size // 2}.")
    return size // 2


def weights(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of the weights and buffers, on their device."""
    state = model.state_dict()
    copied = {
        name: value.clone()
        for name, value in state.items()
        if isinstance(value, Tensor)
    }
    return {**state, **copied}


def are_finite(model: nn.Module) -> bool:
    """Say whether all weights are finite; waits for the device once."""
    return bool(torch.stack([p.isfinite().all() for p in model.parameters()]).all())


# ---- checks --------------------------------------------------------------------------
def require(right, name: str, expected: str, got, remedy: str) -> None:
    """Raise an error that names the argument, what was expected, what came, and why."""
    if not right:
        raise ValueError(f"{name} must be {expected}, got {got!r}: {remedy}")


def check_settings(model, lr, num_epochs, batch_size, patience, val) -> list:
    """Return the parameters that learn, after a look at the settings."""
    for name, value in (("num_epochs", num_epochs), ("batch_size", batch_size)):
        right = isinstance(value, int) and value > 0
        require(
            right, name, "a whole number above 0", value, "use for example 3 or 256"
        )
    require(0 < lr < math.inf, "lr", "a number above 0", lr, "use for example 1e-3")
    if patience is not None:
        require(
            val is not None, "val", "given with patience", val, "pass validation data"
        )
        require(
            patience > 0, "patience", "above 0, or None", patience, "use for example 3"
        )
    params = [param for param in model.parameters() if param.requires_grad]
    remedy = "call requires_grad_(True) on what shall learn"
    require(params, "model", "a module with parameters that learn", type(model), remedy)
    return params


def check_outputs(outputs, loss_fn: Callable, targets: Tensor, more: list) -> None:
    """Check the first outputs against their targets, and the range of all labels."""
    if not isinstance(outputs, Tensor):
        return
    got = f"outputs {tuple(outputs.shape)}, targets {tuple(targets.shape)} {targets.dtype}"
    if loss_fn in _ELEMENTWISE:
        remedy = "use .squeeze(1) or .unsqueeze(1), else every pair would be compared"
        right = outputs.shape == targets.shape
        require(right, "targets", "of the shape of the outputs", got, remedy)
    is_probs = outputs.shape == targets.shape and targets.is_floating_point()
    if loss_fn is not F.cross_entropy or is_probs:
        return
    remedy = "convert with targets.long()"
    right = targets.dtype == torch.int64
    require(right, "targets", "class numbers of dtype torch.int64", got, remedy)
    remedy = "logits (N, C) go with labels (N,), logits (N, C, T) with labels (N, T)"
    right = outputs.ndim > 1 and targets.shape == outputs.shape[:1] + outputs.shape[2:]
    require(right, "targets", "one label for each row of outputs", got, remedy)
    num_classes = outputs.shape[1]
    for labels in (targets, *more):
        known = labels[labels != -100]  # cross-entropy ignores -100
        low, high = (int(known.min()), int(known.max())) if known.numel() else (0, 0)
        right = low >= 0 and high < num_classes
        expected = (
            f"labels from 0 to {num_classes - 1}, the model has {num_classes} outputs"
        )
        remedy = "change the model's last layer or the labels"
        require(right, "targets", expected, f"{low} to {high}", remedy)
