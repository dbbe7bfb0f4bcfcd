"""A closer look at what a job was concluded to be, where that asks for one."""

import dataclasses

from embprof.errors import WorkerError
from embprof.interface import faults
from embprof.interface.conclusions import conclude
from embprof.masking import masked, masked_text
from embprof.run.ending import Phase
from embprof.run.recorder import Recorder


def follow_up(recorder: Recorder, phase: Phase, deadline: float) -> None:
    """Looks, in a process of its own; what was measured stands, however that ends."""
    with faults.collected():  # told when the run is concluded
        wanted = conclude(recorder.slices, recorder.subjects).follow_up
    if wanted is None:
        return
    phase.enter(wanted.phase)
    spec = dataclasses.replace(recorder.spec(fresh=True), measurement=wanted.measurement)
    try:
        with recorder.context.workers.start(spec) as worker:
            worker.ask("open", deadline=deadline)
            worker.ask("observe", wanted.iterations, deadline=deadline)
            recorder.description |= masked(worker.ask("facts", deadline=deadline).found)
            for file in worker.ask("close", deadline=deadline):
                recorder.folder.add(file, restart=0)
    except WorkerError as error:
        recorder.description["follow_up"] = masked_text(f"none: {phase.reason(error)}")
