"""What differs between two sets of runs: configuration, protocol, environment."""

from collections.abc import Callable

from embprof.comparison.differences import Change, axes, between, differences, shown
from embprof.model import Stored

MakeStored = Callable[..., Stored]


def config(number: int, **changes: object) -> dict[str, object]:
    size = 8 * 2**number
    plain = {"batch_size": size, "workload": {"_target_": "a.B", "batch_size": size}}
    return {**plain, **changes}


def test_what_changes_alike_in_all_rows_is_one_change(stored: MakeStored) -> None:
    pairs = [
        (
            stored(number=n, config=config(n, backend={"dtype": "float32"})),
            stored(number=n, config=config(n, backend={"dtype": "bfloat16"})),
        )
        for n in range(3)
    ]
    found = differences(pairs)
    assert found.config == (Change(name="backend.dtype", a="float32", b="bfloat16", rows=3),)
    assert found.config_of_some == ()


def test_what_changes_in_some_rows_or_otherwise_is_named(stored: MakeStored) -> None:
    pairs = [
        (stored(config=config(0, seed=0, path="a")), stored(config=config(0, seed=0, path="b"))),
        (stored(config=config(1, seed=0, path="c")), stored(config=config(1, seed=1, path="d"))),
    ]
    found = differences(pairs)
    assert found.config == ()
    assert found.config_of_some == ("path", "seed")


def test_a_parameter_that_repeats_a_key_is_not_told_twice(stored: MakeStored) -> None:
    found = differences([(stored(config=config(0)), stored(config=config(1)))])
    assert [change.name for change in found.config] == ["batch_size"]


def test_protocol_and_housekeeping_are_no_part_of_the_question(stored: MakeStored) -> None:
    a = stored(config=config(0, max_seconds=20, warmup={"seconds": 1}, question="a", strict=True))
    b = stored(config=config(0, max_seconds=60, warmup={"seconds": 1}, question="b", strict=False))
    found = differences([(a, b)])
    assert found.config == ()
    assert found.protocol == (Change(name="max_seconds", a="20", b="60"),)


def test_the_soft_environment_is_told_once_for_all_rows(stored: MakeStored) -> None:
    old = {"python": "3.11.8", "packages": {"torch": "2.12", "numpy": "2.0"}, "governor": None}
    new = {
        "python": "3.11.8",
        "packages": {"torch": "2.13", "numpy": "2.0"},
        "governor": "schedutil",
    }
    pairs = [(stored(number=n, soft=old), stored(number=n, soft=new)) for n in range(4)]
    assert differences(pairs).environment == (
        Change(name="packages.torch", a="2.12", b="2.13", rows=4),
        Change(name="governor", a="none", b="schedutil", rows=4),
    )


def test_a_hash_is_shown_by_its_first_digits() -> None:
    assert shown("ab" * 32) == "ab" * 6
    assert (shown(None), shown(True), shown(1.5)) == ("none", "true", "1.5")


def test_parts_that_only_one_side_has_differ() -> None:
    assert between({"a": 1}, {"b": None, "c": 2}) == [
        Change(name="a", a="1", b="none"),
        Change(name="c", a="none", b="2"),
    ]


def test_rows_are_told_apart_by_the_first_of_the_keys_that_do_it(stored: MakeStored) -> None:
    runs = [
        stored(config=config(n, model={"name": name, "sha256": name}))
        for n in (0, 1)
        for name in ("mini", "base")
    ]
    assert axes(runs) == {
        "batch_size": ("8", "8", "16", "16"),
        "model.name": ("mini", "base", "mini", "base"),
    }


def test_one_run_has_no_axes(stored: MakeStored) -> None:
    assert axes([stored()]) == {}
    assert axes([]) == {}
