"""From claims to what is known of each: queries, passages, logits, the verdict they make."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from embprof.corpora.pairs import Pair
from embprof.workloads.pipeline.verification.retrieval import Searches, queries, together
from embprof.workloads.pipeline.verification.stage_log import Call
from embprof.workloads.pipeline.verification.stage_workloads import Embeds, Finds, Judges
from embprof.workloads.pipeline.verification.verdict import Ruling, rule, vote, voting_columns

STAGES = ("embed", "search", "nli", "verdict")
"""The stages of a call in order; the first three are named as the workloads that they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The passages found for a claim, nearest first, with the logits of each."""

    passages: tuple[str, ...]
    logits: tuple[Sequence[float], ...]


@dataclass(kw_only=True)
class Verifier:
    """Judges claims with loaded parts; several threads may at once."""

    embed: Embeds
    search: Finds
    nli: Judges
    searches: Searches
    phrasings: Sequence[str]
    margin: float

    def __post_init__(self) -> None:
        """Raises EmbprofError for labels that cannot be told apart by name."""
        self._columns = voting_columns(self.nli.labels)

    def judge(self, claims: Sequence[str], call: Call) -> dict[str, Judgement]:
        """What is found of each claim, all claims together in each stage."""
        if not claims:
            return {}
        call.begin("embed")
        phrased = [query for claim in claims for query in queries(claim, self.phrasings)]
        vectors = self.embed.embed(phrased, self.embed.limits()[1])
        call.begin("search")
        found = iter(self.searches.run(vectors))
        hits = [
            together(itertools.islice(found, len(self.phrasings)), self.search.k) for _ in claims
        ]
        call.begin("nli")
        pairs = [
            Pair(claim=claim, evidence=hit.text, label=None)
            for claim, near in zip(claims, hits, strict=True)
            for hit in near
        ]
        logits = iter(self.nli.predict(pairs).tolist())
        return {
            claim: Judgement(
                passages=tuple(hit.text for hit in near),
                logits=tuple(itertools.islice(logits, len(near))),
            )
            for claim, near in zip(claims, hits, strict=True)
        }

    def ruling(self, judged: Judgement) -> Ruling:
        """The verdict that the logits make."""
        return rule([vote(row, self._columns) for row in judged.logits], self.margin)
