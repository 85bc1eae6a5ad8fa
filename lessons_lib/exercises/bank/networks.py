"""Exercises of the lesson foundations/networks."""

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- Count parameters ---------------------------------------------------------------


def count_parameters(sizes):
    """Return the number of weights and biases of an MLP with these layer sizes."""
    total = 0
    for n, m in zip(sizes[:-1], sizes[1:], strict=True):
        total += (n + 1) * m  # m neurons, each with n weights and a bias
    return total


def _count_without_biases(sizes):
    return sum(n * m for n, m in zip(sizes[:-1], sizes[1:], strict=True))


def _count_with_biases_for_inputs(sizes):
    return _count_without_biases(sizes) + sum(sizes)


def _count_bias_on_the_wrong_side(sizes):
    return sum(n * (m + 1) for n, m in zip(sizes[:-1], sizes[1:], strict=True))


def _count_one_bias_for_each_layer(sizes):
    return _count_without_biases(sizes) + len(sizes) - 1


def _count_first_layer_only(sizes):
    return (sizes[0] + 1) * sizes[1]


# --- Forward pass -------------------------------------------------------------------


def forward(X, layers):
    """Return the outputs of an MLP with ReLU between its layers."""
    a = X
    for i, (W, b) in enumerate(layers):
        z = a @ W + b
        is_last = i == len(layers) - 1
        a = z if is_last else torch.relu(z)
    return a


def _forward_relu_on_outputs(X, layers):
    for W, b in layers:
        X = torch.relu(X @ W + b)
    return X


def _forward_without_relu(X, layers):
    for W, b in layers:
        X = X @ W + b
    return X


def _forward_relu_after_first_only(X, layers):
    for i, (W, b) in enumerate(layers):
        X = X @ W + b
        if i == 0 and len(layers) > 1:
            X = torch.relu(X)
    return X


def _forward_without_biases(X, layers):
    for i, (W, _) in enumerate(layers):
        X = X @ W
        if i < len(layers) - 1:
            X = torch.relu(X)
    return X


def _forward_bias_after_relu(X, layers):
    for i, (W, b) in enumerate(layers):
        X = X @ W
        X = (torch.relu(X) if i < len(layers) - 1 else X) + b
    return X


def _forward_transposed(X, layers):
    for i, (W, b) in enumerate(layers):
        X = X @ W.T + b
        if i < len(layers) - 1:
            X = torch.relu(X)
    return X


def _forward_cases(make):
    def network(*sizes):
        return [
            (make.normal(n, m), make.normal(m))
            for n, m in zip(sizes[:-1], sizes[1:], strict=True)
        ]

    return [
        (make.normal(4, 2), network(2, 3, 2)),
        (make.normal(5, 3), network(3, 4, 5, 2, 3)),
        (make.normal(1, 6), network(6, 1)),
    ]


# --- A bump -------------------------------------------------------------------------


def bump(x, left, right, height):
    """Return a triangle over x: 0 outside (left, right), `height` in the middle."""
    middle = (left + right) / 2
    slope = height / (middle - left)
    hinges = torch.relu(x - left) - 2 * torch.relu(x - middle) + torch.relu(x - right)
    return slope * hinges


def _bump_never_level_again(x, left, right, height):
    middle = (left + right) / 2
    hinges = torch.relu(x - left) - 2 * torch.relu(x - middle)
    return height / (middle - left) * hinges


def _bump_slope_one(x, left, right, height):
    middle = (left + right) / 2
    return torch.relu(x - left) - 2 * torch.relu(x - middle) + torch.relu(x - right)


def _bump_height_as_slope(x, left, right, height):
    return height * _bump_slope_one(x, left, right, height)


def _bump_half_as_high(x, left, right, height):
    return height / (right - left) * _bump_slope_one(x, left, right, height)


def _bump_without_factor_two(x, left, right, height):
    middle = (left + right) / 2
    hinges = torch.relu(x - left) - torch.relu(x - middle) + torch.relu(x - right)
    return height / (middle - left) * hinges


def _bump_cases(make):
    grid = torch.linspace(-3, 5, 33).to(make.device, make.dtype)
    return [
        (grid, 0.0, 2.0, 3.0),
        (grid, -2.0, 3.0, 1.5),
        (make.normal(3, 2), -1.0, -0.5, -2.0),
    ]


