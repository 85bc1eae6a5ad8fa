"""Exercises of the lesson transformers/tiny_gpt."""

import math

import torch
from torch.nn import functional as F

from lessons_lib.exercises.types import Choice, Exercise, Quiz, Wrong

# --- The bigram baseline --------------------------------------------------------------


def bigram_nats(train, held_out, vocab_size):
    """Return the mean surprise of counted pairs on text that was kept aside."""
    pairs = vocab_size * train[:-1] + train[1:]  # one number for each pair
    counts = pairs.bincount(minlength=vocab_size**2) + 1.0
    probs = counts.reshape(vocab_size, vocab_size)
    probs = probs / probs.sum(dim=1, keepdim=True)
    return -probs[held_out[:-1], held_out[1:]].log().mean().item()


def _pair_table(train, vocab_size, add=1.0):
    pairs = vocab_size * train[:-1] + train[1:]
    counts = pairs.bincount(minlength=vocab_size**2) + add
    return counts.reshape(vocab_size, vocab_size)


def _score(probs, held_out):
    return -probs[held_out[:-1], held_out[1:]].log().mean().item()


def _bigram_no_one(train, held_out, vocab_size):
    table = _pair_table(train, vocab_size, 0.0)
    return _score(table / table.sum(dim=1, keepdim=True), held_out)


def _bigram_whole(train, held_out, vocab_size):
    table = _pair_table(train, vocab_size)
    return _score(table / table.sum(), held_out)


def _bigram_columns(train, held_out, vocab_size):
    table = _pair_table(train, vocab_size)
    return _score(table / table.sum(dim=0, keepdim=True), held_out)


def _bigram_backwards(train, held_out, vocab_size):
    table = _pair_table(train, vocab_size)
    return _score(table.T / table.T.sum(dim=1, keepdim=True), held_out)


def _bigram_sum(train, held_out, vocab_size):
    return bigram_nats(train, held_out, vocab_size) * (len(held_out) - 1)


def _bigram_bits(train, held_out, vocab_size):
    return bigram_nats(train, held_out, vocab_size) / math.log(2)


def _bigram_on_train(train, held_out, vocab_size):
    return bigram_nats(train, train, vocab_size)


def _bigram_indexed(train, held_out, vocab_size):
    table = torch.ones(vocab_size, vocab_size, device=train.device)
    table[train[:-1], train[1:]] += 1
    return _score(table / table.sum(dim=1, keepdim=True), held_out)


def _texts(make):
    short = make.tensor([0, 1, 2, 1, 1, 0, 2, 0, 1]).long()
    return [
        (make.integers(5, 60), make.integers(5, 20), 5),
        (short, make.tensor([1, 0, 1, 2, 0]).long(), 3),
    ]


# --- Windows in order -----------------------------------------------------------------


def cut_windows(tokens, context):
    """Return inputs and targets (num, context): every character is asked for once."""
    num = (len(tokens) - 1) // context  # the last target needs one token more
    inputs = tokens[: num * context].reshape(num, context)
    targets = tokens[1 : num * context + 1].reshape(num, context)
    return inputs, targets


def _windows_too_many(tokens, context):
    num = len(tokens) // context
    inputs = tokens[: num * context].reshape(num, context)
    return inputs, tokens[1 : num * context + 1].reshape(num, context)


def _windows_gaps(tokens, context):
    num = len(tokens) // (context + 1)
    windows = tokens[: num * (context + 1)].reshape(num, context + 1)
    return windows[:, :-1], windows[:, 1:]


def _windows_sliding(tokens, context):
    windows = tokens.unfold(0, context + 1, 1)
    return windows[:, :-1], windows[:, 1:]


def _windows_same(tokens, context):
    inputs, _ = cut_windows(tokens, context)
    return inputs, inputs


def _windows_rolled(tokens, context):
    inputs, _ = cut_windows(tokens, context)
    return inputs, inputs.roll(-1, dims=1)


