"""The answers of a backend beside those that count as right, computed before a sweep.

Each half runs in a process of its own: the reference needs PyTorch, which the other may lack. The
reference is the same weights in float32, one text at a time: no padding, no neighbours.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hydra.utils import instantiate
from numpy.typing import NDArray

from embprof.backends.finding import KEY, REFERENCE
from embprof.interface.workload import Cuts
from embprof.machine.own_process import Say
from embprof.parity.agreement import agreement, samples

TEXTS, VECTORS, READINGS = "texts.json", "vectors.npy", "readings.json"
BATCH = 32
"""Texts of a batch: neighbours and padding are part of what may change an answer."""
VERSION = 1
"""Grows whenever other texts or readings come of the same request."""


def reference(request: Mapping[str, Any], say: Say) -> None:
    """Writes distinct texts of the ``owner``'s corpus and their vectors into the ``folder``."""
    folder, owner = Path(request["folder"]), request["owner"]
    say("embedding the reference, one text at a time")
    texts, vectors = _answers({**owner, KEY: REFERENCE, "batch_size": 1}, request["count"])
    (folder / TEXTS).write_text(json.dumps(list(texts)), encoding="utf-8")
    np.save(folder / VECTORS, vectors)


def readings(request: Mapping[str, Any], say: Say) -> None:
    """Writes what the ``owner``'s own answers are beside those in ``reference``."""
    known = Path(request["reference"])
    texts = json.loads((known / TEXTS).read_text(encoding="utf-8"))
    say("embedding the same texts")
    _, own = _answers({**request["owner"], "batch_size": BATCH}, texts)
    found = samples(agreement(np.load(known / VECTORS, allow_pickle=False), own))
    content = [
        {"name": one.name, "unit": one.unit, "better": one.better, "values": list(one.values)}
        for one in found
    ]
    file = Path(request["folder"]) / READINGS
    file.write_text(json.dumps(content), encoding="utf-8")


def _answers(
    owner: Mapping[str, Any], texts: Sequence[str] | int
) -> tuple[Sequence[str], NDArray[np.float32]]:
    """These texts, or so many of the corpus, and their vectors, cut where the job cuts them."""
    workload: Any = instantiate(owner)
    workload.load()
    try:
        assert isinstance(workload, Cuts), "only such are compared"
        chosen = workload.sample(texts) if isinstance(texts, int) else texts
        return chosen, workload.embed(chosen, workload.limits()[1])
    finally:
        workload.close()
