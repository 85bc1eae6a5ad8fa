"""Say what differs between an answer and the reference: the first thing that does."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

# (rtol, atol) by dtype. Looser than torch.testing's for float32: an answer that adds in
# another order is right too. Python's own floats often come from float32 by `.item()`.
_TOLERANCES = {
    "float16": (1e-2, 1e-3),
    "bfloat16": (2e-2, 1e-2),
    "float32": (1e-4, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1e-4, 1e-5),
    "complex128": (1e-7, 1e-7),
    "float": (1e-5, 1e-6),
}
_KINDS = ((bool, "bool"), (int, "int"), (float, "float"))


def difference(
    answer: Any,
    reference: Any,
    *,
    name: str = "the result",
    tolerance: tuple[float, float] | None = None,
) -> str | None:
    """Return None if `answer` equals `reference`, else a sentence on what differs.

    Tensors and arrays are compared by type, shape, dtype, device and values, in this
    order; tuples, lists and dicts entry by entry; modules by their state. Things of
    another type count as equal when `==` says so or when they are callable.
    """
    answer, reference = _plain(answer), _plain(reference)
    wanted, got = kind_of(reference), kind_of(answer)
    if wanted != got and not (wanted == "float" and got == "int"):
        return (
            f"{name}: expected {_a(wanted)}, got {_a(got)}{_type_remedy(wanted, got)}"
        )
    if wanted in ("tensor", "array"):
        return _array_difference(answer, reference, name, tolerance)
    if wanted == "dict":
        return _dict_difference(answer, reference, name, tolerance)
    if wanted == "list or tuple":
        return _list_difference(answer, reference, name, tolerance)
    if wanted in ("float", "int", "bool"):
        rtol, atol = tolerance or _TOLERANCES["float"]
        is_equal = bool(_is_close(answer, reference, rtol, atol))
    else:
        is_equal = callable(reference) or _equal(answer, reference)
    if is_equal:
        return None
    return f"{name}: expected `{short(reference)}`, got `{short(answer)}`"


def kind_of(value: Any) -> str:
    """Return what a reader would call the type of `value`, such as "tensor"."""
    if value is None:
        return "None"
    for kind, label in _KINDS:
        if isinstance(value, kind):
            return label
    if isinstance(value, list | tuple):
        return "list or tuple"
    if isinstance(value, dict):
        return "dict"
    if isinstance(value, np.ndarray):
        return "array"
    torch = sys.modules.get("torch")  # whoever has a tensor has imported torch
    if torch is not None and isinstance(value, torch.Tensor):
        return "tensor"
    return type(value).__name__


def short(value: Any, limit: int = 60) -> str:
    """Return `value` in a short form: numbers as they are, tensors by shape and dtype."""
    kind = kind_of(value)
    if kind in ("tensor", "array") and value.ndim > 0:
        entries = value.detach().cpu() if kind == "tensor" else value
        if math.prod(value.shape) <= 6:
            rounded = _rounded(entries.tolist())
            return f"{kind}({rounded})".replace("'", "")
        shape = "x".join(str(size) for size in value.shape)
        return f"{kind} of shape {shape}, {str(value.dtype).replace('torch.', '')}"
    if kind == "tensor":
        return f"tensor({_rounded(value.item())})".replace("'", "")
    if kind == "list or tuple" and type(value) in (list, tuple):
        inner = ", ".join(short(entry, 20) for entry in value[:6])
        inner += ", ..." if len(value) > 6 else "," if len(value) == 1 else ""
        return f"[{inner.rstrip(',')}]" if isinstance(value, list) else f"({inner})"
    if kind == "float":
        return str(_rounded(value)).replace("'", "")
    if callable(value) and hasattr(value, "__name__"):
        return value.__name__
    try:
        text = " ".join(repr(value).split())
    except Exception as error:  # a class of the reader's may have a broken __repr__
        text = f"<{type(value).__name__}, repr() raises {type(error).__name__}>"
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return f"{value:.6g}" if isinstance(value, float) else value


def _plain(value: Any) -> Any:
    """Turn modules into their state, numpy's single numbers into Python's."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.nn.Module):
        return dict(value.state_dict())
    return value.item() if isinstance(value, np.generic) else value


def _a(kind: str) -> str:
    if kind == "None":
        return kind
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _type_remedy(wanted: str, got: str) -> str:
    if got == "None":
        return ". Is there a `return` at the end?"
    if got == "tensor" and wanted in ("float", "int", "bool"):
        return ". `.item()` turns a tensor with one entry into a number"
    if got == "tensor" and wanted == "array":
        return ". `.numpy()` turns a CPU tensor into an array"
    if wanted == "tensor" and got in ("array", "float", "int", "list or tuple"):
        return ". Keep to tensor operations: they know gradients and the device"
    return ""


def _array_difference(
    answer: Any, reference: Any, name: str, tolerance: tuple[float, float] | None
) -> str | None:
    for what in ("shape", "dtype", "device"):
        wanted, got = getattr(reference, what, ""), getattr(answer, what, "")
        if what == "shape":
            wanted, got = tuple(wanted), tuple(got)
        if what == "device" and wanted:  # array.device exists since numpy 2
            wanted, got = (str(device).split(":")[0] for device in (wanted, got))
        if wanted != got:
            return f"{name}: expected {what} `{wanted}`, got `{got}`"
    dtype = str(reference.dtype).replace("torch.", "")
    if kind_of(reference) == "tensor":
        answer, reference = answer.detach().cpu(), reference.detach().cpu()
        if reference.is_floating_point():
            answer, reference = answer.double(), reference.double()
        answer, reference = answer.numpy(), reference.numpy()
    rtol, atol = tolerance or _TOLERANCES.get(dtype, (0.0, 0.0))
    if reference.dtype.kind in "fc":
        wrong = ~_is_close(answer, reference, rtol, atol)
    else:
        wrong = np.asarray(answer != reference)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    got, wanted = answer[index].item(), reference[index].item()
    sentence = f"{place}: expected `{short(wanted)}`, got `{short(got)}`"
    if wrong.size > 1:
        sentence += f" ({wrong.sum()} of {wrong.size} entries differ)"
    return sentence


def _is_close(answer: Any, reference: Any, rtol: float, atol: float) -> Any:
    with np.errstate(all="ignore"):
        return np.isclose(answer, reference, rtol=rtol, atol=atol, equal_nan=True)


def _equal(answer: Any, reference: Any) -> bool:
    """Return whether the two are equal, or of a class that does not define equality."""
    if type(reference).__eq__ is object.__eq__:
        return type(answer) is type(reference)
    return bool(answer == reference)


def _dict_difference(
    answer: dict, reference: dict, name: str, tolerance: tuple[float, float] | None
) -> str | None:
    missing = [key for key in reference if key not in answer]
    extra = [key for key in answer if key not in reference]
    if missing:
        return f"{name}: the entry `{short(missing[0])}` is missing"
    if extra:
        return f"{name}: the entry `{short(extra[0])}` is not expected"
    for key, value in reference.items():
        found = difference(
            answer[key], value, name=f"{name}[{key!r}]", tolerance=tolerance
        )
        if found:
            return found
    return None


def _list_difference(
    answer: Any, reference: Any, name: str, tolerance: tuple[float, float] | None
) -> str | None:
    if len(answer) != len(reference):
        return f"{name}: expected {len(reference)} entries, got {len(answer)}"
    for i, (got, wanted) in enumerate(zip(answer, reference, strict=True)):
        found = difference(got, wanted, name=f"{name}[{i}]", tolerance=tolerance)
        if found:
            return found
    return None
