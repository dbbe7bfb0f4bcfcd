"""A comparison as a JUnit report."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from embprof.comparison.sets import Compared, compare
from embprof.model import Status, Stored, StoredRuns
from embprof.report.export.junit import text

MakeCompared = Callable[..., Compared]


def read(compared: Compared) -> ET.Element:
    return ET.fromstring(text(compared).encode("utf-8"))


def outcomes(suites: ET.Element) -> list[str]:
    """What each test case came to, in order."""
    found = []
    for case in suites.iter("testcase"):
        tags = [child.tag for child in case if child.tag != "system-out"]
        found.append(tags[0] if tags else "passed")
    return found


def test_slower_rows_fail_and_rows_without_a_verdict_are_skipped(compared: MakeCompared) -> None:
    suites = read(compared())
    assert outcomes(suites) == ["failure", "passed", "passed", "skipped", "skipped", "skipped"]
    for element in (suites, suites[0]):
        counts = {name: element.get(name) for name in ("tests", "failures", "skipped", "errors")}
        assert counts == {"tests": "6", "failures": "1", "skipped": "3", "errors": "0"}


def test_a_case_is_named_by_what_sets_its_row_apart(compared: MakeCompared) -> None:
    names = [case.get("name") for case in read(compared()).iter("testcase")]
    assert names[0] == "batch_size=8 throughput_texts_per_s"
    assert len(set(names)) == 6


def test_reasons_stand_in_the_messages(compared: MakeCompared) -> None:
    messages = [e.get("message") for e in read(compared()).iter() if e.get("message")]
    assert messages[0] is not None
    assert messages[0].startswith("slower: +25 % (+2")
    assert "unclear: B failed: it | <broke>" in messages
    assert "incomparable: cpu_model: one / two" in messages


def test_with_a_bound_only_rows_beyond_it_fail_and_open_ones_are_skipped(
    compared: MakeCompared,
) -> None:
    assert outcomes(read(compared(bound=0.05))) == [
        *("failure", "passed", "passed", "passed"),
        *("skipped", "skipped"),
    ]
    assert outcomes(read(compared(bound=0.9)))[0] == "passed"


@pytest.mark.parametrize(
    "hostile",
    ['"&<>]]>', "\x00\x1b[31m\x07", "\ufffe\uffff", "\udcff", "name\nwith\tlines", "𝛉 → Δ"],
)
def test_hostile_names_and_reasons_leave_the_report_valid(
    stored: Callable[..., Stored], hostile: str
) -> None:
    def side(name: str) -> StoredRuns:
        runs = [
            stored(
                number=n,
                session=name,
                config={"path": f"{hostile}{n}"},
                status=Status.FAILED,
                reason=hostile,
            )
            for n in (0, 1)
        ]
        return StoredRuns(name=f"{name}{hostile}", sessions=(tuple(runs),))

    suites = read(compare(side("a"), side("b")))
    assert outcomes(suites) == ["skipped", "skipped"]
    assert text(compare(side("a"), side("b"))).startswith('<?xml version="1.0" encoding="UTF-8"?>')
