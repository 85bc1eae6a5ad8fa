"""Descent: a ball that goes down a landscape by gradient descent."""

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.stills import BLUE, ORANGE, label, svg

LANDSCAPES = ("parabola", "valleys", "bowl", "ravine", "saddle", "noisy")


def descent(
    landscape: str = "parabola", *, lr: float = 0.1, momentum: float = 0.0
) -> Demo:
    """Let a ball go down a landscape by gradient descent, step by step.

    Args:
        landscape: The start: parabola, valleys, bowl, ravine, saddle or noisy.
        lr: Learning rate, 0.001 to 5; the nearest one of the slider is taken.
        momentum: Momentum, 0 to 0.95.

    Raises:
        ValueError: For a landscape, learning rate or momentum that is not offered.
    """
    if landscape not in LANDSCAPES:
        raise ValueError(f"landscape must be one of {LANDSCAPES}, got {landscape!r}")
    if not (lr > 0 and 0 <= momentum <= 0.95):
        raise ValueError(
            "lr must be above 0 and momentum from 0 to 0.95, got "
            f"lr={lr!r}, momentum={momentum!r}"
        )
    text = (
        "Descent: a ball goes down a landscape by gradient descent. You choose the start, "
        "the learning rate and the momentum, and see whether it converges."
    )
    state = {"landscape": landscape, "lr": lr, "momentum": momentum}
    return Demo("descent", state, text=text, figure=figure())


def figure(lr: float = 0.15, num_steps: int = 8) -> str:
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
    content = (
        f'<path d="M{curve}" fill="none" stroke="{BLUE}" stroke-width="2.5"/>'
        f'<path d="M{"L".join(path)}" fill="none" stroke="{ORANGE}" stroke-width="2"/>'
        f'<g fill="{ORANGE}">{dots}</g>' + label(260, 246, "the lowest point")
    )
    return svg(520, 250, content)
