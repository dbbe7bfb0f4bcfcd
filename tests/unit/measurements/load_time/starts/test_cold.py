"""What is taken out of memory before a cold start, and what is said of what stayed."""

import sysconfig
from pathlib import Path

import pytest

from embprof.measurements.load_time import page_cache
from embprof.measurements.load_time.page_cache import Holder
from embprof.measurements.load_time.starts.cold import Evicted, file_names, libraries


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str]:
    """A library that is read, the weights, and a library that is not read."""
    read, weights, unread = (tmp_path / name for name in ("read.so", "weights", "unread.so"))
    read.write_bytes(bytes(600))
    weights.write_bytes(bytes(400))
    unread.write_bytes(bytes(9000))
    return str(read), str(weights), str(unread)


def _evicted(files: tuple[str, str, str], left: dict[str, int] | None) -> Evicted:
    return Evicted(files=frozenset(files), named=frozenset(files[1:2]), left=left)


def test_only_files_that_the_start_read_count(files: tuple[str, str, str]) -> None:
    read, weights, unread = files
    evicted = _evicted(files, {unread: 9000, read: 50})
    assert evicted.share_left([read, "/elsewhere"]) == 0.05
    assert _evicted(files, {weights: 400}).share_left([read]) == 0.4, "named, so read"
    assert _evicted(files, {}).share_left([read]) == 0


def test_nobody_knows_where_the_system_does_not_tell(files: tuple[str, str, str]) -> None:
    evicted = _evicted(files, None)
    assert evicted.share_left(files) is None
    assert "does not tell" in evicted.reason(files)


def test_who_holds_a_file_is_named(
    files: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, int]] = []

    def holders(left: dict[str, int]) -> list[Holder]:
        asked.append(left)
        return [Holder(pid=7, command="python service.py", files=files, bytes=12_000_000)]

    monkeypatch.setattr(page_cache, "holders", holders)
    evicted = _evicted(files, {files[0]: 600, files[2]: 9000})
    said = evicted.reason([files[0]])
    assert said == "process 7 (python service.py) holds 12 MB: read.so, weights and 1 more"
    assert asked == [{files[0]: 600}]


def test_files_that_nobody_holds_are_the_file_systems(
    files: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_cache, "holders", lambda _: [])
    said = _evicted(files, {files[1]: 400}).reason([])
    assert said == "no process holds weights, but their file system keeps them in memory"


def test_a_configuration_names_files_at_any_depth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (tmp_path / "model").mkdir()
    config = {
        "model": {"path": str(tmp_path / "model"), "name": "owner/name"},
        "files": [str(tmp_path / "gone"), "/", str(tmp_path), 3, None],
        "device": "cpu",
    }
    assert list(file_names(config)) == [str(tmp_path / "model")], "not a folder that we stand in"


def test_libraries_are_what_is_installed_and_the_modules_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_service.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    found = list(libraries(["my_service.part", "not_there"]))
    assert sysconfig.get_path("purelib") in found
    assert str(tmp_path / "my_service.py") in found
    assert any(place.endswith("json") for place in found), "the standard library"
    below = Path(sysconfig.get_path("stdlib")) / "site-packages"
    assert str(below) not in found
