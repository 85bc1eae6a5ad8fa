"""Arrays as JSON values, for the state of a demo.

In kit.js `unpack` reads what `pack` writes, and `unpackRows` what `pack_rows` writes.
"""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np


def pack(values: Any, dtype: str = "float16") -> dict[str, Any]:
    """Encode an array compactly for the state of a demo; `unpack` in kit.js reads it.

    Args:
        values: Tensor or array of any shape.
        dtype: "float16", "float32", "int8" (one scale for the array) or "uint8".

    Returns:
        Keys `dtype`, `shape`, `data` (base64, little-endian) and, for int8, `scale`.

    Raises:
        ValueError: If dtype is unknown, or a value is not finite in that dtype.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    array = np.asarray(values)
    scale = {}
    if dtype == "int8":
        scale["scale"] = float(np.abs(array).max(initial=0.0)) / 127 or 1.0
        array = np.round(array / scale["scale"])
    elif dtype not in ("float16", "float32", "uint8"):
        raise ValueError(
            f"dtype must be float16, float32, int8 or uint8, got {dtype!r}"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        coded = array.astype(dtype)
    if not np.isfinite(coded.astype(np.float64)).all():
        raise ValueError(f"values must be finite in {dtype}: scale them or use float32")
    return encode(coded, dtype, **scale)


def encode(values: Any, dtype: str, **scale: float) -> dict[str, Any]:
    """Encode an array as it is: no rounding, no scale, no check; `pack` has them."""
    array = np.asarray(values)
    coded = array.astype(np.dtype(dtype).newbyteorder("<"))
    data = base64.b64encode(coded.tobytes()).decode("ascii")
    return {"dtype": dtype, "shape": list(array.shape), **scale, "data": data}


def pack_rows(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a state_dict into JSON values, a quarter of its size.

    Tensors with two or more dimensions become int8 with one scale for each entry of
    the first dimension, the others float16; `rounded` gives the same numbers back.

    Args:
        weights: The state_dict.

    Returns:
        Keys `table` (name and shape of each tensor), `quanta`, `scales` and `halves`.
    """
    table, quanta, scales, halves = [], [], [], []
    for name, tensor in weights.items():
        values = tensor.detach().cpu().float().numpy()
        table.append([name, list(values.shape)])
        if values.ndim > 1:
            whole, scale = _quantise(values)
            quanta.append(whole.astype(np.int8).ravel())
            scales.append(scale.ravel())
        else:
            halves.append(values)
    return {
        "table": table,
        "quanta": pack(np.concatenate(quanta).view(np.uint8), "uint8"),
        "scales": pack(np.concatenate(scales), "float32"),
        "halves": pack(np.concatenate(halves), "float16"),
    }


def rounded(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return the weights as the page has them, for a comparison in PyTorch."""
    import torch

    result = {}
    for name, tensor in weights.items():
        values = tensor.detach().cpu().float().numpy()
        if values.ndim > 1:
            whole, scale = _quantise(values)
            result[name] = torch.from_numpy((whole * scale).reshape(values.shape))
        else:
            result[name] = tensor.detach().cpu().half().float()
    return result


def _quantise(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whole numbers from -127 to 127, shape (rows, -1), and scales (rows, 1)."""
    rows = values.reshape(len(values), -1)
    largest = np.abs(rows).max(axis=1, keepdims=True).astype(np.float32)
    scale = np.where(largest > 0, largest, 1).astype(np.float32) / np.float32(127)
    return np.round(rows / scale), scale
