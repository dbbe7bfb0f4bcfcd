"""Makes the files that a backend runs, in a process that may import anything.

That is PyTorch first of all, which no worker of the backend will ever import.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.utils import instantiate

from embprof.backends.finding import KEY, REFERENCE, made
from embprof.interface.backend import Builds, Network
from embprof.machine.own_process import Say

SHARED = ("prompt", "truncate_dim")
"""Keys of which jobs with several values share the files: what is drawn must not depend on them."""


def build(request: Mapping[str, Any], say: Say) -> None:
    """Makes the files of a backend; ``owner`` of the request is the workload it is a part of.

    Raises BuildError with what cannot be done.
    """
    owner = request["owner"]
    backend = made(owner[KEY])
    assert isinstance(backend, Builds), "it was asked for its files"
    texts: Sequence[str] = ()
    if count := backend.calibration():
        say("drawing texts to calibrate with")
        texts = _texts(owner, count)
    network = Network.of(owner, request["task"])
    backend.build(network, Path(request["folder"]), texts, say)


def _texts(owner: Mapping[str, Any], count: int) -> list[str]:
    """Texts of the job's corpus, as long as the job has them; both of a pair, one by one."""
    as_it_is = {key: None for key in SHARED if key in owner}
    workload = instantiate({**owner, **as_it_is, KEY: REFERENCE})
    workload.load()
    found = workload.sample(count)
    workload.close()
    return [text for one in found for text in ([one] if isinstance(one, str) else one)]
