"""Exercises of the lesson foundations/gradient_descent."""

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- One step -----------------------------------------------------------------------


def one_step(x, t, w, b, lr):
    """Return w and b after one step on the mean squared error of w x + b."""
    e = w * x + b - t
    dw = 2 * (e * x).mean()
    db = 2 * e.mean()
    return w - lr * dw, b - lr * db


def _line_gradient(x, t, w, b):
    e = w * x + b - t
    return 2 * (e * x).mean(), 2 * e.mean()


def _step_uphill(x, t, w, b, lr):
    dw, db = _line_gradient(x, t, w, b)
    return w + lr * dw, b + lr * db


def _step_summed(x, t, w, b, lr):
    dw, db = _line_gradient(x, t, w, b)
    return w - lr * len(x) * dw, b - lr * len(x) * db


def _step_without_factor_two(x, t, w, b, lr):
    dw, db = _line_gradient(x, t, w, b)
    return w - lr * dw / 2, b - lr * db / 2


def _step_one_after_the_other(x, t, w, b, lr):
    w = w - lr * _line_gradient(x, t, w, b)[0]
    return w, b - lr * _line_gradient(x, t, w, b)[1]


def _step_without_input(x, t, w, b, lr):
    db = _line_gradient(x, t, w, b)[1]
    return w - lr * db, b - lr * db


def _step_gradient_only(x, t, w, b, lr):
    return _line_gradient(x, t, w, b)


def _step_without_lr(x, t, w, b, lr):
    dw, db = _line_gradient(x, t, w, b)
    return w - dw, b - db


def _step_cases(make):
    return [
        (make.tensor([-2.0, 0, 2]), make.tensor([4.0, 4, 1]), *make.tensor([0, 0]), 0.1),
        (make.normal(5), make.normal(5), make.normal(), make.normal(), 0.3),
        (make.normal(1), make.normal(1), make.normal(), make.normal(), 0.05),
    ]


# --- A numeric gradient -------------------------------------------------------------


def numeric_gradient(f, w, h=1e-5):
    """Return the gradient of f at w by two-sided nudges, one entry at a time."""
    gradient = torch.zeros_like(w)
    for i in range(w.numel()):
        nudge = torch.zeros_like(w)
        nudge.view(-1)[i] = h
        gradient.view(-1)[i] = (f(w + nudge) - f(w - nudge)) / (2 * h)
    return gradient


def _nudge_each(f, w, h, slope):
    gradient = torch.zeros_like(w)
    for i in range(w.numel()):
        nudge = torch.zeros_like(w)
        nudge.view(-1)[i] = h
        gradient.view(-1)[i] = slope(f, w, nudge, h)
    return gradient


def _numeric_one_sided(f, w, h=1e-5):
    return _nudge_each(f, w, h, lambda f, w, n, h: (f(w + n) - f(w)) / h)


def _numeric_half_run(f, w, h=1e-5):
    return _nudge_each(f, w, h, lambda f, w, n, h: (f(w + n) - f(w - n)) / h)


def _numeric_rise_only(f, w, h=1e-5):
    return _nudge_each(f, w, h, lambda f, w, n, h: f(w + n) - f(w - n))


def _numeric_all_at_once(f, w, h=1e-5):
    return torch.ones_like(w) * (f(w + h) - f(w - h)) / (2 * h)


def _numeric_flat(f, w, h=1e-5):
    return numeric_gradient(f, w, h).flatten()


def _numeric_nudges_stay(f, w, h=1e-5):
    gradient = torch.zeros_like(w)
    for i in range(w.numel()):
        w.view(-1)[i] += h
        above = f(w)
        w.view(-1)[i] -= 2 * h
        gradient.view(-1)[i] = (above - f(w)) / (2 * h)
    return gradient


def _numeric_cases(make):
    return [
        (lambda w: (w**3).sum(), make.normal(3), 0.5),
        (lambda w: w[0] ** 2 * w[1] + w[0].exp(), make.normal(2), 0.25),
        (lambda w: (w[0] * w[1] ** 3).sum() + w.sum(), make.normal(2, 3), 0.5),
    ]


