"""A claim from its text to a verdict: embed, search, judge, vote; made of the other workloads.

Physics: a claim is phrased as several queries; their vectors find the nearest passages in the
database; a cross-encoder says of each whether it supports or refutes the claim; votes make the
verdict. The networks use all CPUs while they compute and the database waits, and the other way
round, so what a stage takes in here is not what it takes under load of its own.

What can go wrong, and is done: work that is there only once (the cache is off unless asked for, and
its hits are a figure); slow calls explained by the stages of other calls (each call's own are
read); a verdict of random weights taken for one (there is no accuracy then).
"""

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import Field, StrictBool, StrictInt, StrictStr

from embprof.interface.inputs_ahead import Ahead
from embprof.interface.node import Number
from embprof.interface.stages import StageTimer
from embprof.interface.workload import Counts, Describes, UsesServers, Workload
from embprof.model import Samples
from embprof.workloads.embedding import Embedding
from embprof.workloads.nli import Nli
from embprof.workloads.pipeline.verification import stage_workloads
from embprof.workloads.pipeline.verification.cache import Recent
from embprof.workloads.pipeline.verification.claims import BUILT_IN, Order, draw, endless
from embprof.workloads.pipeline.verification.quality import evidence_recall, verdict_accuracy
from embprof.workloads.pipeline.verification.retrieval import PLACE, Retrieval, Searches
from embprof.workloads.pipeline.verification.stage_log import StageLog
from embprof.workloads.pipeline.verification.stage_workloads import Embeds, Finds, Judges
from embprof.workloads.pipeline.verification.verdict import Ruling
from embprof.workloads.pipeline.verification.verifier import STAGES, Judgement, Verifier
from embprof.workloads.vector_search import VectorSearch

ALIKE = ("model", "prompt", "truncate_dim")
"""What queries and the vectors that they are searched among must share."""
RANDOM = "n/a: the cross-encoder's weights are random"


