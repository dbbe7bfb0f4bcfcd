"""Whether an exported graph says what its model says. Imports torch: for the process that builds.

A trace that has decided something by its example differs on inputs of another size by far more than
rounding does. How much a type of fewer bits changes is another question, and asked elsewhere.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embprof.backends.exported.graph import Graph
from embprof.backends.exported.network import ExportedEncoder, ExportedJudge
from embprof.errors import BuildError
from embprof.interface.workload import UNLIMITED
from embprof.models import positions
from embprof.models.cross_encoder import CountingCrossEncoder
from embprof.models.encoder import CountingEncoder

Loaded = CountingEncoder | CountingCrossEncoder
Results = NDArray[np.float32]

FARTHEST = 1e-2
"""A share of the largest number in the answers; rounding in float32 stays far below that."""
SENTENCE = "Of several noisy figures, the highest one is partly the luckiest, and that by a lot. "
TEXTS = ("", "One.", SENTENCE, SENTENCE * 3, SENTENCE * 16)
SIZES = (1, 2, 5)
"""Sizes of batches: alone without padding, and with more and less of it."""


def check(model: Loaded, folder: Path, graph: Graph) -> None:
    """Raises BuildError where the graph's answers are not the model's."""
    own: Any = model.config
    limit = min(model.limit, positions.most(own.to_dict()) or UNLIMITED)
    compared = _judged if isinstance(model, CountingCrossEncoder) else _embedded
    before, model.limit = model.limit, limit
    try:
        for size in SIZES:
            _compare(*compared(model, folder, graph, size), size)
    finally:
        model.limit = before


def _compare(wanted: Results, found: Results, size: int) -> None:
    largest = float(np.abs(wanted).max())
    difference = float(np.abs(found - wanted).max()) if np.isfinite(found).all() else np.inf
    if difference > FARTHEST * largest:
        raise BuildError(
            f"the exported graph answers otherwise than the model, by {difference:.2g} where its "
            f"numbers reach {largest:.2g} (batches of {size}): its code decides by the values of "
            "its inputs, which a graph cannot; use backend=torch"
        )


def _embedded(model: Any, folder: Path, graph: Graph, size: int) -> tuple[Results, Results]:
    wanted = model.encode(list(TEXTS), batch_size=size, show_progress_bar=False)
    exported = ExportedEncoder(folder, graph)
    exported.limit = model.limit
    with _named(size):
        return wanted, exported.encode(TEXTS, batch_size=size, normalize=False)


def _judged(model: Any, folder: Path, graph: Graph, size: int) -> tuple[Results, Results]:
    pairs = [(one, SENTENCE) for one in TEXTS]
    wanted = model.predict(pairs, batch_size=size, show_progress_bar=False)
    exported = ExportedJudge(folder, graph)
    exported.limit = model.limit
    with _named(size):
        return wanted.reshape(len(pairs), -1), exported.predict(pairs, batch_size=size)


@contextlib.contextmanager
def _named(size: int) -> Iterator[None]:
    """Says what a runtime's error means here."""
    try:
        yield
    except Exception as error:
        why = " ".join(str(error).split())[:300]
        raise BuildError(
            f"the exported graph cannot be run with batches of {size}: {why}; use backend=torch"
        ) from error
