"""From a reference to what it names, in the worker, with errors that say what is wrong."""

import importlib
import inspect
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from types import ModuleType
from typing import Any

from embprof.workloads.callable.functions.reference import STEP, Reference
from embprof.workloads.callable.functions.signature import misfits


def load(reference: Reference) -> Callable[..., Any]:
    """What is to be called, or the class of it.

    Raises ImportError when the module cannot be imported, naming the line; AttributeError and
    TypeError when there is no such name in it, and when that cannot be called.
    """
    module = _import(reference)
    if not hasattr(module, reference.name):
        where = getattr(module, "__file__", None) or "a built-in module"
        raise AttributeError(f"{reference}: {where} has no {reference.name}")
    found = getattr(module, reference.name)
    if not callable(found):
        kind = type(found).__name__
        raise TypeError(f"{reference}: cannot be called, it is {_article(kind)} {kind}")
    called: Callable[..., Any] = found
    return called


def step_of(made: object, *, takes_items: bool) -> Callable[..., Any]:
    """The method of an object that is called; raises TypeError when it has none that can be."""
    kind = type(made).__name__
    step = getattr(made, STEP, None)
    if not callable(step):
        raise TypeError(f"{kind} has no {STEP}(), which is what is called")
    check(f"{kind}.{STEP}", step, (), takes_items=takes_items)
    called: Callable[..., Any] = step
    return called


def check(
    name: str, called: Callable[..., Any], arguments: Collection[str], *, takes_items: bool
) -> None:
    """Raises TypeError, with all that is wrong, when it cannot be called with these arguments."""
    try:
        signature = inspect.signature(called)
    except (TypeError, ValueError):  # written in C: the call itself will tell
        return
    found = [one.message for one in misfits(name, signature, arguments, takes_items=takes_items)]
    if found:
        raise TypeError("; ".join(found))


def _import(reference: Reference) -> ModuleType:
    try:
        return importlib.import_module(reference.module)
    except MemoryError:
        raise  # it is that, and not the module, which is the matter
    except (Exception, SystemExit) as error:
        kind, message = type(error).__name__, (str(error).strip().splitlines() or [""])[0]
        reason = f"{kind}: {message}" if message else kind
        raise ImportError(f"{reference} cannot be imported{_where(error)}: {reason}") from error


def _where(error: BaseException) -> str:
    """The line that was being run last; of a SyntaxError the wrong one."""
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({Path(error.filename).name}, line {error.lineno})"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen ")
    ][2:]  # this module's, and importlib's
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"
