"""Exercises of the lesson transformers/transformer."""

import math

import torch
from torch.nn import functional as F

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- Layer norm by hand ---------------------------------------------------------------

BY_HAND = [-math.sqrt(2), 0.0, 0.0, math.sqrt(2)]


def _as_list(answer):
    values = answer.tolist() if hasattr(answer, "tolist") else answer
    return [float(value) for value in values]


def _judge_by_hand(answer):
    try:
        values = _as_list(answer)
    except (TypeError, ValueError):
        return "Give four numbers, as a list: [first, second, third, fourth]."
    if len(values) != 4:
        return f"A token of four entries stays one: four numbers, not {len(values)}."
    known = {
        "This is only centred: the mean 4 is subtracted. Now divide by the standard "
        "deviation.": [-2, 0, 0, 2],
        "You divided by the variance, 2. Divide by its root.": [-1, 0, 0, 1],
        "You divided the sum of squares by 3. Layer norm divides by the number of "
        "entries, 4.": [-2 / math.sqrt(8 / 3), 0, 0, 2 / math.sqrt(8 / 3)],
        "The mean was not subtracted: this divides the entries by the root of the mean "
        "of their squares. Subtract 4 first.": [
            value / math.sqrt(18) for value in (2, 4, 4, 6)
        ],
        "The mean was not subtracted, only the division was done. Subtract 4 first.": [
            value / math.sqrt(2) for value in (2, 4, 4, 6)
        ],
        "You divided by the length of the vector, the root of the sum of squares. Take "
        "the root of their mean.": [-math.sqrt(0.5), 0, 0, math.sqrt(0.5)],
        "The signs are turned round: subtract the mean from each entry, not the entry "
        "from the mean.": [-value for value in BY_HAND],
    }
    for message, wrong in known.items():
        if all(abs(a - b) < 0.01 for a, b in zip(values, wrong, strict=True)):
            return message
    for number, (got, right) in enumerate(zip(values, BY_HAND, strict=True), 1):
        if 0.006 < abs(got - right) < 0.1:
            return f"Entry {number} is {got:.3g}: nearly. Give three digits at least."
        if not abs(got - right) < 0.006:  # 1.41 is right to three digits
            return (
                f"Entry {number} is {got:.3g}. The mean is 4. Take the distances from "
                "it, the mean of their squares, its root; then divide."
            )
    return None


# --- RMS norm -------------------------------------------------------------------------


def rms_norm(x, gain, eps=1e-5):
    """Divide each token of x (..., C) by the root of the mean of its squares."""
    mean_square = x.square().mean(dim=-1, keepdim=True)  # (..., 1)
    return gain * x / (mean_square + eps).sqrt()


def _rms_centred(x, gain, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], gain, eps=eps)


def _rms_sum(x, gain, eps=1e-5):
    return gain * x / (x.square().sum(dim=-1, keepdim=True) + eps).sqrt()


def _rms_no_root(x, gain, eps=1e-5):
    return gain * x / (x.square().mean(dim=-1, keepdim=True) + eps)


def _rms_over_tokens(x, gain, eps=1e-5):
    return gain * x / (x.square().mean(dim=0, keepdim=True) + eps).sqrt()