# --- Mini-batches -------------------------------------------------------------------


def minibatches(inputs, targets, batch_size):
    """Yield the pairs of one epoch: each example once, in a new random order."""
    order = torch.randperm(len(inputs))
    for start in range(0, len(inputs), batch_size):
        chosen = order[start : start + batch_size]
        yield inputs[chosen], targets[chosen]


def _batches_in_order(inputs, targets, batch_size):
    return zip(inputs.split(batch_size), targets.split(batch_size), strict=True)


def _batches_two_orders(inputs, targets, batch_size):
    first, second = torch.randperm(len(inputs)), torch.randperm(len(inputs))
    return _batches_in_order(inputs[first], targets[second], batch_size)


def _batches_without_the_rest(inputs, targets, batch_size):
    full = len(inputs) // batch_size
    return list(minibatches(inputs, targets, batch_size))[:full]


def _batches_with_replacement(inputs, targets, batch_size):
    chosen = torch.randint(len(inputs), (len(inputs),))
    return _batches_in_order(inputs[chosen], targets[chosen], batch_size)


def _batches_of_neighbours(inputs, targets, batch_size):
    batches = list(_batches_in_order(inputs, targets, batch_size))
    return [batches[i] for i in torch.randperm(len(batches)).tolist()]


def _batches_same_order_each_epoch(inputs, targets, batch_size):
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(inputs), generator=generator)
    return _batches_in_order(inputs[order], targets[order], batch_size)


def _one_epoch(answer, size, batch_size):
    """Return the batches of an answer for examples 0, 1, ...; the targets are 10 times."""
    numbers = torch.arange(float(size))
    inputs = torch.stack([numbers, -numbers], dim=1)  # (size, 2)
    return [(x, t) for x, t in answer(inputs, 10 * numbers, batch_size)]


def _epoch_mistake(batches, size, batch_size):
    """Return what is wrong with one epoch, apart from its order, or None."""
    numbers = [number for x, _ in batches for number in x[:, 0].tolist()]
    if len(numbers) < size:
        return f"Only {len(numbers)} of {size} examples come, in batches of {batch_size}."
    if sorted(numbers) != list(range(size)):
        return "Some examples come more than once, or others not at all."
    if any(len(x) != batch_size for x, _ in batches[:-1]):
        return f"Every batch but the last must have {batch_size} examples."
    if any(not torch.equal(10 * x[:, 0], t) for x, t in batches):
        return "The inputs have got targets of other examples."
    return None


def judge_minibatches(answer):
    """Return None if the answer deals out shuffled batches, else what is wrong."""
    for size, batch_size in ((10, 4), (6, 3), (3, 5)):
        mistake = _epoch_mistake(_one_epoch(answer, size, batch_size), size, batch_size)
        if mistake:
            return mistake
    first, second = (_one_epoch(answer, 60, 6) for _ in range(2))
    if all((x[:, 0].diff() == 1).all() for x, _ in first):
        if torch.equal(first[0][0], second[0][0]):
            return "The examples come in their old order."
        return "Each batch holds neighbours: the batches are shuffled, not the examples."
    if all(torch.equal(a[0], b[0]) for a, b in zip(first, second, strict=True)):
        return "Two epochs have the same order."
    return None


# --- Standardise --------------------------------------------------------------------


def standardise(train, new):
    """Return both tables, with the mean and spread of the columns of `train`."""
    mean = train.mean(dim=0)
    spread = train.std(dim=0, correction=0)
    return (train - mean) / spread, (new - mean) / spread


def _standardise_by(train, new, mean, spread):
    return (train - mean) / spread, (new - mean) / spread


def _standardise_each_by_its_own(train, new):
    return standardise(train, train)[0], standardise(new, new)[0]


def _standardise_all_columns_together(train, new):
    return _standardise_by(train, new, train.mean(), train.std(correction=0))


def _standardise_by_variance(train, new):
    spread = train.var(dim=0, correction=0)
    return _standardise_by(train, new, train.mean(dim=0), spread)


