"""What runs of a vector search say: the front, the index to make, what leaves out too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from embprof.interface.finding import Effort, Kind, Level
from embprof.report.documents.answer import reply
from embprof.report.findings import findings
from embprof.workloads.vector_search.findings import (
    cheapest_index,
    index_left_aside,
    low_recall,
    recall_front,
)
from embprof.workloads.vector_search.findings.settings import choices
from tests.unit.races import raced

if TYPE_CHECKING:
    from embprof.report.study import Answer
    from tests.unit.conftest import MakeAnswer, MakeStudy

MakeSearch = Callable[..., "Answer"]
DDL = "CREATE INDEX passages_embedding ON passages USING hnsw (embedding vector_cosine_ops)"


@pytest.fixture
def search(answer: MakeAnswer) -> MakeSearch:
    """A run of one setting; of recall the value and half of its interval as a share of it."""

    def make(
        index: str,
        *overrides: str,
        rate: float,
        recall: float,
        half: float | None = 0.01,
        facts: dict[str, Any] | None = None,
        figures: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Answer:
        described: dict[str, Any] = {"items": "queries", "rows": 10_000}
        if index != "exact":
            described |= {"index_ddl": DDL, "search_settings": "SET hnsw.ef_search = 40"}
        return answer(
            *("workload=vector_search", f"workload.index={index}", *overrides),
            figures={
                "throughput_queries_per_s": (rate, 0.01),
                "recall_at_1": (recall, half),
                "recall_at_10": (recall, half),
                "latency_p50_ms": 1e3 / rate,
                "latency_p95_ms": 2e3 / rate,
                **(figures or {}),
            },
            description=described | (facts or {}),
            **changes,
        )

    return make


@pytest.fixture
def study_of_ten_thousand(search: MakeSearch) -> list[Answer]:
    """An exact search, and three candidates' worth of an index."""
    made = {"index_size_mb": 20.0, "build_time_s": 5.0, "rebuild_time_s": 6.0}
    return [
        search("exact", rate=200, recall=1.0),
        *(
            search(
                "hnsw",
                f"workload.ef_search={ef_search}",
                rate=rate,
                recall=recall,
                figures=made,
                facts={"search_settings": f"SET hnsw.ef_search = {ef_search}"},
            )
            for ef_search, rate, recall in ((10, 4000, 0.8), (40, 2000, 0.97), (100, 1000, 0.99))
        ),
    ]


def test_the_fastest_index_that_reaches_the_recall_is_advised_with_its_statements(
    study_of_ten_thousand: list[Answer], study: MakeStudy
) -> None:
    (finding,) = cheapest_index.find(study(study_of_ten_thousand))
    assert finding.kind is Kind.ADVICE
    assert finding.effort is Effort.QUICK
    assert finding.priority is Level.HIGH
    assert finding.title == (
        "Among 10,000 vectors hnsw m=16 ef_construction=64 ef_search=40 finds recall@10 "
        "0.970 (0.960 to 0.980) with 10.0 times (9.83 to 10.2) the queries/s of exact "
        "search"
    )
    assert finding.advice is not None
    assert finding.advice.startswith(f"{DDL}; SET hnsw.ef_search = 40;")
    assert finding.cost == (
        "3.0 % of the true neighbours are not found, the index takes 20.0 MB and 5.00 s to make, "
        "6.00 s to make again"
    )
    assert finding.risk is not None
    assert finding.check == (
        "python -m embprof -m workload=vector_search workload.m=16 workload.ef_construction=64 "
        "workload.ef_search=40 workload.index=exact,hnsw restarts=5"
    )
    assert finding.improvement is not None
    assert finding.improvement.share == pytest.approx(9.0)


def test_the_fastest_in_the_same_rounds_is_advised_whatever_the_means_are(
    study_of_ten_thousand: list[Answer], study: MakeStudy
) -> None:
    """That of 100 has half the mean rate of that of 40, and a lower cost within the rounds."""
    figure = "throughput_queries_per_s"
    raced(study_of_ten_thousand, 9.0, 1.0, 2.0, 1.5, figure=figure)
    (finding,) = cheapest_index.find(study(study_of_ten_thousand))
    assert "ef_search=100 finds recall@10 0.990" in finding.title
    assert "6.00 times" in finding.title
    assert "measured in the same 40 rounds" in finding.evidence


def test_a_fast_row_of_less_recall_is_not_the_whole_answer(
    study_of_ten_thousand: list[Answer], study: MakeStudy
) -> None:
    answers = [
        replace(one, stored=replace(one.stored, run=replace(one.run, description=described)))
        for one in study_of_ten_thousand
        if (described := {**one.run.description, "quality": "recall_at_10"})
    ]
    raced(answers, 9.0, 1.0, 2.0, 4.0, figure="throughput_queries_per_s")
    made = study(answers)
    found = reply(made, findings(made)).found
    assert found.index("ef_search=40 finds") < found.index("ef_search=10 is fastest")


