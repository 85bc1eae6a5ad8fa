"""Exercises of the lesson foundations/neuron."""

import math

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- A neuron in plain Python -------------------------------------------------------


def neuron(inputs, weights, bias):
    """Return the output of one sigmoid neuron, in plain Python."""
    z = bias
    for x, w in zip(inputs, weights, strict=True):
        z += w * x
    return 1 / (1 + math.exp(-z))


def _weighted_sum(inputs, weights):
    return sum(w * x for x, w in zip(inputs, weights, strict=True))


def _neuron_without_bias(inputs, weights, bias):
    return 1 / (1 + math.exp(-_weighted_sum(inputs, weights)))


def _neuron_without_sigmoid(inputs, weights, bias):
    return _weighted_sum(inputs, weights) + bias


def _neuron_with_bias_for_each_input(inputs, weights, bias):
    z = sum(w * x + bias for x, w in zip(inputs, weights, strict=True))
    return 1 / (1 + math.exp(-z))


def _neuron_with_flipped_sigmoid(inputs, weights, bias):
    return 1 / (1 + math.exp(_weighted_sum(inputs, weights) + bias))


def _neuron_cases(make):
    return [
        ([5.0, 10.0], [-0.5, -0.1], 4.0),
        ([9.0, 25.0], [-0.5, -0.1], 4.0),
        ([1.0, -2.0, 3.0], [0.5, 0.25, -1.0], 0.75),
        ([2.0], [1.5], -1.0),
    ]


# --- The same for a batch -----------------------------------------------------------


def neuron_batch(X, w, b):
    """Return the output of one sigmoid neuron for each row of X: (B, n) to (B,)."""
    z = (X * w).sum(dim=1) + b
    return 1 / (1 + torch.exp(-z))


def _batch_summed_over_rows(X, w, b):
    return torch.sigmoid((X * w).sum(dim=0) + b)


def _batch_summed_completely(X, w, b):
    return torch.sigmoid((X * w).sum() + b)


def _batch_as_column(X, w, b):
    return torch.sigmoid((X * w).sum(dim=1, keepdim=True) + b)


def _batch_not_summed(X, w, b):
    return torch.sigmoid(X * w + b)


def _batch_without_sigmoid(X, w, b):
    return (X * w).sum(dim=1) + b


def _batch_without_bias(X, w, b):
    return torch.sigmoid((X * w).sum(dim=1))


def _batch_cases(make):
    return [
        (make.normal(4, 2), make.normal(2), make.normal()),
        (make.normal(3, 3), make.normal(3), make.normal()),
        (make.normal(1, 5), make.normal(5), make.normal()),
    ]


# --- AND and OR: any weights that draw the right line -------------------------------

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def _judge_gate(answer, gate, wanted):
    """Return None if (w1, w2, b) computes the wanted row of outputs, else a remedy."""
    try:
        w1, w2, b = (float(number) for number in answer)
    except (TypeError, ValueError):
        return (
            "The answer must be three numbers, `(w1, w2, b)`: two weights, then the "
            f"bias. Got `{answer!r}`."
        )
    for (x1, x2), is_on in zip(CORNERS, wanted, strict=True):
        z = w1 * x1 + w2 * x2 + b
        if z == 0:
            return (
                f"At ({x1}, {x2}) z is exactly 0, so y = 0.5: undecided. {gate} needs "
                f"z {'above' if is_on else 'below'} 0 there; move the bias a little."
            )
        if (z > 0) != bool(is_on):
            remedy = "Raise" if is_on else "Lower"
            return (
                f"At ({x1}, {x2}) z = {z:g}, so the neuron says "
                f"{'yes' if z > 0 else 'no'}, but {gate} says "
                f"{'yes' if is_on else 'no'}. {remedy} z there, then check the other "
                "three corners again."
            )
    return None


def _judge_and(answer):
    return _judge_gate(answer, "AND", (0, 0, 0, 1))


def _judge_or(answer):
    return _judge_gate(answer, "OR", (0, 1, 1, 1))


# --- Distance to the line -----------------------------------------------------------


def signed_distance(X, w, b):
    """Return the signed distance of each row of X from the line w·x + b = 0."""
    return (X @ w + b) / w.norm()


def _distance_not_divided(X, w, b):
    return X @ w + b


def _distance_divided_by_square(X, w, b):
    return (X @ w + b) / (w @ w)


def _distance_without_side(X, w, b):
    return (X @ w + b).abs() / w.norm()


def _distance_bias_not_divided(X, w, b):
    return X @ w / w.norm() + b


