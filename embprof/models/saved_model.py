"""What lies in the folder of a saved model, and what it lacks to be one.

sentence-transformers reads ``modules.json`` and then a folder of any name for each module in it;
the first module turns texts into tokens, and its folder (often the model's own) has the weights,
the tokeniser and ``config.json`` where it is a network of transformers. A folder without
``modules.json`` is a network of transformers alone. All of it is looked at before a job is started:
what is missing would end its worker with an error of the library that found it missing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from embprof.models import weight_files

MODULES = "modules.json"
OWN_CODE = "sentence_transformers."
"""How the class path of a module begins that comes with sentence-transformers."""
NETWORKS = frozenset({"Transformer", "MLMTransformer", "CLIPModel"})
"""Modules that are networks of transformers."""
WITH_WEIGHTS = frozenset(
    {"StaticEmbedding", "WordEmbeddings", "Dense", "LayerNorm", "CNN", "LSTM"}
    | {"WeightedLayerPooling"}
)
"""Other modules that read weights."""
WITH_SETTINGS = frozenset({"Pooling", "Dense", "LayerNorm"})
"""Modules that cannot be made without their ``config.json``."""
PREPARATION = ("tokenizer_config.json", "processor_config.json", "preprocessor_config.json")
"""Files beside a network's ``config.json`` that say how its inputs are prepared."""
ADAPTER = "adapter_config.json"
"""The file of an adapter, which changes another model's weights. Source: peft."""
ADAPTER_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
CAUSAL = "ForCausalLM"


class NoModelError(ValueError):
    """The folder holds no model that can be loaded; says why in words that follow its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One entry of ``modules.json``: its class, and its folder."""

    target: str
    folder: Path

    @property
    def kind(self) -> str:
        """The name of its class."""
        return self.target.rpartition(".")[2]

    @property
    def is_ours(self) -> bool:
        """Whether its class comes with sentence-transformers."""
        return self.target.startswith(OWN_CODE)

    @property
    def is_network(self) -> bool:
        """Whether it is a network of transformers; of a class from elsewhere nothing is known."""
        return self.is_ours and self.kind in NETWORKS


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModel:
    """``modules`` in the order of a call, none of a network of transformers alone.

    ``settings``: ``config_sentence_transformers.json``. ``config``: the network's ``config.json``.
    Both are empty where there is no such file. ``preparation``: what is in the files of that name.
    ``base``: the name or folder of the model that an adapter changes, None where there is no
    adapter.
    """

    folder: Path
    modules: tuple[Module, ...]
    settings: Mapping[str, Any]
    config: Mapping[str, Any]
    preparation: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    base: str | None = None

    @property
    def first(self) -> Path:
        """The folder of the weights and of the tokeniser."""
        return self.modules[0].folder if self.modules else self.folder

    @property
    def is_network(self) -> bool:
        """Whether texts go through a network of transformers."""
        return not self.modules or self.modules[0].is_network

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the classes of its modules."""
        return tuple(module.kind for module in self.modules)

    @property
    def architecture(self) -> str:
        """The class of transformers that the network was saved from; empty if that is not said."""
        names = self.config.get("architectures")
        return str(names[0]) if isinstance(names, list) and names else ""

    @property
    def assumed_pooling(self) -> str | None:
        """How one vector is made of many where nobody said it; None where it is said.

        Source: ``SentenceTransformer._load_default_modules``.
        """
        if self.modules:
            return None
        is_causal = self.architecture.endswith(CAUSAL) and self.config.get("is_causal", True)
        return "lasttoken" if is_causal else "mean"


def modules_of(folder: Path) -> tuple[Module, ...]:
    """What ``modules.json`` lists, nothing without it; raises NoModelError if it is no list."""
    file = folder / MODULES
    if not file.is_file():
        return ()
    listed = _json(folder, MODULES, list)
    try:
        found = tuple(
            Module(target=str(one["type"]), folder=folder / str(one["path"])) for one in listed
        )
    except (KeyError, TypeError):
        raise NoModelError(
            f"has a {MODULES} that is no list of modules, each with its type and path"
        ) from None
    if not found:
        raise NoModelError(f"has a {MODULES} that lists no module")
    for one in listed:
        path = PurePosixPath(str(one["path"]))
        if path.is_absolute() or ".." in path.parts:
            raise NoModelError(f"has a {MODULES} that leads out of its folder: {path}")
    return found


def places_of_weights(folder: Path) -> list[Path]:
    """The folders whose weights are loaded; the model's own where its modules are not known."""
    try:
        modules = modules_of(folder)
    except NoModelError:
        return []
    with_weights = NETWORKS | WITH_WEIGHTS
    return [one.folder for one in modules if one.kind in with_weights or not one.is_ours] or (
        [] if modules else [folder]
    )


