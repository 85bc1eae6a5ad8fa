"""Interactive demos: self-contained HTML that is alive on every front end.

The demo `conv_lab` is the function `conv_lab` in `_conv_lab.py`, which checks its
arguments and returns a `Demo`, beside `conv_lab.js` (`export function mount(root, state,
life)`) and, where it has them, `conv_lab.css` and modules that its JavaScript imports.
The underscore keeps the module apart from the function: `demos.conv_lab` is the function.

Modules without an underscore are shared: `demo` (the HTML), `bundling` (JavaScript),
`packing` (arrays), `stills` (still pictures), and the content of single demos
(`chooser_table`, `chooser_rules`, `placement_questions`).
"""

import importlib
from typing import Any

from lessons_lib.demos.demo import Demo
from lessons_lib.demos.packing import pack

__all__ = [
    "Demo",
    "activation_explorer",
    "architecture_table",
    "attention_explorer",
    "backprop_stepper",
    "chooser",
    "conv_lab",
    "descent",
    "diffusion_lab",
    "draw_a_digit",
    "loss_explorer",
    "memory_lab",
    "neuron_lab",
    "pack",
    "perceptron_trainer",
    "placement_test",
    "playground",
    "write_with_gpt",
]


def __getattr__(name: str) -> Any:
    """Import a demo when it is first asked for: some need PyTorch, which takes long."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}._{name}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
