"""Sliders that redraw a figure: one call, two lives.

With a live kernel `explore` shows `ipywidgets` and draws again on every move. On a page
without a kernel the same call shows a slider over pictures that were drawn beforehand.
"""

from __future__ import annotations

import base64
import html
import inspect
import io
import itertools
import math
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
from IPython.utils.capture import capture_output
from matplotlib.axes import Axes
from matplotlib.figure import Figure

NEEDS_WIDGETS = (
    "The sliders need ipywidgets: run `%pip install ipywidgets`, restart the kernel "
    "and run the notebook again."
)


def explore(
    draw: Callable[..., Any],
    /,
    *,
    goal: tuple[str, Callable[[dict[str, Any]], bool]] | None = None,
    name: str | None = None,
    alt: str | Callable[..., str] | None = None,
    **values: Iterable[Any],
) -> Explored:
    """Redraw a figure for the values that the reader chooses; end a cell with it.

    The slider starts at the first value of each list. With a kernel each move calls
    `draw` again, and only the first picture is drawn in advance. For the page (when
    `$LESSONS_FRAMES` is 1, which the book build sets) every combination is drawn: at
    most 60 pictures, and they are made smaller until they fit into 400 KB.

    Args:
        draw: Called as `draw(lr=0.1, depth=2)`. Returns the figure or its axes, or
            (axes, facts), where facts is a dict such as {"loss": 0.2} of what to say
            below the picture. What it prints or displays is not shown.
        goal: (text, check): what to reach, and `check(facts)`, which gets the chosen
            values and the facts in one dict. With it the call is an exercise.
        name: "lesson.key" under which a reached goal is kept; needed with a goal.
        alt: What the picture shows, for readers who cannot see it: a sentence, to
            which values and facts are added, or a function called like `draw`.
        **values: For each argument of `draw` a list: of numbers for a slider, of
            anything else for a drop-down list.

    Returns:
        What the notebook displays.

    Raises:
        TypeError: If `draw` does not take the arguments or returns no figure.
        ValueError: If a list is empty or repeats itself, if a goal lacks its name, or
            on the page: too many pictures, or a goal that none of them reaches.
    """
    controls = {key: _options(key, options) for key, options in values.items()}
    if not controls:
        raise ValueError("explore needs values to choose from, such as lr=[0.01, 0.1]")
    _check_goal(goal, name)
    scene = Scene(draw, controls, goal, name, alt)
    scene.check_arguments()
    if os.environ.get("LESSONS_FRAMES", "") not in ("", "0"):
        from lessons_lib.explore_page import for_page

        return for_page(scene)
    return _for_kernel(scene)


class Explored:
    """What a notebook shows: a bundle of forms from which a front end takes one.

    `box` holds the widgets and `controls` the slider or list of each argument, so that
    `result.controls["lr"].value = 0.1` moves one; both are empty on the page.
    """

    def __init__(self, bundle, box=None, controls=None) -> None:
        """Keep the forms."""
        self._bundle, self.box, self.controls = bundle, box, controls or {}

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        return self._bundle

    def __repr__(self) -> str:
        """Return the plain text."""
        return self._bundle["text/plain"]


class Frame(NamedTuple):
    """One picture, as PNG with two pixels for each CSS pixel, and what to say of it."""

    png: bytes
    width: int  # CSS pixels
    height: int
    photo: bool  # a picture of data, which keeps its colours on a dark page
    alt: str
    said: str
    reached: bool

    @property
    def kind(self) -> str:
        """Return the class of the figure on the page."""
        return "photo" if self.photo else "plot"


