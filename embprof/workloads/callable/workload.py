"""The user's own function or class, called with arguments from YAML.

Physics: a call is over when its result is there. One thread that calls again and again sees a
function at its best: caches are warm, nobody else is served.

What can go wrong, and what is done: items made inside the timed part (they are drawn before);
results that pile up in the harness and look like a leak (each is let go at once); coroutines and
generators, which have done nothing yet when they are returned (they are run to their end); a CUDA
device that still computes (it is waited for).
"""

import functools
import inspect
import itertools
from collections.abc import Callable as Calls
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn, Protocol, runtime_checkable

from embprof.corpora import Corpus
from embprof.corpora.lengths import Lengths
from embprof.interface.inputs_ahead import Ahead
from embprof.workloads.callable.functions import function_loader, request
from embprof.workloads.callable.functions.inputs import Inputs, plain_values
from embprof.workloads.callable.functions.reference import Reference
from embprof.workloads.callable.functions.results import Results

CALLS, ITEMS = "calls", "items"
"""What the items are called where the user does not say."""


@runtime_checkable
class SetsUp(Protocol):
    """A class of the user's that gets ready before its first call."""

    def setup(self) -> object:
        """Called once, not timed."""


@runtime_checkable
class TearsDown(Protocol):
    """A class of the user's that has something to give back."""

    def teardown(self) -> object:
        """Called once, after the last call."""


@dataclass(kw_only=True)
class Callable:
    """One call of ``function(**arguments)`` per step, or of ``function(items, **arguments)``."""

    account: ClassVar[str] = "embprof.workloads.callable.account.CALLABLE"

    function: request.Function
    arguments: request.Arguments
    items: request.Items
    batch: request.Batch
    inputs: Inputs
    corpus: Corpus
    text_length: int | str
    seed: int
    imports: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Fills in what was left out."""
        self.arguments = plain_values(self.arguments) or {}
        self.items = self.items or (CALLS if self.batch is None else ITEMS)
        self._reference = Reference.parse(self.function)
        self.imports = (self._reference.module,)
        # Before loading, which is watched for locks of the user's: it has one of its own.
        self._inputs = Ahead(lambda: list(itertools.islice(self._drawn, self.batch)))

    @classmethod
    def imports_of(cls, workload: Mapping[str, Any]) -> tuple[str, ...]:
        """The module that the function is in."""
        return (Reference.parse(workload["function"]).module,)

    @classmethod
    def refusals(cls, config: Mapping[str, Any]) -> Iterator[str]:
        """What can be told without importing the function's module."""
        return request.refusals(config)

    def load(self) -> None:
        """Imports the function; makes the class, and sets it up.

        Raises ImportError, AttributeError and TypeError in words where that is not possible.
        """
        self._results = Results()
        self._drawn = iter(()) if self.batch is None else self._stream()
        found, name = function_loader.load(self._reference), self._reference.name
        arguments, takes_items = self.arguments, self.batch is not None
        self._made: object = None
        if not inspect.isclass(found):
            function_loader.check(name, found, arguments, takes_items=takes_items)
            self._call: Calls[..., object] = functools.partial(found, **arguments)
            return
        function_loader.check(name, found, arguments, takes_items=False)
        self._made = found(**arguments)
        if isinstance(self._made, SetsUp):
            self._results.finish(self._made.setup())
        self._call = function_loader.step_of(self._made, takes_items=takes_items)

    def prepare(self, steps: int) -> None:
        """Draws the items of the next calls."""
        if self.batch is not None:
            self._inputs.prepare(steps)

    def step(self) -> int:
        """Calls, and lets the result go when it is there; returns the items it was given, or 1."""
        if self.batch is None:
            self._results.finish(self._call())
            return 1
        self._results.finish(self._call(self._inputs.take()))
        return self.batch

    def close(self) -> None:
        """Tears down the class, and ends what coroutines ran in."""
        if isinstance(self._made, TearsDown):
            self._results.finish(self._made.teardown())
        self._made = None
        self._results.close()

    def _stream(self) -> Iterator[Any]:
        if self.inputs.are_given:
            return self.inputs.stream(self.seed)
        return self.corpus.stream(Lengths.parse(self.text_length), self.seed, _no_tokens)


def _no_tokens(_: str) -> NoReturn:
    raise ValueError("corpus.unit=tokens: a function of your own has no tokenizer to count with")