def _standardise_with_correction(train, new):
    return _standardise_by(train, new, train.mean(dim=0), train.std(dim=0))


def _standardise_mean_only(train, new):
    return train - train.mean(dim=0), new - train.mean(dim=0)


def _standardise_by_both_tables(train, new):
    both = torch.cat([train, new])
    return _standardise_by(train, new, both.mean(dim=0), both.std(dim=0, correction=0))


def _standardise_cases(make):
    offset, scale = make.tensor([7.0, -20, 0]), make.tensor([2.0, 10, 0.1])
    return [
        (offset + scale * make.normal(8, 3), offset + scale * make.normal(5, 3)),
        (make.normal(4, 2) + 3, 2 * make.normal(3, 2)),
    ]


# --- Logistic regression ------------------------------------------------------------


def logistic_gradient(X, t, w, b):
    """Return the gradients of the mean binary cross-entropy for w and b."""
    dz = (torch.sigmoid(X @ w + b) - t) / len(X)  # (N,)
    return X.T @ dz, dz.sum()


def _logistic_flipped(X, t, w, b):
    dw, db = logistic_gradient(X, t, w, b)
    return -dw, -db


def _logistic_summed(X, t, w, b):
    dw, db = logistic_gradient(X, t, w, b)
    return len(X) * dw, len(X) * db


def _logistic_slope_of_sigmoid(X, t, w, b):
    p = torch.sigmoid(X @ w + b)
    dz = (p - t) * p * (1 - p) / len(X)
    return X.T @ dz, dz.sum()


def _logistic_without_sigmoid(X, t, w, b):
    dz = (X @ w + b - t) / len(X)
    return X.T @ dz, dz.sum()


def _logistic_factor_two(X, t, w, b):
    dw, db = logistic_gradient(X, t, w, b)
    return 2 * dw, 2 * db


def _logistic_mean_of_w(X, t, w, b):
    dz = torch.sigmoid(X @ w + b) - t
    return (X * dz[:, None]).mean(), dz.mean()


def _logistic_cases(make):
    return [
        (make.normal(4, 2), make.tensor([0, 1, 1, 0]), make.normal(2), make.normal()),
        (make.normal(3, 3), make.tensor([1, 1, 0]), make.normal(3), make.normal()),
        (make.normal(1, 5), make.tensor([1]), make.normal(5), make.normal()),
    ]


# --- The largest learning rate ------------------------------------------------------


def largest_lr(X):
    """Return the learning rate at the edge for mean((X @ w - t)**2)."""
    curvatures = torch.linalg.eigvalsh(2 * X.T @ X / len(X))  # the smallest first
    return 2 / curvatures[-1].item()


def _lr_without_mean(X):
    return largest_lr(X) / len(X)


def _lr_without_two(X):
    return 2 * largest_lr(X)


def _lr_of_one_jump(X):
    return largest_lr(X) / 2


def _lr_of_the_flattest(X):
    return 2 / torch.linalg.eigvalsh(2 * X.T @ X / len(X))[0].item()


def _lr_of_all_together(X):
    return 2 / (2 * X.T @ X / len(X)).trace().item()


def _lr_of_the_diagonal(X):
    return 2 / (2 * X.T @ X / len(X)).diagonal().max().item()


# --- Broken loops -------------------------------------------------------------------


def loop_a(x, t, lr, num_steps):
    """Mended: the error is output minus target, so the gradient points uphill."""
    w = b = torch.zeros_like(x[0])
    for _ in range(num_steps):
        e = w * x + b - t
        dw = 2 * (e * x).mean()
        db = 2 * e.mean()
        w = w - lr * dw
        b = b - lr * db
    return w, b


def loop_b(x, t, lr, num_steps):
    """Mended: the mean over the examples does not grow with their number."""
    w = b = torch.zeros_like(x[0])
    for _ in range(num_steps):
        e = w * x + b - t
        dw = 2 * (e * x).mean()
        db = 2 * e.mean()
        w = w - lr * dw
        b = b - lr * db
    return w, b


