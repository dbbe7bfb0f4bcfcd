"""Code that a saved model brings with it, or names: it is run only where the user said so.

A model of a class that is in no library comes with files of Python, which run with all the rights
of whoever loads it. transformers and sentence-transformers ask for ``trust_remote_code`` then. Who
reads that question in the log of a worker has waited for nothing, so it is asked before a job.

What can go wrong: transformers does not ask where it knows the type of the model. Without trust
(False as well as None) it takes its own class for that type and says nothing, whatever class the
model names. jina-embeddings-v2 calls itself ``bert``, and would be loaded as a BERT, a network with
other positions. So its own class passes only for one of the same name, as the models have it that
came with code before transformers knew their type; another name is refused. Source:
``resolve_trust_remote_code`` in transformers/dynamic_module_utils.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from embprof.machine.process_facts import installed_version
from embprof.models import library_classes
from embprof.models.saved_model import SavedModel

AUTO_MAP, PROCESSOR = "auto_map", "AutoProcessor"
OF_NETWORK = ("AutoConfig", "AutoModel", "AutoModelForSequenceClassification", PROCESSOR)
OF_PREPARATION = (library_classes.TOKENIZER, PROCESSOR)
"""The entries of ``auto_map`` that loading follows, in ``config.json`` and in the files that say
how texts are prepared; others are for other uses of the model."""
ELSEWHERE = "--"
"""Between a repository of the hub and what is taken from it: ``owner/name--file.Class``.
Source: transformers/dynamic_module_utils.py."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A class of a model's own: ``file.Class``, or ``owner/name--file.Class`` of another's.

    ``kind`` is the entry of ``auto_map`` that names it, empty for a module of ``modules.json``.
    """

    kind: str
    target: str

    @property
    def repository(self) -> str:
        """The repository of the hub that the class lies in; empty for the model's own."""
        return self.target.partition(ELSEWHERE)[0] if ELSEWHERE in self.target else ""

    @property
    def file(self) -> str:
        """The file of Python that has the class."""
        module = self.target.rpartition(ELSEWHERE)[2].rpartition(".")[0]
        return f"{module}.py"

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.target.rpartition(".")[2]


def references(saved: SavedModel) -> list[Reference]:
    """The classes that loading it would take from the model or its kin, each once."""
    found = [Reference(kind="", target=one.target) for one in saved.modules if not one.is_ours]
    found += _of_auto_map(saved.config, OF_NETWORK)
    for settings in saved.preparation.values():
        found += _of_auto_map(settings, OF_PREPARATION)
    return list(dict.fromkeys(found))


def files_elsewhere(saved: SavedModel) -> Mapping[str, list[str]]:
    """Other repositories of the hub that some of its code lies in, and the files there."""
    found: dict[str, list[str]] = {}
    for one in references(saved):
        if one.repository:
            found.setdefault(one.repository, []).append(one.file)
    return found


def missing_files(saved: SavedModel) -> list[str]:
    """Files of code that its ``auto_map`` names in its own folder, and that are not there."""
    own = [one.file for one in references(saved) if one.kind and not one.repository]
    places = (saved.first, saved.folder)
    return [name for name in dict.fromkeys(own) if not any((at / name).is_file() for at in places)]


def problems(saved: SavedModel, *, is_trusted: bool, key: str, name: str) -> Iterator[str]:
    """Code that nobody has allowed, and a type of models that no library knows."""
    code = references(saved)
    refused = [] if is_trusted else [one for one in code if not _is_native(saved, one)]
    if refused:
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        yield (
            f"{key}.name={name}: brings code of its own ({refused[0].target}{more}), which would "
            f"run with your rights; read it, then allow it with {key}.trust_remote_code=true"
        )
    if code or not saved.is_network:
        return
    kind, known = saved.config.get("model_type"), library_classes.by_type(library_classes.CONFIG)
    if not isinstance(kind, str):
        yield f"{key}.name={name}: its config.json has no model_type, so nobody knows what it is"
    elif known and kind not in known:
        version = installed_version("transformers")
        yield (
            f"{key}.name={name}: its config.json has the model_type {kind}, which transformers "
            f"{version} does not know; a newer one may, or it is no model of transformers"
        )


def notes(saved: SavedModel, *, is_trusted: bool, key: str, name: str) -> Iterator[str]:
    """Whose class is taken where both the model and transformers have one of the same name."""
    code = [] if is_trusted else references(saved)
    if code and all(_is_native(saved, one) for one in code):
        names = ", ".join(dict.fromkeys(one.name for one in code))
        yield (
            f"note: {name} brings code of its own, and transformers has classes of the same name, "
            f"which are taken: {names}; {key}.trust_remote_code=true would run the model's"
        )


def _of_auto_map(settings: Mapping[str, Any], kinds: tuple[str, ...]) -> Iterator[Reference]:
    """The entries of those kinds; of two tokenisers (slow, fast) the fast one, where there is one.

    An ``auto_map`` that is a list itself has the tokenisers alone.
    """
    auto_map = settings.get(AUTO_MAP)
    if isinstance(auto_map, list):
        auto_map = {library_classes.TOKENIZER: auto_map}
    if not isinstance(auto_map, dict):
        return
    for kind in kinds:
        entry = auto_map.get(kind)
        listed = entry if isinstance(entry, list) else [entry]
        targets = [one for one in listed if isinstance(one, str)]
        if targets:
            yield Reference(kind=kind, target=targets[-1])


def _is_native(saved: SavedModel, reference: Reference) -> bool:
    """Whether transformers has a class of that name for this type of models, and takes it."""
    if not reference.kind:
        return False
    table = library_classes.by_type(reference.kind)
    native = table.get(str(saved.config.get("model_type")), "")
    if reference.kind != library_classes.TOKENIZER:
        return reference.name == native
    stated = (one.get("tokenizer_class") for one in saved.preparation.values())
    plain = {_without_fast(str(name)) for name in stated}
    return _without_fast(reference.name) in {
        _without_fast(native),
        *plain.intersection(table.values()),
    }


def _without_fast(name: str) -> str:
    """Two classes of a tokeniser are one for transformers since its version 5."""
    return name.removesuffix("Fast")
