"""What the still pictures of several demos are drawn with."""

# Colours that are legible on white and on the book's dark background.
GREY, BLUE, ORANGE = "#7d8792", "#2f86c9", "#d9700f"


def svg(width: float, height: float, content: str) -> str:
    """Return an inline SVG of the given size, without ids."""
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" '
        f'xmlns="http://www.w3.org/2000/svg">{content}</svg>'
    )


def label(x: float, y: float, text: str, color: str = GREY) -> str:
    """Return centred text."""
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{color}" font-family="system-ui, sans-serif" '
        f'font-size="14" text-anchor="middle">{text}</text>'
    )


def tint(share: float) -> str:
    """Return blue (-1) over white to orange (1)."""
    end = (226, 132, 45) if share > 0 else (84, 160, 214)
    mix = abs(share)
    return "#" + "".join(f"{round(247 + mix * (part - 247)):02x}" for part in end)
