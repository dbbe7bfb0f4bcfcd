"""Where modules of the user's are looked for: after the standard library, before all packages.

``workload.function=my_service:ask`` and ``_target_: my_module.MyWorkload`` mean files in the folder
the user stands in. Python itself puts that folder first (``python -m``, ``python -c``), where a
``profile.py`` or ``random.py`` in it is taken for the standard library's, by us and by every
package. This module runs before that is mended, so it imports what the interpreter has at hand.
"""

import os
import sys
from collections.abc import Iterable


def settle() -> None:
    """Puts the current folder where it belongs; safe to call again."""
    here = _here()
    if sys.path and sys.path[0] in ("", here):
        del sys.path[0]
    if here is not None:
        put_first([here])


def put_first(folders: Iterable[str]) -> None:
    """Has those folders searched after the standard library and before all others."""
    sys.path[:] = _with_first(folders)


def path_to_ours() -> list[str]:
    """A search path on which ``embprof`` is this one, whatever the current folder holds."""
    return _with_first([os.path.dirname(os.path.dirname(os.path.abspath(__file__)))])  # noqa: PTH100, PTH120


def _with_first(folders: Iterable[str]) -> list[str]:
    library = os.path.dirname(os.__file__)  # noqa: PTH120  (pathlib may be shadowed)
    number = f"python{sys.version_info.major}{sys.version_info.minor}.zip"
    of_python = (library, os.path.join(library, "lib-dynload"))  # noqa: PTH118  (likewise)
    standard = [one for one in sys.path if one in of_python or one.endswith(f"/{number}")]
    first = list(dict.fromkeys(folders))
    rest = [one for one in sys.path if one not in standard and one not in first]
    return [*standard, *first, *rest]


def shadowing() -> list[str]:
    """A line for each file in the current folder that was taken for a standard module."""
    files = ((name, hidden(name)) for name in sorted(sys.stdlib_module_names & sys.modules.keys()))
    return [
        f"{file} is taken for Python's own module {name}: rename it"
        for name, file in files
        if file is not None and file == getattr(sys.modules[name], "__file__", None)
    ]


def hidden_file(name: str) -> str:
    """What to add where a module has not what was looked for; empty if no file is hidden."""
    file = hidden(name)
    return "" if file is None else f"; Python has a module {name} of its own: rename {file}"


def hidden(name: str) -> str | None:
    """The file in the current folder that Python's own module of that name hides; None if none."""
    here = _here()
    if here is None or name not in sys.stdlib_module_names:
        return None
    files = (f"{here}/{name}.py", f"{here}/{name}/__init__.py")
    return next((file for file in files if os.path.isfile(file)), None)  # noqa: PTH113  (likewise)


def _here() -> str | None:
    """The current folder; None if it was removed."""
    try:
        return os.getcwd()  # noqa: PTH109  (likewise)
    except OSError:
        return None
