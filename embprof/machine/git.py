"""The commit of the code the user stands in, if it is a git repository."""

import subprocess
from pathlib import Path


def tags() -> dict[str, str]:
    """``embprof.git_commit`` and ``embprof.git_dirty`` of the current folder; empty outside git."""
    found = state()
    if not found:
        return {}
    dirty = str(found["git_dirty"]).lower()
    return {"embprof.git_commit": str(found["git_commit"]), "embprof.git_dirty": dirty}


def state() -> dict[str, str | bool]:
    """``git_commit``, and ``git_dirty``: tracked files differ from it; empty outside git."""
    commit = output("rev-parse", "HEAD")
    if commit is None:
        return {}
    changes = output("status", "--porcelain", "--untracked-files=no")
    return {"git_commit": commit, "git_dirty": bool(changes)}


def top() -> Path | None:
    """The folder of the repository's working tree, None outside git."""
    found = output("rev-parse", "--show-toplevel")
    return None if found is None else Path(found)


def output(*arguments: str) -> str | None:
    """What git prints in the current folder; None if it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