# --- Top-p for a batch ----------------------------------------------------------------


def top_p_batch(probs, p):
    """Keep in each row of probs (B, V) the smallest set of the largest, sum >= p."""
    ordered, order = probs.sort(dim=-1, descending=True)
    ordered = ordered * (ordered.cumsum(dim=-1) - ordered < p)  # the sum before it
    kept = torch.zeros_like(probs).scatter(-1, order, ordered)  # back into place
    return kept / kept.sum(dim=-1, keepdim=True)


def _top_p_narrow(probs, p):
    ordered, order = probs.sort(dim=-1, descending=True)
    ordered = ordered * (ordered.cumsum(dim=-1) <= p)
    kept = torch.zeros_like(probs).scatter(-1, order, ordered)
    return kept / kept.sum(dim=-1, keepdim=True)


def _top_p_strict(probs, p):
    ordered, order = probs.sort(dim=-1, descending=True)
    ordered = ordered * (ordered.cumsum(dim=-1) < p)
    kept = torch.zeros_like(probs).scatter(-1, order, ordered)
    return kept / kept.sum(dim=-1, keepdim=True)


def _top_p_sorted(probs, p):
    ordered = probs.sort(dim=-1, descending=True).values
    ordered = ordered * (ordered.cumsum(dim=-1) - ordered < p)
    return ordered / ordered.sum(dim=-1, keepdim=True)


def _top_p_raw(probs, p):
    ordered, order = probs.sort(dim=-1, descending=True)
    ordered = ordered * (ordered.cumsum(dim=-1) - ordered < p)
    return torch.zeros_like(probs).scatter(-1, order, ordered)


def _top_p_threshold(probs, p):
    kept = probs * (probs >= p * probs.max(dim=-1, keepdim=True).values)
    return kept / kept.sum(dim=-1, keepdim=True)


def _top_p_ascending(probs, p):
    ordered, order = probs.sort(dim=-1)
    ordered = ordered * (ordered.cumsum(dim=-1) - ordered < p)
    kept = torch.zeros_like(probs).scatter(-1, order, ordered)
    return kept / kept.sum(dim=-1, keepdim=True)


def _top_p_one_sum(probs, p):
    kept = _top_p_raw(probs, p)
    return kept / kept.sum()


def _top_p_gather(probs, p):
    ordered, order = probs.sort(dim=-1, descending=True)
    ordered = ordered * (ordered.cumsum(dim=-1) - ordered < p)
    kept = ordered.gather(-1, order)
    return kept / kept.sum(dim=-1, keepdim=True)


# --- A cache with a window ------------------------------------------------------------


def step_with_cache(q, k, v, old_k, old_v, limit):
    """Attention of one new token to the last `limit` tokens, itself included."""
    k = torch.cat([old_k, k], dim=1)[:, -limit:]
    v = torch.cat([old_v, v], dim=1)[:, -limit:]
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])  # (heads, 1, n)
    return scores.softmax(dim=-1) @ v, k, v


def _attend(q, k, v):
    return (q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])).softmax(dim=-1) @ v


def _cache_without_limit(q, k, v, old_k, old_v, limit):
    k, v = torch.cat([old_k, k], dim=1), torch.cat([old_v, v], dim=1)
    return _attend(q, k, v), k, v


def _cache_drops_new(q, k, v, old_k, old_v, limit):
    k = torch.cat([old_k, k], dim=1)[:, :limit]
    v = torch.cat([old_v, v], dim=1)[:, :limit]
    return _attend(q, k, v), k, v


def _cache_new_first(q, k, v, old_k, old_v, limit):
    k = torch.cat([k, old_k], dim=1)[:, :limit]
    v = torch.cat([v, old_v], dim=1)[:, :limit]
    return _attend(q, k, v), k, v