def _distance_divided_by_sum(X, w, b):
    return (X @ w + b) / w.abs().sum()


# --- As sharp as you like -----------------------------------------------------------


def sharpen(w, b, width):
    """Return (w, b) with the same line and a band from 0.1 to 0.9 that is width wide."""
    k = 2 * math.log(9) / (width * w.norm())
    return k * w, k * b


def _sharpen_weights_only(w, b, width):
    k = 2 * math.log(9) / (width * w.norm())
    return k * w, b


def _sharpen_half_band(w, b, width):
    k = math.log(9) / (width * w.norm())
    return k * w, k * b


def _sharpen_without_norm(w, b, width):
    k = 2 * math.log(9) / width
    return k * w, k * b


def _sharpen_inverted(w, b, width):
    k = width * w.norm() / (2 * math.log(9))
    return k * w, k * b


EXERCISES = {
    "neuron": Exercise(
        title="A neuron in plain Python",
        solution=neuron,
        cases=_neuron_cases,
        wrong=(
            Wrong(
                _neuron_without_bias,
                "The bias is missing: this is f(w1 x1 + ... + wn xn). Add `bias` to "
                "the sum, once, before the sigmoid.",
            ),
            Wrong(
                _neuron_without_sigmoid,
                "This returns the weighted sum z. Send it through the sigmoid: "
                "`1 / (1 + math.exp(-z))`.",
            ),
            Wrong(
                _neuron_with_bias_for_each_input,
                "The bias is added once for each input. It belongs to the neuron, not "
                "to an input: start with `z = bias` and add only `w * x` in the loop.",
            ),
            Wrong(
                _neuron_with_flipped_sigmoid,
                "The sigmoid is upside down: a large z must give a number near 1. The "
                "exponent needs a minus sign, `math.exp(-z)`.",
            ),
        ),
        hints=(
            "Two steps: first one number z, built up in a loop over the pairs of input "
            "and weight; then the sigmoid of z.",
            "Start with `z = bias`, then `for x, w in zip(inputs, weights): z += w * x`"
            ", and return `1 / (1 + math.exp(-z))`.",
        ),
    ),
    "neuron_batch": Exercise(
        title="The same for a batch",
        solution=neuron_batch,
        cases=_batch_cases,
        wrong=(
            Wrong(
                _batch_summed_over_rows,
                "This adds up over the batch: it mixes different mornings. The sum runs "
                "over the inputs of one morning, the last dimension: `dim=1`.",
            ),
            Wrong(
                _batch_summed_completely,
                "This adds everything into one number for the whole batch. Each row "
                "needs its own sum: `.sum(dim=1)`.",
            ),
            Wrong(
                _batch_as_column,
                "The numbers are right, the shape is a column (B, 1). The task asks for "
                "(B,): leave out `keepdim=True`, or end with `.squeeze(1)`.",
            ),
            Wrong(
                _batch_not_summed,
                "The products are not added up yet: this gives one number for each "
                "input. Add `.sum(dim=1)` before the bias.",
            ),
            Wrong(
                _batch_without_sigmoid,
                "This returns z for each row. The sigmoid is missing: "
                "`1 / (1 + torch.exp(-z))`.",
            ),
            Wrong(
                _batch_without_bias,
                "The bias is missing: add `b` to every sum, before the sigmoid.",
            ),
        ),
        hints=(
            "`X * w` multiplies every row of X by w, entry by entry, and has the shape "
            "(B, n). Which dimension has to be added up so that (B,) remains?",
            "`z = (X * w).sum(dim=1) + b`, then the sigmoid of z, for example "
            "`1 / (1 + torch.exp(-z))`.",
        ),
    ),
    "and_gate": Exercise(
        title="Weights for AND",
        solution=(1.0, 1.0, -1.5),
        judge=_judge_and,
        wrong=(
            Wrong(
                (1.0, 1.0, -0.5),
                "These numbers compute OR: one switch alone already lifts z above 0. "
                "AND needs a bias so low that only both together get over it.",
            ),
            Wrong(
                (1.0, 1.0, -1.0),
                "One switch alone gives z = 0, exactly on the line: undecided. Lower "
                "the bias so that the line passes between one switch and two.",
            ),
            Wrong(
                (1.0, 1.0, 0.0),
                "Without a bias the line passes through (0, 0). Push it away with a "
                "negative bias, until only (1, 1) is left on the yes side.",
            ),
        ),
        hints=(
            "Let both weights be 1. Then z is the number of switches that are on, plus "
            "the bias: which bias makes 2 positive, but 1 negative?",
            "Any bias between -2 and -1 works with weights (1, 1); the middle is the "
            "safest.",
        ),
    ),
    "or_gate": Exercise(
        title="Weights for OR",
        solution=(1.0, 1.0, -0.5),
        judge=_judge_or,
        wrong=(
            Wrong(
                (1.0, 1.0, -1.5),
                "These numbers compute AND: one switch alone stays below 0. Raise the "
                "bias so that one is enough.",
            ),
            Wrong(
                (1.0, 1.0, 0.0),
                "At (0, 0) z is exactly 0, on the line: undecided. A small negative "
                "bias puts (0, 0) on the no side.",
            ),
            Wrong(
                (1.0, 1.0, 0.5),
                "Now (0, 0) says yes as well: the neuron is always on. The bias is z at "
                "(0, 0), so it must be negative.",
            ),
        ),
        hints=(
            "The bias is z at (0, 0), where OR says no. What does that tell you about "
            "its sign?",
            "With weights (1, 1) the line has to pass between 0 switches and 1 switch: "
            "any bias between -1 and 0.",
        ),
    ),
    "signed_distance": Exercise(
        title="Distance to the line",
        solution=signed_distance,
        cases=_batch_cases,
        wrong=(
            Wrong(
                _distance_not_divided,
                "This is z, not yet a distance: double all weights and the bias, and it "
                "doubles, though the line stays. Divide by the length of w.",
            ),
            Wrong(
                _distance_divided_by_square,
                "Divided by the square of the length, `w @ w`. Divide by the length "
                "itself, `w.norm()`.",
            ),
            Wrong(
                _distance_without_side,
                "The size is right, the side is lost: keep the sign of z, positive on "
                "the side w points to. Leave out `abs`.",
            ),
            Wrong(
                _distance_bias_not_divided,
                "Only the weighted part was divided. The bias is part of z: put both in "
                "brackets, `(X @ w + b)`, then divide.",
            ),
            Wrong(
                _distance_divided_by_sum,
                "The length of w is not the sum of its entries: it is the square root "
                "of the sum of their squares, `w.norm()`.",
            ),
        ),
        hints=(
            "The lesson found z = |w| times the distance. Solve for the distance.",
            "`X @ w + b` gives z for every row; `w.norm()` gives the length of w.",
        ),
    ),
    "sharpen": Exercise(
        title="As sharp as you like",
        solution=sharpen,
        cases=lambda make: [
            (make.tensor([-0.5, -0.1]), make.tensor(4.0), 1.0),
            (make.tensor([3.0, 4.0]), make.tensor(-2.0), 0.5),
            (make.normal(2), make.normal(), 3.0),
        ],
        wrong=(
            Wrong(
                _sharpen_weights_only,
                "The band has the right width, but the line has moved: the bias must be "
                "multiplied by the same number as the weights.",
            ),
            Wrong(
                _sharpen_half_band,
                "The band is half as wide as asked: from 0.1 to 0.9, z runs from "
                "-ln 9 to +ln 9, that is 2 ln 9 in all.",
            ),
            Wrong(
                _sharpen_without_norm,
                "The present length of w is forgotten: z changes by |w| for each step "
                "across the line, so divide by `w.norm()` as well.",
            ),
            Wrong(
                _sharpen_inverted,
                "The factor is upside down: a narrower band needs larger weights.",
            ),
        ),
        hints=(
            "Multiply w and b by the same number k: the line stays. The band is then "
            "2 ln 9 / (k |w|) wide. Which k makes that equal to `width`?",
            "`k = 2 * math.log(9) / (width * w.norm())`, then return `k * w, k * b`.",
        ),
    ),
}

