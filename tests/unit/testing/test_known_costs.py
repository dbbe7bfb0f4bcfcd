"""The workloads of known cost and known faults that ship with embprof."""

import time

import pytest

from embprof.testing import Busy, Fails, FakeClock, Prints, Sleep


def test_a_fake_clock_moves_only_when_told() -> None:
    clock = FakeClock(now=5.0)
    assert (clock(), clock()) == (5.0, 5.0)
    clock.advance(0.25)
    assert clock() == 5.25


def test_a_nap_takes_its_seconds_and_counts_its_items(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    workload = Sleep(seconds=0.5, batch_size=7)
    workload.load()
    assert workload.step() == 7
    workload.close()
    assert slept == [0.5]
    assert workload.items == "naps"


def test_a_busy_step_uses_its_seconds_of_cpu_time() -> None:
    before = time.process_time()
    assert Busy(seconds=0.01, batch_size=3).step() == 3
    assert time.process_time() - before >= 0.01


def test_a_failing_workload_fails_at_its_step_and_not_before() -> None:
    workload = Fails(seconds=0, how="raise", at=2)
    workload.load()
    assert workload.step() == 1
    with pytest.raises(RuntimeError, match="failed on purpose"):
        workload.step()


def test_a_chatty_workload_prints_from_python_and_from_below(
    capfd: pytest.CaptureFixture[str],
) -> None:
    Prints(seconds=0).step()
    out, err = capfd.readouterr()
    assert "chatter on stdout" in out
    assert "chatter from below" in out
    assert "chatter on stderr" in err
