"""Options that installed packages bring by their entry point."""

from pathlib import Path

import pytest

from embprof.commands import help as help_command
from embprof.config import entry_points, folders, options
from embprof.config.compose import compose
from embprof.interface import faults


def installed(site: Path, name: str, **files: str) -> None:
    """What an installer leaves of a package with an entry point, in a folder for packages."""
    metadata = site / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    lines = f"[console_scripts]\nx = y:z\n\n[embprof.conf]\n{name} = {name}.conf\n"
    (metadata / "entry_points.txt").write_text(lines)
    for path, text in files.items():
        file = site / name / "conf" / f"{path.replace('__', '/')}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for packages, on the path of modules; another is where the user stands."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    found = tmp_path / "site"
    found.mkdir()
    monkeypatch.syspath_prepend(found)
    return found


NODE = "_target_: embprof.testing.Sleep\nseconds: {}\nbatch_size: 1\n"


def test_options_of_a_package_are_there_without_importing_it(site: Path) -> None:
    installed(site, "acme", workload__acme_nap=NODE.format(1))
    (site / "acme" / "__init__.py").write_text("raise AssertionError('was imported')")
    assert options.target("workload", "acme_nap") == "embprof.testing.Sleep"
    assert "acme_nap" in help_command.page()
    composition = compose(["workload=acme_nap"])
    assert composition.problems == []
    assert composition.jobs[0].config["workload"]["seconds"] == 1


def test_the_users_own_option_comes_before_a_packages(site: Path) -> None:
    installed(site, "acme", workload__nap=NODE.format(1))
    installed(site, "zenith", workload__nap=NODE.format(2))
    own = Path("conf") / "workload" / "nap.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(NODE.format(3))
    composition = compose(["workload=nap"])
    assert composition.problems == []
    assert composition.jobs[0].config["workload"]["seconds"] == 3


@pytest.mark.parametrize(("first", "option"), [("zenith", "nap"), ("embprof", "embedding")])
def test_an_option_that_two_packages_give_is_refused_where_it_is_asked_for(
    site: Path, first: str, option: str
) -> None:
    installed(site, "acme", **{f"workload__{option}": NODE.format(1)})
    if first != "embprof":
        installed(site, first, **{f"workload__{option}": NODE.format(2)})
    names = " and ".join(["embprof", "acme"] if first == "embprof" else ["acme", first])
    (said,) = compose([f"workload={option}"]).problems
    assert said == (
        f"workload={option}: {names} both have an option of that name; "
        f"conf/workload/{option}.yaml in this folder would decide it"
    )
    assert compose(["workload=sql"]).problems == []


def test_an_entry_point_that_names_no_folder_is_a_fault_that_is_named(site: Path) -> None:
    installed(site, "acme")
    with faults.collected() as found:
        folders.conf_folders()
    assert [str(fault) for fault in found] == [
        "acme: its entry point embprof.conf failed: acme.conf is no folder"
    ]


def test_entry_points_of_a_distribution_that_is_there_twice_are_those_of_the_first(
    tmp_path: Path,
) -> None:
    for name in ("a", "b"):
        installed(tmp_path / name, "acme")
    (tmp_path / "b" / "acme-1.0.dist-info" / "entry_points.txt").write_text(
        "[embprof.conf]\nx = other.conf:part [extra]\n"
    )
    places = [str(tmp_path / "a"), str(tmp_path / "b"), str(tmp_path / "none")]
    assert entry_points.values("embprof.conf", places) == {"acme": "acme.conf"}
    assert entry_points.values("embprof.conf", places[1:]) == {"acme": "other.conf"}
