"""Exercises of the lesson foundations/losses."""

import math

import torch
import torch.nn.functional as F

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- Huber --------------------------------------------------------------------------


def huber_loss(outputs, targets, delta):
    """Return the mean Huber loss: squared up to delta, straight beyond."""
    r = (outputs - targets).abs()
    small = 0.5 * r**2
    large = delta * (r - 0.5 * delta)
    return torch.where(r <= delta, small, large).mean()


def _huber_without_half(outputs, targets, delta):
    r = (outputs - targets).abs()
    return torch.where(r <= delta, r**2, delta * (r - 0.5 * delta)).mean()


def _huber_with_a_jump(outputs, targets, delta):
    r = (outputs - targets).abs()
    return torch.where(r <= delta, 0.5 * r**2, delta * r).mean()


def _huber_slope_one(outputs, targets, delta):
    r = (outputs - targets).abs()
    return torch.where(r <= delta, 0.5 * r**2, r - 0.5 * delta).mean()


def _huber_swapped(outputs, targets, delta):
    r = (outputs - targets).abs()
    return torch.where(r > delta, 0.5 * r**2, delta * (r - 0.5 * delta)).mean()


def _huber_without_abs(outputs, targets, delta):
    r = outputs - targets
    return torch.where(r <= delta, 0.5 * r**2, delta * (r - 0.5 * delta)).mean()


def _huber_smooth_l1(outputs, targets, delta):
    return F.smooth_l1_loss(outputs, targets, beta=delta)


def _huber_sum(outputs, targets, delta):
    return F.huber_loss(outputs, targets, delta=delta, reduction="sum")


def _huber_each(outputs, targets, delta):
    return F.huber_loss(outputs, targets, delta=delta, reduction="none")


# --- Perplexity ---------------------------------------------------------------------


def perplexity(probs):
    """Return e to the mean negative logarithm of the probabilities."""
    nats = [-math.log(p) for p in probs]
    return math.exp(sum(nats) / len(nats))


def _perplexity_still_nats(probs):
    return -sum(math.log(p) for p in probs) / len(probs)


def _perplexity_inverse_mean(probs):
    return len(probs) / sum(probs)


def _perplexity_mean_of_inverses(probs):
    return sum(1 / p for p in probs) / len(probs)


def _perplexity_mixed_bases(probs):
    return 2 ** (-sum(math.log(p) for p in probs) / len(probs))


def _perplexity_without_mean(probs):
    return math.exp(-sum(math.log(p) for p in probs))


def _perplexity_without_minus(probs):
    return math.exp(sum(math.log(p) for p in probs) / len(probs))


# --- Cross-entropy from logits ------------------------------------------------------


def cross_entropy(logits, labels):
    """Return the mean cross-entropy: log-sum-exp minus the logit of the label."""
    rows = torch.arange(len(labels), device=labels.device)
    return (logits.logsumexp(dim=1) - logits[rows, labels]).mean()


def _pick(values, labels):
    return values.gather(1, labels[:, None])[:, 0]


def _cross_entropy_by_hand(logits, labels):
    probs = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    return -_pick(probs, labels).log().mean()


def _cross_entropy_softmax_then_log(logits, labels):
    return -_pick(logits.softmax(dim=1), labels).log().mean()


def _cross_entropy_over_batch(logits, labels):
    return -_pick(logits.log_softmax(dim=0), labels).mean()


def _cross_entropy_twice(logits, labels):
    return F.cross_entropy(logits.softmax(dim=1), labels)


def _cross_entropy_without_minus(logits, labels):
    return _pick(logits.log_softmax(dim=1), labels).mean()


def _cross_entropy_sum(logits, labels):
    return F.cross_entropy(logits, labels, reduction="sum")


def _cross_entropy_each(logits, labels):
    return F.cross_entropy(logits, labels, reduction="none")


def _cross_entropy_mean_of_all(logits, labels):
    return F.cross_entropy(logits, labels) / logits.shape[1]


# --- Binary cross-entropy that does not overflow ------------------------------------


