"""Interactive demos: self-contained HTML that is alive on every front end.

A demo is one JavaScript module (`<name>.js`, `export function mount(root, state, life)`),
an optional `<name>.css`, and one Python function here that returns a `Demo`.
"""

import base64
import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lessons_lib.demos import (
    _activation,
    _loss,
    _memory_lab,
    _neuron_lab,
    _perceptron,
    _stepping,
    bundling,
)

__all__ = [
    "Demo",
    "activation_explorer",
    "architecture_table",
    "attention_explorer",
    "backprop_stepper",
    "chooser",
    "conv_lab",
    "descent",
    "diffusion_lab",
    "draw_a_digit",
    "loss_explorer",
    "memory_lab",
    "neuron_lab",
    "pack",
    "perceptron_trainer",
    "placement_test",
    "playground",
    "write_with_gpt",
]


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


PLAYGROUND_SETTINGS = (
    "data", "noise", "share", "features", "hidden", "activation", "loss", "optimizer",
    "lr", "penalty", "rate", "batch", "seed", "dataSeed",
)  # fmt: skip


def playground(**settings: Any) -> Demo:
    """Build, train and look into a small network in the page.

    Args:
        **settings: Start values that differ from the default, named as in the call
            that the demo offers to copy, for example `data="spirals", hidden=[8, 8]`.
    """
    for name in settings:
        if name not in PLAYGROUND_SETTINGS:
            raise ValueError(
                f"unknown setting: {name!r}, use one of {', '.join(PLAYGROUND_SETTINGS)}"
            )
    text = (
        "Playground: choose data, inputs, layers and an activation, then train the "
        "network in the page and watch every neuron, the boundary and the loss."
    )
    return Demo("playground", {"settings": settings}, text=text, figure=_network_svg())


def neuron_lab(
    *,
    weights: Sequence[float] = (-0.5, -0.1),
    bias: float = 4.0,
    activation: str = "sigmoid",
    points: Sequence[Sequence[float]] | None = None,
    axes: Sequence[Sequence[Any]] | None = None,
    classes: Sequence[str] | None = None,
    limits: Sequence[Sequence[float]] | None = None,
) -> Demo:
    """Turn, shift and sharpen the line that one neuron draws.

    Args:
        weights: Start values of the two weights.
        bias: Start value of the bias.
        activation: "sigmoid", "step", "tanh", "relu" or "linear".
        points: Examples (x1, x2, 0 or 1); default: the mornings of the first lesson.
        axes: For each input (name, unit, low, high, step).
        classes: What 0 and 1 are called, default ("tea", "coffee").
        limits: For each of the three sliders (largest value, step).
    """
    state = _neuron_lab.state(
        weights, bias, activation, points, axes, classes, limits
    )
    text = (
        "NeuronLab: a neuron with two inputs colours the plane by its answer. Sliders "
        "set its two weights, its bias and the activation; a ring that you move "
        "through the plane shows the sum for one point, step by step."
    )
    return Demo("neuron_lab", state, text=text, figure=_neuron_lab.figure(state))


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
        figure=_stepping.graph_figure(),
    )


def perceptron_trainer(
    preset: str = "and", *, points: Sequence[Sequence[float]] | None = None
) -> Demo:
    """Place points of two classes and watch the perceptron rule move its line.

    Args:
        preset: "and", "or", "xor", "separable", "overlapping" or "none".
        points: Own points (x1, x2, -1 or 1), coordinates from -2 to 2.
    """
    text = (
        "PerceptronTrainer: place points of two classes, then step or run the learning "
        "rule. Each mistake adds the example to the weights and turns the line; "
        "mistakes are counted against the bound, and XOR makes it go in circles."
    )
    state = _perceptron.state(preset, points)
    return Demo("perceptron_trainer", state, text=text, figure=_perceptron.figure())


