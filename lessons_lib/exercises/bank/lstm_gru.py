"""Exercises of the lesson sequences/lstm_gru."""

import math

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- LSTM step ----------------------------------------------------------------------


def my_lstm_step(x, h, c, W, U, b):
    """Return the new h and the new c, both (B, H)."""
    i, f, g, o = (x @ W + h @ U + b).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, c


def _lstm_variant(x, h, c, W, U, b, *, order="ifgo", old=False, squash=True, swap=False):
    parts = dict(zip(order, (x @ W + h @ U + b).chunk(4, dim=1), strict=True))
    i, f, o = (torch.sigmoid(parts[name]) for name in "ifo")
    g = torch.tanh(parts["g"])
    before = c
    c = f * c + i * g
    shown = before if old else c
    h = o * (torch.tanh(shown) if squash else shown)
    return (c, h) if swap else (h, c)


def _lstm_other_order(x, h, c, W, U, b):
    return _lstm_variant(x, h, c, W, U, b, order="ifog")


def _lstm_swapped_gates(x, h, c, W, U, b):
    return _lstm_variant(x, h, c, W, U, b, order="figo")


def _lstm_shows_old(x, h, c, W, U, b):
    return _lstm_variant(x, h, c, W, U, b, old=True)


def _lstm_unsquashed(x, h, c, W, U, b):
    return _lstm_variant(x, h, c, W, U, b, squash=False)


def _lstm_returns_swapped(x, h, c, W, U, b):
    return _lstm_variant(x, h, c, W, U, b, swap=True)


# --- GRU step -----------------------------------------------------------------------


def my_gru_step(x, h, W, U, b_in, b_state):
    """Return the new h (B, H)."""
    x_r, x_z, x_n = (x @ W + b_in).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ U + b_state).chunk(3, dim=1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)  # the second bias of n stands inside the gate
    return z * h + (1 - z) * n


def _gru_variant(x, h, W, U, b_in, b_state, *, flip=False, swap=False, how="after"):
    x_r, x_z, x_n = (x @ W + b_in).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ U + b_state).chunk(3, dim=1)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    r, z = (z, r) if swap else (r, z)
    size = h.shape[1]
    if how == "before":
        n = torch.tanh(x_n + (r * h) @ U[:, 2 * size :] + b_state[2 * size :])
    elif how == "never":
        n = torch.tanh(x_n + h_n)
    elif how == "outside":
        bias = b_state[2 * size :]
        n = torch.tanh(x_n + r * (h_n - bias) + bias)
    else:
        n = torch.tanh(x_n + r * h_n)
    return (1 - z) * h + z * n if flip else z * h + (1 - z) * n


def _gru_flipped(x, h, W, U, b_in, b_state):
    return _gru_variant(x, h, W, U, b_in, b_state, flip=True)


def _gru_swapped(x, h, W, U, b_in, b_state):
    return _gru_variant(x, h, W, U, b_in, b_state, swap=True)


def _gru_reset_first(x, h, W, U, b_in, b_state):
    return _gru_variant(x, h, W, U, b_in, b_state, how="before")


def _gru_never_resets(x, h, W, U, b_in, b_state):
    return _gru_variant(x, h, W, U, b_in, b_state, how="never")


def _gru_bias_outside(x, h, W, U, b_in, b_state):
    return _gru_variant(x, h, W, U, b_in, b_state, how="outside")


def _gru_cases(make):
    return [
        tuple(make.normal(*shape) for shape in
              [(batch, features), (batch, size), (features, 3 * size),
               (size, 3 * size), (3 * size,), (3 * size,)])
        for batch, features, size in [(4, 2, 3), (1, 3, 2)]
    ]


# --- A seasonal baseline ------------------------------------------------------------


def seasonal_naive(series, season, horizon):
    """Return the next `horizon` values: the last season, repeated."""
    last = series[-season:]
    return last[torch.arange(horizon) % season]


def _naive_last_value(series, season, horizon):
    return series[-1:].repeat(horizon)


def _naive_cut(series, season, horizon):
    return series[-season:][:horizon]


def _naive_last_values(series, season, horizon):
    return series[-horizon:]


def _naive_shifted(series, season, horizon):
    last = series[-season:]
    return last[(torch.arange(horizon) + 1) % season]