def binary_cross_entropy(logits, targets):
    """Return the mean of softplus(z) - t z, the stable binary cross-entropy."""
    # log(1 + e^z), with the larger part pulled out: the exponent is never positive
    softplus = logits.clamp(min=0) + torch.log1p(torch.exp(-logits.abs()))
    return (softplus - targets * logits).mean()


def _binary_naive(logits, targets):
    p = torch.sigmoid(logits)
    return (-targets * p.log() - (1 - targets) * (1 - p).log()).mean()


def _binary_softplus_overflows(logits, targets):
    return (torch.log(1 + torch.exp(logits)) - targets * logits).mean()


def _binary_cut_off(logits, targets):
    return F.binary_cross_entropy(torch.sigmoid(logits), targets)


def _binary_clamped(logits, targets):
    p = torch.sigmoid(logits).clamp(1e-7, 1 - 1e-7)
    return (-targets * p.log() - (1 - targets) * (1 - p).log()).mean()


def _binary_small_number_added(logits, targets):
    p = torch.sigmoid(logits)
    logs = targets * (p + 1e-8).log() + (1 - targets) * (1 - p + 1e-8).log()
    return -logs.mean()


def _binary_targets_swapped(logits, targets):
    return F.binary_cross_entropy_with_logits(logits, 1 - targets)


def _binary_softplus_only(logits, targets):
    return F.softplus(logits).mean()


def _binary_sum(logits, targets):
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="sum")


def _binary_each(logits, targets):
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="none")


# --- Find the double softmax --------------------------------------------------------


def _judge_pairs(answer):
    """Return None for B and C, else what is wrong with the first other letter."""
    try:
        letters = {str(letter).strip(" ,").upper() for letter in answer} - {""}
    except TypeError:
        return f'The answer is a set of letters, such as {{"A", "E"}}. Got `{answer!r}`.'
    if letters == {"B", "C"}:
        return None
    unknown = letters - set("ABCDEF")
    if unknown:
        return f"There are the pairs A to F. Got also `{', '.join(sorted(unknown))}`."
    for letter in sorted(letters - {"B", "C"}):
        return f"Pair {letter} computes the right loss: {_RIGHT_PAIRS[letter]}"
    return (
        "What you name is right, but something is missing. Go through the pairs: does "
        "the loss expect what the last layer gives?"
    )


_RIGHT_PAIRS = {
    "A": "the loss wants logits, and a linear layer gives logits.",
    "D": "`nn.BCELoss` wants probabilities, and the sigmoid gives them. It is fragile "
    "(large logits are rounded away), but it computes the right thing.",
    "E": "a logarithm of the softmax, then minus the entry of the label: this is "
    "cross-entropy in two parts.",
    "F": "it takes a log-softmax twice, and the second changes nothing: the "
    "exponentials of the first already add up to 1. Wasteful, not wrong.",
}


# --- Smoothed cross-entropy ---------------------------------------------------------


def smoothed_cross_entropy(logits, labels, epsilon):
    """Return the mean cross-entropy with targets smoothed by epsilon."""
    K = logits.shape[1]
    targets = (1 - epsilon) * F.one_hot(labels, K) + epsilon / K
    return -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()


def _smooth_others_only(logits, labels, epsilon):
    K = logits.shape[1]
    hot = F.one_hot(labels, K)
    targets = (1 - epsilon) * hot + epsilon / (K - 1) * (1 - hot)
    return -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()


def _smooth_not_filled_up(logits, labels, epsilon):
    return (1 - epsilon) * F.cross_entropy(logits, labels)


def _smooth_only_added(logits, labels, epsilon):
    K = logits.shape[1]
    targets = F.one_hot(labels, K) + epsilon / K
    return -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()


def _smooth_epsilon_for_each(logits, labels, epsilon):
    targets = (1 - epsilon) * F.one_hot(labels, logits.shape[1]) + epsilon
    return -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()


def _smooth_mean_of_all(logits, labels, epsilon):
    K = logits.shape[1]
    return F.cross_entropy(logits, labels, label_smoothing=epsilon) / K


