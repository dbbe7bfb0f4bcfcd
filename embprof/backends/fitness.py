"""What backends ask before anything is loaded: packages, the processor, the kind of model."""

from collections.abc import Iterator, Mapping
from importlib.machinery import PathFinder
from pathlib import Path

from embprof.errors import EmbprofError
from embprof.interface.backend import Network
from embprof.machine.resources import cpu_flags
from embprof.models import weights
from embprof.models.saved_model import NoModelError, read

INSTRUCTIONS: Mapping[str, frozenset[str]] = {
    "int8": frozenset({"avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"}),
    "bfloat16": frozenset({"avx512_bf16", "amx_bf16", "bf16"}),
}
"""Processors that compute with a type have at least one of these, as ``/proc/cpuinfo`` calls them.

Source: Linux, arch/x86/include/asm/cpufeatures.h and arch/arm64/kernel/cpuinfo.c.
"""
CALLED = {"int8": "products of 8-bit numbers", "bfloat16": "bfloat16"}


def built(folder: str | None) -> Path:
    """Where a worker finds what was built; raises ValueError where it was not told."""
    if folder is None:
        raise ValueError("a worker must be told the folder of what was built")
    return Path(folder)


def is_installed(module: str) -> bool:
    """Whether a module is there, which is not imported.

    Not by ``importlib.util``: the process that plans lets nobody look for torch that way.
    """
    return PathFinder.find_spec(module) is not None


def missing(backend: str, packages: Mapping[str, str]) -> Iterator[str]:
    """The packages of an extra that are not installed, each under its module's name."""
    lacking = [package for module, package in packages.items() if not is_installed(module)]
    if lacking:
        yield (
            f"backend={backend}: needs {' and '.join(lacking)}, which is not installed; "
            f"pip install 'embprof[{backend}]'"
        )


def no_network(backend: str, network: Network) -> Iterator[str]:
    """A model that does not begin with a network of transformers."""
    try:
        _, folder = weights.locate(network.model, download=False)
        saved = None if folder is None else read(folder)
    except (EmbprofError, NoModelError):
        return  # told where weights are looked for
    if saved is not None and not saved.is_network:
        yield (
            f"backend={backend}: {network.model.name} is no network of transformers "
            f"({', '.join(saved.kinds)}); use backend=torch"
        )


def emulated(dtype: str) -> Iterator[str]:
    """A type that this processor has no instructions for."""
    wanted, here = INSTRUCTIONS.get(dtype), cpu_flags()
    if wanted is None or not here or wanted & here:
        return
    yield (
        f"backend.dtype={dtype}: this processor has no instructions for {CALLED[dtype]}; "
        "they are emulated, which may be slower than float32"
    )
