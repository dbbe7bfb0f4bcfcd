"""Which prompt stands before a text: one of the model's own by its name, or a text as it is.

A model may have been trained with other words before a query than before a passage, and lists them
by names in ``config_sentence_transformers.json``. Without them its vectors are those of other
texts. Read without torch: what is asked for must be known before a sweep.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from embprof.errors import EmbprofError
from embprof.interface.network import Model
from embprof.models import weights
from embprof.models.saved_model import NoModelError, SavedModel, read

NAME = re.compile(r"[\w.-]+")
"""What can be a name. A text that is put before others has a blank, a colon or a bracket in it."""
OF_DOCUMENTS = ("document", "passage", "corpus")
"""Names of the prompt of what is searched, the first that there is.

Source: ``SentenceTransformer.encode_document``.
"""


class NoPromptError(ValueError):
    """The model has no prompt of that name; says what it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """The prompts in a model's files by their names; ``default`` is put where none is asked for."""

    named: Mapping[str, str] = field(default_factory=dict)
    default: str = ""

    def text(self, asked: str | None) -> str:
        """What is put before each text, "" for nothing; raises NoPromptError.

        ``asked``: a name or a text; None is the default.
        """
        return self.default if asked is None else text_of(asked, self.named)

    def of_documents(self) -> str:
        """What is put before what is searched."""
        name = next((one for one in OF_DOCUMENTS if one in self.named), None)
        return self.default if name is None else self.named[name]


def text_of(asked: str, named: Mapping[str, str]) -> str:
    """The prompt of that name, or the text itself; raises NoPromptError for a name without one."""
    if asked in named:
        return named[asked]
    if NAME.fullmatch(asked):
        raise NoPromptError(_unknown(asked, named))
    return asked


def by_name(listed: object) -> dict[str, str]:
    """A list of prompts as a model has it, each a text; none of what is no such list."""
    rows = listed.items() if isinstance(listed, Mapping) else ()
    return {str(name): str(text or "") for name, text in rows}


def in_files(saved: SavedModel | None) -> Prompts:
    """The prompts of a saved model; none of one that is not there."""
    named = by_name({} if saved is None else saved.settings.get("prompts"))
    default = None if saved is None else saved.settings.get("default_prompt_name")
    return Prompts(named=named, default=named.get(str(default), ""))


def of(model: Model) -> Prompts:
    """The prompts of a model that is on this machine; none where it cannot be read."""
    try:
        _, folder = weights.locate(model, download=False)
        return in_files(None if folder is None else read(folder))
    except (EmbprofError, NoModelError):
        return Prompts()  # told where weights are looked for


def problems(asked: str, saved: SavedModel | None, *, key: str, name: str) -> Iterator[str]:
    """A name that is none of the model's prompts; ``key`` is the key that asks for it."""
    try:
        in_files(saved).text(asked)
    except NoPromptError as error:
        yield f"{key}={asked}: {name} {error}"


def notes(asked: str, saved: SavedModel | None, *, key: str, name: str) -> Iterator[str]:
    """A prompt of the model's that is empty, and a text that runs into those behind it."""
    known = in_files(saved)
    try:
        text = known.text(asked)
    except NoPromptError:
        return
    if asked and not text:
        yield f"note: {key}={asked}: is empty in {name}, so that nothing is put before its texts"
    if text and asked not in known.named and not text[-1].isspace():
        yield (
            f"note: {key}: {text!r} is put right before each text; where a blank belongs between "
            f"them, quote it for the shell and once more: '{key}=\"{text} \"'"
        )


def _unknown(asked: str, named: Mapping[str, str]) -> str:
    has = f"has the prompts {', '.join(named)}" if named else "has no prompts in its files"
    return (
        f"{has}, and none is called {asked}; a text that is to stand before each text has a blank, "
        f'a colon or the like in it ("{asked}: ")'
    )