# --- Where can it bend? -------------------------------------------------------------


def hinges(w, b):
    """Return where the neurons ReLU(w x + b) switch, from left to right."""
    places = -b / w  # w x + b = 0
    return places.sort().values


def _hinges_wrong_sign(w, b):
    return (b / w).sort().values


def _hinges_unsorted(w, b):
    return -b / w


def _hinges_upside_down(w, b):
    return (-w / b).sort().values


def _hinges_bias_only(w, b):
    return (-b).sort().values


def _hinges_pair(w, b):
    return (-b / w).sort()


def _hinges_cases(make):
    def weights(count):  # either sign, none near zero
        signs = make.tensor([1.0, -1.0] * count)[:count]
        return make.uniform(count, low=0.5, high=2.0) * signs

    return [
        (weights(3), make.tensor([0.5, 1.5, -2.0])),
        (weights(7), make.uniform(7, low=0.3, high=1.0)),
        (weights(1), make.tensor([-0.7])),
    ]


# --- Fold it the other way ----------------------------------------------------------


def _judge_v_shape(answer):
    """Return None if the 1-2-1 network computes |2x - 1| on [0, 1], else a remedy."""
    try:
        (w1, w2), (b1, b2), (v1, v2), c = answer
        w1, w2, b1, b2, v1, v2, c = map(float, (w1, w2, b1, b2, v1, v2, c))
    except (TypeError, ValueError):
        return (
            "The answer must have four parts, `((w1, w2), (b1, b2), (v1, v2), c)`: "
            "hidden weights, hidden biases, output weights, output bias. Got "
            f"`{answer!r}`."
        )
    for i in [0, 20, 10, *range(21)]:  # the ends and the tip first
        x = i / 20
        y = v1 * max(w1 * x + b1, 0.0) + v2 * max(w2 * x + b2, 0.0) + c
        wanted = abs(2 * x - 1)
        if abs(y - wanted) > 1e-4:
            return (
                f"At x = {x:g} your network says {y:.4g}, and the V is at {wanted:g}. "
                "Write down both hidden neurons at x = 0, 0.5 and 1, and then the "
                "output."
            )
    return None


# --- As wide as you can afford ------------------------------------------------------


def affordable_width(num_inputs, depth, num_outputs, budget):
    """Return the largest width at which the MLP has at most `budget` parameters."""

    def cost(width):
        hidden_to_hidden = (depth - 1) * (width + 1) * width
        return (num_inputs + 1) * width + hidden_to_hidden + (width + 1) * num_outputs

    width = 0
    while cost(width + 1) <= budget:
        width += 1
    return width


def _largest(cost, budget):
    width = 0
    while cost(width + 1) <= budget:
        width += 1
    return width


def _width_without_biases(num_inputs, depth, num_outputs, budget):
    return _largest(
        lambda w: num_inputs * w + (depth - 1) * w * w + w * num_outputs, budget
    )


def _width_with_one_layer_more(num_inputs, depth, num_outputs, budget):
    return affordable_width(num_inputs, depth + 1, num_outputs, budget)


def _width_too_expensive(num_inputs, depth, num_outputs, budget):
    return affordable_width(num_inputs, depth, num_outputs, budget) + 1


def _width_must_be_cheaper(num_inputs, depth, num_outputs, budget):
    return affordable_width(num_inputs, depth, num_outputs, budget - 1)


def _width_at_least_one(num_inputs, depth, num_outputs, budget):
    return max(1, affordable_width(num_inputs, depth, num_outputs, budget))


def _width_cases(make):
    return [
        (2, 2, 1, 205),
        (2, 1, 1, 201),
        (784, 1, 10, 101_770),
        (784, 2, 10, 101_769),
        (3, 8, 4, 1000),
        (5, 3, 2, 9),
    ]


