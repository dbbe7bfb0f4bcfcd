"""The page of ``embprof doctor``, and its JSON."""

import io
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from embprof.doctor.clock import ClockFigures
from embprof.doctor.diagnosis import Diagnosis
from embprof.doctor.page import _short, as_json, render
from embprof.machine.facts.gpus import Gpu
from embprof.machine.facts.neighbours import Neighbour

MakeDiagnosis = Callable[..., Diagnosis]


def page(diagnosis: Diagnosis, width: int = 100) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width)
    for part in render(diagnosis):
        console.print(part)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def text(diagnosis: Diagnosis) -> str:
    """The page as one line, so that no assertion depends on where lines break."""
    return " ".join(" ".join(page(diagnosis)).split())


def test_the_page_says_what_it_found_section_by_section(diagnosis: MakeDiagnosis) -> None:
    lines = page(diagnosis())
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert headings[:4] == [
        "this machine",
        "clock and harness",
        "noise: one job against itself, in turn",
        "traps: 0 warnings, 0 notes",
    ]
    assert "  processor   CPU" in lines
    assert "  CPUs        4 of 4 usable, on 4 cores" in lines
    assert "  memory      12.0 GB available of 16.0 GB" in lines
    assert "  system      Linux 6.1, Python 3.11.2" in lines
    assert "  job         4 compute threads, wait_policy=passive" in lines


def test_figures_are_told_in_units_of_their_size(diagnosis: MakeDiagnosis) -> None:
    said = text(diagnosis())
    assert "steps of 42.0 ns (smallest 30.0 ns), a reading takes 45.0 ns" in said
    assert "calls from 4.20 µs are timed to 1 %" in said
    assert "adds 310 ns to a call (300 ns to 330 ns) and 92.0 µs to a slice of 0.2 s" in said
    assert "0.0770 % of calls of 1.00 ms, 0.0491 % of calls of 10.0 ms" in said


def test_noise_is_told_with_its_interval_and_what_can_be_detected(diagnosis: MakeDiagnosis) -> None:
    said = text(diagnosis())
    assert "1.002 (0.995 to 1.009)" in said
    assert "24 pairs of workers in 58 s, sd of a pair 2.1 %" in said
    assert "1 min: 6.1 % 3 min: 2.6 % 10 min: 1.7 %" in said
    assert "used 3.0 % of a CPU meanwhile" in said


def test_traps_stand_worst_first_each_with_its_advice(diagnosis: MakeDiagnosis) -> None:
    lines = page(diagnosis(memory={"huge_pages": "madvise"}, threads={"count": 5}))
    start = lines.index("traps: 1 warning, 1 note")
    assert lines[start + 1] == "  warning     threads and cpus: 5 threads on 4 usable CPUs"
    assert lines[start + 2] == "              → threads=4"
    assert lines[start + 3].startswith("  note        huge pages: given to those who ask (madvise)")


def test_what_is_fine_and_what_is_not_told_is_named(diagnosis: MakeDiagnosis) -> None:
    said = text(diagnosis(frequency={"turbo": None, "governor": None}))
    assert "fine busy neighbours, recent load" in said
    assert "not told governor, turbo" in said


def test_the_last_line_says_what_the_machine_can_be_trusted_with(diagnosis: MakeDiagnosis) -> None:
    assert text(diagnosis()).endswith("6.1 % in 1 min, 2.6 % in 3 min, 1.7 % in 10 min.")


def test_without_noise_its_section_is_left_out(diagnosis: MakeDiagnosis) -> None:
    said = text(replace(diagnosis(), noise=None))
    assert "against itself" not in said
    assert said.endswith("nothing is said about the changes that it would hide.")


def test_a_page_of_many_traps_fits_its_width(diagnosis: MakeDiagnosis) -> None:
    neighbours = tuple(
        Neighbour(pid=12345, name="a-process-of-long-name", share=0.9) for _ in "abc"
    )
    bad = diagnosis(
        window={"others": 0.9, "memory_stall": 0.4},
        measuring={"steal": 0.2, "throttled": 9, "thermal": 9, "swapped": 9, "others": 0.9},
        quiet={"busiest": neighbours},
        threads={"count": 16, "counts": {"OMP_NUM_THREADS": "8"}, "wait_policy": "default"},
        cpus={
            "quota": 1.5,
            "virtual": True,
            "clocksource": "hpet",
            "nodes": 2,
            "kinds": ("0", "1"),
        },
        memory={"available": 0, "huge_pages": "never", "limit": 10**9},
        storage={"runs_free": 0},
        gpus={"count": 1, "known": (Gpu(name="H1", persistent=False, processes=2),)},
    )
    for width in (60, 100):
        assert max(map(len, page(bad, width))) <= width


def test_a_clock_that_stands_still_and_unknown_bounds_are_told_as_such(
    diagnosis: MakeDiagnosis,
) -> None:
    found = diagnosis()
    assert found.noise is not None
    still = replace(
        found,
        clock=ClockFigures(smallest_step=None, median_step=None, reading=0.0),
        noise=replace(
            found.noise,
            ratio=replace(found.noise.ratio, low=None, high=None),
            pair_sd=None,
            others=None,
            smallest_detectable={60: None},
        ),
    )
    said = text(still)
    assert "clock stood still" in said
    assert "A/A ratio 1.002: 1 if" in said
    assert "24 pairs of workers in 58 s detectable 1 min: none" in said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (4e-8, "40.0 ns"),
        (4.2e-6, "4.20 µs"),
        (0.01, "10.0 ms"),
        (2.0, "2.0 s"),
        (-1e-8, "-10.0 ns"),
    ],
)
def test_short_times_have_three_digits(seconds: float, said: str) -> None:
    assert _short(seconds) == said


def test_json_has_everything_under_a_version(diagnosis: MakeDiagnosis) -> None:
    bad = diagnosis(threads={"count": 5}, frequency={"turbo": None})
    told = json.loads(json.dumps(as_json(bad)))
    assert told["schema_version"] == 1
    assert told["job"] == {
        "overrides": ["batch_size=8"],
        "key": "key0",
        "environment": "environment0",
    }
    assert told["machine"]["cpus"]["usable"] == 4
    assert told["clock"]["shortest_call"] == pytest.approx(4.2e-6)
    assert told["harness"]["per_call"]["n"] == 60
    assert told["noise"]["smallest_detectable"] == {"60": 0.061, "180": 0.026, "600": 0.017}
    assert told["traps"][0] == {
        "name": "threads and cpus",
        "severity": "warning",
        "found": "5 threads on 4 usable CPUs",
        "advice": "threads=4",
    }
    assert told["not_told"] == ["turbo"]
    assert told["conclusion"].endswith("then run this again.")
    assert as_json(replace(bad, noise=None))["noise"] is None
