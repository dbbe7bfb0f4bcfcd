"""What readings say, and how far that can be trusted: pure functions over numbers.

The figures of simulation in these modules are coverages and rates in percent; the noise they were
measured on is described in ``docs/explanation/intervals.md``.
"""