def _rms_no_gain(x, gain, eps=1e-5):
    return x / (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()


def _rms_eps_outside(x, gain, eps=1e-5):
    return gain * x / (x.square().mean(dim=-1, keepdim=True).sqrt() + eps)


def _rms_no_eps(x, gain, eps=1e-5):
    return gain * x / x.square().mean(dim=-1, keepdim=True).sqrt()


def _rms_square_of_mean(x, gain, eps=1e-5):
    return gain * x / (x.mean(dim=-1, keepdim=True).square() + eps).sqrt()


def _rms_over_all(x, gain, eps=1e-5):
    return gain * x / (x.square().mean() + eps).sqrt()


# --- The block ------------------------------------------------------------------------


def block_forward(x, attention, mlp, norm1, norm2):
    """Pre-norm: each part reads a normalised copy; what it makes is added to x."""
    x = x + attention(norm1(x))
    return x + mlp(norm2(x))


def _block_post_norm(x, attention, mlp, norm1, norm2):
    x = norm1(x + attention(x))
    return norm2(x + mlp(x))


def _block_no_residual(x, attention, mlp, norm1, norm2):
    return mlp(norm2(attention(norm1(x))))


def _block_one_residual(x, attention, mlp, norm1, norm2):
    return x + mlp(norm2(attention(norm1(x))))


def _block_stream_not_updated(x, attention, mlp, norm1, norm2):
    return x + mlp(norm2(x + attention(norm1(x))))


def _block_norm_after_part(x, attention, mlp, norm1, norm2):
    x = x + norm1(attention(x))
    return x + norm2(mlp(x))


def _block_one_norm_twice(x, attention, mlp, norm1, norm2):
    x = x + attention(norm1(x))
    return x + mlp(norm1(x))


def _block_parallel(x, attention, mlp, norm1, norm2):
    return x + attention(norm1(x)) + mlp(norm2(x))


def _block_norm_on_stream(x, attention, mlp, norm1, norm2):
    x = norm1(x)
    x = x + attention(x)
    x = norm2(x)
    return x + mlp(x)


def _block_no_norm(x, attention, mlp, norm1, norm2):
    x = x + attention(x)
    return x + mlp(x)


def _parts(make, size):
    """Return attention, MLP and two norms as simple functions that differ."""

    def attention(x):  # the mean of all tokens so far
        count = torch.arange(1, x.shape[-2] + 1, device=x.device, dtype=x.dtype)
        return x.cumsum(dim=-2) / count[:, None]

    def norm(gain):
        return lambda x: gain * F.layer_norm(x, (size,))

    weight = make.normal(size, size)
    return attention, lambda x: (x @ weight).tanh(), norm(1.5), norm(0.7)


def _block_cases(make):
    return [
        (make.normal(2, 5, 4), *_parts(make, 4)),
        (make.normal(1, 3, 6), *_parts(make, 6)),
    ]


# --- Which mask -----------------------------------------------------------------------


def make_mask(kind, seq_len, source):
    """Return booleans (seq_len, seq_len): True where a row may look."""
    place = torch.arange(seq_len)
    row, column = place[:, None], place[None, :]
    if kind == "bert":
        return torch.ones(seq_len, seq_len, dtype=torch.bool)
    past = column <= row
    if kind == "gpt":
        return past
    if kind == "prefix":
        return past | (column < source)
    same_text = (row < source) == (column < source)
    return past & same_text  # documents


def _mask_inverted(kind, seq_len, source):
    return ~make_mask(kind, seq_len, source)


def _mask_future(kind, seq_len, source):
    return make_mask(kind, seq_len, source).T


def _mask_without_diagonal(kind, seq_len, source):
    eye = torch.eye(seq_len, dtype=torch.bool)
    mask = make_mask(kind, seq_len, source)
    return mask if kind == "bert" else mask & ~eye


def _mask_prefix_rows(kind, seq_len, source):
    if kind != "prefix":
        return make_mask(kind, seq_len, source)
    place = torch.arange(seq_len)
    return make_mask("gpt", seq_len, source) | (place[:, None] < source)


def _mask_prefix_off_by_one(kind, seq_len, source):
    return make_mask(kind, seq_len, source + 1 if kind == "prefix" else source)


def _mask_prefix_without_past(kind, seq_len, source):
    if kind != "prefix":
        return make_mask(kind, seq_len, source)
    return (torch.arange(seq_len) < source).expand(seq_len, -1).clone()


def _mask_documents_look_back(kind, seq_len, source):
    return make_mask("gpt" if kind == "documents" else kind, seq_len, source)


def _mask_documents_full(kind, seq_len, source):
    if kind != "documents":
        return make_mask(kind, seq_len, source)
    is_first = torch.arange(seq_len) < source
    return is_first[:, None] == is_first[None, :]


# --- Count an encoder-decoder ---------------------------------------------------------


def count_original(depth, d, vocab_size):
    """Return the parameters of the Transformer of 2017."""
    attention = 4 * d**2 + 4 * d
    mlp = 8 * d**2 + 5 * d
    norm = 2 * d
    encoder_block = attention + mlp + 2 * norm
    decoder_block = 2 * attention + mlp + 3 * norm
    return depth * (encoder_block + decoder_block) + vocab_size * d


def _count_no_cross(depth, d, vocab_size):
    return 2 * depth * (12 * d**2 + 13 * d) + vocab_size * d


def _count_no_third_norm(depth, d, vocab_size):
    return count_original(depth, d, vocab_size) - depth * 2 * d


def _count_three_tables(depth, d, vocab_size):
    return count_original(depth, d, vocab_size) + 2 * vocab_size * d


def _count_two_tables(depth, d, vocab_size):
    return count_original(depth, d, vocab_size) + vocab_size * d


def _count_no_embeddings(depth, d, vocab_size):
    return count_original(depth, d, vocab_size) - vocab_size * d


def _count_no_biases(depth, d, vocab_size):
    return depth * 28 * d**2 + vocab_size * d


def _count_encoder_only(depth, d, vocab_size):
    return depth * (12 * d**2 + 13 * d) + vocab_size * d


# --- Bug hunt -------------------------------------------------------------------------


def mended_block(x, W):
    """Return a causal pre-norm block with one head: (B, T, C) to (B, T, C)."""

    def norm(x):  # over the entries of each token: the last dimension
        return (x - x.mean(dim=-1, keepdim=True)) / x.std(
            dim=-1, correction=0, keepdim=True
        )

    past = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).tril()
    a = norm(x)
    scores = (a @ W["q"]) @ (a @ W["k"]).transpose(1, 2) / math.sqrt(x.shape[2])
    weights = scores.masked_fill(~past, -math.inf).softmax(dim=-1)  # hide the future
    x = x + weights @ (a @ W["v"]) @ W["out"]
    return x + F.gelu(norm(x) @ W["up"]) @ W["down"]  # add, do not replace


