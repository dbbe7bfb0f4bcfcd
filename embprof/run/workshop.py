"""Where what a sweep needs is made before its first job, each thing in a process of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.backends.kept_files import KeptFiles
from embprof.machine import own_process
from embprof.models.weights import Weights
from embprof.run.found_weights import with_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What every making needs.

    ``weights``: where those of each model are, by the model's id; ``logs``: the folder in which the
    log of each making is kept; ``say`` takes how far it is.
    """

    weights: Mapping[str, Weights]
    logs: Path
    say: Callable[[str], None]

    def make(
        self, files: KeptFiles, function: str, owner: Mapping[str, Any], **request: Any
    ) -> None:
        """Has the function of that import path write files that are not there yet.

        ``owner``: the workload that they are for. Raises BuildError with why they cannot be made.
        """
        told = with_weights(owner, self.weights)
        self.logs.mkdir(parents=True, exist_ok=True)

        def fill(empty: Path) -> None:
            own_process.call(
                function,
                {"owner": told, "folder": str(empty), **request},
                log=self.log(files),
                say=lambda text: self.say(f"  {text}"),
            )

        files.make(fill)

    def log(self, files: KeptFiles) -> Path:
        """Where the log of their making is."""
        return self.logs / f"{files.folder.name}.log"
