"""One style for every figure of the book, and the plots that lessons repeat.

Each plot takes `ax=None` and returns the axes; `show` ends every figure.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_rgba
from matplotlib.figure import Figure

# Okabe and Ito, "Color Universal Design" (2008): the ones that can be seen on white.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#A66F00", "#5B6770")
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*", "<", ">")
INK = "#24292F"
PHOTO = "photo"  # marks a figure whose light and dark the dark theme must not swap

# Signed values, two classes: from the first colour through white to the second.
DIVERGING = LinearSegmentedColormap.from_list("signed", [COLORS[0], "white", COLORS[1]])

STYLE = {
    "figure.figsize": (6, 3.5), "figure.dpi": 100, "figure.facecolor": "white",
    "figure.constrained_layout.use": True, "font.size": 10, "image.cmap": "gray",
    "axes.facecolor": "white", "axes.prop_cycle": plt.cycler(color=COLORS),
    "axes.edgecolor": "#8C959F", "axes.labelcolor": INK, "axes.titlecolor": INK,
    "axes.titlesize": 11, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.labelsize": 10, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "axes.axisbelow": True, "grid.color": "#E3E7EB",
    "grid.linewidth": 0.8, "xtick.color": INK, "ytick.color": INK, "text.color": INK,
    "legend.frameon": False, "lines.linewidth": 2,
}


def use_style() -> None:
    """Set the book's figure style for the rest of the notebook."""
    plt.rcParams.update(STYLE)


