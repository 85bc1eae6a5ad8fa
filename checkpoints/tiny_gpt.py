"""The GPT of the lesson `tiny_gpt`, trained on Shakespeare for about eight minutes.

Before it, three with fewer steps. With those of `tiny_lstm` they say which of the two is
ahead after how many seconds.
"""

from pathlib import Path

from torch import Tensor

from checkpoints import _shakespeare
from lessons_lib.models import GPT

SIZES = {"embed_dim": 96, "num_heads": 4, "num_layers": 3}
ALL_STEPS, BATCH_SIZE, LR = (320, 1280, 5120, 10240), 8, 5e-3


def make_model(vocab_size: int) -> GPT:
    """Return the network, untrained."""
    return GPT(vocab_size, **SIZES)


def train(
    work: Path, all_steps: tuple[int, ...] = ALL_STEPS
) -> tuple[dict[str, Tensor], dict]:
    """Train, or go on from `work`; return the weights and what was done."""
    state, about = _shakespeare.train(
        work, make_model, all_steps, BATCH_SIZE, LR, betas=(0.9, 0.95), weight_decay=0.1
    )
    return state, about | {"model": {"vocab_size": len(about["chars"]), **SIZES}}