def _smooth_ignored(logits, labels, epsilon):
    return F.cross_entropy(logits, labels)


# --- A network that says how unsure it is -------------------------------------------


def gaussian_nll(outputs, log_sigma, targets):
    """Return the mean of -log density of normal distributions at the targets."""
    scaled = (targets - outputs) / log_sigma.exp()
    return (0.5 * scaled**2 + log_sigma + 0.5 * math.log(2 * math.pi)).mean()


def _gaussian_without_log_sigma(outputs, log_sigma, targets):
    scaled = (targets - outputs) / log_sigma.exp()
    return (0.5 * scaled**2 + 0.5 * math.log(2 * math.pi)).mean()


def _gaussian_sigma_as_variance(outputs, log_sigma, targets):
    scaled = (targets - outputs) ** 2 / log_sigma.exp()
    return (0.5 * scaled + 0.5 * log_sigma + 0.5 * math.log(2 * math.pi)).mean()


def _gaussian_not_squared_sigma(outputs, log_sigma, targets):
    scaled = (targets - outputs) ** 2 / log_sigma.exp()
    return (0.5 * scaled + log_sigma + 0.5 * math.log(2 * math.pi)).mean()


def _gaussian_without_exp(outputs, log_sigma, targets):
    scaled = (targets - outputs) / log_sigma
    return (0.5 * scaled**2 + log_sigma + 0.5 * math.log(2 * math.pi)).mean()


def _gaussian_without_half(outputs, log_sigma, targets):
    scaled = (targets - outputs) / log_sigma.exp()
    return (scaled**2 + log_sigma + 0.5 * math.log(2 * math.pi)).mean()


def _gaussian_without_constant(outputs, log_sigma, targets):
    scaled = (targets - outputs) / log_sigma.exp()
    return (0.5 * scaled**2 + log_sigma).mean()


def _gaussian_likelihood(outputs, log_sigma, targets):
    scaled = (targets - outputs) / log_sigma.exp()
    return -(0.5 * scaled**2 + log_sigma + 0.5 * math.log(2 * math.pi)).mean()


def _label_cases(make):
    return [
        (2 * make.normal(4, 3), make.integers(3, 4)),
        (2 * make.normal(5, 2), make.integers(2, 5)),
        (make.normal(1, 7), make.integers(7, 1)),
    ]


