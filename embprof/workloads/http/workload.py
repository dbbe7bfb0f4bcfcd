"""Texts to vectors with a server that is asked over HTTP: what a client of the service sees.

Time and failures are those at the client, the way there and back and the reading of the answer
included; a server that does not answer as it should has failed. Nothing is known of tokens, of the
model's memory or of its weights: those are the server's.
"""

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from embprof.corpora import Corpus
from embprof.corpora.lengths import Lengths
from embprof.errors import CallFailedError, ServiceError
from embprof.interface.host_stages import HostStages
from embprof.interface.inputs_ahead import Ahead
from embprof.interface.node import Number
from embprof.machine.process_tree import cpu_seconds
from embprof.masking import masked_text
from embprof.workloads.http.protocols import extra_fields, headers
from embprof.workloads.http.protocols.address import Address, addresses, problems
from embprof.workloads.http.protocols.answer_check import (
    NOT_THERE,
    StatusError,
    advice,
    advice_on_path,
    dimensions_of,
    is_of_the_server,
)
from embprof.workloads.http.protocols.connection import Answer, Connection
from embprof.workloads.http.protocols.listeners import listeners
from embprof.workloads.http.protocols.protocol import EmbeddingProtocol, Ollama, OpenAi, Tei
from embprof.workloads.repeated_texts import repeated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
TRIES = 3
STAGES = ("encode", "send", "wait", "receive", "decode")
"""The parts of a request; waiting lasts until the first bytes of the answer are there."""


class NotThereError(Exception):
    """The server has nothing to ask at this address."""


