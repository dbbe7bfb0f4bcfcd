"""Parts of a loaded workload whose memory can be told apart: weights and tokenisers.

They are looked for among the workload's attributes and theirs. torch and tokenizers are asked only
if the workload has imported them.

Physics: weights read from safetensors stay mapped from their file. They are resident page by page
as they are touched (a vocabulary's rows that no text needed are not), belong to the page cache, and
can be dropped by the kernel without a write. So what weights *are* (bytes of parameters and
buffers) and what of them is *resident* are two figures.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embprof.interface.backend import HoldsWeights
from embprof.machine import heap, process_memory
from embprof.machine.process_memory import Mapping

DEPTH = 6
"""A workload's part has a backend's encoder, that has a model of modules, one of which has a
tokeniser, which holds the one in Rust. Thousands of values are looked through in 0.2 s, when all is
measured."""
MAPPED = ".safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Bytes of parameters and buffers, and how many of them are in the host's memory."""

    size: int
    resident: int


def weights(workload: object) -> Weights | None:
    """Those of all its torch modules and exported graphs; None where it holds none."""
    tensors = {tensor.data_ptr(): tensor for tensor in _tensors(workload)}
    files = dict(_weight_files(workload))
    if not tensors and not files:
        return None
    found = [_of_tensors(tensors), *(_of_file(one, is_on_host=here) for one, here in files.items())]
    return Weights(size=sum(one.size for one in found), resident=sum(one.resident for one in found))


def _of_tensors(tensors: dict[int, Any]) -> Weights:
    """What is held by tensors, by their addresses."""
    mapped = process_memory.mappings(MAPPED) if tensors else []
    touched: set[Mapping] = set()
    size = resident = 0
    for address, tensor in tensors.items():
        bytes_of_tensor = tensor.numel() * tensor.element_size()
        size += bytes_of_tensor
        if tensor.device.type != "cpu":
            continue
        holder = next((one for one in mapped if one.start <= address < one.end), None)
        if holder is None:
            resident += bytes_of_tensor
        else:
            touched.add(holder)
    return Weights(size=size, resident=resident + sum(one.resident for one in touched))


def _of_file(file: Path, *, is_on_host: bool) -> Weights:
    """What a runtime holds of a file: what it has mapped as far as it was touched, or a copy."""
    size = file.stat().st_size
    if not is_on_host:
        return Weights(size=size, resident=0)
    mapped = process_memory.mappings(str(file))
    return Weights(size=size, resident=sum(one.resident for one in mapped) if mapped else size)


def tokenizers(workload: object) -> int | None:
    """Bytes of heap that copies of its tokenisers take; None where that cannot be told.

    Their tables are in Rust and cannot be asked for their size; a copy has the same.
    """
    library = sys.modules.get("tokenizers")
    if library is None:
        return None
    kind = library.Tokenizer
    found = {id(one): one for one in _objects(workload, DEPTH) if isinstance(one, kind)}
    before = heap.in_use()
    if before is None or not found:
        return None
    copies = [kind.from_str(one.to_str()) for one in found.values()]
    taken = (heap.in_use() or 0) - before
    del copies
    return max(taken, 0)


def _weight_files(workload: object) -> Iterator[tuple[Path, bool]]:
    for one in _objects(workload, DEPTH):
        if isinstance(one, HoldsWeights):
            yield from one.weight_files().items()


def _tensors(workload: object) -> Iterator[Any]:
    torch = sys.modules.get("torch")
    if torch is None:
        return
    for one in _objects(workload, DEPTH):
        if isinstance(one, torch.nn.Module):
            yield from one.parameters()
            yield from one.buffers()


def _objects(holder: object, depth: int) -> Iterator[Any]:
    """Values of its attributes, and of theirs."""
    for value in list(getattr(holder, "__dict__", {}).values()):
        members = list(value.values()) if isinstance(value, dict) else [value]
        for member in list(value) if isinstance(value, list | tuple) else members:
            yield member
            if depth > 1:
                yield from _objects(member, depth - 1)
