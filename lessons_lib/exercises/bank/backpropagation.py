"""Exercises of the lesson foundations/backpropagation."""

import torch.nn.functional as F

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- Backward of tanh ---------------------------------------------------------------


def tanh_backward(grad_output, y):
    """Return the gradient with respect to x, for y = tanh(x); only y was kept."""
    return grad_output * (1 - y**2)


def _tanh_local_slope_only(grad_output, y):
    return 1 - y**2


def _tanh_of_the_output(grad_output, y):
    return grad_output * (1 - y.tanh() ** 2)


def _tanh_without_square(grad_output, y):
    return grad_output * (1 - y)


def _tanh_added(grad_output, y):
    return grad_output + (1 - y**2)


# --- Backward of a linear layer -----------------------------------------------------


def linear_backward(dY, X, W):
    """Return dX, dW and db for Y = X @ W.T + b, with W as (out_features, in_features)."""
    dX = dY @ W          # (N, out) @ (out, in) -> (N, in)
    dW = dY.T @ X        # (out, N) @ (N, in) -> (out, in)
    db = dY.sum(dim=0)   # b is added in each of the N rows
    return dX, dW, db


def _linear_transposed_weight(dY, X, W):
    return dY @ W, X.T @ dY, dY.sum(dim=0)


def _linear_mean_over_batch(dY, X, W):
    return dY @ W, dY.T @ X / len(X), dY.mean(dim=0)


def _linear_bias_not_summed(dY, X, W):
    return dY @ W, dY.T @ X, dY


def _linear_bias_summed_over_units(dY, X, W):
    return dY @ W, dY.T @ X, dY.sum(dim=1)