def draw_a_digit(
    model: Any,
    *,
    classes: Sequence[str] = tuple("0123456789"),
    examples: Any = None,
    mean: float = 0.0,
    std: float = 1.0,
    dtype: str = "int8",
) -> Demo:
    """Draw in the page, and let a network that was trained here answer.

    Args:
        model: nn.Sequential that maps images (N, 1, 28, 28) to logits.
        classes: Name of each class.
        examples: Images to open, (N, 28, 28) or (N, 1, 28, 28), uint8 or 0 to 1.
        mean: Mean that the model's inputs were normalised with, for pixels 0 to 1.
        std: Standard deviation that they were normalised with.
        dtype: How weights are stored in the page, "int8" or "float16".

    Raises:
        TypeError: If the model has a layer that the page cannot compute.
        ValueError: If the model's output, the examples, or dtype do not fit.
    """
    from lessons_lib.demos import _draw_a_digit as parts

    layers = parts.export_model(model, dtype)
    parts.check_output(model, len(classes))
    images = None if examples is None else parts.example_images(examples)
    if images is not None and not len(images):
        images = None
    state = {
        "layers": layers,
        "classes": list(classes),
        "examples": None if images is None else pack(images, "uint8"),
        "mean": float(mean),
        "std": float(std),
        "style": parts.pen_style(images),
    }
    text = (
        "DrawADigit: draw a digit in the page, and the network trained in this lesson "
        "answers at once, with its probabilities and what its units do."
    )
    return Demo("draw_a_digit", state, text=text, figure=parts.digit_figure())


def activation_explorer(
    name: str = "sigmoid", *, depth: int = 20, x: float = 1.0
) -> Demo:
    """Follow an activation, its slope, and the gradient that many layers leave.

    Args:
        name: "sigmoid", "tanh", "relu", "leaky", "elu", "gelu", "silu" or "mish".
        depth: Layers at the start, 1 to 50.
        x: Where the movable point starts, -5 to 5.
    """
    text = (
        "ActivationExplorer: eight activation functions with their slopes and a movable "
        "tangent, and the product of the slopes over up to 50 layers: the part of the "
        "gradient that survives, on a logarithmic scale."
    )
    state = _activation.state(name, depth, x)
    return Demo("activation_explorer", state, text=text, figure=_activation.figure())


def loss_explorer(
    part: str = "numbers", *, words: Sequence[str] = _loss.WORDS
) -> Demo:
    """Compare losses: an outlier, a confident mistake, and perplexity.

    Args:
        part: What is open at the start: "numbers", "classes" or "words".
        words: Two to eight words whose probabilities set the perplexity.
    """
    text = (
        "LossExplorer: drag an outlier and see the best line for squared, absolute and "
        "Huber loss; compare cross-entropy with squared error on a confident mistake; "
        "turn the probabilities of words into a perplexity."
    )
    state = _loss.state(part, words)
    return Demo("loss_explorer", state, text=text, figure=_loss.figure())


def chooser(*, home: str = "", **answers: str) -> Demo:
    """Answer five questions and get an architecture to start with, and the reasons.

    Args:
        home: Address of the book, ending in a slash, for links to its lessons.
        **answers: Start values that differ: data, amount, goal, compute, explain.

    Raises:
        ValueError: If a question or an answer is unknown.
    """
    from lessons_lib.demos import chooser_rules, chooser_table

    questions = chooser_table.QUESTIONS
    for question, answer in answers.items():
        if answer not in questions.get(question, {}).get("options", {}):
            known = {name: list(part["options"]) for name, part in questions.items()}
            raise ValueError(f"answers must be among {known}, got {question}={answer!r}")
    state = {
        "questions": questions,
        "architectures": chooser_table.ARCHITECTURES,
        "rules": chooser_rules.RULES,
        "notes": chooser_rules.NOTES,
        "lessons": chooser_table.LESSONS,
        "answers": {name: next(iter(part["options"])) for name, part in questions.items()}
        | {"amount": "some"}
        | answers,
        "home": home,
    }
    text = (
        "Chooser: five questions about your data, goal and means lead to an architecture "
        "to start with, the reasons, and two alternatives."
    )
    return Demo("chooser", state, text=text, figure=chooser_table.figure())


