"""Facts about this machine that bound every figure measured on it. Reads, never changes anything.

What the system does not tell (no ``/proc``, no cgroups) is None; nothing is guessed.
"""

import ctypes
import functools
import hashlib
import os
import platform
import re

import psutil

from embprof.machine import cgroups
from embprof.machine.files import Files

_files = Files()


def cpus_usable() -> int:
    """CPUs this process may run on: its affinity, bounded by its cgroup's quota (rounded up)."""
    usable = len(affinity() or ()) or os.cpu_count() or 1
    quota = cgroup_cpu_quota()
    return usable if quota is None else max(1, min(usable, -int(-quota // 1)))


def threads(number: int | None) -> int:
    """Compute threads of a job: as configured, else as the environment says, else one per CPU.

    Of a list (``4,2``: OpenMP's levels) the first counts.
    """
    if number is not None:
        return number
    given = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(given) if given.isdigit() and int(given) > 0 else cpus_usable()


def wait_policy(policy: str) -> str:
    """How idle OpenMP threads will wait: as asked, or as the user's environment says."""
    if policy != "default":
        return policy
    return os.environ.get("OMP_WAIT_POLICY", policy).lower()


def affinity() -> tuple[int, ...] | None:
    """The CPUs this process may run on, where the system has affinities."""
    if not hasattr(os, "sched_getaffinity"):  # macOS and Windows have none
        return None
    return tuple(sorted(os.sched_getaffinity(0)))


def cgroup_cpu_quota() -> float | None:
    """CPUs' worth of time that the tightest of our cgroups grants, None when unlimited."""
    return cgroups.cpu_quota(_files)


@functools.cache
def cpu_model() -> str:
    """The processor's name as the system says it, with family, model and stepping where known."""
    info = _files.text("proc/cpuinfo")
    if info is None:
        return platform.processor() or platform.machine()
    fields = dict(
        re.findall(r"^(model name|cpu family|model|stepping)\s*: (.*)$", info, re.MULTILINE)
    )
    name = fields.get("model name", platform.machine())
    numbers = [fields[key] for key in ("cpu family", "model", "stepping") if key in fields]
    return f"{name} ({'/'.join(numbers)})" if numbers else name


def cpu_flags() -> frozenset[str]:
    """The processor's instruction sets as the system names them; none where it does not list them.

    ``avx512_vnni`` on x86, ``asimddp`` on ARM.
    """
    info = _files.text("proc/cpuinfo") or ""
    flags = re.search(r"^(?:flags|Features)\s*: (.*)$", info, re.MULTILINE)
    return frozenset(flags[1].split()) if flags else frozenset()


@functools.cache
def cpu_flags_sha256() -> str | None:
    """Hex SHA-256 of the sorted instruction-set flags, None where the system does not list them."""
    flags = cpu_flags()
    return hashlib.sha256(" ".join(sorted(flags)).encode()).hexdigest() if flags else None


def governor() -> str | None:
    """The first CPU's frequency governor."""
    return _files.text("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


def boot_id() -> str:
    """Tells this boot of this machine from every other, so that process ids can be told apart."""
    return _files.text("proc/sys/kernel/random/boot_id") or platform.node()


def process_start(pid: int) -> float | None:
    """When a process started, to tell it from a later one of the same number; None if it is gone.

    On Linux in clock ticks since boot (proc_pid_stat(5), field 22), which stays the same when the
    wall clock is set; elsewhere seconds since 1970.
    """
    try:
        if (status := _files.text(f"proc/{pid}/stat")) is not None:
            return float(status.rpartition(")")[2].split()[19])
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


@functools.cache
def nvidia_gpus() -> tuple[str, ...]:
    """Names of the NVIDIA GPUs that CUDA_VISIBLE_DEVICES leaves visible, by CUDA's number.

    Asks the driver's management library, which creates no CUDA context: the process that plans must
    not hold the GPU that is to be measured.
    """
    try:
        nvml = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return ()
    if nvml.nvmlInit_v2() != 0:
        return ()
    try:
        count = ctypes.c_uint()
        if nvml.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
            return ()
        names = [_nvidia_gpu_name(nvml, index) for index in range(count.value)]
    finally:
        nvml.nvmlShutdown()
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return tuple(names)
    chosen = [part.strip() for part in visible.split(",") if part.strip() not in ("", "-1")]
    if all(part.isdigit() for part in chosen):
        return tuple(names[int(part)] for part in chosen if int(part) < len(names))
    return tuple(names[: len(chosen)])  # chosen by UUID: as many, order unknown


def _nvidia_gpu_name(nvml: ctypes.CDLL, index: int) -> str:
    handle = ctypes.c_void_p()
    name = ctypes.create_string_buffer(96)
    nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle))
    nvml.nvmlDeviceGetName(handle, name, len(name))
    return name.value.decode(errors="replace")


def why_unavailable(device: str) -> str | None:
    """Why ``device`` cannot be measured on this machine, or None when it can."""
    if device.startswith("cuda"):
        number = int(device.partition(":")[2] or 0)
        gpus = nvidia_gpus()
        if not gpus:
            return "no NVIDIA GPU on this machine"
        if number >= len(gpus):
            return f"this machine has {len(gpus)} NVIDIA GPU(s), numbered from 0"
    if device == "mps" and (platform.system(), platform.machine()) != ("Darwin", "arm64"):
        return "no Apple GPU on this machine"
    return None


def accelerator(device: str) -> str | None:
    """The name of the GPU behind ``device``, None for the CPU."""
    if device.startswith("cuda"):
        gpus = nvidia_gpus()
        number = int(device.partition(":")[2] or 0)
        return gpus[number] if number < len(gpus) else None
    return "Apple GPU" if device == "mps" else None
