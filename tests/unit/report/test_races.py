"""Runs that were measured in rounds: how findings compare them, and what the table shows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from embprof.interface.finding import Finding, Level
from embprof.model import StoredRuns
from embprof.report import legend, race_columns, table
from embprof.report.change import change
from embprof.report.documents.tables import grids, legends
from embprof.report.findings import findings
from embprof.report.race_phrases import between, more_cost
from embprof.report.ranking import Ranking, rank
from embprof.report.rows import Row
from embprof.report.studies import of_found
from tests.unit.races import race_of, raced

if TYPE_CHECKING:
    from collections.abc import Callable

    from embprof.model import Job, Run
    from embprof.report.study import Answer, Study
    from tests.unit.conftest import MakeAnswer, MakeBatches, MakeStudy

RATE = "throughput_texts_per_s"
RATES = {8: 90.0, 16: 95.0, 32: 140.0, 64: 100.0}
"""Means that a noisy machine might have left, the order of the costs below another."""
COSTS = (1.22, 1.10, 1.015, 1.0)


@pytest.fixture
def race(batches: MakeBatches) -> list[Answer]:
    """Batch sizes of which 64 leads, 32 is the same, 16 and 8 are slower."""
    answers = batches(RATES)
    raced(answers, *COSTS)
    return answers


def ranked(study: Study) -> Ranking:
    (series,) = study.series("batch_size")
    found = rank(series)
    assert found is not None
    return found


def named(study: Study, rule: str) -> Finding:
    return next(one for one in findings(study) if one.rule == rule)


def test_a_run_knows_its_race_wherever_in_the_sweep_it_lies(
    answer: MakeAnswer,
) -> None:
    one, other = answer(rate=1.0), answer(rate=2.0)
    assert one.race is None
    assert one.standing is None
    assert one.folder is not None
    resumed = one.folder.parent / "resumed-1" / "0"
    resumed.mkdir(parents=True)
    run = dataclasses.replace(one.run, run_id=f"{one.run.sweep_id}/resumed-1/0")
    moved = dataclasses.replace(
        one, stored=dataclasses.replace(one.stored, run=run, folder=resumed)
    )
    made = raced([other, moved], 1.0, 1.2)
    assert moved.race == other.race == made
    assert moved.standing is not None
    assert moved.standing.word == "slower"
    assert one.race is None, "another run of that number"
    gone = dataclasses.replace(other, stored=dataclasses.replace(other.stored, folder=None))
    assert gone.race is None


def test_studies_that_number_their_runs_anew_find_the_race(
    race: list[Answer], answer: MakeAnswer
) -> None:
    other = answer("batch_size=8", rate=1.0, sweep="20260102-000000-bbbb", number=0)
    every = tuple(one.stored for one in (*race, other))
    found = of_found("both", [StoredRuns(name="both", sessions=(every,))])
    again = {one.run.run_id: one.run.number for one in found.answers}
    assert sorted(again.values()) == list(range(5))
    assert sum(one.race is not None for one in found.answers) == 4


def test_the_change_of_two_rows_is_the_one_of_their_rounds(race: list[Answer]) -> None:
    slow, fast = race[0], race[3]
    found = change(slow, fast, RATE)
    assert found is not None
    assert found.ratio.value == pytest.approx(1.22)
    assert found.ratio.bounds == pytest.approx((1.22 / 1.02, 1.22 * 1.02))
    assert found.notes == ("measured in the same 40 rounds",)
    assert found.is_better
    of_many = change(slow, fast, RATE, comparisons=3)
    assert of_many is not None
    assert of_many.ratio.bounds == pytest.approx((1.22 / 1.03, 1.22 * 1.03))
    assert of_many.ratio.confidence == 0.99
    back = change(fast, slow, RATE)
    assert back is not None
    assert back.is_worse
    assert back.ratio.value == pytest.approx(1 / 1.22)


def test_a_busy_machine_widens_nothing_that_met_both_alike(batches: MakeBatches) -> None:
    answers = batches({8: 100.0, 16: 100.0}, marks="BA")
    raced(answers, 1.22, 1.0)
    found = change(answers[0], answers[1], RATE)
    assert found is not None
    assert found.ratio.bounds == pytest.approx((1.22 / 1.02, 1.22 * 1.02))
    assert "disturbed" not in " ".join(found.notes)


def test_a_cost_is_compared_as_it_is_and_another_figure_as_ever(batches: MakeBatches) -> None:
    answers = batches({8: 100.0, 16: 100.0}, figures={"latency_p50_ms": (5.0, 0.01)})
    raced(answers, 1.2, 1.0, figure="latency_p50_ms")
    cost, rate = (change(answers[0], answers[1], metric) for metric in ("latency_p50_ms", RATE))
    assert cost is not None
    assert cost.ratio.value == pytest.approx(1 / 1.2)
    assert cost.is_better
    assert rate is not None
    assert rate.pair is None


def test_whether_two_are_told_apart_is_what_the_race_says(race: list[Answer]) -> None:
    same = change(race[2], race[3], RATE)
    assert same is not None
    assert not same.is_distinct
    assert same.notes == (
        "measured in the same 40 rounds; the same for practical purposes, within 5.0 %",
    )


def test_bounds_of_which_nothing_is_known_are_none(batches: MakeBatches) -> None:
    answers = batches({8: 100.0, 16: 100.0})
    costs = {one.run.run_id: cost for one, cost in zip(answers, (1.2, 1.0), strict=True)}
    made = race_of(costs)
    unknown = dataclasses.replace(made.pairs[0], low=0.0, high=float("inf"), word="open")
    raced(answers, 1.2, 1.0, pairs=(unknown,))
    found = change(answers[0], answers[1], RATE)
    assert found is not None
    assert found.ratio.low is None
    turned = unknown.turned()
    assert (turned.low, turned.high) == (0.0, float("inf"))


def test_the_best_is_the_leader_and_not_the_highest_mean(
    race: list[Answer], study: MakeStudy
) -> None:
    ranking = ranked(study(race))
    assert ranking.value(ranking.best) == 64
    assert [ranking.value(at) for at in ranking.alike] == [32]
    assert ranking.value(ranking.knee) == 32
    assert ranking.value(ranking.slowest) == 8
    assert ranking.unbounded == ()
    assert ranking.first == "fastest"
    assert not ranking.are_same


def test_without_the_leader_who_costs_least_is_best(race: list[Answer], study: MakeStudy) -> None:
    ranking = ranked(study(race[:3]))
    assert ranking.value(ranking.best) == 32
    assert ranking.race is not None
    assert ranking.alike == ()


def test_a_row_that_was_in_no_race_is_compared_by_its_figure(
    race: list[Answer], study: MakeStudy, answer: MakeAnswer
) -> None:
    ranking = ranked(study(race, answer("batch_size=128", rate=150.0)))
    assert ranking.race is None
    assert ranking.value(ranking.best) == 128


def test_batch_sizes_are_told_by_what_they_take_in_the_same_rounds(
    race: list[Answer], study: MakeStudy
) -> None:
    found = named(study(race), "best_batch_size")
    assert found.title.startswith(
        "Batches of 32 are large enough: they take between 1.5 % less and 4.5 % more time per "
        "text than those of 64, which are fastest"
    )
    assert "16 takes 10 % more (6.8 to 13 %) time per text than 64" in found.evidence
    assert (
        "fastest: 64; not told from 32 (error of any of these words: at most 1 %)" in found.evidence
    )


def test_a_size_that_pays_says_how_much_less_time_it_takes(
    batches: MakeBatches, study: MakeStudy
) -> None:
    answers = batches({8: 90.0, 16: 80.0})
    raced(answers, 1.22, 1.0)
    title = named(study(answers), "best_batch_size").title
    assert title.startswith("Batches of 16 take 18 % less (16 to 20 %) time per text than those")


def test_sizes_that_are_the_same_are_said_to_be(batches: MakeBatches, study: MakeStudy) -> None:
    answers = batches({8: 90.0, 16: 80.0, 32: 100.0})
    raced(answers, 1.01, 1.0, 1.01)
    title = named(study(answers), "best_batch_size").title
    assert title.startswith(
        "Batches of 8 to 32 take the same time for practical purposes, within 5.0 %: 16 is fastest"
    )


def test_devices_and_types_are_told_by_their_rounds(answer: MakeAnswer, study: MakeStudy) -> None:
    devices = [answer(f"device={name}", rate=100.0) for name in ("cpu", "cuda")]
    raced(devices, 1.22, 1.0)
    assert named(study(devices), "devices").title == (
        "cuda is 1.22 times (1.20 to 1.24) as fast as cpu: 18 % less (16 to 20 %) time per text, "
        "in the same 40 rounds"
    )
    sweep = "20260101-000001-bbbb"
    types = [
        answer(f"backend.dtype={name}", rate=100.0, sweep=sweep) for name in ("float32", "bfloat16")
    ]
    raced(types, 1.0, 1.005)
    assert named(study(types), "alternatives").title.startswith(
        "bfloat16 and float32 are the same for practical purposes: between "
    )


def test_values_of_anything_else_are_told_by_their_rounds(
    answer: MakeAnswer, study: MakeStudy
) -> None:
    answers = [answer(f"texts_per_call={size}", rate=100.0) for size in (32, 64, 128)]
    raced(answers, 1.22, 1.0, 1.035)
    found = named(study(answers), "compared_values")
    assert found.title.startswith(
        "texts_per_call=64 is in front, not told from texts_per_call=128: texts_per_call=32 takes "
        "22 % more (18 to 26 %) time per text"
    )
    assert any("texts_per_call=128 takes 3.5 % more" in line for line in found.evidence)


def test_threads_are_told_by_their_rounds(answer: MakeAnswer, study: MakeStudy) -> None:
    answers = [answer(f"threads={count}", rate=100.0 - count) for count in (1, 2)]
    raced(answers, 1.22, 1.0)
    title = named(study(answers), "threads").title
    assert title.startswith("threads=2 gives 22 % (20 to 24 %) more throughput than threads=1: 18 ")


def test_disturbed_rows_of_a_race_need_not_be_measured_again_first(
    batches: MakeBatches, study: MakeStudy
) -> None:
    answers = batches({8: 90.0, 16: 80.0}, marks="B", half=0.3)
    alone = study(answers)
    assert named(alone, "noise").priority is Level.HIGH
    assert any("less precise" in one.title for one in findings(alone))
    raced(answers, 1.22, 1.0)
    in_rounds = study(answers)
    assert named(in_rounds, "noise").priority is not Level.HIGH
    assert not any("less precise" in one.title for one in findings(in_rounds))


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.98, 1.07), "between 2.0 % less and 7.0 % more"),
        ((1.02, 1.07), "between 2.0 and 7.0 % more"),
        ((0.9, 0.95), "between 5.0 and 10 % less"),
        ((0.9, float("inf")), "10 % less or more"),
        ((0.0, float("inf")), "any difference"),
    ],
)
def test_an_interval_of_costs_says_less_and_more(ends: tuple[float, float], words: str) -> None:
    assert between(*ends) == words


def test_a_cost_beside_another_is_more_or_less() -> None:
    assert more_cost(1.04, 1.02, 1.06) == "4.0 % more (2.0 to 6.0 %)"
    assert more_cost(0.9, 0.88, 0.92) == "10 % less (8.0 to 12 %)"
    assert more_cost(1.04, None, None) == "4.0 % more (no interval)"
    assert more_cost(0.9, None, None) == "10 % less (no interval)"


def rows(race: list[Answer], job: Callable[..., Job]) -> list[Row]:
    return [
        Row(job=job(at, *one.run.overrides), run=one.run, standing=one.standing)
        for at, one in enumerate(race)
    ]


def test_the_table_has_a_place_for_each_row_of_a_race(
    race: list[Answer], job: Callable[..., Job]
) -> None:
    every = rows(race, job)
    lines = table.markdown(every).splitlines()
    assert [cell.strip() for cell in lines[0].split("|")][-4:-1] == ["vs best", "rank", "marks"]
    cells = [[cell.strip() for cell in line.split("|")][-4:-2] for line in lines[2:]]
    assert cells == [
        ["-18 % (-20 … -16)", "4"],
        ["-9.1 % (-11 … -7.3)", "3"],
        ["-1.5 % (-3.4 … +0.5)", "1"],
        ["best", "1"],
    ]
    said = legend.legend(every)
    assert (
        sum(line.startswith(("vs best: rate beside the best row", "rank: 1 +")) for line in said)
        == 2
    )
    assert max(map(len, said)) <= 100
    alone = [dataclasses.replace(row, standing=None) for row in every]
    assert "vs best" not in table.markdown(alone)
    assert not any(line.startswith(("vs best", "rank")) for line in legend.legend(alone))


def test_an_open_place_is_marked_and_one_without_a_rank_is_empty(
    batches: MakeBatches, job: Callable[..., Job]
) -> None:
    answers = batches({8: 90.0, 16: 80.0, 32: 80.0})
    costs = {one.run.run_id: cost for one, cost in zip(answers, (1.0, 1.035, 1.2), strict=True)}
    made = race_of(costs)
    left = dataclasses.replace(made.standings[2], word=None, rank=None, ratio=None, left="failed")
    raced(answers, 1.0, 1.035, 1.2, standings=(*made.standings[:2], left))
    every = rows(answers, job)
    assert [race_columns.rank(row) for row in every] == ["1", "1?", ""]
    assert race_columns.beside_best(every[2]) == ""
    assert any(line.endswith("; ?: still open") for line in legend.legend(every))


def test_a_cost_is_shown_as_what_is_more_of_it(
    batches: MakeBatches, job: Callable[..., Job]
) -> None:
    answers = [
        dataclasses.replace(
            one,
            stored=dataclasses.replace(
                one.stored, run=dataclasses.replace(one.run, figures=one.run.figures[1:])
            ),
        )
        for one in batches({8: 90.0, 16: 80.0}, figures={"latency_p50_ms": (5.0, 0.01)})
    ]
    raced(answers, 1.22, 1.0, figure="latency_p50_ms")
    assert race_columns.beside_best(rows(answers, job)[0]) == "+22 % (+20 … +24)"


def test_the_table_of_a_race_fits_and_keeps_its_place(
    run: Callable[..., Run], job: Callable[..., Job], batches: MakeBatches
) -> None:
    answers = batches({8: 1.0, 16: 2.0})
    raced(answers, 1.22, 1.0)
    full = [
        Row(job=job(at, f"batch_size={8 + at}"), run=run(at), standing=one.standing)
        for at, one in enumerate(answers)
    ]
    assert {"vs best", "rank"}.isdisjoint(table.left_out(full, 60))
    assert "p95 ms" in table.left_out(full, 60)


def test_a_report_has_the_places_too(race: list[Answer], study: MakeStudy) -> None:
    made = study(race)
    (grid,) = grids(made, [])
    assert {"vs best", "rank"} <= set(grid.headings)
    assert any(line.startswith("rank: ") for line in legends(made, []))