def architecture_table() -> Any:
    """Return the table of architectures that the Chooser knows."""
    from lessons_lib.demos import chooser_table

    return chooser_table.ArchitectureTable()


def placement_test(part: str = "foundations") -> Demo:
    """Ask ten questions that tell a reader where in a part to start.

    Args:
        part: Folder of the part, for example "foundations".

    Raises:
        ValueError: If the part has no test.
    """
    from lessons_lib.demos import placement_questions

    if part not in placement_questions.QUESTIONS:
        known = ", ".join(placement_questions.QUESTIONS)
        raise ValueError(f"part must be one of {known}, got {part!r}")
    questions = placement_questions.QUESTIONS[part]
    text = (
        f"Placement test: {len(questions)} questions about this part; the answers lead "
        "to the lesson to start with. It needs scripts: without them, read the "
        "lessons in their order, and skip what you know."
    )
    return Demo("placement_test", {"part": part, "questions": questions}, text=text)


def descent(
    landscape: str = "parabola", *, lr: float = 0.1, momentum: float = 0.0
) -> Demo:
    """Let a ball go down a landscape by gradient descent, step by step.

    Args:
        landscape: The start: parabola, valleys, bowl, ravine, saddle or noisy.
        lr: Learning rate, 0.001 to 5; the nearest one of the slider is taken.
        momentum: Momentum, 0 to 0.95.
    """
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
    return Demo("descent", state, text=text, figure=_stepping.descent_figure())


def conv_lab(
    *,
    picture: str = "digit",
    kernel: str | Sequence[Sequence[float]] = "vertical edges",
    divide: int | None = None,
    bias: int = 0,
    stride: int = 1,
    padding: int = 0,
    relu: bool = False,
) -> Demo:
    """Edit a kernel, slide it over a small picture, and see every product and sum.

    Args:
        picture: "digit", "bars" or "photograph".
        kernel: A preset ("identity", "box blur", "soft blur", "sharpen",
            "vertical edges", "horizontal edges", "outline", "emboss") or 3 x 3 numbers.
        divide: Each sum is divided by this number; by default that of the preset.
        bias: Number that is added to each sum.
        stride: 1, 2 or 3.
        padding: 0, 1 or 2.
        relu: Replace negative outputs by 0.
    """
    from lessons_lib.demos import _conv_lab as parts

    state = parts.state(picture, kernel, divide, bias, stride, padding, relu, pack)
    text = (
        "ConvLab: a kernel of nine numbers, which you edit, slides over a small picture. "
        "For each place you see the nine products and their sum, and the output builds "
        "up; stride, padding, bias and ReLU can be changed. Here a digit and its "
        "vertical edges."
    )
    return Demo("conv_lab", state, text=text, figure=parts.figure())


def attention_explorer(
    tokens: Sequence[object] | None = None,
    *,
    weights: Any = None,
    layer: int = 0,
    head: int = 0,
    selected: int | None = None,
    dtype: str = "uint8",
    sentence: str = "river",
    causal: bool = False,
    scaled: bool = True,
    temperature: float = 1.0,
) -> Demo:
    """See which words a word looks at: by hand, or in a model that was trained.

    Args:
        tokens: The tokens of a model's input; without them, sentences with hand-made
            queries, keys and values, which the reader can change.
        weights: What the softmax gave, shape (layers, heads, T, T) or with the first
            one or two left out; rows are the tokens that look.
        layer: Layer at the start, from 0.
        head: Head at the start, from 0; -1 for the mean of the heads.
        selected: The token that is chosen at the start; default "bank", or the last.
        dtype: How weights are stored in the page, "uint8" or "float16".
        sentence: Without tokens: "river", "money", "both", "before" or "neither".
        causal: Without tokens: start with the causal mask.
        scaled: Without tokens: divide the scores by the root of head_dim.
        temperature: Without tokens: one of the slider's, for example 0.5, 1 or 2.

    Raises:
        ValueError: For weights that do not fit the tokens, or an unknown setting.
    """
    from lessons_lib.demos import _attention as parts

    if (tokens is None) != (weights is None):
        raise ValueError("tokens and weights belong together: give both or neither")
    if tokens is None:
        state = parts.hand_state(sentence, causal, scaled, temperature, selected)
        text = (
            "AttentionExplorer: choose a word and see as arcs, shades and numbers how "
            "much it looks at each other word. Its query, the temperature, the scaling "
            "and a causal mask can be changed. Here the bank of the river: bank gives "
            "0.65 of its weight to river."
        )
    else:
        state = parts.trained_state(
            tokens, weights, layer, head, selected, dtype, pack
        )
        text = (
            f"AttentionExplorer: {len(state['tokens'])} tokens and the weights with which "
            "a trained model looks from each to the others, for each layer and head."
        )
    figure = parts.figure() if tokens is None else None
    return Demo("attention_explorer", state, text=text, figure=figure)


