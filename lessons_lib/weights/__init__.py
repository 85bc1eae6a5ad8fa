"""Weights that were trained longer than a lesson has time for; see `checkpoints/`.

Each is two files: `<name>.pt`, a state_dict in float16, and `<name>.json`, how it came
about and the SHA-256 of the weights.
"""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import torch

FOLDER = Path(__file__).parent


def about_weights(name: str, folder: Path | None = None) -> dict[str, Any]:
    """Return what is recorded about the training: seconds, machine, data, results.

    Raises:
        ValueError: If there are no weights of this name.
    """
    folder = folder or FOLDER
    try:
        return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(path.stem for path in folder.glob("*.json")))
        raise ValueError(f"name must be one of {known or 'none'}, got {name!r}") from None


def load_weights(name: str, folder: Path | None = None) -> dict[str, torch.Tensor]:
    """Return trained weights as a state_dict in float32, on the CPU.

    Args:
        name: Whose they are, for example "diffusion".
        folder: Where the two files are; default: those of the package.

    Raises:
        ValueError: If there are none of this name, or the file is missing or damaged.
    """
    folder = folder or FOLDER
    about = about_weights(name, folder)
    path = folder / f"{name}.pt"
    remedy = f"install the package again, or train them: make checkpoints NAME={name}"
    if not path.exists():
        raise ValueError(f"{path} is missing: {remedy}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != about["sha256"]:
        raise ValueError(
            f"{path} is damaged: its SHA-256 must be {about['sha256'][:12]}..., "
            f"got {found[:12]}...: {remedy}"
        )
    state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return {key: value.float() for key, value in state.items()}
