"""Exercises of the lesson transformers/attention."""

import math

import torch

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- Attention ----------------------------------------------------------------------


def my_attention(q, k, v):
    """Return softmax(q kᵀ / √d) v: (..., T, d), (..., S, d), (..., S, c) to (..., T, c)."""
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return scores.softmax(dim=-1) @ v


def _attention_not_scaled(q, k, v):
    return (q @ k.transpose(-2, -1)).softmax(dim=-1) @ v


def _attention_divided_by_d(q, k, v):
    return (q @ k.transpose(-2, -1) / q.shape[-1]).softmax(dim=-1) @ v


def _attention_softmax_over_queries(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return scores.softmax(dim=-2) @ v


def _attention_scaled_after_softmax(q, k, v):
    return (q @ k.transpose(-2, -1)).softmax(dim=-1) / math.sqrt(q.shape[-1]) @ v


def _attention_root_of_length(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-2])
    return scores.softmax(dim=-1) @ v


def _attention_without_softmax(q, k, v):
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]) @ v


def _attention_multiplied(q, k, v):
    return (q @ k.transpose(-2, -1) * math.sqrt(q.shape[-1])).softmax(dim=-1) @ v


def _attention_weights_alone(q, k, v):
    return (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(dim=-1)


def _attention_all_transposed(q, k, v):
    turned = k.permute(*range(k.ndim - 1, -1, -1))  # what k.T does
    return (q @ turned / math.sqrt(q.shape[-1])).softmax(dim=-1) @ v


# --- A causal mask with a window ----------------------------------------------------


def window_mask(seq_len, window):
    """Return booleans (seq_len, seq_len): row i may look at i - window + 1 to i."""
    row = torch.arange(seq_len)[:, None]
    column = torch.arange(seq_len)[None, :]
    return (column <= row) & (column > row - window)


def _window_causal_only(seq_len, window):
    return torch.ones(seq_len, seq_len, dtype=torch.bool).tril()


def _window_one_too_wide(seq_len, window):
    age = torch.arange(seq_len)[:, None] - torch.arange(seq_len)
    return (age >= 0) & (age <= window)


def _window_one_too_narrow(seq_len, window):
    age = torch.arange(seq_len)[:, None] - torch.arange(seq_len)
    return (age >= 0) & (age < window - 1)


def _window_without_itself(seq_len, window):
    age = torch.arange(seq_len)[:, None] - torch.arange(seq_len)
    return (age > 0) & (age < window)


def _window_both_sides(seq_len, window):
    age = torch.arange(seq_len)[:, None] - torch.arange(seq_len)
    return age.abs() < window


def _window_into_the_future(seq_len, window):
    return window_mask(seq_len, window).T


def _window_hidden_is_true(seq_len, window):
    return ~window_mask(seq_len, window)


def _window_as_numbers(seq_len, window):
    return window_mask(seq_len, window).float()


# --- A padding mask from lengths ----------------------------------------------------


def padding_mask(lengths, seq_len):
    """Return booleans (B, 1, 1, seq_len), True for the first lengths[b] tokens."""
    positions = torch.arange(seq_len, device=lengths.device)
    return (positions < lengths[:, None])[:, None, None, :]


def _padding_without_heads(lengths, seq_len):
    return torch.arange(seq_len, device=lengths.device) < lengths[:, None]


def _padding_with_one_dimension(lengths, seq_len):
    return padding_mask(lengths, seq_len)[:, 0]


def _padding_one_too_many(lengths, seq_len):
    positions = torch.arange(seq_len, device=lengths.device)
    return (positions <= lengths[:, None])[:, None, None, :]


def _padding_hidden_is_true(lengths, seq_len):
    return ~padding_mask(lengths, seq_len)


def _padding_hides_rows(lengths, seq_len):
    return padding_mask(lengths, seq_len).transpose(-1, -2)


# --- Split and join -----------------------------------------------------------------


def split_heads(x, num_heads):
    """Return (B, T, embed_dim) as (B, num_heads, T, head_dim)."""
    B, T, _ = x.shape
    return x.reshape(B, T, num_heads, -1).transpose(1, 2)


def _split_by_view_alone(x, num_heads):
    B, T, _ = x.shape
    return x.reshape(B, num_heads, T, -1)


def _split_not_transposed(x, num_heads):
    B, T, _ = x.shape
    return x.reshape(B, T, num_heads, -1)


def _split_interleaved(x, num_heads):
    B, T, _ = x.shape
    return x.reshape(B, T, -1, num_heads).permute(0, 3, 1, 2)


def join_heads(heads):
    """Return (B, num_heads, T, head_dim) as (B, T, num_heads * head_dim)."""
    B, _, T, _ = heads.shape
    return heads.transpose(1, 2).reshape(B, T, -1)


def _join_by_view_alone(heads):
    B, _, T, _ = heads.shape
    return heads.reshape(B, T, -1)


def _join_by_mean(heads):
    return heads.mean(dim=1)


def _join_interleaved(heads):
    return heads.permute(0, 2, 3, 1).flatten(2)


# --- Rotary positions ---------------------------------------------------------------


def my_rotary(x, positions):
    """Turn the pairs of x (T, d) by positions (T,) times their speeds."""
    d = x.shape[-1]
    speeds = 10000.0 ** (-torch.arange(0, d, 2, device=x.device, dtype=x.dtype) / d)
    angles = torch.outer(positions.to(x.dtype), speeds)  # (T, d / 2)
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    turned = pairs * torch.polar(torch.ones_like(angles), angles)
    return torch.view_as_real(turned).flatten(-2)


def _angles(x, positions):
    d = x.shape[-1]
    speeds = 10000.0 ** (-torch.arange(0, d, 2, device=x.device, dtype=x.dtype) / d)
    return torch.outer(positions.to(x.dtype), speeds)


def _turn_pairs(x, angles):
    a, b = x[..., 0::2], x[..., 1::2]
    turned = (a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos())
    return torch.stack(turned, dim=-1).flatten(-2)


def _rotary_backwards(x, positions):
    return _turn_pairs(x, -_angles(x, positions))


def _rotary_halves(x, positions):
    a, b = x.chunk(2, dim=-1)
    angles = _angles(x, positions)
    parts = (a * angles.cos() - b * angles.sin(), a * angles.sin() + b * angles.cos())
    return torch.cat(parts, dim=-1)


def _rotary_parts_not_woven(x, positions):
    turned = _turn_pairs(x, _angles(x, positions))
    return torch.cat([turned[..., 0::2], turned[..., 1::2]], dim=-1)


def _rotary_one_speed(x, positions):
    angles = positions.to(x.dtype)[:, None].expand(-1, x.shape[-1] // 2)
    return _turn_pairs(x, angles)


def _rotary_added(x, positions):
    angles = _angles(x, positions)
    return x + torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)


def _rotary_speeds_upside_down(x, positions):
    pairs = torch.arange(0, x.shape[-1], 2, device=x.device, dtype=x.dtype)
    speeds = 10000.0 ** (pairs / x.shape[-1])
    return _turn_pairs(x, torch.outer(positions.to(x.dtype), speeds))


def _rotary_half_speeds(x, positions):
    pairs = x.shape[-1] // 2
    steps = torch.arange(pairs, device=x.device, dtype=x.dtype)
    speeds = 10000.0 ** (-steps / x.shape[-1])
    return _turn_pairs(x, torch.outer(positions.to(x.dtype), speeds))


# --- Without the table --------------------------------------------------------------


def streaming_attention(q, keys, values):
    """Return the attention of one query, reading one key and value at a time."""
    m = torch.tensor(-math.inf, dtype=q.dtype, device=q.device)  # largest score so far
    s = torch.zeros_like(m)
    y = torch.zeros_like(values[0])
    for k, v in zip(keys, values, strict=True):
        score = q @ k / math.sqrt(len(q))
        new_m = torch.maximum(m, score)
        shrink = torch.exp(m - new_m)  # what the old sums are worth now
        weight = torch.exp(score - new_m)
        s = s * shrink + weight
        y = y * shrink + weight * v
        m = new_m
    return y / s


def _streaming_overflows(q, keys, values):
    parts = (keys @ q / math.sqrt(len(q))).exp()
    return parts @ values / parts.sum()


def _streaming_never_shrinks(q, keys, values):
    m = torch.tensor(-math.inf, dtype=q.dtype, device=q.device)
    s, y = torch.zeros_like(m), torch.zeros_like(values[0])
    for k, v in zip(keys, values, strict=True):
        score = q @ k / math.sqrt(len(q))
        m = torch.maximum(m, score)
        s, y = s + torch.exp(score - m), y + torch.exp(score - m) * v
    return y / s


def _streaming_inverse_factor(q, keys, values):
    m = torch.tensor(-math.inf, dtype=q.dtype, device=q.device)
    s, y = torch.zeros_like(m), torch.zeros_like(values[0])
    for k, v in zip(keys, values, strict=True):
        score = q @ k / math.sqrt(len(q))
        new_m = torch.maximum(m, score)
        grow = torch.exp(new_m - m)  # infinite at first, and 0 * inf is NaN
        s = s * grow + torch.exp(score - new_m)
        y, m = y * grow + torch.exp(score - new_m) * v, new_m
    return y / s


def _streaming_forgets_y(q, keys, values):
    m = torch.tensor(-math.inf, dtype=q.dtype, device=q.device)
    s, y = torch.zeros_like(m), torch.zeros_like(values[0])
    for k, v in zip(keys, values, strict=True):
        score = q @ k / math.sqrt(len(q))
        new_m = torch.maximum(m, score)
        s = s * torch.exp(m - new_m) + torch.exp(score - new_m)
        y, m = y + torch.exp(score - new_m) * v, new_m
    return y / s


def _streaming_not_divided(q, keys, values):
    scores = keys @ q / math.sqrt(len(q))
    return (scores - scores.max()).exp() @ values


def _streaming_not_scaled(q, keys, values):
    return (keys @ q).softmax(dim=0) @ values


EXERCISES = {
    "attention": Exercise(
        title="Attention",
        solution=my_attention,
        cases=lambda make: [
            (make.normal(4, 3), make.normal(4, 3), make.normal(4, 3)),
            (make.normal(2, 3, 5, 8), make.normal(2, 3, 7, 8), make.normal(2, 3, 7, 2)),
            (make.normal(1, 2), make.normal(6, 2), make.normal(6, 1)),
        ],
        gradient=True,
        wrong=(
            Wrong(
                _attention_not_scaled,
                "The scores are not scaled: divide them by the root of the last "
                "dimension of q before the softmax.",
            ),
            Wrong(
                _attention_divided_by_d,
                "Divided by d. The standard deviation of a score is the root of d, so "
                "divide by `math.sqrt(q.shape[-1])`.",
            ),
            Wrong(
                _attention_softmax_over_queries,
                "The softmax runs over the queries. Each query shares out 1 among the "
                "keys, which are the last dimension of the scores: `dim=-1`.",
            ),
            Wrong(
                _attention_scaled_after_softmax,
                "Scaled after the softmax: now the weights of a row do not sum to 1. "
                "Divide the scores, then take the softmax.",
            ),
            Wrong(
                _attention_root_of_length,
                "Divided by the root of the number of keys. The scores grow with the "
                "length of the vectors, `q.shape[-1]`, not with that of the text.",
            ),
            Wrong(
                _attention_multiplied,
                "Multiplied by the root: that makes the scores still larger. Divide.",
            ),
            Wrong(
                _attention_weights_alone,
                "These are the weights. The average of the values with them is still "
                "missing: `@ v`.",
            ),
            Wrong(
                _attention_all_transposed,
                "`k.T` turns all dimensions round, those of the batch too: right for one "
                "table, wrong for many. Exchange the last two, `k.transpose(-2, -1)`.",
            ),
            Wrong(
                _attention_without_softmax,
                "The softmax is missing: scores may be negative and do not sum to 1, so "
                "this is no average. Apply `.softmax(dim=-1)` to the scores.",
            ),
        ),
        hints=(
            "Scores first: one row for each query, one column for each key. Which "
            "transpose of k makes the shapes fit, with any dimensions in front?",
            "`scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])`, then the "
            "softmax over the last dimension, then `@ v`.",
        ),
    ),
    "window_mask": Exercise(
        title="A causal mask with a window",
        solution=window_mask,
        cases=lambda make: [(5, 2), (4, 1), (6, 3), (3, 10), (1, 1)],
        wrong=(
            Wrong(
                _window_causal_only,
                "That is the causal mask. With a window, row i also loses the columns "
                "before i - window + 1.",
            ),
            Wrong(
                _window_one_too_wide,
                "One column too many: the window counts the token itself, so the oldest "
                "column that may be seen is i - window + 1.",
            ),
            Wrong(
                _window_one_too_narrow,
                "One column is missing: with window 2 a token sees itself and the one "
                "before it. The oldest column that may be seen is i - window + 1.",
            ),
            Wrong(
                _window_without_itself,
                "The diagonal is missing: a token may look at itself. Require "
                "column <= row, not column < row.",
            ),
            Wrong(
                _window_both_sides,
                "This looks to both sides: the future must stay hidden. Require "
                "column <= row as well.",
            ),
            Wrong(
                _window_into_the_future,
                "Rows and columns are exchanged: row i asks, and may look at columns "
                "up to i. Here it sees the future instead of the past.",
            ),
            Wrong(
                _window_hidden_is_true,
                "The convention is turned round: True is where a token may look.",
            ),
            Wrong(
                _window_as_numbers,
                "The numbers are right, the type is not: a mask of 0.0 and 1.0 would be "
                "added to the scores. Return booleans.",
            ),
        ),
        hints=(
            "Put the row numbers in a column of shape (T, 1) and the column numbers in a "
            "row of shape (1, T). Broadcasting compares all pairs.",
            "`(column <= row) & (column > row - window)`.",
        ),
    ),
    "padding_mask": Exercise(
        title="A padding mask from lengths",
        solution=padding_mask,
        cases=lambda make: [
            (torch.tensor([3, 5], device=make.device), 5),
            (torch.tensor([1, 4, 2], device=make.device), 4),
            (torch.tensor([2], device=make.device), 3),
        ],
        wrong=(
            Wrong(
                _padding_without_heads,
                "The booleans are right, the shape is (B, T). Scores are (B, heads, T, "
                "T): add two dimensions of size 1 in the middle, `[:, None, None, :]`.",
            ),
            Wrong(
                _padding_with_one_dimension,
                "(B, 1, T) would be lined up from the right: its first dimension would "
                "meet the heads, not the batch. Make it (B, 1, 1, T).",
            ),
            Wrong(
                _padding_one_too_many,
                "One token too many: with length 3, positions 0, 1 and 2 are real. "
                "Compare with `<`.",
            ),
            Wrong(
                _padding_hidden_is_true,
                "The convention is turned round: True is for real tokens, which may be "
                "looked at.",
            ),
            Wrong(
                _padding_hides_rows,
                "This hides rows: it stops padding from asking. What must be hidden is "
                "padding as a key, the last dimension: (B, 1, 1, T).",
            ),
        ),
        hints=(
            "Position j of sentence b is real if j < lengths[b]. Compare a row of "
            "positions with a column of lengths.",
            "`(torch.arange(seq_len, device=lengths.device) < lengths[:, None])`, then "
            "`[:, None, None, :]`.",
        ),
    ),
    "split_heads": Exercise(
        title="Split into heads",
        solution=split_heads,
        cases=lambda make: [
            (make.normal(2, 5, 12), 3),
            (make.normal(1, 3, 8), 2),
            (make.normal(3, 2, 6), 6),
            (make.normal(2, 4, 4), 1),
        ],
        gradient=True,
        wrong=(
            Wrong(
                _split_by_view_alone,
                "The shape is right, the content is not: a reshape straight to (B, "
                "heads, T, head_dim) mixes tokens. Split the last dimension first, "
                "then exchange tokens and heads with `transpose(1, 2)`.",
            ),
            Wrong(
                _split_not_transposed,
                "The heads are split, but they stand after the tokens: (B, T, heads, "
                "head_dim). Exchange dimensions 1 and 2.",
            ),
            Wrong(
                _split_interleaved,
                "The entries are dealt out one by one. The first head owns the first "
                "head_dim entries: reshape to (B, T, num_heads, head_dim).",
            ),
        ),
        hints=(
            "Two steps: cut the last dimension into (num_heads, head_dim), then bring "
            "the heads in front of the tokens.",
            "`x.reshape(B, T, num_heads, -1).transpose(1, 2)`.",
        ),
    ),
    "join_heads": Exercise(
        title="Join the heads",
        solution=join_heads,
        cases=lambda make: [
            (make.normal(2, 3, 5, 4),),
            (make.normal(1, 2, 3, 4),),
            (make.normal(3, 6, 2, 1),),
        ],
        gradient=True,
        wrong=(
            Wrong(
                _join_by_view_alone,
                "The shape is right, but a reshape of (B, heads, T, head_dim) reads the "
                "numbers in the wrong order and mixes tokens: `transpose(1, 2)` first.",
            ),
            Wrong(
                _join_by_mean,
                "The heads are averaged. They are put side by side: (B, T, num_heads * "
                "head_dim).",
            ),
            Wrong(
                _join_interleaved,
                "The heads are woven into each other. Each head stays in one piece, the "
                "first one first: exchange tokens and heads, then flatten.",
            ),
        ),
        hints=(
            "The same two steps as before, in the opposite order.",
            "`heads.transpose(1, 2)` is (B, T, num_heads, head_dim); flatten the last "
            "two dimensions (`reshape`, because the numbers no longer lie in a row).",
        ),
    ),
    "rotary": Exercise(
        title="Rotary positions with complex numbers",
        solution=my_rotary,
        cases=lambda make: [
            (make.normal(5, 8), torch.arange(5, device=make.device)),
            (make.normal(3, 6), torch.tensor([0, 7, 40], device=make.device)),
            (make.normal(2, 4), torch.tensor([3, 1], device=make.device)),
        ],
        tolerance=(1e-4, 1e-4),
        wrong=(
            Wrong(
                _rotary_backwards,
                "Turned the other way round: (a, b) becomes (a cos - b sin, a sin + b "
                "cos). Check the signs.",
            ),
            Wrong(
                _rotary_halves,
                "This pairs entry i with entry i + d/2. Here neighbours are pairs: "
                "entries 0 and 1, 2 and 3, and so on.",
            ),
            Wrong(
                _rotary_parts_not_woven,
                "The turned pairs are right, but they were put back as two halves. "
                "Weave them: stack on a new last dimension, then flatten.",
            ),
            Wrong(
                _rotary_one_speed,
                "All pairs turn at the same speed. Pair i turns by position times "
                "10000 to the power -2i/d.",
            ),
            Wrong(
                _rotary_added,
                "These are waves added to x. Rotary positions multiply: they turn each "
                "pair and keep its length.",
            ),
            Wrong(
                _rotary_speeds_upside_down,
                "The first pair is right, the others turn too fast: the exponent of "
                "10000 is negative, -2i/d.",
            ),
            Wrong(
                _rotary_half_speeds,
                "The exponents are half as large as they should be: pair i has the "
                "speed 10000 to the power -2i/d, so count `torch.arange(0, d, 2)`.",
            ),
        ),
        hints=(
            "Three steps: the angles, (T, d/2); the pairs as complex numbers, (T, d/2); "
            "multiply, and turn back into real numbers.",
            "`torch.view_as_complex(x.reshape(T, -1, 2)) * torch.polar(torch.ones_like("
            "angles), angles)`, then `torch.view_as_real(...).flatten(-2)`.",
        ),
    ),
    "streaming": Exercise(
        title="Without the table",
        solution=streaming_attention,
        cases=lambda make: [
            (make.normal(4), make.normal(6, 4), make.normal(6, 3)),
            (make.normal(2), make.normal(1, 2), make.normal(1, 2)),
            (3000 * make.normal(9), make.normal(7, 9), make.normal(7, 2)),
        ],
        wrong=(
            Wrong(
                _streaming_overflows,
                "Right for small scores, but the exponential of a large score "
                "overflows. Subtract the largest score so far inside the exponent.",
            ),
            Wrong(
                _streaming_never_shrinks,
                "When a larger score arrives, the old sums were made with the old m. "
                "Multiply both s and y by exp(m_old - m_new) first.",
            ),
            Wrong(
                _streaming_inverse_factor,
                "NaN: is the factor for the old sums upside down? It must make them "
                "smaller when m grows, exp(m_old - m_new), and be 0 for m_old = -inf.",
            ),
            Wrong(
                _streaming_forgets_y,
                "s is corrected when m grows, y is not. Multiply y by the same factor.",
            ),
            Wrong(
                _streaming_not_divided,
                "The sum of the weights is not 1 yet: divide y by s at the end.",
            ),
            Wrong(
                _streaming_not_scaled,
                "The scores are not scaled: divide each by the root of len(q).",
            ),
        ),
        hints=(
            "Start with m = -inf, s = 0, y = 0. For each key: the new m, the factor for "
            "the old sums, then add the new part. What is exp(-inf)?",
            "`shrink = torch.exp(m - new_m)`; `s = s * shrink + torch.exp(score - "
            "new_m)`; `y` the same with `* v`; at the end `y / s`.",
        ),
    ),
}

QUIZZES = {
    "roles": Quiz(
        "The word river gets a larger key, (4, 0, 0, 1) instead of (2, 0, 0, 1); its value "
        "stays (2, 0). What changes for bank?",
        (
            Choice(
                "bank listens more to river, and its output moves closer to (2, 0).",
                "The key decides how well it fits: the score becomes 8 / 2 = 4, the "
                "weight about 0.96. What is handed over is still the value.",
                right=True,
            ),
            Choice(
                "The output of bank gets twice as much water.",
                "Water is handed over by the value, which stays. The key only changes "
                "the weight, and that cannot exceed 1.",
            ),
            Choice(
                "Nothing: the output is made of values.",
                "It is an average of values, but with weights that come from the keys.",
            ),
        ),
    ),
    "root": Quiz(
        "A head has head_dim 64. You forget to divide by the root. What is the standard "
        "deviation of the scores of a new network, if entries have variance 1?",
        (
            Choice(
                "1",
                "That is what you get with the division. Without it the variance is the "
                "number of products that are added up.",
            ),
            Choice(
                "8",
                "The variance is 64, its root is 8. A difference of 8 between two scores "
                "means a factor of e⁸, about 3,000, between their weights.",
                right=True,
            ),
            Choice(
                "64",
                "That is the variance. The standard deviation is its root.",
            ),
        ),
    ),
    "zero": Quiz(
        "Scores of the future are set to 0 instead of minus infinity, before the softmax. "
        "The first word, whose own score is 0, may look at itself alone. What weight does "
        "it give to the four words after it, together?",
        (
            Choice(
                "0: a score of 0 means no weight.",
                "The softmax takes the exponential of each score first, and e⁰ is not 0.",
            ),
            Choice(
                "0.8",
                "Five scores of 0 are five equal shares of 0.2, and four of them belong "
                "to the future. The mask has hidden nothing.",
                right=True,
            ),
            Choice(
                "A little, about 0.01",
                "That would need scores far below its own. All five scores are equal "
                "here: what does the softmax of equal scores give?",
            ),
        ),
    ),
    "convention": Quiz(
        "`is_real` (B, T) is True for real tokens. Which call hides the padding?",
        (
            Choice(
                "`mha(x, x, x, key_padding_mask=is_real)`, with `nn.MultiheadAttention`",
                "In `nn.MultiheadAttention`, True means hidden: this would listen to "
                "the padding only. It needs `~is_real`.",
            ),
            Choice(
                "`F.scaled_dot_product_attention(q, k, v, is_real[:, None, None, :])`",
                "True means may look, and the two dimensions of size 1 stand for the "
                "heads and the queries.",
                right=True,
            ),
            Choice(
                "`F.scaled_dot_product_attention(q, k, v, ~is_real[:, None, None, :])`",
                "Here True means may look. With the `~` every token would listen to the "
                "padding and to nothing else.",
            ),
        ),
    ),
    "heads": Quiz(
        "You go from 4 heads to 16, with embed_dim 512. What happens?",
        (
            Choice(
                "Four times as many parameters.",
                "The four matrices are 512 by 512 in both cases; the heads only cut "
                "their outputs into pieces.",
            ),
            Choice(
                "The same number of parameters, and four times as many tables of "
                "weights, from queries of 32 entries instead of 128.",
                "More points of view, each with a smaller space to compare in. And "
                "attention by hand has to store 16 tables of T × T instead of 4.",
                right=True,
            ),
            Choice(
                "Nothing but speed changes.",
                "The softmax is not linear: 16 separate softmaxes on 32 entries give "
                "other numbers than 4 on 128.",
            ),
        ),
    ),
    "order": Quiz(
        "One self-attention layer, no positions. In dog bites man and in man bites dog, "
        "what does it make of bites?",
        (
            Choice(
                "Two different vectors: the neighbours have changed places.",
                "Where does a place enter the formula? The scores compare vectors, and "
                "the average adds up; neither knows who stood left or right.",
            ),
            Choice(
                "Exactly the same vector in both.",
                "Same query, same keys and values, and a sum does not depend on the "
                "order of its terms.",
                right=True,
            ),
            Choice(
                "Different ones, but only because of the causal mask.",
                "There is no mask here. With a causal mask the two would differ indeed: "
                "bites would hear dog in one and man in the other.",
            ),
        ),
    ),
    "double": Quiz(
        "By hand, with 1,024 tokens, the tables of weights take 16 MiB. How much do they "
        "take with 2,048 tokens?",
        (
            Choice(
                "32 MiB",
                "That would be an ordinary layer: twice the tokens, twice the numbers. "
                "The table has a row and a column for each token.",
            ),
            Choice(
                "64 MiB",
                "Twice as many rows of twice the length: four times as many numbers.",
                right=True,
            ),
            Choice(
                "256 MiB",
                "That is 16 times as much: the square of four. The table grows by 2 "
                "in each of two directions.",
            ),
        ),
    ),
    "recall": Quiz(
        "Why can the attention model play with 20 cards, though it has seen only deals of "
        "8?",
        (
            Choice(
                "It has enough parameters to remember all deals.",
                "There are far more deals than it has parameters, and the deals it was "
                "tested on are new.",
            ),
            Choice(
                "What it learned compares one question with one card, and the softmax "
                "shares out over however many cards there are.",
                "No parameter belongs to a place. The matching letter stands out among "
                "20 cards as among 8, as long as its score is far enough above them.",
                right=True,
            ),
            Choice(
                "The mean of 20 cards is close to the mean of 8.",
                "A mean loses which digit belongs to which letter, with 8 cards as with "
                "20: that is the model that fails.",
            ),
        ),
    ),
}