def memory_lab(
    model: Any = None,
    *,
    chars: Sequence[str] = _memory_lab.LETTERS,
    text: str = "emma",
    other: str = "",
) -> Demo:
    """Watch a recurrent network read a text: its state and gates, step by step.

    Args:
        model: Module with one embedding, one nn.RNN, nn.GRU or nn.LSTM and one linear
            layer, or several of them by name; without one, an untrained RNN.
        chars: The symbols by their numbers; the first one marks start and end.
        text: What is read at the start, at most 24 symbols.
        other: Text to compare it with.

    Raises:
        TypeError: If a model has other layers.
        ValueError: If its recurrent layer or its number of symbols does not fit.
    """
    state, figure = _memory_lab.state(model, chars, text, other, pack)
    sentence = (
        "MemoryLab: a recurrent network reads a text, symbol by symbol. A heat map shows "
        "the state of its units and its gates over time, bars the probabilities of the "
        f"next symbol. Here the states while it reads {text!r}."
    )
    return Demo("memory_lab", state, text=sentence, figure=figure)


def diffusion_lab(
    part: str = "points",
    *,
    data: str = "moons",
    sampler: str = "ddpm",
    digit: int = 3,
    steps: int = 10,
    guidance: float = 2.5,
    weights: Mapping[str, Any] | None = None,
) -> Demo:
    """Watch points of the plane, or a handwritten digit, come out of noise.

    Args:
        part: "points", with the exact answer for known data, or "digits", with the
            network of the lesson `diffusion`.
        data: Of the points: "moons", "ring" or "spirals".
        sampler: Of the points: "ddpm", "ddim" or "flow".
        digit: The digit that is asked for at the start.
        steps: Steps of the sampler at the start, one of the slider's.
        guidance: Guidance scale at the start, 0 to 8.
        weights: Of the digits: state_dict of a `UNet` for pictures of 28 x 28; default
            `load_weights("diffusion")`.

    Raises:
        ValueError: For a setting that the demo does not offer.
    """
    from lessons_lib.demos import _diffusion_lab as parts

    if part not in parts.PARTS:
        raise ValueError(f"part must be one of {parts.PARTS}, got {part!r}")
    if part == "points":
        state = parts.points_state(data, sampler, steps, guidance)
        text = (
            "DiffusionLab: 500 points go from noise to two moons, a ring or spirals, and "
            "back, along a time slider. The sampler (DDPM, DDIM or flow), the steps, a "
            "class and the guidance can be chosen; the distance to the data is measured."
        )
    else:
        if weights is None:
            from lessons_lib.weights import load_weights

            weights = load_weights("diffusion")
        state = parts.digits_state(weights, digit, steps, guidance, pack)
        text = (
            "DiffusionLab: a handwritten digit that you choose comes out of noise, step by "
            "step, drawn in the page by the network of this lesson. Steps and guidance can "
            "be chosen, and a finished digit can go back into noise and become another."
        )
    return Demo("diffusion_lab", state, text=text, figure=parts.figure())