@dataclass(kw_only=True)
class Pipeline:
    """A verdict on each claim of a step; ``embed``, ``search`` and ``nli`` are workloads."""

    account: ClassVar[str] = "embprof.workloads.pipeline.account.PIPELINE"

    embed: Embeds
    search: Finds
    nli: Judges
    claims: Annotated[
        StrictInt,
        Field(
            ge=1, le=BUILT_IN, description="How many of the built-in claims; the seed says which."
        ),
    ]
    claims_per_step: Annotated[StrictInt, Field(ge=1, description="Claims of one call.")]
    order: Annotated[
        Order, Field(description="turn: claims one after the other; zipf: some far more often.")
    ]
    queries: Annotated[
        Sequence[StrictStr],
        Field(min_length=1, description=f"Phrasings that are searched for; {PLACE} is the claim."),
    ]
    retrieval: Annotated[
        Retrieval, Field(description="Searches of a call one after the other, or at once.")
    ]
    retrieval_threads: Annotated[
        StrictInt,
        Field(ge=2, le=64, description="Searches at once, each on a connection of its own."),
    ]
    margin: Annotated[
        Number, Field(gt=0, description="Balance of votes from which a claim is decided.")
    ]
    cache: Annotated[StrictBool, Field(description="Whether claims seen before are remembered.")]
    cache_claims: Annotated[StrictInt, Field(ge=1, description="Claims remembered at most.")]
    seed: int
    items: str = field(default="claims", init=False)

    @classmethod
    def imports_of(cls, workload: Mapping[str, Any]) -> tuple[str, ...]:
        """What its parts import, each once."""
        embed = Embedding.imports_of(workload.get("embed", {}))
        nli = Nli.imports_of(workload.get("nli", {}))
        return tuple(dict.fromkeys((*embed, *VectorSearch.imports, *nli)))

    @property
    def imports(self) -> tuple[str, ...]:
        """What its parts import, each once."""
        own = (getattr(part, "imports", ()) for part in (self.embed, self.search, self.nli))
        return tuple(dict.fromkeys(name for names in own for name in names))

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """What no part can see: parts that do not fit, or nothing that would make a difference."""
        own = config["workload"]
        embed, search = own["embed"], own["search"]
        if search["vectors"] != "embedded":
            yield (
                f"workload.search.vectors={search['vectors']}: passages are judged, so there must "
                "be texts; take embedded"
            )
        if any(embed.get(key) != search.get(key) for key in ALIKE):
            yield (
                "workload.search: claims are searched for among vectors of another kind; its "
                f"{', '.join(ALIKE[:-1])} and {ALIKE[-1]} must be those of workload.embed"
            )
        for phrasing in own["queries"]:
            if PLACE not in phrasing:
                yield f"workload.queries: {phrasing!r} lacks {PLACE}, where the claim is put"
        searches = len(own["queries"]) * own["claims_per_step"]
        if own["retrieval"] == "parallel" and searches == 1:
            yield (
                "workload.retrieval=parallel: a call makes a single search; give more "
                "workload.queries, or more workload.claims_per_step"
            )
        if own["cache"] and own["order"] == "turn" and own["cache_claims"] < own["claims"]:
            yield (
                f"workload.cache_claims={own['cache_claims']}: with workload.order=turn each of "
                f"{own['claims']} claims is forgotten before it comes again; give as many, or "
                "workload.order=zipf"
            )

    def make_ready(self) -> None:
        """Makes the index, unless it is there."""
        stage_workloads.make_ready(self._workloads)

    def load(self) -> None:
        """Loads the parts in the order of a call; raises what they raise, with the part's name.

        Raises EmbprofError for a cross-encoder whose labels cannot be told apart by name.
        """
        stage_workloads.load(self._workloads)
        with contextlib.ExitStack() as undo:
            undo.callback(stage_workloads.close, self._workloads)
            self._searches = Searches(self.search.find, self.retrieval, self.retrieval_threads)
            self._verifier = Verifier(
                embed=self.embed,
                search=self.search,
                nli=self.nli,
                searches=self._searches,
                phrasings=self.queries,
                margin=self.margin,
            )
            undo.pop_all()
        self._seen = Recent[Judgement](self.cache_claims) if self.cache else None
        self._log = StageLog(STAGES)
        self._timer: StageTimer | None = None
        self._claims = draw(self.claims, self.seed)
        self._stream = endless(self._claims, self.order, self.seed)
        self._inputs = Ahead(
            lambda: [one.text for one in itertools.islice(self._stream, self.claims_per_step)]
        )

    def prepare(self, steps: int) -> None:
        """Draws the claims of the next steps."""
        self._inputs.prepare(steps)

    def step(self) -> int:
        """Finds the verdict on each claim of a call; returns how many."""
        claims = self._inputs.take()
        call = self._log.call(self._timer)
        known = self._from_cache(claims)
        new = [claim for claim in claims if claim not in known]
        found = self._verifier.judge(new, call)
        self._remember(found)
        judged = known | found
        call.begin("verdict")
        for claim in claims:
            self._verifier.ruling(judged[claim])
        hits = None if self._seen is None else 100 * (1 - len(new) / len(claims))
        self._log.end(call, hits)
        return len(claims)

    def verify(self, claims: Sequence[str]) -> list[Ruling]:
        """The verdict on each claim, the cache left alone."""
        judged = self._verifier.judge(claims, self._log.call(None))
        return [self._verifier.ruling(judged[claim]) for claim in claims]

    def readings(self) -> Sequence[Samples]:
        """Milliseconds of each call and of its stages, and which of its claims were cached."""
        return self._log.take()

    def quality(self) -> Sequence[Samples]:
        """Verdicts that are right, of real weights; deciding passages that retrieval finds."""
        texts = [claim.text for claim in self._claims]
        judged = self._verifier.judge(texts, self._log.call(None))
        found: list[Samples] = []
        if self._is_trained:
            rulings = [self._verifier.ruling(judged[text]) for text in texts]
            found.append(verdict_accuracy(self._claims, rulings))
        passages = [judged[text].passages for text in texts]
        return [*found, *evidence_recall(self._claims, passages, self.search.texts())]

    def counts(self) -> Mapping[str, float]:
        """What the networks were given since the last call, both together."""
        total: dict[str, float] = {}
        for part in self._workloads.values():
            for name, count in part.counts().items() if isinstance(part, Counts) else ():
                total[name] = total.get(name, 0.0) + count
        return total

    def stages(self) -> Sequence[str]:
        """Embed, search, nli and verdict, each with the stages of its part."""
        return stage_workloads.stages(STAGES, self._with_stages)

    @contextlib.contextmanager
    def time_stages(self) -> Iterator[StageTimer]:
        """Within it, stages of the parts are timed too."""
        with stage_workloads.stage_timer(self._with_stages) as timer:
            self._timer = timer
            try:
                yield timer
            finally:
                self._timer = None

    def server_cpu_seconds(self) -> float:
        """CPU seconds of the server that is searched."""
        return self.search.server_cpu_seconds() if isinstance(self.search, UsesServers) else 0.0

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What the parts say of themselves, and why verdicts are not judged, where they are not."""
        facts: dict[str, str | int | float | bool | None] = {}
        for name, part in self._workloads.items():
            own = part.description() if isinstance(part, Describes) else {}
            facts |= {f"{name}_{fact}": value for fact, value in own.items()}
        return facts if self._is_trained else {**facts, "verdict_accuracy": RANDOM}

    def close(self) -> None:
        """Closes all parts, even where one fails; raises what failed last."""
        with contextlib.ExitStack() as ends:
            ends.callback(stage_workloads.close, self._workloads)
            self._searches.close()

    @property
    def _workloads(self) -> dict[str, Workload]:
        return {"embed": self.embed, "search": self.search, "nli": self.nli}

    @property
    def _with_stages(self) -> dict[str, Workload]:
        """Parts whose own stages are told; searches at once would mark over each other."""
        return {"embed": self.embed, "nli": self.nli}

    @property
    def _is_trained(self) -> bool:
        return bool(self.nli.model["weights"] != "random")

    def _from_cache(self, claims: Sequence[str]) -> dict[str, Judgement]:
        if self._seen is None:
            return {}
        found = ((claim, self._seen.get(claim)) for claim in claims)
        return {claim: judged for claim, judged in found if judged is not None}

    def _remember(self, found: Mapping[str, Judgement]) -> None:
        if self._seen is not None:
            for claim, judged in found.items():
                self._seen.put(claim, judged)
