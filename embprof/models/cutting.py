"""Where each kind of first module cuts its inputs, and how to make it. Imports torch: for workers.

A network of transformers cuts at what its own settings or its tokeniser say; a table of static
vectors at what the ``tokenizers`` library was saved with, often nowhere; word vectors at a number
of words; what is left at nothing.
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from sentence_transformers.base.model import BaseModel

from embprof.interface.workload import UNLIMITED

UNCUT = {"text": {"truncation": False, "verbose": False}}
"""Settings of a tokenizer that neither cuts nor warns of what is longer than the limit."""
LONGEST_FIRST = {"strategy": "longest_first", "stride": 0, "direction": "right"}
"""How ``tokenizers`` cuts where nothing else is said."""
Options = Mapping[str, Any]


class Cutting(Protocol):
    """The limit of a model's inputs."""

    def limit(self) -> int:
        """Tokens at which inputs are cut, UNLIMITED where they are not."""

    def set(self, tokens: int) -> None:
        """Cuts at so many; nowhere from UNLIMITED on."""

    def uncut(self) -> contextlib.AbstractContextManager[Options]:
        """Within it nothing is cut, with these options of ``preprocess``."""


def cutting(model: BaseModel) -> Cutting:
    """How the inputs of this model are cut."""
    first: Any = model[0]
    if hasattr(first, "processing_kwargs"):
        return OfNetwork(model)
    if hasattr(getattr(first, "tokenizer", None), "enable_truncation"):
        return OfTokenizers(first.tokenizer)
    return OfWords(first)


class OfNetwork:
    """A network of transformers, whose files may set a length for its tokeniser."""

    def __init__(self, model: BaseModel) -> None:
        self._model = model
        first: Any = model[0]
        self.text_settings: dict[str, Any] = first.processing_kwargs.setdefault("text", {})

    def limit(self) -> int:
        """The files' length goes before what the tokeniser says."""
        own = self.text_settings.get("max_length")
        found = own or self._model.max_seq_length or self._model.tokenizer.model_max_length
        return int(min(found, UNLIMITED))

    def set(self, tokens: int) -> None:
        """The length of the model, with the tokeniser's own out of the way."""
        self.text_settings.pop("max_length", None)
        self._model.max_seq_length = tokens

    def uncut(self) -> contextlib.AbstractContextManager[Options]:
        """One call with other settings."""
        return contextlib.nullcontext({"processing_kwargs": UNCUT})


class OfTokenizers:
    """A tokeniser of the library ``tokenizers`` by itself, as static vectors have it."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def limit(self) -> int:
        """What the tokeniser was saved with, or set to."""
        return int((self._tokenizer.truncation or {}).get("max_length", UNLIMITED))

    def set(self, tokens: int) -> None:
        """The tokeniser's own truncation."""
        if tokens >= UNLIMITED:
            self._tokenizer.no_truncation()
        else:
            self._tokenizer.enable_truncation(max_length=tokens)

    @contextlib.contextmanager
    def uncut(self) -> Iterator[Options]:
        """Truncation is off meanwhile."""
        before = self._tokenizer.truncation
        self._tokenizer.no_truncation()
        try:
            yield {}
        finally:
            if before is not None:
                self._tokenizer.enable_truncation(**before)


class OfWords:
    """A module that cuts at a number of words of its own, or at none."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def limit(self) -> int:
        """The module's own number; a module without one cuts nothing."""
        return int(min(getattr(self._module, "max_seq_length", None) or UNLIMITED, UNLIMITED))

    def set(self, tokens: int) -> None:
        """The module's own number."""
        self._module.max_seq_length = tokens

    @contextlib.contextmanager
    def uncut(self) -> Iterator[Options]:
        """The number is out of reach meanwhile."""
        before = self.limit()
        self.set(UNLIMITED)
        try:
            yield {}
        finally:
            self.set(before)