def test_a_target_of_the_run_says_which_recall_is_wanted(
    search: MakeSearch, study: MakeStudy
) -> None:
    wanted = "+targets.recall_at_1=0.5"
    runs = [
        search("exact", wanted, rate=200, recall=1.0),
        search("hnsw", wanted, "workload.ef_search=10", rate=4000, recall=0.6),
        search("hnsw", wanted, "workload.ef_search=40", rate=2000, recall=0.97),
    ]
    (finding,) = cheapest_index.find(study(runs))
    assert "ef_search=10 finds recall@1 0.60" in finding.title


def test_a_recall_that_only_its_value_reaches_does_not_count(
    search: MakeSearch, study: MakeStudy
) -> None:
    runs = [
        search("exact", rate=200, recall=1.0),
        search("hnsw", "workload.ef_search=20", rate=4000, recall=0.96, half=0.03),
        search("hnsw", "workload.ef_search=40", rate=2000, recall=0.98),
    ]
    (finding,) = cheapest_index.find(study(runs))
    assert "ef_search=40 finds" in finding.title
    assert any("whether it reaches 0.95 cannot be told" in line for line in finding.evidence)


def test_an_index_that_is_hardly_faster_does_not_pay(search: MakeSearch, study: MakeStudy) -> None:
    runs = [search("exact", rate=200, recall=1.0), search("hnsw", rate=199, recall=0.99)]
    (finding,) = cheapest_index.find(study(runs))
    assert finding.kind is Kind.FACT
    assert finding.title.startswith("Among 10,000 vectors no index pays")


def test_noise_that_could_hide_a_gain_leaves_the_question_open(
    search: MakeSearch, study: MakeStudy
) -> None:
    runs = [
        search("exact", rate=200, recall=1.0, marks="B"),
        search("hnsw", rate=210, recall=0.99, marks="B"),
    ]
    (finding,) = cheapest_index.find(study(runs))
    assert finding.kind is Kind.GAP
    assert "it cannot be told whether an index pays" in finding.title


def test_without_exact_search_a_search_of_all_lists_is_the_reference(
    search: MakeSearch, study: MakeStudy
) -> None:
    runs = [
        search("ivfflat", "workload.lists=10", f"workload.probes={probes}", rate=rate, recall=found)
        for probes, rate, found in ((1, 2000, 0.97), (10, 250, 1.0), (25, 240, 1.0))
    ]
    (finding,) = cheapest_index.find(study(runs))
    assert finding.title == (
        "Among 10,000 vectors ivfflat lists=10 probes=1 finds recall@10 0.970 (0.960 to "
        "0.980) with 8.00 times (7.87 to 8.13) the queries/s of looking at all lists "
        "(ivfflat lists=10 probes=10)"
    )


def test_an_index_alone_says_that_no_reference_was_measured(
    search: MakeSearch, study: MakeStudy
) -> None:
    (finding,) = cheapest_index.find(study(search("hnsw", rate=2000, recall=0.98)))
    assert finding.kind is Kind.GAP
    assert finding.advice is not None
    assert "workload.index=exact,hnsw" in (finding.check or "")


def test_the_front_has_what_no_other_beats_in_both(
    study_of_ten_thousand: list[Answer], search: MakeSearch, study: MakeStudy
) -> None:
    beaten = search("ivfflat", rate=1500, recall=0.9)
    (finding,) = recall_front.find(study(study_of_ten_thousand, beaten))
    assert finding.kind is Kind.FACT
    assert finding.title == (
        "Among 10,000 vectors 4 of 5 settings are worth a choice: from recall@10 0.800 "
        "(0.792 to 0.808) at 4,000 queries/s to 1.000 (0.990 to 1.010) at 200 queries/s"
    )
    assert not any("ivfflat" in line for line in finding.evidence)
    assert len(finding.runs) == 5


def test_overlapping_recalls_on_the_front_are_flagged(search: MakeSearch, study: MakeStudy) -> None:
    runs = [
        search("hnsw", f"workload.ef_search={ef_search}", rate=rate, recall=recall, half=0.03)
        for ef_search, rate, recall in ((10, 4000, 0.80), (40, 2000, 0.97), (100, 1000, 0.98))
    ]
    (finding,) = recall_front.find(study(runs))
    assert finding.evidence[-1] == (
        "the recall of hnsw m=16 ef_construction=64 ef_search=40 is not told from that of hnsw "
        "m=16 ef_construction=64 ef_search=100: their intervals overlap"
    )


