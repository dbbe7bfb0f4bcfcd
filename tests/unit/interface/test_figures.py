"""Raw readings to figures."""

from collections.abc import Callable, Sequence

import pytest

from embprof.interface.figures import figures
from embprof.model import Figure, Samples, Slice, Summary

MakeSlice = Callable[..., Slice]


def quantity(name: str, unit: str, *values: float, summary: Summary = "mean") -> Samples:
    return Samples(name=name, unit=unit, better="lower", values=values, summary=summary)


def by_name(slices: Sequence[Slice], items: str = "texts") -> dict[str, Figure]:
    found = figures(slices, items)
    assert len({figure.name for figure in found}) == len(found)
    return {figure.name: figure for figure in found}


def value(figure: Figure) -> float:
    assert figure.estimate is not None
    return figure.estimate.value


def test_throughput_is_all_items_over_all_seconds(piece: MakeSlice) -> None:
    found = by_name([piece(0.1, 0.3, items=10), piece(0.6, items=30)])
    assert value(found["throughput_texts_per_s"]) == pytest.approx(50.0)
    assert found["throughput_texts_per_s"].better == "higher"


def test_throughput_of_many_readings_has_an_interval_around_it(piece: MakeSlice) -> None:
    seconds = [0.1 + 0.01 * (n % 7) for n in range(50)]
    estimate = by_name([piece(*seconds)])["throughput_texts_per_s"].estimate
    assert estimate is not None
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < estimate.value < estimate.high
    assert (estimate.n, estimate.basis) == (50, "readings of one process")


def test_restarts_are_the_unit_of_inference_where_there_are_several(piece: MakeSlice) -> None:
    slices = [piece(*(0.1 + 0.01 * restart,) * 20, restart=restart) for restart in range(3)]
    estimate = by_name(slices)["throughput_texts_per_s"].estimate
    assert estimate is not None
    assert (estimate.n, estimate.basis) == (3, "3 restarts")
    assert estimate.value == pytest.approx(600 / 6.6)


def test_warm_up_is_in_no_figure(piece: MakeSlice) -> None:
    cold = piece(100.0, warmup=True, more=(quantity("peak_rss", "MB", 9999.0),))
    warm = piece(*(0.1,) * 10, more=(quantity("peak_rss", "MB", 100.0),))
    assert by_name([cold, warm]) == by_name([warm])


def test_without_measured_slices_there_are_no_figures(piece: MakeSlice) -> None:
    assert figures([], "texts") == ()
    assert figures([piece(0.1, warmup=True)], "texts") == ()


def test_service_times_are_percentiles_in_milliseconds(piece: MakeSlice) -> None:
    found = by_name([piece(*(n / 1000 for n in range(1, 401)))])
    assert value(found["latency_p50_ms"]) == pytest.approx(200.5)
    assert value(found["latency_p95_ms"]) == pytest.approx(380.05)
    assert value(found["latency_p99_ms"]) == pytest.approx(396.01)
    assert found["latency_p50_ms"].better == "lower"


def test_service_times_an_item_are_named_after_one_item(piece: MakeSlice) -> None:
    slices = [piece(*(0.5,) * 10, items=10)]
    assert value(by_name(slices, "texts")["latency_per_text_p50_ms"]) == pytest.approx(50.0)
    assert "latency_per_query_p50_ms" in by_name(slices, "queries")


@pytest.mark.parametrize(("readings", "noted"), [(5, 3), (71, 2), (367, 1), (368, 0)])
def test_a_percentile_that_the_readings_cannot_bound_says_how_many_it_needs(
    piece: MakeSlice, readings: int, noted: int
) -> None:
    found = by_name([piece(*(0.1,) * readings)])
    notes = {q: found[f"latency_p{q}_ms"].note for q in (50, 95, 99)}
    expected = {50: "n/a (n<6)", 95: "n/a (n<72)", 99: "n/a (n<368)"}
    assert [q for q in notes if notes[q]] == [50, 95, 99][3 - noted :]
    assert all(note == expected[q] for q, note in notes.items() if note)
    assert all((figure.estimate is None) == (figure.note is not None) for figure in found.values())


def test_tokens_and_padding_come_from_totals(piece: MakeSlice) -> None:
    more = (quantity("tokens", "1", 300.0), quantity("padded_tokens", "1", 400.0))
    found = by_name([piece(0.5, 0.5, more=more), piece(1.0, more=more)])
    assert value(found["tokens_per_s"]) == pytest.approx(300.0)
    assert value(found["padding_percent"]) == pytest.approx(25.0)
    assert "tokens" not in found
    assert "padded_tokens" not in found


