"""Data that need no network: drawn from a seed, or shipped with a dependency.

Plumbing of `data.load`: `make_points` is public, the others return name, source,
licence, and then what an image, text or review dataset consists of.
"""

import re
import sys

import numpy as np
import torch
from PIL import Image, ImageDraw

_SHAPES = {  # number of tips, radius between the tips, radius of the hole
    "circle": (24, 1, 0), "ring": (24, 1, 0.6), "triangle": (3, 0.5, 0),
    "triangular frame": (3, 0.5, 0.5), "square": (4, 0.71, 0), "frame": (4, 0.71, 0.6),
    "star": (5, 0.42, 0), "hollow star": (5, 0.42, 0.6),
    "four-pointed star": (4, 0.3, 0), "three-pointed star": (3, 0.16, 0)}
_THINGS = ("the plot", "the acting", "the script", "this film", "the ending",
           "the music", "the cast", "the camera work", "the dialogue", "the first hour")
_SAYS = (("is", "feels", "seems", "looks", "remains", "is quite"),
         ("is not", "is never", "is hardly", "does not feel"))
_WORDS = tuple(words.split() for words in (
    "dull clumsy tedious cold shallow stale noisy lifeless lazy dreary",
    "clever moving funny warm gripping honest fresh charming vivid bold"))


def digits(name: str = "digits 8x8", size: int = 8) -> tuple:
    """Return scikit-learn's 8x8 digits, 1,437 and 360; larger by interpolation."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    values, labels = load_digits(return_X_y=True)
    images = torch.from_numpy(values).reshape(-1, 1, 8, 8) * (255 / 16)
    images = torch.nn.functional.interpolate(images, (size, size), mode="bilinear")
    parts = train_test_split(images[:, 0].round().byte().numpy(), labels,
                             test_size=360, stratify=labels, random_state=0)
    return (name, "8x8 digits of E. Alpaydin, C. Kaynak 1998, from scikit-learn",
            "CC BY 4.0", tuple("0123456789"), *parts[::2], *parts[1::2])


def shapes(size: int = 28, channels: int = 1) -> tuple:
    """Return 4,000 and 1,000 shapes at a random place, size and turn, with noise."""
    rng = np.random.default_rng(0)
    labels = np.concatenate([rng.permutation(num) % 10 for num in (4000, 1000)])
    kinds, ink = tuple(_SHAPES.values()), np.empty((5000, size, size, 1), "f4")
    for label, image in zip(labels, ink, strict=True):
        num_tips, between, hole = kinds[label]
        canvas = Image.new("L", (4 * size, 4 * size))  # reduced below: smooth edges
        radius = rng.uniform(0.22, 0.45) * 4 * size
        x, y = rng.uniform(radius, 4 * size - 1 - radius, 2)
        angle = np.arange(2 * num_tips) * np.pi / num_tips + rng.uniform(-0.35, 0.35)
        corners = radius * np.exp(1j * angle) * np.tile([1, between], num_tips)
        for scale, fill in ((1, 255), (hole, 0)):
            outline = (x + 1j * y + scale * corners).view(float).tolist()
            ImageDraw.Draw(canvas).polygon(outline, fill=fill)
        image[..., 0] = canvas.reduce(4)
    dark, light = rng.random((2, 5000, 1, 1, channels), np.float32)
    images = 90 * dark + (60 + 100 * light) * ink / 255
    images += 12 * rng.standard_normal(images.shape, np.float32)
    pixels = images.clip(0, 255).round().astype(np.uint8)
    return (f"drawn shapes {size}x{size}", "drawn from a seed", "that of this book",
            tuple(_SHAPES), pixels[:4000], labels[:4000], pixels[4000:], labels[4000:])


def python_documentation() -> tuple:
    """Return the language reference that Python's `help()` shows, as plain ASCII."""
    from pydoc_data.topics import topics

    text = "\n\n".join(topics[key].strip() for key in sorted(topics))
    text = re.sub(r"^[*=~^-]{3,}\n", "", text, flags=re.MULTILINE)  # ruled lines
    text = text.encode("ascii", "ignore").decode()
    version = f"help() of Python {sys.version_info.major}.{sys.version_info.minor}"
    return "documentation of Python", version, "PSF licence", text


def colour_names() -> tuple:
    """Return 949 names of colours, one a line."""
    from matplotlib.colors import XKCD_COLORS

    text = "\n".join(sorted(name.removeprefix("xkcd:") for name in XKCD_COLORS))
    return "names of colours", "xkcd colour survey, from matplotlib", "CC0", text


def sentences() -> tuple:
    """Return 2,000 sentences, labels 1 positive; two in five deny ("is not dull")."""
    rows = [(f"{thing} {verb} {word} .", label ^ denies) for thing in _THINGS
            for denies, verbs in enumerate(_SAYS) for verb in verbs
            for label, words in enumerate(_WORDS) for word in words]
    np.random.default_rng(0).shuffle(rows)
    texts, labels = zip(*rows, strict=True)
    return ("generated sentences on films", "every sentence of a small grammar",
            "that of this book", list(texts), torch.tensor(labels))


def make_points(kind: str, num_points: int = 400, *, noise: float = 0.1,
                seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Generate points of two classes in the plane, in random order.

    Args:
        kind: "blobs" (around (-0.5, -0.5) and (0.5, 0.5)), "circles" (radius 1 and
            0.5), "xor" (1 where the signs of the coordinates differ), "moons",
            "spirals" (1.5 turns). Without noise every point lies within [-1, 1].
        num_points: How many; of an odd number class 0 has one more.
        noise: Standard deviation of the normal noise on each coordinate (for blobs:
            their only spread).
        seed: Same seed, same points.

    Returns:
        Inputs, float32 (num_points, 2), and labels 0 or 1, int64 (num_points,).

    Raises:
        ValueError: Unknown kind, fewer than two points, or a negative noise.
    """
    if kind not in _CURVES:
        raise ValueError(f"kind must be one of {', '.join(_CURVES)}; got {kind!r}")
    if num_points < 2 or not noise >= 0:
        raise ValueError("num_points must be at least 2 and noise 0 or more, got "
                         f"{num_points} and {noise}")
    rng = np.random.default_rng(seed)
    sizes = (num_points - num_points // 2, num_points // 2)
    clean = [_CURVES[kind](np.linspace(0, 1, size), sign, rng)
             for size, sign in zip(sizes, (1, -1), strict=True)]
    points = np.concatenate(clean).view(float).reshape(-1, 2)
    points = points + rng.normal(0, noise, points.shape)
    order = rng.permutation(num_points)
    labels = torch.arange(num_points) >= sizes[0]
    return torch.from_numpy(points[order]).float(), labels[order].long()


_CURVES = {  # points x + iy of a class; t from 0 to 1; sign: 1 for class 0, -1 for 1
    "blobs": lambda t, sign, rng: sign * (-0.5 - 0.5j) + 0 * t,
    "circles": lambda t, sign, rng: (3 + sign) / 4 * np.exp(2j * np.pi * t),
    "xor": lambda t, sign, rng: (-1) ** np.arange(len(t)) * (  # 0.1: a gap at the axes
        rng.uniform(0.1, 1, len(t)) + 1j * sign * rng.uniform(0.1, 1, len(t))),
    # Those of scikit-learn, whose import takes a second, centred and made smaller.
    "moons": lambda t, sign, rng: sign * (np.exp(1j * np.pi * t) - 0.5 - 0.25j) / 1.5,
    "spirals": lambda t, sign, rng: (
        sign * (0.1 + 0.9 * t) * np.exp(3j * np.pi * (0.1 + 0.9 * t))),
}
