"""The demos' speed in the page: Playground, digits, diffusion, the tiny GPT.

Run: `python -m benchmarks.demos`. Needs Chromium; Node adds a line.
"""

import time
from collections.abc import Callable

import torch
from torch import nn

from benchmarks import playground
from benchmarks.browser import Missing, chromium, in_node, page_with
from benchmarks.report import run
from benchmarks.timing import Comparison, Row, alternate, row
from lessons_lib import demos, models

DRAWING = [
    [
        [8, 6],
        [13, 4],
        [18, 6],
        [18, 10],
        [13, 13],
        [18, 15],
        [19, 20],
        [14, 24],
        [8, 22],
    ]
]


# ---- networks of the lessons beside PyTorch ------------------------------------------


def torch_ms(work: Callable[[], object], count: int) -> Callable[[], float]:
    """Return a function that gives PyTorch's milliseconds of one call, one thread."""

    def once() -> float:
        with torch.inference_mode():
            started = time.perf_counter()
            for _ in range(count):
                work()
        return 1e3 * (time.perf_counter() - started) / count

    once()
    return once


def page_ms(tab, work: str, count: int) -> Callable[[], float]:
    """Return a function that gives the page's milliseconds of one call."""
    loop = f"for (let i = 0; i < {count}; i += 1) {work};"
    code = f"() => {{ const t = performance.now(); {loop} return (performance.now() - t) / {count}; }}"
    tab.evaluate(code)
    return lambda: tab.evaluate(code)


def digit_rows(browser, rounds: int) -> list[Row]:
    """Recognise one drawing with the networks of the lessons `pytorch` and `cnns`."""
    networks = {
        "MLP 784-256-128-10": nn.Sequential(
            nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(),
            nn.Linear(128, 10)),
        "CNN of two convolutions": nn.Sequential(
            nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 32, 5), nn.ReLU(),
            nn.MaxPool2d(2), nn.Flatten(), nn.Linear(512, 10)),
    }  # fmt: skip
    rows = []
    for name, model in networks.items():
        image = torch.rand(1, 1, 28, 28)
        with page_with(browser, "kit", "draw_a_digit_core") as tab:
            layers = demos.draw_a_digit(model).state["layers"]
            tab.evaluate(
                "(layers) => { window.net = $draw_a_digit_core.load(layers); }", layers
            )
            work = f"$draw_a_digit_core.run(net, $draw_a_digit_core.prepare({DRAWING}))"
            ours = page_ms(tab, work, 20)
            beside = torch_ms(lambda m=model, x=image: m(x).softmax(1), 20)
            result = alternate(ours, beside, rounds)
        note = (
            "strokes to pixels and the network; beside it the network alone in PyTorch"
        )
        rows.append(
            row(
                f"Draw a digit, {name}", result, unit="ms", goal="ours <= 20", note=note
            )
        )
    return rows


def diffusion_rows(browser, rounds: int) -> list[Row]:
    """One step of the lesson's U-Net with guidance: two passes through the network."""
    model = models.UNet(28, (16, 32), 192)
    x, t, labels = (
        torch.randn(2, 1, 28, 28),
        torch.full((2,), 0.5),
        torch.tensor([10, 3]),
    )
    with page_with(browser, "kit", "diffusion_unet") as tab:
        net = demos.diffusion_lab("digits", weights=model.state_dict()).state["net"]
        prepare = "window.x = Float32Array.from({ length: 784 }, Math.random);"
        tab.evaluate(
            f"(net) => {{ window.net = $diffusion_unet.loadUnet(net); {prepare} }}", net
        )
        ours = page_ms(tab, "$diffusion_unet.eulerStep(net, x, 0.5, 0.6, 3, 2.5)", 5)
        result = alternate(ours, torch_ms(lambda: model(x, t, labels), 5), rounds)
    return [per_second("Diffusion, steps with guidance", result, "steps/s",
                       "beside it the same network in PyTorch, both passes as one batch")]  # fmt: skip


def gpt_rows(browser, rounds: int) -> list[Row]:
    """Tokens of a GPT of the size of the lesson's, with a full window of 128."""
    vocab, context = 65, 128
    model = models.GPT(vocab, embed_dim=96, num_heads=4, num_layers=3)
    tokens = torch.randint(vocab, (1, context))
    with page_with(browser, "kit", "gpt_core") as tab:
        chars = [chr(33 + i) for i in range(vocab)]
        state = demos.write_with_gpt(model, chars, context=context, prompt="A").state
        given = {"sizes": state["sizes"], "net": state["net"]}
        tab.evaluate("(given) => { window.gpt = $gpt_core.loadGpt(given); }", given)
        speed = "() => 1000 / $gpt_core.readingSpeed(gpt, 200)"
        tab.evaluate(speed)
        result = alternate(
            lambda: tab.evaluate(speed), torch_ms(lambda: model(tokens), 10), rounds
        )
    return [per_second("Tiny GPT, writing", result, "tokens/s",
                       "the page keeps keys and values; beside it PyTorch reads the window of "
                       "128 again for each token, as the lesson's code does")]  # fmt: skip


def per_second(what: str, ms: Comparison, unit: str, note: str) -> Row:
    """Return a row of calls per second from milliseconds of a call."""
    result = ms.inverse()._replace(ours=1e3 / ms.ours, theirs=1e3 / ms.theirs)
    return row(what, result, unit=unit, note=f"{note}, one thread")


def attempt(what: str, measure_rows: Callable[[], list[Row]]) -> list[Row]:
    """Return the rows, or one that says what is missing."""
    try:
        return measure_rows()
    except (Missing, AttributeError) as error:
        return [Row(what, note=f"not measured: {error}")]


def measure(rounds: int = 5) -> list[Row]:
    torch.set_num_threads(1)
    rows: list[Row] = []
    try:
        with chromium() as browser:
            with page_with(browser, *playground.MODULES) as tab:
                rows += playground.core_rows("in the page", tab.evaluate, rounds)
            rows += playground.frame_rows(browser, rounds)
            rows += digit_rows(browser, rounds)
            rows += attempt("Diffusion", lambda: diffusion_rows(browser, rounds))
            rows += attempt("Tiny GPT", lambda: gpt_rows(browser, rounds))
    except Missing as error:
        rows.append(
            Row(
                "in the page",
                goal="ours <= 16",
                unit="ms",
                note=f"not measured: {error}",
            )
        )
    node = lambda code: in_node(playground.MODULES, code)  # noqa: E731
    return rows + attempt(
        "in Node", lambda: playground.core_rows("in Node", node, rounds)
    )


if __name__ == "__main__":
    run("demos", measure)