EXERCISES = {
    "huber_loss": Exercise(
        title="Huber",
        solution=huber_loss,
        cases=lambda make: [
            (3 * make.normal(6), make.normal(6), 1.0),
            (6 * make.normal(3, 5), make.normal(3, 5), 4.0),
            (make.tensor([14.0, 14.0, 14.0]), make.tensor([10.0, 12.0, 20.0]), 0.5),
        ],
        gradient=True,
        wrong=(
            Wrong(
                _huber_without_half,
                "The squared part lacks its factor one half. Without it the two parts "
                "do not meet at delta: `0.5 * r**2`.",
            ),
            Wrong(
                _huber_with_a_jump,
                "The straight part is too high by half delta squared, so the loss "
                "jumps at delta. Subtract it: `delta * (r.abs() - 0.5 * delta)`.",
            ),
            Wrong(
                _huber_slope_one,
                "The straight part has slope 1. It continues the parabola, whose slope "
                "at delta is delta: multiply by `delta`.",
            ),
            Wrong(
                _huber_swapped,
                "The two parts are swapped: squared belongs to small errors, straight "
                "to large ones. Turn the condition of `torch.where` round.",
            ),
            Wrong(
                _huber_without_abs,
                "Large negative errors are treated as small ones: compare the size of "
                "the error with delta, `r.abs()`.",
            ),
            Wrong(
                _huber_smooth_l1,
                "This is the smooth L1 loss: Huber's divided by delta. Leave that "
                "division out.",
            ),
            Wrong(
                _huber_sum,
                "This adds up the prices of all entries. A loss is their average: end "
                "with `.mean()`.",
            ),
            Wrong(
                _huber_each,
                "The price of each entry is right. The loss is their average, one "
                "number: end with `.mean()`.",
            ),
        ),
        hints=(
            "Compute both parts for all entries, then choose entry by entry with "
            "`torch.where(condition, a, b)`.",
            "With `r = (outputs - targets).abs()`, the parts are `0.5 * r**2` where "
            "`r <= delta` and `delta * (r - 0.5 * delta)` elsewhere; then `.mean()`.",
        ),
    ),
    "perplexity": Exercise(
        title="Perplexity",
        solution=perplexity,
        cases=lambda make: [
            ([1 / 6, 1 / 6, 1 / 6],),
            ([0.5, 0.8, 0.25, 0.1],),
            ([0.01, 0.9],),
            ([0.3],),
        ],
        wrong=(
            Wrong(
                _perplexity_still_nats,
                "This is the mean cross-entropy in nats. The perplexity is e to that "
                "power: `math.exp(...)`.",
            ),
            Wrong(
                _perplexity_inverse_mean,
                "The probabilities were averaged first, which hides the unlikely ones. "
                "Take the logarithm of each, then the average, then `math.exp`.",
            ),
            Wrong(
                _perplexity_mean_of_inverses,
                "The average of 1/p lets one unlikely symbol decide everything. Average "
                "the logarithms instead, then take `math.exp`.",
            ),
            Wrong(
                _perplexity_mixed_bases,
                "Two bases are mixed: natural logarithms need `math.exp`, and 2 to the "
                "power needs `math.log2`.",
            ),
            Wrong(
                _perplexity_without_mean,
                "The logarithms were added up but not averaged, so a longer text would "
                "be more perplexing. Divide by `len(probs)`.",
            ),
            Wrong(
                _perplexity_without_minus,
                "The minus sign is missing: this is one divided by the perplexity, a "
                "number below 1. A die has at least one face.",
            ),
        ),
        hints=(
            "First the cross-entropy: the average of -log p over the list. Then one "
            "step more.",
            "`math.exp(-sum(math.log(p) for p in probs) / len(probs))`.",
        ),
    ),
    "cross_entropy": Exercise(
        title="Cross-entropy from logits",
        solution=cross_entropy,
        cases=lambda make: [
            *_label_cases(make),
            (
                make.tensor([[1000.0, 0.0, -1000.0], [-800.0, 0.0, 900.0]]),
                make.integers(1, 2),
            ),
        ],
        gradient=True,
        wrong=(
            Wrong(
                _cross_entropy_by_hand,
                "Right for small logits, but e to the 1000 overflows. Use "
                "`logits.logsumexp(dim=1)`, which pulls the largest logit out.",
            ),
            Wrong(
                _cross_entropy_softmax_then_log,
                "The softmax rounds a very small probability to 0, and its logarithm "
                "is minus infinity. Cancel the two: `logsumexp` minus the logit of "
                "the label.",
            ),
            Wrong(
                _cross_entropy_over_batch,
                "The softmax ran over the examples. The classes of one example have to "
                "add up to 1: use `dim=1`.",
            ),
            Wrong(
                _cross_entropy_twice,
                "The softmax was applied twice: `F.cross_entropy` and `log_softmax` "
                "take logits. Hand the logits over as they are.",
            ),
            Wrong(
                _cross_entropy_without_minus,
                "The sign is turned round: logarithms of probabilities are negative, "
                "and a loss is their negative.",
            ),
            Wrong(
                _cross_entropy_sum,
                "This adds up over the examples. The loss is their average: `.mean()`.",
            ),
            Wrong(
                _cross_entropy_each,
                "The price of each example is right. Average them: `.mean()`.",
            ),
            Wrong(
                _cross_entropy_mean_of_all,
                "Divided by N times K. There is one price for each example, so the "
                "average divides by N only.",
            ),
        ),
        hints=(
            "Write minus the logarithm of the softmax and cancel: what remains are two "
            "terms, one of them the logit of the label.",
            "`logits.logsumexp(dim=1) - logits[torch.arange(len(labels)), labels]`, "
            "and then the mean.",
        ),
    ),
    "binary_cross_entropy": Exercise(
        title="Binary cross-entropy that does not overflow",
        solution=binary_cross_entropy,
        cases=lambda make: [
            (make.normal(5), make.tensor([1.0, 0.0, 0.0, 1.0, 1.0])),
            (3 * make.normal(2, 3), make.uniform(2, 3)),
            (
                make.tensor([-1000.0, 1000.0, 20.0, -40.0]),
                make.tensor([1.0, 0.0, 0.0, 1.0]),
            ),
            (make.tensor([1000.0]), make.tensor([1.0])),
        ],
        gradient=True,
        wrong=(
            Wrong(
                _binary_naive,
                "Right for moderate logits. But the sigmoid of 1000 is rounded to 1, and "
                "then the logarithm of 0 appears. Start from the logit: "
                "log(1 + e^z) - t z.",
            ),
            Wrong(
                _binary_softplus_overflows,
                "The formula is right, but e to the 1000 overflows. Pull the larger part "
                "out: max(z, 0) + log(1 + e^(-|z|)).",
            ),
            Wrong(
                _binary_cut_off,
                "`F.binary_cross_entropy` cuts logarithms off at -100: a logit of -1000 "
                "costs 100, with slope 0. Start from the logits, not from the sigmoid.",
            ),
            Wrong(
                _binary_clamped,
                "Clamping the probability avoids infinity, but beyond the clamp the "
                "loss is flat: a very wrong logit gets slope 0. Use the formula with "
                "the logits.",
            ),
            Wrong(
                _binary_small_number_added,
                "A small number inside the logarithm hides the infinity and changes the "
                "loss: -1000 should cost 1000. Use the formula with the logits.",
            ),
            Wrong(
                _binary_targets_swapped,
                "Zero and one are swapped: with t = 1 a large logit must be cheap. The "
                "second term is minus t z.",
            ),
            Wrong(
                _binary_softplus_only,
                "This is the loss for t = 0. The target is not used: subtract "
                "`targets * logits`.",
            ),
            Wrong(
                _binary_sum,
                "This adds up over the entries. The loss is their average: `.mean()`.",
            ),
            Wrong(
                _binary_each,
                "The price of each entry is right. Average them: `.mean()`.",
            ),
        ),
        hints=(
            "The lesson rewrote the loss without a sigmoid: softplus of the logit minus "
            "the target times the logit.",
            "`logits.clamp(min=0) + torch.log1p(torch.exp(-logits.abs()))` is the "
            "softplus; subtract `targets * logits` and take the mean.",
        ),
    ),
    "wrong_pairs": Exercise(
        title="Find the double softmax",
        solution={"B", "C"},
        judge=_judge_pairs,
        wrong=(
            Wrong(
                {"B"},
                "B is one of them. The sigmoid can be applied twice as well: which loss "
                "has a sigmoid inside?",
            ),
            Wrong(
                {"C"},
                "C is one of them. Now look at the losses for ten classes: which has a "
                "softmax inside?",
            ),
            Wrong(
                {"B", "C", "F"},
                "B and C are wrong, F is not: the exponentials of a log-softmax add up "
                "to 1 already, so a second log-softmax changes nothing.",
            ),
            Wrong(
                {"B", "C", "D"},
                "B and C are wrong, D is not: `nn.BCELoss` has no sigmoid inside. It "
                "breaks for large logits, which is another matter.",
            ),
            Wrong(
                {"B", "C", "D", "F"},
                "B and C are wrong. D gives probabilities to a loss that wants them, "
                "and in F the second log-softmax changes nothing.",
            ),
        ),
        hints=(
            "Ask of each loss what it does to its input first: nothing, a sigmoid, or "
            "a softmax?",
            "`CrossEntropyLoss` and `BCEWithLogitsLoss` begin with one of their own; "
            "`NLLLoss` and `BCELoss` do not. And a log-softmax of a log-softmax is the "
            "same numbers.",
        ),
    ),
    "smoothed_cross_entropy": Exercise(
        title="Smoothed cross-entropy",
        solution=smoothed_cross_entropy,
        cases=lambda make: [
            (*case, epsilon)
            for case, epsilon in zip(_label_cases(make), (0.1, 0.3, 0.5), strict=True)
        ],
        gradient=True,
        wrong=(
            Wrong(
                _smooth_others_only,
                "Here epsilon goes to the other classes only, K - 1 of them. In the "
                "definition of the lesson, and of PyTorch, all K classes share it, the "
                "right one too: `+ epsilon / K` everywhere.",
            ),
            Wrong(
                _smooth_not_filled_up,
                "The right class lost epsilon, and nobody got it: the targets no longer "
                "add up to 1. Add `epsilon / K` to every class.",
            ),
            Wrong(
                _smooth_only_added,
                "Every class got its share, but the right one still has its 1: the "
                "targets add up to more than 1. Multiply the one-hot part by "
                "`1 - epsilon`.",
            ),
            Wrong(
                _smooth_epsilon_for_each,
                "Every class got the whole epsilon. It is shared by all of them: "
                "`epsilon / K`.",
            ),
            Wrong(
                _smooth_mean_of_all,
                "Averaged over the classes as well. Add up over the classes, "
                "`.sum(dim=1)`, then average over the examples.",
            ),
            Wrong(
                _smooth_ignored,
                "This is the cross-entropy without smoothing: epsilon is not used.",
            ),
        ),
        hints=(
            "Build the targets, shape (N, K), first: `F.one_hot(labels, K)`, scaled, "
            "plus the same small number everywhere. Each row must add up to 1.",
            "`targets = (1 - epsilon) * F.one_hot(labels, K) + epsilon / K`, then "
            "`-(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()`.",
        ),
    ),
    "gaussian_nll": Exercise(
        title="A network that says how unsure it is",
        solution=gaussian_nll,
        cases=lambda make: [
            (make.normal(5), make.normal(5), make.normal(5)),
            (3 * make.normal(1), make.tensor([0.7]), make.normal(1)),
            (make.normal(3, 2), 0.5 * make.normal(3, 2), 2 * make.normal(3, 2)),
        ],
        gradient=True,
        wrong=(
            Wrong(
                _gaussian_without_log_sigma,
                "The term log sigma is missing. Without it a huge spread makes every "
                "error cheap: add `log_sigma`.",
            ),
            Wrong(
                _gaussian_sigma_as_variance,
                "This treats e to the `log_sigma` as the variance. It is the spread; "
                "the variance is its square.",
            ),
            Wrong(
                _gaussian_not_squared_sigma,
                "The squared error is divided by sigma. Divide by sigma squared: scale "
                "the error first, then square it.",
            ),
            Wrong(
                _gaussian_without_exp,
                "`log_sigma` is the logarithm of the spread, and may be negative or 0. "
                "To divide by the spread, take `log_sigma.exp()`.",
            ),
            Wrong(
                _gaussian_without_half,
                "The squared term lacks its factor one half.",
            ),
            Wrong(
                _gaussian_without_constant,
                "Only the constant is missing, half the logarithm of 2 pi. It changes "
                "no slope, but the task asks for all terms: "
                "`0.5 * math.log(2 * math.pi)`.",
            ),
            Wrong(
                _gaussian_likelihood,
                "This is the log-likelihood, which should be large. The loss is its "
                "negative.",
            ),
        ),
        hints=(
            "The section on the bell curve has the three terms. Only the way sigma is "
            "given differs: as its logarithm.",
            "With `scaled = (targets - outputs) / log_sigma.exp()`: the mean of "
            "`0.5 * scaled**2 + log_sigma + 0.5 * math.log(2 * math.pi)`.",
        ),
    ),
}

