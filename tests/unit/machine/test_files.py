"""The system's files, there or not."""

from collections.abc import Callable, Mapping

import pytest

from embprof.machine.files import Files, cpu_list

MakeFiles = Callable[[Mapping[str, str]], Files]


def test_what_is_not_there_is_none(files: MakeFiles) -> None:
    empty = files({})
    assert empty.text("proc/stat") is None
    assert empty.number("proc/stat") is None
    assert empty.matching("sys/*/cpu") == []


def test_a_folder_is_no_text(files: MakeFiles) -> None:
    assert files({"sys/a/b": "1"}).text("sys/a") is None


def test_text_is_stripped_and_numbers_are_whole(files: MakeFiles) -> None:
    some = files({"sys/one": " 42 \n", "sys/two": "max"})
    assert some.text("sys/one") == "42"
    assert some.number("sys/one") == 42
    assert some.number("sys/two") is None


def test_what_fits_a_pattern_can_be_read_again(files: MakeFiles) -> None:
    some = files({"sys/cpu1/x": "b", "sys/cpu0/x": "a", "sys/other/x": "c"})
    found = some.matching("sys/cpu[0-9]*/x")
    assert found == ["sys/cpu0/x", "sys/cpu1/x"]
    assert [some.text(path) for path in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("0", {0}),
        ("0-3", {0, 1, 2, 3}),
        ("0-1,8,10-11", {0, 1, 8, 10, 11}),
        ("", set()),
        (None, set()),
    ],
)
def test_a_list_of_cpus_is_written_in_ranges(text: str | None, cpus: set[int]) -> None:
    assert cpu_list(text) == cpus


def test_what_a_file_counts_is_known_by_name_in_bytes_where_it_says_kb(files: MakeFiles) -> None:
    text = (
        "MemTotal:       16 kB\nActive(anon): 3 kB\nHugePages_Total:       2\npswpin 7\nName:\tx\n"
    )
    found = files({"proc/meminfo": text})
    assert found.counters("proc/meminfo", "MemTotal", "pswpin", "SwapFree") == {
        "MemTotal": 16384,
        "pswpin": 7,
    }
    assert found.counters("proc/vmstat", "pswpin") == {}