def _broken_block(x, W, *, axis=-1, inverted=False, residual=True):
    def norm(x):
        return (x - x.mean(dim=axis, keepdim=True)) / x.std(
            dim=axis, correction=0, keepdim=True
        )

    past = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).tril()
    a = norm(x)
    scores = (a @ W["q"]) @ (a @ W["k"]).transpose(1, 2) / math.sqrt(x.shape[2])
    weights = scores.masked_fill(past if inverted else ~past, -1e9).softmax(dim=-1)
    x = x + weights @ (a @ W["v"]) @ W["out"]
    change = F.gelu(norm(x) @ W["up"]) @ W["down"]
    return x + change if residual else change


def _bug_all(x, W):
    return _broken_block(x, W, axis=1, inverted=True, residual=False)


def _bug_axis(x, W):
    return _broken_block(x, W, axis=1)


def _bug_mask(x, W):
    return _broken_block(x, W, inverted=True)


def _bug_residual(x, W):
    return _broken_block(x, W, residual=False)


def _bug_axis_and_mask(x, W):
    return _broken_block(x, W, axis=1, inverted=True)


def _bug_axis_and_residual(x, W):
    return _broken_block(x, W, axis=1, residual=False)


def _bug_mask_and_residual(x, W):
    return _broken_block(x, W, inverted=True, residual=False)


def _bug_cases(make):
    def weights(size):
        half = 1 / math.sqrt(size)
        names = {"q": (size, size), "k": (size, size), "v": (size, size)}
        names |= {"out": (size, size), "up": (size, 4 * size), "down": (4 * size, size)}
        return {name: half * make.normal(*shape) for name, shape in names.items()}

    return [(make.normal(2, 5, 4), weights(4)), (make.normal(1, 3, 6), weights(6))]


