"""Makes the files that a backend runs, in a process that may import anything.

That is PyTorch first of all, which no worker of the backend will ever import.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.utils import instantiate

from embprof.backends.finding import REFERENCE, made
from embprof.interface import nested
from embprof.interface.backend import Builds, Network
from embprof.interface.network import Model
from embprof.machine.own_process import Say


def build(request: Mapping[str, Any], say: Say) -> None:
    """Makes the files of a backend; ``owner`` of the request is the workload it is a part of.

    Raises BuildError with what cannot be done.
    """
    owner, task = request["owner"], request["task"]
    backend = made(owner["backend"])
    assert isinstance(backend, Builds), "it was asked for its files"
    model = Model(**owner[nested.MODEL])
    network = Network(model=model, task=task, device=owner["device"], seed=owner["seed"])
    texts: Sequence[str] = ()
    if count := backend.calibration():
        say("drawing texts to calibrate with")
        texts = _texts(owner, count)
    backend.build(network, Path(request["folder"]), texts, say)


def _texts(owner: Mapping[str, Any], count: int) -> list[str]:
    """Texts of the job's corpus, as long as the job has them; both of a pair, one by one."""
    workload = instantiate({**owner, "backend": REFERENCE})
    workload.load()
    found = workload.sample(count)
    workload.close()
    return [text for one in found for text in ([one] if isinstance(one, str) else one)]
