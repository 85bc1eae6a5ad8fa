"""Exercises of the lesson sequences/rnns."""

import math

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- The cell -----------------------------------------------------------------------


def rnn_step(x, h, W, U, b):
    """Return the new state (B, H)."""
    return torch.tanh(x @ W + h @ U + b)


def _step_without_tanh(x, h, W, U, b):
    return x @ W + h @ U + b


def _step_without_memory(x, h, W, U, b):
    return torch.tanh(x @ W + b)


def _step_transposed(x, h, W, U, b):
    return torch.tanh(x @ W + h @ U.T + b)


def _step_tanh_twice(x, h, W, U, b):
    return torch.tanh(x @ W + b) + torch.tanh(h @ U)


def _step_entrywise(x, h, W, U, b):
    return torch.tanh(x @ W + h * U.diagonal() + b)


# --- Temperature --------------------------------------------------------------------


def next_probs(logits, temperature):
    """Return probabilities (B, K); temperature 0 takes the largest logit."""
    if temperature == 0:
        best = logits.argmax(dim=1)
        return torch.eye(logits.shape[1]).to(logits)[best]
    return (logits / temperature).softmax(dim=1)


def _probs_multiplied(logits, temperature):
    if temperature == 0:
        return torch.eye(logits.shape[1]).to(logits)[logits.argmax(dim=1)]
    return (logits * temperature).softmax(dim=1)


def _probs_not_normalised(logits, temperature):
    if temperature == 0:
        return torch.eye(logits.shape[1]).to(logits)[logits.argmax(dim=1)]
    return logits.softmax(dim=1) / temperature


def _probs_over_batch(logits, temperature):
    if temperature == 0:
        return torch.eye(logits.shape[1]).to(logits)[logits.argmax(dim=1)]
    return (logits / temperature).softmax(dim=0)


def _probs_zero_is_nan(logits, temperature):
    return (logits / temperature).softmax(dim=1)


# --- Perplexity of padded rows ------------------------------------------------------


def perplexity(logits, targets):
    """Return e to the mean of -log p over the places whose target is not -100."""
    counts = targets >= 0                                      # (B, T)
    log_probs = logits.log_softmax(dim=2)                      # (B, T, K)
    right = targets.clamp(min=0)[..., None]                    # -100 is no index
    log_p = log_probs.gather(2, right).squeeze(2)              # (B, T)
    return torch.exp(-log_p[counts].mean())


def _perplexity_with_padding(logits, targets):
    log_probs = logits.log_softmax(dim=2)
    log_p = log_probs.gather(2, targets.clamp(min=0)[..., None]).squeeze(2)
    return torch.exp(-log_p.mean())


def _perplexity_zeros_in_mean(logits, targets):
    log_probs = logits.log_softmax(dim=2)
    log_p = log_probs.gather(2, targets.clamp(min=0)[..., None]).squeeze(2)
    return torch.exp(-(log_p * (targets >= 0)).mean())


def _perplexity_is_loss(logits, targets):
    log_probs = logits.log_softmax(dim=2)
    log_p = log_probs.gather(2, targets.clamp(min=0)[..., None]).squeeze(2)
    return -log_p[targets >= 0].mean()


def _perplexity_mean_of_each(logits, targets):
    log_probs = logits.log_softmax(dim=2)
    log_p = log_probs.gather(2, targets.clamp(min=0)[..., None]).squeeze(2)
    return torch.exp(-log_p[targets >= 0]).mean()


def _perplexity_mean_of_rows(logits, targets):
    log_probs = logits.log_softmax(dim=2)
    log_p = log_probs.gather(2, targets.clamp(min=0)[..., None]).squeeze(2)
    counts = targets >= 0
    return torch.exp(-((log_p * counts).sum(dim=1) / counts.sum(dim=1)).mean())


def _padded_cases(make):
    def targets(num, seq_len, classes, lengths):
        found = make.integers(classes, num, seq_len)
        for row, length in zip(found, lengths, strict=True):
            row[length:] = -100
        return found

    return [
        (make.normal(3, 5, 4), targets(3, 5, 4, [5, 2, 3])),
        (2 * make.normal(1, 4, 6), targets(1, 4, 6, [1])),
        (make.normal(2, 3, 2), targets(2, 3, 2, [1, 2])),
    ]


