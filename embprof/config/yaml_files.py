"""Reads a YAML file that has to hold a mapping, and says in a line what else it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (list, "a list"),
    (str, "a text alone"),
    ((bool, int, float), "a value alone"),
)


class YamlFileError(ValueError):
    """The file cannot be read or holds something else; the message names it and says why."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{_short(file)}: {why}")


def mapping(file: Path) -> Mapping[str, Any]:
    """The keys and values of the file. Raises YamlFileError."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise YamlFileError(file, f"is not UTF-8 (byte {error.start + 1})") from None
    except OSError as error:
        raise YamlFileError(file, f"cannot be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        raise YamlFileError(file, f"not valid YAML: {_problem(error)}") from None
    except (ValueError, TypeError, RecursionError) as error:  # such as a date that does not exist
        raise YamlFileError(file, f"not valid YAML: {error}") from None
    if content is None:
        raise YamlFileError(file, "is empty; it needs lines such as key: value")
    if not isinstance(content, dict):
        kind = next((name for types, name in KINDS if isinstance(content, types)), "a value alone")
        raise YamlFileError(file, f"holds {kind}; it needs lines such as key: value")
    return content


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).split())
    return f"line {mark.line + 1}, column {mark.column + 1}: {getattr(error, 'problem', error)}"


def _short(file: Path) -> str:
    """From where the user stands, if it lies there."""
    here = Path.cwd().resolve()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)
