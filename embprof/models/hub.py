"""Asks the Hugging Face hub for a model, and gives up in seconds when it does not answer.

What stands between here and the hub may do anything: a proxy wants a login, a portal answers each
question with its own page, a firewall lets connections open and then says nothing. The client of
the hub waits for ever by default, retries for minutes, and raises the errors of whatever it is made
of. So one small question goes first, in a thread, since neither a name's lookup nor an answer that
drips has a time limit of its own; whatever it raises is a reason, never a failure of ours.
"""

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from embprof.machine.time_limit import StillRunningError, within
from embprof.models import saved_model, weight_files

ANSWER_SECONDS = 4.0
"""How long the hub may be silent; a slow proxy that opens connections was seen to need one."""
PROBE_SECONDS = 8.0
"""How long the first question may take in all, the lookup of the name included."""
PROBED = "sentence-transformers/all-MiniLM-L6-v2"
"""What is asked after first. A hub of one's own that lacks it answers too: by saying so."""
FILES = ("*.json", "*.txt", "*.safetensors", "*.model", "*.jinja", "*.py")
"""Patterns of the files that are read, in folders too; pickles only where there is nothing else."""
PICKLES = ("pytorch_model*.bin", "pytorch_model.bin.index.json")
LOGIN = re.compile(r"//[^/@\s]*@")
"""A name and password in an address."""
LONGEST_REASON = 200
"""Characters."""


class HubError(Exception):
    """The hub gave no model; the message says why, in one line."""


class HubUnreachableError(HubError):
    """Nothing that is a hub answered."""


def cached(repository: str, revision: str | None) -> Path | None:
    """The folder of the copy in the hub's cache, complete or not; None where there is none."""
    try:
        return _snapshot(repository, revision, local_files_only=True)
    except Exception:  # noqa: BLE001  (a cache that cannot be read is as good as none)
        return None


def download(repository: str, revision: str | None) -> Path:
    """The folder of the downloaded files, in the hub's cache.

    Raises HubUnreachableError within seconds where nothing answers as a hub does, HubError where
    it has no such model for this user.
    """
    from huggingface_hub import get_session

    if (why := why_unreachable()) is not None:
        raise HubUnreachableError(why)
    get_session().timeout = ANSWER_SECONDS  # between two pieces of an answer, not for a whole file
    try:
        return _snapshot(repository, revision, etag_timeout=ANSWER_SECONDS)
    except _refusals() as error:
        raise HubError(_reason(error)) from None
    except Exception as error:  # noqa: BLE001  (likewise whatever comes after the first answer)
        raise HubUnreachableError(_reason(error)) from None


def code(repository: str, files: Iterable[str], *, may_download: bool) -> Path:
    """The folder of a repository that has code for models of others, from the cache or the hub.

    Raises ValueError where neither has those files, or the hub may not be asked.
    """
    found = cached(repository, None)
    if found is not None and all((found / name).is_file() for name in files):
        return found
    why = "it is not in the hub's cache, and the hub is not asked while planning"
    if may_download:
        try:
            return download(repository, None)
        except HubError as error:
            why = str(error)
    raise ValueError(f"{repository}: has code that a model asks for, and cannot be had ({why})")


def _snapshot(repository: str, revision: str | None, **options: Any) -> Path:
    """What is read of a repository: small files and safetensors, then pickles where they lack."""
    from huggingface_hub import snapshot_download

    def get(patterns: Iterable[str]) -> Path:
        found = snapshot_download(
            repository, revision=revision, allow_patterns=list(patterns), **options
        )
        return Path(found)

    folder = get(FILES)
    lacking = [
        place.relative_to(folder)
        for place in saved_model.places_of_weights(folder)
        if not any((place / name).is_file() for name in weight_files.NAMES[:2])
    ]
    if not lacking:
        return folder
    return get((place / name).as_posix() for place in lacking for name in PICKLES)


@functools.cache
def why_unreachable() -> str | None:
    """Why the hub cannot be asked, None if it can; found out once a process."""
    try:
        return within(PROBE_SECONDS, _probe)
    except StillRunningError:
        return f"no answer within {PROBE_SECONDS:.0f} s"


def _probe() -> str | None:
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(PROBED, timeout=ANSWER_SECONDS)
    except _refusals():
        return None
    except Exception as error:  # noqa: BLE001  (whatever stands in the way is the reason)
        return _reason(error)
    return None


def _refusals() -> tuple[type[Exception], ...]:
    """How a hub that works says no."""
    from huggingface_hub.errors import (
        DisabledRepoError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    return (DisabledRepoError, HFValidationError, RepositoryNotFoundError, RevisionNotFoundError)


def _reason(error: Exception) -> str:
    """The error as one short line without a password; its cause where that says more."""
    told = error.__cause__ if isinstance(error.__cause__, Exception) else error
    lines = [line.strip() for line in str(told).splitlines() if line.strip()]
    text = lines[0] if lines else type(told).__name__
    return LOGIN.sub("//", text)[:LONGEST_REASON]
