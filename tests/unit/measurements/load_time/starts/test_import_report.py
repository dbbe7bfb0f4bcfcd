"""The imports of a start as files, and the candidates for importing later."""

import json
from pathlib import Path

import pytest

from embprof.measurements.load_time.starts.import_log import Import
from embprof.measurements.load_time.starts.import_report import candidates, in_words, write


def _import(name: str, own: float, *children: Import) -> Import:
    cumulative = own + sum(child.cumulative for child in children)
    return Import(name=name, own=own, cumulative=cumulative, children=children)


TREE = [
    _import("torch", 2.0, _import("torch._C", 1.0)),
    _import(
        "service",
        0.5,
        _import("service.similarity", 0.1, _import("sklearn", 0.4, _import("scipy.stats", 1.5))),
        _import("_private", 3.0),
        _import("tiny", 0.001),
    ),
]


def test_candidates_are_where_one_library_reaches_for_another_the_dearest_first() -> None:
    found = candidates(TREE)
    assert [(one.module, one.imported_by) for one in found] == [
        ("sklearn", "service.similarity"),
        ("scipy.stats", "sklearn"),
    ]
    assert found[0].seconds == pytest.approx(1.9)
    assert in_words(found[:1]) == "sklearn 1.90 s (for service.similarity)"


def test_the_files_hold_the_tree_the_dearest_and_the_packages(tmp_path: Path) -> None:
    as_json, as_text = write({"interpreter": [], "import": TREE, "harness": TREE}, tmp_path)
    content = json.loads(as_json.read_text())
    assert content["by_self"][0]["module"] == "_private"
    assert content["by_cumulative"][0]["module"] == "service"
    assert content["by_package"]["torch"] == pytest.approx(3.0)
    assert content["stages"] == {"interpreter": 0, "import": pytest.approx(8.501)}
    assert content["lazy_import_candidates"][0]["module"] == "sklearn"
    names = [child["module"] for child in content["tree"][1]["imports"]]
    assert names == ["service.similarity", "_private"], "what costs next to nothing is left out"
    assert as_text.read_text().splitlines()[1].split() == ["5.501", "0.500", "service"]


def test_a_start_that_imported_nothing_leaves_empty_files(tmp_path: Path) -> None:
    as_json, _ = write({"interpreter": []}, tmp_path)
    assert json.loads(as_json.read_text())["tree"] == []