@dataclass(kw_only=True)
class Http(HostStages):
    """One request per step, with texts never seen before in every step."""

    account: ClassVar[str] = "embprof.workloads.http.account.HTTP"

    url: Annotated[
        StrictStr,
        Field(description="Where the server listens, with or without the protocol's path."),
    ]
    protocol: Annotated[
        Literal["openai", "tei", "ollama"],
        Field(
            description="openai: `POST /v1/embeddings`; tei: `POST /embed`; ollama: "
            "`POST /api/embed`."
        ),
    ]
    model_name: Annotated[
        StrictStr | None, Field(description="What the server calls the model (not for tei).")
    ]
    encoding: Annotated[
        Literal["float", "base64"], Field(description="How embeddings are sent (openai only).")
    ]
    timeout: Annotated[
        Number, Field(gt=0, le=3600, description="Seconds that a whole request may take.")
    ]
    api_key_env: Annotated[
        StrictStr | None,
        Field(pattern=VARIABLE, description="Environment variable that holds the key."),
    ]
    headers_env: Annotated[
        dict[StrictStr, StrictStr],
        Field(description="Headers by name, each with the environment variable that holds it."),
    ]
    corpus: Corpus
    batch_size: Annotated[StrictInt, Field(description="Texts a request.")]
    texts_per_call: Annotated[
        StrictInt | None, Field(description="Texts a request; null is batch_size.")
    ]
    text_length: int | str
    normalize: Annotated[StrictBool, Field(description="Asks for length 1 (tei only).")]
    seed: int
    body: Annotated[
        dict[StrictStr, Any],
        Field(
            description="Further fields of each request, +workload.body.input_type=query; null "
            "leaves out one that the protocol has."
        ),
    ] = field(default_factory=dict)
    items: str = field(default="texts", init=False)

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """Why a request cannot be answered, before its first job; a key is never quoted."""
        workload = config["workload"]
        for problem in problems(workload["url"]):
            yield f"workload.url={masked_text(workload['url'])}: {problem}"
        if workload["corpus"].get("unit") == "tokens":
            yield (
                "corpus.unit=tokens: workload=http has no tokeniser to count with; the server has "
                "it (corpus.unit=characters)"
            )
        protocol = workload["protocol"]
        if protocol != "tei" and not workload["model_name"]:
            yield f"workload.model_name: must be given, protocol={protocol} asks for it"
        if protocol != "openai" and workload["encoding"] != "float":
            yield f"workload.encoding={workload['encoding']}: protocol={protocol} sends float alone"
        yield from extra_fields.problems(protocol, workload.get("body", {}))
        wanted = headers.from_variables(workload["api_key_env"], workload["headers_env"])
        yield from headers.problems(wanted)

    @classmethod
    def remarks(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """A file of so few texts that they are measured again and again."""
        return repeated(config, "texts")

    def load(self) -> None:
        """Asks once, which shows that the server is there and answers as it should.

        A server that answers with an error of its own is asked again, TRIES times in all: a load
        that it cannot do without one is what may be to be measured. Raises ServiceError.
        """
        self._protocol = self._speaks()
        wanted = headers.from_variables(self.api_key_env, self.headers_env)
        for problem in headers.problems(wanted):
            raise ServiceError(problem)
        self._headers = headers.read(wanted)
        self._free: deque[Connection] = deque()
        self._dimensions: int | None = None
        texts = self.corpus.stream(Lengths.parse(self.text_length), self.seed, _no_tokens)
        size = self.texts_per_call or self.batch_size
        self._inputs = Ahead(lambda: list(itertools.islice(texts, size)))
        self._server = self._found(addresses(self.url, self._protocol.path)).server
        self._pids = listeners(self._address.host, self._address.port)

    def prepare(self, steps: int) -> None:
        """Draws the texts of the next steps."""
        self._inputs.prepare(steps)

    def step(self) -> int:
        """Sends one call's texts and reads their embeddings; returns how many.

        Raises CallFailedError: of kind timeout without an answer in time, else of kind error.
        """
        texts = self._inputs.take()
        self._ask(texts)
        return len(texts)

    def vectors(self, texts: Sequence[str], *, batch_size: int) -> "NDArray[np.float32]":
        """The server's embeddings, a request for each batch: (N, D) float32.

        Raises CallFailedError.
        """
        import numpy as np

        parts = []
        for begin in range(0, len(texts), batch_size):
            answer = self._ask(texts[begin : begin + batch_size])
            parts.append(self._protocol.embeddings(answer.content))
        return np.concatenate(parts)

    def stages(self) -> Sequence[str]:
        """The parts of a request."""
        return STAGES

    def server_cpu_seconds(self) -> float:
        """CPU seconds of the processes that answer, where they are this machine's."""
        return sum(map(cpu_seconds, self._pids))

    def description(self) -> Mapping[str, str | int | float | bool | None]:
        """What the server said of itself, and what it sends."""
        return {
            "url": self._address.url,
            "protocol": self.protocol,
            "server": self._server,
            "server_is_local": bool(self._pids),
            "dimensions": self._dimensions,
            "threads": 1,  # who asks computes nothing; how many threads the server has, it knows
        }

    def close(self) -> None:
        """Closes the connections."""
        while self._free:
            self._free.pop().close()

    def _speaks(self) -> EmbeddingProtocol:
        if self.protocol == "tei":
            return Tei(normalize=self.normalize, more=self.body)
        if self.protocol == "ollama":
            return Ollama(model=str(self.model_name), more=self.body)
        return OpenAi(model=str(self.model_name), encoding=self.encoding, more=self.body)

    def _found(self, candidates: Sequence[Address]) -> Answer:
        """The first answer from the first of these addresses that has what is asked."""
        refused: list[str] = []
        for candidate in candidates:
            self._address = candidate
            try:
                return self._first_answer()
            except NotThereError as error:
                self.close()  # the next address needs connections of its own
                refused.append(str(error))
        raise ServiceError(f"{'; '.join(refused)}; {advice_on_path(self.url, self.protocol)}")

    def _first_answer(self) -> Answer:
        for left in reversed(range(TRIES)):
            try:
                return self._ask(self._inputs.take())
            except CallFailedError as error:
                if isinstance(error, StatusError) and error.status in NOT_THERE:
                    raise NotThereError(str(error)) from error
                if not (left and is_of_the_server(error)):
                    raise ServiceError(f"{error}; {advice(error)}") from error
        raise AssertionError("the last try returns or raises")

    def _ask(self, texts: Sequence[str]) -> Answer:
        """One request over a connection of its own while it lasts; the answer is checked."""
        mark = self._timer.switch if self._timer is not None else _no_mark
        try:
            mark("encode")
            body = self._protocol.body(texts)
            connection = self._connection()
            answer = connection.post(body, mark)
            self._free.append(connection)
            mark("decode")
            self._dimensions = dimensions_of(
                answer, self._protocol, self._address.url, texts=len(texts), known=self._dimensions
            )
        finally:
            mark(None)
        return answer

    def _connection(self) -> Connection:
        """The one used last that is free, so that few stay open where few are needed."""
        try:
            return self._free.pop()
        except IndexError:
            return Connection(self._address, self._headers, self.timeout)


def _no_mark(_: str | None) -> None:
    """No stages are timed."""


def _no_tokens(_: str) -> int:
    raise NotImplementedError("a server's tokens cannot be counted here")  # refused before
