"""A page that works in a sandboxed frame, with no network."""

import pytest

from embprof.measurements.profile.profilers.page import SHIM, offline


def test_the_storage_is_put_in_place_before_any_script_of_the_page() -> None:
    page = offline("<html><head><meta></head><body><script>use(localStorage)</script></body>")
    assert page.index(SHIM) == page.index("<head>") + len("<head>\n")
    assert page.index(SHIM) < page.index("use(localStorage)")


def test_fonts_are_not_fetched() -> None:
    page = offline(
        '<head></head><script>a="https://fonts.googleapis.com/css?family=A:4|B"</script>'
    )
    assert "googleapis" not in page
    assert 'a="data:text/css,"' in page


def test_a_page_without_a_head_is_not_ours() -> None:
    with pytest.raises(ValueError, match="no <head>"):
        offline("<body></body>")
