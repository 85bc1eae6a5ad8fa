"""WriteWithGPT in PyTorch: the same rounded network, one token after the other."""

import torch
from demo_models import CHARS, make_gpt
from demo_tools import js_core

from lessons_lib.demos import _write_with_gpt
from lessons_lib.layers import rotary

READ = (
    "const gpt = m.loadGpt(v.state); const text = m.openText(gpt, 400);"
    "for (const k of v.tokens) m.readToken(text, k);"
)
core = js_core("kit", "gpt_core")


def exported(model, context=128):
    """Return the state for the page, and the same rounded weights in a GPT."""
    chars = CHARS[: model.embed.num_embeddings]
    return _write_with_gpt.state(model, chars, context, chars[:2], 1.0, 0, 1.0)


def random_tokens(model, count, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(model.embed.num_embeddings, (count,), generator=generator)


@torch.no_grad()
def step_by_step(model, tokens, context):
    """Run a GPT with a cache that keeps the last `context` keys and values.

    Returns:
        Logits (T, vocab) and for each place the weights (layers, heads, places in view).
    """
    cache = [([], []) for _ in model.blocks]
    logits, seen = [], []
    for t, token in enumerate(tokens):
        x, rows = model.embed(token), []
        for block, (keys, values) in zip(model.blocks, cache, strict=True):
            part, h = block.attention, block.norm1(x)
            place = torch.tensor([t])
            q, k = (
                rotary(layer(h).unflatten(-1, (part.num_heads, 1, -1)), place)
                for layer in (part.query, part.key)
            )
            keys.append(k)
            values.append(part.value(h).unflatten(-1, (part.num_heads, 1, -1)))
            del keys[:-context], values[:-context]
            scores = q @ torch.cat(keys, 1).mT / q.shape[-1] ** 0.5
            rows.append(scores.softmax(-1)[:, 0])
            x = x + part.out((scores.softmax(-1) @ torch.cat(values, 1)).flatten())
            x = x + block.mlp(block.norm2(x))
        logits.append(model.head(model.norm(x)))
        seen.append(torch.stack(rows))
    return torch.stack(logits), seen


def bigrams(table, chars=CHARS, dim=64, seed=None):
    """Return a GPT that gives each next character the chances in `table`.

    Characters that the table lacks are followed by any character.
    """
    model = make_gpt((len(chars), dim, 4, 2), seed or 0)
    wish = torch.zeros(dim, len(chars))
    for char, likely in table.items():
        share = (1 - sum(likely.values())) / (len(chars) - len(likely))
        probs = torch.full((len(chars),), share)
        for other, p in likely.items():
            probs[chars.index(other)] = p
        wish[chars.index(char)] = probs.log()
    with torch.no_grad():
        for block in model.blocks:
            for part in (block.attention.out, block.mlp[2]):
                part.weight.zero_()
                part.bias.zero_()
        model.embed.weight.copy_(torch.eye(dim)[: len(chars)])
        model.norm.weight.fill_(1.0)
        model.norm.bias.zero_()
        spread = (1 / dim * (1 - 1 / dim) + 1e-5) ** 0.5
        model.head.weight.copy_(wish.T * spread)
        model.head.bias.copy_(wish.mean(0))
    return model


def next_probs(model, text):
    tokens = torch.tensor([[CHARS.index(char) for char in text]])
    with torch.no_grad():
        return model(tokens)[0].softmax(-1)