def _cache_cut_late(q, k, v, old_k, old_v, limit):
    k, v = torch.cat([old_k, k], dim=1), torch.cat([old_v, v], dim=1)
    return _attend(q, k, v), k[:, -limit:], v[:, -limit:]


def _cache_unscaled(q, k, v, old_k, old_v, limit):
    k = torch.cat([old_k, k], dim=1)[:, -limit:]
    v = torch.cat([old_v, v], dim=1)[:, -limit:]
    return (q @ k.transpose(1, 2)).softmax(dim=-1) @ v, k, v


def _cache_past_only(q, k, v, old_k, old_v, limit):
    new_k = torch.cat([old_k, k], dim=1)[:, -limit:]
    new_v = torch.cat([old_v, v], dim=1)[:, -limit:]
    return _attend(q, old_k, old_v), new_k, new_v


def _cache_joins_heads(q, k, v, old_k, old_v, limit):
    return step_with_cache(q, torch.cat([old_k, k]), v, old_k, old_v, limit)


def _cache_cases(make):
    def case(heads, num_old, d, limit):
        new = [make.normal(heads, 1, d) for _ in range(3)]
        old = [make.normal(heads, num_old, d) for _ in range(2)]
        return (*new, *old, limit)

    return [case(2, 3, 4, 3), case(1, 0, 5, 2), case(3, 6, 2, 4), case(1, 2, 3, 8)]


# --- How much does a cache hold? ------------------------------------------------------


def cache_bytes(num_layers, embed_dim, seq_len, batch_size, num_bytes):
    """Return the bytes of all kept keys and values."""
    per_token = 2 * num_layers * embed_dim  # a key and a value in each layer
    return per_token * seq_len * batch_size * num_bytes


def _bytes_one(num_layers, embed_dim, seq_len, batch_size, num_bytes):
    return num_layers * embed_dim * seq_len * batch_size * num_bytes


def _bytes_queries(num_layers, embed_dim, seq_len, batch_size, num_bytes):
    return 3 * num_layers * embed_dim * seq_len * batch_size * num_bytes


def _bytes_squared(num_layers, embed_dim, seq_len, batch_size, num_bytes):
    return 2 * num_layers * embed_dim * seq_len**2 * batch_size * num_bytes


def _bytes_one_text(num_layers, embed_dim, seq_len, batch_size, num_bytes):
    return 2 * num_layers * embed_dim * seq_len * num_bytes


def _bytes_numbers(num_layers, embed_dim, seq_len, batch_size, num_bytes):
    return 2 * num_layers * embed_dim * seq_len * batch_size


def _bytes_one_layer(num_layers, embed_dim, seq_len, batch_size, num_bytes):
    return 2 * embed_dim * seq_len * batch_size * num_bytes


def _bytes_bits(num_layers, embed_dim, seq_len, batch_size, num_bytes):
    return 8 * cache_bytes(num_layers, embed_dim, seq_len, batch_size, num_bytes)


# --- Bug hunt -------------------------------------------------------------------------


def training_loss(model, window):
    """Mean cross-entropy of predicting every next token of window (B, T + 1)."""
    logits = model(window[:, :-1])  # what comes before ...
    targets = window[:, 1:]  # ... and what comes next, at every place
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def _loss_both(model, window):
    logits, targets = model(window[:, 1:]), window[:, 1:]
    return F.cross_entropy(logits[:, -1], targets[:, -1])


def _loss_leaks(model, window):
    logits, targets = model(window[:, 1:]), window[:, 1:]
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def _loss_last_only(model, window):
    logits, targets = model(window[:, :-1]), window[:, 1:]
    return F.cross_entropy(logits[:, -1], targets[:, -1])


def _loss_backwards(model, window):
    logits, targets = model(window[:, 1:]), window[:, :-1]
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def _loss_sum(model, window):
    logits, targets = model(window[:, :-1]), window[:, 1:]
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")


