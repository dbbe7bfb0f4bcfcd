"""Working trees of git refs, checked out for as long as a gate runs."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from embprof.errors import RequestError
from embprof.machine import git


def commit_of(option: str, ref: str) -> str:
    """The commit a ref stands for; raises RequestError outside git and for an unknown ref."""
    if git.top() is None:
        raise RequestError([f"{option} {ref}: this folder is in no git repository"])
    commit = git.output("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if commit is None:
        raise RequestError([f"{option} {ref}: there is no such ref in this repository"])
    return commit


@contextlib.contextmanager
def checked_out(commits: Sequence[str]) -> Iterator[dict[str, tuple[str, ...]]]:
    """For each commit the folders that its code is imported from; all are removed at the end.

    The folder that stands where the user stands comes first, then the repository's top and its
    ``src``. Raises RequestError when git cannot check one out.
    """
    top = git.top()
    with tempfile.TemporaryDirectory(prefix="embprof-trees-") as folder:
        paths: dict[str, tuple[str, ...]] = {}
        try:
            for commit in dict.fromkeys(commits):
                tree = Path(folder) / commit
                _add(tree, commit)
                assert top is not None, "a commit was found, so there is a repository"
                here = Path.cwd().resolve().relative_to(top.resolve())
                folders = dict.fromkeys((tree / here, tree, tree / "src"))
                paths[commit] = tuple(str(path) for path in folders if path.is_dir())
            yield paths
        finally:
            for commit in commits:  # forced twice, lest one stay that was cut off in the making
                git.output("worktree", "remove", "-f", "-f", str(Path(folder) / commit))


def _add(tree: Path, commit: str) -> None:
    # Hooks are made for trees that people work in: one that fails would fail the gate.
    quietly = ("-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", "--quiet")
    with _index_of_its_own():
        added = git.output(*quietly, str(tree), commit)
    if added is None:
        raise RequestError([f"git cannot check out {commit[:12]} into {tree}"])


@contextlib.contextmanager
def _index_of_its_own() -> Iterator[None]:
    """Keeps the user's index from becoming the tree's: Git names it to the hooks that it calls."""
    users = os.environ.pop("GIT_INDEX_FILE", None)
    try:
        yield
    finally:
        if users is not None:
            os.environ["GIT_INDEX_FILE"] = users
