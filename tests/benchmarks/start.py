"""Time until embprof answers without measuring."""

from pathlib import Path

from tests.benchmarks.timing import embprof, shown

TITLE = "embprof --help <= 0.5 s, plan of 1,000 jobs <= 3 s"
RUNS = 7
THOUSAND = ("plan", "-m", "batch_size=range(1,101)", "seed=0,1,2,3,4,5,6,7,8,9")


def run(folder: Path) -> None:
    """Prints both times."""
    print("--help:", shown([embprof(folder, "--help") for _ in range(RUNS)]))
    print("plan of 1,000 jobs:", shown([embprof(folder, *THOUSAND) for _ in range(RUNS)]))
