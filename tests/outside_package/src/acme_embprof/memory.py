"""Measurements: what sorting moves. The module is called as one of embprof's, on purpose."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from embprof.model import Samples

OTHERS = (
    *("agreement", "capacity", "cosine_to_full", "gap", "in_system", "phase_ends", "probe_rate"),
    *("profiled_call", "round_time", "staged_call", "tokens", "window"),
)
"""Names that quantities of embprof's own measurements have too; here each is a plain figure."""


@runtime_checkable
class Moves(Protocol):
    """A workload that counts the rows it moves."""

    def moved(self) -> int: ...


class Footprint:
    """Time of each call, the rows it moved, and a dozen figures more."""

    account: ClassVar[str] = "acme_embprof.account.FOOTPRINT"
    needs: ClassVar[type] = Moves
    isolation: Literal["fork", "fresh"] = "fork"

    def __init__(self, scale: float = 1.0) -> None:
        if scale <= 0:
            raise ValueError(f"scale={scale}: must be above 0")
        self.scale = scale

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """What Acme does not measure."""
        if config["seed"] == 13:
            yield "seed=13: measurement=footprint takes no unlucky seed"

    def open(self, workload: Any) -> None:
        self.workload = workload

    def observe(self, iterations: int) -> Sequence[Samples]:
        times, items, moves = [], [], []
        for _ in range(iterations):
            started = time.perf_counter()
            items.append(self.workload.step())
            times.append(time.perf_counter() - started)
            moves.append(float(self.workload.moved()))
        elapsed = tuple(self.scale * value for value in times)
        return (
            Samples(name="elapsed", unit="s", better="lower", values=elapsed, items=tuple(items)),
            Samples(name="moves", unit="1", better="lower", values=tuple(moves)),
            *(Samples(name=n, unit="1", better="higher", values=(7.0,)) for n in OTHERS),
        )

    def close(self) -> Sequence[Path]:
        return ()


class Snapshot(Footprint):
    """As Footprint, of one moment: no two of its runs can be compared."""

    ungated: ClassVar[str] = "it looks at one moment; gate measurement=footprint instead"
