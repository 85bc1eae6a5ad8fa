"""Run every benchmark, one after the other: `make bench`."""

import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    commands = [[sys.executable, str(path)] for path in sorted(FOLDER.glob("[!_]*.py"))]
    if node := shutil.which("node"):
        commands += [[node, str(path)] for path in sorted(FOLDER.glob("*.mjs"))]
    else:
        print("Node is not installed: the demos' benchmarks are left out.")
    for command in commands:
        print(f"== {Path(command[1]).name}", flush=True)
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
