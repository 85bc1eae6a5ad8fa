"""Train weights: `python -m checkpoints [name ...] [--again]`.

Without names, all of them; those that are there already are left alone, unless
`--again` is given. Interrupt whenever you like: the same command goes on.
"""

import argparse
import importlib
import pkgutil

import checkpoints
from lessons_lib import weights


def main() -> None:
    """Train what was asked for and write the files into `lessons_lib/weights`."""
    known = sorted(
        module.name
        for module in pkgutil.iter_modules(checkpoints.__path__)
        if not module.name.startswith("_")
    )
    parser = argparse.ArgumentParser(prog="python -m checkpoints", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(known))
    parser.add_argument("--again", action="store_true", help="train again what exists")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    for name in options.names or known:
        if (weights.FOLDER / f"{name}.pt").exists() and not options.again:
            print(f"{name}: is there already (--again trains it once more)")
            continue
        print(f"{name}: training", flush=True)
        work = checkpoints.WORK / f"{name}.pt"
        state, about = importlib.import_module(f"checkpoints.{name}").train(work)
        path = checkpoints.write_weights(name, state, about)
        work.unlink(missing_ok=True)
        print(f"{name}: {path}, {path.stat().st_size:,} bytes", flush=True)


if __name__ == "__main__":
    main()
