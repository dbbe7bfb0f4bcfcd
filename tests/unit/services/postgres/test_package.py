"""Where the programs of PostgreSQL are, and who may run them."""

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from embprof.errors import ServiceError
from embprof.services.postgres import package


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with two servers in it, of some files."""
    tmp_path.chmod(0o755)
    root = tmp_path / package.PACKAGE
    for name in ("pginstall", "pginstall9", "pginstall18"):
        for file in ("bin/postgres", "bin/initdb", "lib/vector.so", "share/timezonesets/Default"):
            path = root / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o644)
        (root / name / "bin/postgres").chmod(0o755)
        (root / name / "include").mkdir()
    (tmp_path / f"{package.PACKAGE}.libs").mkdir()
    (tmp_path / f"{package.PACKAGE}.libs/libpq.so").touch(0o644)
    spec = ModuleSpec(package.PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(root)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    return root


def test_the_newest_server_is_taken(installed: Path) -> None:
    assert package.installation() == installed / "pginstall18"


def test_without_the_package_the_user_reads_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ServiceError, match=r"pip install 'embprof\[embedded\]'.*database\.dsn"):
        package.installation()


def test_a_package_without_a_server_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = ModuleSpec(package.PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(ServiceError, match=r"holds no pginstall"):
        package.installation()


@pytest.mark.parametrize(
    ("closed", "mode"),
    [
        ("pginstall18/bin", 0o700),
        ("pginstall18/bin/postgres", 0o700),
        ("pginstall18/bin/postgres", 0o754),
        ("pginstall18/share/timezonesets/Default", 0o600),
        (f"../{package.PACKAGE}.libs/libpq.so", 0o640),
    ],
)
def test_programs_are_closed_to_others_if_a_single_part_of_them_is(
    installed: Path, monkeypatch: pytest.MonkeyPatch, closed: str, mode: int
) -> None:
    # Pytest's own folder is closed; what matters here lies below it.
    monkeypatch.setattr(package, "_above", lambda root: [root, *root.parents[:2]])
    root = package.installation()
    assert package.is_open_to_all(root)
    (installed / closed).chmod(mode)
    assert not package.is_open_to_all(root)


def test_programs_below_a_closed_folder_are_closed(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "_above", lambda root: [root, *root.parents[:2]])
    installed.parent.chmod(0o700)
    assert not package.is_open_to_all(installed / "pginstall18")


def test_a_copy_is_open_and_holds_what_a_server_needs(installed: Path, tmp_path: Path) -> None:
    (installed / "pginstall18/bin/postgres").chmod(0o700)
    (installed / "pginstall18/lib/vector.so").chmod(0o600)
    copy = package.copy(installed / "pginstall18", tmp_path / "to")
    assert copy == tmp_path / f"to/{package.PACKAGE}/pginstall18"
    assert (copy / "bin/postgres").stat().st_mode & 0o777 == 0o755
    assert (copy / "lib/vector.so").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / f"to/{package.PACKAGE}.libs/libpq.so").exists()
    assert not (copy / "include").exists()
    assert package.copy(installed / "pginstall18", tmp_path / "to") == copy
