"""NVIDIA GPUs: who else computes on them, and whether they fall asleep between jobs."""

from embprof.doctor.traps.trap import Trap, all_known, fine, note, warning
from embprof.machine.facts import Facts
from embprof.units import counted


def gpu_neighbours(facts: Facts) -> Trap:
    """Kernels of two processes take turns on a GPU."""
    if not facts.gpus.known:
        return note(
            f"{counted(facts.gpus.count, 'NVIDIA GPU')}, whose state cannot be read",
            "pip install nvidia-ml-py",
        )
    busy = [gpu for gpu in facts.gpus.known if gpu.processes]
    if not busy:
        all_known(gpu.processes for gpu in facts.gpus.known)
        return fine("nobody computes on a GPU")
    which = ", ".join(f"{gpu.name} (processes: {gpu.processes})" for gpu in busy)
    return warning(
        f"others compute on {which}", "nvidia-smi shows who; end them, or take another GPU"
    )


def gpu_persistence(facts: Facts) -> Trap:
    """Without persistence mode the driver puts an unused GPU away, and sets it up for each job.

    Source: NVIDIA driver persistence, "Background": loading takes 1-3 s a GPU.
    """
    modes = all_known(gpu.persistent for gpu in facts.gpus.known)
    if all(modes):
        return fine("on")
    return note(
        "off: the first use of a GPU after a pause takes seconds, which load times show",
        "sudo nvidia-smi -pm 1",
    )
