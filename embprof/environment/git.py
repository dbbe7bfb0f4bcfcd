"""The commit of the code the user stands in, if it is a git repository."""

from __future__ import annotations

import subprocess


def tags() -> dict[str, str]:
    """``embprof.git_commit`` and ``embprof.git_dirty`` of the current folder; empty outside git."""
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return {}
    changes = _git("status", "--porcelain", "--untracked-files=no")
    return {"embprof.git_commit": commit, "embprof.git_dirty": str(bool(changes)).lower()}


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
