"""Weights of a model for a page: int8 with one scale for each row, or float16.

`unpackRows` in kit.js reads what `pack_rows` writes.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np


def pack_rows(weights: Mapping[str, Any], pack: Any) -> dict[str, Any]:
    """Turn a state_dict into JSON values, a quarter of its size.

    Tensors with two or more dimensions become int8 with one scale for each entry of
    the first dimension, the others float16; `rounded` gives the same numbers back.

    Args:
        weights: The state_dict.
        pack: The function `pack` of this package.

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
