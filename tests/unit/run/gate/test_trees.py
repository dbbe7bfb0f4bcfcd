"""Working trees of refs, in real repositories, and what is left of them: nothing."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.errors import RequestError
from embprof.run.gate import trees

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
Git = Callable[..., str]


def git_in(folder: Path) -> Git:
    def git(*words: str) -> str:
        me = ("-c", "user.name=Test", "-c", "user.email=test@example.invalid")
        file = ("-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main")
        done = subprocess.run(
            ["git", *me, *file, *words], cwd=folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    return git


@pytest.fixture(autouse=True)
def _none_of_the_developers_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits of service.py, ``old`` the first; src and bench are folders of it."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git = git_in(folder)
    git("init", "-q")
    for name in ("src/package/part.py", "bench/workload.py"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("")
    for version in ("old", "new"):
        (folder / "service.py").write_text(f"VERSION = {version!r}\n")
        git("add", ".")
        git("commit", "-qm", version)
        git("tag", version)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def git(repository: Path) -> Git:
    return git_in(repository)


def worktrees(git: Git) -> list[str]:
    lines = git("worktree", "list", "--porcelain").splitlines()
    return [line.partition(" ")[2] for line in lines if line.startswith("worktree ")]


def state(repository: Path, git: Git) -> tuple[object, ...]:
    """All that a user would mind to find changed."""
    index = (repository / ".git" / "index").read_bytes()
    files = {
        path.relative_to(repository): path.read_bytes()
        for path in repository.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(repository).parts
    }
    said = [
        git(*words) for words in (("status", "--porcelain"), ("branch", "-a"), ("stash", "list"))
    ]
    return index, files, git("rev-parse", "HEAD"), git("symbolic-ref", "HEAD"), said


@pytest.mark.parametrize("ref", ["old", "HEAD~1", "refs/tags/old"])
def test_a_ref_is_the_commit_it_stands_for(git: Git, ref: str) -> None:
    assert trees.commit_of("--a-ref", ref) == git("rev-parse", "old^{commit}")


def test_an_annotated_tag_is_the_commit_it_is_on(git: Git) -> None:
    git("tag", "-am", "a release", "v1.0", "old")
    assert trees.commit_of("--a-ref", "v1.0") == git("rev-parse", "old")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("ref", ["nothing", "HEAD~9", "HEAD:service.py", "--all", "a b", "-h"])
def test_a_ref_that_is_no_commit_is_a_wrong_request(ref: str) -> None:
    with pytest.raises(RequestError, match=f"--b-ref {ref}: there is no such ref"):
        trees.commit_of("--b-ref", ref)


def test_outside_a_repository_no_ref_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match="--a-ref main: this folder is in no git repository"):
        trees.commit_of("--a-ref", "main")
    with trees.checked_out([]) as paths:
        assert paths == {}


@pytest.mark.usefixtures("repository")
def test_without_git_no_ref_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RequestError, match="in no git repository"):
        trees.commit_of("--a-ref", "main")
    with trees.checked_out([]) as paths:
        assert paths == {}


def test_each_commit_is_there_once_and_gone_afterwards(repository: Path, git: Git) -> None:
    before = state(repository, git)
    old, new = git("rev-parse", "old"), git("rev-parse", "new")
    with trees.checked_out([old, new, old]) as paths:
        assert set(paths) == {old, new}
        assert len(worktrees(git)) == 3
        for commit, version in ((old, "old"), (new, "new")):
            assert (Path(paths[commit][0]) / "service.py").read_text() == f"VERSION = {version!r}\n"
        folders = [Path(path) for one in paths.values() for path in one]
    assert worktrees(git) == [str(repository)]
    assert not any(folder.exists() for folder in folders)
    assert not any(folder.parent.exists() for folder in folders)
    assert state(repository, git) == before


@pytest.mark.parametrize("here", [".", "bench", "src/package"])
def test_modules_are_looked_for_where_the_user_stands_then_at_the_top_then_in_src(
    repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch, here: str
) -> None:
    monkeypatch.chdir(repository / here)
    old = git("rev-parse", "old")
    with trees.checked_out([old]) as paths:
        tree = next(Path(path) for path in paths[old] if Path(path).name == old)
        expected = dict.fromkeys([tree / here, tree, tree / "src"])
        assert [Path(path) for path in paths[old]] == list(expected)
    assert worktrees(git) == [str(repository)]


def test_a_folder_that_the_commit_did_not_have_is_no_place_to_look(
    repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = repository / "scratch"
    scratch.mkdir()
    monkeypatch.chdir(scratch)
    old = git("rev-parse", "old")
    with trees.checked_out([old]) as paths:
        assert [Path(path).name for path in paths[old]] == [old, "src"]


def test_a_link_to_the_folder_is_the_folder(
    repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(repository / "bench")
    monkeypatch.chdir(tmp_path / "link")
    old = git("rev-parse", "old")
    with trees.checked_out([old]) as paths:
        assert Path(paths[old][0]).name == "bench"


def test_what_is_not_committed_stays_as_it_is_and_is_not_in_the_tree(
    repository: Path, git: Git
) -> None:
    (repository / "service.py").write_text("VERSION = 'dirty'\n")
    (repository / "bench" / "workload.py").write_text("staged = 1\n")
    (repository / "new.py").write_text("untracked = 1\n")
    git("add", "bench/workload.py")
    before = state(repository, git)
    head = git("rev-parse", "HEAD")
    with trees.checked_out([head]) as paths:
        tree = Path(paths[head][0])
        assert (tree / "service.py").read_text() == "VERSION = 'new'\n"
        assert (tree / "bench" / "workload.py").read_text() == ""
        assert not (tree / "new.py").exists()
    assert state(repository, git) == before


@pytest.mark.parametrize("error", [RuntimeError("of ours"), KeyboardInterrupt(), SystemExit(3)])
def test_trees_are_gone_whatever_ends_the_gate(
    repository: Path, git: Git, error: BaseException
) -> None:
    before = state(repository, git)

    def fail_inside() -> None:
        with trees.checked_out([git("rev-parse", "old")]) as paths:
            tree = Path(next(iter(paths.values()))[0])
            (tree / "left.pyc").write_text("by a worker")
            raise error

    with pytest.raises(type(error)):
        fail_inside()
    assert worktrees(git) == [str(repository)]
    assert not list((repository / ".git").glob("worktrees/*"))
    assert state(repository, git) == before


def test_a_commit_that_cannot_be_checked_out_leaves_none_of_the_others(
    repository: Path, git: Git
) -> None:
    old, missing = git("rev-parse", "old"), "0" * 40
    with (
        pytest.raises(RequestError, match="git cannot check out 000000000000"),
        trees.checked_out([old, missing]),
    ):
        pass
    assert worktrees(git) == [str(repository)]
    assert not list((repository / ".git").glob("worktrees/*"))


def test_a_tree_that_was_cut_off_in_the_making_is_removed_too(
    repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git keeps a tree locked until it is whole."""

    def cut_off(tree: Path, commit: str) -> None:
        git("worktree", "add", "--detach", "--lock", str(tree), commit)
        raise KeyboardInterrupt

    monkeypatch.setattr(trees, "_add", cut_off)
    with pytest.raises(KeyboardInterrupt), trees.checked_out([git("rev-parse", "old")]):
        pass
    assert worktrees(git) == [str(repository)]