def read(folder: Path) -> SavedModel:
    """The model in a folder; raises NoModelError where it lacks what loading it would need."""
    if not folder.exists():
        raise NoModelError("is not there")
    if not folder.is_dir():
        raise NoModelError("is a file; give the folder that it lies in")
    modules = modules_of(folder)
    first = modules[0].folder if modules else folder
    is_network = not modules or modules[0].is_network
    name = (first / "config.json").relative_to(folder).as_posix()
    base = _base(folder, first) if is_network else None
    if is_network and base is None and not (folder / name).is_file():
        raise NoModelError(_without_config(folder, name))
    beside = {one: (first / one).relative_to(folder).as_posix() for one in PREPARATION}
    saved = SavedModel(
        folder=folder,
        modules=modules,
        settings=_optional(folder, "config_sentence_transformers.json"),
        config=_optional(folder, name),
        preparation={one: _optional(folder, at) for one, at in beside.items() if is_network},
        base=base,
    )
    if is_network:
        _optional(folder, (first / "sentence_bert_config.json").relative_to(folder).as_posix())
    if is_network and (base is None or (folder / name).is_file()):
        _check_weights(folder, first)
    if is_network and not _has_tokenizer(first):
        what = "reads images or sounds, no texts" if _reads_media(first) else "has no tokenizer"
        raise NoModelError(f"{what}: there is no tokenizer.json and no vocabulary")
    for module in modules:
        _check_module(folder, module)
    return saved


def _check_module(folder: Path, module: Module) -> None:
    name = (module.folder / "config.json").relative_to(folder).as_posix()
    if module.is_ours and module.kind in WITH_SETTINGS:
        if not (folder / name).is_file():
            raise NoModelError(f"lacks {name}")
        _json(folder, name, dict)
    if module.is_ours and module.kind in WITH_WEIGHTS:
        _check_weights(folder, module.folder)
    if module.kind == "StaticEmbedding" and not (module.folder / "tokenizer.json").is_file():
        raise NoModelError(
            f"lacks {(module.folder / 'tokenizer.json').relative_to(folder).as_posix()}"
        )


def _check_weights(folder: Path, inside: Path) -> None:
    where = inside.relative_to(folder).as_posix()
    if (problem := weight_files.problem(inside)) is not None:
        raise NoModelError(problem if where == "." else f"{problem} (in {where})")


def _base(folder: Path, first: Path) -> str | None:
    """The model that an adapter in the folder changes, None where there is no adapter.

    Raises NoModelError without what reads adapters, and for one that cannot be read. Beside a
    ``config.json`` the weights that it changes are looked for in its own folder. Source:
    ``maybe_load_adapters`` in transformers/integrations/peft.py.
    """
    if not (first / ADAPTER).is_file():
        return None
    settings = _json(folder, (first / ADAPTER).relative_to(folder).as_posix(), dict)
    base = settings.get("base_model_name_or_path")
    if not isinstance(base, str) or not base:
        raise NoModelError(f"is an adapter, and its {ADAPTER} does not say of which model")
    if find_spec("peft") is None:
        raise NoModelError(
            f"is an adapter of {base}, which needs the package peft to be read: pip install peft, "
            "or merge it into that model and save the result"
        )
    if not any((first / name).is_file() for name in ADAPTER_WEIGHTS):
        raise NoModelError(f"is an adapter without weights: it has no {ADAPTER_WEIGHTS[0]}")
    if (first / "config.json").is_file() and weight_files.first_of(first) is None:
        raise NoModelError(
            f"is an adapter of {base} beside a config.json, with which that model's weights are "
            "looked for here: remove the config.json"
        )
    return base


def _without_config(folder: Path, name: str) -> str:
    files = sorted(entry.name for entry in folder.iterdir())
    if not files:
        return "is empty"
    more = ", …" if len(files) > 3 else ""  # noqa: PLR2004  (names that fit a line)
    return f"is no saved model: it has no {name}, only {', '.join(files[:3])}{more}"


def _has_tokenizer(folder: Path) -> bool:
    """Whether any file there may be a tokeniser's; their names differ from model to model."""
    endings = (".model", ".spm", ".vocab", ".codes", ".bpe")
    beginnings = ("tokenizer", "vocab", "merges")
    return any(
        entry.name.startswith(beginnings) or entry.name.endswith(endings)
        for entry in folder.iterdir()
    )


def _reads_media(folder: Path) -> bool:
    return (folder / "preprocessor_config.json").is_file()


def _optional(folder: Path, name: str) -> Mapping[str, Any]:
    return _json(folder, name, dict) if (folder / name).is_file() else {}


def _json(folder: Path, name: str, kind: type) -> Any:
    """What a file holds; raises NoModelError if it is no JSON, or something else."""
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except ValueError as error:
        why = weight_files.POINTER_WORDS if weight_files.is_pointer(folder / name) else str(error)
        raise NoModelError(f"has a {name} that is no JSON: {why}") from None
    except OSError as error:
        raise NoModelError(f"has a {name} that cannot be read: {error.strerror}") from None
    if not isinstance(content, kind):
        wanted = "mapping" if kind is dict else "list"
        raise NoModelError(f"has a {name} that is no {wanted}")
    return content
