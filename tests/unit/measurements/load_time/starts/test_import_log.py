"""What the interpreter says of its imports, to a tree by stage."""

import pytest

from embprof.measurements.load_time.starts.import_log import Import, parse, without_it

LOG = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 | site

embprof stage: import
import time:       300 |        300 |     numpy.core
import time:       200 |        500 |   numpy
import time:        50 |         50 |   json
import time:      1000 |       1550 | service
\rLoading weights:  10%|import time:        10 |         10 | lonely
a warning of the service

embprof stage: load
import time:         7 |          7 | late
"""


def test_children_stand_below_the_import_that_needed_them() -> None:
    service, lonely = parse(LOG)["import"]
    assert (service.name, service.own, service.cumulative) == ("service", 0.001, 0.00155)
    numpy, json = service.children
    assert (numpy.name, json.name) == ("numpy", "json")
    assert [child.name for child in numpy.children] == ["numpy.core"]
    assert lonely == Import(name="lonely", own=1e-5, cumulative=1e-5)


def test_each_stage_has_the_imports_made_in_it() -> None:
    stages = parse(LOG)
    assert [one.name for one in stages["interpreter"]] == ["site"]
    assert [one.name for one in stages["load"]] == ["late"]


def test_the_self_times_of_a_tree_add_up_to_its_cumulative_time() -> None:
    service, _ = parse(LOG)["import"]
    assert sum(one.own for one in service.walk()) == pytest.approx(service.cumulative)


def test_what_the_service_said_is_kept_apart_from_the_log() -> None:
    assert without_it(LOG) == "\rLoading weights:  10%|a warning of the service\n"


def test_a_log_without_imports_has_none() -> None:
    assert parse("") == {"interpreter": []}
