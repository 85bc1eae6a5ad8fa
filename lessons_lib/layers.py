"""Layers that a lesson has built, for the lessons after it to import.

Each of them stands in full in its lesson; here it stands once more, short and tested.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# ---- lesson: transformers/attention --------------------------------------------------


def attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, *, causal: bool = False
) -> Tensor:
    """Return for each query the average of the values, weighted by its matching keys.

    Args:
        q: Queries, shape (..., T, head_dim).
        k: Keys, shape (..., S, head_dim).
        v: Values, shape (..., S, value_dim).
        mask: Booleans that broadcast to (..., T, S), True where a query may look.
        causal: Also hide every key that stands after its query (needs T = S).

    Returns:
        Shape (..., T, value_dim); zeros for a query that may look nowhere (PyTorch 2.5).

    Source:
        Vaswani et al., "Attention is all you need" (2017), equation 1. Computed by
        PyTorch's kernel, which need not store the (T, S) table of weights.
    """
    if causal and mask is not None:
        mask, causal = mask & causal_mask(q.shape[-2], q.device), False
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)


def attention_weights(
    q: Tensor, k: Tensor, mask: Tensor | None = None, *, causal: bool = False
) -> Tensor:
    """Return the weights that `attention` gives to the values, to look at.

    Args:
        q: Queries, shape (..., T, head_dim).
        k: Keys, shape (..., S, head_dim).
        mask: Booleans that broadcast to (..., T, S), True where a query may look.
        causal: Also hide every key that stands after its query (needs T = S).

    Returns:
        Shape (..., T, S). Rows sum to 1, or are 0 where a query may look nowhere.
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if causal:
        past = causal_mask(q.shape[-2], q.device)
        mask = past if mask is None else mask & past
    if mask is None:
        return scores.softmax(dim=-1)
    is_open = mask | ~mask.any(dim=-1, keepdim=True)  # a row of only -inf gives NaN
    weights = scores.masked_fill(~is_open, -math.inf).softmax(dim=-1)
    return weights.masked_fill(~mask, 0.0)


def causal_mask(seq_len: int, device: torch.device | str | None = None) -> Tensor:
    """Return booleans (seq_len, seq_len): True where row t may look, at columns 0 to t."""
    return torch.ones(seq_len, seq_len, dtype=torch.bool, device=device).tril()


