"""Questions and answers between a worker that has loaded a workload and who compares it.

Both lie as files in a folder, by number: ``3.json`` asks, ``3.npy`` or ``3.answer.json`` answers.
In the worker it is a measurement, whose iterations are the numbers of questions; vectors of some
thousand texts need not go through a pipe so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from embprof.errors import CallFailedError
from embprof.interface.workload import Embeds, Workload
from embprof.model import Samples
from embprof.parity.answers import CountsTokens, Knows, RefusalError, Repools

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class LoadedSide:
    """A loaded workload as a service whose answers are compared."""

    def __init__(self, workload: Embeds) -> None:
        self.name = type(workload).__name__
        self._workload = workload

    def encode(self, texts: Sequence[str], *, batch_size: int) -> NDArray[np.float32]:
        """As the workload makes them; raises RefusalError for what its server does not answer."""
        try:
            return self._workload.vectors(texts, batch_size=batch_size)
        except CallFailedError as error:
            if error.kind == "timeout":
                raise
            raise RefusalError(str(error)) from error

    def tokens(self, texts: Sequence[str]) -> Sequence[int] | None:
        """None where the workload does not count them."""
        workload = self._workload
        counted = workload.tokens(texts) if isinstance(workload, CountsTokens) else None
        return None if counted is None else list(counted)

    def repooled(
        self, texts: Sequence[str], pooling: str, *, batch_size: int
    ) -> NDArray[np.float32] | None:
        """None where the workload does not pool."""
        if not isinstance(self._workload, Repools):
            return None
        return self._workload.repooled(texts, pooling, batch_size=batch_size)

    def known(self) -> Mapping[str, object]:
        """Nothing where the workload knows nothing."""
        return self._workload.known() if isinstance(self._workload, Knows) else {}


@dataclass(kw_only=True)
class Exchange:
    """Answers the questions that lie in a folder: the worker's end."""

    folder: str
    isolation: Literal["fork", "fresh"] = field(default="fork", init=False)

    def open(self, workload: Workload) -> None:
        """Raises TypeError for a workload that makes no vectors."""
        if not isinstance(workload, Embeds):
            raise TypeError(f"{type(workload).__name__} makes no vectors of texts")
        self._side = LoadedSide(workload)

    def observe(self, iterations: int) -> Sequence[Samples]:
        """Answers the question of that number."""
        question = json.loads(_question(self.folder, iterations).read_text(encoding="utf-8"))
        try:
            answer: Any = getattr(self._side, question["verb"])(**question["arguments"])
        except RefusalError as error:
            answer = {"refused": str(error)}
        _write(Path(self.folder), iterations, answer)
        return (Samples.of("question", "1", float(iterations)),)

    def close(self) -> Sequence[Path]:
        """Nothing to keep."""
        return ()


def ask(folder: Path, number: int, verb: str, arguments: Mapping[str, Any]) -> None:
    """Puts a question."""
    text = json.dumps({"verb": verb, "arguments": arguments})
    _question(str(folder), number).write_text(text, encoding="utf-8")


def answer_to(folder: Path, number: int) -> Any:
    """The answer to a question, whose files are gone then; raises RefusalError."""
    import numpy as np

    _question(str(folder), number).unlink()
    array, document = _answers(folder, number)
    if array.exists():
        found = np.load(array)
        array.unlink()
        return found
    answer = json.loads(document.read_text(encoding="utf-8"))
    document.unlink()
    if isinstance(answer, dict) and "refused" in answer:
        raise RefusalError(answer["refused"])
    return answer


def _question(folder: str, number: int) -> Path:
    return Path(folder) / f"{number}.json"


def _answers(folder: Path, number: int) -> tuple[Path, Path]:
    return folder / f"{number}.npy", folder / f"{number}.answer.json"


def _write(folder: Path, number: int, answer: Any) -> None:
    import numpy as np

    array, document = _answers(folder, number)
    if isinstance(answer, np.ndarray):
        np.save(array, answer)
    else:
        document.write_text(json.dumps(answer), encoding="utf-8")
