"""Prints what embprof itself costs: ``make benchmark`` (some ten minutes).

Nothing here is a test: on a shared machine an absolute time means little, so what can be a ratio of
two things measured in turn in the same run is printed as one, with its spread."""

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks import harness, many_runs, start, sweep

PARTS = {"start": start, "sweep": sweep, "harness": harness, "many_runs": many_runs}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=list(PARTS), help=", ".join(PARTS))
    for name in asked.parse_args().parts:
        with tempfile.TemporaryDirectory(prefix="embprof-benchmark-") as folder:
            print(f"\n== {name}: {PARTS[name].TITLE}", flush=True)
            PARTS[name].run(Path(folder))


if __name__ == "__main__":
    main()