def _loop(x, t, lr, num_steps, w_factor=1.0, b_factor=1.0):
    w = b = torch.zeros_like(x[0])
    for _ in range(num_steps):
        dw, db = _line_gradient(x, t, w, b)
        w, b = w - lr * w_factor * dw, b - lr * b_factor * db
    return w, b


def _loop_a_broken(x, t, lr, num_steps):
    return _loop(x, t, lr, num_steps, -1.0, -1.0)


def _loop_a_only_w_mended(x, t, lr, num_steps):
    return _loop(x, t, lr, num_steps, 1.0, -1.0)


def _loop_a_only_b_mended(x, t, lr, num_steps):
    return _loop(x, t, lr, num_steps, -1.0, 1.0)


def _loop_b_broken(x, t, lr, num_steps):
    return _loop(x, t, lr, num_steps, len(x), len(x))


def _loop_b_only_w_mended(x, t, lr, num_steps):
    return _loop(x, t, lr, num_steps, 1.0, len(x))


def _loop_b_only_b_mended(x, t, lr, num_steps):
    return _loop(x, t, lr, num_steps, len(x), 1.0)


def _loop_cases(make):
    return [
        (make.normal(6), make.normal(6), 0.1, 5),
        (make.normal(3) + 1, make.normal(3), 0.05, 3),
    ]


