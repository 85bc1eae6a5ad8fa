"""Exercises of the lesson foundations/perceptron."""

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- The update rule ----------------------------------------------------------------


def update(w, b, x, t):
    """Return (w, b) after the perceptron has seen one example with its target."""
    if t * (w @ x + b) <= 0:
        return w + t * x, b + t
    return w, b


def _update_always(w, b, x, t):
    return w + t * x, b + t


def _update_without_bias(w, b, x, t):
    return (w + t * x, b) if t * (w @ x + b) <= 0 else (w, b)


def _update_only_adds(w, b, x, t):
    return (w + x, b + 1) if t * (w @ x + b) <= 0 else (w, b)


def _update_not_when_undecided(w, b, x, t):
    return (w + t * x, b + t) if t * (w @ x + b) < 0 else (w, b)


def _update_ignores_bias_in_test(w, b, x, t):
    return (w + t * x, b + t) if t * (w @ x) <= 0 else (w, b)


def _update_wrong_way(w, b, x, t):
    return (w - t * x, b - t) if t * (w @ x + b) <= 0 else (w, b)


def _update_cases(make):
    return [
        (make.tensor([0.0, 0.0]), 0.0, make.tensor([-1.0, -0.5]), 1.0),
        (make.tensor([-1.0, -0.5]), 1.0, make.tensor([1.0, 1.0]), -1.0),
        (make.tensor([-1.0, -0.5]), 1.0, make.tensor([0.0, 0.5]), -1.0),
        (make.tensor([1.0, 2.0, -1.0]), -5.0, make.tensor([1.0, 1.0, 1.0]), 1.0),
        (make.tensor([3.0]), -4.0, make.tensor([2.0]), 1.0),
    ]


# --- How many are wrong? ------------------------------------------------------------


def count_wrong(X, targets, w, b):
    """Return how many rows of X the perceptron gets wrong; undecided is wrong."""
    return (targets * (X @ w + b) <= 0).sum().item()


def _count_right(X, targets, w, b):
    return (targets * (X @ w + b) > 0).sum().item()


def _count_without_undecided(X, targets, w, b):
    return (targets * (X @ w + b) < 0).sum().item()


def _count_negative(X, targets, w, b):
    return (X @ w + b <= 0).sum().item()


def _count_as_share(X, targets, w, b):
    return (targets * (X @ w + b) <= 0).double().mean().item()


def _count_as_tensor(X, targets, w, b):
    return (targets * (X @ w + b) <= 0).sum()


def _count_cases(make):
    corners = make.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return [
        (corners, make.tensor([-1.0, -1.0, -1.0, 1.0]), make.tensor([1.0, 1.0]), -1.0),
        (corners, make.tensor([-1.0, 1.0, 1.0, -1.0]), make.tensor([0.0, 0.0]), 0.0),
        (make.normal(9, 3), make.normal(9).sign(), make.normal(3), 0.25),
        (make.tensor([[2.0]]), make.tensor([1.0]), make.tensor([1.0]), -1.0),
    ]


# --- The margin of a line -----------------------------------------------------------


def margin_of(X, targets, w, b):
    """Return the smallest u·v, where u is (w, b) divided by its length."""
    length = (w @ w + b * b) ** 0.5
    return (targets * (X @ w + b)).min() / length


def _margin_not_divided(X, targets, w, b):
    return (targets * (X @ w + b)).min()


def _margin_as_distance(X, targets, w, b):
    return (targets * (X @ w + b)).min() / w.norm()


def _margin_without_targets(X, targets, w, b):
    return (X @ w + b).min() / (w @ w + b * b) ** 0.5


def _margin_without_side(X, targets, w, b):
    return (X @ w + b).abs().min() / (w @ w + b * b) ** 0.5


def _margin_largest(X, targets, w, b):
    return (targets * (X @ w + b)).max() / (w @ w + b * b) ** 0.5


