"""The folder of a sweep's workers: gone with it, and with the next one where it was killed."""

import os
import tempfile
from pathlib import Path

import pytest

from embprof.sampling.temporary_folder import LOCK, PREFIX, TemporaryFolder


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_it_is_gone_with_all_that_is_in_it(tmp_path: Path) -> None:
    folder = TemporaryFolder()
    (Path(folder.path) / "profile.html").write_text("left behind")
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_one_of_a_killed_sweep_is_removed_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    living = TemporaryFolder()
    child = os.fork()
    if child == 0:  # dies without a word, as by kill -9
        TemporaryFolder()
        os._exit(0)
    os.waitpid(child, 0)
    young = tmp_path / f"{PREFIX}being-made"
    young.mkdir()
    found = {path.name for path in tmp_path.iterdir()} - {Path(living.path).name, young.name}
    assert len(found) == 1, "what the dead one left"
    next_one = TemporaryFolder()
    assert {path.name for path in tmp_path.iterdir()} == {
        *(Path(one.path).name for one in (living, next_one)),
        young.name,
    }
    assert (Path(living.path) / LOCK).exists()
