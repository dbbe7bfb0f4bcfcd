"""``module:name``, which says what is to be called."""

from __future__ import annotations

from dataclasses import dataclass

STEP = "step"
"""The method of a class that is called; ``setup`` before and ``teardown`` after may be left out."""
SHAPE = "must be module:name, as package.module:function"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A name at the top level of a module."""

    module: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Raises ValueError for anything else, with what was probably meant."""
        module, colon, name = text.partition(":")
        names = module.split(".")
        if colon and all(map(str.isidentifier, (*names, name))) and names[-1] != "py":
            return cls(module=module, name=name)
        raise ValueError(f"{SHAPE}{_hint(text)}")

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"


def _hint(text: str) -> str:
    """The name that goes with a path, with a dot where the colon belongs, or with a method."""
    module, colon, name = text.partition(":") if ":" in text else text.rpartition(".")
    owner, dot, method = name.partition(".")
    if colon and dot and all(map(str.isidentifier, (*module.split("."), owner, method))):
        return (
            f"; for a method, write a function that calls {owner}.{method}, or a class whose "
            f"{STEP}() does, made ready once in setup()"
        )
    module = module.strip("./").removesuffix(".py").replace("/", ".")
    names = [*module.split("."), name]
    is_one = bool(colon) and name != "py" and all(map(str.isidentifier, names))
    return f"; write {module}:{name}" if is_one else ""
