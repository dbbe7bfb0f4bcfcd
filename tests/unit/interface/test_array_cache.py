"""An array is made once for each name, whatever became of the folder in between."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from embprof.interface import array_cache


class Makes:
    """Counts how often it was asked."""

    def __init__(self, *values: float) -> None:
        self.values = values
        self.times = 0

    def __call__(self) -> NDArray[np.float32]:
        self.times += 1
        return np.array(self.values, dtype=np.float32)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMBPROF_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_an_array_is_made_once() -> None:
    make = Makes(1, 2.5)
    first = array_cache.cached_array(["kind", "model", 3], make)
    again = array_cache.cached_array(["kind", "model", 3], make)
    assert make.times == 1
    np.testing.assert_array_equal(first, again)
    assert again.dtype == np.float32


@pytest.mark.parametrize("other", [["kind", "model", 4], ["kind", "model", "3"], ["kind", "model"]])
def test_another_name_is_another_array(other: list[object]) -> None:
    array_cache.cached_array(["kind", "model", 3], Makes(1))
    np.testing.assert_array_equal(array_cache.cached_array(other, Makes(2)), [2])


def test_the_parts_of_a_name_do_not_run_into_each_other() -> None:
    array_cache.cached_array(["kind", "ab", "c"], Makes(1))
    np.testing.assert_array_equal(array_cache.cached_array(["kind", "a", "bc"], Makes(2)), [2])


def test_a_file_that_was_cut_off_is_made_anew(folder: Path) -> None:
    array_cache.cached_array(["kind"], Makes(1, 2, 3))
    (file,) = folder.rglob("*.npy")
    file.write_bytes(file.read_bytes()[:-4])
    np.testing.assert_array_equal(array_cache.cached_array(["kind"], Makes(4)), [4])
    file.write_bytes(b"")
    np.testing.assert_array_equal(array_cache.cached_array(["kind"], Makes(5)), [5])


def test_where_nothing_can_be_written_it_is_made_each_time(folder: Path) -> None:
    folder.write_text("a file, where a folder is wanted")
    make = Makes(1)
    for _ in range(2):
        np.testing.assert_array_equal(array_cache.cached_array(["kind"], make), [1])
    assert make.times == 2


def test_only_the_whole_file_is_left_behind(folder: Path) -> None:
    array_cache.cached_array(["kind"], Makes(1))
    assert [file.suffix for file in (folder / "kind").iterdir()] == [".npy"]


def test_without_a_variable_it_lies_in_the_cache_folder_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMBPROF_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert array_cache.folder() == tmp_path / "xdg" / "embprof"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert array_cache.folder() == tmp_path / ".cache" / "embprof"