def test_a_workload_without_padding_has_no_padding_figure(piece: MakeSlice) -> None:
    found = by_name([piece(0.5, more=(quantity("tokens", "1", 300.0),))])
    assert value(found["tokens_per_s"]) == pytest.approx(600.0)
    assert "padding_percent" not in found


def test_cpu_is_cpu_time_over_the_time_of_the_calls(piece: MakeSlice) -> None:
    slices = [piece(0.5, more=(quantity("cpu_time", "s", 1.0),)) for _ in range(2)]
    found = by_name(slices)
    assert value(found["cpu_percent"]) == pytest.approx(200.0)
    assert "cpu_time_s" not in found


def test_a_quantity_says_itself_what_of_its_readings_is_the_figure(piece: MakeSlice) -> None:
    slices = [
        piece(
            0.1,
            more=(
                quantity("peak_rss", "MB", peak, summary="largest"),
                quantity("steady_rss", "MB", peak - 1, summary="last"),
                quantity("forward_passes", "1", 4.0, summary="total"),
                quantity("power", "W", peak),
            ),
        )
        for peak in (100.0, 300.0, 200.0)
    ]
    found = by_name(slices)
    assert value(found["peak_rss_mb"]) == 300.0
    assert value(found["steady_rss_mb"]) == 199.0
    assert value(found["forward_passes"]) == 12.0
    assert value(found["power_w"]) == 200.0


def test_calls_are_counted(piece: MakeSlice) -> None:
    assert value(by_name([piece(0.1, 0.1), piece(0.1)])["calls"]) == 3


def test_a_quantity_that_is_not_known_gets_its_mean_with_an_interval(piece: MakeSlice) -> None:
    slices = [piece(0.1, more=(quantity("energy", "J", 10.0 + n % 3),)) for n in range(120)]
    found = by_name(slices)["energy_j"]
    assert value(found) == pytest.approx(11.0)
    assert found.estimate is not None
    assert found.estimate.low is not None
    assert found.better == "lower"


def test_a_quantity_that_may_be_zero_gets_its_mean_alone(piece: MakeSlice) -> None:
    slices = [piece(0.1, more=(quantity("growth", "MB", n - 1.0),)) for n in range(5)]
    found = by_name(slices)["growth_mb"]
    assert value(found) == pytest.approx(1.0)
    assert found.estimate is not None
    assert found.estimate.low is None


def test_a_quantity_that_is_not_known_has_no_interval_from_few_readings(piece: MakeSlice) -> None:
    slices = [piece(0.1, more=(quantity("faults", "1", 10.0 ** (n % 4)),)) for n in range(30)]
    estimate = by_name(slices)["faults"].estimate
    assert estimate is not None
    assert (estimate.low, estimate.high) == (None, None)


def test_a_quantity_that_is_not_known_takes_restarts_for_its_unit_of_inference(
    piece: MakeSlice,
) -> None:
    slices = [
        piece(0.1, restart=restart, more=(quantity("energy", "J", 10.0 + restart),))
        for restart in range(3)
        for _ in range(10)
    ]
    estimate = by_name(slices)["energy_j"].estimate
    assert estimate is not None
    assert estimate.value == pytest.approx(11.0)
    assert (estimate.n, estimate.basis) == (3, "3 restarts")


def test_a_quantity_that_some_restarts_did_not_read_is_that_of_the_others(piece: MakeSlice) -> None:
    read = [(quantity("statement", "ms", 2.0, 4.0),), (), (quantity("statement", "ms", 3.0),)]
    slices = [piece(0.1, restart=number, more=more) for number, more in enumerate(read)]
    assert value(by_name(slices)["statement_ms"]) == pytest.approx(3.0)


def test_a_measurement_without_calls_has_its_own_quantities_alone() -> None:
    loaded = Slice(
        restart=0,
        warmup=False,
        started=0.0,
        seconds=3.0,
        samples=(quantity("import_time", "s", 2.0), quantity("model_init", "s", 1.0)),
    )
    assert set(by_name([loaded])) == {"import_time_s", "model_init_s"}


def test_calls_that_count_no_items_count_one_each() -> None:
    calls = quantity("call_time", "s", 0.5, 0.5)
    plain = Slice(restart=0, warmup=False, started=0.0, seconds=1.0, samples=(calls,))
    assert value(by_name([plain], "naps")["throughput_naps_per_s"]) == pytest.approx(2.0)


@pytest.mark.parametrize(("seconds", "items"), [(0.5, 0), (0.0, 10)])
def test_calls_of_no_items_or_no_time_have_no_throughput_and_say_why(
    piece: MakeSlice, seconds: float, items: int
) -> None:
    figure = by_name([piece(seconds, 0.5, items=items)])["throughput_texts_per_s"]
    assert figure.estimate is None
    assert str(figure.note).startswith("n/a")
