"""Runs of a vector search as choices: what was built, how it was asked, how true and how fast."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from embprof.config.question import environment, question, without
from embprof.machine.fingerprint import digest
from embprof.model import Estimate
from embprof.report.change import Change, change, rate_of
from embprof.report.ranking import race_costs
from embprof.report.study import Answer, Study
from embprof.workloads.vector_search.figures import AT_1, AT_10, AT_K
from embprof.workloads.vector_search.index.index import BUILT_WITH, SEARCHED_WITH

WORKLOAD = "embprof.workloads.vector_search.VectorSearch"
USED: Mapping[str, tuple[str, ...]] = {
    kind: (*BUILT_WITH[kind], *SEARCHED_WITH[kind]) for kind in BUILT_WITH
}
"""Parameters that each kind of index goes by; the others of a run change nothing in it."""
KEYS = ("index", *dict.fromkeys(key for keys in USED.values() for key in keys))
AXES = tuple(f"workload.{key}" for key in KEYS)
WANTED = 0.95
"""Recall that is to be reached where no target says otherwise. Source: the recall@1 that R10's
study asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One setting and what came of it.

    ``metric`` is the recall that is judged, ``wanted`` what it is to reach; by ``cost`` searches
    are ordered.
    """

    answer: Answer
    metric: str
    wanted: float
    recall: Estimate
    rate: Estimate
    cost: float = 0.0

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The workload's parameters."""
        parameters: Mapping[str, Any] = self.answer.run.config["workload"]
        return parameters

    @property
    def is_exact(self) -> bool:
        """Whether there is no index."""
        return bool(self.parameters["index"] == "exact")

    @property
    def looks_at_all(self) -> bool:
        """Whether every vector is compared, with or without an index."""
        own = self.parameters
        return self.is_exact or (own["index"] == "ivfflat" and own["probes"] >= own["lists"])

    @property
    def setting(self) -> tuple[tuple[str, Any], ...]:
        """The index and the parameters that it goes by."""
        index = self.parameters["index"]
        return (("index", index), *((key, self.parameters[key]) for key in USED[index]))

    @property
    def label(self) -> str:
        """``ivfflat lists=100 probes=10``."""
        index, *others = self.setting
        values = [f"{key}={value}" for key, value in others if value is not None]
        return " ".join([str(index[1]), *values])

    @property
    def reaches(self) -> bool:
        """Whether recall is high enough, by the lower end of its interval."""
        least = self.recall.value if self.recall.low is None else self.recall.low
        return self.is_exact or least >= self.wanted

    @property
    def misses(self) -> bool:
        """Whether recall is too low, by the upper end of its interval."""
        most = self.recall.value if self.recall.high is None else self.recall.high
        return not self.is_exact and most < self.wanted

    @property
    def statements(self) -> str:
        """The SQL that makes this index and asks it in this way."""
        facts = self.answer.run.description
        known = (facts.get("index_ddl"), facts.get("search_settings"))
        return " ".join(f"{statement};" for statement in known if statement)

    @property
    def rows(self) -> int:
        """How many vectors were searched."""
        rows = self.answer.run.description.get("rows")
        return int(rows or self.parameters["corpus_size"] or 0)

    @property
    def judged(self) -> str:
        """The recall that is judged, by its usual name."""
        return self.name_of(self.metric)

    @property
    def recall_text(self) -> str:
        """``recall@10 0.967 (0.948 to 0.981)``; what looks at everything has it for certain."""
        is_certain = self.looks_at_all and self.recall.value == 1
        return f"{self.judged} {'1' if is_certain else ends(self.recall)}"

    def name_of(self, metric: str) -> str:
        """``recall@10``."""
        return "recall@" + {AT_1: "1", AT_10: "10"}.get(metric, str(self.parameters["k"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Settings that search the same vectors for the same, the fastest first."""

    searches: tuple[Search, ...]

    @property
    def exact(self) -> Search | None:
        """The one without an index, or else the fastest that looks at all lists of its index."""
        alone = next((one for one in self.searches if one.is_exact), None)
        return alone or next((one for one in self.searches if one.looks_at_all), None)

    @property
    def where(self) -> str:
        """``10,000 vectors``, and how many of them a filter leaves."""
        first = self.searches[0]
        share = first.parameters["selectivity"]
        kept = f" with a filter that lets {100 * share:g} % through" if share < 1 else ""
        return f"{first.rows:,} vectors{kept}"

    @property
    def answers(self) -> list[Answer]:
        """Their runs."""
        return [one.answer for one in self.searches]

    def good(self) -> list[Search]:
        """Those that reach the recall that is wanted and leave something out, the fastest first."""
        return [one for one in self.searches if one.reaches and not one.looks_at_all]

    def front(self) -> list[Search]:
        """Those that no other beats in recall and throughput both, the fastest first."""
        found: list[Search] = []
        for one in self.searches:
            if not found or one.recall.value > found[-1].recall.value:
                found.append(one)
        return found

    def change(self, before: Search, after: Search) -> Change | None:
        """The change of the throughput, at the level of as many comparisons as settings."""
        comparisons = max(1, len(self.searches) - 1)
        metric = rate_of(after.answer)
        return change(before.answer, after.answer, metric, comparisons=comparisons)


def choices(study: Study) -> Iterator[Choice]:
    """A choice for each set of vectors that was searched, the largest first."""
    grouped: dict[str, dict[tuple[tuple[str, Any], ...], Search]] = {}
    for answer in sorted(study.of("throughput"), key=lambda one: one.run.started):
        search = _search(answer)
        if search is None:
            continue
        left = [f"workload.{key}" for key in KEYS]
        same = {
            "question": without(question(answer.run), left),
            "environment": environment(answer.stored, left),
            "wanted": (search.metric, search.wanted),
        }
        # The newest answer to a question counts.
        grouped.setdefault(digest(same), {})[search.setting] = search
    found = [
        Choice(searches=_fastest_first(list(by_setting.values())))
        for by_setting in grouped.values()
    ]
    yield from sorted(found, key=lambda choice: -choice.searches[0].rows)


def _fastest_first(searches: Sequence[Search]) -> tuple[Search, ...]:
    """By what they did in the same rounds, where all were measured in them."""
    every = race_costs([one.answer for one in searches], rate_of(searches[0].answer))
    if every is None:
        every = [-one.rate.value for one in searches]
    known = [replace(one, cost=cost) for one, cost in zip(searches, every, strict=True)]
    return tuple(sorted(known, key=lambda one: one.cost))


def ends(estimate: Estimate) -> str:
    """``0.967 (0.948 to 0.981)``: near 1 an interval in percent says little."""
    if estimate.bounds is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.bounds[0]:.3f} to {estimate.bounds[1]:.3f})"


def _search(answer: Answer) -> Search | None:
    if answer.run.config["workload"].get("_target_") != WORKLOAD:
        return None
    metric, wanted = _target(answer)
    recall, rate = answer.estimate(metric), answer.estimate(rate_of(answer))
    if recall is None or rate is None:
        return None
    return Search(answer=answer, metric=metric, wanted=wanted, recall=recall, rate=rate)


def _target(answer: Answer) -> tuple[str, float]:
    """The recall that is wanted, by the run's own targets or limits."""
    config = answer.run.config
    wanted = {**(config.get("limits") or {}), **(config.get("targets") or {})}
    order: Sequence[str] = (AT_10, AT_K, AT_1)
    for metric in order:
        if metric in wanted:
            return metric, float(wanted[metric])
    present = (metric for metric in order if answer.run.figure(metric) is not None)
    return next(present, AT_1), WANTED
