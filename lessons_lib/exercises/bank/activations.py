"""Exercises of the lesson foundations/activations."""

import math

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- Two layers into one ------------------------------------------------------------


def collapse(W1, b1, W2, b2):
    """Return weight and bias of the one layer that equals two layers in a row."""
    W = W2 @ W1       # (out, hidden) @ (hidden, in) -> (out, in)
    b = W2 @ b1 + b2  # b1 goes through the second layer, b2 is added behind it
    return W, b


def _collapse_as_in_the_lesson(W1, b1, W2, b2):
    return W1 @ W2, b1 @ W2 + b2


def _collapse_bias_added_only(W1, b1, W2, b2):
    return W2 @ W1, b1 + b2


def _collapse_last_bias_only(W1, b1, W2, b2):
    return W2 @ W1, b2.clone()


def _collapse_first_bias_only(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1


def _collapse_turned(W1, b1, W2, b2):
    return W1.T @ W2.T, b1 @ W2.T + b2


def _collapse_cases(make):
    return [
        (make.normal(2, 2), make.normal(2), make.normal(2, 2), make.normal(2)),
        (make.normal(4, 3), make.normal(4), make.normal(2, 4), make.normal(2)),
        (make.normal(3, 1), make.normal(3), make.normal(1, 3), make.normal(1)),
    ]


# --- Slope of a sharpened sigmoid ---------------------------------------------------


def sigmoid_slope(z, k=1.0):
    """Return the slope of f(z) = sigmoid(k z) at each entry of z."""
    p = torch.sigmoid(k * z)
    return k * p * (1 - p)  # a nudge of z is k times as large when it reaches k z


def _slope_without_k(z, k=1.0):
    p = torch.sigmoid(k * z)
    return p * (1 - p)


def _slope_of_the_plain_sigmoid(z, k=1.0):
    p = torch.sigmoid(z)
    return k * p * (1 - p)


def _slope_is_the_value(z, k=1.0):
    return torch.sigmoid(k * z)


def _slope_with_z_as_output(z, k=1.0):
    return k * z * (1 - z)


def _slope_of_tanh(z, k=1.0):
    return k * (1 - torch.tanh(k * z) ** 2)


def _slope_squared(z, k=1.0):
    p = torch.sigmoid(k * z)
    return k * (1 - p**2)


# --- Leaky ReLU ---------------------------------------------------------------------


def leaky_relu(z, a=0.01):
    """Keep positive entries of z, multiply the others by a."""
    return torch.where(z > 0, z, a * z)


def _leaky_is_relu(z, a=0.01):
    return z.clamp(min=0)


def _leaky_swapped(z, a=0.01):
    return torch.where(z > 0, a * z, z)


def _leaky_constant(z, a=0.01):
    return torch.where(z > 0, z, torch.full_like(z, a))


def _leaky_mirrored(z, a=0.01):
    return torch.where(z > 0, z, -a * z)


def _leaky_never_below_minus_a(z, a=0.01):
    return z.clamp(min=-a)


def _leaky_fixed(z, a=0.01):
    return torch.where(z > 0, z, 0.01 * z)


# --- GELU ---------------------------------------------------------------------------


def gelu(z, approximate="none"):
    """Return z times the share of normal numbers below z, exact or by tanh."""
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
        return 0.5 * z * (1 + torch.tanh(inner))
    return z * 0.5 * (1 + torch.erf(z / math.sqrt(2)))


def _gelu_always_exact(z, approximate="none"):
    return z * 0.5 * (1 + torch.erf(z / math.sqrt(2)))


def _gelu_always_tanh(z, approximate="none"):
    inner = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
    return 0.5 * z * (1 + torch.tanh(inner))


def _gelu_without_root(z, approximate="none"):
    if approximate == "tanh":
        return _gelu_always_tanh(z)
    return z * 0.5 * (1 + torch.erf(z))


def _gelu_without_z(z, approximate="none"):
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
        return 0.5 * (1 + torch.tanh(inner))
    return 0.5 * (1 + torch.erf(z / math.sqrt(2)))


def _gelu_without_half(z, approximate="none"):
    return 2 * gelu(z, approximate)


def _gelu_cube_outside(z, approximate="none"):
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * z + 0.044715 * z**3
        return 0.5 * z * (1 + torch.tanh(inner))
    return _gelu_always_exact(z)


def _gelu_square(z, approximate="none"):
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (z + 0.044715 * z**2)
        return 0.5 * z * (1 + torch.tanh(inner))
    return _gelu_always_exact(z)


# --- A softmax that does not overflow -----------------------------------------------


def stable_softmax(logits):
    """Return the softmax of each row of logits, shape (B, C), without overflow."""
    shifted = logits - logits.max(dim=1, keepdim=True).values  # the largest is now 0
    exponentials = torch.exp(shifted)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def _softmax_naive(logits):
    exponentials = torch.exp(logits)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def _softmax_one_maximum_for_all(logits):
    exponentials = torch.exp(logits - logits.max())
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def _softmax_over_the_batch(logits):
    exponentials = torch.exp(logits - logits.max(dim=0).values)
    return exponentials / exponentials.sum(dim=0)


def _softmax_sum_of_all(logits):
    exponentials = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    return exponentials / exponentials.sum()


def _softmax_divided_by_maximum(logits):
    exponentials = torch.exp(logits / logits.max(dim=1, keepdim=True).values)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def _softmax_minus_minimum(logits):
    exponentials = torch.exp(logits - logits.min(dim=1, keepdim=True).values)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def _softmax_not_divided(logits):
    return torch.exp(logits - logits.max(dim=1, keepdim=True).values)


def _softmax_with_mean(logits):
    exponentials = torch.exp(logits - logits.mean(dim=1, keepdim=True))
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def _softmax_cases(make):
    return [
        (make.tensor([[2.0, 1.0, 0.1]]),),
        (make.normal(4, 3),),
        (make.tensor([[1000.0, 1001.0], [-1000.0, -1002.0], [3.0, -900.0]]),),
        # Mean and smallest score overflow at different rows, in float32 and float64.
        (make.tensor([[0.0, -100.0], [0.0, -1000.0], [2000.0, 0.0]]),),
    ]


# --- Log-sum-exp --------------------------------------------------------------------


def log_sum_exp(z):
    """Return log(sum(exp(z))) over the last dimension, without overflow."""
    m = z.max(dim=-1, keepdim=True).values
    return m.squeeze(-1) + torch.log(torch.exp(z - m).sum(dim=-1))


def _lse_naive(z):
    return torch.log(torch.exp(z).sum(dim=-1))


def _lse_maximum_not_added(z):
    m = z.max(dim=-1, keepdim=True).values
    return torch.log(torch.exp(z - m).sum(dim=-1))


def _lse_is_the_maximum(z):
    return z.max(dim=-1).values


def _lse_one_maximum_for_all(z):
    m = z.max()
    return m + torch.log(torch.exp(z - m).sum(dim=-1))


def _lse_sum_outside(z):
    return torch.log(torch.exp(z)).sum(dim=-1)


def _lse_dimension_kept(z):
    m = z.max(dim=-1, keepdim=True).values
    return m + torch.log(torch.exp(z - m).sum(dim=-1, keepdim=True))


def _lse_over_the_first(z):
    m = z.max(dim=0, keepdim=True).values
    return m.squeeze(0) + torch.log(torch.exp(z - m).sum(dim=0))


def _lse_cases(make):
    return [
        (make.tensor([2.0, 1.0, 0.1]),),
        (make.normal(3, 3),),
        (make.tensor([[1000.0, 1001.0], [-1000.0, -1002.0]]),),
        (make.normal(2, 1, 4),),
    ]


EXERCISES = {
    "collapse": Exercise(
        title="Two layers into one",
        solution=collapse,
        cases=_collapse_cases,
        wrong=(
            Wrong(
                _collapse_as_in_the_lesson,
                "This is the formula for `X @ W`, where a weight has one column for "
                "each neuron. `nn.Linear` stores one row for each neuron: turn every "
                "matrix in the formula, and the order of a product turns round too.",
            ),
            Wrong(
                _collapse_turned,
                "The numbers of the weight are right, but it lies on its side: it must "
                "have the shape (out_features, in_features). Return `W2 @ W1`.",
            ),
            Wrong(
                _collapse_bias_added_only,
                "The first bias goes through the second layer before it reaches the "
                "output: multiply it by `W2`, then add `b2`.",
            ),
            Wrong(
                _collapse_last_bias_only,
                "The first bias is lost. It reaches the output through the second "
                "layer: add `W2 @ b1`.",
            ),
            Wrong(
                _collapse_first_bias_only,
                "The second bias is missing: it is added behind everything, so add "
                "`b2` to `W2 @ b1`.",
            ),
        ),
        hints=(
            "Write out what an input x goes through: first W1 x + b1, then W2 of that, "
            "plus b2. Multiply the brackets out and see what stands beside x.",
            "`W2 @ (W1 @ x + b1) + b2` is `(W2 @ W1) @ x + (W2 @ b1 + b2)`.",
        ),
    ),
    "sigmoid_slope": Exercise(
        title="Slope of a sharpened sigmoid",
        solution=sigmoid_slope,
        cases=lambda make: [
            (make.tensor([-3.0, 0.0, 1.0]),),
            (make.normal(2, 3), 4.0),
            (make.normal(5), 0.5),
        ],
        wrong=(
            Wrong(
                _slope_without_k,
                "Right for k = 1. A nudge of z is k times as large by the time it "
                "reaches the sigmoid: multiply by `k`.",
            ),
            Wrong(
                _slope_of_the_plain_sigmoid,
                "The factor k is there, but the slope is taken at z. The sigmoid is "
                "at the place k z: use `torch.sigmoid(k * z)`.",
            ),
            Wrong(
                _slope_is_the_value,
                "This is the value of the sigmoid. Its slope is p (1 - p), with the "
                "value as p, times `k`.",
            ),
            Wrong(
                _slope_with_z_as_output,
                "The formula p (1 - p) takes the output of the sigmoid, not its input: "
                "compute `p = torch.sigmoid(k * z)` first.",
            ),
            Wrong(
                _slope_of_tanh,
                "This is the slope of tanh. The sigmoid's is p (1 - p), at most a "
                "quarter for k = 1.",
            ),
            Wrong(
                _slope_squared,
                "1 - p² belongs to tanh. For the sigmoid it is p (1 - p), the product "
                "of the value and its distance from 1.",
            ),
        ),
        hints=(
            "Two steps in a row: z becomes k z, and that goes through the sigmoid. The "
            "slopes of steps in a row are multiplied. What is the slope of k z?",
            "With `p = torch.sigmoid(k * z)`, the second step has the slope "
            "`p * (1 - p)`, the first has the slope `k`.",
        ),
    ),
    "leaky_relu": Exercise(
        title="Leaky ReLU",
        solution=leaky_relu,
        cases=lambda make: [
            (make.tensor([-2.0, 0.0, 2.0]),),
            (make.normal(2, 3),),
            (make.normal(4), 0.2),
        ],
        gradient=False,
        wrong=(
            Wrong(
                _leaky_is_relu,
                "This is the plain ReLU: negative entries are 0, so their slope is 0 "
                "and nothing leaks. They must be `a * z`.",
            ),
            Wrong(
                _leaky_swapped,
                "The two sides are swapped: positive entries stay as they are, the "
                "others are multiplied by a.",
            ),
            Wrong(
                _leaky_constant,
                "Negative entries all become a. They should be a times their own "
                "value, so that the curve still has a slope there.",
            ),
            Wrong(
                _leaky_mirrored,
                "Negative entries must stay negative: a z, not -a z. (No abs either.)",
            ),
            Wrong(
                _leaky_never_below_minus_a,
                "This cuts negative entries off at -a; the curve is flat there and can "
                "die again. Multiply by a instead: `a * z`.",
            ),
            Wrong(
                _leaky_fixed,
                "Right for a = 0.01, but the argument `a` is not used.",
            ),
        ),
        hints=(
            "`torch.where(condition, this, that)` chooses entry by entry.",
            "The condition is `z > 0`, and the two choices are `z` and `a * z`.",
        ),
    ),
    "gelu": Exercise(
        title="GELU, exact and approximate",
        solution=gelu,
        cases=lambda make: [
            (make.tensor([-2.0, -0.5, 0.0, 1.0, 2.7]),),
            (make.tensor([-2.0, -0.5, 0.0, 1.0, 2.7]), "tanh"),
            (2 * make.normal(2, 3), "none"),
            (2 * make.normal(4, 2), "tanh"),
        ],
        wrong=(
            Wrong(
                _gelu_always_exact,
                "The exact one is right, but `approximate` is not used: with "
                '`approximate="tanh"` the formula with tanh is asked for.',
            ),
            Wrong(
                _gelu_always_tanh,
                "The formula with tanh is right, but without `approximate` the exact "
                "one is asked for, with `torch.erf`.",
            ),
            Wrong(
                _gelu_without_root,
                "In the exact one, erf must get z divided by the root of 2: erf is "
                "made for another bell curve than the standard normal one.",
            ),
            Wrong(
                _gelu_without_z,
                "This is the gate, a share between 0 and 1. GELU multiplies z by it.",
            ),
            Wrong(
                _gelu_without_half,
                "Twice as large as it should be: the factor one half is missing. For "
                "large z, GELU must be nearly z itself.",
            ),
            Wrong(
                _gelu_cube_outside,
                "In the formula with tanh, the root of 2/π multiplies the whole "
                "bracket, z and the cube. Set the brackets again.",
            ),
            Wrong(
                _gelu_square,
                "In the formula with tanh, the second term is the cube, `z**3`. A "
                "square would treat z and -z alike.",
            ),
        ),
        hints=(
            "Two formulas and one `if`. Each is z times a gate between 0 and 1, and "
            "the gate is one half of (1 + an S-shaped function).",
            "Exact: `z * 0.5 * (1 + torch.erf(z / math.sqrt(2)))`. Approximate: put "
            "`torch.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))` in the place "
            "of erf.",
        ),
    ),
    "stable_softmax": Exercise(
        title="A softmax that does not overflow",
        solution=stable_softmax,
        cases=_softmax_cases,
        wrong=(
            Wrong(
                _softmax_naive,
                "Right for small scores. exp(1000) is `inf`, and `inf / inf` is `nan`: "
                "subtract the largest score of each row first.",
            ),
            Wrong(
                _softmax_one_maximum_for_all,
                "One maximum for the whole batch: a row far below it becomes 0 / 0. "
                "Each row needs its own, `logits.max(dim=1, keepdim=True).values`.",
            ),
            Wrong(
                _softmax_over_the_batch,
                "This shares out over the batch: the columns sum to 1. The classes of "
                "one example lie along `dim=1`.",
            ),
            Wrong(
                _softmax_sum_of_all,
                "All entries of the batch together sum to 1. Each row must: sum with "
                "`dim=1, keepdim=True`.",
            ),
            Wrong(
                _softmax_divided_by_maximum,
                "The scores are divided by the maximum. That changes their differences "
                "(it is a temperature). Subtract it.",
            ),
            Wrong(
                _softmax_minus_minimum,
                "The smallest score is subtracted, so the largest can still overflow. "
                "Subtract the largest: then no exponent is above 0.",
            ),
            Wrong(
                _softmax_with_mean,
                "The mean is subtracted. A score far above the mean still overflows; "
                "subtract the largest, then no exponent is above 0.",
            ),
            Wrong(
                _softmax_not_divided,
                "These are the exponentials; the rows do not sum to 1 yet. Divide by "
                "their sum over `dim=1`.",
            ),
        ),
        hints=(
            "Shifting all scores of a row by the same number changes nothing. Which "
            "shift makes every exponential at most 1? It is another one in each row.",
            "`shifted = logits - logits.max(dim=1, keepdim=True).values`, then `exp`, "
            "then divide by `.sum(dim=1, keepdim=True)`.",
        ),
    ),
    "log_sum_exp": Exercise(
        title="Log-sum-exp",
        solution=log_sum_exp,
        cases=_lse_cases,
        wrong=(
            Wrong(
                _lse_naive,
                "Right for small numbers. exp(1000) is `inf`, and exp(-1000) is 0, "
                "with the logarithm -inf. Subtract the maximum inside, add it outside.",
            ),
            Wrong(
                _lse_maximum_not_added,
                "The maximum was subtracted and never added again. Softmax forgives a "
                "shift, log-sum-exp does not: put `m +` in front.",
            ),
            Wrong(
                _lse_is_the_maximum,
                "This is the maximum alone, a good guess. The others add something: "
                "log of the sum of exp(z - m), between 0 and log n.",
            ),
            Wrong(
                _lse_one_maximum_for_all,
                "One maximum for all rows: a row far below it becomes log 0, which is "
                "-inf. Take the maximum over the last dimension only.",
            ),
            Wrong(
                _lse_sum_outside,
                "This sums logarithms, so log and exp cancel, and it is the sum of z. "
                "The order is: exp, then sum, then log.",
            ),
            Wrong(
                _lse_dimension_kept,
                "The values are right, but the last dimension is still there with the "
                "size 1. Take it away with `.squeeze(-1)`.",
            ),
            Wrong(
                _lse_over_the_first,
                "This sums over the first dimension, across the batch. Use `dim=-1`, "
                "the last one.",
            ),
        ),
        hints=(
            "The lesson has the formula for one row: m + log of the sum of exp(z - m). "
            "For several rows, m needs a shape that can be subtracted from z.",
            "`m = z.max(dim=-1, keepdim=True).values`; return `m.squeeze(-1)` plus the "
            "log of `torch.exp(z - m).sum(dim=-1)`.",
        ),
    ),
}

QUIZZES = {
    "hundred": Quiz(
        "A network has 100 hidden layers of 64 neurons each and no activation function. "
        "Somebody promises you weights with which it computes XOR. What do you say?",
        (
            Choice(
                "Possible: 6,400 neurons draw 6,400 lines.",
                "They would, if something bent in between. Without a bend, a line of a "
                "line is a line: multiply the brackets out.",
            ),
            Choice(
                "Impossible, for all weights.",
                "The hundred layers equal one, and its one output is a single neuron: "
                "one straight line. The next cell checks it with the sums over the "
                "diagonals.",
                right=True,
            ),
            Choice(
                "Impossible without biases, possible with them.",
                "Biases go through the later layers and add up to one bias. That moves "
                "the line; it stays one line.",
            ),
        ),
    ),
    "parameters": Quiz(
        "A network reads 784 pixels, has 1,000 hidden neurons and 10 outputs: 795,010 "
        "weights and biases. Somebody forgot the activation function. How many numbers "
        "would be enough for everything this network can compute?",
        (
            Choice(
                "795,010: all of them are used.",
                "They are used, but not needed. The two layers multiply out to one.",
            ),
            Choice(
                "7,850",
                "One layer from 784 to 10: 784 · 10 weights and 10 biases. The other "
                "787,160 numbers buy nothing.",
                right=True,
            ),
            Choice(
                "785,000: those of the first layer.",
                "The hidden layer disappears when the brackets are multiplied out. What "
                "remains goes from 784 pixels straight to 10 outputs.",
            ),
            Choice(
                "785",
                "That is one neuron. There are ten outputs, each with its own weights "
                "and bias.",
            ),
        ),
    ),
    "saturated": Quiz(
        "A hidden sigmoid neuron has z = 10 on every example. You raise one of its "
        "weights so that z becomes 10.1. What happens to its output?",
        (
            Choice(
                "It rises by about 0.1.",
                "That would be the slope 1. The sigmoid's slope is never above a "
                "quarter, and here it is far out on the flat part.",
            ),
            Choice(
                "It rises by about 0.025.",
                "That would be a quarter of the nudge, as at z = 0. At z = 10 the "
                "output p is nearly 1, so p (1 - p) is nearly 0.",
            ),
            Choice(
                "It rises by less than 0.00001.",
                "The slope at 10 is 0.000045, so the nudge arrives as 0.000004. The "
                "neuron is saturated: correct or wrong, it hardly learns.",
                right=True,
            ),
            Choice(
                "It does not change at all, as with the step.",
                "Almost. The sigmoid's slope is small here but never exactly 0, and "
                "that is the difference from the step.",
            ),
        ),
    ),
    "twenty": Quiz(
        "The chain of 20 sigmoid neurons with w = 1 and b = 0. Nudge the start a "
        "little. How much of the nudge arrives at the end?",
        (
            Choice(
                "About a quarter.",
                "That is the most that one neuron lets through. The next one takes at "
                "most a quarter of that.",
            ),
            Choice(
                "About one eightieth: 0.25 divided by 20.",
                "The losses do not share one quarter among them. Each neuron multiplies "
                "by its own slope.",
            ),
            Choice(
                "About a millionth.",
                "Ten neurons are enough for that: 0.25 to the power 10 is 0.00000095. "
                "There are twenty.",
            ),
            Choice(
                "About 10⁻¹³.",
                "0.25 multiplied by itself 20 times is 9 · 10⁻¹³, and the slopes are "
                "a little smaller than 0.25, because z is not 0.",
                right=True,
            ),
        ),
    ),
    "heavy": Quiz(
        "The same chain, but with w = 4 (and still b = 0): 4 times a quarter is 1. How "
        "much of a nudge arrives now?",
        (
            Choice(
                "About all of it.",
                "Only if every z were 0. But z = 4 a, and a lies between 0 and 1: where "
                "does that put z on the curve?",
            ),
            Choice(
                "Less than before.",
                "Larger weights also push z away from 0, to about 3.9, where the slope "
                "is 0.02. Four times 0.02 is less than 0.22.",
                right=True,
            ),
            Choice(
                "A trillion times what was put in: 4 to the power 20.",
                "The weights alone would do that. Each is multiplied by a slope, which "
                "is at most a quarter.",
            ),
        ),
    ),
    "dead": Quiz(
        "z = x - 3 is negative for all hundred examples. Now raise w and b by 0.1 each. "
        "What happens to the outputs of this ReLU neuron?",
        (
            Choice(
                "All of them rise a little.",
                "z rises, yes. But max(0, z) is 0 for every negative z, and the largest "
                "z is now -0.7.",
            ),
            Choice(
                "Only those of the largest x rise.",
                "They are the nearest to 0, at z = -1 + 0.3. That is still negative.",
            ),
            Choice(
                "None of them changes.",
                "Every output was 0 and stays 0. The slopes are exactly 0, so they do "
                "not even tell in which direction to go.",
                right=True,
            ),
        ),
    ),
    "leak": Quiz(
        "Somebody replaces ReLU by leaky ReLU and says: now I can take steps as large "
        "as I like. Right?",
        (
            Choice(
                "Right: a leaky neuron cannot die.",
                "It cannot be stuck with slope 0. But a step that is too large still "
                "throws the weights far away, and they may never settle.",
            ),
            Choice(
                "Wrong: the leak lets a neuron come back, slowly; it does not stop a "
                "step from overshooting.",
                "In the plot it came back at a hundredth of the speed. Steps that are "
                "much too large make the error grow without end, leak or not.",
                right=True,
            ),
            Choice(
                "Wrong: leaky neurons die just as ReLUs do.",
                "Their slope on the left is 0.01, not 0. The one in the plot recovered.",
            ),
        ),
    ),
    "shift": Quiz(
        "The scores 2, 1, 0.1 give the shares 0.66, 0.24, 0.10. Add 10 to all three "
        "scores. What are the shares now?",
        (
            Choice(
                "Nearly equal: 12, 11 and 10.1 are almost the same.",
                "Relative to their size, yes. But softmax looks at differences, and "
                "12 - 11 is still 1.",
            ),
            Choice(
                "The cat gets nearly everything: e¹² is enormous.",
                "So are e¹¹ and e¹⁰·¹. Each exponential has grown by the same factor, "
                "e¹⁰.",
            ),
            Choice(
                "The same as before.",
                "Every exponential is multiplied by e¹⁰, and so is their sum. The "
                "factor cancels.",
                right=True,
            ),
        ),
    ),
    "temperature": Quiz(
        "A model picks its next word at random, with the softmax shares as "
        "probabilities. You lower the temperature from 1 to 0.5. What changes?",
        (
            Choice(
                "The order of the words: others come first.",
                "Dividing by a positive number keeps the order of the scores, and the "
                "exponential keeps it too.",
            ),
            Choice(
                "It picks the most likely word more often.",
                "All differences double, so the largest share grows at the expense of "
                "the others. Towards T = 0 it always takes the first.",
                right=True,
            ),
            Choice(
                "It becomes more adventurous.",
                "That is a higher temperature, which makes the shares more equal.",
            ),
            Choice(
                "Nothing: only differences count.",
                "Adding a number changes no difference. Dividing by 0.5 doubles them "
                "all.",
            ),
        ),
    ),
    "output": Quiz(
        "A photograph may show several things at once: a dog, a ball, grass. For each "
        "of 50 things the network should say whether it is there. Which function "
        "belongs on its 50 outputs?",
        (
            Choice(
                "A softmax over the 50.",
                "Its shares sum to 1: more dog would mean less grass. Softmax is for "
                "one choice among many.",
            ),
            Choice(
                "A sigmoid on each.",
                "50 separate yes-or-no questions; a photograph may have many yeses, or "
                "none.",
                right=True,
            ),
            Choice(
                "A ReLU on each.",
                "It has no upper end, so 7 could not be read as a yes. ReLU is for "
                "hidden layers.",
            ),
        ),
    ),
}