# --- Clip by norm -------------------------------------------------------------------


def clip_by_norm(grads, max_norm):
    """Scale all tensors by one factor, so that their common length is <= max_norm."""
    norm = torch.sqrt(sum((grad**2).sum() for grad in grads))
    factor = (max_norm / norm).clamp(max=1.0)
    return [grad * factor for grad in grads]


def _clip_each(grads, max_norm):
    return [grad * (max_norm / grad.norm()).clamp(max=1.0) for grad in grads]


def _clip_values(grads, max_norm):
    return [grad.clamp(-max_norm, max_norm) for grad in grads]


def _clip_always(grads, max_norm):
    norm = torch.sqrt(sum((grad**2).sum() for grad in grads))
    return [grad * max_norm / norm for grad in grads]


def _clip_without_root(grads, max_norm):
    norm = sum((grad**2).sum() for grad in grads)
    return [grad * (max_norm / norm).clamp(max=1.0) for grad in grads]


def _clip_sum_of_norms(grads, max_norm):
    norm = sum(grad.norm() for grad in grads)
    return [grad * (max_norm / norm).clamp(max=1.0) for grad in grads]


# --- Backpropagation through time ---------------------------------------------------


def bptt(x, w, u):
    """Return dL/dw and dL/du for h_t = tanh(w x_t + u h_{t-1}), L = h_T."""
    states = [torch.zeros_like(x[0])]
    for x_t in x:
        states.append(torch.tanh(w * x_t + u * states[-1]))
    dw = du = 0.0
    dh = 1.0                                  # dL/dh_T
    for t in reversed(range(len(x))):
        dz = dh * (1 - states[t + 1] ** 2)    # states[t + 1] belongs to x[t]
        dw = dw + dz * x[t]
        du = du + dz * states[t]
        dh = dz * u                           # on to the step before
    return dw, du


def _bptt_variant(x, w, u, *, carry=True, slope=True, times_u=True, late=False):
    states = [torch.zeros_like(x[0])]
    for x_t in x:
        states.append(torch.tanh(w * x_t + u * states[-1]))
    dw = du = 0.0
    dh = torch.ones_like(x[0])
    for t in reversed(range(len(x))):
        dz = dh * (1 - states[t + 1] ** 2) if slope else dh
        dw = dw + dz * x[t]
        du = du + dz * states[t + 1 if late else t]
        dh = dz * u if times_u else dz
        if not carry:
            break
    return dw, du


def _bptt_last_only(x, w, u):
    return _bptt_variant(x, w, u, carry=False)


def _bptt_without_slope(x, w, u):
    return _bptt_variant(x, w, u, slope=False)


def _bptt_without_u(x, w, u):
    return _bptt_variant(x, w, u, times_u=False)


def _bptt_late(x, w, u):
    return _bptt_variant(x, w, u, late=True)


def _bptt_swapped(x, w, u):
    dw, du = bptt(x, w, u)
    return du, dw


# --- Memory of the states -----------------------------------------------------------

_WHOLE = 32 * 2000 * 500 * 4 / 2**20  # 122.07 MiB
_CUT = 32 * 100 * 500 * 4 / 2**20  # 6.10 MiB


def _judge_memory(answer):
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "Give a pair of two numbers: `(whole, cut)`."
    try:
        whole, cut = (float(value) for value in answer)
    except (TypeError, ValueError):
        return "Give a pair of two numbers: `(whole, cut)`."
    for factor, message in (
        (1.0, None),
        (1 / 32, "Each row of the batch has states of its own: times 32."),
        (2**20 / 1e6, "These are megabytes. A mebibyte is 1,048,576 bytes."),
        (2**20, "These are bytes. Divide by 1,048,576."),
        (0.25, "A float32 number takes 4 bytes."),
    ):
        if math.isclose(whole, factor * _WHOLE, rel_tol=0.02):
            if message or math.isclose(cut, factor * _CUT, rel_tol=0.02):
                return message
            return "The first number is right. Cut, only 100 steps are kept at a time."
    return "Multiply: rows, steps, units, bytes for a number. Then divide by 1,048,576."


