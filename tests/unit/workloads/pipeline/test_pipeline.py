"""A pipeline of parts that are made up: what is asked of each, and what comes of it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from embprof.config.compose import compose
from embprof.config.plugins import plugin_problems
from embprof.config.references import resolve
from embprof.corpora.pairs import Pair, Pairs
from embprof.errors import EmbprofError
from embprof.interface import workload
from embprof.interface.stages import StageTimer
from embprof.workloads.pipeline import Pipeline
from embprof.workloads.pipeline.verification.verdict import Ruling
from embprof.workloads.vector_search.index import Hit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from embprof.workloads.embedding import Embedding
    from embprof.workloads.nli import Nli
    from embprof.workloads.pipeline.verification import stage_workloads as parts
    from embprof.workloads.vector_search import VectorSearch

    def _real_parts_fit(
        embed: Embedding, search: VectorSearch, nli: Nli
    ) -> tuple[parts.Embeds, parts.Finds, parts.Judges]:
        """For mypy: YAML puts them together, where no type is looked at."""
        return embed, search, nli


LOGITS = {"supports": (9.0, -9.0, -9.0), "refutes": (-9.0, 9.0, -9.0), "neutral": (-9.0, -9.0, 9.0)}
K = 3


@dataclass(kw_only=True)
class Embeds:
    """A text's vector is its number among those seen."""

    items: str = "texts"
    seen: list[str] = field(default_factory=list)
    calls: int = 0
    is_open: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self) -> None:
        self.is_open = True

    def step(self) -> int:
        raise AssertionError("a pipeline makes no steps of its parts")

    def close(self) -> None:
        self.is_open = False

    def limits(self) -> tuple[int, int]:
        return 512, 256

    def embed(self, texts: Sequence[str], limit: int) -> NDArray[np.float32]:
        assert limit == 256
        with self.lock:
            self.calls += 1
            first = len(self.seen)
            self.seen += texts
        return np.arange(first, first + len(texts), dtype=np.float32).reshape(-1, 1)

    def counts(self) -> Mapping[str, float]:
        return {"tokens": 10.0, "forward_passes": 1.0}

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        return {"dimensions": 1}


@dataclass(kw_only=True)
class Searches(Embeds):
    """Knows the claim that a vector came from, and finds its labelled passages."""

    k: int = K
    embedder: Embeds
    threads: set[int] = field(default_factory=set)

    def texts(self) -> Sequence[str]:
        return [pair.evidence for pair in Pairs().pairs()]

    def find(self, vectors: NDArray[np.float32]) -> list[list[Hit]]:
        self.threads.add(threading.get_ident())
        with self.lock:
            self.calls += 1
        found = []
        for (number,) in vectors:
            asked = self.embedder.seen[int(number)]
            near = [pair.evidence for pair in Pairs().pairs() if pair.claim in asked]
            found.append([Hit(text, at / 10) for at, text in enumerate(near[:K])])
        return found

    def server_cpu_seconds(self) -> float:
        return 1.5


@dataclass(kw_only=True)
class Judges(Embeds):
    """Knows the labels of the built-in pairs."""

    model: Mapping[str, Any] = field(default_factory=lambda: {"weights": "pretrained"})
    labels: tuple[str, ...] = ("supports", "refutes", "neutral")
    pairs: list[Pair] = field(default_factory=list)
    timer: StageTimer = field(default_factory=StageTimer)

    def predict(self, pairs: Sequence[Pair]) -> NDArray[np.float32]:
        with self.lock:
            self.calls += 1
            self.pairs += pairs
        known = {(pair.claim, pair.evidence): str(pair.label) for pair in Pairs().pairs()}
        rows = [LOGITS[known[pair.claim, pair.evidence]] for pair in pairs]
        return np.array(rows, dtype=np.float32)

    def stages(self) -> Sequence[str]:
        return ("forward",)

    @contextlib.contextmanager
    def time_stages(self) -> Iterator[StageTimer]:
        yield self.timer


@pytest.fixture
def embeds() -> Embeds:
    return Embeds()


@pytest.fixture
def searches(embeds: Embeds) -> Searches:
    return Searches(embedder=embeds)


@pytest.fixture
def judges() -> Judges:
    return Judges()