def _margin_mean(X, targets, w, b):
    return (targets * (X @ w + b)).mean() / (w @ w + b * b) ** 0.5


def _margin_cases(make):
    corners = make.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return [
        (corners, make.tensor([-1.0, -1.0, -1.0, 1.0]), make.tensor([2.0, 2.0]), -3.0),
        (corners, make.tensor([-1.0, 1.0, 1.0, -1.0]), make.tensor([1.0, 1.0]), -0.5),
        (make.normal(7, 3), make.normal(7).sign(), make.normal(3), 0.75),
    ]


# --- Mistakes against the bound -----------------------------------------------------


def mistakes_and_bound(X, targets, w, b):
    """Return how many mistakes the rule makes, and (R / margin of the line)²."""
    V = targets[:, None] * torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    u = torch.cat([w, torch.full_like(w[:1], b)])
    margin = (V @ u).min() / u.norm()
    R = V.norm(dim=1).max()

    weights, mistakes, num_before = torch.zeros_like(u), 0, -1
    while mistakes > num_before:  # until an epoch adds none
        num_before = mistakes
        for v in V:
            if weights @ v <= 0:
                weights, mistakes = weights + v, mistakes + 1
    return mistakes, ((R / margin) ** 2).item()


def _parts(X, targets, w, b):
    """Return V, u of length 1, the mistakes in each epoch, and the epochs."""
    V = targets[:, None] * torch.cat([X, torch.ones_like(X[:, :1])], dim=1)
    u = torch.cat([w, torch.full_like(w[:1], b)])
    weights, per_epoch = torch.zeros_like(u), [1]
    while per_epoch[-1]:
        per_epoch.append(0)
        for v in V:
            if weights @ v <= 0:
                weights = weights + v
                per_epoch[-1] += 1
    return V, u, per_epoch[1:]


def _bound_not_squared(X, targets, w, b):
    V, u, mistakes = _parts(X, targets, w, b)
    return sum(mistakes), (V.norm(dim=1).max() * u.norm() / (V @ u).min()).item()


def _bound_without_length(X, targets, w, b):
    V, u, mistakes = _parts(X, targets, w, b)
    return sum(mistakes), ((V.norm(dim=1).max() / (V @ u).min()) ** 2).item()


def _bound_without_one(X, targets, w, b):
    V, u, mistakes = _parts(X, targets, w, b)
    R = X.norm(dim=1).max()
    return sum(mistakes), ((R * u.norm() / (V @ u).min()) ** 2).item()


def _bound_counts_epochs(X, targets, w, b):
    V, u, mistakes = _parts(X, targets, w, b)
    R = V.norm(dim=1).max()
    return len(mistakes), ((R * u.norm() / (V @ u).min()) ** 2).item()


def _bound_counts_first_epoch(X, targets, w, b):
    V, u, mistakes = _parts(X, targets, w, b)
    R = V.norm(dim=1).max()
    return mistakes[0], ((R * u.norm() / (V @ u).min()) ** 2).item()


def _bound_cases(make):
    corners = make.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    mornings = make.tensor(
        [[-1.0, -0.5], [1.0, 1.0], [0.0, 0.5], [0.5, -0.5], [-1.5, 0.25]]
    )
    drinks = make.tensor([1.0, -1.0, -1.0, -1.0, 1.0])
    return [
        (corners, make.tensor([-1.0, -1.0, -1.0, 1.0]), make.tensor([2.0, 2.0]), -3.0),
        (corners, make.tensor([-1.0, 1.0, 1.0, 1.0]), make.tensor([2.0, 2.0]), -1.0),
        (mornings, drinks, make.tensor([-4.0, -2.0]), -2.0),
    ]


# --- XOR from OR and AND ------------------------------------------------------------

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
GATES = {"OR": (-1, 1, 1, 1), "AND": (-1, -1, -1, 1), "XOR": (-1, 1, 1, -1)}