def _loss_same(model, window):
    logits, targets = model(window[:, :-1]), window[:, :-1]
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def _loss_not_flat(model, window):
    return F.cross_entropy(model(window[:, :-1]), window[:, 1:])


def _loss_cases(make):
    def model(vocab_size):  # causal: each place sums what stands up to it
        table = make.normal(vocab_size, vocab_size)
        return lambda tokens: table[tokens].cumsum(dim=1)

    return [(model(5), make.integers(5, 2, 7)), (model(3), make.integers(3, 1, 4))]


EXERCISES = {
    "bigram": Exercise(
        title="The bigram baseline",
        solution=bigram_nats,
        cases=_texts,
        tolerance=(1e-4, 1e-5),
        wrong=(
            Wrong(
                _bigram_no_one,
                "Pairs that never came have the probability 0, and their surprise is "
                "infinite. Add 1 to every count before you divide.",
            ),
            Wrong(
                _bigram_whole,
                "You divided by the sum of the whole table: that is the probability of "
                "the pair. Divide each row by its own sum, `dim=1, keepdim=True`.",
            ),
            Wrong(
                _bigram_columns,
                "The columns add up to 1, not the rows. A row belongs to the character "
                "before: divide by `sum(dim=1, keepdim=True)`.",
            ),
            Wrong(
                _bigram_backwards,
                "The table is turned: it predicts the character before. Row: "
                "`train[:-1]`, column: `train[1:]`.",
            ),
            Wrong(
                _bigram_sum,
                "This is the sum over the text. Take the mean, so that texts of "
                "different lengths can be compared.",
            ),
            Wrong(
                _bigram_bits,
                "These are bits, the logarithm to the base 2. Nats use the natural "
                "one, `torch.log`.",
            ),
            Wrong(
                _bigram_on_train,
                "You judged on the text that was counted. Take the pairs of "
                "`held_out` for the surprise.",
            ),
            Wrong(
                _bigram_indexed,
                "`table[a, b] += 1` with tensors as indices counts each pair once, "
                "however often it comes. Number the pairs and use `bincount`.",
            ),
        ),
        hints=(
            "A pair can be one number: vocab_size times the first plus the second. "
            "`bincount` with `minlength` counts them; reshape to a table.",
            "Rows divided by `probs.sum(dim=1, keepdim=True)`; then the mean of "
            "`-probs[held_out[:-1], held_out[1:]].log()`, and `.item()`.",
        ),
    ),
    "windows": Exercise(
        title="Windows in order",
        solution=cut_windows,
        cases=lambda make: [
            (make.integers(9, 12), 4),
            (make.integers(9, 13), 4),
            (make.integers(9, 20), 3),
            (make.integers(9, 5), 1),
        ],
        wrong=(
            Wrong(
                _windows_too_many,
                "There is one window too many when the length is a multiple of "
                "`context`: the last target would stand behind the end of the text. "
                "Count `(len(tokens) - 1) // context`.",
            ),
            Wrong(
                _windows_gaps,
                "Between two windows one question is lost: the last target of a window "
                "must be the first input of the next. Cut inputs and targets "
                "separately, one token apart.",
            ),
            Wrong(
                _windows_sliding,
                "These windows overlap, so most characters are asked for many times. "
                "The next window begins where the last one ended.",
            ),
            Wrong(
                _windows_same,
                "The targets are the inputs. They must lie one token later.",
            ),
            Wrong(
                _windows_rolled,
                "`roll` brings the first token of the window back as its last target. "
                "Take the targets from the text: `tokens[1:...]`.",
            ),
        ),
        hints=(
            "How many windows have a target for each of their inputs? Then cut the "
            "text twice, once from place 0 and once from place 1.",
            "`num = (len(tokens) - 1) // context`, and `tokens[: num * context]` "
            "reshaped to `(num, context)`; the targets from 1 to `num * context + 1`.",
        ),
    ),
    "top_p": Exercise(
        title="Top-p for a batch",
        solution=top_p_batch,
        cases=lambda make: [
            (make.tensor([[0.15, 0.5, 0.05, 0.3], [0.9, 0.02, 0.05, 0.03]]), 0.7),
            (make.normal(3, 7).softmax(dim=-1), 0.6),
            ((3 * make.normal(1, 5)).softmax(dim=-1), 0.95),
            (make.normal(2, 4).softmax(dim=-1), 1.0),
            (make.tensor([[0.25, 0.5, 0.25]]), 0.5),  # the first alone reaches p
        ],
        wrong=(
            Wrong(
                _top_p_narrow,
                "The character that reaches p is cut off as well; where the first one "
                "alone is above p, nothing is left. Compare the sum *before* each "
                "character with p.",
            ),
            Wrong(
                _top_p_strict,
                "`cumsum` counts the character itself, so the one that reaches p falls "
                "out. Take it off again: `cumsum(dim=-1) - ordered < p`.",
            ),
            Wrong(
                _top_p_sorted,
                "The probabilities come back in sorted order. Put each back into its "
                "own place: `scatter` with the order of the sort.",
            ),
            Wrong(
                _top_p_raw,
                "The rows no longer add up to 1. Divide by what is left.",
            ),
            Wrong(
                _top_p_threshold,
                "You compare each probability with a part of the largest one. That is "
                "another rule, min-p. Top-p adds them up from the largest on.",
            ),
            Wrong(
                _top_p_ascending,
                "You began with the smallest. Sort with `descending=True`.",
            ),
            Wrong(
                _top_p_one_sum,
                "You divided by the sum of the whole batch. Each row has its own: "
                "`sum(dim=-1, keepdim=True)`.",
            ),
            Wrong(
                _top_p_gather,
                "`gather` reads at the places in `order`, so the entries land "
                "elsewhere. To write to these places, use `scatter`.",
            ),
        ),
        hints=(
            "Sort each row, and compare the sum before each entry with p: "
            "`cumsum(dim=-1) - ordered`. Then everything has to go back to its place.",
            "`torch.zeros_like(probs).scatter(-1, order, ordered * is_kept)`, and "
            "divide by its sum over the last dimension.",
        ),
    ),
    "cache": Exercise(
        title="A cache with a window",
        solution=step_with_cache,
        cases=_cache_cases,
        wrong=(
            Wrong(
                _cache_without_limit,
                "The cache grows without end. Keep the last `limit` tokens: "
                "`[:, -limit:]` after joining.",
            ),
            Wrong(
                _cache_drops_new,
                "You keep the oldest and drop the newest. Cut from the end: "
                "`[:, -limit:]`.",
            ),
            Wrong(
                _cache_new_first,
                "The new token stands first. The next step would then drop the wrong "
                "end: append, `torch.cat([old_k, k], dim=1)`.",
            ),
            Wrong(
                _cache_cut_late,
                "The cache has the right length, but the output still looked at a "
                "token that is dropped. Cut first, then compute the attention.",
            ),
            Wrong(
                _cache_unscaled,
                "The scores are not divided by the root of d.",
            ),
            Wrong(
                _cache_past_only,
                "The new token does not see itself: use the joined keys and values, "
                "not the old ones.",
            ),
            Wrong(
                _cache_joins_heads,
                "`torch.cat` joins along dimension 0, the heads. The tokens stand in "
                "dimension 1: `torch.cat([old_k, k], dim=1)`.",
            ),
        ),
        hints=(
            "Join old and new along the dimension of the tokens, cut to the last "
            "`limit`, and let the one query look at what is left. No mask is needed.",
            "`k = torch.cat([old_k, k], dim=1)[:, -limit:]`, the same for v; scores "
            "`q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])`.",
        ),
    ),
    "cache_bytes": Exercise(
        title="How much does a cache hold?",
        solution=cache_bytes,
        cases=lambda make: [
            (96, 12288, 2048, 1, 2),
            (3, 96, 128, 16, 4),
            (12, 768, 1024, 5, 2),
        ],
        wrong=(
            Wrong(
                _bytes_one,
                "This is half of it. Keys *and* values are kept.",
            ),
            Wrong(
                _bytes_queries,
                "Queries are not kept: an old token asks nothing any more. Two vectors "
                "per token and layer.",
            ),
            Wrong(
                _bytes_squared,
                "The table of weights is T times T, but it is not kept. Keys and "
                "values grow with T, not with its square.",
            ),
            Wrong(
                _bytes_one_text,
                "This is for one text. Multiply by `batch_size`.",
            ),
            Wrong(
                _bytes_numbers,
                "This counts numbers. Each of them takes `num_bytes`.",
            ),
            Wrong(
                _bytes_one_layer,
                "Each layer has a cache of its own. Multiply by `num_layers`.",
            ),
            Wrong(
                _bytes_bits,
                "These are bits, eight times as many. `num_bytes` counts bytes already.",
            ),
        ),
        hints=(
            "What is kept for one token in one layer? Then multiply.",
            "Two vectors of `embed_dim` numbers for each layer, token and text, and "
            "`num_bytes` for each number.",
        ),
    ),
    "bug_hunt": Exercise(
        title="Bug hunt",
        solution=training_loss,
        cases=_loss_cases,
        wrong=(
            Wrong(
                _loss_both,
                "Both bugs are still there. Begin with the inputs: may the model see "
                "the token that it is asked for?",
            ),
            Wrong(
                _loss_leaks,
                "All places count now. But inputs and targets are the same: each "
                "answer stands in the question. The inputs are `window[:, :-1]`.",
            ),
            Wrong(
                _loss_last_only,
                "The leak is closed. But only the last place is trained, and the "
                "others are thrown away: flatten all of them.",
            ),
            Wrong(
                _loss_backwards,
                "This predicts the token *before* each place, which the model has "
                "often seen. Inputs `window[:, :-1]`, targets `window[:, 1:]`.",
            ),
            Wrong(
                _loss_sum,
                "The sum grows with the window. Take the mean, the default.",
            ),
            Wrong(
                _loss_same,
                "The targets are the inputs, so the model learns to repeat what it "
                "sees. They lie one token later: `window[:, 1:]`.",
            ),
            Wrong(
                _loss_not_flat,
                "Inputs and targets are right. `cross_entropy` looks for the classes "
                "in dimension 1: flatten batch and places into one dimension first.",
            ),
        ),
        hints=(
            "Write the window `hello` under itself, one place apart. Which row is the "
            "question, which the answer, and how many answers are there?",
            "Inputs `window[:, :-1]`; and the loss of `logits.flatten(0, 1)` and "
            "`targets.flatten()`.",
        ),
    ),
}