def test_parameters_that_an_index_does_not_use_make_no_further_setting(
    search: MakeSearch, study: MakeStudy
) -> None:
    runs = [
        search(index, f"workload.lists={lists}", rate=rate, recall=0.9)
        for index, lists, rate in (
            ("exact", 10, 1),
            ("exact", 99, 2),
            ("hnsw", 10, 3),
            ("hnsw", 99, 4),
            ("ivfflat", 10, 5),
            ("ivfflat", 99, 6),
        )
    ]
    (choice,) = choices(study(runs))
    assert [one.label for one in choice.searches] == [
        "ivfflat lists=99 probes=1",
        "ivfflat lists=10 probes=1",
        "hnsw m=16 ef_construction=64 ef_search=40",
        "exact",
    ]


def test_sets_of_vectors_are_chosen_for_apart_the_largest_first(
    search: MakeSearch, study: MakeStudy
) -> None:
    runs = [
        search(index, f"workload.corpus_size={size}", rate=9, recall=0.9, facts={"rows": size})
        for size in (1000, 50_000)
        for index in ("exact", "hnsw")
    ]
    assert [choice.where for choice in choices(study(runs))] == ["50,000 vectors", "1,000 vectors"]


def test_a_recall_that_no_setting_reaches_asks_for_more_candidates(
    search: MakeSearch, study: MakeStudy
) -> None:
    runs = [
        search("ivfflat", f"workload.probes={probes}", rate=900, recall=recall)
        for probes, recall in ((1, 0.4), (5, 0.8))
    ]
    (finding,) = low_recall.find(study(runs))
    assert finding.kind is Kind.FACT
    assert finding.priority is Level.HIGH
    assert finding.title == (
        "Among 10,000 vectors no setting that looks at a part reaches recall@10 0.95: it "
        "is 0.800 (0.792 to 0.808) with the best of them"
    )
    assert finding.check == (
        "python -m embprof -m workload=vector_search workload.index=ivfflat workload.probes=5,10,20"
    )
    assert list(cheapest_index.find(study(runs))) == []


def test_more_candidates_stay_within_what_there_is(search: MakeSearch, study: MakeStudy) -> None:
    ivfflat = search("ivfflat", "workload.lists=6", "workload.probes=5", rate=900, recall=0.8)
    hnsw = search("hnsw", "workload.ef_search=600", rate=900, recall=0.8)
    (of_ivfflat,) = low_recall.find(study(ivfflat))
    (of_hnsw,) = low_recall.find(study(hnsw))
    assert "workload.probes=5,6" in (of_ivfflat.check or "")
    assert "workload.ef_search=600,1000" in (of_hnsw.check or "")


def test_a_recall_within_the_noise_asks_for_more_queries(
    search: MakeSearch, study: MakeStudy
) -> None:
    (finding,) = low_recall.find(study(search("hnsw", rate=900, recall=0.95, half=0.02)))
    assert finding.kind is Kind.GAP
    assert finding.check is not None
    assert finding.check.endswith("workload.recall_queries=1000")


def test_rows_that_a_filter_takes_away_ask_for_an_iterative_scan(
    search: MakeSearch, study: MakeStudy
) -> None:
    run = search("hnsw", "workload.selectivity=0.1", rate=900, recall=0.3)
    (finding,) = low_recall.find(study(run))
    assert finding.title.startswith("Among 10,000 vectors with a filter that lets 10 % through ")
    assert finding.advice == ("SET hnsw.iterative_scan = relaxed_order in sessions that filter.")
    assert "workload.iterative_scan=null,relaxed_order" in (finding.check or "")


def test_indexes_that_the_planner_leaves_aside_are_told(
    search: MakeSearch, study: MakeStudy
) -> None:
    used = {"plan": "Limit > Index Scan", "plan_left_to_the_planner": "Limit > Index Scan"}
    aside = {**used, "plan_left_to_the_planner": "Limit > Sort > Seq Scan"}
    (finding,) = index_left_aside.find(
        study(
            search("hnsw", rate=9, recall=1, facts=used),
            search("ivfflat", rate=9, recall=1, facts=aside),
            search("exact", rate=9, recall=1, facts=aside),
        )
    )
    assert "would not use the index in 1 of 2 runs" in finding.title
    assert finding.evidence == (
        "ivfflat lists=100 probes=1 among 10,000 vectors (#1): Limit > Sort > Seq Scan",
    )


def test_other_workloads_are_no_searches(answer: MakeAnswer, study: MakeStudy) -> None:
    runs = study(answer(rate=9.0), answer("batch_size=8", rate=9.0))
    for rule in (cheapest_index, index_left_aside, low_recall, recall_front):
        assert list(rule.find(runs)) == []
