"""The rival of `tiny_gpt`: an LSTM of the same size, for about the same seconds."""

from pathlib import Path

from torch import Tensor

from checkpoints import _shakespeare
from lessons_lib.models import CharLSTM

SIZES = {"embed_dim": 64, "hidden_dim": 256}
ALL_STEPS, BATCH_SIZE, LR = (300, 1200, 4800, 9600), 16, 1e-2


def make_model(vocab_size: int) -> CharLSTM:
    """Return the network, untrained."""
    return CharLSTM(vocab_size, **SIZES)


def train(
    work: Path, all_steps: tuple[int, ...] = ALL_STEPS
) -> tuple[dict[str, Tensor], dict]:
    """Train, or go on from `work`; return the weights and what was done."""
    state, about = _shakespeare.train(
        work, make_model, all_steps, BATCH_SIZE, LR, betas=(0.9, 0.99)
    )
    return state, about | {"model": {"vocab_size": len(about["chars"]), **SIZES}}
