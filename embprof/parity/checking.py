"""The answers of a backend beside those that count as right, computed before a sweep.

Each half runs in a process of its own: the reference needs PyTorch, which the other may lack. The
reference is the same weights in float32, one text at a time: no padding, no neighbours. Asked for
are texts of the job's corpus, odd ones (:mod:`embprof.parity.odd_texts`), and labelled queries and
documents where the user has any (:mod:`embprof.parity.retrieval`).
"""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from hydra.utils import instantiate
from numpy.typing import NDArray

from embprof.backends.finding import KEY, REFERENCE
from embprof.corpora import labelled_queries
from embprof.corpora.labelled_queries import LabelledQueries
from embprof.interface import nested
from embprof.interface.workload import Cuts, Embeds, Workload
from embprof.machine.own_process import Say
from embprof.model import Samples
from embprof.parity import odd_texts, retrieval
from embprof.parity.agreement import agreement
from embprof.parity.agreement import samples as agreement_samples
from embprof.parity.retrieval import Found

ASKED, VECTORS, LABELLED, READINGS = "texts.json", "vectors.npz", "labelled.npz", "readings.json"
TEXTS, ODD = "texts", "odd"
BATCH = 32
"""Texts of a batch: neighbours and padding are part of what may change an answer."""
VERSION = 2
"""Grows whenever other texts or readings come of the same request."""
Vectors = NDArray[np.float32]
Role = Literal["query", "document"]


@runtime_checkable
class Service(Workload, Cuts, Embeds, Protocol):
    """What is compared: a workload that embeds texts of a corpus, and any others."""


class _Remembering:
    """A service that is asked for no text twice: what is searched may be what is compared."""

    def __init__(self, service: Embeds) -> None:
        self._service = service
        self._known: dict[str, Vectors] = {}

    def vectors(self, texts: Sequence[str], *, batch_size: int) -> Vectors:
        """As the service has them: (N, D)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            rows = self._service.vectors(new, batch_size=batch_size)
            self._known.update(zip(new, rows, strict=True))
        return np.stack([self._known[text] for text in texts])


def reference(request: Mapping[str, Any], say: Say) -> None:
    """Writes what is asked, and the answers of the reference, into the ``folder``.

    ``owner``: the workload; ``count``: texts of its corpus, at most; ``labelled``: as in
    ``parity.labelled``.
    """
    folder = Path(request["folder"])
    with _loaded({**request["owner"], KEY: REFERENCE, "batch_size": 1}) as service:
        say("embedding the reference, one text at a time")
        texts = list(service.sample(request["count"]))
        odd = odd_texts.texts(service.limits()[1])
        alone = _Remembering(service)
        vectors = {
            name: alone.vectors(of, batch_size=1) for name, of in {TEXTS: texts, **odd}.items()
        }
        if (labelled := _labelled(request)) is not None:
            say("embedding the labelled queries and what is searched")
            found = _search(alone, labelled, batch_size=1)
            np.savez(folder / LABELLED, ndcg=found.ndcg, recall=found.recall)
    asked = {TEXTS: texts, ODD: {kind: list(of) for kind, of in odd.items()}}
    (folder / ASKED).write_text(json.dumps(asked), encoding="utf-8")
    np.savez(folder / VECTORS, allow_pickle=False, **vectors)


def readings(request: Mapping[str, Any], say: Say) -> None:
    """Writes what the ``owner``'s own answers are beside those in ``reference``."""
    known = Path(request["reference"])
    asked = json.loads((known / ASKED).read_text(encoding="utf-8"))
    right = np.load(known / VECTORS, allow_pickle=False)
    with _loaded({**request["owner"], "batch_size": BATCH}) as service:
        say("embedding the same texts")
        once = _Remembering(service)
        own = once.vectors(asked[TEXTS], batch_size=BATCH)
        found = agreement_samples(agreement(right[TEXTS], own))
        for kind, odd in odd_texts.answers(service, asked[ODD], batch_size=BATCH):
            found.append(odd_texts.samples(kind, right[kind], odd))
        found += _retrieval(request, once, known)
    content = [
        {"name": one.name, "unit": one.unit, "better": one.better, "values": list(one.values)}
        for one in found
    ]
    file = Path(request["folder"]) / READINGS
    file.write_text(json.dumps(content), encoding="utf-8")


def _retrieval(request: Mapping[str, Any], service: Embeds, known: Path) -> list[Samples]:
    """How good both are at labelled queries; random weights find nothing on purpose."""
    if request["labelled"] is None:
        return []
    if (labelled := _labelled(request)) is None:
        return retrieval.samples(None, None)
    right = np.load(known / LABELLED, allow_pickle=False)
    own = _search(service, labelled, batch_size=BATCH)
    return retrieval.samples(own, Found(ndcg=right["ndcg"], recall=right["recall"]))


def _labelled(request: Mapping[str, Any]) -> LabelledQueries | None:
    """The labelled queries; None where nobody asked for them, or weights know nothing."""
    place = request["labelled"]
    if place is None or request["owner"][nested.MODEL]["weights"] == "random":
        return None
    return labelled_queries.read(place)


def _search(service: Embeds, labelled: LabelledQueries, *, batch_size: int) -> Found:
    queries, documents = list(labelled.queries.values()), list(labelled.documents.values())
    return retrieval.search(
        labelled,
        _embedded(service, queries, "query", batch_size=batch_size),
        _embedded(service, documents, "document", batch_size=batch_size),
    )


def _embedded(service: Embeds, texts: Sequence[str], role: Role, *, batch_size: int) -> Vectors:
    """The vectors of one side of a search: the place where a prompt of that side would be set.

    Both sides are embedded as the job embeds any text.
    """
    del role
    return service.vectors(texts, batch_size=batch_size)


@contextlib.contextmanager
def _loaded(owner: Mapping[str, Any]) -> Iterator[Service]:
    """The workload, ready: it cuts where the job cuts."""
    workload: Any = instantiate(owner)
    assert isinstance(workload, Service), "only such are compared"
    workload.load()
    try:
        yield workload
    finally:
        workload.close()
