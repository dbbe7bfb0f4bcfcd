"""A comparison as a JUnit report, which CI systems show: one test case per row."""

import re
from xml.etree import ElementTree as ET

from embprof.comparison.sets import Compared, Row
from embprof.comparison.stored import Outcome
from embprof.model import Comparison, Verdict
from embprof.report.comparison_phrases import a_value, b_value, change
from embprof.units import percent, signed

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, however it is quoted (section 2.2)."""


def text(compared: Compared) -> str:
    """The report: slower rows fail, unclear and incomparable ones are skipped with the reason.

    Where a bound was given, rows beyond it fail, and those are skipped that may be or may not.
    """
    name = f"embprof compare {compared.a.name} {compared.b.name}"
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", name=_clean(name))
    for row in compared.rows:
        label = f"{row.label} {row.comparison.figure}".strip()
        case = ET.SubElement(suite, "testcase", classname="embprof.compare", name=_clean(label))
        _judge(case, row, compared)
        ET.SubElement(case, "system-out").text = _clean(_values(row.comparison))
    for element in (suites, suite):
        element.set("tests", str(len(compared.rows)))
        for attribute, tag in (("failures", "failure"), ("skipped", "skipped")):
            element.set(attribute, str(sum(1 for _ in suite.iter(tag))))
        element.set("errors", "0")
    ET.indent(suites)
    return f"{DECLARATION}\n{ET.tostring(suites, encoding='unicode')}\n"


def _judge(case: ET.Element, row: Row, compared: Compared) -> None:
    comparison = row.comparison
    message = f"{comparison.verdict.value}: {comparison.reason or _change(comparison)}"
    if compared.bound is not None:
        if row.outcome is Outcome.BEYOND:
            message = f"worse by more than {percent(compared.bound)}: {_change(comparison)}"
            ET.SubElement(case, "failure", message=_clean(message), type="regression")
        elif row.outcome is Outcome.OPEN:
            ET.SubElement(case, "skipped", message=_clean(message))
    elif comparison.verdict is Verdict.SLOWER:
        ET.SubElement(case, "failure", message=_clean(message), type="slower")
    elif comparison.verdict in (Verdict.UNCLEAR, Verdict.INCOMPARABLE):
        ET.SubElement(case, "skipped", message=_clean(message))


def _change(found: Comparison) -> str:
    if found.low is None or found.high is None:
        return change(found) or "no ratio"
    return f"{change(found)} ({signed(found.low - 1)} to {signed(found.high - 1)})"


def _values(found: Comparison) -> str:
    a, b = (value(found) or "none" for value in (a_value, b_value))
    return f"{found.figure}: A {a}, B {b}; change of the cost {_change(found)}"


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