def _naive_first_season(series, season, horizon):
    return series[:season][torch.arange(horizon) % season]


# --- Parameters ---------------------------------------------------------------------


def count_params(kind, in_features, hidden_dim):
    """Return the number of parameters of nn.RNN, nn.GRU or nn.LSTM."""
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    return gates * hidden_dim * (in_features + hidden_dim + 2)  # two biases


def _count_one_bias(kind, in_features, hidden_dim):
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    return gates * hidden_dim * (in_features + hidden_dim + 1)


def _count_no_bias(kind, in_features, hidden_dim):
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    return gates * hidden_dim * (in_features + hidden_dim)


def _count_gates_only(kind, in_features, hidden_dim):
    gates = {"RNN": 0, "GRU": 2, "LSTM": 3}[kind]
    return gates * hidden_dim * (in_features + hidden_dim + 2)


def _count_no_state(kind, in_features, hidden_dim):
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    return gates * hidden_dim * (in_features + 2)


def _count_ungated(kind, in_features, hidden_dim):
    return hidden_dim * (in_features + hidden_dim + 2)


# --- A bias for a distance ----------------------------------------------------------


def forget_bias(num_steps):
    """Return b with sigmoid(b) ** num_steps = 1/2."""
    f = 0.5 ** (1 / num_steps)
    return math.log(f / (1 - f))


def _bias_is_gate(num_steps):
    return 0.5 ** (1 / num_steps)


def _bias_divided(num_steps):
    f = 1 - 0.5 / num_steps
    return math.log(f / (1 - f))


def _bias_sign(num_steps):
    f = 0.5 ** (1 / num_steps)
    return math.log((1 - f) / f)


def _bias_one_over_steps(num_steps):
    f = 1 - 1 / (num_steps + 1)
    return math.log(f / (1 - f))