EXERCISES = {
    "by_hand": Exercise(
        title="Layer norm by hand",
        solution=[-1.41421, 0.0, 0.0, 1.41421],
        judge=_judge_by_hand,
        wrong=(
            Wrong(
                [-2.0, 0.0, 0.0, 2.0],
                "This is only centred: the mean 4 is subtracted. Now divide by the "
                "standard deviation.",
            ),
            Wrong(
                [-1.0, 0.0, 0.0, 1.0],
                "You divided by the variance, 2. Divide by its root.",
            ),
            Wrong(
                [-1.22474, 0.0, 0.0, 1.22474],
                "You divided the sum of squares by 3. Layer norm divides by the number "
                "of entries, 4.",
            ),
            Wrong(
                [0.471405, 0.942809, 0.942809, 1.414214],
                "The mean was not subtracted: this divides the entries by the root of "
                "the mean of their squares. Subtract 4 first.",
            ),
        ),
        hints=(
            "Three steps: the mean; the distances from it; the root of the mean of "
            "their squares.",
            "The mean is 4, the distances are -2, 0, 0, 2, their squares 4, 0, 0, 4 "
            "with mean 2. Divide the distances by the root of 2.",
        ),
    ),
    "rms_norm": Exercise(
        title="RMS norm",
        solution=rms_norm,
        cases=lambda make: [
            (2 + make.normal(2, 5, 4), make.normal(4)),
            (3 * make.normal(3, 7), make.normal(7)),
            (0.01 * make.normal(1, 3), make.normal(3)),
        ],
        gradient=True,
        wrong=(
            Wrong(
                _rms_centred,
                "This subtracts the mean: it is layer norm. RMS norm leaves the mean "
                "where it is; divide `x` itself.",
            ),
            Wrong(
                _rms_sum,
                "You divided by the length of the vector, the root of the sum of "
                "squares. Take the mean of the squares.",
            ),
            Wrong(
                _rms_no_root,
                "The root is missing: divide by the root of the mean of the squares.",
            ),
            Wrong(
                _rms_over_tokens,
                "This normalises over the first dimension, so that examples or tokens "
                "mix. Each token alone: `dim=-1`.",
            ),
            Wrong(
                _rms_no_gain,
                "The gain is not used: multiply each entry by its own `gain`.",
            ),
            Wrong(
                _rms_eps_outside,
                "`eps` stands outside the root. For small tokens that makes a "
                "difference: add it to the mean of the squares, then take the root.",
            ),
            Wrong(
                _rms_no_eps,
                "`eps` is not used: a token of zeros would be divided by zero. Add it to "
                "the mean of the squares, inside the root.",
            ),
            Wrong(
                _rms_square_of_mean,
                "You squared the mean. Square the entries first, then take their mean.",
            ),
            Wrong(
                _rms_over_all,
                "One number was used for the whole batch. Each token needs its own: "
                "`dim=-1, keepdim=True`.",
            ),
        ),
        hints=(
            "Square, take the mean over the last dimension, add eps, take the root; "
            "then divide. Which argument keeps the dimension for the division?",
            "`(x.square().mean(dim=-1, keepdim=True) + eps).sqrt()` is what to divide "
            "by; then multiply by `gain`.",
        ),
    ),
    "block": Exercise(
        title="The block",
        solution=block_forward,
        cases=_block_cases,
        wrong=(
            Wrong(
                _block_post_norm,
                "This is post-norm, the form of 2017: the norm stands on the stream. "
                "In pre-norm each part reads `norm(x)`, and the sum is left alone.",
            ),
            Wrong(
                _block_no_residual,
                "Nothing is added: the parts replace the stream. Write "
                "`x = x + attention(...)`, and the same for the MLP.",
            ),
            Wrong(
                _block_one_residual,
                "One addition spans both parts. Each part has its own: add the output "
                "of attention before the MLP reads.",
            ),
            Wrong(
                _block_stream_not_updated,
                "The last addition starts from the old `x`, so what attention has made "
                "gets lost from the stream. Update `x` after each part.",
            ),
            Wrong(
                _block_norm_after_part,
                "You normalised what the parts give. In pre-norm they read a normalised "
                "copy: `attention(norm1(x))`.",
            ),
            Wrong(
                _block_one_norm_twice,
                "`norm1` was used twice. The MLP has a norm of its own, `norm2`, with "
                "other gains and shifts.",
            ),
            Wrong(
                _block_parallel,
                "The MLP reads the old `x`, not what attention has added. Some models "
                "do this on purpose, ours works in turn: update `x` first.",
            ),
            Wrong(
                _block_norm_on_stream,
                "You replaced the stream by its normalised copy before adding. Keep "
                "`x` as it is: `x + attention(norm1(x))`.",
            ),
            Wrong(
                _block_no_norm,
                "The norms are not used. Each part reads a normalised copy of `x`.",
            ),
        ),
        hints=(
            "Two lines of the same form: x becomes x plus a part of a norm of x.",
            "`x = x + attention(norm1(x))`, and then the same with `mlp` and `norm2`.",
        ),
    ),
    "masks": Exercise(
        title="Which mask?",
        solution=make_mask,
        cases=lambda make: [
            ("bert", 5, 2),
            ("gpt", 5, 2),
            ("prefix", 6, 3),
            ("documents", 7, 4),
            ("prefix", 3, 1),
            ("documents", 4, 1),
            ("gpt", 1, 1),
        ],
        wrong=(
            Wrong(
                _mask_inverted,
                "All masks are upside down: here True means *may look*. (In "
                "`nn.MultiheadAttention` True hides.) Put `~` before them.",
            ),
            Wrong(
                _mask_future,
                "Rows and columns are swapped: a row should see the columns before it. "
                "Use `column <= row`, or `tril` instead of `triu`.",
            ),
            Wrong(
                _mask_without_diagonal,
                "The diagonal is missing: a token may look at itself. Use `<=`.",
            ),
            Wrong(
                _mask_prefix_rows,
                'In "prefix" you opened the first rows: the source then sees the '
                "answer that is still to be written. Open the first columns.",
            ),
            Wrong(
                _mask_prefix_off_by_one,
                'In "prefix" one column too many is open. Places count from 0: the '
                "source is `column < source`.",
            ),
            Wrong(
                _mask_prefix_without_past,
                'In "prefix" the answer sees the source, but not its own past: join '
                "both by `|`.",
            ),
            Wrong(
                _mask_documents_look_back,
                'In "documents" the second text still sees the first. Both must be '
                "in the same text: combine the causal mask with that.",
            ),
            Wrong(
                _mask_documents_full,
                'In "documents" each text sees its own future. It is a GPT: combine '
                "with the causal mask by `&`.",
            ),
        ),
        hints=(
            "Make `row = torch.arange(seq_len)[:, None]` and `column` with the new "
            "dimension in front. Each mask is a comparison of the two, or two joined "
            "by `&` or `|`.",
            "gpt: `column <= row`. prefix: that `|` `column < source`. documents: that "
            "`&` `(row < source) == (column < source)`.",
        ),
    ),
    "count": Exercise(
        title="Count an encoder-decoder",
        solution=count_original,
        cases=lambda make: [(6, 512, 37_000), (1, 3, 5), (2, 16, 100)],
        wrong=(
            Wrong(
                _count_no_cross,
                "Both kinds of block were counted alike. A decoder block has a second "
                "attention (cross-attention) with four matrices, and a third norm.",
            ),
            Wrong(
                _count_no_third_norm,
                "Nearly: the third layer norm of the decoder blocks is missing, 2 d in "
                "each.",
            ),
            Wrong(
                _count_three_tables,
                "The table of embeddings was counted three times. It is shared by "
                "source, target and output: once.",
            ),
            Wrong(
                _count_two_tables,
                "The table of embeddings was counted twice. One table serves source, "
                "target and output.",
            ),
            Wrong(
                _count_no_embeddings,
                "The blocks are right. Add the table of embeddings, `vocab_size * d`.",
            ),
            Wrong(
                _count_no_biases,
                "Only matrices were counted. Add the biases of all linear layers, and "
                "gains and shifts of the norms.",
            ),
            Wrong(
                _count_encoder_only,
                "This counts the encoder alone. Add as many decoder blocks.",
            ),
        ),
        hints=(
            "Count the parts once: one attention, one MLP, one norm. Then: how many of "
            "each does an encoder block have, and a decoder block?",
            "Encoder block: attention + mlp + 2 norms. Decoder block: 2 attention + "
            "mlp + 3 norms, with `4*d**2 + 4*d`, `8*d**2 + 5*d` and `2*d`.",
        ),
    ),
    "bug_hunt": Exercise(
        title="Bug hunt",
        solution=mended_block,
        cases=_bug_cases,
        wrong=(
            Wrong(
                _bug_all,
                "All three bugs are still there. Begin with the norm: over which "
                "dimension should the mean run?",
            ),
            Wrong(
                _bug_axis,
                "Two are mended. The norm still runs over `dim=1`, the tokens, and so "
                "leaks the future. It belongs on the entries of one token: `dim=-1`.",
            ),
            Wrong(
                _bug_mask,
                "Two are mended. The mask is inverted: `masked_fill` fills where True, "
                "and `past` is what may be seen. Fill where it is not.",
            ),
            Wrong(
                _bug_residual,
                "Two are mended. The last line returns the MLP's output alone: add it "
                "to the stream, `x + ...`.",
            ),
            Wrong(
                _bug_axis_and_mask,
                "The residual is back. Two are left: over which dimension does the "
                "norm run, and where does the mask fill?",
            ),
            Wrong(
                _bug_axis_and_residual,
                "The mask is right. Two are left: over which dimension does the norm "
                "run, and what happens to `x` in the last line?",
            ),
            Wrong(
                _bug_mask_and_residual,
                "The norm is right. Two are left: where does the mask fill, and what "
                "happens to `x` in the last line?",
            ),
        ),
        hints=(
            "Check one line at a time: Which numbers does a mean run over? Where does "
            "`masked_fill` write? What is added to what?",
            "`dim=-1` in the norm (twice), `~past` in the mask, and `x + ...` in the "
            "last line.",
        ),
    ),
}