QUIZZES = {
    "no_bias": Quiz(
        "Take the bias away: b = 0, the weights stay. The neuron now meets a thousand "
        "mornings: between 0 and 12 hours of sleep, between 1 and 35 °C. How often "
        "does it choose coffee?",
        (
            Choice(
                "About half of the time, as the two cases suggest.",
                "Look at the signs: both weights are negative and both inputs are "
                "positive. What sign does every product have?",
            ),
            Choice(
                "Only on the coldest mornings after the shortest nights.",
                "That would need a z above 0. With b = 0, z = -0.5 · sleep - 0.1 · "
                "temperature: even half an hour at 1 °C gives -0.35.",
            ),
            Choice(
                "Never.",
                "Neither product is ever positive, and the temperature is at least "
                "1 °C: z stays below 0. The bias is the wish for coffee before it "
                "has heard any reason against it.",
                right=True,
            ),
        ),
    ),
    "times_ten": Quiz(
        "Multiply all three numbers by 10: w = (-5, -1), b = 40. What happens to the "
        "picture of the plane?",
        (
            Choice(
                "The black line moves: everything is ten times as large.",
                "The line is where z = 0. Ten times zero is still zero: a point on the "
                "line stays on it.",
            ),
            Choice(
                "The line stays, and the colours change abruptly at it.",
                "z = 0 stays where it is, but one step away from it z is ten times as "
                "large, so the sigmoid is already close to 0 or 1.",
                right=True,
            ),
            Choice(
                "Nothing: the neuron makes the same decisions, so it is the same one.",
                "The decisions are the same, the answers are not: 0.62 at "
                "(5 h, 10 °C) becomes 0.993.",
            ),
        ),
    ),
    "gates": Quiz(
        "Two switches have four positions. A yes-or-no answer for each position makes "
        "16 different tables. How many of them can one neuron compute, if you may "
        "choose its weights and its bias freely?",
        (
            Choice(
                "All 16: three free numbers are enough for four answers.",
                "Counting numbers is not enough. The neuron has to separate yes from no "
                "by one straight line. Look for a table in which this fails.",
            ),
            Choice(
                "14",
                "All but two. The next cells find the 14 by trial, and then show in two "
                "lines why the other two are out of reach.",
                right=True,
            ),
            Choice(
                "8: half of them.",
                "More than that. Always and never are easy, so is copying one switch, "
                "and so are AND, OR and everything you get by swapping yes and no.",
            ),
            Choice(
                "2: AND and OR.",
                "Those two work, and so do many others: NOT, NAND, always, never, and "
                "everything else that a straight line separates.",
            ),
        ),
    ),
    "parameters": Quiz(
        "A neuron reads a picture of 28 x 28 pixels, one input for each pixel. How many "
        "numbers can it learn?",
        (
            Choice("784", "One for each pixel, yes, and one more that has no input."),
            Choice("785", "28 · 28 = 784 weights, and one bias.", right=True),
            Choice(
                "786",
                "The sigmoid has nothing to learn. That leaves the weights and one bias.",
            ),
            Choice(
                "1568",
                "That would be a bias for each pixel. A neuron adds its bias only once.",
            ),
        ),
    ),
    "brain": Quiz(
        "Which of these sentences is right?",
        (
            Choice(
                "An artificial neuron is a small simulation of a brain cell.",
                "It keeps one idea, many inputs weighed into one output, and drops "
                "spikes, timing, chemistry and the shape of the cell.",
            ),
            Choice(
                "An artificial neuron can change a weight from positive to negative; "
                "in the brain, a sending cell mostly either excites or inhibits.",
                "Yes. This is one of several places where the two part company, and it "
                "makes learning by calculus much simpler.",
                right=True,
            ),
            Choice(
                "The neuron of 1943 already learned its weights.",
                "McCulloch and Pitts assumed a net that does not change with time. "
                "Learning from examples came with Rosenblatt's perceptron, 1958.",
            ),
        ),
    ),
    "line": Quiz(
        "You double both weights of the coffee neuron and leave the bias at 4. What "
        "happens to its line?",
        (
            Choice(
                "It stays, and the transition becomes sharper.",
                "That happens if the bias is doubled as well. Here z = 0 means "
                "sleep + 0.2 · temperature = 4, which is another line.",
            ),
            Choice(
                "It stays parallel and moves towards the point (0, 0).",
                "The direction of w is the same, so the line does not turn. Its "
                "distance from (0, 0) is b / |w|, and |w| has doubled. The transition "
                "is sharper too.",
                right=True,
            ),
            Choice(
                "It turns.",
                "Only the ratio of the weights sets the direction, and both were "
                "doubled: the ratio is the same.",
            ),
        ),
    ),
    "shapes": Quiz(
        "`X` has the shape (64, 3) and `layer = nn.Linear(3, 1)`. Which shape has "
        "`layer(X)`?",
        (
            Choice(
                "(64,)",
                "Close: `X @ w + b` with a vector w gives (64,). A layer keeps a "
                "dimension for its neurons, even if there is only one.",
            ),
            Choice(
                "(64, 1)",
                "64 rows, one neuron. With `nn.Linear(3, 10)` it would be (64, 10).",
                right=True,
            ),
            Choice(
                "(1, 3)",
                "That is the shape of `layer.weight`: one neuron, three inputs.",
            ),
        ),
    ),
}
