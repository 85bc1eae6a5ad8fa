"""DrawADigit: draw in the page, and a network that was trained here answers."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.packing import encode, pack
from lessons_lib.demos.stills import svg

SUPPORTED = (
    "Flatten, Linear, Conv2d, BatchNorm1d, BatchNorm2d, MaxPool2d, AvgPool2d, "
    "AdaptiveAvgPool2d(1), ReLU, LeakyReLU, GELU, SiLU, Sigmoid, Tanh, Identity and "
    "Dropout, in nn.Sequential"
)
_PLAIN = {nn.ReLU: "relu", nn.SiLU: "silu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh"}
_SKIPPED = (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d)


def draw_a_digit(
    model: Any,
    *,
    classes: Sequence[str] = tuple("0123456789"),
    examples: Any = None,
    mean: float = 0.0,
    std: float = 1.0,
    dtype: str = "int8",
) -> Demo:
    """Draw in the page, and let a network that was trained here answer.

    Args:
        model: nn.Sequential that maps images (N, 1, 28, 28) to logits.
        classes: Name of each class.
        examples: Images to open, (N, 28, 28) or (N, 1, 28, 28), uint8 or 0 to 1.
        mean: Mean that the model's inputs were normalised with, for pixels 0 to 1.
        std: Standard deviation that they were normalised with.
        dtype: How weights are stored in the page, "int8" or "float16".

    Raises:
        TypeError: If the model has a layer that the page cannot compute.
        ValueError: If the model's output, the examples, or dtype do not fit.
    """
    layers = export_model(model, dtype)
    check_output(model, len(classes))
    images = None if examples is None else example_images(examples)
    if images is not None and not len(images):
        images = None
    state = {
        "layers": layers,
        "classes": list(classes),
        "examples": None if images is None else pack(images, "uint8"),
        "mean": float(mean),
        "std": float(std),
        "style": pen_style(images),
    }
    text = (
        "DrawADigit: draw a digit in the page, and the network trained in this lesson "
        "answers at once, with its probabilities and what its units do."
    )
    return Demo("draw_a_digit", state, text=text, figure=figure())


def export_model(model: nn.Module, dtype: str = "int8") -> list[dict[str, Any]]:
    """Turn a trained network into what the page can compute.

    Weights of Linear and Conv2d are rounded: "int8" with one scale for each output,
    or "float16". Everything else stays float32. Dropout is left out and batch norm
    uses its running statistics, as in `model.eval()`.

    Args:
        model: nn.Sequential, may be nested.
        dtype: "int8" or "float16".

    Returns:
        One dictionary for each layer, JSON values only.

    Raises:
        TypeError: If a layer is not among the supported ones.
        ValueError: If dtype is unknown.
    """
    if dtype not in ("int8", "float16"):
        raise ValueError(f'dtype must be "int8" or "float16", got {dtype!r}')
    return [_export(layer, dtype) for layer in _flat(model)]


def _flat(model: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers of nested nn.Sequential, in order, without those that do nothing."""
    if not isinstance(model, nn.Sequential):
        raise TypeError(_complaint(model))
    for layer in model:
        if isinstance(layer, nn.Sequential):
            yield from _flat(layer)
        elif not isinstance(layer, _SKIPPED):
            yield layer


def _complaint(layer: nn.Module) -> str:
    return f"model must be built from {SUPPORTED}; got {layer}"


def _export(layer: nn.Module, dtype: str) -> dict[str, Any]:
    """Describe one layer."""
    if type(layer) in _PLAIN:
        return {"kind": _PLAIN[type(layer)]}
    if isinstance(layer, nn.GELU):
        return {"kind": "gelu" if layer.approximate == "none" else "gelu_tanh"}
    if isinstance(layer, nn.LeakyReLU):
        return {"kind": "leaky", "slope": layer.negative_slope}
    if isinstance(layer, nn.Flatten) and (layer.start_dim, layer.end_dim) == (1, -1):
        return {"kind": "flatten"}
    if isinstance(layer, nn.Linear):
        return {"kind": "linear", **_weights(layer, dtype)}
    if isinstance(layer, nn.Conv2d):
        return _conv(layer, dtype)
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        return _batch_norm(layer)
    if isinstance(layer, nn.MaxPool2d | nn.AvgPool2d):
        return _pool(layer)
    if isinstance(layer, nn.AdaptiveAvgPool2d) and _pair(layer.output_size) == [1, 1]:
        return {"kind": "mean", "size": None}
    raise TypeError(_complaint(layer))


def _pair(value: Any) -> list[int]:
    return list(value) if isinstance(value, tuple | list) else [value, value]


def _weights(layer: nn.Linear | nn.Conv2d, dtype: str) -> dict[str, Any]:
    """Round and encode the weight, one scale for each output, and the bias."""
    weight = layer.weight.detach().float().cpu().numpy()
    bias = layer.bias
    parts: dict[str, Any] = {
        "bias": None if bias is None else encode(bias.detach().float().cpu(), "float32")
    }
    if dtype == "float16":
        return {**parts, "weight": encode(weight, "float16")}
    rows = weight.reshape(len(weight), -1)
    scale = np.abs(rows).max(1) / 127
    scale[scale == 0] = 1.0
    coded = np.round(rows / scale[:, None]).reshape(weight.shape)
    return {
        **parts,
        "weight": encode(coded, "int8"),
        "scale": encode(scale, "float32"),
    }


