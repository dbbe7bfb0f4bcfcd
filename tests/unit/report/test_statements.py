"""What one report says: every kind of sweep is answered, and no two statements contradict."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from embprof.interface.finding import Finding, Kind
from embprof.report import targets
from embprof.report.documents.answer import Reply, reply
from embprof.report.findings import findings
from embprof.report.headline import show_answer
from embprof.report.rules import noise, targets_met
from embprof.report.study import Answer, Study

if TYPE_CHECKING:
    from tests.unit.conftest import MakeAnswer, MakeStudy

DRAWN = 150
HALVES = (None, 0.003, 0.01, 0.05, 0.2, 0.6)
OPEN, CLOSED = "measurement=open_loop", "measurement=closed_loop"
SIZES = re.compile(r"batches of (\d+)")


@pytest.fixture
def replied(study: MakeStudy) -> Callable[..., Reply]:
    def make(*answers: Answer) -> Reply:
        made = study(*answers)
        return reply(made, findings(made))

    return make


@pytest.mark.parametrize(
    ("swept", "found"),
    [
        (("threads", {1: 100, 2: 150}, 0.01), "threads=2 gives 50 % (48 to 52 %) more throughput"),
        (("threads", {1: 100, 2: 101}, 0.2), "threads=1 and 2 cannot be told apart"),
        (("texts_per_call", {32: 100, 64: 120}, 0.01), "texts_per_call=64 has the highest"),
        (
            ("texts_per_call", {32: 100, 64: 101}, 0.3),
            "Which texts_per_call is best cannot be told",
        ),
        (
            ("texts_per_call", {32: 100, 64: 101}, None),
            "Which texts_per_call is best cannot be told",
        ),
        (
            ("texts_per_call", {32: 100, 64: 100}, 0.01),
            "texts_per_call makes no difference of more",
        ),
        (("truncation", {64: 150, 128: 100}, 0.01), "Cutting texts gives more throughput"),
        (("truncation", {64: 101, 128: 100}, 0.2), "That cutting texts at 64 tokens is faster"),
        (("text_length", {10: 400, 100: 100}, 0.01), "text_length=10 has the highest rate"),
        (("model.weights", {"random": 40, "pretrained": 60}, 0.01), "model.weights=pretrained has"),
        (("corpus", {"claims": 40, "evidence": 60}, 0.01), "corpus=evidence has the highest"),
    ],
)
def test_a_sweep_of_throughputs_is_answered_by_what_was_swept(
    swept: tuple[str, Mapping[object, float], float | None],
    found: str,
    answer: MakeAnswer,
    replied: Callable[..., Reply],
) -> None:
    axis, rates, half = swept
    answers = [answer(f"{axis}={value}", rate=rate, half=half) for value, rate in rates.items()]
    said = replied(*answers)
    assert said.is_answer
    assert said.found.startswith(found)
    assert "MiniLM" in said.conditions
    assert "2 threads" in said.conditions


@pytest.mark.parametrize(
    ("rates", "found"),
    [
        ({1: 100, 2: 200, 4: 390}, "Throughput still rises at 4 callers at once"),
        ({1: 100, 4: 400, 8: 402}, "4 callers at once get 400 texts/s ± 1.0 %; 8 get 0.5 % more"),
    ],
)
def test_a_sweep_of_callers_is_answered(
    rates: Mapping[int, float], found: str, answer: MakeAnswer, replied: Callable[..., Reply]
) -> None:
    answers = [
        answer(CLOSED, f"measurement.concurrency={count}", rate=rate)
        for count, rate in rates.items()
    ]
    assert replied(*answers).found.startswith(found)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("kept", "kept"), "Calls were answered as they came at every rate up to 20 calls/s; resp"),
        (("kept", "overloaded"), "At 20 calls/s calls pile up: 15.0 a second were answered; at 10"),
    ],
)
def test_a_sweep_of_rates_is_answered_without_a_target(
    words: tuple[str, str], found: str, answer: MakeAnswer, replied: Callable[..., Reply]
) -> None:
    answers = [
        answer(
            *(OPEN, f"measurement.rate={rate}"),
            figures={"response_p95_ms": (float(rate), 0.1), "answered_calls_per_s": 15.0},
            outcomes={"load": word},
        )
        for rate, word in zip((10, 20), words, strict=True)
    ]
    assert replied(*answers).found.startswith(found)


@pytest.mark.parametrize("measurement", ["acme.footprint.Footprint", "acme.power.Power"])
def test_a_measurement_of_a_third_party_is_answered_in_general_words(
    measurement: str,
    answer: MakeAnswer,
    configured: Callable[..., dict[str, Any]],
    replied: Callable[..., Reply],
) -> None:
    answers = [
        answer(
            f"batch_size={size}",
            figures={"held_mb": (float(held), 0.01)},
            config={**configured(f"batch_size={size}"), "measurement": {"_target_": measurement}},
        )
        for size, held in ((8, 100), (16, 150), (32, 300))
    ]
    assert replied(*answers).found == (
        "batch_size=8 has the lowest held MB: 100 MB ± 1.0 %, 33 % (32 to 34 %) less than with "
        "batch_size=16 and 67 % (66 to 67 %) less than with batch_size=32."
    )


def test_what_is_wanted_says_which_rows_have_it_and_what_is_best_of_them(
    answer: MakeAnswer, replied: Callable[..., Reply]
) -> None:
    wanted = ("+limits.latency_p95_ms=50", "+targets.peak_rss_mb=1000")
    answers = [
        answer(
            *(f"batch_size={size}", *wanted),
            rate=rate,
            figures={"latency_p95_ms": (p95, 0.02), "peak_rss_mb": peak},
        )
        for size, rate, p95, peak in ((8, 50, 9, 500), (32, 90, 40, 700), (64, 130, 90, 800))
    ]
    found = replied(*answers).found
    assert found.startswith(
        "peak_rss_mb ≤ 1,000 and latency_p95_ms ≤ 50.0: met with batch 8 and 32, missed with "
        "batch 64. Batches of 32 are large enough: 90.0 texts/s ± 1.0 %; 64 misses a target"
    )


def test_the_terminal_says_the_answer_of_what_it_holds_and_what_is_next(
    answer: MakeAnswer, replied: Callable[..., Reply]
) -> None:
    said = replied(*(answer(f"threads={n}", rate=100.0 * n) for n in (1, 2)))
    out = io.StringIO()
    show_answer(said, Console(file=out, width=60))
    shown = " ".join(out.getvalue().split())
    assert shown == (f"answer: {said.found} holds for: {said.conditions} next: {said.short_next}")


def test_no_two_statements_of_a_report_contradict(answer: MakeAnswer, study: MakeStudy) -> None:
    chance = random.Random(1)
    for _ in range(DRAWN):
        made = study(_drawn(chance, answer))
        found = findings(made)
        said = reply(made, found)
        assert said.is_answer, said
        _agree_on_the_best(found, said)
        _agree_on_noise(found, said, len(made.answers))
        _agree_on_what_is_wanted(made, found)


def _drawn(chance: random.Random, answer: MakeAnswer) -> list[Answer]:
    """A sweep along some key, of readings of any precision, disturbed or not."""
    axis, values = chance.choice(
        [
            ("batch_size", (1, 4, 8, 16, 32, 64)),
            ("threads", (1, 2, 4)),
            ("text_length", (10, 100, 400)),
            ("texts_per_call", (32, 64)),
        ]
    )
    usual = chance.choice(HALVES)
    wanted = chance.choice([(), ("+limits.latency_p95_ms=50",)])
    return [
        answer(
            *(f"{axis}={value}", *wanted),
            rate=(rate := 100.0 * chance.choice([1, 1 + 0.02 * at, 1.2 - 0.05 * at, 2.0**at])),
            half=chance.choice([usual, usual, usual, chance.choice(HALVES)]),
            marks=chance.choice(["", "", "", "B", "W", "A"]),
            figures={"latency_p95_ms": (2000.0 * value / rate, 0.05), "peak_rss_mb": 500.0 + value},
        )
        for at, value in enumerate(values)
    ]


def _agree_on_the_best(found: list[Finding], said: Reply) -> None:
    """Where no value can be told from the others, none is called better, and the answer says so."""
    for axis in {axis for finding in found for axis in finding.axes}:
        weighing = [finding for finding in found if axis in finding.axes]
        assert len({finding.rule for finding in weighing if finding.rule != "text_length"}) <= 1
    untold = [one.title for one in found if re.match("No batch size .* can be told", one.title)]
    if untold:
        assert untold[0] in said.found
        told = ("still rises", " times (", " are large enough", "larger ones are slower", " get ")
        others = [one.title for one in found if one.rule != "best_batch_size"]
        assert not [title for title in others if any(word in title for word in told)], untold
    for one in found:
        if "are large enough" in one.title:
            assert "cannot be told" not in one.title
    at_most = [one.title for one in found if "saturates" in one.title]
    rises = [one.title for one in found if "still rises" in one.title]
    assert not (at_most and rises)


def _agree_on_noise(found: list[Finding], said: Reply, runs: int) -> None:
    disturbed = [one for one in found if one.rule == "noise" and one.kind is Kind.ADVICE]
    counted = re.search(r"(\d+) of (\d+) runs? (?:was|were) disturbed", said.sure)
    if "nothing disturbed the runs;" in said.sure:
        assert not disturbed
    if counted is not None:
        (one,) = disturbed
        assert one.title.startswith(counted[0])
        assert int(counted[2]) == runs


def _agree_on_what_is_wanted(made: Study, found: list[Finding]) -> None:
    """The marks in the table, the rows that are named, and what is advised."""
    missed = set()
    for one in found:
        if one.rule == targets_met.NAME:
            missed |= {line.partition(" (")[0] for line in one.evidence if line.endswith("missed")}
    for answer in made.answers:
        for column in targets.columns([answer.run]):
            name = f"batch {answer.run.config['batch_size']}"
            assert not (name in missed and column.cell(answer.run).startswith(targets.MET))
    if len(missed) < len(made.answers):
        advised = [one for one in found if one.rule == "best_batch_size" and one.advice]
        for one in advised:
            assert not {f"batch {size}" for size in SIZES.findall(one.advice or "")} & missed


def test_of_noise_and_answer_one_place_says_what_disturbed_is(answer: MakeAnswer) -> None:
    spun = answer("batch_size=8", rate=100.0, marks="A")
    quiet = answer("batch_size=16", rate=100.0)
    (found, *_) = noise.find(Study(name="test", answers=(spun, quiet)))
    assert found.title.startswith("1 of 2 runs was disturbed (active waiting)")