def _linear_as_in_the_lesson(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(dim=0)


# --- Softmax with cross-entropy -----------------------------------------------------


def softmax_cross_entropy_backward(logits, targets):
    """Return the gradient of the mean cross-entropy with respect to the logits."""
    probs = logits.softmax(dim=1)                          # (N, C)
    truth = F.one_hot(targets, num_classes=logits.shape[1])  # (N, C), a 1 in each row
    return (probs - truth) / len(logits)


def _cross_entropy_summed(logits, targets):
    return logits.softmax(dim=1) - F.one_hot(targets, logits.shape[1])


def _cross_entropy_flipped(logits, targets):
    truth = F.one_hot(targets, logits.shape[1])
    return (truth - logits.softmax(dim=1)) / len(logits)


def _cross_entropy_over_batch(logits, targets):
    truth = F.one_hot(targets, logits.shape[1])
    return (logits.softmax(dim=0) - truth) / len(logits)


def _cross_entropy_without_truth(logits, targets):
    return logits.softmax(dim=1) / len(logits)


def _cross_entropy_with_sigmoid(logits, targets):
    return (logits.sigmoid() - F.one_hot(targets, logits.shape[1])) / len(logits)


def _cross_entropy_mean_of_all(logits, targets):
    return (logits.softmax(dim=1) - F.one_hot(targets, logits.shape[1])) / logits.numel()


# --- Undo the broadcasting ----------------------------------------------------------


def unbroadcast(grad, shape):
    """Sum grad over every dimension that broadcasting added or stretched."""
    while grad.ndim > len(shape):
        grad = grad.sum(dim=0)
    for dim, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(dim=dim, keepdim=True)
    return grad


def _unbroadcast_mean(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.mean(dim=0)
    for dim, size in enumerate(shape):
        if size == 1:
            grad = grad.mean(dim=dim, keepdim=True)
    return grad


def _unbroadcast_first_slice(grad, shape):
    while grad.ndim > len(shape):
        grad = grad[0]
    for dim, size in enumerate(shape):
        if size == 1:
            grad = grad.narrow(dim, 0, 1)
    return grad


def _unbroadcast_leading_only(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(dim=0)
    return grad


def _unbroadcast_ones_only(grad, shape):
    for dim, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(dim=dim, keepdim=True)
    return grad


EXERCISES = {
    "by_hand": Exercise(
        title="By hand",
        solution=(6.0, -18.0),
        wrong=(
            Wrong(
                (12.0, -18.0),
                "The slope for b is right. But a is used twice, in the product and in "
                "the sum: what comes back along the second path must be added.",
            ),
            Wrong(
                (-6.0, -18.0),
                "The slope for b is right. But a is used twice: this counts the path "
                "through the sum only. Add what comes back through the product a b.",
            ),
            Wrong(
                (-1.0, 3.0),
                "These are the slopes of a b + a. The square is missing: it hands back "
                "2 (a b + a), which is -6 here.",
            ),
            Wrong(
                (-18.0, 6.0),
                "The two numbers are right, in the other order: give the slope for a "
                "first.",
            ),
        ),
        hints=(
            "Name the steps: p = a b, s = p + a, L = s squared. Forward: p = -6, "
            "s = -3, L = 9. Then walk back from L. The number a has two arrows.",
            "The square hands 2 s = -6 to s, and s hands -6 to p and -6 to a. Then p "
            "hands -6 times b to a, which is added, and -6 times a to b.",
        ),
    ),
    "tanh_backward": Exercise(
        title="Backward of tanh",
        solution=tanh_backward,
        cases=lambda make: [
            (make.normal(5), make.normal(5).tanh()),
            (make.normal(2, 3), make.normal(2, 3).tanh()),
        ],
        wrong=(
            Wrong(
                _tanh_local_slope_only,
                "This is the local slope, dy/dx. The gradient of the loss is the local "
                "slope times what comes back: multiply by `grad_output`.",
            ),
            Wrong(
                _tanh_of_the_output,
                "The tanh was taken twice: `y` is the output already, so the local "
                "slope is `1 - y**2`.",
            ),
            Wrong(
                _tanh_without_square,
                "The square is missing: the slope of tanh is `1 - y**2`, symmetric "
                "around 0.",
            ),
            Wrong(
                _tanh_added,
                "Along a path, rates multiply. They are added only where several paths "
                "meet.",
            ),
        ),
        hints=(
            "The lesson gives the local slope of tanh in terms of its output y. What "
            "does the chain rule do with it and with the gradient that comes back?",
            "The local slope is `1 - y**2`. Multiply it by `grad_output`, entry by "
            "entry.",
        ),
    ),
    "linear_backward": Exercise(
        title="Backward of a linear layer",
        solution=linear_backward,
        cases=lambda make: [
            (make.normal(4, 2), make.normal(4, 3), make.normal(2, 3)),
            (make.normal(5, 3), make.normal(5, 3), make.normal(3, 3)),
            (make.normal(1, 4), make.normal(1, 2), make.normal(4, 2)),
        ],
        wrong=(
            Wrong(
                _linear_transposed_weight,
                "dW has the right numbers, but it lies on its side. A gradient has the "
                "shape of what it belongs to, here (out_features, in_features): "
                "`dY.T @ X`.",
            ),
            Wrong(
                _linear_as_in_the_lesson,
                "These are the formulas for `X @ W`. Here the layer computes "
                "`X @ W.T`: swap the roles, and check each shape.",
            ),
            Wrong(
                _linear_mean_over_batch,
                "Sum over the batch, do not average. If the loss is a mean, its 1/N is "
                "in dY already.",
            ),
            Wrong(
                _linear_bias_not_summed,
                "Each bias is used in every row of the batch, so its gradient is a sum "
                "over the rows: `dY.sum(dim=0)`.",
            ),
            Wrong(
                _linear_bias_summed_over_units,
                "db was summed over the units, and has one entry for each row. There is "
                "one bias for each unit: sum over the rows, `dim=0`.",
            ),
        ),
        hints=(
            "Let the shapes lead: dY is (N, out), X is (N, in), W is (out, in). Which "
            "product of two of them has the shape of the third?",
            "`dX = dY @ W`, `dW = dY.T @ X`; and each bias was added in every row.",
        ),
    ),
    "softmax_cross_entropy": Exercise(
        title="Softmax with cross-entropy, in one step",
        solution=softmax_cross_entropy_backward,
        cases=lambda make: [
            (make.normal(4, 3), make.integers(3, 4)),
            (5 * make.normal(2, 5), make.integers(5, 2)),
            (make.normal(1, 2), make.integers(2, 1)),
        ],
        wrong=(
            Wrong(
                _cross_entropy_summed,
                "This is the gradient of the sum. The loss is the mean over N points: "
                "divide by `len(logits)`.",
            ),
            Wrong(
                _cross_entropy_mean_of_all,
                "Divided by N times C. The loss is the mean over the N points only: "
                "divide by `len(logits)`.",
            ),
            Wrong(
                _cross_entropy_flipped,
                "The sign is turned round. Raising the logit of the right class lowers "
                "the loss, so its gradient is negative: probability minus truth.",
            ),
            Wrong(
                _cross_entropy_over_batch,
                "The softmax ran over the points of the batch. The probabilities of one "
                "point must sum to 1: `dim=1`.",
            ),
            Wrong(
                _cross_entropy_without_truth,
                "The targets are not used: subtract 1 from the probability of the right "
                "class of each point.",
            ),
            Wrong(
                _cross_entropy_with_sigmoid,
                "That is C separate yes-or-no questions. Here the classes compete: take "
                "the softmax over the classes, not the sigmoid.",
            ),
        ),
        hints=(
            "For one point, the loss is log(sum of exp(logits)) minus the logit of the "
            "right class. What is the slope of each of the two parts with respect to "
            "one logit?",
            "The first part gives the softmax, the second a 1 at the right class "
            "(`F.one_hot`). Subtract, and divide by the number of points.",
        ),
    ),
    "unbroadcast": Exercise(
        title="Undo the broadcasting",
        solution=unbroadcast,
        cases=lambda make: [
            (make.normal(4, 3), (3,)),
            (make.normal(4, 3), (4, 1)),
            (make.normal(2, 4, 3), (1, 3)),
            (make.normal(2, 3), ()),
            (make.normal(2, 3), (2, 3)),
        ],
        wrong=(
            Wrong(
                _unbroadcast_mean,
                "Add up, do not average: an entry that is used four times moves the "
                "loss along four paths.",
            ),
            Wrong(
                _unbroadcast_first_slice,
                "This keeps the first path and drops the others. An entry that is used "
                "several times gets the sum of what comes back.",
            ),
            Wrong(
                _unbroadcast_leading_only,
                "Missing leading dimensions are handled. A dimension of size 1 in "
                "`shape` was stretched as well: sum over it with `keepdim=True`.",
            ),
            Wrong(
                _unbroadcast_ones_only,
                "Dimensions of size 1 are handled, missing ones are not: while `grad` "
                "has more dimensions than `shape`, sum over the first.",
            ),
        ),
        hints=(
            "Gradients add up wherever a number was used several times. Which "
            "dimensions did broadcasting add, and which did it stretch?",
            "While `grad.ndim > len(shape)`, sum over dimension 0. Then, for each "
            "dimension of size 1 in `shape`, sum with `keepdim=True`.",
        ),
    ),
}

QUIZZES = {
    "bias": Quiz(
        "At the same point (w = 3, x = 2, b = -4, target t = 5): what is the rate of the "
        "loss with respect to the bias b?",
        (
            Choice(
                "-12, the same as for w",
                "The factor 2 in -12 belongs to the step m = w x, and the nudge of b "
                "does not go through that step.",
            ),
            Choice(
                "-6",
                "From b on, the rates are 1, 1 and -6, and 1 · 1 · (-6) = -6.",
                right=True,
            ),
            Choice(
                "1",
                "That is the local slope of z = m + b. The chain goes on: e moves, and "
                "then L.",
            ),
            Choice(
                "24",
                "-6 times the value of b. What counts is how fast z moves with b, not "
                "how large b is.",
            ),
        ),
    ),
    "twice": Quiz(
        "What does `a.grad` hold after the last line?",
        (
            Choice(
                "1.0",
                "c has two pairs, (a, 1.0) and (a, 1.0). Each pass through the loop "
                "sets a.grad to 1.0 · 1.0, and the second overwrites the first.",
                right=True,
            ),
            Choice(
                "2.0",
                "That is the slope we want. Look at the function again: what does the "
                "second pass through its loop do to the result of the first?",
            ),
            Choice(
                "3.0",
                "3 is the value of a. The local slopes of a sum are 1, whatever the "
                "values are.",
            ),
        ),
        code="a = Value(3)\nc = a + a\nc.grad = 1.0\npush_overwriting(c)",
    ),
    "reset": Quiz(
        "In the cell above, what would the second line have printed without "
        "`a.grad = 0.0`?",
        (
            Choice(
                "9.0: `backward` computes the gradient afresh.",
                "It starts the inner numbers from 0, but a is a leaf: what it has stays, "
                "and `+=` adds to it.",
            ),
            Choice(
                "15.0: the 9 is added to the 6 from before.",
                "Yes. It is the same in PyTorch, and the reason for "
                "`optimizer.zero_grad()` in every training loop.",
                right=True,
            ),
            Choice(
                "54.0: the 9 is multiplied by the 6.",
                "Rates multiply along a path. These are two separate computations; "
                "their results meet in `+=`.",
            ),
        ),
    ),
    "memory": Quiz(
        "The forward pass of a network with 100 layers has just ended. What must be in "
        "memory so that the backward pass can run?",
        (
            Choice(
                "The loss alone.",
                "The loss is where the sweep starts. But every step back needs local "
                "slopes, and they depend on the values at that step.",
            ),
            Choice(
                "The loss and all weights.",
                "For z = w x the slope for w is x: the value that went into the layer. "
                "The weights alone do not tell it.",
            ),
            Choice(
                "The weights and the values that every layer computed.",
                "Yes. This is why training needs much more memory than using a network, "
                "and why a larger batch needs more.",
                right=True,
            ),
        ),
    ),
    "shapes": Quiz(
        "X is (64, 20), W is (20, 5) and Z = X W is (64, 5). Which product gives dW?",
        (
            Choice(
                "`X.T @ dZ`",
                "(20, 64) times (64, 5) is (20, 5), the shape of W. And the sum that "
                "disappears runs over the 64 points, as it must: each weight was used "
                "for each point.",
                right=True,
            ),
            Choice(
                "`dZ.T @ X`",
                "The right numbers, lying on their side: (5, 20). That is dW for a "
                "layer that stores W transposed, as `nn.Linear` does.",
            ),
            Choice(
                "`dZ @ W.T`",
                "(64, 20): this has the shape of X, and it is dX.",
            ),
            Choice(
                "`X @ dZ`",
                "(64, 20) times (64, 5) does not fit.",
            ),
        ),
    ),
    "cost": Quiz(
        "How many units does it take to get all 101,770 slopes by backpropagation, "
        "forward pass included?",
        (
            Choice(
                "About 3",
                "One forward, and backward at most about twice that. Count with the "
                "next cells.",
                right=True,
            ),
            Choice(
                "About 300",
                "Every number is visited once on the way back, whatever the number of "
                "weights. Where would the other 297 come from?",
            ),
            Choice(
                "About 100,000",
                "That is the price of nudging each weight in turn. Backward, what was "
                "worked out at one box is used for all the boxes before it.",
            ),
        ),
    ),
}