QUIZZES = {
    "alone": Quiz(
        "Five tokens go through a layer; then we change only the last and do it again. "
        "Which outputs differ?",
        (
            Choice(
                "Attention: all five. MLP: only the last.",
                "Without a mask everybody looks at everybody. The MLP is applied to "
                "each token by itself: it cannot know its neighbours.",
                right=True,
            ),
            Choice(
                "Attention: only the last. MLP: only the last.",
                "That would be a layer in which no token ever hears of another. But "
                "attention averages over all tokens, so all of its outputs move.",
            ),
            Choice(
                "Attention: all five. MLP: all five.",
                "The first half is right. `nn.Linear` works on the last dimension, the "
                "entries of one token; it mixes entries, not tokens.",
            ),
        ),
    ),
    "scale": Quiz(
        "A token is multiplied by 10, or 7 is added to each of its entries. What does "
        "layer norm (gain 1, shift 0) give?",
        (
            Choice(
                "The same as before, in both cases.",
                "The 7 goes away with the mean, and the 10 with the division: mean and "
                "standard deviation grow with the entries.",
                right=True,
            ),
            Choice(
                "The same after adding 7, ten times as much after multiplying.",
                "The mean takes care of the 7. And the standard deviation of the "
                "larger token is ten times as large: what is divided by it?",
            ),
            Choice(
                "The same after multiplying, 7 more after adding.",
                "The division takes care of the 10. And where does the mean go, if "
                "every entry rises by 7?",
            ),
        ),
    ),
    "norm_axis": Quiz(
        "A batch has the shape (32, 100, 512): 32 texts, 100 tokens, 512 entries. Over "
        "how many numbers does layer norm take each mean?",
        (
            Choice(
                "512",
                "The entries of one token. There are 32 · 100 means in all.",
                right=True,
            ),
            Choice(
                "100",
                "That would mix the tokens of a text, and a decoder could read the "
                "future from the mean. It is one of the bugs in the last exercise.",
            ),
            Choice(
                "32 · 100",
                "That is batch norm: one mean for each entry, over all tokens of the "
                "batch. Then a text's result depends on its neighbours in the batch.",
            ),
            Choice(
                "100 · 512",
                "A mean over a whole text. It is done for images, under the name group "
                "norm with one group, but not in a Transformer.",
            ),
        ),
    ),
    "depth": Quiz(
        "32 new blocks with norms but without residual connections: what will the "
        "tokens at the end look like?",
        (
            Choice(
                "Tiny: the signal dies out.",
                "The norms prevent it: each part reads entries of size 1. Look at the "
                "first panel.",
            ),
            Choice(
                "Huge: the signal explodes.",
                "Nothing is added up without residuals, and the norms keep the size. "
                "Look at the first panel.",
            ),
            Choice(
                "All the same.",
                "Each attention replaces a token by an average, averages are alike, "
                "and 32 averages in a row leave nothing of what made a token special.",
                right=True,
            ),
            Choice(
                "Healthy: large enough and different.",
                "Large enough they are. But who remembers what a token was, if each "
                "attention replaces it by an average?",
            ),
        ),
    ),
    "warmup": Quiz(
        "A friend takes an old recipe, 12 post-norm blocks with Adam, and removes the "
        "warmup to save time. The loss stays at the level of guessing. What is the best "
        "advice?",
        (
            Choice(
                "Train longer, it will come.",
                "In our measurement it never came back: the first large steps had "
                "pushed the weights to where the gradient is nearly gone.",
            ),
            Choice(
                "Put the warmup back, or change to pre-norm.",
                "Either cure works in our picture: gentle first steps, or gradients "
                "that are tame from the start.",
                right=True,
            ),
            Choice(
                "Remove the norms, they are the problem.",
                "Their place is the problem. Without any, sizes and gradients grow "
                "with every block.",
            ),
            Choice(
                "Take the residual connections out.",
                "Then tokens become all alike after a few blocks, and nothing learns.",
            ),
        ),
    ),
    "masks": Quiz(
        "Six tokens, and a prefix mask whose first three are open to all. Token 5 is "
        "changed. Which outputs change?",
        (
            Choice(
                "1 to 6",
                "That is the full mask. Here token 5 is not part of the open prefix, "
                "so only those who may look at it change.",
            ),
            Choice(
                "5 and 6",
                "Token 5 lies behind the prefix, and there the mask is causal: it is "
                "seen by itself and by what comes later.",
                right=True,
            ),
            Choice(
                "1, 2, 3, 5 and 6",
                "The first three are *seen* by all; that does not mean that they *see* "
                "all. Read the fifth column of the picture, not the row.",
            ),
            Choice(
                "1 to 5",
                "That is row 5, whom token 5 looks at. You need column 5: who looks at "
                "token 5.",
            ),
        ),
    ),
    "families": Quiz(
        "You have a trained GPT and take its causal mask away, to make a BERT of it. "
        "What happens?",
        (
            Choice(
                "An error: the weights do not fit.",
                "They fit. The mask has no weights; the block is the same.",
            ),
            Choice(
                "It runs, and it is a good BERT.",
                "It runs. But each token now hears things that it never heard in "
                "training, and its task was to predict the next token, not to fill "
                "gaps.",
            ),
            Choice(
                "It runs, but it must be trained again for the new mask and task.",
                "Same machine, same shapes; what the weights have learned belongs to "
                "the old mask and the old task.",
                right=True,
            ),
        ),
    ),
    "positions": Quiz(
        "Without positions, which of the three games can still be learned?",
        (
            Choice(
                "None of them.",
                "Attention still compares letters. One game asks each letter only "
                "about itself and the others, wherever they stand.",
            ),
            Choice(
                "Sort and rank: only reversing needs the order.",
                "So one would think. But which letter should the *third place* give, "
                "if the model cannot know that it is the third place?",
            ),
            Choice(
                "Only rank.",
                "Swap two letters, and the ranks swap with them, as the outputs of "
                "such a model do. The sorted answer does not move, and the outputs "
                "must.",
                right=True,
            ),
            Choice(
                "All three: the blocks find out the positions by themselves.",
                "From what? Without a mask and without positions, the model is given "
                "a set. (With a causal mask it could: place 1 sees one token, place 2 "
                "sees two.)",
            ),
        ),
    ),
    "longer": Quiz(
        "Both models have 0 errors in 1,000 at length 8. What will they do with 7 and "
        "with 10 letters?",
        (
            Choice(
                "Right for both: they have learned the rule.",
                "They have learned a rule that is right for eight. Was there anything "
                "in the training data to tell it from the general one?",
            ),
            Choice(
                "Right for 7, wrong for 10: shorter is easier.",
                "All places up to 7 are known, true. But which place should place 1 "
                "of the reverser look at, and which does it look at?",
            ),
            Choice(
                "Wrong for nearly every sequence of both.",
                "Place 1 of the reverser looks at place 8, whatever the length; the "
                "sorter counts on eight letters. Nothing ever told them otherwise.",
                right=True,
            ),
        ),
    ),
    "honest": Quiz(
        "Which sentence do our experiments support?",
        (
            Choice(
                "The model can sort.",
                "Ten letters show that it cannot, in general. The claim needs its "
                "conditions.",
            ),
            Choice(
                "The model has memorised the sequences of its training data.",
                "It was right on 1,000 sequences of which it has seen no anagram. "
                "Memory cannot do that.",
            ),
            Choice(
                "The model sorts eight letters from a to p, with an error rate that is "
                "probably below 0.3 %.",
                "Length, alphabet, and how much 1,000 trials can tell: with 0.3 % "
                "errors, 0 in 1,000 would happen one time in twenty.",
                right=True,
            ),
        ),
    ),
    "flops": Quiz(
        "A GPT with 1 billion parameters (nearly all in matrices) writes one token. "
        "About how many FLOPs, if the text is short?",
        (
            Choice(
                "2 billion",
                "One multiplication and one addition for each weight.",
                right=True,
            ),
            Choice(
                "1 billion",
                "Each weight is multiplied *and* the product is added: two operations.",
            ),
            Choice(
                "6 billion",
                "That is training: forward 2, and backward about twice as much again. "
                "Writing only needs the forward pass.",
            ),
            Choice(
                "1 billion times the number of tokens",
                "The matrices treat each token alone. Only the scores grow with the "
                "text, and for a short text they are few.",
            ),
        ),
    ),
}
