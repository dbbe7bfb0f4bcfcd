"""The settings of a server that is started for a sweep, and why they are not PostgreSQL's own.

What a service would have is meant: durable writes (fsync, synchronous_commit, full_page_writes,
checksums), autovacuum, parallel queries, planner costs and work_mem are PostgreSQL's defaults. The
defaults for memory are for a machine of 2005; with them, 50,000 vectors of 384 dimensions and their
index do not fit in memory, and an HNSW index is built many times slower, with a warning.
"""

import contextlib
import os
from collections.abc import Mapping

from embprof.machine import cgroups
from embprof.machine.files import Files

MIB = 2**20


def settings(memory: int, shared_memory: int) -> Mapping[str, str]:
    """Name and value of what is set, for that many bytes of memory, of which free in /dev/shm."""
    eighth = memory // 8 // MIB
    buffers = max(32, min(512, eighth))
    maintenance = max(64, min(512, eighth))
    # A parallel build of an HNSW index takes all of maintenance_work_mem at once from there, and
    # containers are often given 64 MB.
    roomy = shared_memory >= 2 * maintenance * MIB
    return {
        # The tables and indexes of the largest scenario fit.
        "shared_buffers": f"{buffers}MB",
        # An index of 50,000 vectors is built in memory.
        "maintenance_work_mem": f"{maintenance}MB",
        "effective_cache_size": f"{max(128, min(4096, 4 * eighth))}MB",
        # Solid-state disks; the default of 4 is for rotating ones and makes the planner avoid
        # indexes.
        "random_page_cost": "1.1",
        # The package is built without LLVM; PostgreSQL 19 has it off, too.
        "jit": "off",
        # A connection for each of 100 and more concurrent callers.
        "max_connections": "300",
        # No checkpoint of a load or a build falls into what is measured after it.
        "checkpoint_timeout": "30min",
        "max_wal_size": "2GB",
        "dynamic_shared_memory_type": "posix" if roomy else "sysv",
        # The same on every machine, whatever the shell of the user says.
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Reached through a socket in a folder of this user, and by nobody else.
        "listen_addresses": "",
        "cluster_name": "embprof",
    }


def memory(files: Files | None = None) -> int:
    """Bytes of memory this machine has, or the tightest of its cgroups grants."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(physical, cgroups.memory_limit(files or Files()) or physical)


def shared_memory() -> int:
    """Bytes that are free for POSIX shared memory."""
    with contextlib.suppress(OSError):
        found = os.statvfs("/dev/shm")  # noqa: S108  (only its size is read)
        return found.f_bavail * found.f_frsize
    return 0