def write_with_gpt(
    model: Any = None,
    chars: Sequence[str] | None = None,
    *,
    prompt: str = "ROMEO:\n",
    temperature: float = 0.8,
    top_k: int = 0,
    top_p: float = 1.0,
    context: int | None = None,
) -> Demo:
    """Let a GPT write in the page, one character at a time, and see how it chooses.

    Args:
        model: A GPT, trained on single characters; default: that of the lesson.
        chars: The characters by their numbers; given together with a model.
        prompt: The text that the model goes on with, at the start.
        temperature: At the start, 0 (always the most probable character) to 2.
        top_k: At the start; only so many characters may come, 0 for all.
        top_p: At the start; only the most probable that together reach this share.
        context: Characters that the model looks back at, as in its training; default
            128.

    Raises:
        TypeError: If the model is not a GPT.
        ValueError: If the characters, the prompt or a setting do not fit.
    """
    from lessons_lib.demos import _write_with_gpt as parts

    if (model is None) != (chars is None):
        raise ValueError("model and chars belong together: give both or neither")
    known = parts.CONTEXT
    if model is None:
        model, chars, known = parts.trained()
    context = known if context is None else context
    state, rounded = parts.state(
        model, chars, context, prompt, temperature, top_k, top_p, pack
    )
    text = (
        "WriteWithGPT: a small GPT writes on from a prompt, one character at a time. Bars "
        "show what it thinks comes next and what temperature, top-k and top-p leave of "
        "it; shades show which characters it looks at, and how each surprised it."
    )
    figure = parts.figure(rounded, chars, prompt, context)
    return Demo("write_with_gpt", state, text=text, figure=figure)


def pack(values: Any, dtype: str = "float16") -> dict[str, Any]:
    """Encode an array compactly for the state of a demo; `unpack` in kit.js reads it.

    Args:
        values: Tensor or array of any shape.
        dtype: "float16", "float32", "int8" (one scale for the array) or "uint8".

    Returns:
        Keys `dtype`, `shape`, `data` (base64, little-endian) and, for int8, `scale`.

    Raises:
        ValueError: If dtype is unknown, or a value is not finite in that dtype.
    """
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    array = np.asarray(values)
    result: dict[str, Any] = {"dtype": dtype, "shape": list(array.shape)}
    if dtype == "int8":
        result["scale"] = float(np.abs(array).max(initial=0.0)) / 127 or 1.0
        array = np.round(array / result["scale"])
    elif dtype not in ("float16", "float32", "uint8"):
        raise ValueError(
            f"dtype must be float16, float32, int8 or uint8, got {dtype!r}"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        coded = np.ascontiguousarray(array.astype(np.dtype(dtype).newbyteorder("<")))
    if not np.isfinite(coded.astype(np.float64)).all():
        raise ValueError(f"values must be finite in {dtype}: scale them or use float32")
    return {**result, "data": base64.b64encode(coded.tobytes()).decode("ascii")}


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


def _network_svg() -> str:
    """Draw the Playground's start: two inputs, four and two neurons, one output."""
    columns = [(60, 2), (190, 4), (320, 2), (450, 1)]
    spots = [[(x, 110 + 46 * (i - (n - 1) / 2)) for i in range(n)] for x, n in columns]
    lines = "".join(
        f'<path d="M{a} {b:g}L{c} {d:g}"/>'
        for left, right in zip(spots, spots[1:], strict=False)
        for a, b in left
        for c, d in right
    )
    dots = "".join(
        f'<rect x="{x - 15}" y="{y - 15:g}" width="30" height="30" rx="5"/>'
        for column in spots
        for x, y in column
    )
    return (
        '<svg viewBox="0 0 510 220" width="510" xmlns="http://www.w3.org/2000/svg">'
        f'<g fill="none" stroke="#7d8792" stroke-width="2">{lines}</g>'
        f'<g fill="#0072b2" stroke="#7d8792">{dots}</g></svg>'
    )