class Make:
    """Makes pipelines of one set of parts, loaded."""

    def __init__(self, embeds: Embeds, searches: Searches, judges: Judges) -> None:
        self.parts = {"embed": embeds, "search": searches, "nli": judges}
        self.made: list[Pipeline] = []

    def __call__(self, **changes: Any) -> Pipeline:
        parameters: dict[str, Any] = {
            "claims": 4,
            "claims_per_step": 1,
            "order": "turn",
            "queries": ["{claim}", "Is it true? {claim}"],
            "retrieval": "sequential",
            "retrieval_threads": 2,
            "margin": 0.5,
            "cache": False,
            "cache_claims": 4,
            "seed": 0,
        }
        pipeline = Pipeline(**self.parts, **{**parameters, **changes})  # type: ignore[arg-type]
        pipeline.load()
        self.made.append(pipeline)
        return pipeline


@pytest.fixture
def make(embeds: Embeds, searches: Searches, judges: Judges) -> Iterator[Make]:
    made = Make(embeds, searches, judges)
    yield made
    for pipeline in made.made:
        pipeline.close()


def test_it_is_a_workload_that_offers_all_that_measurements_ask_for(make: Make) -> None:
    pipeline = make()
    offered = (
        *(workload.Prepares, workload.Imports, workload.Counts, workload.Stages),
        *(workload.Reads, workload.Quality, workload.UsesServers, workload.MakesReady),
        workload.Describes,
    )
    assert all(isinstance(pipeline, protocol) for protocol in offered)
    assert {"torch", "psycopg"} <= set(Pipeline.imports_of({}))


def test_a_step_embeds_once_searches_each_query_and_judges_each_passage_once(
    make: Make, embeds: Embeds, searches: Searches, judges: Judges
) -> None:
    assert make(claims_per_step=2).step() == 2
    assert (embeds.calls, searches.calls, judges.calls) == (1, 4, 1)
    assert len(judges.pairs) == len(set(judges.pairs)) == 2 * K  # both queries find the same


def test_verdicts_are_those_that_the_passages_make(make: Make) -> None:
    pipeline = make(claims=104)
    known = {pair.claim: pair.label for pair in Pairs().pairs() if pair.label != "neutral"}
    claims = list(known)[:10]
    wanted = {"supports": Ruling.SUPPORTED, "refutes": Ruling.REFUTED}
    assert pipeline.verify(claims) == [wanted[str(known[claim])] for claim in claims]


def test_quality_is_right_verdicts_first_and_then_recall_of_evidence(make: Make) -> None:
    accuracy, recall = make().quality()
    assert (recall.name, accuracy.name) == ("evidence_recall", "verdict_accuracy")
    assert len(recall.values) == len(accuracy.values) == 4
    assert set(accuracy.values) == {100.0}


def test_verdicts_of_random_weights_are_not_judged_and_the_run_says_so(
    make: Make, judges: Judges
) -> None:
    judges.model = {"weights": "random"}
    pipeline = make()
    assert [one.name for one in pipeline.quality()] == ["evidence_recall"]
    assert "random" in str(pipeline.description()["verdict_accuracy"])


def test_claims_come_in_turn_without_end(make: Make, embeds: Embeds) -> None:
    pipeline = make(queries=["{claim}"])
    for _ in range(8):
        pipeline.step()
    assert embeds.seen[:4] == embeds.seen[4:]
    assert len(set(embeds.seen)) == 4


def test_without_a_cache_a_claim_is_worked_on_each_time(make: Make, judges: Judges) -> None:
    pipeline = make(claims=1)
    for _ in range(3):
        pipeline.step()
    assert judges.calls == 3


def test_with_a_cache_a_claim_seen_before_asks_no_part(
    make: Make, embeds: Embeds, searches: Searches, judges: Judges
) -> None:
    pipeline = make(cache=True)
    pipeline.readings()
    for _ in range(8):
        pipeline.step()
    assert (embeds.calls, searches.calls, judges.calls) == (4, 8, 4)
    readings = {one.name: one.values for one in pipeline.readings()}
    assert readings["cache_hit"] == (0.0,) * 4 + (100.0,) * 4
    assert readings["stage_nli"][4:] == (0.0,) * 4
    assert all(one > 0 for one in readings["stage_verdict"])


