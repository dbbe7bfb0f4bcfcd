"""Whether a workload's answers are those of the reference, and what differs if they are not.

How far they agree (cosines, neighbours, labels) is read of every job that could answer otherwise,
whatever is measured of it, before the sweep; so a run of this measurement has it too, by the same
way and of the same texts. What is added here is the cause: the reference is loaded beside the
workload, both are asked for built-in probes, and what differs is named
(:mod:`embprof.parity.faults`). The probes are asked of the worker as the job has it, with its
threads and its batch size. Workloads that embed no texts have no such probes; of them their own
agreement is read.

What can go wrong. *Two runtimes in a process* share its threads and memory, which would spoil any
time; nothing is timed here. *A library may raise anything* of an odd text: that is its answer, a
refusal. One that raises for plain texts fails its row, with the reason.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictInt

from embprof.interface.workload import Cuts, Embeds, HasReference, Workload
from embprof.model import Samples
from embprof.parity.answers import RefusalError
from embprof.parity.exchange import LoadedSide
from embprof.parity.fault import Fault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEXTS = 128
"""Texts of the corpus in one call, among which rows are looked for that belong to others."""
LABELS = ("the reference", "this row")
NONE = "none"
FILE = "parity.json"
CHECK_TIME, FAULTS = "check_time", "parity_faults"
NAMES, DIFFERENCE = "differs_in", "difference_"
"""In a description: the names of faults, and before its number what each is."""


@dataclass(kw_only=True)
class Parity:
    """The faults of a workload against its reference, each proven by probes."""

    account: ClassVar[str] = "embprof.measurements.parity.account.PARITY"

    needs: ClassVar[type] = HasReference
    ungated: ClassVar[str] = "it judges answers, not time; embprof parity has an exit code for them"

    isolation: Literal["fork", "fresh"] = field(default="fork", init=False)
    batch_size: Annotated[
        StrictInt, Field(ge=1, description="Texts in one forward pass of the network.")
    ]
    clock: Callable[[], float] = time.perf_counter

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Why a request cannot be answered, before its first job."""
        if not config["parity"]["texts"]:
            yield "parity.texts=0: measurement=parity compares texts; give some, 20 at least"

    @classmethod
    def imports_of(cls, measurement: Mapping[str, Any]) -> tuple[str, ...]:
        """What the reference stands on: imported once for all rows, and not by each."""
        del measurement
        return ("torch",)

    def open(self, workload: Workload) -> None:
        """Loads the reference beside the workload, where it embeds texts.

        Raises TypeError for a workload that has none.
        """
        if not isinstance(workload, HasReference):
            raise TypeError(f"{type(workload).__name__} has no reference to hold answers against")
        self._workload = workload
        self._faults: list[Fault] | None = None
        self._reference: Workload | None = None
        if isinstance(workload, Embeds) and isinstance(workload, Cuts):
            self._reference = workload.reference()
            self._reference.load()

    def observe(self, iterations: int) -> Sequence[Samples]:
        """The seconds of each pass first, then how many faults of structure the last one found."""
        seconds: list[float] = []
        for _ in range(iterations):
            started = self.clock()
            self._look()
            seconds.append(self.clock() - started)
        found = [Samples.of(CHECK_TIME, "s", *seconds)]
        if self._faults is not None:
            count = sum(one.is_structural for one in self._faults)
            found.append(Samples.of(FAULTS, "1", float(count), summary="last"))
        return found

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """Names of the faults, and what each is; nothing where none were looked for."""
        if self._faults is None:
            return {}
        names = ", ".join(one.name for one in self._faults) or NONE
        words = {f"{DIFFERENCE}{at}": one.words for at, one in enumerate(self._faults, start=1)}
        return {NAMES: names, **words}

    def close(self) -> Sequence[Path]:
        """``parity.json``: the faults with what proved them."""
        if self._reference is not None:
            self._reference.close()
        if self._faults is None:
            return ()
        file = Path(tempfile.mkdtemp(prefix="embprof-")) / FILE
        document = {"schema_version": 1, "faults": [one.as_json() for one in self._faults]}
        file.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
        return (file,)

    def _look(self) -> None:
        from embprof.parity.faults import faults

        workload, reference = self._workload, self._reference
        if not (isinstance(workload, Cuts) and isinstance(workload, Embeds)):
            return
        assert isinstance(reference, Embeds), "it is the workload with another backend"
        self._faults = faults(
            _Side(reference),
            _Side(workload),
            texts=workload.sample(TEXTS),
            batch_size=self.batch_size,
            labels=LABELS,
        )


class _Side(LoadedSide):
    """A loaded workload of which whatever it raises is a refusal."""

    def encode(self, texts: Sequence[str], *, batch_size: int) -> "NDArray[np.float32]":
        """As the workload makes them; raises RefusalError."""
        try:
            return super().encode(texts, batch_size=batch_size)
        except RefusalError:
            raise
        except Exception as error:  # a runtime raises what it likes of an odd text
            raise RefusalError(f"{type(error).__name__}: {error}") from error

    def repooled(
        self, texts: Sequence[str], pooling: str, *, batch_size: int
    ) -> "NDArray[np.float32] | None":
        """Likewise."""
        try:
            return super().repooled(texts, pooling, batch_size=batch_size)
        except Exception as error:  # likewise
            raise RefusalError(f"{type(error).__name__}: {error}") from error
