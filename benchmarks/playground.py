"""The Playground's speed: its core against objects, and the frames of the real demo."""

import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import Comparison, Row, compare, row
from lessons_lib import demos

MODULES = (
    "kit",
    "wasm",
    "network_wasm",
    "kernels",
    "network",
    "points",
    "playground_race",
)
# Examples per second of TensorFlow Playground's own core under Node, as measured once on
# a processor of this kind, and its milliseconds for one boundary of 100 x 100.
SIZES = {"2-4-2-1": 580_000, "2-8-8-8-1": 112_000}
BOUNDARY_MS = 59
NUM_POINTS = 250
FRAMES_S = 1.0


def core_rows(where: str, call: Callable[[str], list], rounds: int) -> list[Row]:
    """Race the Playground's core against objects; `call` evaluates an expression."""
    rows = []
    for name, known in SIZES.items():
        sizes = json.dumps([int(size) for size in name.split("-")])
        race = call(f"$playground_race.training({sizes}, {20 * rounds})")
        result = compare(
            *([1e3 * NUM_POINTS / pair[i] for pair in race] for i in (0, 1))
        )
        note = f"one object per neuron; TensorFlow Playground itself: about {known:,} in Node"
        rows.append(row(f"Playground {name}, training, {where}", result, unit="examples/s",
                        goal=f"ours >= {known}", note=note))  # fmt: skip
    race = call(f"$playground_race.boundary({sizes}, {4 * rounds})")
    result = compare(*([pair[i] for pair in race] for i in (0, 1))).inverse()
    what = f"Playground {name}, pictures of all neurons, 100 x 100, {where}"
    note = f"one object per neuron; TensorFlow Playground itself: {BOUNDARY_MS} ms"
    return [
        *rows,
        row(what, result, unit="ms", goal=f"ours <= {BOUNDARY_MS}", note=note),
    ]


# Adds up what scripts do in each frame, and remembers when frames came.
WATCH = """
const raf = window.requestAnimationFrame.bind(window);
const fresh = () => { window.seen = { work: new Map(), frames: [] }; };
fresh();
window.requestAnimationFrame = (f) => raf((t) => {
  const began = performance.now();
  f(t);
  seen.work.set(t, (seen.work.get(t) || 0) + performance.now() - began);
});
raf(function tick(t) { seen.frames.push(t); raf(tick); });
window.watch = (ms) => new Promise((done) => {
  fresh();
  setTimeout(() => done({ work: [...seen.work.values()], frames: seen.frames }), ms);
});
"""


def frame_rows(browser, rounds: int) -> list[Row]:
    """Open the real Playground, train, and look at its frames."""
    html = demos.playground(data="spirals", hidden=[8, 8, 8]).html()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        head = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Demo</title>'
        )
        path.write_text(f"{head}<body>{html}</body></html>", encoding="utf-8")
        tab = browser.new_page(viewport={"width": 1280, "height": 1000})
        tab.add_init_script(WATCH)
        tab.goto(path.as_uri())
        rows = [
            r for speed in ("Normal", "Full") for r in frame_pair(tab, speed, rounds)
        ]
        tab.close()
    return rows


def frame_pair(tab, speed: str, rounds: int) -> list[Row]:
    """Return the work in a frame while training, and the time between frames."""
    tab.get_by_role("radio", name=speed).check()
    work: list[float] = []

    def frame_ms(button: str, is_training: bool) -> float:
        tab.get_by_role("button", name=button, exact=True).click()
        tab.wait_for_timeout(300)
        seen = tab.evaluate(f"watch({1000 * FRAMES_S})")
        work.extend(seen["work"] if is_training else [])
        times = seen["frames"]
        return statistics.median(b - a for a, b in zip(times, times[1:], strict=False))

    result = alternate_states(frame_ms, rounds)
    most = statistics.quantiles(work, n=20)[-1]
    name = f"Playground 2-8-8-8-1, speed {speed}"
    return [
        Row(f"{name}: work in a frame", statistics.median(work), unit="ms", goal="ours <= 16",
            note=f"95 of 100 frames: at most {most:.1f} ms"),
        row(f"{name}: from frame to frame", result, unit="ms",
            note="beside it while paused: a ratio of 1 means that no frame is late"),
    ]  # fmt: skip


def alternate_states(frame_ms: Callable, rounds: int) -> Comparison:
    """Train and pause in turn: the page can only go from one to the other."""
    pairs = [(frame_ms("Train", True), frame_ms("Pause", False)) for _ in range(rounds)]
    return compare(*map(list, zip(*pairs, strict=True)))