def test_quality_does_not_come_from_the_cache(make: Make, judges: Judges) -> None:
    pipeline = make(cache=True)
    for _ in range(4):
        pipeline.step()
    pipeline.quality()
    assert len(judges.pairs) == 2 * 4 * K


def test_every_call_has_its_stages_and_they_make_up_nearly_all_of_it(make: Make) -> None:
    pipeline = make()
    assert pipeline.readings() == ()
    for _ in range(3):
        pipeline.step()
    readings = {one.name: one.values for one in pipeline.readings()}
    stages = ("stage_embed", "stage_search", "stage_nli", "stage_verdict")
    assert set(readings) == {"staged_step", *stages}
    parts = np.sum([readings[stage] for stage in stages], axis=0)
    assert (parts > 0).all()
    assert (parts <= np.array(readings["staged_step"]) * (1 + 1e-9)).all()


def test_stages_of_the_parts_are_told_within_the_pipelines_own(make: Make) -> None:
    pipeline = make()
    assert pipeline.stages() == ["embed", "search", "nli", "nli/forward", "verdict"]
    with pipeline.time_stages() as timer:
        pipeline.step()
        assert set(timer.take()) == {"embed", "search", "nli", "verdict"}
        pipeline.step()
        assert {time.calls for time in timer.take().values()} == {1}


def test_searches_at_once_leave_the_callers_thread(make: Make, searches: Searches) -> None:
    make(retrieval="parallel").step()
    assert threading.get_ident() not in searches.threads
    assert 1 <= len(searches.threads) <= 2


def test_several_threads_may_call_at_once(make: Make) -> None:
    pipeline = make(cache=True, retrieval="parallel", claims=20, cache_claims=20)
    pipeline.readings()
    pipeline.prepare(50)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: pipeline.step(), range(50))) == 50
    readings = {one.name: len(one.values) for one in pipeline.readings()}
    assert set(readings.values()) == {50}


def test_counts_of_the_parts_are_added(make: Make) -> None:
    assert make().counts() == {"tokens": 30.0, "forward_passes": 3.0}


def test_what_the_parts_say_of_themselves_is_under_their_names(make: Make) -> None:
    pipeline = make()
    assert pipeline.description() == {
        "embed_dimensions": 1,
        "search_dimensions": 1,
        "nli_dimensions": 1,
    }
    assert pipeline.server_cpu_seconds() == 1.5


def test_a_cross_encoder_whose_labels_say_nothing_is_an_error_and_leaves_nothing_open(
    make: Make, judges: Judges
) -> None:
    judges.labels = ("LABEL_0", "LABEL_1", "LABEL_2")
    with pytest.raises(EmbprofError, match="LABEL_0"):
        make()
    assert not any(part.is_open for part in make.parts.values())


def test_closing_ends_every_part(make: Make) -> None:
    pipeline = make(retrieval="parallel")
    pipeline.close()
    assert not any(part.is_open for part in make.parts.values())
    make.made.clear()


def problems(*overrides: str) -> list[str]:
    composition = compose(["workload=pipeline", *overrides])
    assert composition.problems == []
    return list(plugin_problems(resolve(composition.jobs[0].config)))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["workload.retrieval=at_once"], "must be one of 'sequential' or 'parallel'"),
        (["workload.claims=105"], "workload.claims=105: must be at most 104"),
        (["workload.queries=[Ice]"], "workload.queries: 'Ice' lacks {claim}"),
        (
            ["workload.queries=['{claim}']", "workload.retrieval=parallel"],
            "workload.retrieval=parallel: a call makes a single search",
        ),
        (["workload.cache=true"], "workload.cache_claims=30: with workload.order=turn"),
        (["workload.search.vectors=synthetic"], "there must be texts"),
        (["workload.search.truncate_dim=64"], "truncate_dim must be those of workload.embed"),
        (["workload.search.k=0"], "workload.search.k=0: must be at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused_before_any_job(overrides: list[str], said: str) -> None:
    found = problems(*overrides)
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["workload.retrieval=parallel"],
        ["workload.cache=true", "workload.order=zipf"],
        ["workload.cache=true", "workload.cache_claims=60"],
        [
            "workload.queries=['{claim}']",
            "workload.claims_per_step=2",
            "workload.retrieval=parallel",
        ],
    ],
)
def test_what_makes_sense_is_not(overrides: list[str]) -> None:
    assert problems(*overrides) == []