def test_hooks_do_not_run(repository: Path, git: Git, tmp_path: Path) -> None:
    for name in ("post-checkout", "reference-transaction"):
        hook = repository / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\nexit 1\n")
        hook.chmod(0o755)
    with trees.checked_out([git("rev-parse", "old")]) as paths:
        assert len(paths) == 1
    assert not list(tmp_path.glob("ran-*"))
    assert worktrees(git) == [str(repository)]


def test_a_repository_with_submodules_is_checked_out_and_put_away(
    repository: Path, git: Git, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    in_other = git_in(other)
    in_other("init", "-q")
    in_other("commit", "-q", "--allow-empty", "-m", "begin")
    git("submodule", "--quiet", "add", str(other), "vendored")
    git("commit", "-qm", "with a submodule")
    before = state(repository, git)
    head = git("rev-parse", "HEAD")
    with trees.checked_out([head]) as paths:
        in_tree = git_in(Path(paths[head][0]))
        in_tree("submodule", "--quiet", "update", "--init")
        assert (Path(paths[head][0]) / "vendored" / ".git").exists()
    assert worktrees(git) == [str(repository)]
    assert state(repository, git) == before


def test_trees_of_the_users_own_are_left_alone_even_while_they_are_away(
    repository: Path, git: Git, tmp_path: Path
) -> None:
    """On a disk that is not mounted now, say: pruning would forget them."""
    away = tmp_path / "away"
    git("worktree", "add", "--quiet", "--detach", str(away), "old")
    shutil.rmtree(away)
    with trees.checked_out([git("rev-parse", "new")]):
        pass
    assert worktrees(git) == [str(repository), str(away)]


def test_a_gate_may_start_in_a_tree_of_the_users_own(
    repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    git("worktree", "add", "--quiet", "-b", "topic", str(own), "old")
    monkeypatch.chdir(own / "bench")
    commit = trees.commit_of("--a-ref", "new")
    with trees.checked_out([commit]) as paths:
        assert Path(paths[commit][0]).name == "bench"
        assert len(worktrees(git)) == 3
    assert worktrees(git) == [str(repository), str(own)]


def test_the_index_that_a_hook_of_git_is_called_with_is_left_alone(
    repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate may be what a pre-commit hook runs: Git names its index in the environment then."""
    (repository / "service.py").write_text("VERSION = 'staged'\n")
    git("add", "service.py")
    before = state(repository, git)
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository / ".git" / "index"))
    old = trees.commit_of("--a-ref", "old")
    with trees.checked_out([old]) as paths:
        assert (Path(paths[old][0]) / "service.py").read_text() == "VERSION = 'old'\n"
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert state(repository, git) == before
