"""The spine never names a subject: what one workload or measurement is called stands in its folder.

What is outside of the subjects' folders must work for a package from outside as for ours. A name of
ours there is a special case that nobody else can have.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import embprof
from embprof.config import options
from embprof.interface.account import NOTHING
from embprof.interface.subjects import WINGS, Subject, subject

CODE = Path(embprof.__file__).parent
ROOT = CODE.parent
SUBJECTS = ("measurements", "workloads")
OUTSIDE = (*SUBJECTS, "parity", "examples", "testing", "published_paths.py")
"""Folders of subjects, what subjects share, what is measured by way of example or in tests, and
former class paths."""
GROUPS = ("workload", "measurement")
OWN = [
    (group, name, subject(target))
    for group in GROUPS
    for name in options.names(group)
    if (target := options.target(group, name)) is not None
]
SPINE = [
    file for file in sorted(CODE.rglob("*.py")) if file.relative_to(CODE).parts[0] not in OUTSIDE
]
INTERFACE = {
    *("call_time", "cpu_time", "tokens", "padded_tokens"),  # counted with calls, by anybody
    *("elapsed", "calls"),
    "top10_kept",  # of embprof.parity, which is no subject and knows of none
}
"""Quantities that the interface itself defines, for any subject to read."""
MEANT_OTHERWISE = {
    "backends/exported/openvino_graph.py": {"throughput"},  # what a runtime is told to aim at
    "backends/openvino.py": {"throughput"},
    "doctor/page.py": {"memory"},  # of the machine
    "interface/finding.py": {"gap"},  # a kind of finding
    "report/export/junit.py": {"errors"},  # an attribute of JUnit's
    "report/documents/answer.py": {"Throughput"},  # the label of the interface's own rate
}
"""Words that mean something else where they stand."""
METRIC = re.compile(r"^\| `([a-z0-9_]+)`", re.MULTILINE)
SECTION = re.compile(r"^## (\w+)$(.*?)(?=^## )", re.MULTILINE | re.DOTALL)


def _names(which: Subject) -> Iterator[str]:
    """What only this subject knows: its class, its account, its quantities."""
    yield which.target.rpartition(".")[2]
    yield from {*which.account.supporting, *which.account.conclusions} - INTERFACE


def _metrics() -> Iterator[str]:
    """Metrics that stand in the section of a subject alone."""
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    general = set(METRIC.findall(page[: page.index("\n## leak")]))
    sections = dict(SECTION.findall(page))
    own = {name for _, name, _ in OWN} & sections.keys()
    assert own >= {"leak", "memory", "pipeline"}
    yield from {metric for name in own for metric in METRIC.findall(sections[name])} - general


FORBIDDEN = {
    *(name for _, name, _ in OWN),
    *(name for _, _, which in OWN for name in _names(which)),
    *_metrics(),
    "cold",
} - {"parity"}  # the keys and the command of that name are about any answers


def _texts(tree: ast.Module) -> Iterator[str]:
    """Texts in code; what stands by itself is documentation."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in said:
            continue
        if isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("file", SPINE, ids=lambda file: str(file.relative_to(CODE)))
def test_no_module_of_the_spine_names_a_subject(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    name = str(file.relative_to(CODE))
    texts = set(_texts(tree))
    named = texts & FORBIDDEN - MEANT_OTHERWISE.get(name, set())
    words = {word for one in texts for word in re.findall(r"[A-Za-z0-9_]+", one) if "_" in word}
    paths = {one for one in texts if one.startswith(WINGS) and one not in WINGS}
    imported = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(WINGS)
    }
    assert (named, words & FORBIDDEN, paths, imported) == (set(), set(), set(), set())


@pytest.mark.parametrize(("group", "name", "which"), OWN, ids=lambda value: str(value)[:30])
def test_every_subject_has_a_folder_an_account_and_a_page(
    group: str, name: str, which: Subject
) -> None:
    assert which.account is not NOTHING
    assert which.is_own
    assert (ROOT / "conf" / group / f"{name}.yaml").is_file()
    pages = [*(ROOT / "docs" / "how-to").glob("*.md"), *(ROOT / "docs" / "tutorial").glob("*.md")]
    named = re.compile(rf"{group}=([a-z_]+,)*{name}\b|`{name}`")
    assert [page for page in pages if named.search(page.read_text(encoding="utf-8"))]
