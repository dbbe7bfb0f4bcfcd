"""What a server is set to on machines of all sizes."""

from pathlib import Path

import pytest

from embprof.machine.files import Files
from embprof.services.postgres.settings import memory, settings

GIB = 2**30


def megabytes(value: str) -> int:
    return int(value.removesuffix("MB"))


def test_a_machine_with_room_keeps_an_index_of_the_largest_scenario_in_memory() -> None:
    chosen = settings(16 * GIB, 8 * GIB)
    assert chosen["shared_buffers"] == chosen["maintenance_work_mem"] == "512MB"
    assert chosen["effective_cache_size"] == "4096MB"


@pytest.mark.parametrize("gib", [0.5, 1, 2, 4, 8, 64, 1024])
def test_a_server_never_claims_more_than_a_quarter_of_the_memory(gib: float) -> None:
    chosen = settings(int(gib * GIB), 8 * GIB)
    claimed = megabytes(chosen["shared_buffers"]) + megabytes(chosen["maintenance_work_mem"])
    assert claimed * 2**20 <= gib * GIB / 4
    assert megabytes(chosen["effective_cache_size"]) * 2**20 <= gib * GIB / 2


@pytest.mark.parametrize(("free", "kind"), [(2**26, "sysv"), (2**30 - 1, "sysv"), (2**30, "posix")])
def test_shared_memory_is_taken_where_a_parallel_build_fits(free: int, kind: str) -> None:
    assert settings(16 * GIB, free)["dynamic_shared_memory_type"] == kind


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes", "autovacuum"])
def test_durability_and_upkeep_are_left_as_a_service_has_them(name: str) -> None:
    assert name not in settings(16 * GIB, 8 * GIB)


def test_memory_is_what_any_group_above_this_process_grants(tmp_path: Path) -> None:
    whole = memory(Files(root=tmp_path))
    assert whole > 2**20
    own, above = tmp_path / "proc/self", tmp_path / "sys/fs/cgroup/batch"
    for folder in (own, above):
        folder.mkdir(parents=True)
    (own / "cgroup").write_text("0::/batch/job\n")
    (above / "memory.max").write_text(f"{2**20}\n")
    assert memory(Files(root=tmp_path)) == 2**20
