"""Which jobs' answers are compared with the reference, with what, and what may be lost."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from embprof.backends.finding import KEY, is_reference
from embprof.config import plugins
from embprof.corpora import labelled_queries
from embprof.corpora.labelled_queries import LabelledQueries
from embprof.interface import nested
from embprof.models import fitness
from embprof.parity import names

HELD_TO = {
    "min_nearest_kept": (names.NEAREST_KEPT, 100),
    "min_top10_kept": (names.TOP_KEPT, 100),
    "min_probes_cosine": (names.ODD_LEAST, 1),
    "max_ndcg10_loss": (f"{names.NDCG}{names.LOSS}", 1),
}
"""The figure that each key is about, and how many of it make one of the key: shares are percent."""
LABELLED, MOST_LOST = "labelled", "max_ndcg10_loss"


def is_compared(config: Mapping[str, Any]) -> bool:
    """Whether a job embeds on a backend, in a type or in fewer numbers, so that answers change.

    With labelled queries the reference too, which tells how good the others could be.
    """
    workload, parity = config["workload"], config.get("parity") or {}
    if not parity.get("texts") or not _embeds(config):
        return False
    backend, is_whole = workload[KEY], workload.get("truncate_dim") is None
    return (
        parity.get(LABELLED) is not None
        or not is_whole
        or not is_reference(backend.get("name"), backend.get("dtype"))
    )


def held_to(config: Mapping[str, Any]) -> dict[str, float]:
    """The figures that such a job is held to, and the least (of a loss the most) of each."""
    if not is_compared(config):
        return {}
    wanted = {key: config["parity"].get(key) for key in HELD_TO}
    return {
        HELD_TO[key][0]: HELD_TO[key][1] * float(value)
        for key, value in wanted.items()
        if value is not None
    }


def labelled_sha256(config: Mapping[str, Any]) -> str | None:
    """The hash of the labelled queries of a job; None where it has none."""
    place = config["parity"].get(LABELLED)
    return None if place is None else _read(place)[1]


def problems(config: Mapping[str, Any]) -> Iterator[str]:
    """Labelled queries that cannot be read, or that nothing can be asked."""
    parity = config["parity"]
    place, most = parity[LABELLED], parity[MOST_LOST]
    if place is None:
        if most is not None:
            yield (
                f"parity.{MOST_LOST}={most:g}: needs labelled queries; set parity.{LABELLED} to "
                "builtin, or to a folder in the layout of BEIR"
            )
        return
    given = f"parity.{LABELLED}={place}"
    if not parity["texts"]:
        yield f"{given}: parity.texts={parity['texts']} compares nothing"
    if not _embeds(config):
        name = str(config["workload"]["_target_"]).rpartition(".")[2]
        yield f"{given}: only what embeds texts on a backend can be asked; {name} does not"
    elif most is not None and config["workload"][nested.MODEL]["weights"] == "random":
        yield f"parity.{MOST_LOST}={most:g}: model.weights=random finds nothing that could be lost"
    try:
        _read(place)
    except (ValueError, OSError) as error:
        yield f"{given}: {error}"


def remarks(config: Mapping[str, Any]) -> Iterator[str]:
    """That some queries are left out."""
    place = config["parity"][LABELLED]
    if place is None:
        return
    known = _read(place)[0]
    if known.unlabelled:
        every = known.unlabelled + len(known.queries)
        yield (
            f"parity.{LABELLED}={place}: {known.unlabelled:,} of {every:,} queries have no "
            "relevant document and are left out"
        )


def _embeds(config: Mapping[str, Any]) -> bool:
    workload = config["workload"]
    is_on_backend = isinstance(workload.get(KEY), Mapping)
    return is_on_backend and plugins.task(workload, (KEY,)) == fitness.EMBED


def _read(place: str) -> tuple[LabelledQueries, str]:
    """The queries with their hash, read once; raises ValueError and OSError."""
    return _read_from(Path.cwd(), place)


@functools.cache
def _read_from(_: Path, place: str) -> tuple[LabelledQueries, str]:
    """A folder may be named from where the user stands."""
    found = labelled_queries.read(place)
    return found, found.fingerprint()
