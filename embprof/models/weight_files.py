"""The files of a module's weights: one, or an index and several; which they are, whether whole.

A copy that was interrupted, or made by git without its extension for large files, looks like
weights until it is read. Only sizes and first bytes are looked at here, which takes no time.
"""

import json
from pathlib import Path

INDEX = ".index.json"
"""How the name ends of the list of the files that large weights are cut into."""
SAFETENSORS = "model.safetensors"
PICKLE = "pytorch_model.bin"
NAMES = (SAFETENSORS, f"{SAFETENSORS}{INDEX}", PICKLE, f"{PICKLE}{INDEX}")
"""The first that is there is loaded. Source: transformers/modeling_utils.py."""
POINTER = b"version https://git-lfs.github.com/spec/"
"""How the file begins that git leaves in place of a large one. Source: git-lfs, docs/spec.md."""
POINTER_WORDS = "it is a pointer of Git LFS: run git lfs pull"
HEADER_BYTES = 8
"""The first bytes of a safetensors file, which hold the length of its header.
Source: safetensors, "Format"."""


def first_of(folder: Path) -> Path | None:
    """The file that is loaded, which may be an index; None where there is none."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def files(folder: Path) -> list[Path]:
    """The file of the weights, or the index of several and those; empty where there are none.

    Raises ValueError for an index that cannot be read, or names a file that is not there.
    """
    first = first_of(folder)
    if first is None:
        return []
    if not first.name.endswith(INDEX):
        return [first]
    try:
        names = sorted(set(json.loads(first.read_text(encoding="utf-8"))["weight_map"].values()))
        parts = [folder / name for name in names]
    except (OSError, ValueError) as error:
        why = POINTER_WORDS if is_pointer(first) else error
        raise ValueError(f"{first}: cannot be read: {why}") from None
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{first}: is no index of weights, it has no weight_map") from None
    if missing := [part.name for part in parts if not part.is_file()]:
        raise ValueError(f"{first}: names {', '.join(missing)}, which is not there")
    return [first, *parts]


def pickle_file(folder: Path) -> Path | None:
    """The file of the weights if it is a pickle, else None."""
    first = first_of(folder)
    return first if first is not None and first.name.startswith(PICKLE) else None


def problem(folder: Path) -> str | None:
    """Why the weights in a folder cannot be loaded, in words that follow its name."""
    try:
        found = files(folder)
    except ValueError as error:
        return f"has weights in several files, and {str(error).removeprefix(f'{folder}/')}"
    if not found:
        return f"has no weights: there is no {SAFETENSORS} and no {PICKLE}"
    broken = (f"has a {file.name} that {why}" for file in found if (why := _broken(file)))
    return next(broken, None)


def is_pointer(file: Path) -> bool:
    """Whether git left its pointer in place of the file."""
    with file.open("rb") as content:
        return content.read(len(POINTER)) == POINTER


def _broken(file: Path) -> str | None:
    size = file.stat().st_size
    if size == 0:
        return "is empty"
    if is_pointer(file):
        return f"holds no weights: {POINTER_WORDS}"
    if file.suffix == ".safetensors" and (wanted := _bytes_wanted(file)) > size:
        return f"is cut short: it has {size:,} bytes of {wanted:,}"
    return None


def _bytes_wanted(file: Path) -> int:
    """How long a safetensors file says it is; 0 where its header says nothing."""
    with file.open("rb") as content:
        length = int.from_bytes(content.read(HEADER_BYTES), "little")
        if HEADER_BYTES + length > file.stat().st_size:
            return HEADER_BYTES + length
        header = content.read(length)
    try:
        ends = [one["data_offsets"][1] for one in json.loads(header).values() if "dtype" in one]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return 0
    return HEADER_BYTES + length + max(ends, default=0)