@dataclass(frozen=True)
class Scene:
    """What one call of `explore` was given."""

    draw: Callable[..., Any]
    controls: dict[str, dict[str, Any]]  # argument -> {text on the slider: value}
    goal: tuple[str, Callable[[dict[str, Any]], bool]] | None
    name: str | None
    alt: str | Callable[..., str] | None

    def combinations(self) -> list[dict[str, Any]]:
        """Return every choice; the last argument changes fastest."""
        lists = [options.values() for options in self.controls.values()]
        return [
            dict(zip(self.controls, chosen, strict=True))
            for chosen in itertools.product(*lists)
        ]

    def first(self) -> dict[str, Any]:
        """Return the choice at the start."""
        return {key: next(iter(v.values())) for key, v in self.controls.items()}

    def check_arguments(self) -> None:
        """Say early which arguments `draw` does not take, or misses."""
        try:
            inspect.signature(self.draw).bind(**self.first())
        except TypeError as error:
            raise TypeError(
                f"draw must take the arguments {', '.join(self.controls)}, got "
                f"{getattr(self.draw, '__name__', 'draw')}"
                f"{inspect.signature(self.draw)}: {error}"
            ) from None
        except ValueError:  # a built-in function without a signature
            return

    def frame(self, chosen: dict[str, Any]) -> Frame:
        """Draw one choice; close every figure that this opened."""
        before = set(plt.get_fignums())
        try:
            with capture_output(stdout=True, stderr=False, display=True):
                figure, facts = _figure_of(self.draw(**chosen))
                picture = _png(figure)
            size = [round(side * figure.dpi) for side in figure.get_size_inches()]
            photo = figure.get_gid() == "photo"
        finally:
            for number in set(plt.get_fignums()) - before:
                plt.close(number)
        said = self.words(chosen, facts)
        alt = self.alt(**chosen) if callable(self.alt) else f"{self.alt or ''} {said}"
        reached = bool(self.goal and self.goal[1]({**chosen, **facts}))
        return Frame(picture, *size, photo, alt.strip(), said, reached)

    def words(self, chosen: dict[str, Any], facts: Mapping[str, Any]) -> str:
        """Return the chosen values and the facts as a sentence."""
        values = ", ".join(f"{label_of(k)} = {_text(v)}" for k, v in chosen.items())
        found = ", ".join(f"{label_of(k)} {_text(v)}" for k, v in facts.items())
        return f"{values}: {found}." if found else f"{values}."


# ---------------------------------------------------------------- what the call was given


def _options(key: str, values: Any) -> dict[str, Any]:
    """Return {text: value} of one argument."""
    if hasattr(values, "tolist"):  # an array or a tensor
        values = values.tolist()
    if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
        raise ValueError(
            f"{key} must be a list of values to choose from, got {values!r}: "
            f"write {key}=[{values!r}, ...]"
        )
    values = list(values)
    if not values:
        raise ValueError(f"{key} must have at least one value, got an empty list")
    texts = [_text(value) for value in values]
    if len(set(texts)) < len(texts):  # 0.12341 and 0.12342: all digits
        texts = [str(value) for value in values]
    if len(set(texts)) < len(texts):
        raise ValueError(f"{key} must have different values, got {', '.join(texts)}")
    return dict(zip(texts, values, strict=True))


def _check_goal(goal: Any, name: str | None) -> None:
    if goal is None:
        if name is not None:
            raise ValueError(f"name={name!r} needs a goal=(text, check) to keep")
        return
    if not (isinstance(goal, tuple) and len(goal) == 2 and callable(goal[1])):
        raise ValueError(
            "goal must be (text, check), such as ('Get the loss below 0.1.', "
            f"lambda facts: facts['loss'] < 0.1), got {goal!r}"
        )
    if not re.fullmatch(r"\w+\.\w+", name or ""):
        raise ValueError(
            f"a goal needs name='lesson.key', such as 'optimizers.lr', got {name!r}"
        )


def is_number(value: Any) -> bool:
    """Say whether a value is a number and not True or False."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def slides(options: Mapping[str, Any]) -> bool:
    """Say whether a slider fits: the values are numbers."""
    return all(is_number(value) for value in options.values())


def label_of(key: str) -> str:
    """Return the name of an argument as words."""
    return key.replace("_", " ")


def _text(value: Any) -> str:
    """Return a value as a reader wants to see it."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if not is_number(value):
        return str(getattr(value, "__name__", value))
    if math.isnan(value):
        return "not a number"
    text = str(value) if isinstance(value, int) else f"{value:.4g}"
    return text.replace("-", "\u2212")


def _figure_of(drawn: Any) -> tuple[Figure, Mapping[str, Any]]:
    """Return the figure and the facts that `draw` gave back."""
    facts: Mapping[str, Any] = {}
    if isinstance(drawn, tuple) and len(drawn) == 2 and isinstance(drawn[1], Mapping):
        drawn, facts = drawn
    figure = drawn.figure if isinstance(drawn, Axes) else drawn
    if not isinstance(figure, Figure):
        raise TypeError(
            "draw must return a figure or its axes, or (axes, facts) with facts a "
            f"dict, got {type(drawn).__name__}: end it with `return ax`"
        )
    return figure, facts


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(
        buffer, format="png", dpi=2 * figure.dpi, pil_kwargs={"compress_level": 1}
    )
    return buffer.getvalue()


