"""Code that a saved model brings with it, or names: it is run only where the user said so.

A model of a class that is in no library comes with files of Python, which run with all the rights
of whoever loads it. transformers and sentence-transformers ask for ``trust_remote_code`` then. Who
reads that question in the log of a worker has waited for nothing, so it is asked before a job.
"""

import functools
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from embprof.machine.process_facts import installed_version
from embprof.models.saved_model import SavedModel

AUTO_MAP = "auto_map"
LOADED = ("AutoConfig", "AutoModel", "AutoModelForSequenceClassification", "AutoTokenizer")
"""The entries of ``auto_map`` that loading follows; others are for other uses of the model."""
ELSEWHERE = "--"
"""Between a repository of the hub and what is taken from it: ``owner/name--file.Class``.
Source: transformers/dynamic_module_utils.py."""
TYPE = re.compile(r"""["']([\w.-]+)["']\s*[:,]\s*["']\w+Config["']""")
"""A type of models beside the class of its configuration, in transformers' own lists."""


def named(saved: SavedModel) -> list[str]:
    """The classes, each with its file, that loading it would take from the model or its kin."""
    found = [module.target for module in saved.modules if not module.is_ours]
    auto_map = saved.config.get(AUTO_MAP)
    if isinstance(auto_map, dict):
        found += [str(auto_map[key]) for key in LOADED if isinstance(auto_map.get(key), str)]
    return list(dict.fromkeys(found))


def repositories(saved: SavedModel) -> list[str]:
    """Other repositories of the hub that some of it lies in."""
    found = (target.partition(ELSEWHERE)[0] for target in named(saved) if ELSEWHERE in target)
    return list(dict.fromkeys(found))


def problems(saved: SavedModel, *, is_trusted: bool, key: str, name: str) -> Iterator[str]:
    """Code that nobody has allowed, and a type of models that no library knows."""
    code = named(saved)
    if code and not is_trusted:
        more = f" and {len(code) - 1} more" if len(code) > 1 else ""
        yield (
            f"{key}.name={name}: brings code of its own ({code[0]}{more}), which would run with "
            f"your rights; read it, then allow it with {key}.trust_remote_code=true"
        )
    if code or not saved.is_network:
        return
    kind, known = saved.config.get("model_type"), known_types()
    if not isinstance(kind, str):
        yield f"{key}.name={name}: its config.json has no model_type, so nobody knows what it is"
    elif known and kind not in known:
        version = installed_version("transformers")
        yield (
            f"{key}.name={name}: its config.json has the model_type {kind}, which transformers "
            f"{version} does not know; a newer one may, or it is no model of transformers"
        )


@functools.cache
def known_types() -> frozenset[str]:
    """The types of models that the installed transformers has; empty where that cannot be read.

    They are read from its source: to import it takes seconds, and torch with it.
    """
    spec = find_spec("transformers")
    if spec is None or spec.origin is None:
        return frozenset()
    folder = Path(spec.origin).parent / "models" / "auto"
    names = ("auto_mappings.py", "configuration_auto.py")
    files = [folder / name for name in names if (folder / name).is_file()]
    return frozenset(
        name for file in files for name in TYPE.findall(file.read_text(encoding="utf-8"))
    )