EXERCISES = {
    "rnn_step": Exercise(
        title="The cell",
        solution=rnn_step,
        cases=lambda make: [
            (make.normal(4, 3), make.normal(4, 5), make.normal(3, 5),
             make.normal(5, 5), make.normal(5)),
            (make.normal(1, 2), make.normal(1, 2), make.normal(2, 2),
             make.normal(2, 2), make.normal(2)),
        ],
        gradient=True,
        wrong=(
            Wrong(_step_without_tanh, "The sum is right, the squashing is missing: "
                  "tanh around the whole sum."),
            Wrong(_step_without_memory, "This cell has no memory: the state before, "
                  "`h @ U`, belongs into the sum."),
            Wrong(_step_transposed, "`U` is used on its side. `nn.RNN` stores the "
                  "transpose; here it is `h @ U`, as in the formula."),
            Wrong(_step_tanh_twice, "Add first, then squash: one tanh around the whole "
                  "sum, not one for each part."),
            Wrong(_step_entrywise, "Each unit hears itself only. `h @ U` lets every "
                  "unit hear all units."),
        ),
        hints=(
            "It is the formula of the lesson: the input times W, the old state times U, "
            "the bias, and tanh of their sum.",
            "`torch.tanh(x @ W + h @ U + b)`",
        ),
    ),
    "next_probs": Exercise(
        title="Temperature",
        solution=next_probs,
        cases=lambda make: [
            (make.normal(3, 4), 0.5),
            (make.normal(2, 3), 3.0),
            (make.normal(3, 5), 0),
            (make.normal(1, 3), 1.0),
        ],
        wrong=(
            Wrong(_probs_multiplied, "This does the opposite: the logits are *divided* "
                  "by the temperature, so a small one makes differences large."),
            Wrong(_probs_not_normalised, "Rows must add up to 1. Divide the logits "
                  "before the softmax, not the probabilities after it."),
            Wrong(_probs_over_batch, "This normalises over the batch. Each row is a "
                  "distribution: `softmax(dim=1)`."),
            Wrong(_probs_zero_is_nan, "Temperature 0 divides by zero. Treat it "
                  "separately: probability 1 for the largest logit of each row."),
        ),
        hints=(
            "Divide the logits by the temperature before the softmax over dim 1. For 0 "
            "return rows with a single 1, at the place of the largest logit.",
            "`(logits / temperature).softmax(dim=1)`; for 0, "
            "`torch.eye(K).to(logits)[logits.argmax(dim=1)]`.",
        ),
    ),
    "perplexity": Exercise(
        title="Perplexity of padded rows",
        solution=perplexity,
        cases=_padded_cases,
        wrong=(
            Wrong(_perplexity_with_padding, "Places with target -100 are counted as if "
                  "the target were symbol 0. Leave them out of the mean."),
            Wrong(_perplexity_zeros_in_mean, "The padded places count as a loss of 0. "
                  "Divide by the number of places that count, not by all."),
            Wrong(_perplexity_is_loss, "This is the cross-entropy in nats. The "
                  "perplexity is e to this number."),
            Wrong(_perplexity_mean_of_rows, "This averages each row first, so a short "
                  "row weighs as much as a long one. Average over all places at once."),
            Wrong(_perplexity_mean_of_each, "Average first, then take the exponential: "
                  "the perplexity is e to the *mean* of the negative logarithms."),
        ),
        hints=(
            "Take `log_softmax` over the symbols, pick the entry of the target with "
            "`gather`, average -log p where the target is not negative, then exp.",
            "`gather` needs valid numbers: use `targets.clamp(min=0)` and choose "
            "afterwards with the mask `targets >= 0`.",
        ),
    ),
    "clip_by_norm": Exercise(
        title="Clip by norm",
        solution=clip_by_norm,
        cases=lambda make: [
            ([make.tensor([3.0]), make.tensor([4.0])], 1.0),
            ([make.normal(3, 2), make.normal(4)], 0.5),
            ([0.01 * make.normal(2), 0.01 * make.normal(1, 3)], 1.0),
        ],
        wrong=(
            Wrong(_clip_each, "Each tensor was cut on its own. That bends the "
                  "direction: take one length over all tensors, and one factor."),
            Wrong(_clip_values, "This cuts single entries, which changes the direction. "
                  "Scale all of them by one factor."),
            Wrong(_clip_always, "Short gradients were made longer. The factor must "
                  "never be above 1."),
            Wrong(_clip_without_root, "The length is the *square root* of the sum of "
                  "squares."),
            Wrong(_clip_sum_of_norms, "Lengths do not add up. Add the squares of all "
                  "entries of all tensors, then take the root."),
        ),
        hints=(
            "Length of everything as one long vector: root of the sum of all squares. "
            "Then one factor for all, max_norm / length, but at most 1.",
            "`norm = torch.sqrt(sum((g**2).sum() for g in grads))` and "
            "`(max_norm / norm).clamp(max=1.0)`.",
        ),
    ),
    "bptt": Exercise(
        title="Backpropagation through time by hand",
        solution=bptt,
        cases=lambda make: [
            (make.tensor([1.0, 0.0, 0.0]), 2.0, 0.5),
            (make.normal(5), 0.7, -1.2),
            (make.normal(1), 0.5, 0.9),
        ],
        wrong=(
            Wrong(_bptt_last_only, "This is the last step only. `w` and `u` were used "
                  "at every step: go on backward, and add up."),
            Wrong(_bptt_without_slope, "The slope of tanh is missing: at each step "
                  "multiply by `1 - h**2`, with the state of that step."),
            Wrong(_bptt_without_u, "On its way to the step before, the gradient passes "
                  "through `u`: multiply by it."),
            Wrong(_bptt_swapped, "Both are right, in the other order: first the gradient "
                  "for `w`, then the one for `u`."),
            Wrong(_bptt_late, "`u` at step t is multiplied by the state *before* that "
                  "step, not by the one it makes."),
        ),
        hints=(
            "First forward, keeping all states, with 0 in front. Then backward from "
            "dL/dh = 1: times the slope of tanh gives dz; dz times what w met, and "
            "times what u met, are added up.",
            "`dz = dh * (1 - h[t]**2)`, `dw += dz * x[t]`, `du += dz * h[t - 1]`, "
            "`dh = dz * u`, with states counted so that h[t] belongs to x[t].",
        ),
    ),
    "states_mib": Exercise(
        title="Where the memory goes",
        solution=(round(_WHOLE, 1), round(_CUT, 1)),
        judge=_judge_memory,
        wrong=(
            Wrong((_WHOLE / 32, _CUT / 32), "Each row of the batch has states of its "
                  "own: times 32."),
            Wrong((_WHOLE * 2**20 / 1e6, _CUT * 2**20 / 1e6), "These are megabytes. A "
                  "mebibyte is 1,048,576 bytes."),
            Wrong((_WHOLE, _WHOLE), "The first number is right. Cut, only 100 steps are "
                  "kept at a time."),
        ),
        hints=(
            "One state has 500 numbers. How many states are there in a batch, and how "
            "many bytes has a number?",
            "32 rows times 2,000 steps times 500 units times 4 bytes, divided by "
            "1,048,576. With the cut, 100 steps instead of 2,000.",
        ),
    ),
}

