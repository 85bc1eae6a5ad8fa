"""BackpropStepper: forward and backward through a computation graph."""

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.stills import BLUE, GREY, ORANGE, label, svg


def backprop_stepper(graph: str = "weight", **leaves: float) -> Demo:
    """Step forward and backward through a computation graph, one box at a time.

    Args:
        graph: The graph at the start: weight, twice, reuse, order, tanh, relu, entropy.
        **leaves: Values of its leaves that differ from the graph's own.
    """
    text = (
        "BackpropStepper: a computation graph in which you step forward and backward, "
        "one box at a time. Here (w·x + b − t)² with values in blue, gradients in orange."
    )
    return Demo(
        "backprop_stepper",
        {"graph": graph, "leaves": leaves},
        text=text,
        figure=figure(),
    )


def figure(w: float = 3, x: float = 2, b: float = -4, t: float = 5) -> str:
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
        f'L{spot[c][0] - 36} {spot[c][1]:g}" stroke="{GREY}" stroke-width="1.5"/>'
        for a, c in edges
    ]
    for name, (_, _, value, grad) in boxes.items():
        at, level = spot[name]
        parts.append(
            f'<rect x="{at - 36}" y="{level - 34:g}" width="72" height="68" rx="9" '
            f'fill="none" stroke="{GREY}"/>'
            + label(at, level - 14, number(value), BLUE)
            + label(at, level + 5, name)
            + label(at, level + 25, number(grad), ORANGE)
        )
    return svg(580, 258, "".join(parts))


def number(value: float) -> str:
    """Write a number with a real minus sign."""
    return f"{value:g}".replace("-", "−")