EXERCISES = {
    "one_step": Exercise(
        title="One step",
        solution=one_step,
        cases=_step_cases,
        wrong=(
            Wrong(
                _step_uphill,
                "This step goes uphill. The gradient points where the loss rises: "
                "subtract it (and the error is output minus target).",
            ),
            Wrong(
                _step_summed,
                "This is the gradient of the sum. The loss is a mean: use `.mean()`, or "
                "the step grows with the number of examples.",
            ),
            Wrong(
                _step_without_factor_two,
                "Half of the gradient: the slope of `e**2` is `2 * e`, not `e`.",
            ),
            Wrong(
                _step_one_after_the_other,
                "w is right. But the slope for b was measured after w had moved: "
                "compute both slopes first, at the same place, then move both.",
            ),
            Wrong(
                _step_without_input,
                "b is right. The slope for w lacks the input: an error counts for w "
                "times the x that w was multiplied by, `(e * x).mean()`.",
            ),
            Wrong(
                _step_gradient_only,
                "This is the gradient, and it is right. Now take the step: "
                "`w - lr * dw`, and b likewise.",
            ),
            Wrong(
                _step_without_lr,
                "The learning rate is missing: `lr` times the gradient is the step.",
            ),
        ),
        hints=(
            "The four lines in the loop of the lesson, without the loop: errors, two "
            "slopes, two new values.",
            "`e = w * x + b - t`, then `dw = 2 * (e * x).mean()` and "
            "`db = 2 * e.mean()`; return `w - lr * dw, b - lr * db`.",
        ),
    ),
    "numeric_gradient": Exercise(
        title="A numeric gradient",
        solution=numeric_gradient,
        cases=_numeric_cases,
        wrong=(
            Wrong(
                _numeric_one_sided,
                "These are one-sided nudges. Two sides make the truncation far "
                "smaller: `(f(w + nudge) - f(w - nudge)) / (2 * h)`.",
            ),
            Wrong(
                _numeric_half_run,
                "Twice the slope: from `w - h` to `w + h` the run is `2 * h`.",
            ),
            Wrong(
                _numeric_rise_only,
                "This is the rise. A slope is rise over run: divide by `2 * h`.",
            ),
            Wrong(
                _numeric_all_at_once,
                "All entries were nudged together, so their slopes are added up. A "
                "partial derivative moves one entry and leaves the others alone.",
            ),
            Wrong(
                _numeric_flat,
                "The numbers are right, but they come as a flat list. A gradient has "
                "the shape of what it belongs to: start from `torch.zeros_like(w)`.",
            ),
            Wrong(
                _numeric_nudges_stay,
                "A nudge is not taken back: every entry after the first is measured at "
                "a place that has moved, and `w` is changed for the caller. Work on a "
                "copy, or nudge with a tensor of zeros that has `h` in one place.",
            ),
        ),
        hints=(
            "Go through the entries one by one. `tensor.view(-1)[i]` is entry i of a "
            "tensor of any shape, to read and to write.",
            "`nudge = torch.zeros_like(w)`, `nudge.view(-1)[i] = h`; then the slope is "
            "`(f(w + nudge) - f(w - nudge)) / (2 * h)`.",
        ),
    ),
    "minibatches": Exercise(
        title="Deal out mini-batches",
        solution=minibatches,
        judge=judge_minibatches,
        wrong=(
            Wrong(
                _batches_in_order,
                "Nothing is shuffled. If the examples are sorted, every batch is "
                "one-sided: take them in the order of `torch.randperm(len(inputs))`.",
            ),
            Wrong(
                _batches_two_orders,
                "Inputs and targets were shuffled separately, so the model learns from "
                "wrong pairs. Draw one order and use it for both.",
            ),
            Wrong(
                _batches_without_the_rest,
                "The last, smaller batch is lost: let `start` run over "
                "`range(0, len(inputs), batch_size)`; a slice may end early.",
            ),
            Wrong(
                _batches_with_replacement,
                "Drawn with replacement. In an epoch each example comes exactly once: "
                "shuffle with `torch.randperm`, not `torch.randint`.",
            ),
            Wrong(
                _batches_of_neighbours,
                "The batches change places, but each still holds the same neighbours. "
                "Shuffle the examples first, then cut.",
            ),
            Wrong(
                _batches_same_order_each_epoch,
                "The order is the same in each epoch. Draw a new one at every call, "
                "without a fixed seed.",
            ),
        ),
        hints=(
            "Shuffle the numbers 0 to N - 1 once (`torch.randperm`), cut this list into "
            "pieces, and use each piece as an index into both tensors.",
            "`order = torch.randperm(len(inputs))`, and for each start: "
            "`chosen = order[start : start + batch_size]`, "
            "`yield inputs[chosen], targets[chosen]`.",
        ),
    ),
    "standardise": Exercise(
        title="Standardise, and use the same numbers again",
        solution=standardise,
        cases=_standardise_cases,
        wrong=(
            Wrong(
                _standardise_each_by_its_own,
                "`new` was measured by its own mean and spread, so the same number "
                "means two different things in the two tables. Use those of `train`.",
            ),
            Wrong(
                _standardise_by_both_tables,
                "Mean and spread come from both tables. New examples are not known "
                "while you train: take the numbers from `train` alone.",
            ),
            Wrong(
                _standardise_all_columns_together,
                "One mean for the whole table mixes the units of the columns: use "
                "`dim=0`.",
            ),
            Wrong(
                _standardise_by_variance,
                "Divided by the variance. The standard deviation, its square root, has "
                "the unit of the column: `.std(dim=0, correction=0)`.",
            ),
            Wrong(
                _standardise_with_correction,
                "Nearly: `.std` divides by N - 1 unless told otherwise, and the mean "
                "square is then not exactly 1. Pass `correction=0`.",
            ),
            Wrong(
                _standardise_mean_only,
                "The mean is gone, the scale is still there: divide by the standard "
                "deviation of each column as well.",
            ),
        ),
        hints=(
            "Two numbers for each column, both from `train`. Broadcasting subtracts a "
            "row of means from every row of a table.",
            "`mean = train.mean(dim=0)`, `spread = train.std(dim=0, correction=0)`; then "
            "`(train - mean) / spread` and `(new - mean) / spread`.",
        ),
    ),
    "logistic_gradient": Exercise(
        title="The gradient of logistic regression",
        solution=logistic_gradient,
        cases=_logistic_cases,
        wrong=(
            Wrong(
                _logistic_flipped,
                "The sign is turned round: this points downhill. If p is too large, the "
                "loss rises with z, so the slope is `p - t`.",
            ),
            Wrong(
                _logistic_summed,
                "This is the gradient of the sum. The loss is a mean over N examples: "
                "divide by `len(X)`.",
            ),
            Wrong(
                _logistic_slope_of_sigmoid,
                "The factor `p * (1 - p)` belongs to the squared error. With "
                "cross-entropy it cancels: the slope for the logit is `p - t` alone.",
            ),
            Wrong(
                _logistic_without_sigmoid,
                "The logit was compared with the label. Turn it into a probability "
                "first: `torch.sigmoid(X @ w + b)`.",
            ),
            Wrong(
                _logistic_factor_two,
                "Twice the gradient: the 2 belongs to the squared error. The slope of "
                "the cross-entropy for the logit is `p - t`.",
            ),
            Wrong(
                _logistic_mean_of_w,
                "The slopes of all weights were averaged into one number. Average over "
                "the examples only: `X.T @ dz`, shape (n,).",
            ),
        ),
        hints=(
            "A nudge of weight j moves the logit of example i by `X[i, j]` times as "
            "much, a nudge of b by as much. So multiply p - t by that, and average.",
            "`dz = (torch.sigmoid(X @ w + b) - t) / len(X)`, then `X.T @ dz` and "
            "`dz.sum()`.",
        ),
    ),
    "largest_lr": Exercise(
        title="The edge of a regression",
        solution=largest_lr,
        cases=lambda make: [
            (make.normal(20, 3) + 1,),
            (make.tensor([[1.0, 2], [3, 1], [0, 2], [1, -1], [2, 2]]),),
            (make.normal(7, 2) * make.tensor([1.0, 5]) + 0.5,),
        ],
        tolerance=(1e-4, 1e-7),
        wrong=(
            Wrong(
                _lr_without_mean,
                "This is the edge for the sum of squares. For the mean the curvatures "
                "are N times smaller: divide by `len(X)`.",
            ),
            Wrong(
                _lr_without_two,
                "Twice too far, and it diverges: the slope of a square brings a factor "
                "2, so the table of curvatures is `2 * X.T @ X / len(X)`.",
            ),
            Wrong(
                _lr_of_one_jump,
                "1/c is the rate that reaches the bottom of a parabola in one step. The "
                "edge is twice that.",
            ),
            Wrong(
                _lr_of_the_flattest,
                "This is the edge of the flattest direction. The steepest one diverges "
                "first: take the largest curvature, the last entry of `eigvalsh`.",
            ),
            Wrong(
                _lr_of_all_together,
                "The trace adds all curvatures up. That is safe, but lower than the "
                "edge: only the largest one decides.",
            ),
            Wrong(
                _lr_of_the_diagonal,
                "The diagonal holds the curvatures along the single weights. A slanted "
                "direction can be steeper: `torch.linalg.eigvalsh` finds it.",
            ),
        ),
        hints=(
            "In the lesson `line_curvatures` builds the table of curvatures. Here `X` "
            "has its columns already. Which of its curvatures sets the edge?",
            "`torch.linalg.eigvalsh(2 * X.T @ X / len(X))` gives the curvatures, the "
            "largest last; the edge is 2 divided by it.",
        ),
    ),
    "loop_a": Exercise(
        title="Broken loop A",
        solution=loop_a,
        cases=_loop_cases,
        wrong=(
            Wrong(
                _loop_a_broken,
                "Still uphill. `dw` and `db` are built from `e`; what is the sign of "
                "`e` when the output is too large, and what would lower the loss?",
            ),
            Wrong(
                _loop_a_only_w_mended,
                "w goes downhill now, b still uphill. The mistake is in a line that "
                "both share: mend it there.",
            ),
            Wrong(
                _loop_a_only_b_mended,
                "b goes downhill now, w still uphill. The mistake is in a line that "
                "both share: mend it there.",
            ),
        ),
        hints=(
            "A smaller rate that explodes later is not beyond the edge; it walks in the "
            "wrong direction. Which lines decide about the direction?",
            "The error is output minus target: `e = w * x + b - t`. (Or keep it, and add "
            "the steps; but then `dw` is no gradient any more.)",
        ),
    ),
    "loop_b": Exercise(
        title="Broken loop B",
        solution=loop_b,
        cases=_loop_cases,
        wrong=(
            Wrong(
                _loop_b_broken,
                "The step still grows with the number of examples. What in the formula "
                "of the gradient should have kept it in bounds?",
            ),
            Wrong(
                _loop_b_only_w_mended,
                "`dw` is a mean now, `db` is still a sum: mend both.",
            ),
            Wrong(
                _loop_b_only_b_mended,
                "`db` is a mean now, `dw` is still a sum: mend both.",
            ),
        ),
        hints=(
            "A hundred times the nights, a hundred times smaller rates: something in "
            "the step is proportional to the number of examples.",
            "`.mean()` in the place of `.sum()`, for both slopes.",
        ),
    ),
}