def data_uri(picture: bytes, kind: str) -> str:
    """Return a picture as an address that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


# ---------------------------------------------------------------- the live kernel


class Live:
    """The widgets of one call. `HTML` values are replaced at each move, so nothing can
    pile up below the cell as the outputs of `interact` did on Colab."""

    def __init__(self, scene: Scene, widgets: Any) -> None:
        """Make the widgets and draw the first picture."""
        self.scene, self.done = scene, False
        self.controls = {
            key: _control(widgets, key, options)
            for key, options in scene.controls.items()
        }
        self.picture, self.status, self.goal = (widgets.HTML() for _ in range(3))
        self.first = scene.frame(scene.first())
        self.show(self.first)
        for control in self.controls.values():
            control.observe(self.moved, names="value")
        parts = [*self.controls.values(), self.picture, self.status]
        self.box = widgets.VBox([*parts, self.goal] if scene.goal else parts)

    def moved(self, change: Any = None) -> None:
        """Draw again; an error is shown where the picture's words stand."""
        chosen = {key: control.value for key, control in self.controls.items()}
        self.status.value = "Drawing \u2026"
        try:
            self.show(self.scene.frame(chosen))
        except Exception as error:
            call = ", ".join(f"{key}={value!r}" for key, value in chosen.items())
            told = html.escape(f"draw({call}) raised {type(error).__name__}: {error}")
            trace = html.escape(traceback.format_exc())
            self.status.value = (
                f"<div role='alert'><strong>{told}</strong></div>"
                f"<details><summary>Where</summary><pre>{trace}</pre></details>"
            )

    def show(self, frame: Frame) -> None:
        """Show a picture and its words, and note a goal that it reaches."""
        self.picture.value = _image(frame)
        self.status.value = f"<div role='status'>{html.escape(frame.said)}</div>"
        if not self.scene.goal or self.done:
            return
        text = html.escape(self.scene.goal[0])
        if not frame.reached:
            self.goal.value = f"\u25cb <strong>Goal.</strong> {text}"
            return
        from lessons_lib.exercises import grading, store

        self.done = True
        note = store.write_progress(f"challenge:{self.scene.name}", grading.CORRECT)
        self.goal.value = (
            f"<div role='status'>\u2713 <strong>Goal reached.</strong> {text}"
            f"{' ' + html.escape(note) if note else ''}</div>"
        )


def _for_kernel(scene: Scene) -> Explored:
    """Show widgets that call `draw` on every move, or say how to get them."""
    try:
        import ipywidgets
    except ImportError:
        frame = scene.frame(scene.first())
        return Explored(_still(frame, NEEDS_WIDGETS))
    live = Live(scene, ipywidgets)
    view = {"version_major": 2, "version_minor": 0, "model_id": live.box.model_id}
    bundle = {
        "application/vnd.jupyter.widget-view+json": view,
        **_still(live.first, "The sliders move once this cell has run in a kernel."),
    }
    if "google.colab" in sys.modules:  # of two forms it may take the one that is still
        del bundle["text/html"]
    return Explored(bundle, live.box, live.controls)


def _control(widgets: Any, key: str, options: Mapping[str, Any]) -> Any:
    """Return a slider for numbers, a drop-down list for anything else."""
    settings = {
        "description": label_of(key),
        "options": list(options.items()),
        "style": {"description_width": "initial"},
    }
    if not slides(options):
        return widgets.Dropdown(**settings)
    layout = {"width": "min(100%, 480px)"}
    return widgets.SelectionSlider(continuous_update=False, layout=layout, **settings)


def _image(frame: Frame) -> str:
    return (
        f'<img src="{data_uri(frame.png, "png")}" alt="{html.escape(frame.alt)}" '
        f'width="{frame.width}" height="{frame.height}" '
        'style="max-width: 100%; height: auto">'
    )


def _still(frame: Frame, remark: str) -> dict[str, str]:
    """Return the picture without sliders, and a remark why there are none."""
    words = html.escape(f"{frame.said} {remark}")
    return {
        "text/html": f"{_image(frame)}<p>{words}</p>",
        "text/plain": f"{frame.said} {remark}",
    }