EXERCISES = {
    "count_parameters": Exercise(
        title="Count parameters",
        solution=count_parameters,
        cases=lambda make: [
            ([784, 128, 10],),
            ([2, 1],),
            ([3, 5, 4, 2],),
            ([150_528, 1000],),
        ],
        wrong=(
            Wrong(
                _count_without_biases,
                "These are the weights alone. Each neuron has a bias besides: m more "
                "for a layer with m neurons.",
            ),
            Wrong(
                _count_with_biases_for_inputs,
                "The inputs got biases too. They are no neurons: they compute nothing "
                "and learn nothing. Count biases for `sizes[1:]` only.",
            ),
            Wrong(
                _count_bias_on_the_wrong_side,
                "The + 1 is on the wrong side: n * (m + 1) gives a bias to each of the "
                "n inputs. It belongs to the m neurons: (n + 1) * m.",
            ),
            Wrong(
                _count_one_bias_for_each_layer,
                "One bias for each layer is too few: every neuron of the layer has its "
                "own.",
            ),
            Wrong(
                _count_first_layer_only,
                "This counts the first layer only. Go through all pairs of neighbours "
                "in `sizes`, and add up.",
            ),
        ),
        hints=(
            "Take neighbours in the list: each pair (n, m) is a layer with n inputs and "
            "m neurons. What does one neuron own?",
            "`sum((n + 1) * m for n, m in zip(sizes[:-1], sizes[1:]))`",
        ),
    ),
    "forward": Exercise(
        title="Forward pass",
        solution=forward,
        cases=_forward_cases,
        wrong=(
            Wrong(
                _forward_relu_on_outputs,
                "The last layer went through ReLU too, so no output can be negative. "
                "Leave the last one as it is.",
            ),
            Wrong(
                _forward_without_relu,
                "There is no ReLU: without a bend all the layers collapse into one. "
                "Apply `torch.relu` after each layer but the last.",
            ),
            Wrong(
                _forward_relu_after_first_only,
                "Only the first layer got its ReLU. Every hidden layer needs one: all "
                "but the last.",
            ),
            Wrong(
                _forward_without_biases,
                "The biases are missing: `a @ W + b`.",
            ),
            Wrong(
                _forward_bias_after_relu,
                "The bias is added after the ReLU. It belongs into z, before: "
                "`torch.relu(a @ W + b)`.",
            ),
            Wrong(
                _forward_transposed,
                "`W.T` is for weights stored as `nn.Linear` stores them. Here each "
                "column of W is a neuron: `a @ W + b`.",
            ),
        ),
        hints=(
            "Walk through the list with one variable that holds what the last layer "
            "said; it starts as X. How do you notice the last pair?",
            "`for i, (W, b) in enumerate(layers):` compute `z = a @ W + b`; then `a = z` "
            "if `i == len(layers) - 1`, else `a = torch.relu(z)`.",
        ),
    ),
    "bump": Exercise(
        title="A bump of your own",
        solution=bump,
        cases=_bump_cases,
        wrong=(
            Wrong(
                _bump_never_level_again,
                "Right of the bump it falls on for ever. A third hinge at `right` has "
                "to bring the slope back to 0.",
            ),
            Wrong(
                _bump_slope_one,
                "This rises with slope 1, so its height is half its length, whatever "
                "`height` says. Multiply by the slope that reaches `height`.",
            ),
            Wrong(
                _bump_height_as_slope,
                "Here `height` is the slope. It is reached only if the way up is 1 "
                "long: divide by the length of that way, `middle - left`.",
            ),
            Wrong(
                _bump_half_as_high,
                "Half as high as asked: the way up is only half of the bump, so divide "
                "by `middle - left`, not by `right - left`.",
            ),
            Wrong(
                _bump_without_factor_two,
                "In the middle the slope must change from up to down, by twice its "
                "size: the middle hinge needs the weight -2.",
            ),
        ),
        hints=(
            "The slopes of the four pieces are 0, s, -s, 0. Each hinge has the change "
            "as its weight. Which s reaches `height` on half the way?",
            "With `s = height / (middle - left)`: s times (relu(x - left) - 2 relu(x - "
            "middle) + relu(x - right)).",
        ),
    ),
    "hinges": Exercise(
        title="Where can it bend?",
        solution=hinges,
        cases=_hinges_cases,
        wrong=(
            Wrong(
                _hinges_wrong_sign,
                "The sign is wrong: a neuron switches where w x + b = 0, and solving "
                "that for x gives minus b / w.",
            ),
            Wrong(
                _hinges_unsorted,
                "The places are right, in the order of the neurons. The task asks for "
                "left to right: `.sort().values`.",
            ),
            Wrong(
                _hinges_upside_down,
                "Upside down: w x + b = 0 gives x = -b / w, not -w / b.",
            ),
            Wrong(
                _hinges_bias_only,
                "This is right only for weights of 1. In general the bias has to be "
                "divided by the weight.",
            ),
            Wrong(
                _hinges_pair,
                "`sort()` gives two things, the sorted values and where they stood. "
                "Take the first: `.values`.",
            ),
        ),
        hints=(
            "A ReLU bends where its weighted sum passes through zero. For which x is "
            "w x + b = 0?",
            "`(-b / w).sort().values`",
        ),
    ),
    "v_shape": Exercise(
        title="Fold it the other way",
        solution=((2.0, -2.0), (-1.0, 1.0), (1.0, 1.0), 0.0),
        judge=_judge_v_shape,
        wrong=(
            Wrong(
                ((1.0, 1.0), (0.0, -0.5), (2.0, -4.0), 0.0),
                "This is the tent of the lesson: it starts at 0, goes up and comes down. "
                "The V is 1 minus the tent: which two of the four parts does that "
                "change?",
            ),
            Wrong(
                ((1.0, 1.0), (0.0, -0.5), (-2.0, 4.0), 0.0),
                "The shape is right, but it starts at 0 and dips to -1. The output bias "
                "lifts everything.",
            ),
            Wrong(
                ((1.0, -1.0), (-0.5, 0.5), (1.0, 1.0), 0.0),
                "A V, but only half as high: it begins at 0.5. Double the output "
                "weights, or the hidden weights and biases.",
            ),
            Wrong(
                ((2.0, -2.0), (-1.0, 1.0), (1.0, -1.0), 0.0),
                "The two halves are subtracted and join into a straight line, 2x - 1. "
                "Add them: both output weights positive.",
            ),
        ),
        hints=(
            "Either let one neuron do the right half and the other, with a negative "
            "weight, the left half; or turn the tent upside down and lift it.",
            "Right half: ReLU(2x - 1). Left half: ReLU(-2x + 1). Add them.",
        ),
    ),
    "affordable_width": Exercise(
        title="As wide as you can afford",
        solution=affordable_width,
        cases=_width_cases,
        wrong=(
            Wrong(
                _width_without_biases,
                "The biases are not counted, so these networks cost more than the "
                "budget. A layer with n inputs and m neurons has (n + 1) * m "
                "parameters.",
            ),
            Wrong(
                _width_with_one_layer_more,
                "You count one table too many between the hidden layers: `depth` hidden "
                "layers have only `depth - 1` gaps between them.",
            ),
            Wrong(
                _width_too_expensive,
                "This is the first width that exceeds the budget. Stop one earlier.",
            ),
            Wrong(
                _width_must_be_cheaper,
                "The budget may be used up completely: compare with `<=`, not `<`.",
            ),
            Wrong(
                _width_at_least_one,
                "If even width 1 is too expensive, the answer is 0: start the search at "
                "width 0.",
            ),
        ),
        hints=(
            "Write the cost of a width as a function first: inputs to hidden, `depth - "
            "1` times hidden to hidden, hidden to outputs. Then try widths from 0 on.",
            "cost = (num_inputs + 1) * w + (depth - 1) * (w + 1) * w + (w + 1) * "
            "num_outputs; raise w while the cost of w + 1 is at most the budget.",
        ),
    ),
}

