"""The page of a profile, where it is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embprof.measurements.profile.profilers.page import SHIM
from embprof.measurements.profile.profilers.pyinstrument import Pyinstrument
from embprof.testing import Divides

if TYPE_CHECKING:
    from tests.browser.conftest import Look

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    work = Divides(units=1_000_000)
    profiler = Pyinstrument(0.001)
    profiler.watch(lambda: float(work.step()), 5)
    html, _ = profiler.write(tmp_path_factory.mktemp("profile"))
    return Path(html).read_text(encoding="utf-8")


def test_a_profile_is_shown_in_a_sandboxed_frame_without_network(page: str, look: Look) -> None:
    seen = look(page)
    assert "major_part" in seen.text
    assert "profiled calls" in seen.text
    assert seen.complaints == ()


def test_without_its_storage_the_page_would_stay_blank(page: str, look: Look) -> None:
    seen = look(page.replace(SHIM, ""))
    assert "major_part" not in seen.text
    assert any("localStorage" in complaint for complaint in seen.complaints)
