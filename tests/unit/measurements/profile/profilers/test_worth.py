"""The rule of what is worth optimising."""

from collections.abc import Mapping
from typing import Any

from embprof.measurements.profile.profilers.worth import worth_optimising


def site(function: str, size: float) -> Mapping[str, Any]:
    return {"function": function, "file": "a.py", "line": 1, "bytes_per_call": size}


def test_what_is_above_a_threshold_is_named_with_its_figures() -> None:
    found = worth_optimising(
        [{"function": "large", "self_percent": 5.1}, {"function": "small", "self_percent": 5.0}],
        [site("many", 1.1e6), site("few", 1.0e6)],
        [
            {"place": "a.py:1", "wait_ms_per_call": 101.0},
            {"place": "b.py:1", "wait_ms_per_call": 100.0},
        ],
        {},
    )
    assert [row["function"] for row in found["functions"]] == ["large"]
    assert [row["function"] for row in found["allocation_sites"]] == ["many"]
    assert [row["place"] for row in found["lock_waits"]] == ["a.py:1"]
    assert found["rule"] == {
        "function_self_percent_above": 5.0,
        "allocated_mb_per_call_above": 1.0,
        "lock_wait_ms_per_call_above": 100.0,
    }


def test_what_nobody_looked_for_is_told_from_nothing_found() -> None:
    found = worth_optimising([], None, None, {"allocation_sites": "no memray"})
    assert found["allocation_sites"] is None
    assert found["lock_waits"] is None
    assert found["not_looked_for"] == {"allocation_sites": "no memray"}