QUIZZES = {
    "start": Quiz(
        "The model is new: random weights, 65 characters to choose from. Roughly which "
        "loss, in nats per character?",
        (
            Choice(
                "0",
                "That would mean that it knows every next character. A loss near 0 is "
                "the mark of a leak, not of a good model.",
            ),
            Choice(
                "About 2.5, like the bigrams",
                "The bigrams have counted a million characters. The new model has seen "
                "none.",
            ),
            Choice(
                "About 4.2",
                "It knows nothing, so its probabilities are nearly even: the surprise "
                "is near log 65 = 4.17, and a little above.",
                right=True,
            ),
            Choice(
                "About 65",
                "65 is the perplexity of someone who knows nothing. The loss is its "
                "logarithm.",
            ),
        ),
    ),
    "window": Quiz(
        "A batch has 16 windows with 64 inputs each. How many predictions are trained "
        "in one step?",
        (
            Choice(
                "16",
                "One for each window: that is how a classifier of texts works. Here "
                "each place has its own target.",
            ),
            Choice(
                "1,024",
                "16 · 64: each place of each window predicts its next character, all "
                "in one pass.",
                right=True,
            ),
            Choice(
                "1,008",
                "16 · 63 would be right if the last place had no target. The window "
                "was cut one character longer, so it has one.",
            ),
        ),
    ),
    "greedy": Quiz(
        "The model always takes the most probable next character. What will a text of "
        "150 characters read like?",
        (
            Choice(
                "The best text that this model can write.",
                "Each step is the most probable one, but the steps add up to something "
                "that no one would write.",
            ),
            Choice(
                "A line of the plays, learned by heart.",
                "A third of a million parameters cannot hold a million characters, and "
                "it has trained for too short a time.",
            ),
            Choice(
                "A phrase that comes again and again.",
                "A phrase that has just been written is the best guess for what comes "
                "next, and nothing breaks the circle.",
                right=True,
            ),
            Choice(
                "Random characters.",
                "Nothing is random in it: the same beginning always gives the same "
                "text.",
            ),
        ),
    ),
    "top_p": Quiz(
        "At some place the probabilities are 0.97, 0.01, 0.01, 0.01. How many characters "
        "do top-k with k = 3 and top-p with p = 0.9 keep?",
        (
            Choice(
                "3 and 1",
                "Top-k keeps three, whatever the figures. For top-p the first one is "
                "enough: 0.97 is at least 0.9.",
                right=True,
            ),
            Choice(
                "3 and 3",
                "Top-k keeps three. But top-p stops as soon as the sum reaches 0.9, "
                "and the first alone does.",
            ),
            Choice(
                "1 and 1",
                "Top-p keeps one. Top-k does not look at the figures: it keeps three, "
                "two of which make no sense here.",
            ),
            Choice(
                "3 and none",
                "Top-p keeps characters *until* the sum reaches p; the one that "
                "reaches it stays. At least one always does.",
            ),
        ),
    ),
    "cache": Quiz(
        "A text of 100 characters has been read. One more is appended, and the model "
        "reads again. In how many of the 101 places does a GPT compute something new?",
        (
            Choice(
                "In all 101.",
                "That is what our code does, but not what is needed: earlier places "
                "cannot see the new character.",
            ),
            Choice(
                "In 1.",
                "The mask hides the new character from all earlier places: their "
                "vectors stay as they were, in every layer.",
                right=True,
            ),
            Choice(
                "In about 50.",
                "Which ones? No earlier place may look at the new character.",
            ),
        ),
    ),
    "race": Quiz(
        "Two models of the same size, the same text, the same seconds on this machine. "
        "Which one is ahead?",
        (
            Choice(
                "The GPT, clearly.",
                "That is what its fame suggests. But its fame was made with other "
                "machines, texts and sizes.",
            ),
            Choice(
                "They are about equal.",
                "They have equally many parameters, but not equally many steps, and "
                "they do not begin with the same assumptions.",
            ),
            Choice(
                "The LSTM.",
                "On a CPU and within seconds it is ahead: it learns more from each "
                "character at the beginning, and its steps are usually shorter.",
                right=True,
            ),
        ),
    ),
    "race_why": Quiz(
        "You have 2 million characters of log files and one CPU core for a minute. "
        "Later you may get a GPU for a week and a hundred times the text. What is "
        "sensible?",
        (
            Choice(
                "A Transformer now, since it will be needed later.",
                "Measure: within a minute on one core it was behind in every run of "
                "this lesson.",
            ),
            Choice(
                "An LSTM now, and again when the GPU comes.",
                "Its chain of steps leaves most of a GPU idle, and it makes little of "
                "long contexts. Measure again, with both.",
            ),
            Choice(
                "An LSTM now, and a new comparison when the GPU comes.",
                "What is best depends on time, hardware, text and size. All four "
                "change with the GPU.",
                right=True,
            ),
        ),
    ),
}
