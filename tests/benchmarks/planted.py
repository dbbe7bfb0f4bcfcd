"""The real embedding workload with a slowdown of known size inside the model."""

import time
from dataclasses import dataclass
from typing import Any

from embprof.workloads.embedding import Embedding


@dataclass(kw_only=True)
class Planted(Embedding):
    """Whatever ``encode`` takes, it takes longer by ``slowdown`` (0.03: 3 %), on the CPU."""

    slowdown: float = 0.0

    def load(self) -> None:
        """Loads the model and plants the slowdown in it."""
        super().load()
        encode = self._encoder.encode

        def slower(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            embeddings = encode(*args, **kwargs)
            now = time.perf_counter()
            end = now + self.slowdown * (now - started)
            while time.perf_counter() < end:
                pass
            return embeddings

        self.__dict__["_encoder"].__dict__["encode"] = slower