QUIZZES = {
    "echo": Quiz(
        "The cell with `w = 2`, `u = 0.5`, `b = 0` read 1, 0, 0 and ended at 0.220. "
        "Where does it end after 0, 0, 1?",
        (
            Choice("At 0.220 too: the same numbers", "A sum would say so. The state does "
                   "not: what came early has been multiplied by u and squashed since."),
            Choice("At 0.964", "Right: two zeros leave the state at 0, and then tanh 2. "
                   "What came last counts most.", right=True),
            Choice("At 0: it began with zeros", "The zeros leave the state at 0. The 1 "
                   "comes after them."),
        ),
    ),
    "parameters": Quiz(
        "`nn.RNN(10, 20)` is applied to rows of 5 steps, then to rows of 500 steps. How "
        "many parameters does it have?",
        (
            Choice("640 for both", "Right: 10 · 20 + 20 · 20 + 20 + 20, counting the two "
                   "biases. The steps share them.", right=True),
            Choice("620 for both", "Nearly: 10 · 20 + 20 · 20 + 20 is the formula of the "
                   "cell, but `nn.RNN` stores two biases of 20."),
            Choice("3,200 and 320,000", "That would be a set of weights for each step. "
                   "The steps share one set."),
            Choice("220 for both", "Each unit hears all 20 units, so U alone has 400."),
        ),
    ),
    "longer": Quiz(
        "A network has learned the game on rows of exactly 12 symbols and answers all of "
        "them right. What will it do with rows of 24?",
        (
            Choice("PyTorch stops with an error", "The cell has no weight that belongs "
                   "to a place. It reads any number of steps."),
            Choice("Answer nearly all of them right", "That is what one hopes: the same "
                   "rule at each step. But nothing in training asked it to keep the "
                   "answer longer."),
            Choice("Answer about as well as a coin", "Right, in this run: it can read "
                   "them, but the answer has faded by then. Training on different "
                   "lengths will cure it.", right=True),
        ),
    ),
    "shared": Quiz(
        "In the unrolled network U stands at all T steps. What is `U.grad` after "
        "`backward()`?",
        (
            Choice("The sum of what comes back from each step", "Right: used several "
                   "times, so its gradients add up.", right=True),
            Choice("The average over the steps", "A nudge of U moves the loss along all "
                   "T ways at once: the parts add up. An average would need a reason."),
            Choice("What comes back from the last step", "That is only the first part on "
                   "the way back. The others are added."),
            Choice("A tensor with T matrices", "There is one U, and a gradient has the "
                   "shape of what it belongs to."),
        ),
    ),
    "distance": Quiz(
        "With U = 0.5 Q the gradient is multiplied by at most 0.5 at each step back. How "
        "much of it is left at a distance of 20 steps, at most?",
        (
            Choice("A fortieth", "That would be a product with 20. It is multiplied by "
                   "0.5 twenty times."),
            Choice("About a thousandth", "That is what ten steps leave: 2 to the power "
                   "of 10 is 1,024."),
            Choice("About a millionth", "Right: 0.5 to the power of 20 is 1 / 1,048,576, "
                   "and the slopes of tanh take some more.", right=True),
        ),
    ),
    "clip": Quiz(
        "Two trainings with the same start, data and learning rate. One cuts every "
        "gradient to length 1. What will the other one's loss do?",
        (
            Choice("The same, only faster: its steps are longer", "Longer steps help as "
                   "long as the slope holds. Here some gradients are thousands long."),
            Choice("Jump about, above that of a coin", "Right: one step along an exploded "
                   "gradient throws the weights far away, again and again.", right=True),
            Choice("Stay at log 2 from the first step on", "That would be a gradient "
                   "that vanishes. Here it explodes."),
        ),
    ),
    "clip_or_not": Quiz(
        "A network must connect the first symbol with the last, 200 steps later. Its "
        "gradient has shrunk to 1e-12 on the way. Does clipping help?",
        (
            Choice("Yes, with a smaller maximum", "Clipping only makes long gradients "
                   "shorter. This one is far too short."),
            Choice("No: it only cuts what is too long", "Right. A vanished gradient needs "
                   "another cell.", right=True),
            Choice("Yes: it scales every gradient to one length", "The factor is at most "
                   "1. And the whole gradient is not short: the nearby steps dominate "
                   "it."),
        ),
    ),
    "temperature": Quiz(
        "From 1,000 names drawn at temperature 0.3 and 1,000 at temperature 1.5: which "
        "contain more that exist in the list?",
        (
            Choice("Those at 0.3", "Right: it draws the likeliest letters, and those "
                   "lead to common names.", right=True),
            Choice("Those at 1.5", "At 1.5 unlikely letters come often, and one of them "
                   "is enough to leave the list."),
            Choice("Both the same: it is the same network", "The same logits, but other "
                   "probabilities to draw from."),
        ),
    ),
    "state": Quiz(
        "While it writes, the network is called once for each new symbol. What has to be "
        "handed over from call to call?",
        (
            Choice("The symbol drawn last, and the state h", "Right: the state holds "
                   "what it knows of all symbols before.", right=True),
            Choice("Only the symbol drawn last", "Without the state it would be a model "
                   "of pairs: the next symbol given one."),
            Choice("All symbols so far", "That works too, but it would read the whole "
                   "name again for each letter. The state makes this unnecessary."),
        ),
    ),
}
