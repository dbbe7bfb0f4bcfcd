"""CPU time of a process and of all that it has started."""

import os
import subprocess
import sys

from embprof.machine.process_tree import cpu_seconds


def test_work_of_this_process_is_counted() -> None:
    before = cpu_seconds(os.getpid())
    used = os.times()
    start = used.user + used.system
    while sum(os.times()[:2]) < start + 0.05:
        pass
    assert cpu_seconds(os.getpid()) >= before + 0.03


def test_work_of_a_child_is_counted_once_it_was_waited_for() -> None:
    before = cpu_seconds(os.getpid())
    work = "import os\nwhile os.times().user < 0.1: pass"
    subprocess.run([sys.executable, "-c", work], check=True)
    assert cpu_seconds(os.getpid()) >= before + 0.08


def test_of_a_process_that_is_gone_nothing_is_counted() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert cpu_seconds(gone.pid) == 0
