"""Starts the two sides of a comparison of answers, each loaded in a worker of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embprof.config.plan import Plan
from embprof.config.plugins import imports_torch
from embprof.config.times import time_limit
from embprof.corpora.distinct import distinct
from embprof.corpora.lengths import Lengths
from embprof.errors import WorkerError
from embprof.model import Job
from embprof.parity import exchange
from embprof.run.backend_files import Found, made_ready
from embprof.run.recorder import Context, Recorder
from embprof.run.restart import name_arm
from embprof.run.services import Addresses, running
from embprof.run.workshop import Workshop
from embprof.sampling.isolation import Worker, Workers
from embprof.sampling.messages import NeedsFresh
from embprof.tracking.folder import RunFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXCHANGE = f"{exchange.Exchange.__module__}.{exchange.Exchange.__qualname__}"


class WorkerSide:
    """A service in a worker, asked from here; ``name`` is A or B. It raises WorkerError."""

    def __init__(self, name: str, worker: Worker, folder: Path, deadline: float) -> None:
        """``deadline``: a time of ``time.monotonic`` by which the last answer must be there."""
        self.name = name
        self._worker, self._folder, self._deadline = worker, folder, deadline
        self._numbers = itertools.count(1)

    def open(self) -> bool:
        """Loads the service; False where its worker must be a fresh process."""
        return not isinstance(self._ask_worker("open"), NeedsFresh)

    def encode(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        """A vector for each text: (N, D); raises RefusalError."""
        found: NDArray[np.float32] = self._ask("encode", texts=list(texts), batch_size=batch_size)
        return found

    def repooled(
        self, texts: Sequence[str], pooling: str, *, batch_size: int
    ) -> NDArray[np.float32] | None:
        """The same under another pooling; None where it has none."""
        found: NDArray[np.float32] | None = self._ask(
            "repooled", texts=list(texts), pooling=pooling, batch_size=batch_size
        )
        return found

    def tokens(self, texts: Sequence[str]) -> Sequence[int] | None:
        """Tokens of each text; None where they cannot be counted."""
        found: Sequence[int] | None = self._ask("tokens", texts=list(texts))
        return found

    def known(self) -> Mapping[str, object]:
        """What it says of itself."""
        found: Mapping[str, object] = self._ask("known")
        return found

    def close(self) -> None:
        """Lets the service end."""
        self._ask_worker("close")

    def _ask(self, verb: str, **arguments: Any) -> Any:
        number = next(self._numbers)
        exchange.ask(self._folder, number, verb, arguments)
        self._ask_worker("observe", number)
        return exchange.answer_to(self._folder, number)

    def _ask_worker(self, verb: str, argument: Any = None) -> Any:
        with name_arm(self.name):
            return self._worker.ask(verb, argument, deadline=self._deadline)


@contextlib.contextmanager
def loaded(a: Plan, b: Plan, say: Callable[[str], None], *, folder: Path) -> Iterator[Sides]:
    """Both sides, loaded; gone afterwards. ``folder``: an empty one, for what they exchange.

    Raises WorkerError and ServiceError.
    """
    jobs = {"A": a, "B": b}
    heavy = any(imports_torch(one.jobs[0].config["workload"]) for one in jobs.values())
    with contextlib.ExitStack() as stack:
        services = stack.enter_context(running([one.jobs[0] for one in jobs.values()], say))
        workers = stack.enter_context(Workers(heavy=heavy))
        weights = {**a.weights, **b.weights}
        workshop = Workshop(weights=weights, logs=folder / "backends", say=say)
        files = made_ready([one.jobs[0] for one in jobs.values()], workshop)
        sides = [
            stack.enter_context(
                load_side(name, one, workers, folder / name, services=services, files=files)
            )
            for name, one in jobs.items()
        ]
        yield Sides(*sides)


@dataclasses.dataclass(frozen=True, slots=True)
class Sides:
    """Two services that are loaded."""

    a: WorkerSide
    b: WorkerSide


@contextlib.contextmanager
def load_side(
    name: str,
    planned: Plan,
    workers: Workers,
    folder: Path,
    *,
    services: Addresses,
    files: Found,
) -> Iterator[WorkerSide]:
    """One side, loaded in a worker; the one place that knows how a side comes to be."""
    job = planned.jobs[0]
    folder.mkdir(parents=True)
    context = Context(
        sweep_id=name,
        workers=workers,
        weights=planned.weights,
        progress=lambda _: None,
        services=services,
        files=files,
    )
    recorder = Recorder(job, RunFolder(folder, name), context)
    deadline = time.monotonic() + time_limit(job.config)
    for fresh in dict.fromkeys((job.config["isolation"] == "fresh", True)):
        spec = dataclasses.replace(
            recorder.spec(fresh=fresh), measurement={"_target_": EXCHANGE, "folder": str(folder)}
        )
        with workers.start(spec) as worker:
            side = WorkerSide(name, worker, folder, deadline)
            if not side.open():
                continue
            yield side
            with contextlib.suppress(WorkerError):  # what it said is all that was wanted of it
                side.close()
            return


def texts_of(job: Job, side: WorkerSide, count: int) -> list[str]:
    """Distinct texts of the job's corpus, at most so many, from the beginning of its stream."""
    from hydra.utils import instantiate

    def tokens(text: str) -> int:
        counted = side.tokens([text])
        assert counted is not None, "refused before: such a side counts no tokens"
        return counted[0]

    config = job.config
    stream = instantiate(config["corpus"]).stream(
        Lengths.parse(config["text_length"]), config["seed"], tokens
    )
    return distinct(stream, count)
