"""Who is to blame for a rate that was missed, by what was used on the machine meanwhile."""

from embprof.machine.validity import Counters
from embprof.measurements.load.disturbance import Neighbours

SECONDS = 10.0


class Machine:
    """Two CPUs on which others use so much, and the service so much for each call it answers."""

    def __init__(self, *, a_call: float = 0.0, is_ours: bool = False, steal: float = 0.0) -> None:
        self.a_call, self.is_ours, self.steal = a_call, is_ours, steal
        self.clock = self.busy = self.own = self.stolen = 0.0
        self.neighbours = Neighbours(own_cpu_seconds=lambda: self.own, cpus=2, read=self.read)

    def read(self) -> Counters:
        return Counters(
            clock=self.clock,
            busy=self.busy,
            steal=self.stolen,
            total=2 * self.clock,
            throttled=None,
            memory_stall=None,
        )

    def tried(self, rate: float, *, served: float, others: float = 0.0) -> str | None:
        """A try of ten seconds in which so many calls a second were answered."""
        began = self.neighbours.begin()
        self.clock += SECONDS
        self.own += SECONDS * self.a_call * served * self.is_ours
        self.busy += SECONDS * (self.a_call * served + others)
        self.stolen += 2 * SECONDS * self.steal
        return self.neighbours.blame(began, rate, round(served * SECONDS))


def test_on_a_quiet_machine_nobody_is_to_blame_wherever_the_service_runs() -> None:
    for is_ours in (True, False):
        machine = Machine(a_call=0.015, is_ours=is_ours)
        blamed = [machine.tried(rate, served=min(rate, 50)) for rate in (30, 60, 60, 45, 52)]
        known = 0 if is_ours else 2  # tries after which it is clear what a call takes elsewhere
        assert set(blamed[known:]) == {None}


def test_a_neighbour_is_named_with_what_it_used() -> None:
    machine = Machine(a_call=0.015, is_ours=True)
    assert machine.tried(30, served=30) is None
    assert machine.tried(45, served=43, others=0.33) == "others used 33 % of a CPU"
    assert machine.tried(45, served=45) is None


def test_a_neighbour_beside_a_server_of_ours_is_told_from_the_server() -> None:
    machine = Machine(a_call=0.01)
    for rate in (20, 40, 80):
        machine.tried(rate, served=rate)
    assert machine.tried(60, served=55, others=0.4) == "others used 40 % of a CPU"


def test_a_neighbour_is_not_to_blame_for_what_the_service_could_not_do_alone() -> None:
    machine = Machine(a_call=0.0, is_ours=True)
    machine.tried(30, served=30)
    assert machine.tried(64, served=50, others=0.33) is not None
    assert machine.tried(70, served=50, others=0.33) is None


def test_time_that_was_stolen_is_told() -> None:
    machine = Machine(is_ours=True, steal=0.03)
    assert machine.tried(30, served=29) == "3 % of the CPU time was stolen"