def _judge_neuron(name, neuron, inputs, wanted):
    """Return None if the neuron says what is wanted for all inputs, else a remedy."""
    w1, w2, b = neuron
    for corner, (x1, x2), target in zip(CORNERS, inputs, wanted, strict=True):
        z = w1 * x1 + w2 * x2 + b
        if target * z > 0:
            continue
        said = "is undecided" if z == 0 else f"says {'+1' if z > 0 else '-1'}"
        return (
            f"At x = {corner} the {name} reads ({x1}, {x2}) and {said} (z = {z:g}), "
            f"but it should say {target:+d}."
        )
    return None


def _judge_xor(answer):
    try:
        neurons = [tuple(float(number) for number in neuron) for neuron in answer]
        first, second, output = neurons
        if any(len(neuron) != 3 for neuron in neurons):
            raise ValueError
    except (TypeError, ValueError):
        return (
            "The answer must be three triples: `((w1, w2, b), (w1, w2, b), "
            f"(v1, v2, c))`. Got `{answer!r}`."
        )
    found = _judge_neuron("first hidden neuron, OR,", first, CORNERS, GATES["OR"])
    found = found or _judge_neuron(
        "second hidden neuron, AND,", second, CORNERS, GATES["AND"]
    )
    said = list(zip(GATES["OR"], GATES["AND"], strict=True))
    return found or _judge_neuron("output neuron", output, said, GATES["XOR"])


# --- The pocket ---------------------------------------------------------------------


def pocket(X, targets, num_epochs):
    """Return the best (w, b, num_wrong) that the perceptron rule meets on its way."""
    w, b = torch.zeros_like(X[0]), 0.0
    best = w, b, len(X)  # zero weights are undecided everywhere
    for _ in range(num_epochs):
        for x, t in zip(X, targets, strict=True):
            if t * (w @ x + b) <= 0:
                w, b = w + t * x, b + t.item()
                num_wrong = (targets * (X @ w + b) <= 0).sum().item()
                if num_wrong < best[2]:
                    best = w, b, num_wrong
    return best


def _run_pocket(X, targets, num_epochs, is_better=lambda new, old: new < old,
                at_end_of_epoch=False):
    w, b = torch.zeros_like(X[0]), 0.0
    best = w, b, len(X)
    for _ in range(num_epochs):
        for i, (x, t) in enumerate(zip(X, targets, strict=True)):
            is_wrong = t * (w @ x + b) <= 0
            if is_wrong:
                w, b = w + t * x, b + t.item()
            if i == len(X) - 1 if at_end_of_epoch else is_wrong:
                num_wrong = (targets * (X @ w + b) <= 0).sum().item()
                if is_better(num_wrong, best[2]):
                    best = w, b, num_wrong
    return best


def _pocket_keeps_the_last(X, targets, num_epochs):
    return _run_pocket(X, targets, num_epochs, lambda new, old: True)


def _pocket_takes_equal_ones(X, targets, num_epochs):
    return _run_pocket(X, targets, num_epochs, lambda new, old: new <= old)


def _pocket_looks_once_an_epoch(X, targets, num_epochs):
    return _run_pocket(X, targets, num_epochs, at_end_of_epoch=True)


def _pocket_aliased(X, targets, num_epochs):
    w, b, found = torch.zeros_like(X[0]), 0.0, (0.0, len(X))
    for _ in range(num_epochs):
        for x, t in zip(X, targets, strict=True):
            if t * (w @ x + b) <= 0:
                w += t * x
                b += t.item()
                num_wrong = (targets * (X @ w + b) <= 0).sum().item()
                if num_wrong < found[1]:
                    found = b, num_wrong
    return w, *found