EXERCISES = {
    "lstm_step": Exercise(
        title="LSTM step",
        solution=my_lstm_step,
        cases=lambda make: [
            tuple(make.normal(*shape) for shape in
                  [(batch, features), (batch, size), (batch, size),
                   (features, 4 * size), (size, 4 * size), (4 * size,)])
            for batch, features, size in [(4, 2, 3), (1, 3, 2)]
        ],
        gradient=True,
        wrong=(
            Wrong(_lstm_other_order, "The order is i, f, g, o: the third part is the "
                  "candidate with tanh, the fourth the output gate."),
            Wrong(_lstm_swapped_gates, "Input and forget gate are swapped. PyTorch "
                  "stores i first, then f."),
            Wrong(_lstm_shows_old, "h shows the memory before this step. Compute the "
                  "new c first, then `h = o * tanh(c)`."),
            Wrong(_lstm_unsquashed, "A tanh is missing: `h = o * tanh(c)`."),
            Wrong(_lstm_returns_swapped, "Both are right, in the other order: return "
                  "`h, c`."),
        ),
        hints=(
            "One sum for all four, `x @ W + h @ U + b`, cut with `chunk(4, dim=1)`. "
            "Three parts get a sigmoid, the candidate a tanh.",
            "`c = f.sigmoid() * c + i.sigmoid() * g.tanh()`, then "
            "`h = o.sigmoid() * c.tanh()`.",
        ),
    ),
    "gru_step": Exercise(
        title="GRU step",
        solution=my_gru_step,
        cases=_gru_cases,
        gradient=True,
        wrong=(
            Wrong(_gru_flipped, "z weighs the *old* state in PyTorch: "
                  "`z * h + (1 - z) * n`."),
            Wrong(_gru_swapped, "Reset and update gate are swapped. The order is "
                  "r, z, n."),
            Wrong(_gru_reset_first, "This is the printed paper's form, with the gate "
                  "before the matrix. In PyTorch it is `r * (h @ U_n + b_n')`."),
            Wrong(_gru_never_resets, "The reset gate is computed and not used: the "
                  "candidate needs `r` times the part that comes from the state."),
            Wrong(_gru_bias_outside, "The second bias of n stands inside the gate: "
                  "r multiplies `h @ U_n + b_state_n` as a whole."),
        ),
        hints=(
            "Cut two things in three: what comes from x (with b_in), and what comes "
            "from h (with b_state). Only the n parts are not added right away.",
            "`n = torch.tanh(x_n + r * h_n)` and `h = z * h + (1 - z) * n`.",
        ),
    ),
    "seasonal_naive": Exercise(
        title="A seasonal baseline",
        solution=seasonal_naive,
        cases=lambda make: [
            (make.normal(30), 12, 12),
            (make.normal(20), 7, 3),
            (make.normal(9), 4, 10),
        ],
        wrong=(
            Wrong(_naive_last_value, "This repeats the last value. The baseline takes "
                  "the value one season before each."),
            Wrong(_naive_cut, "A horizon longer than a season gets too few values: "
                  "repeat the last season."),
            Wrong(_naive_last_values, "These are the last `horizon` values. They fit "
                  "only where the horizon is exactly one season."),
            Wrong(_naive_shifted, "One step off: the first forecast is the value "
                  "exactly one season before it, `series[-season]`."),
            Wrong(_naive_first_season, "This is the first season of the series. Take "
                  "the last."),
        ),
        hints=(
            "All forecasts come from the last `season` values. Which of them belongs to "
            "forecast number k, when k may be larger than the season?",
            "`series[-season:][torch.arange(horizon) % season]`",
        ),
    ),
    "count_params": Exercise(
        title="Parameters of a gated layer",
        solution=count_params,
        cases=lambda make: [("RNN", 3, 5), ("GRU", 3, 5), ("LSTM", 3, 5),
                            ("LSTM", 100, 64), ("GRU", 1, 1)],
        wrong=(
            Wrong(_count_one_bias, "PyTorch stores two biases for each part."),
            Wrong(_count_no_bias, "The biases are missing, two for each part."),
            Wrong(_count_gates_only, "The candidate counts too: an LSTM has four parts, "
                  "a GRU three, a plain RNN one."),
            Wrong(_count_no_state, "The matrices U are missing: each part also reads the "
                  "`hidden_dim` numbers of the last state."),
            Wrong(_count_ungated, "That is a plain RNN. A GRU has three such parts, an "
                  "LSTM four."),
        ),
        hints=(
            "Each part (each gate, and the candidate) has a matrix for x, a matrix for "
            "h and two biases. How many parts has each kind?",
            "`parts * hidden_dim * (in_features + hidden_dim + 2)` with 1, 3 or 4 parts.",
        ),
    ),
    "swapped": Exercise(
        title="Find the swapped gates",
        solution={"B", "D", "E"},
        wrong=(
            Wrong({"B", "E"}, "One is missing. In PyTorch z = 1 keeps the old state: "
                  "look at C and D again."),
            Wrong({"B", "C", "E"}, "C is right for PyTorch: z weighs the old state. It "
                  "is the other one of the two that is swapped."),
            Wrong({"B", "D"}, "One is missing. PyTorch's order is i, f, g, o."),
            Wrong({"A", "D", "E"}, "f keeps the old memory and i writes the candidate: "
                  "look at A and B again."),
            Wrong({"B", "D", "E", "F"}, "F is right: the output gate times tanh of the "
                  "cell state."),
        ),
        hints=(
            "Write down for each gate what it multiplies: the old memory, or what is "
            "new? And the orders: i, f, g, o and r, z, n.",
            "Three lines are wrong, one about the LSTM's gates, one about the GRU's, "
            "one about the order.",
        ),
    ),
    "forget_bias": Exercise(
        title="A bias for a distance",
        solution=forget_bias,
        cases=lambda make: [(1,), (10,), (100,), (7,)],
        wrong=(
            Wrong(_bias_is_gate, "This is the value of the gate. The bias is where the "
                  "sigmoid takes this value: log(f / (1 - f))."),
            Wrong(_bias_divided, "The shares multiply: f to the power of the number of "
                  "steps is one half. This takes an equal part off at each step."),
            Wrong(_bias_sign, "The sign is turned: a gate above one half needs a "
                  "positive bias."),
            Wrong(_bias_one_over_steps, "Nearly: this leaves about 1/e, not one half. "
                  "Take the root: f = 0.5 ** (1 / num_steps)."),
        ),
        hints=(
            "Which share f, multiplied with itself num_steps times, gives one half? And "
            "which b gives sigmoid(b) = f?",
            "`f = 0.5 ** (1 / num_steps)`, then `math.log(f / (1 - f))`.",
        ),
    ),
}