QUIZZES = {
    "shapes": Quiz(
        "A batch of 32 pictures, each a row of 784 pixels, goes through "
        "`layer = nn.Linear(784, 128)`. Which shapes have `layer.weight` and the result?",
        (
            Choice(
                "(784, 128) and (32, 128)",
                "That is our W, with one column for each neuron. `nn.Linear` stores the "
                "transpose: one row for each neuron.",
            ),
            Choice(
                "(128, 784) and (32, 128)",
                "One row for each of the 128 neurons, one column for each input. In the "
                "result the batch stays in front, and each example has 128 numbers.",
                right=True,
            ),
            Choice(
                "(128, 784) and (128, 32)",
                "The weight is right. In the result the batch stays in front: 32 rows, "
                "one for each picture.",
            ),
            Choice(
                "(32, 784) and (32, 128)",
                "The weight knows nothing about the batch: the same layer takes 32 "
                "pictures or one.",
            ),
        ),
    ),
    "parameters": Quiz(
        "A 784-128-10 network: how many numbers does it learn?",
        (
            Choice(
                "922: one for each input and each neuron.",
                "Those are the circles in the drawing. The numbers to learn sit on the "
                "lines between them, and there are many more lines.",
            ),
            Choice(
                "100,352: 784 · 128.",
                "These are the weights of the first layer. Two things are missing: the "
                "second layer, and the biases.",
            ),
            Choice(
                "101,632: 784 · 128 + 128 · 10.",
                "All the weights. Each of the 138 neurons has a bias as well.",
            ),
            Choice(
                "101,770",
                "101,632 weights and 138 biases. Short: 785 · 128 + 129 · 10.",
                right=True,
            ),
        ),
    ),
    "doubling": Quiz(
        "A 100-200-200-10 network has 62,410 parameters. You double both hidden layers: "
        "100-400-400-10. How many does it have now?",
        (
            Choice(
                "Twice as many.",
                "The first and the last layer double. But between the hidden layers both "
                "sides have doubled.",
            ),
            Choice(
                "A little more than three times as many.",
                "204,810. The table between the hidden layers grows fourfold, the two "
                "outer ones only twofold. In wide networks the fourfold wins.",
                right=True,
            ),
            Choice(
                "Four times as many.",
                "That is true of the table between the two hidden layers. The outer "
                "tables have only one side that doubled.",
            ),
        ),
    ),
    "error": Quiz(
        "A network connects points on a smooth curve by straight pieces. You double the "
        "number of pieces. What happens to the largest error?",
        (
            Choice(
                "It is halved.",
                "That would be right for steps, flat pieces. Straight pieces may tilt, "
                "and so they lie closer.",
            ),
            Choice(
                "It is divided by four.",
                "A piece half as long has a curve that bends away from it a quarter as "
                "far. The cell measures it, the text says why.",
                right=True,
            ),
            Choice(
                "It is divided by the same number as the width, squared: 16, then 64, "
                "and so on.",
                "The square is a good guess, but of the factor: two times the width, "
                "two squared. The same factor again for each doubling.",
            ),
            Choice(
                "Nothing in general: it depends on the curve.",
                "How large the error is depends on the curve. How it shrinks does not, "
                "as long as the curve is smooth.",
            ),
        ),
    ),
    "by_hand": Quiz(
        "Same network, same curve: ReLU, one hidden layer. Once its weights are set by "
        "hand, with hinges at equal distances. Once they are trained, from eight random "
        "starts. Which has the smaller error?",
        (
            Choice(
                "Training, at every width: it may put the hinges where they are needed.",
                "It may, and small networks sometimes do. Look at the right end of the "
                "plot.",
            ),
            Choice(
                "By hand, at every width.",
                "For large widths, by far. But look at the lowest dots on the left: a "
                "few hinges in good places beat a few at equal distances.",
            ),
            Choice(
                "At small widths training can win, at large widths the hand wins.",
                "Training can place few hinges better than at equal distances. But to "
                "balance many hinges to the third decimal is beyond it in this time.",
                right=True,
            ),
        ),
    ),
    "folds": Quiz(
        "Ten hidden layers of two ReLUs each, set so that every layer folds the interval "
        "from 0 to 1 once more. How many straight pieces has the output?",
        (
            Choice(
                "21: each of the 20 neurons adds a bend.",
                "So it is with 20 neurons side by side. Here a bend that a late layer "
                "makes appears in every part that the earlier ones have folded onto each "
                "other.",
            ),
            Choice(
                "100: ten times ten.",
                "Each layer does not add ten pieces, it doubles what is there.",
            ),
            Choice(
                "1,024",
                "2, 4, 8, ...: each layer doubles the number of pieces, and two to the "
                "power of 10 is 1,024.",
                right=True,
            ),
            Choice(
                "About a million.",
                "Two to the power of 20 would need 20 folds. A fold takes two neurons.",
            ),
        ),
    ),
    "pieces": Quiz(
        "One hidden layer with 5 ReLUs, one input, one output. At most how many straight "
        "pieces can its curve have?",
        (
            Choice(
                "5",
                "Five bends cut the line into one piece more than that, like five cuts "
                "in a loaf.",
            ),
            Choice(
                "6",
                "Each ReLU bends the curve at one place at most; five bends make six "
                "pieces.",
                right=True,
            ),
            Choice(
                "10",
                "Each ReLU has two pieces of its own, but in the sum it brings only one "
                "new bend.",
            ),
            Choice(
                "32",
                "Two to the power of 5 is what five folds behind each other could do. "
                "Side by side, bends only add up.",
            ),
        ),
    ),
    "width": Quiz(
        "One hidden layer learns the two spirals, with 1, 2, 4, ... 64 neurons. How does "
        "the share of right answers on fresh points change?",
        (
            Choice(
                "It rises by about the same amount with each doubling.",
                "Nearly all of the rise happens within two or three doublings. Look "
                "where it begins.",
            ),
            Choice(
                "Hardly at all at first, then steeply, then it levels off.",
                "A few lines cannot fence in a spiral, however they lie. Once there are "
                "enough, more add little but reliability.",
                right=True,
            ),
            Choice(
                "It rises, and falls again when there are too many neurons for 300 "
                "points.",
                "A sound worry: such a network could learn accidents of its points by "
                "heart. Here, with little noise, the widest does well on fresh points.",
            ),
        ),
    ),
    "depth": Quiz(
        "Spirals of three turns, networks of about 200 parameters, 800 steps. Which "
        "depth gets most of the fresh points right, judged by the median of eight?",
        (
            Choice(
                "One hidden layer of 50: it has most neurons.",
                "It has most neurons, but each adds only one soft straight border, and "
                "in 800 steps they do not find their places.",
            ),
            Choice(
                "Two or three hidden layers.",
                "The second layer bends what the first has drawn. But the more layers, "
                "the narrower each is, and the longer the way of the signal.",
                right=True,
            ),
            Choice(
                "Eight layers of five: the deeper, the better.",
                "They could fold most often, on paper. But five neurons are few, and "
                "the signal for the first layer has to come through all eight.",
            ),
            Choice(
                "All the same: the number of parameters decides.",
                "They cost the same. They do not learn the same.",
            ),
        ),
    ),
    "deep": Quiz(
        "A 784-2000-10 network has 1.6 million parameters, a 2-3-3-1 has 25. Which of "
        "them is deep, as most people use the word?",
        (
            Choice(
                "784-2000-10: it is by far the larger one.",
                "It is large and wide. It has a single hidden layer, so it is shallow.",
            ),
            Choice(
                "2-3-3-1",
                "Two hidden layers: the second builds on what the first has found. Deep "
                "says how many steps, not how much.",
                right=True,
            ),
            Choice(
                "Both: each has a hidden layer.",
                "Any network that is more than one layer of neurons has a hidden layer. "
                "Deep asks for at least two.",
            ),
            Choice(
                "Neither: deep begins at ten layers.",
                "No number is agreed. Above ten is what one survey calls very deep.",
            ),
        ),
    ),
    "promise": Quiz(
        "What does the universal approximation theorem say of a ReLU network with one "
        "hidden layer and a continuous function on the square?",
        (
            Choice(
                "If you make the layer wide enough and train long enough, the error goes "
                "to zero.",
                "It says nothing about training. Good weights exist; whether your "
                "training finds them is another question.",
            ),
            Choice(
                "For every tolerance there are a width and weights that keep within it "
                "everywhere in the square.",
                "Existence, on a closed and bounded region, at an unknown width. That is "
                "all, and it is a lot.",
                right=True,
            ),
            Choice(
                "Deep networks are never needed.",
                "One layer suffices if its width does not matter. The next section has a "
                "curve that takes 1,023 neurons in one layer, and 20 in ten.",
            ),
            Choice(
                "A network that fits the function in the square fits it outside, too.",
                "Outside it makes no promise, and a ReLU network goes on in straight "
                "lines.",
            ),
        ),
    ),
}