QUIZZES = {
    "nudge": Quiz(
        "We nudge the bias by 0.01, once down and once up. What do the two numbers, "
        "mistakes and loss, do?",
        (
            Choice(
                "Both change a little.",
                "A count of ten mornings can only change by whole mornings. No morning "
                "lies so close to the line that a hundredth takes it across.",
            ),
            Choice(
                "The mistakes stay at 2, the loss changes a little.",
                "Every probability moves a little, and the loss shows it. A mistake "
                "stays a mistake until its probability crosses one half.",
                right=True,
            ),
            Choice(
                "Neither changes: the nudge is too small.",
                "Right for the count. But the loss is computed from the probabilities "
                "themselves, and each of them has moved.",
            ),
        ),
    ),
    "bus_breaks_down": Quiz(
        "The bus breaks down: the third ride takes 200 minutes instead of 20. Which of "
        "the three best guesses (mean 14, median 12, Huber 13) move?",
        (
            Choice(
                "All three, the mean most.",
                "Look at the pulls. That of the absolute loss is 1 at any distance, and "
                "Huber's is never more than delta.",
            ),
            Choice(
                "The mean and Huber's, because Huber is between the two.",
                "Between, yes. But the error at 20 was 7 already, beyond delta: there "
                "Huber's pull is 4, and at 200 it is 4 again.",
            ),
            Choice(
                "Only the mean.",
                "The squared pull grows with the distance. For the other two the third "
                "ride pulls exactly as hard as before, so nothing changes.",
                right=True,
            ),
            Choice(
                "None: one ride out of three is outvoted.",
                "Voting is what the median does. The mean has no votes, it has "
                "distances: it becomes 222 / 3.",
            ),
        ),
    ),
    "which_number": Quiz(
        "A shop announces one delivery time. It wants customers to be served earlier "
        "than announced as often as later. A few parcels take weeks. Which loss should "
        "its model minimise?",
        (
            Choice(
                "Squared error: it is the most common.",
                "It aims at the mean, and the few slow parcels pull the mean up: most "
                "customers would be served early.",
            ),
            Choice(
                "Absolute error.",
                "It aims at the median, with as many parcels above as below. That is "
                "what the shop asked for.",
                right=True,
            ),
            Choice(
                "Huber with a very large delta.",
                "With a delta beyond every error, Huber is the squared error, halved. "
                "It aims at the mean.",
            ),
        ),
    ),
    "origin": Quiz(
        "Your measurements are good, but now and then the sensor reports something far "
        "off. You minimise squared error. What have you told the model about the "
        "errors?",
        (
            Choice(
                "Nothing: a loss is only a way to measure.",
                "Minimising squared error is maximising a likelihood, whether you think "
                "of it or not. Which one?",
            ),
            Choice(
                "That they come from a normal distribution, so that far-off values are "
                "next to impossible.",
                "So the model takes each far-off value as strong evidence and bends "
                "towards it. Absolute or Huber loss says that such things happen.",
                right=True,
            ),
            Choice(
                "That they are small.",
                "Small or large is the matter of sigma, and a fixed sigma only scales "
                "the loss. What counts is how fast the density falls.",
            ),
        ),
    ),
    "halving": Quiz(
        "A model gave the right class probability 0.02. After some training it gives "
        "0.04. By how much has the cross-entropy of this example fallen?",
        (
            Choice(
                "By half.",
                "The probability doubled, the loss did not halve: it fell from 3.91 to "
                "3.22 nats.",
            ),
            Choice(
                "By one bit, 0.693 nats.",
                "Doubling the probability always takes one bit off, from 0.02 to 0.04 "
                "as well as from 0.5 to 1.",
                right=True,
            ),
            Choice(
                "By 0.02.",
                "That is the change of the probability. The loss is its negative "
                "logarithm, and log 0.04 - log 0.02 = log 2.",
            ),
            Choice(
                "It cannot be said without the other classes.",
                "Cross-entropy with one right class looks at that class only. The "
                "others matter through it: what they lose, it gains.",
            ),
        ),
    ),
    "confident": Quiz(
        "At z = -8, with truth 1: how many times larger is the slope of cross-entropy "
        "than that of the squared error? (p is 0.0003.)",
        (
            Choice(
                "About twice.",
                "That would be so without the factor p (1 - p). How large is it at "
                "p = 0.0003?",
            ),
            Choice(
                "About 30 times.",
                "The factor between them is 1 / (2 p (1 - p)). Put p = 0.0003 in.",
            ),
            Choice(
                "About 1,500 times.",
                "The ratio is 1 / (2 p (1 - p)), and p is 0.000335. Where the network "
                "is surest and wrong, the squared error hears least.",
                right=True,
            ),
            Choice(
                "They are equal: both say that the answer is wrong.",
                "Both losses are high there. But training follows the slope, and the "
                "squared error is flat.",
            ),
        ),
    ),
    "twice": Quiz(
        "Ten classes. The network gives probability 1 to the right class, and these "
        "probabilities are handed to `F.cross_entropy`. What does it return?",
        (
            Choice(
                "0: the answer is perfect.",
                "It would be, if probabilities were expected. But they are taken for "
                "logits: one logit is 1, the nine others are 0.",
            ),
            Choice(
                "An error: the rows already add up to 1.",
                "Logits may be any numbers, also ones that add up to 1. Nothing can be "
                "noticed.",
            ),
            Choice(
                "About 1.46.",
                "Softmax of one 1 and nine 0s gives e / (e + 9) = 0.23, and -log 0.23 "
                "is 1.46.",
                right=True,
            ),
            Choice(
                "About 2.30, which is log 10.",
                "That is the loss of a model that knows nothing. This one is a little "
                "better: the right logit is 1, not 0.",
            ),
        ),
    ),
    "never": Quiz(
        "A model is asked about a text of a million symbols. Once, it gives the symbol "
        "that comes probability 0. What is its perplexity?",
        (
            Choice(
                "Hardly changed: one in a million.",
                "True for a small probability. But -log 0 is infinite, and infinity "
                "divided by a million is infinite.",
            ),
            Choice(
                "Infinite.",
                "What was called impossible has happened. This is why we added one to "
                "every pair: a probability may be small, never 0.",
                right=True,
            ),
            Choice(
                "27, as if it knew nothing.",
                "A model that knows nothing is never infinitely surprised: it gives "
                "every symbol 1/27. To say 0 is to claim to know.",
            ),
        ),
    ),
    "smoothing": Quiz(
        "Two runs of the same network: without label smoothing the training loss is "
        "0.05, with smoothing of 0.1 over ten classes it is 0.55. Which is better?",
        (
            Choice(
                "The first: its loss is lower.",
                "The two numbers measure different things. The smoothed targets have a "
                "floor of their own: about 0.5 nats here, for a perfect answer.",
            ),
            Choice(
                "These two numbers cannot tell.",
                "Right. Compare what both can be asked: the accuracy, or the "
                "cross-entropy with unsmoothed targets, on examples not trained on.",
                right=True,
            ),
            Choice(
                "The second: smoothing always helps.",
                "It often helps a little, and sometimes harms. These numbers say "
                "neither.",
            ),
        ),
    ),
    "task": Quiz(
        "A photograph may show a dog, a cat, both or neither. The network ends in two "
        "logits. Which loss fits?",
        (
            Choice(
                "`nn.CrossEntropyLoss`: there are two classes.",
                "Its softmax makes the two compete: they add up to 1, so both at once, "
                "or neither, cannot be said.",
            ),
            Choice(
                "`nn.BCEWithLogitsLoss` with targets of shape (N, 2).",
                "Two separate yes-or-no questions, each with a coin of its own.",
                right=True,
            ),
            Choice(
                "`nn.MSELoss` on the two sigmoids.",
                "It would find the right probabilities in the end, but it is flat where "
                "the network is sure and wrong.",
            ),
            Choice(
                "`nn.BCEWithLogitsLoss` after a sigmoid.",
                "The loss has the sigmoid inside. A second one presses everything into "
                "the range from 0.5 to 0.73.",
            ),
        ),
    ),
}