QUIZZES = {
    "plain": Quiz(
        "The plain recurrent network trains on rows of 50 to 200 steps. What will its "
        "error be at 50 steps, the shortest?",
        (
            Choice("Near 0: 50 steps are few", "They are few for us. The gradient has "
                   "been multiplied by about 0.6 fifty times."),
            Choice("About 0.167, as if it ignored its input", "Right: the gradient from "
                   "the marked steps does not arrive.", right=True),
            Choice("Above 1: it becomes unstable", "The gradient is clipped, and the "
                   "states are held by tanh. It is stable, and learns nothing."),
        ),
    ),
    "additive": Quiz(
        "A memory is kept by `c = f * c + i * g` with `f = 0.9` at every step. What "
        "share of the gradient is left after 50 steps?",
        (
            Choice("All of it: adding hands the gradient on", "The sum does. But the old "
                   "memory is multiplied by f first, at every step."),
            Choice("About half a percent", "Right: 0.9 to the power of 50 is 0.005. Open "
                   "enough is nearer to 1 than one thinks.", right=True),
            Choice("0.9", "That is one step. There are 50."),
        ),
    ),
    "update_gate": Quiz(
        "In a GRU of PyTorch the update gate z of a unit is 1 for ten steps. What "
        "happens to this unit?",
        (
            Choice("It is overwritten at each step", "That is z = 0. In some books the "
                   "roles are swapped; PyTorch weighs the old state with z."),
            Choice("It keeps its value", "Right: h = 1 · h + 0 · n, whatever the "
                   "candidate is.", right=True),
            Choice("It is set to 0", "Nothing in the GRU sets a unit to 0. The reset "
                   "gate only hides the old state from the candidate."),
        ),
    ),
    "fresh": Quiz(
        "Before any training: how much farther does the gradient reach in a fresh LSTM "
        "than in a fresh plain cell?",
        (
            Choice("All the way: that is what it was made for", "Its forget gate starts "
                   "near sigmoid(0) = 0.5, and halves the memory at each step."),
            Choice("Hardly farther", "Right: half-open gates forget exponentially. They "
                   "must be opened, by a bias or by training.", right=True),
            Choice("Less far: it has more sigmoids to pass", "On the way along c there "
                   "is only the forget gate, and 0.5 is about what the plain cell has."),
        ),
    ),
    "parameters": Quiz(
        "You replace an `nn.LSTM` with 48 units by an `nn.GRU` with 64 units, same "
        "input of 16 numbers. Which has more parameters?",
        (
            Choice("The LSTM: it has four parts, the GRU three", "Count: 4 · 48 · "
                   "(16 + 48 + 2) = 12,672 against 3 · 64 · (16 + 64 + 2) = 15,744."),
            Choice("The GRU", "Right: 15,744 against 12,672. The number of units counts "
                   "squared.", right=True),
            Choice("Both the same", "Close in spirit, as 4 · 48 = 3 · 64. But each part "
                   "also reads more units."),
        ),
    ),
    "levels": Quiz(
        "The GRU learns on 1959 to 1987, where the highest value is about 352 ppm, and "
        "forecasts 1988 to 1997, which reach 367. Its error there will be",
        (
            Choice("about as in the training years", "It would be, if the test years "
                   "looked like the training years. They lie above all of them."),
            Choice("larger than that of `last value`", "Right: outside of what it has "
                   "seen its units are flat, and it stays behind.", right=True),
            Choice("smaller than that of `season and growth`", "That baseline adds the "
                   "growth explicitly. The network has to know values it never saw."),
        ),
    ),
    "honest": Quiz(
        "A paper reports: our LSTM forecasts next month's sales with an error 40 % "
        "below that of the last value. What do you want to know first?",
        (
            Choice("How many layers it has", "Interesting later. First: is 40 % much?"),
            Choice("The error of the same month last year", "Right: sales have seasons. "
                   "In our series such a baseline with growth was 73 % below the last "
                   "value, without any training.", right=True),
            Choice("Its loss on the training years", "A small training loss is what our "
                   "network on levels had, too."),
        ),
    ),
}
