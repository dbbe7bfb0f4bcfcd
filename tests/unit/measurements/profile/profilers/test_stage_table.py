"""Stages over many calls, with what is left as other."""

import pytest

from embprof.interface.stages import StageTime
from embprof.measurements.profile.profilers.stage_table import StageTable


def time(seconds: float, calls: int = 1) -> StageTime:
    return StageTime(seconds=seconds, calls=calls)


@pytest.fixture
def table() -> StageTable:
    made = StageTable(("tokenize", "forward", "forward/layer_0", "forward/layer_0/attention"))
    for _ in range(2):
        made.add(
            0.010,
            {
                "tokenize": time(0.001),
                "forward": time(0.008, calls=2),
                "forward/layer_0": time(0.006, calls=2),
                "forward/layer_0/attention": time(0.004, calls=2),
            },
        )
    return made


def test_the_stages_of_a_call_make_up_its_time() -> None:
    table = StageTable(("tokenize", "forward", "forward/layer_0"))
    found = table.add(0.010, {"tokenize": time(0.001), "forward": time(0.008)})
    assert list(found) == ["tokenize", "forward", "other"]
    assert found["other"] == pytest.approx(0.001)
    assert sum(found.values()) == pytest.approx(0.010)


def test_a_stage_that_did_not_happen_took_no_time() -> None:
    assert StageTable(("tokenize",)).add(0.01, {})["tokenize"] == 0.0


def test_a_stage_that_nobody_named_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not name forward"):
        StageTable(("tokenize",)).add(0.01, {"forward": time(0.001)})


def test_the_file_has_milliseconds_shares_and_calls_of_a_call(table: StageTable) -> None:
    content = table.as_json([0.009, 0.009])
    rows = {row["stage"]: row for row in content["stages"]}
    assert list(rows)[-1] == "other"
    assert (content["calls"], content["call_ms"], content["bare_call_ms"]) == (
        2,
        pytest.approx(10.0),
        pytest.approx(9.0),
    )
    assert rows["forward"]["ms"] == pytest.approx(8.0)
    assert rows["forward"]["percent"] == pytest.approx(80.0)
    assert rows["forward"]["calls"] == 2.0
    whole = sum(row["ms"] for name, row in rows.items() if "/" not in name)
    assert whole == pytest.approx(content["call_ms"])


def test_a_stages_own_time_is_without_its_direct_parts(table: StageTable) -> None:
    rows = {row["stage"]: row for row in table.as_json([])["stages"]}
    assert rows["forward"]["own_ms"] == pytest.approx(2.0)
    assert rows["forward/layer_0"]["own_ms"] == pytest.approx(2.0)
    assert rows["forward/layer_0/attention"]["own_ms"] == pytest.approx(4.0)


def test_without_calls_there_is_a_table_of_zeros() -> None:
    content = StageTable(("tokenize",)).as_json([])
    assert content["bare_call_ms"] is None
    assert [row["ms"] for row in content["stages"]] == [0.0, 0.0]
