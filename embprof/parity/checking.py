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
from typing import Any, Protocol, runtime_checkable

import numpy as np
from hydra.utils import instantiate
from numpy.typing import NDArray

from embprof.backends.finding import KEY, REFERENCE
from embprof.corpora import labelled_queries
from embprof.corpora.labelled_queries import LabelledQueries
from embprof.interface import nested
from embprof.interface.network import Model
from embprof.interface.workload import Cuts, Embeds, PutsPrompts, Workload
from embprof.machine.own_process import Say
from embprof.model import Samples
from embprof.models import prompts
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


@runtime_checkable
class Service(Workload, Cuts, Embeds, Protocol):
    """What is compared: a workload that embeds texts of a corpus, and any others."""


class _Remembering:
    """A service that is asked for no text twice: what is searched may be what is compared."""

    def __init__(self, service: Embeds) -> None:
        self._service = service
        self._known: dict[tuple[str | None, str], Vectors] = {}

    def vectors(
        self, texts: Sequence[str], *, batch_size: int, prompt: str | None = None
    ) -> Vectors:
        """As the service has them, or with another prompt before each than its own: (N, D)."""
        known = self._known
        new = [text for text in dict.fromkeys(texts) if (prompt, text) not in known]
        if new:
            with self._prompted(prompt):
                rows = self._service.vectors(new, batch_size=batch_size)
            known.update({(prompt, text): row for text, row in zip(new, rows, strict=True)})
        return np.stack([known[prompt, text] for text in texts])

    def _prompted(self, prompt: str | None) -> contextlib.AbstractContextManager[None]:
        if prompt is None:
            return contextlib.nullcontext()
        assert isinstance(self._service, PutsPrompts), "planned: nothing else has a prompt"
        return self._service.prompted(prompt)


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
            found = _search(alone, labelled, _before_documents(request), batch_size=1)
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


def _retrieval(request: Mapping[str, Any], service: _Remembering, known: Path) -> list[Samples]:
    """How good both are at labelled queries; random weights find nothing on purpose."""
    if request["labelled"] is None:
        return []
    if (labelled := _labelled(request)) is None:
        return retrieval.samples(None, None)
    right = np.load(known / LABELLED, allow_pickle=False)
    own = _search(service, labelled, _before_documents(request), batch_size=BATCH)
    return retrieval.samples(own, Found(ndcg=right["ndcg"], recall=right["recall"]))


def _labelled(request: Mapping[str, Any]) -> LabelledQueries | None:
    """The labelled queries; None where nobody asked for them, or weights know nothing."""
    place = request["labelled"]
    if place is None or request["owner"][nested.MODEL]["weights"] == "random":
        return None
    return labelled_queries.read(place)


def _before_documents(request: Mapping[str, Any]) -> str | None:
    """The prompt before what is searched, where the job's own is that of queries; None: its own.

    As in ``vector_search``: a job that names no prompt embeds both sides as the model does.
    """
    owner = request["owner"]
    if owner.get("prompt") is None:
        return None
    return prompts.of(Model(**owner[nested.MODEL])).of_documents()


def _search(
    service: _Remembering, labelled: LabelledQueries, before_documents: str | None, batch_size: int
) -> Found:
    queries, documents = list(labelled.queries.values()), list(labelled.documents.values())
    return retrieval.search(
        labelled,
        service.vectors(queries, batch_size=batch_size),
        service.vectors(documents, batch_size=batch_size, prompt=before_documents),
    )


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