def _pocket_goes_on_from_the_pocket(X, targets, num_epochs):
    w, b = torch.zeros_like(X[0]), 0.0
    best = w, b, len(X)
    for _ in range(num_epochs):
        for x, t in zip(X, targets, strict=True):
            if t * (w @ x + b) <= 0:
                w, b = w + t * x, b + t.item()
                num_wrong = (targets * (X @ w + b) <= 0).sum().item()
                if num_wrong < best[2]:
                    best = w, b, num_wrong
                w, b = best[:2]
    return best


def _pocket_cases(make):
    corners = make.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    points = make.integers(9, 12, 2, low=-4).to(make.dtype)
    noisy = make.integers(2, 12).to(make.dtype) * 2 - 1
    return [
        (corners, make.tensor([-1.0, 1.0, 1.0, -1.0]), 3),
        (points, noisy, 4),
        (corners, make.tensor([-1.0, -1.0, -1.0, 1.0]), 12),
    ]


EXERCISES = {
    "update": Exercise(
        title="The update rule",
        solution=update,
        cases=_update_cases,
        wrong=(
            Wrong(
                _update_always,
                "This corrects every time. A right answer must leave w and b alone: "
                "correct only `if t * (w @ x + b) <= 0`.",
            ),
            Wrong(
                _update_without_bias,
                "The weights are right, the bias never moves. It is a weight for an "
                "input that is always 1: return `b + t` as well.",
            ),
            Wrong(
                _update_only_adds,
                "This adds the example whatever its target is. With t = -1 it must be "
                "subtracted: `w + t * x`, `b + t`.",
            ),
            Wrong(
                _update_not_when_undecided,
                "An undecided z = 0 counts as a mistake, but here it passes. Zero "
                "weights would never start to learn: use `<= 0`.",
            ),
            Wrong(
                _update_ignores_bias_in_test,
                "The test forgets the bias: z is `w @ x + b`, and its sign decides.",
            ),
            Wrong(
                _update_wrong_way,
                "The correction goes the wrong way: it makes t z smaller. Add t x and "
                "t, do not subtract them.",
            ),
        ),
        hints=(
            "First compute z. One test tells whether the answer is wrong, for both "
            "targets: what is the sign of t times z then?",
            "`if t * (w @ x + b) <= 0: return w + t * x, b + t`, else return `w, b`.",
        ),
    ),
    "count_wrong": Exercise(
        title="How many are wrong?",
        solution=count_wrong,
        cases=_count_cases,
        wrong=(
            Wrong(
                _count_right,
                "This counts the right answers. Wrong are those with t z zero or "
                "negative: `<= 0`.",
            ),
            Wrong(
                _count_without_undecided,
                "Undecided examples, with z = 0, are missing: use `<=` instead of `<`.",
            ),
            Wrong(
                _count_negative,
                "This counts the answers -1, right or wrong. Multiply z by the targets "
                "before you compare with 0.",
            ),
            Wrong(
                _count_as_share,
                "This is the share of wrong examples. Asked for is their number: "
                "`.sum()` instead of `.mean()`.",
            ),
            Wrong(
                _count_as_tensor,
                "The number is right, but it is a tensor. Turn it into a Python integer "
                "with `.item()`.",
            ),
        ),
        hints=(
            "`X @ w + b` gives all z at once. Times the targets: what is the sign of "
            "the wrong ones?",
            "`(targets * (X @ w + b) <= 0)` is True for each wrong example; add these "
            "up with `.sum().item()`.",
        ),
    ),
    "margin_of": Exercise(
        title="The margin of a line",
        solution=margin_of,
        cases=_margin_cases,
        wrong=(
            Wrong(
                _margin_not_divided,
                "This is the smallest t z. Double w and b, and it doubles, though the "
                "line stays: divide by the length of (w, b).",
            ),
            Wrong(
                _margin_as_distance,
                "This is the distance in the plane, z / |w|. In the margin the bias is "
                "a weight too: divide by the length of (w, b), "
                "`(w @ w + b * b) ** 0.5`.",
            ),
            Wrong(
                _margin_without_targets,
                "The targets are missing: an example with t = -1 has room when z is "
                "negative. Multiply z by `targets` before `.min()`.",
            ),
            Wrong(
                _margin_without_side,
                "`abs` hides the examples on the wrong side, where the margin has to be "
                "negative. Multiply z by `targets` instead.",
            ),
            Wrong(
                _margin_largest,
                "This is the example with the most room. The margin is the room of the "
                "one that has least: `.min()`.",
            ),
            Wrong(
                _margin_mean,
                "This is the average room. The margin is decided by the worst example "
                "alone: `.min()`.",
            ),
        ),
        hints=(
            "v is t (x, 1), and u is (w, b) divided by its length. Multiply out: u·v is "
            "t (w·x + b), divided by that length.",
            "`(targets * (X @ w + b)).min()` divided by `(w @ w + b * b) ** 0.5`.",
        ),
    ),
    "mistakes_and_bound": Exercise(
        title="Mistakes against the bound",
        solution=mistakes_and_bound,
        cases=_bound_cases,
        wrong=(
            Wrong(
                _bound_not_squared,
                "The mistakes are right; the bound is R / γ and still has to be squared.",
            ),
            Wrong(
                _bound_without_length,
                "The mistakes are right; in the bound, the margin was taken without "
                "dividing (w, b) by its length. u must have length 1.",
            ),
            Wrong(
                _bound_without_one,
                "The mistakes are right; R is the length of the longest v, and v "
                "contains the 1 for the bias: append it before you take the length.",
            ),
            Wrong(
                _bound_counts_epochs,
                "The bound is right; you count epochs. Count every correction, in all "
                "epochs.",
            ),
            Wrong(
                _bound_counts_first_epoch,
                "The bound is right; you count the mistakes of the first epoch only. Go "
                "on until an epoch brings none, and add them all up.",
            ),
        ),
        hints=(
            "Write every example as a row v = t (x, 1), like `fold` in the lesson. "
            "Then a mistake is `weights @ v <= 0`, and both parts of the answer need "
            "nothing but these rows.",
            "`margin = (V @ u).min() / u.norm()` with `u = torch.cat([w, "
            "torch.full_like(w[:1], b)])`, and `R = V.norm(dim=1).max()`; for the "
            "mistakes, loop over the rows until an epoch adds none.",
        ),
    ),
    "xor_by_hand": Exercise(
        title="XOR with other neurons",
        solution=((2.0, 2.0, -1.0), (2.0, 2.0, -3.0), (1.0, -1.0, -1.0)),
        judge=_judge_xor,
        wrong=(
            Wrong(
                ((2.0, 2.0, -1.0), (-2.0, -2.0, 3.0), (1.0, 1.0, -1.0)),
                "This is the network of the lesson, and it computes XOR, but its second "
                "hidden neuron is NAND. Here it must be AND: then the output has to "
                "listen for its *no*.",
            ),
            Wrong(
                ((2.0, 2.0, -1.0), (2.0, 2.0, -3.0), (1.0, 1.0, -1.0)),
                "The hidden neurons are right. The output asks for OR *and* AND, which "
                "is AND again. XOR is OR and *not* AND: the second output weight must "
                "be negative.",
            ),
            Wrong(
                ((2.0, 2.0, -1.0), (2.0, 2.0, -3.0), (1.0, -1.0, 0.0)),
                "The hidden neurons are right, and so is the sign of the output's "
                "weights. At (0, 0) and (1, 1) both hidden neurons agree, so z is the "
                "bias alone, and 0 is undecided: make it negative.",
            ),
        ),
        hints=(
            "OR and AND you know from the first lesson. In words, XOR is: at least one "
            "switch, but not both. Which hidden neuron must count *against* a yes?",
            "The output sees (-1, -1), (1, -1) and (1, 1), and may say yes only to "
            "(1, -1). Weights (1, -1) give 0, 2 and 0: which bias separates 2 from 0?",
        ),
    ),
    "pocket": Exercise(
        title="The pocket",
        solution=pocket,
        cases=_pocket_cases,
        wrong=(
            Wrong(
                _pocket_keeps_the_last,
                "This returns the weights after the last correction. The pocket keeps "
                "the best: replace it only if the new ones make fewer mistakes.",
            ),
            Wrong(
                _pocket_takes_equal_ones,
                "New weights with *equally many* mistakes replace the old ones here. "
                "The task says strictly fewer: `<`, not `<=`.",
            ),
            Wrong(
                _pocket_looks_once_an_epoch,
                "You look only at the end of each epoch, and miss good weights on the "
                "way. Count the mistakes after each correction.",
            ),
            Wrong(
                _pocket_aliased,
                "The count is right, but w has moved on: `w += ...` changes the tensor "
                "that lies in your pocket. Write `w = w + t * x`, or keep `w.clone()`.",
            ),
            Wrong(
                _pocket_goes_on_from_the_pocket,
                "You put the weights back to those of the pocket after a correction "
                "that did not help. The rule must wander on; the pocket only watches.",
            ),
        ),
        hints=(
            "Write the loop of `train` and add a second set of variables, the best so "
            "far. The first set must not notice that the second exists.",
            "After `w, b = w + t * x, b + t.item()`: compute `num_wrong = (targets * "
            "(X @ w + b) <= 0).sum().item()`, and if it is below the best so far, set "
            "`best = w, b, num_wrong`.",
        ),
    ),
}