class MultiHeadAttention(nn.Module):
    """Several attentions side by side, each in a space of its own, then joined.

    With `memory` the queries come from `x` and the keys and values from `memory`
    (cross-attention); without it all three come from `x` (self-attention).

    Source:
        Vaswani et al. (2017), section 3.2.2; `nn.MultiheadAttention` gives the same
        numbers with the same weights.
    """

    def __init__(self, embed_dim: int, num_heads: int, *, causal: bool = False) -> None:
        """Create four linear layers, `embed_dim` to `embed_dim`.

        Args:
            embed_dim: Length of a token's vector.
            num_heads: Must divide `embed_dim`.
            causal: Hide from each token those after it.

        Raises:
            ValueError: If `num_heads` does not divide `embed_dim`.
        """
        super().__init__()
        if embed_dim % num_heads:
            raise ValueError(
                "embed_dim must be a multiple of num_heads, got "
                f"embed_dim={embed_dim}, num_heads={num_heads}"
            )
        self.num_heads, self.causal = num_heads, causal
        self.query = nn.Linear(embed_dim, embed_dim)
        self.key = nn.Linear(embed_dim, embed_dim)
        self.value = nn.Linear(embed_dim, embed_dim)
        self.out = nn.Linear(embed_dim, embed_dim)

    def split(self, x: Tensor) -> Tensor:
        """Cut each vector into one piece for each head: (B, T, C) to (B, H, T, C / H)."""
        return x.unflatten(-1, (self.num_heads, -1)).transpose(-3, -2)

    def _match(
        self, x: Tensor, memory: Tensor, positions: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return queries and keys, split, and turned if there are positions."""
        q, k = self.split(self.query(x)), self.split(self.key(memory))
        if positions is not None:
            q, k = rotary(q, positions), rotary(k, positions)
        return q, k

    def forward(
        self, x: Tensor, memory: Tensor | None = None, *,
        mask: Tensor | None = None, positions: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """Return a new vector for each token of `x`.

        Args:
            x: Shape (B, T, C).
            memory: Shape (B, S, C); default `x`.
            mask: Booleans that broadcast to (B, H, T, S), True where a query may
                look; for padding (B, 1, 1, S).
            positions: Shape (T,): turn queries and keys by `rotary` (self-attention).

        Returns:
            Shape (B, T, C).
        """
        memory = x if memory is None else memory
        q, k = self._match(x, memory, positions)
        v = self.split(self.value(memory))
        heads = attention(q, k, v, mask, causal=self.causal)
        return self.out(heads.transpose(-3, -2).flatten(-2))

    def weights(
        self, x: Tensor, memory: Tensor | None = None, *,
        mask: Tensor | None = None, positions: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """Return who looks at whom, shape (B, H, T, S); arguments as in `forward`."""
        q, k = self._match(x, x if memory is None else memory, positions)
        return attention_weights(q, k, mask, causal=self.causal)


def frequencies(dim: int, base: float = 10000.0) -> Tensor:
    """Return the dim / 2 angles by which one step turns the pairs of a vector.

    Raises:
        ValueError: If `dim` is odd.
    """
    if dim % 2:
        raise ValueError(f"dim must be even, for pairs, got {dim}")
    return base ** (-torch.arange(0, dim, 2) / dim)


def sinusoidal(seq_len: int, embed_dim: int) -> Tensor:
    """Return a fixed vector for each position, shape (seq_len, embed_dim).

    Entries 2i and 2i + 1 are the sine and cosine of position / 10000^(2i / embed_dim).

    Source:
        Vaswani et al. (2017), section 3.5.
    """
    angles = torch.outer(torch.arange(seq_len).float(), frequencies(embed_dim))
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)


def rotary(x: Tensor, positions: Tensor) -> Tensor:
    """Turn each pair of neighbouring entries by an angle proportional to the position.

    The dot product of a turned query and a turned key depends on their positions only
    through the distance.

    Args:
        x: Queries or keys, shape (..., T, head_dim), with an even head_dim.
        positions: Shape (T,).

    Returns:
        Same shape as `x`; lengths are kept.

    Source:
        Su et al., "RoFormer" (2021), section 3.2. (Other code pairs entry
        i with entry i + head_dim / 2: the same idea, the entries in another order.)
    """
    step = frequencies(x.shape[-1]).to(x.device)
    angles = torch.outer(positions.float(), step)  # (T, head_dim / 2)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), dim=-1).flatten(-2)


# ---- lesson: transformers/transformer ------------------------------------------------


class Block(nn.Module):
    """Attention, then an MLP for each token, each added to the stream that runs past.

    Has 12 d² + 13 d parameters for d = `embed_dim`. `nn.TransformerEncoderLayer` with
    `activation="gelu"` gives the same numbers with the same weights.

    Source:
        Vaswani et al. (2017), section 3.1; norm before each part: Radford et al.,
        "Language models are unsupervised multitask learners" (2019), section 2.3.
    """

    def __init__(
        self, embed_dim: int, num_heads: int, *, causal: bool = False,
        norm_first: bool = True,
    ) -> None:  # fmt: skip
        """Create attention, an MLP four times as wide, and two layer norms.

        Args:
            embed_dim: Length of a token's vector.
            num_heads: Must divide `embed_dim`.
            causal: Hide from each token those after it.
            norm_first: Each part reads a normalised copy (pre-norm); else the stream
                is normalised after each addition (post-norm, which needs warmup).

        Raises:
            ValueError: If `num_heads` does not divide `embed_dim`.
        """
        super().__init__()
        self.norm_first = norm_first
        self.norm1 = nn.LayerNorm(embed_dim)
        self.attention = MultiHeadAttention(embed_dim, num_heads, causal=causal)
        self.norm2 = nn.LayerNorm(embed_dim)
        self.mlp = nn.Sequential(
            nn.Linear(embed_dim, 4 * embed_dim),
            nn.GELU(),
            nn.Linear(4 * embed_dim, embed_dim),
        )

    def forward(
        self, x: Tensor, mask: Tensor | None = None, *, positions: Tensor | None = None
    ) -> Tensor:
        """Return a new vector for each token of `x`.

        Args:
            x: Shape (B, T, C).
            mask: Booleans that broadcast to (B, H, T, T), True where a query may look.
            positions: Shape (T,): turn queries and keys by `rotary`.

        Returns:
            Shape (B, T, C).
        """
        if self.norm_first:
            x = x + self.attention(self.norm1(x), mask=mask, positions=positions)
            return x + self.mlp(self.norm2(x))
        x = self.norm1(x + self.attention(x, mask=mask, positions=positions))
        return self.norm2(x + self.mlp(x))