def show(figure: Figure | Axes, *, alt: str) -> None:
    """Display a figure, or the figure of some axes, with `alt`, then close it.

    Args:
        figure: The figure, or any axes in it.
        alt: What the picture shows, in a sentence, for readers who cannot see it.

    Raises:
        ValueError: If `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("alt must describe the figure in a sentence, got ''")
    figure = figure.figure if isinstance(figure, Axes) else figure
    plt.close(figure)
    if get_ipython() is None:  # a plain Python script
        print(f"[figure] {alt}")
        return
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=2 * figure.dpi)  # sharp on dense screens
    width, height = (round(side * figure.dpi) for side in figure.get_size_inches())
    about = {"width": width, "height": height, "alt": alt}
    about["photo"] = figure.get_gid() == PHOTO
    data = {"image/png": base64.b64encode(buffer.getvalue()).decode(), "text/plain": alt}
    display(data, metadata={"image/png": about}, raw=True)


def plot_history(history, ax: Axes | None = None) -> Axes:
    """Plot the losses of the `History` that `fit` returned, one point an epoch."""
    ax = ax or plt.subplots()[1]
    epochs = range(1, len(history.train_loss) + 1)
    ax.plot(epochs, history.train_loss, marker="o", label="training")
    if history.val_loss:
        ax.plot(epochs, history.val_loss, marker="^", ls="--", label="validation")
        ax.legend()
    ax.set(xlabel="epoch", ylabel="loss (nats)")
    ax.xaxis.get_major_locator().set_params(integer=True)
    return ax


def plot_images(
    images: torch.Tensor | np.ndarray, titles: Sequence[object] | None = None, *,
    columns: int = 8, highlight: Sequence[bool] | None = None,
) -> Figure:
    """Plot a grid of small pictures, each with its title.

    Args:
        images: Shape (N, H, W), (N, 1, H, W) or (N, 3, H, W); integers 0 to 255, or
            floats, where 0 is black and 1 is white.
        titles: N captions.
        columns: Pictures in a row.
        highlight: N booleans: which titles stand out (a wrong prediction, for example).

    Raises:
        ValueError: If the shape is another, or `titles` has another length.
    """
    pixels = np.asarray(images.detach().cpu() if torch.is_tensor(images) else images)
    if pixels.ndim == 4 and pixels.shape[1] in (1, 3):
        pixels = np.moveaxis(pixels, 1, -1)
    elif pixels.ndim != 3:
        raise ValueError(
            "images must have shape (N, H, W), (N, 1, H, W) or (N, 3, H, W), "
            f"got {tuple(pixels.shape)}; for one picture use images[None]"
        )
    for name, values in (("titles", titles), ("highlight", highlight)):
        if values is not None and len(values) != len(pixels):
            raise ValueError(
                f"{name} must have one entry for each of the {len(pixels)} images, "
                f"got {len(values)}"
            )
    white = 255 if np.issubdtype(pixels.dtype, np.integer) else 1
    columns = min(columns, len(pixels))
    rows = -(-len(pixels) // columns)
    size = (columns, rows * (1.0 if titles is None else 1.25))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    figure.set_gid(PHOTO)
    for i, ax in enumerate(axes.flat):
        ax.axis("off")
        if i >= len(pixels):
            continue
        ax.imshow(pixels[i].clip(0, white) / white, vmin=0, vmax=1)
        marked = highlight is not None and bool(highlight[i])
        style = {"weight": "bold", "color": COLORS[1]} if marked else {"weight": "normal"}
        ax.set_title("" if titles is None else str(titles[i]), fontsize=9, loc="center",
                     **style)
    return figure


def plot_decision_boundary(
    predict: Callable[[torch.Tensor], torch.Tensor], inputs: torch.Tensor,
    labels: torch.Tensor, ax: Axes | None = None, *, threshold: float = 0.5,
    resolution: int = 200,
) -> Axes:
    """Plot points of the plane and the regions into which a classifier divides it.

    Args:
        predict: Maps points (M, 2) to scores (M,) or (M, 1), where a score above
            `threshold` means class 1, or to one score for each class (M, K).
        inputs: Points, shape (N, 2).
        labels: Class of each point, shape (N,), integers from 0.
        ax: Axes to draw on; a new figure by default.
        threshold: Where two classes part: 0.5 for probabilities, 0 for logits.
        resolution: Points on each side of the grid.

    Raises:
        ValueError: If `inputs` is not a list of points of the plane.
    """
    inputs = torch.as_tensor(inputs).detach().cpu()
    labels = torch.as_tensor(labels).detach().cpu().flatten()
    if inputs.ndim != 2 or inputs.shape[1] != 2:
        raise ValueError(f"inputs must have shape (N, 2), got {tuple(inputs.shape)}")
    ax = ax or plt.subplots(figsize=(4.5, 4))[1]
    margin = 0.1 * (inputs.amax(0) - inputs.amin(0)).clamp(min=0.1)
    corners = zip(inputs.amin(0) - margin, inputs.amax(0) + margin, strict=True)
    x1, x2 = (torch.linspace(low, high, resolution) for low, high in corners)
    with torch.no_grad():
        scores = torch.as_tensor(predict(torch.cartesian_prod(x1, x2))).detach().cpu()
    scores = scores.float().reshape(resolution, resolution, -1).transpose(0, 1)
    _draw_regions(ax, x1.numpy(), x2.numpy(), scores.numpy(), threshold)
    for k in labels.unique().tolist():
        style = {"color": COLORS[k % len(COLORS)], "marker": MARKERS[k % len(MARKERS)]}
        ax.scatter(*inputs[labels == k].T, **style, s=22, label=f"class {k}",
                   edgecolor="white", linewidth=0.6)
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.grid(False)
    return ax


def _draw_regions(ax, x1, x2, scores, threshold) -> None:
    """Shade the plane: by score for two classes, by the largest score for more."""
    line = {"colors": INK, "linewidths": 1.5}
    if scores.shape[-1] == 1:
        distance = scores[..., 0] - threshold
        limit = max(np.abs(distance).max(), 1e-12)
        ax.pcolormesh(x1, x2, distance, cmap=DIVERGING, vmin=-limit, vmax=limit, alpha=0.5)
        if distance.min() < 0 < distance.max():
            ax.contour(x1, x2, distance, levels=[0], **line)
        return
    winner = scores.argmax(-1)
    shades = [to_rgba(COLORS[k % len(COLORS)], 0.25) for k in range(scores.shape[-1])]
    ax.pcolormesh(x1, x2, winner, cmap=ListedColormap(shades), vmin=0,
                  vmax=len(shades) - 1)
    for k in np.unique(winner):
        ax.contour(x1, x2, winner == k, levels=[0.5], **line)


def plot_heatmap(
    values: torch.Tensor | np.ndarray, ax: Axes | None = None, *,
    row_labels: Sequence[object] | None = None,
    column_labels: Sequence[object] | None = None,
    annotate: bool = True, fmt: str = ".2f",
) -> Axes:
    """Plot a matrix (R, C) as coloured cells, with the number in each.

    Values of one sign go from white to blue; values of both signs from blue through
    white at zero to orange. `fmt` is the format of the written numbers.

    Raises:
        ValueError: If `values` has not two dimensions.
    """
    values = torch.as_tensor(values).detach().cpu().float().numpy()
    if values.ndim != 2:
        raise ValueError(f"values must have shape (R, C), got {tuple(values.shape)}")
    ax = ax or plt.subplots()[1]
    limit = max(np.abs(values).max(), 1e-12)
    low, colors = (-limit, DIVERGING) if values.min() < 0 else (0, "Blues")
    ax.imshow(values, cmap=colors, vmin=low, vmax=limit)
    for axis, labels in ((ax.yaxis, row_labels), (ax.xaxis, column_labels)):
        if labels is not None:
            axis.set_ticks(range(len(labels)), [str(label) for label in labels])
    for (row, column), value in np.ndenumerate(values) if annotate else ():
        color = "white" if abs(value) > 0.6 * limit else INK
        ax.text(column, row, format(value, fmt), ha="center", va="center", color=color)
    ax.grid(False)
    return ax


def plot_histogram(values, ax: Axes | None = None, *, bins: int = 40,
                   label: str | None = None) -> Axes:
    """Plot how often values, of any shape, fall into each of equally wide bins."""
    ax = ax or plt.subplots()[1]
    values = torch.as_tensor(values).detach().cpu().float().flatten().numpy()
    ax.hist(values, bins=bins, alpha=0.7, label=label)
    ax.set(ylabel="count")
    if label:
        ax.legend()
    return ax