QUIZZES = {
    "rule": Quiz(
        "The next morning has the target tea, t = -1, and the machine computes "
        "z = -0.1. What does the rule do?",
        (
            Choice(
                "It subtracts the example, so that z moves further from 0.",
                "That would be a correction, and there is nothing to correct: the sign "
                "is right, even if only just.",
            ),
            Choice(
                "Nothing.",
                "t z = 0.1 is positive, so the answer is right. The rule learns from "
                "mistakes only; how close it was does not matter.",
                right=True,
            ),
            Choice(
                "It adds the example, because the target is negative.",
                "An example with target -1 is never added. And here no correction is "
                "due at all: negative z, negative target.",
            ),
        ),
    ),
    "enough": Quiz(
        "The machine makes a mistake on a morning and corrects. Then it is shown the "
        "same morning again, at once. Is it right now?",
        (
            Choice(
                "Always: that is what the correction is for.",
                "The correction lifts t z by |x|² + 1. What if t z was further below 0 "
                "than that?",
            ),
            Choice(
                "Not always, but it is nearer to being right than before.",
                "t z rises by |x|² + 1. If it was deeper below 0 than that, it takes "
                "more than one correction.",
                right=True,
            ),
            Choice(
                "Not always, and it can even be further from right than before.",
                "For other mornings that can happen. For this one t z rises by "
                "|x|² + 1, always upwards.",
            ),
        ),
    ),
    "lr": Quiz(
        "Many books multiply the correction by a small number, the learning rate. "
        "Starting from zero weights, what does this change in the run?",
        (
            Choice(
                "Ten times smaller steps, so about ten times as many mistakes.",
                "The steps are smaller, but so are all the weights: they consist of "
                "nothing but steps. Follow the first two mornings with 0.1.",
            ),
            Choice(
                "Nothing but the size of the weights: same lines, same mistakes.",
                "Every weight is a sum of corrections, so all of them are a tenth, and "
                "every z is a tenth too. Its sign is the same. From other start weights "
                "it would matter.",
                right=True,
            ),
            Choice(
                "The line moves more smoothly and ends in a better place.",
                "The line is where z = 0, and a tenth of 0 is 0. Dividing all three "
                "numbers by ten leaves the line where it is.",
            ),
        ),
        code="w = w + 0.1 * t * x\nb = b + 0.1 * t",
    ),
    "bound": Quiz(
        "You add a thousand more mornings to the diary. None is longer than R, and the "
        "best line still has the margin γ. What happens to the bound on the number of "
        "mistakes?",
        (
            Choice(
                "It grows about fiftyfold, like the number of examples.",
                "Look at (R / γ)² again. Where would the number of examples enter?",
            ),
            Choice(
                "It stays the same.",
                "Only R and γ are in it. The thousand mornings take time to look at, "
                "but the mistakes are bounded as before.",
                right=True,
            ),
            Choice(
                "It shrinks: more examples, better training.",
                "More examples can make R larger or γ smaller, never the other way "
                "round. Here both stay.",
            ),
        ),
    ),
    "units": Quiz(
        "Scaled, the rule made 9 mistakes on the diary. How many in hours and °C?",
        (
            Choice(
                "9 again: the same mornings, the same line.",
                "The same line exists, but a correction adds the example itself, and "
                "25 °C now weighs 25 times as much as the 1 of the bias.",
            ),
            Choice(
                "Fewer: larger numbers, larger steps.",
                "Larger steps for the weights, but not for the bias: it still moves by "
                "1 for each mistake, and it has a long way to go.",
            ),
            Choice(
                "More than 200",
                "228. The bias has to climb to 74 in steps of 1, up and down, while the "
                "temperature shoves its weight about by up to 27 each time.",
                right=True,
            ),
        ),
    ),
    "xor": Quiz(
        "The rule starts on XOR with zero weights, corners in the order (0, 0), (0, 1), "
        "(1, 0), (1, 1). What will the weights do, epoch after epoch?",
        (
            Choice(
                "Grow without end.",
                "A fair guess for a rule that only adds. But it adds with both signs. "
                "Add up the four corrections.",
            ),
            Choice(
                "Settle on the best line possible, with one mistake.",
                "The rule does not know what is best. As long as one example is wrong, "
                "it goes on correcting.",
            ),
            Choice(
                "Return to zero at the end of every epoch.",
                "All four are mistakes, and the four corrections add up to zero. Then "
                "the next epoch is the same as the first.",
                right=True,
            ),
        ),
    ),
    "random": Quiz(
        "Each hidden neuron gets random weights; only the output learns. How many "
        "hidden neurons are needed so that about nine machines out of ten learn XOR?",
        (
            Choice(
                "2: two are enough, as we saw.",
                "Two well-chosen ones. Two random lines hardly ever happen to cut the "
                "square in the right way.",
            ),
            Choice(
                "4",
                "Better than two, but most machines still fail: about one in seven "
                "succeeds.",
            ),
            Choice(
                "16",
                "About 92 percent succeed. Among sixteen random lines there are mostly "
                "enough useful ones, and the rule finds out which.",
                right=True,
            ),
            Choice(
                "None are enough: the hidden neurons would have to learn.",
                "It is a lottery, but with enough tickets it is won: the output has "
                "only to find the useful ones.",
            ),
        ),
    ),
    "legend": Quiz(
        "What did Minsky and Papert prove in 1969?",
        (
            Choice(
                "That neural networks cannot compute XOR.",
                "Networks with hidden neurons can, and it was known: you have built "
                "one. Their theorems are about how much of the input each hidden unit "
                "has to see.",
            ),
            Choice(
                "That networks with several layers cannot be trained.",
                "They proved nothing about that. They wrote of an intuitive judgment, "
                "and of a research problem: to elucidate or reject it.",
            ),
            Choice(
                "That for parity some hidden unit must see all inputs.",
                "Yes, for any number of inputs. XOR is the case of two: there a unit "
                "that sees only one of them is of no use.",
                right=True,
            ),
            Choice(
                "That the perceptron rule does not converge.",
                "It does, if the examples are linearly separable: that theorem is from "
                "the early sixties, and their book proves it once more.",
            ),
        ),
    ),
}
