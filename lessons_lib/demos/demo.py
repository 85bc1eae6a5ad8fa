"""What every demo returns: its HTML, with a still picture where no script runs."""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from lessons_lib.demos import bundling


class Demo:
    """Show an interactive part as self-contained HTML.

    The same bytes work in the built book (also from `file://`), JupyterLab, VS Code,
    Colab and Kaggle. Where scripts do not run, `figure` and `text` are visible.

    Args:
        name: Module of the demo in `lessons_lib/demos`, for example "playground".
        state: What the module gets, JSON values only (arrays through `pack`).
        text: A sentence that says what the demo shows.
        figure: A still picture: inline SVG without ids, or a data URI of an image.
    """

    def __init__(
        self,
        name: str,
        state: Mapping[str, Any] | None = None,
        *,
        text: str,
        figure: str | None = None,
    ) -> None:
        """Check the parts; the HTML is made when the demo is shown."""
        if not (bundling.FOLDER / f"{name}.js").is_file():
            raise ValueError(
                f"name must be a module in lessons_lib/demos, got {name!r}"
            )
        self.name, self.state, self.text = name, dict(state or {}), text
        self.figure = _figure(figure, text) if figure else ""

    def html(self) -> str:
        """Return the whole demo as one HTML fragment."""
        script, key = bundling.bundle(self.name)
        return (
            f'<div class="fnd fnd-{self.name}" data-fnd-demo="{key}" lang="en">'
            f'<div class="fnd-fallback">{self.figure}<p>{html.escape(self.text)}</p></div>'
            f'<script type="application/json" data-fnd-state>{_json(self.state)}</script>'
            f"<script>{script}</script></div>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.text}

    def __repr__(self) -> str:
        """Return the sentence."""
        return self.text


def _json(state: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    try:
        text = json.dumps(state, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"state must hold finite JSON values (arrays through pack): {error}"
        ) from error
    return text.replace("<", "\\u003c")


def _figure(figure: str, text: str) -> str:
    """Check the still picture and give it its alternative text."""
    alt = html.escape(text, quote=True)
    if figure.startswith("data:image/"):
        return f'<img src="{html.escape(figure)}" alt="{alt}" style="max-width:100%">'
    if not figure.lstrip().startswith("<svg") or re.search(r"\sid\s*=|<script", figure):
        raise ValueError(
            "figure must be inline SVG without ids or scripts, or a data:image/ URI"
        )
    return f'<div role="img" aria-label="{alt}" style="overflow:hidden">{figure}</div>'
