"""What a worker says it ran: the user's code is told from everybody else's."""

import platform
import sys
import sysconfig
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from embprof.machine import process_facts

Import = Callable[..., Path]


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Writes a file and puts a module of it among those that were imported."""

    def make(path: str, content: str = "one = 1\n", *, below: Path | None = None) -> Path:
        file = (below or tmp_path) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        module = types.ModuleType(f"test facts {file}")
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return file

    return make


def code(*roots: Path) -> str | None:
    return process_facts.read([str(root) for root in roots]).code_sha256


def test_python_and_libraries_are_told_by_version() -> None:
    found = process_facts.read([])
    assert found.python == platform.python_version()
    assert found.packages["numpy"] == sys.modules["numpy"].__version__
    assert set(found.packages) == set(process_facts.PACKAGES)


def test_a_library_that_is_not_there_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_facts, "PACKAGES", ("no-such-package",))
    assert process_facts.read([]).packages == {"no-such-package": None}


def test_without_code_of_the_users_own_there_is_no_hash(tmp_path: Path) -> None:
    assert code(tmp_path) is None


def test_the_hash_follows_the_content_of_what_was_imported(
    imported: Import, tmp_path: Path
) -> None:
    file = imported("service.py")
    before = code(tmp_path)
    assert before is not None
    assert code(tmp_path) == before
    file.write_text("one = 2\n")
    assert code(tmp_path) != before


def test_a_file_more_changes_the_hash_once_it_is_imported(imported: Import, tmp_path: Path) -> None:
    imported("service.py")
    before = code(tmp_path)
    (tmp_path / "other.py").write_text("one = 1\n")
    assert code(tmp_path) == before, "nobody imported it"
    imported("other.py")
    assert code(tmp_path) != before


@pytest.mark.parametrize(
    "path",
    [
        ".venv/lib/python3.11/site-packages/library/__init__.py",
        "usr/lib/python3/dist-packages/library.py",
    ],
)
def test_installed_packages_leave_the_hash_alone_even_below_the_users_folder(
    imported: Import, tmp_path: Path, path: str
) -> None:
    imported("service.py")
    before = code(tmp_path)
    imported(path)
    assert code(tmp_path) == before


def test_the_standard_library_and_embprof_are_not_the_users_code() -> None:
    assert list(process_facts._own_files([Path(sysconfig.get_path("stdlib"))])) == []
    assert list(process_facts._own_files([Path(process_facts.EMBPROF)])) == []


@pytest.mark.parametrize("file", ["_ops.py", "", None, 3])
def test_modules_that_only_pretend_to_have_a_file_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: object
) -> None:
    module = types.ModuleType("pretends")
    module.__dict__["__file__"] = file
    monkeypatch.setitem(sys.modules, "pretends", module)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "_ops.py").write_text("torch.ops says it is this file")
    assert code(tmp_path) is None


def test_a_module_that_loads_lazily_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lazy(types.ModuleType):
        def __getattr__(self, name: str) -> object:
            raise ImportError(name)

    lazy = Lazy("lazy")
    monkeypatch.setitem(sys.modules, "lazy", lazy)
    monkeypatch.setitem(sys.modules, "none", None)
    assert code(tmp_path) is None


def test_equal_code_has_one_hash_wherever_it_lies(imported: Import, tmp_path: Path) -> None:
    imported("a/service.py")
    imported("b/service.py")
    assert code(tmp_path / "a") == code(tmp_path / "b")


def test_code_of_the_same_content_by_another_name_is_other_code(
    imported: Import, tmp_path: Path
) -> None:
    imported("a/service.py")
    imported("b/renamed.py")
    assert code(tmp_path / "a") != code(tmp_path / "b")


def test_code_elsewhere_in_the_repository_is_the_users_own_too(
    imported: Import, tmp_path: Path
) -> None:
    imported("src/library.py")
    here = tmp_path / "experiments" / "batches"
    here.mkdir(parents=True)
    assert code(here) is None
    (tmp_path / ".git").mkdir()
    assert code(here) is not None


def test_a_root_that_is_a_link_is_the_folder_it_leads_to(imported: Import, tmp_path: Path) -> None:
    imported("real/service.py")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert code(tmp_path / "link") == code(tmp_path / "real") is not None
