"""Networks that a lesson shows in full and that trained weights belong to.

Each class here is the class of its lesson, line for line; a test compares the two.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lessons_lib.layers import Block

# ---- lesson: transformers/tiny_gpt ---------------------------------------------------


class GPT(nn.Module):
    """Predict at every place of a text the token that comes next.

    Source: Radford et al. 2019 (GPT-2: pre-norm blocks, a last norm); positions by
    rotation: Su et al. 2021.
    """

    def __init__(
        self, vocab_size: int, embed_dim: int, num_heads: int, num_layers: int
    ) -> None:
        """Stack `num_layers` causal blocks; `embed_dim / num_heads` must be even."""
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.blocks = nn.ModuleList(
            Block(embed_dim, num_heads, causal=True) for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(embed_dim)
        self.head = nn.Linear(embed_dim, vocab_size)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map token numbers (B, T) to logits (B, T, vocab_size)."""
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x, positions=positions)
        return self.head(self.norm(x))


class CharLSTM(nn.Module):
    """The rival of `GPT`: an LSTM that predicts the next token at every place."""

    def __init__(self, vocab_size: int, embed_dim: int, hidden_dim: int) -> None:
        """Make an embedding, one layer of `hidden_dim` cells and a linear layer."""
        super().__init__()
        self.embed = nn.Embedding(vocab_size, embed_dim)
        self.lstm = nn.LSTM(embed_dim, hidden_dim, batch_first=True)
        self.head = nn.Linear(hidden_dim, vocab_size)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map token numbers (B, T) to logits (B, T, vocab_size)."""
        states, _ = self.lstm(self.embed(tokens))
        return self.head(states)


# ---- lesson: generative/diffusion ----------------------------------------------------


def embed_time(t: Tensor) -> Tensor:
    """Return times (N,) in 0..1 as (N, 16): sines and cosines of eight speeds."""
    speeds = 50 ** torch.linspace(0, 1, 8, device=t.device)
    angles = t[:, None] * speeds
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut; an embedding tells them time and class."""

    def __init__(self, in_channels: int, out_channels: int, embed_dim: int) -> None:
        """Make the layers; both numbers of channels are multiples of 4."""
        super().__init__()
        self.norm1 = nn.GroupNorm(4, in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.tell = nn.Linear(embed_dim, out_channels)
        self.norm2 = nn.GroupNorm(4, out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.shortcut = nn.Identity()
        if in_channels != out_channels:
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor, embed: Tensor) -> Tensor:
        """Map (N, in_channels, H, W) and (N, embed_dim) to (N, out_channels, H, W)."""
        h = self.conv1(F.silu(self.norm1(x))) + self.tell(embed)[:, :, None, None]
        return self.shortcut(x) + self.conv2(F.silu(self.norm2(h)))


class Bottom(nn.Module):
    """Dense layers at the lowest level, where every place meets every other."""

    def __init__(
        self, channels: int, side: int, hidden_dim: int, embed_dim: int
    ) -> None:
        """Make the layers for a picture (channels, side, side)."""
        super().__init__()
        self.squeeze = nn.Conv2d(channels, 8, 1)
        self.read = nn.Linear(8 * side * side, hidden_dim)
        self.tell = nn.Linear(embed_dim, hidden_dim)
        self.think = nn.Linear(hidden_dim, hidden_dim)
        self.write = nn.Linear(hidden_dim, 8 * side * side)
        self.widen = nn.Conv2d(8, channels, 1)

    def forward(self, x: Tensor, embed: Tensor) -> Tensor:
        """Map (N, channels, side, side) and (N, embed_dim) to the shape of `x`."""
        thin = self.squeeze(x)
        h = self.read(thin.flatten(1)) + self.tell(embed)
        h = h + self.think(F.silu(h))
        return x + self.widen(self.write(F.silu(h)).reshape(thin.shape))


class UNet(nn.Module):
    """Predict the velocity of each pixel from a noisy picture, its time and its class.

    Source: shape of the network: Ronneberger, Fischer, Brox 2015 (U-Net); blocks with
    group norm and an embedding of time: Ho, Jain, Abbeel 2020, appendix B.
    """

    def __init__(
        self,
        side: int,
        widths: tuple[int, ...],
        hidden_dim: int = 256,
        embed_dim: int = 64,
        num_classes: int = 10,
    ) -> None:
        """Make one level for each entry of `widths`, its number of channels."""
        super().__init__()
        self.time = nn.Linear(16, embed_dim)
        self.label = nn.Embedding(num_classes + 1, embed_dim)  # the last: no label
        self.enter = nn.Conv2d(4, widths[0], 3, padding=1)
        below = (*widths[1:], widths[-1])  # channels one level down
        pairs = list(zip(widths, below, strict=True))
        self.down = nn.ModuleList(ResidualBlock(w, w, embed_dim) for w in widths)
        self.halve = nn.ModuleList(nn.Conv2d(w, b, 3, 2, 1) for w, b in pairs[:-1])
        self.up = nn.ModuleList(ResidualBlock(b + w, w, embed_dim) for w, b in pairs)
        lowest = side // 2 ** len(widths)  # side of the lowest level
        self.bottom = Bottom(widths[-1], lowest, hidden_dim, embed_dim)
        self.norm = nn.GroupNorm(4, widths[0])
        self.leave = nn.Conv2d(widths[0], 4, 3, padding=1)

    def forward(self, x: Tensor, t: Tensor, labels: Tensor) -> Tensor:
        """Map pictures (N, 1, side, side), times (N,), labels (N,) to velocities."""
        embed = F.silu(self.time(embed_time(t)) + self.label(labels))
        x = self.enter(F.pixel_unshuffle(x, 2))  # each 2x2 square: four channels
        seen = []
        for i, block in enumerate(self.down):
            x = block(self.halve[i - 1](x) if i else x, embed)
            seen.append(x)
        x = self.bottom(x, embed)
        for block in reversed(self.up):
            beside = seen.pop()
            x = F.interpolate(x, size=beside.shape[2:])  # twice as large, or as it is
            x = block(torch.cat([x, beside], dim=1), embed)
        return F.pixel_shuffle(self.leave(F.silu(self.norm(x))), 2)
