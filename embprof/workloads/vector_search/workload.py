"""The nearest of many vectors, found by PostgreSQL with pgvector: how fast, and how truly.

Physics: to find the nearest vectors for certain, a query must be compared with all of them. An
index looks at a part: IVFFlat at the groups whose centres are nearest, HNSW along the links of a
graph. What it leaves out is lost, so latency means nothing without recall, the share of the true
neighbours that were found. Both are read here, of the same connection settings.

What can go wrong, and what is done: the planner does not use the index (the plan is looked at, and
enforced); vectors are easier to search than real ones (they are embeddings of texts, or as hard as
stated); the server is busy with something of ours (index and table are whole, cleaned and written
out before); a figure of memory that is the building's (it is done in another process).
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictInt, StrictStr

from embprof.corpora import Corpus
from embprof.interface.host_stages import HostStages
from embprof.interface.inputs_ahead import Ahead
from embprof.interface.node import Number
from embprof.interface.stages import StageTimer
from embprof.machine import process_tree
from embprof.model import Samples
from embprof.workloads.vector_search.index import Hit
from embprof.workloads.vector_search.index.build_process import look_elsewhere, make_elsewhere
from embprof.workloads.vector_search.index.index import Distance, Iterative, Kind, index_of
from embprof.workloads.vector_search.index.recipe import Recipe
from embprof.workloads.vector_search.index.refusals import refusals, remarks
from embprof.workloads.vector_search.index.registry import BuildRecord
from embprof.workloads.vector_search.vectors import Source
from embprof.workloads.vector_search.vectors.embedded import Embedded
from embprof.workloads.vector_search.vectors.synthetic import Synthetic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embprof.workloads.vector_search.index.plan import Plan
    from embprof.workloads.vector_search.index.searcher import Searcher

__all__ = ["Hit", "VectorSearch"]

STAGES = ("encode_vector", "server", "decode_rows")
SYNTHETIC_DIMENSIONS = 384
EMBEDS = "torch"
"""The backend that passages and queries are embedded with."""
"""Where none are asked for: those of the default model."""


@dataclass(kw_only=True)
class VectorSearch(HostStages):
    """One query per step for its ``k`` nearest vectors, a connection for each call at a time."""

    account: ClassVar[str] = "embprof.workloads.vector_search.account.VECTOR_SEARCH"

    imports: ClassVar[tuple[str, ...]] = ("psycopg", "pgvector.psycopg")
    task: ClassVar[str] = "embed"

    service: Mapping[str, Any]
    vectors: Annotated[
        Literal["embedded", "synthetic"],
        Field(description="Texts as the model embeds them, or vectors made up."),
    ]
    corpus_size: Annotated[
        StrictInt | None,
        Field(ge=1, le=10_000_000, description="Vectors to search among; null is all the corpus."),
    ]
    dimensions: Annotated[
        StrictInt | None,
        Field(
            ge=1,
            le=16_000,
            description="Numbers of a vector that is made up (of the model's vectors truncate_dim "
            f"says how many are kept); null is {SYNTHETIC_DIMENSIONS}.",
        ),
    ]
    spread: Annotated[
        Number,
        Field(
            gt=0,
            le=1,
            description="How hard made up vectors are to search: near 0 they lie in clear "
            "clusters, at 1 in none; 0.5 is about as hard as the built-in texts.",
        ),
    ]
    corpus: Corpus
    queries: Corpus | None
    model: Mapping[str, Any]
    dtype: str
    device: str
    index: Annotated[Kind, Field(description="exact compares with every vector.")]
    distance: Annotated[
        Distance, Field(description="Operator and index; vectors have length 1, so all agree.")
    ]
    lists: Annotated[StrictInt, Field(ge=1, le=32_768, description="Groups of an ivfflat index.")]
    probes: Annotated[
        StrictInt,
        Field(ge=1, le=32_768, description="Groups that a search looks at; from lists on, all."),
    ]
    m: Annotated[StrictInt, Field(ge=2, le=100, description="Links of a vector in an hnsw index.")]
    ef_construction: Annotated[
        StrictInt,
        Field(ge=4, le=1000, description="Candidates when an hnsw index is made; 2 m at least."),
    ]
    ef_search: Annotated[
        StrictInt, Field(ge=1, le=1000, description="Candidates of a search of an hnsw index.")
    ]
    iterative_scan: Annotated[
        Iterative | None,
        Field(description="Go on where a filter left too few rows; null does not."),
    ]
    k: Annotated[StrictInt, Field(ge=1, le=1000, description="Nearest vectors that are wanted.")]
    selectivity: Annotated[
        Number, Field(gt=0, le=1, description="Share of the rows that a filter lets through.")
    ]
    recall_queries: Annotated[
        StrictInt,
        Field(ge=20, le=10_000, description="Queries that are checked against exact search."),
    ]
    seed: int
    prompt: str | None = None
    document_prompt: Annotated[
        StrictStr | None,
        Field(
            description="What is put before each text that is searched, as prompt before each "
            "query; null is the model's own prompt for such where prompt is given, else what the "
            "model does by itself."
        ),
    ] = None
    truncate_dim: int | None = None
    items: str = field(default="queries", init=False)
    _built: BuildRecord | None = field(default=None, init=False, repr=False)

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Parameters that do not go together, and backends that embed nothing here."""
        yield from refusals(config["workload"])
        backend, own = config["backend"]["name"], config["workload"]
        is_alone = "part_of" not in config  # as in a pipeline, which embeds its queries itself
        if is_alone and own["vectors"] == "embedded" and backend != EMBEDS:
            yield (
                f"backend={backend}: passages and queries are embedded with {EMBEDS} here, once; "
                f"use backend={EMBEDS}"
            )

    @classmethod
    def remarks(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Texts that are not searched, and searches of an index that are as good as exact."""
        return remarks(config["workload"])

    def make_ready(self) -> None:
        """Embeds texts and makes table and index, in another process, unless they are there.

        Raises ServiceError, ModelNotFoundError and RequestError by their names.
        """
        index = index_of(self.index, self.distance, vars(self))
        self._recipe = Recipe(
            source=self._source(), index=index, seed=self.seed, service=dict(self.service)
        )
        self._schema = self._recipe.schema()
        self._built = look_elsewhere(self.service, self._schema)
        if self._built is None:
            make_elsewhere(self._recipe)
            self._built = look_elsewhere(self.service, self._schema)

    def load(self) -> None:
        """Connects, and looks whether the index is used.

        Raises ServiceError when it is not, and what :meth:`make_ready` raises, which it calls
        unless that was done.
        """
        if self._built is None:
            self.make_ready()
        from embprof.workloads.vector_search.index.searcher import Searcher

        index = self._recipe.index
        self._searcher: Searcher = Searcher(
            self.service, self._schema, index, k=self.k, selectivity=self.selectivity
        )
        stream = self._recipe.source.stream(print)
        self._inputs: Ahead[NDArray[np.float32]] = Ahead(lambda: next(stream))
        self._plans: tuple[Plan, Plan] = self._searcher.settle(self._inputs.take())

    def prepare(self, steps: int) -> None:
        """Draws the queries of the next steps."""
        self._inputs.prepare(steps)

    def step(self) -> int:
        """One query: from a vector to rows."""
        vector = self._inputs.take()
        if self._timer is None:
            self._searcher.rows(vector)
        else:
            self._timed_step(vector, self._timer)
        return 1

    def find(self, vectors: NDArray[np.float32]) -> list[list[Hit]]:
        """The ``k`` nearest texts to each of the (N, D) vectors, of length 1; nearest first."""
        return [
            [Hit(str(text), distance) for _, text, distance in self._searcher.rows(vector)]
            for vector in vectors
        ]

    def texts(self) -> Sequence[str]:
        """All texts that are searched; none of made up vectors."""
        return self._recipe.source.texts() or ()

    def quality(self) -> Sequence[Samples]:
        """Recall of each of some queries; seconds and size of the index, where there is one."""
        from embprof.workloads.vector_search.index.quality import of_index, recall

        assert self._built is not None
        found = recall(
            self._recipe,
            self._searcher,
            queries=self.recall_queries,
            k=self.k,
            selectivity=self.selectivity,
        )
        return [*found, *of_index(self._built)]

    def stages(self) -> Sequence[str]:
        """Encoding the vector, waiting for the server and its answer, decoding the rows."""
        return STAGES

    def server_cpu_seconds(self) -> float:
        """CPU seconds of the server, if it runs on this machine."""
        return process_tree.cpu_seconds(self.service["pid"])

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """The server, the table, the statements that were used, and the plan."""
        built = self._built
        assert built is not None
        used, chosen = self._plans
        is_mine = built.by == f"{platform.node()}:{os.getpid()}"
        return {
            "threads": 1,  # a query waits for the server; none computes beside it
            "server": str(self.service["name"]),
            "pgvector": built.pgvector,
            "maintenance_work_mem": self.service.get("settings", {}).get("maintenance_work_mem"),
            "rows": built.rows,
            "dimensions": built.dimensions,
            "texts_held_out": self._recipe.source.held_out(),
            **self._recipe.source.facts(),
            "table_mb": built.table_mb,
            "index_ddl": self._recipe.index.ddl,
            "search_settings": self._recipe.index.settings or None,
            "query": self._searcher.statement,
            "plan": used.text,
            "plan_left_to_the_planner": chosen.text,
            "index_made": f"{'by this job' if is_mine else 'before'}, {built.at}",
        }

    def close(self) -> None:
        """Ends the connections; table and index stay for the jobs that follow."""
        self._searcher.close()

    def _timed_step(self, vector: NDArray[np.float32], timer: StageTimer) -> None:
        searcher = self._searcher
        with searcher.cursor() as cursor:
            with timer.stage(STAGES[0]):
                encoded = searcher.encode(vector)
            with timer.stage(STAGES[1]):
                searcher.execute(cursor, encoded)
            with timer.stage(STAGES[2]):
                cursor.fetchall()

    def _source(self) -> Source:
        if self.vectors == "synthetic":
            assert self.corpus_size is not None
            return Synthetic(
                corpus_size=self.corpus_size,
                dimensions=self.dimensions or SYNTHETIC_DIMENSIONS,
                spread=self.spread,
                seed=self.seed,
            )
        return Embedded(
            model=dict(self.model),
            dtype=self.dtype,
            device=self.device,
            corpus_of=self.corpus,
            queries=self.queries,
            corpus_size=self.corpus_size,
            prompt=self.prompt,
            document_prompt=self.document_prompt,
            dimensions=self.truncate_dim,
            seed=self.seed,
        )
