"""Still pictures of the demos that go step by step, made from their own numbers."""

# Colours that are legible on white and on the book's dark background.
_GREY, _BLUE, _ORANGE = "#7d8792", "#2f86c9", "#d9700f"
_TEXT = 'font-family="system-ui, sans-serif" font-size="14" text-anchor="middle"'


def svg(width: int, height: int, content: str) -> str:
    """Return an inline SVG of the given size, without ids."""
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" '
        f'xmlns="http://www.w3.org/2000/svg">{content}</svg>'
    )


def words(x: float, y: float, text: str, color: str = _GREY) -> str:
    """Return centred text."""
    return f'<text x="{x:g}" y="{y:g}" fill="{color}" {_TEXT}>{text}</text>'


def number(value: float) -> str:
    """Write a number with a real minus sign."""
    return f"{value:g}".replace("-", "−")


def graph_figure(w: float = 3, x: float = 2, b: float = -4, t: float = 5) -> str:
    """Draw L = (w x + b - t)^2 with its values above and its gradients below."""
    m = w * x
    z = m + b
    e = z - t
    d = 2 * e  # dL/de
    boxes = {  # name: (column, row, value, gradient)
        "w": (0, 0, w, d * x), "x": (0, 1, x, d * w), "m": (1, 0.5, m, d),
        "b": (1, 1.5, b, d), "z": (2, 1, z, d), "t": (2, 2, t, -d),
        "e": (3, 1.5, e, d), "L": (4, 1.5, e * e, 1),
    }  # fmt: skip
    edges = ("wm", "xm", "mz", "bz", "ze", "te", "eL")
    spot = {
        name: (50 + 120 * column, 45 + 84 * row)
        for name, (column, row, *_) in boxes.items()
    }
    parts = [
        f'<path d="M{spot[a][0] + 36} {spot[a][1]:g}'
        f'L{spot[c][0] - 36} {spot[c][1]:g}" stroke="{_GREY}" stroke-width="1.5"/>'
        for a, c in edges
    ]
    for name, (_, _, value, grad) in boxes.items():
        at, level = spot[name]
        parts.append(
            f'<rect x="{at - 36}" y="{level - 34:g}" width="72" height="68" rx="9" '
            f'fill="none" stroke="{_GREY}"/>'
            + words(at, level - 14, number(value), _BLUE)
            + words(at, level + 5, name)
            + words(at, level + 25, number(grad), _ORANGE)
        )
    return svg(580, 258, "".join(parts))


def descent_figure(lr: float = 0.15, num_steps: int = 8) -> str:
    """Draw the path of gradient descent on f(x) = x^2."""

    def at(x: float) -> str:
        return f"{260 + 80 * x:.1f} {226 - 23 * x * x:.1f}"

    curve = "L".join(at(i / 10) for i in range(-30, 31))
    x, path = 2.8, []
    for _ in range(num_steps):
        path.append(at(x))
        x -= lr * 2 * x
    dots = "".join(
        f'<circle cx="{spot.split()[0]}" cy="{spot.split()[1]}" r="5"/>' for spot in path
    )
    return svg(
        520,
        250,
        f'<path d="M{curve}" fill="none" stroke="{_BLUE}" stroke-width="2.5"/>'
        f'<path d="M{"L".join(path)}" fill="none" stroke="{_ORANGE}" stroke-width="2"/>'
        f'<g fill="{_ORANGE}">{dots}</g>' + words(260, 246, "the lowest point"),
    )
