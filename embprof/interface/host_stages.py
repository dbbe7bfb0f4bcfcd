"""The stages of a workload that marks them itself, on the host's clock."""

import contextlib
from collections.abc import Iterator

from embprof.interface.stages import StageTimer


class HostStages:
    """A workload with a timer while its stages are timed, and with none otherwise."""

    _timer: StageTimer | None = None

    @contextlib.contextmanager
    def time_stages(self) -> Iterator[StageTimer]:
        """Within it, the stages of every step are timed; one thread calls."""
        self._timer = StageTimer()
        try:
            yield self._timer
        finally:
            self._timer = None

    def _stage(self, name: str) -> contextlib.AbstractContextManager[None]:
        """What happens within is that stage's, while stages are timed."""
        return contextlib.nullcontext() if self._timer is None else self._timer.stage(name)