QUIZZES = {
    "sign": Quiz(
        "At some weight the slope of the loss is -4, and the learning rate is 0.1. What "
        "does the step do?",
        (
            Choice(
                "The weight grows by 0.4.",
                "Minus 0.1 times -4 is +0.4. A negative slope means that more weight "
                "is less loss.",
                right=True,
            ),
            Choice(
                "The weight shrinks by 0.4.",
                "That is a step along the slope. The rule has a minus: against it.",
            ),
            Choice(
                "The loss falls by 0.4.",
                "The step is 0.4 long, for the weight. For such a short way the loss "
                "falls by about slope times step, 4 times 0.4 = 1.6 (less if the curve "
                "bends).",
            ),
            Choice(
                "The weight becomes -0.4.",
                "The rule says by how much the weight changes, not what it becomes: the "
                "old value counts.",
            ),
        ),
    ),
    "contour": Quiz(
        "The gradient at a place is (3, 4). You take a tiny step of length 0.001 in the "
        "direction (4, -3). What happens to the loss?",
        (
            Choice(
                "It rises, by about 0.005.",
                "That is what the same step along the gradient does: its length is 5. "
                "How much of (4, -3) points along (3, 4)?",
            ),
            Choice(
                "Almost nothing.",
                "The dot product is 3 · 4 - 4 · 3 = 0: the step runs along the contour "
                "line. What is left is smaller than any slope can show.",
                right=True,
            ),
            Choice(
                "It falls, because of the minus in (4, -3).",
                "One part of the step lowers the loss, the other raises it. Add them "
                "up: 3 · 4 + 4 · (-3).",
            ),
        ),
    ),
    "smaller_h": Quiz(
        "The error of a measured slope, for nudges from h = 0.1 down to 10⁻¹⁵. What "
        "happens as h gets smaller?",
        (
            Choice(
                "The error falls all the way: the slope is the limit for h to 0.",
                "On paper. A computer keeps 16 digits of each value, and two values "
                "that are almost equal leave almost no digits in their difference.",
            ),
            Choice(
                "The error falls, and from some h on it rises again.",
                "Less bending inside the nudge, but fewer digits left in the "
                "difference: there is a best h in between.",
                right=True,
            ),
            Choice(
                "The error stays the same; only the time changes.",
                "Two values of the function are needed whatever h is. But the curve "
                "bends within a large nudge, so h does matter.",
            ),
        ),
    ),
    "edge": Quiz(
        "Exactly at the edge, η = 2/c: the factor 1 - ηc is -1. What does the walk on "
        "the parabola do?",
        (
            Choice(
                "It converges, slowly.",
                "Slowly would be a factor such as -0.99. With -1 the distance is the "
                "same after each step.",
            ),
            Choice(
                "It diverges, slowly.",
                "That needs a factor below -1, such as -1.01: then each jump is a "
                "little longer than the last.",
            ),
            Choice(
                "It jumps between two points forever.",
                "The distance changes its sign at each step and keeps its size.",
                right=True,
            ),
            Choice(
                "It reaches the lowest point in one step.",
                "That is η = 1/c, in the middle of the range, where the factor is 0.",
            ),
        ),
    ),
    "hours": Quiz(
        "With the inputs `hours - 7` and learning rate 0.1 the loop converged in some "
        "60 steps. Now the inputs are the hours themselves, 4 to 10. What will the same "
        "loop do?",
        (
            Choice(
                "The same: it is the same data.",
                "The lines and the data are the same, but each slope for w is "
                "multiplied by inputs around 7 now. The landscape has changed.",
            ),
            Choice(
                "Converge, but to another line.",
                "There is only one lowest point, and it stands for the same line. The "
                "question is whether the walk gets there.",
            ),
            Choice(
                "Diverge.",
                "The inputs are larger, so the curvature is much larger, and 0.1 is "
                "beyond the edge 2/c.",
                right=True,
            ),
        ),
    ),
    "standardise": Quiz(
        "A model has two inputs: the age of a house in years (0 to 100) and its area in "
        "square centimetres (up to 3,000,000). You train it by gradient descent, "
        "without standardising. What do you see?",
        (
            Choice(
                "The learning rate must be tiny because of the area, and with it the "
                "weight of the age hardly moves.",
                "The curvature grows with the square of an input. The area sets the "
                "edge, and the age has to live with it: a ravine.",
                right=True,
            ),
            Choice(
                "The area gets the larger weight, because its numbers are larger.",
                "The other way round: to have the same effect, a large input needs a "
                "small weight.",
            ),
            Choice(
                "No difference: the weights can make up for any units.",
                "They can, and the best line is the same. But how long it takes to "
                "find them depends on the units.",
            ),
        ),
    ),
    "four_times": Quiz(
        "The gradients of mini-batches scatter around the full gradient. You use "
        "batches four times as large. What happens to the spread?",
        (
            Choice(
                "It becomes a quarter.",
                "That would be 1/B. The errors of the single examples cancel only "
                "partly, because they are random.",
            ),
            Choice(
                "It becomes half.",
                "A mean of B random values scatters like 1/√B, and √4 = 2.",
                right=True,
            ),
            Choice(
                "It stays, but the mean gets nearer to the full gradient.",
                "The mean of many such gradients is the full one for every batch size. "
                "What changes is how far a single one is off.",
            ),
        ),
    ),
    "epoch": Quiz(
        "1,000 examples, batches of 32, the last one smaller. How many steps does an "
        "epoch take?",
        (
            Choice(
                "1",
                "One step for an epoch is full-batch gradient descent. Here each batch "
                "makes a step.",
            ),
            Choice(
                "31",
                "31 · 32 = 992: eight examples would never be seen. They make a last, "
                "smaller batch.",
            ),
            Choice(
                "32",
                "31 full batches and one of 8 examples.",
                right=True,
            ),
            Choice(
                "1,000",
                "That is batch size 1. Here 32 examples share a step.",
            ),
        ),
    ),
    "random_valleys": Quiz(
        "Random flat places with 10 parameters: 50,000 random Hessians. By coins, one "
        "in 1,024 would curve up in all directions, about 49 of them. How many will the "
        "cell find?",
        (
            Choice(
                "About 49",
                "That holds if the directions have nothing to do with each other. In a "
                "full table they are coupled, and coupling pushes the curvatures apart.",
            ),
            Choice(
                "Hundreds",
                "Coupling would have to help. It does the opposite: it spreads the "
                "curvatures, and the smallest one ends up below zero.",
            ),
            Choice(
                "None",
                "Coupling spreads the curvatures so far that the smallest is below "
                "zero, in practice always.",
                right=True,
            ),
        ),
    ),
    "zero_start": Quiz(
        "All 25 parameters start at zero. Look at the two formulas for the slopes: "
        "which parameters move in the first step?",
        (
            Choice(
                "All of them",
                "With all weights zero, every activation is tanh(0) = 0. What does "
                "that do to the slope 2 e a of an outer weight?",
            ),
            Choice(
                "Only the outer weights and the outer bias",
                "The slope of an outer weight is 2 e a, and every a is tanh(0) = 0.",
            ),
            Choice(
                "Only the outer bias",
                "Outer weights have slope 2 e a with a = 0. Inner ones have a factor W₂ "
                "= 0. Only 2 e for b₂ is left, now and in every later step.",
                right=True,
            ),
            Choice(
                "Only the inner weights and biases",
                "Their slopes contain the factor W₂, the outer weight, which is 0.",
            ),
        ),
    ),
}
