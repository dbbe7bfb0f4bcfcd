"""What backends gain, what they start with, and whether their answers are compared rightly.

``make benchmark-backends`` (an hour and more, most of it for the equal pairs of ``parity``). Speeds
are ratios of rows in the same rounds, with intervals. What a type gains depends on the processor,
so what it computes with is printed first."""

import argparse
import tempfile
from pathlib import Path

import psutil

from embprof.backends.fitness import CALLED, INSTRUCTIONS
from embprof.machine.resources import cpu_flags
from tests.benchmarks import backend_parity, backend_speed, backend_starts

PARTS = {"speed": backend_speed, "starts": backend_starts, "parity": backend_parity}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", default=list(PARTS), help=", ".join(PARTS))
    print(f"machine: {psutil.cpu_count()} CPUs; {_instructions()}")
    for name in asked.parse_args().parts:
        with tempfile.TemporaryDirectory(prefix="embprof-benchmark-") as folder:
            print(f"\n== {name}: {PARTS[name].TITLE}", flush=True)
            PARTS[name].run(Path(folder))


def _instructions() -> str:
    here = cpu_flags()
    known = (
        f"{'has' if wanted & here else 'no'} instructions for {CALLED[dtype]}"
        for dtype, wanted in INSTRUCTIONS.items()
    )
    return ", ".join(known)


if __name__ == "__main__":
    main()
