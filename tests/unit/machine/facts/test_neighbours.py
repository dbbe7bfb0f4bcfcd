"""Who else is at work."""

import os
import subprocess
import sys

from embprof.machine.facts.neighbours import Neighbour, Use, busiest, uses, watch
from embprof.machine.files import Files


def use(seconds: float, started: float = 1.0, name: str = "python") -> Use:
    return Use(name=name, started=started, seconds=seconds)


def test_the_busiest_come_first_and_the_idle_not_at_all() -> None:
    before = {1: use(5.0), 2: use(5.0), 3: use(5.0, name="make"), 4: use(1.0), 5: use(1.0)}
    after = {
        1: use(5.0),
        2: use(6.0),
        3: use(7.0, name="make"),
        4: use(1.2),
        5: use(1.4),
        6: use(0.01),
    }
    found = busiest(before, after, 2.0)
    assert [one.pid for one in found] == [3, 2, 5]
    assert found[0] == Neighbour(pid=3, name="make", share=1.0)


def test_a_new_process_has_all_its_time_from_now_also_under_an_old_number() -> None:
    found = busiest({7: use(50.0)}, {7: use(1.0, started=2.0), 8: use(0.5)}, 1.0)
    assert [(one.pid, one.share) for one in found] == [(7, 1.0), (8, 0.5)]


def test_a_process_that_has_ended_is_not_named() -> None:
    assert busiest({7: use(50.0)}, {}, 1.0) == ()


def test_this_process_is_not_its_own_neighbour() -> None:
    assert os.getpid() not in uses()


def test_somebody_at_work_is_seen_while_we_sleep() -> None:
    spin = "import time\nend = time.monotonic() + 20\nwhile time.monotonic() < end: pass"
    with subprocess.Popen([sys.executable, "-c", spin]) as neighbour:
        try:
            quiet = watch(Files(), 0.3)
        finally:
            neighbour.kill()
    assert quiet.window.seconds >= 0.3
    if quiet.window.others is not None:
        assert quiet.window.others > 0
    assert quiet.load is None or quiet.load >= 0