def _conv(layer: nn.Conv2d, dtype: str) -> dict[str, Any]:
    padding = layer.padding
    if padding == "valid":
        padding = (0, 0)
    if padding == "same" and all(size % 2 for size in layer.kernel_size):
        padding = tuple(size // 2 for size in layer.kernel_size)
    plain = _pair(layer.dilation) == [1, 1] and layer.padding_mode == "zeros"
    if isinstance(padding, str) or not plain:
        raise TypeError(_complaint(layer))
    return {
        "kind": "conv",
        "stride": _pair(layer.stride),
        "padding": _pair(padding),
        "groups": layer.groups,
        **_weights(layer, dtype),
    }


def _pool(layer: nn.MaxPool2d | nn.AvgPool2d) -> dict[str, Any]:
    """Describe pooling; an average counts the padding in, as PyTorch does."""
    is_max = isinstance(layer, nn.MaxPool2d)
    usual = _pair(layer.dilation) == [1, 1] if is_max else layer.count_include_pad
    if not usual or layer.ceil_mode or getattr(layer, "divisor_override", None):
        raise TypeError(_complaint(layer))
    size = _pair(layer.kernel_size)
    stride = _pair(layer.stride) if layer.stride else size
    kind = "max" if is_max else "mean"
    return {"kind": kind, "size": size, "stride": stride, "padding": _pair(layer.padding)}


def _batch_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d) -> dict[str, Any]:
    """Describe batch norm with its running statistics: x * weight + bias."""
    if layer.running_mean is None:
        raise TypeError(_complaint(layer))
    with torch.no_grad():
        weight = (layer.running_var.double() + layer.eps).rsqrt()
        if layer.affine:
            weight = weight * layer.weight.double()
        bias = -layer.running_mean.double() * weight
        if layer.affine:
            bias = bias + layer.bias.double()
    return {
        "kind": "affine",
        "weight": encode(weight.cpu(), "float32"),
        "bias": encode(bias.cpu(), "float32"),
    }


def check_output(model: nn.Module, num_classes: int) -> None:
    """Raise ValueError unless the model maps a 28x28 image to one logit per class."""
    parameter = next(model.parameters(), torch.zeros(()))
    image = torch.zeros(1, 1, 28, 28, device=parameter.device, dtype=parameter.dtype)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        shape = tuple(model(image).shape)
    model.train(was_training)
    if shape != (1, num_classes):
        raise ValueError(
            f"model must map (1, 1, 28, 28) to (1, {num_classes}), one logit for each "
            f"of the classes, got {shape}"
        )


def example_images(examples: Any) -> np.ndarray:
    """Return examples as uint8 of shape (N, 28, 28).

    Raises:
        ValueError: If the shape is another one or floats lie outside 0 to 1.
    """
    array = np.asarray(examples.detach().cpu() if hasattr(examples, "detach") else examples)
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 3 or array.shape[1:] != (28, 28):
        raise ValueError(
            f"examples must have shape (N, 28, 28) or (N, 1, 28, 28), got {array.shape}"
        )
    if array.dtype != np.uint8:
        if array.size and (array.min() < 0 or array.max() > 1):
            raise ValueError(
                "examples must be uint8 or floats from 0 to 1 (before normalising), got "
                f"values from {array.min():g} to {array.max():g}"
            )
        array = np.round(array * 255).astype(np.uint8)
    return array


def pen_style(images: np.ndarray | None) -> dict[str, float]:
    """Return pen and box, in pixels, that suit the pictures the network knows.

    MNIST's digits fit a box of 20 pixels. Digits that fill the whole picture are the
    8x8 ones enlarged: a soft, thick pen without a margin.
    """
    if images is not None and len(images):
        dark = images > 76
        sizes = [dark.any(axis).sum(1) for axis in (1, 2)]
        if np.median(np.maximum(*sizes)) >= 25:
            return {"pen": 2.0, "edge": 2.0, "box": 28}
    return {"pen": 1.2, "edge": 0.75, "box": 20}


def figure() -> str:
    """Draw a three as strokes, the same as pixels, and ten bars of probability."""
    curve = [(8, 7), (12, 4), (18, 5), (19, 9), (14, 13), (19, 16), (19, 21), (14, 24), (8, 21)]
    scale = 6.0
    points = " ".join(f"{10 + scale * x:g},{10 + scale * y:g}" for x, y in curve)
    spots: dict[float, str] = {}  # one path for each of five shades
    for row in range(28):
        for column in range(28):
            shade = round(5 * _ink(column + 0.5, row + 0.5, curve)) / 5
            if shade:
                spots[shade] = spots.get(shade, "") + f"M{column} {row}h.9v.9h-.9z"
    pixels = "".join(
        f'<path d="{path}" opacity="{shade:g}"/>' for shade, path in spots.items()
    )
    bars = "".join(
        f'<text x="398" y="{26 + 17 * i}" font-family="system-ui, sans-serif" font-size="13" '
        f'fill="#7d8792">{i}</text><rect x="412" y="{15 + 17 * i}" '
        f'width="{110 if i == 3 else 4}" height="12" fill="#2f86c9"/>'
        for i in range(10)
    )
    frame = 'width="168" height="168" fill="none" stroke="#7d8792"'
    content = (
        f'<rect x="10" y="10" {frame}/><rect x="200" y="10" {frame}/>'
        f'<polyline points="{points}" fill="none" stroke="#7d8792" stroke-width="12" '
        f'stroke-linecap="round" stroke-linejoin="round"/>'
        f'<g fill="#2f86c9" transform="translate(200 10) scale(6)">{pixels}</g>{bars}'
    )
    return svg(540, 190, content)


def _ink(x: float, y: float, points: list[tuple[float, float]]) -> float:
    """Return the ink of a soft pen at (x, y), 0 to 1."""
    nearest = 99.0
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2)
        along = min(1.0, max(0.0, along))
        across = np.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1))
        nearest = min(nearest, float(across))
    return min(1.0, max(0.0, 1.7 - nearest))
