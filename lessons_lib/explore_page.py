"""The life of `explore` on a page: every picture drawn beforehand, as small WebP."""

from __future__ import annotations

import io
import math

from PIL import Image

from lessons_lib.demos import Demo
from lessons_lib.explore import Explored, Frame, Scene, data_uri, label_of, slides

LIMIT_KB = 400  # WebP of one call on the page
MAX_FRAMES = 60  # pictures of one call on the page, about half a second each to draw
# How pictures are made smaller until they fit, the best first: pixels for each CSS
# pixel, and a palette of so many colours or the quality of lossy compression.
PLOT_STEPS = (
    (2, "colors", 64), (2, "colors", 32), (1.5, "quality", 60), (1.5, "quality", 40),
    (1.25, "quality", 40), (1, "quality", 45), (1, "quality", 25),
)  # fmt: skip
PHOTO_STEPS = tuple(
    (scale, "quality", quality)
    for scale, quality in ((2, 80), (2, 55), (1.5, 50), (1, 50), (1, 25))
)


def for_page(scene: Scene) -> Explored:
    """Draw every choice and show them with sliders that need no kernel."""
    count = math.prod(len(options) for options in scene.controls.values())
    if count > MAX_FRAMES:
        sizes = " x ".join(str(len(options)) for options in scene.controls.values())
        raise ValueError(
            f"the values must make at most {MAX_FRAMES} pictures for the page, got "
            f"{sizes} = {count}: give fewer values"
        )
    frames = [scene.frame(chosen) for chosen in scene.combinations()]
    first = frames[0]
    sizes = {(frame.width, frame.height) for frame in frames}
    if len(sizes) > 1:
        raise ValueError(f"all pictures must have the same size, got {sorted(sizes)}")
    if scene.goal and (first.reached or not any(frame.reached for frame in frames)):
        found = "the first one" if first.reached else "none of them"
        raise ValueError(
            f"the goal must be reached by some of the {count} pictures but not by the "
            f"first one, got {found}: change the values or the goal"
        )
    pictures = [data_uri(picture, "webp") for picture in _shrink(frames)]
    controls = [
        {"label": label_of(key), "texts": list(options), "slider": slides(options)}
        for key, options in scene.controls.items()
    ]
    state = {
        "controls": controls,
        "frames": [
            {"alt": f.alt, "said": f.said, "reached": f.reached} for f in frames
        ],
        "pictures": pictures[1:],  # the first one is the still picture
        "width": first.width,
        "height": first.height,
        "kind": first.kind,
        "goal": scene.goal and {"name": scene.name, "text": scene.goal[0]},
    }
    demo = Demo("frames", state, text=first.alt, figure=pictures[0])
    return Explored(demo._repr_mimebundle_())


def _shrink(frames: list[Frame]) -> list[bytes]:
    """Return the pictures as WebP, as good as fits into the limit."""
    few = frames[:: max(1, len(frames) // 4)]
    for step in PHOTO_STEPS if frames[0].photo else PLOT_STEPS:
        guess = sum(len(_webp(frame, step)) for frame in few) * len(frames) / len(few)
        if guess > LIMIT_KB * 1000:
            continue
        pictures = [_webp(frame, step) for frame in frames]
        if sum(map(len, pictures)) <= LIMIT_KB * 1000:
            return pictures
    raise ValueError(
        f"{len(frames)} pictures must fit into {LIMIT_KB} KB, got about "
        f"{guess / 1000:.0f} KB at the lowest quality: give fewer values or draw a "
        "smaller or simpler figure"
    )


def _webp(frame: Frame, step: tuple[float, str, int]) -> bytes:
    scale, how, amount = step
    picture = Image.open(io.BytesIO(frame.png)).convert("RGB")
    size = (round(frame.width * scale), round(frame.height * scale))
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    if how == "colors":
        # Means of the colours (kmeans): the quicker octree turned red into grey.
        flat = picture.quantize(amount, kmeans=1, dither=Image.Dither.NONE)
        flat.convert("RGB").save(buffer, "webp", lossless=True, quality=80, method=4)
    else:
        picture.save(buffer, "webp", quality=amount, method=4)
    return buffer.getvalue()
