"""Measure all topics or the named ones: `python -m benchmarks [topic ...] [--rounds 5]`."""

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks.report import PAGE, plain_table, read_results
from benchmarks.timing import Row
from benchmarks.words import TITLES

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("topics", nargs="*", metavar="topic", help=", ".join(TITLES))
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    topics = chosen.topics or list(TITLES)
    if unknown := set(topics) - TITLES.keys():
        parser.error(f"no topic {sorted(unknown)}: there are {', '.join(TITLES)}")
    failed = []
    for topic in topics:  # a process each: its threads and memory are its own
        print(f"measuring {topic} ...", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{topic}", "--rounds"]
        done = subprocess.run(
            [*command, str(chosen.rounds)], cwd=ROOT, stdout=subprocess.PIPE
        )
        failed += [topic] if done.returncode else []
    results = read_results()
    for topic in (topic for topic in topics if topic in results):
        print(plain_table(topic, [Row(**row) for row in results[topic]["rows"]]))
    print(f"written: {PAGE.relative_to(ROOT)}")
    if failed:
        print(f"failed, older figures kept: {', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
