"""What is made of a study: the same bytes for the same runs, valid, and nothing lost of a log."""

import dataclasses
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from embprof.errors import DiskError
from embprof.model import Run, Status
from embprof.report.documents import markdown, page, schemas
from embprof.report.documents.contents import Contents, contents
from embprof.report.documents.writing import write
from embprof.report.study import Answer, Study

GOLDEN = Path(__file__).parents[3] / "golden"
CLOCK = "2026-01-02 03:04:05"
PROFILES = tuple(schemas.models())
AGAIN = "made anew with: UPDATE_GOLDEN=1 python -m pytest tests/unit/report/documents"


@pytest.fixture(scope="module")
def made(study: Study) -> Contents:
    return contents(study)


@pytest.mark.parametrize("name", ["PROFILING_REPORT.md", "OPTIMIZATION_LOG.md", *PROFILES])
def test_the_same_runs_give_the_same_bytes(made: Contents, tmp_path: Path, name: str) -> None:
    write(made, tmp_path / "report", CLOCK)
    text = (tmp_path / "report" / name).read_text(encoding="utf-8")
    golden = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), AGAIN


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_what_its_model_reads(made: Contents, name: str) -> None:
    accounts = (subject.account for subject in made.study.subjects)
    described = next(one.documents[name] for one in accounts if name in one.documents)
    document = described.make(made, CLOCK)
    assert document is not None
    text = document.model_dump_json(by_alias=True)
    assert schemas.models()[name].model_validate_json(text) == document
    assert json.loads(text)["metadata"]["timestamp"] == "2026-01-01T00:12:30.000+00:00"


@pytest.mark.parametrize("name", PROFILES)
def test_a_published_schema_is_that_of_its_model(name: str) -> None:
    published = (schemas.FOLDER / name).read_text(encoding="utf-8")
    assert published == schemas.text(schemas.models()[name]), "python docs/generate_reference.py"


def test_profiles_that_there_are_no_figures_for_are_not_written(
    disturbed: Answer, tmp_path: Path
) -> None:
    written = write(contents(Study(name="one", answers=(disturbed,))), tmp_path / "out", CLOCK)
    assert [file.name for file in written] == [
        "report.html",
        "PROFILING_REPORT.md",
        "embedding_profile.json",
        "OPTIMIZATION_LOG.md",
    ]


def test_a_log_keeps_what_is_there_and_takes_equal_runs_once(
    made: Contents, disturbed: Answer, tmp_path: Path
) -> None:
    file = tmp_path / "OPTIMIZATION_LOG.md"
    file.write_text("# Our own log\n\nwritten by hand, without an end of line")
    write(made, tmp_path, CLOCK)
    once = file.read_text(encoding="utf-8")
    assert once.startswith(
        "# Our own log\n\nwritten by hand, without an end of line\n\n## 2026-01-01"
    )
    write(made, tmp_path, "2027-01-01 00:00:00")
    assert file.read_text(encoding="utf-8") == once
    write(contents(Study(name="other", answers=(disturbed,))), tmp_path, CLOCK)
    assert file.read_text(encoding="utf-8").startswith(once)
    assert file.read_text(encoding="utf-8").count("\n## ") == 2


def test_a_folder_that_cannot_be_written_is_said(made: Contents, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    with pytest.raises(DiskError, match=r"cannot write the report to .*report: Not a directory"):
        write(made, tmp_path / "report", CLOCK)


class _Page(HTMLParser):
    """Tags that are open at the end, and addresses of anything outside the page."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []
        self.headings: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID and tag not in ("path", "rect", "line", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


def test_the_page_is_whole_and_needs_nothing_from_outside(made: Contents) -> None:
    text = page.text(made, CLOCK, interactive=False)
    read = _Page(text)
    assert (read.open, read.outside) == ([], [])
    assert read.headings == [
        "What was asked",
        "The answer",
        "The figures",
        "Pictures",
        "Findings",
        "Method and validity",
        "Environment",
        "How to reproduce",
    ]
    assert "localStorage" not in text
    assert f"at {CLOCK} UTC" in text


def test_what_users_wrote_is_shown_and_not_run(made: Contents) -> None:
    text = page.text(made, None, interactive=False)
    assert "it&#x27;" in text
    assert "<b>|here|</b>" not in text
    assert r"\|" in markdown.plain("a|b")
    said = dataclasses.replace(made.study, question="</script><script>alert(1)</script>")
    text = page.text(dataclasses.replace(made, study=said), None, interactive=False)
    assert "<script>alert" not in text


def test_scripts_come_once_and_packed(made: Contents) -> None:
    text = page.text(made, None)
    assert len(text) < 6_000_000
    assert text.count('id="plotly"') == 1
    charts = re.search(r'id="charts">(.*?)</script>', text, re.DOTALL)
    assert charts is not None
    assert len(json.loads(charts[1])) == len(made.charts)


def test_a_page_without_plotly_still_has_its_pictures(
    made: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "find_spec", lambda _name: None)
    text = page.text(made, None)
    assert 'id="plotly"' not in text
    assert text.count("<svg") == len(made.charts)


def test_many_runs_are_folded_away(batches: list[Answer]) -> None:
    one = batches[0].stored
    answers = [
        Answer(stored=dataclasses.replace(one, run=_renamed(one.run, at), folder=None))
        for at in range(59)
    ]
    made = contents(Study(name="many", answers=tuple(answers)))
    (grid,) = made.grids
    assert len(grid.rows) == 59
    assert len(grid.best) == 40
    assert "The best 40 of 59 rows" in page.text(made, None, interactive=False)
    assert "The best 40 of 59;" in markdown.text(made, "pictures")


def test_a_study_of_failures_says_so(disturbed: Answer) -> None:
    run = dataclasses.replace(
        disturbed.run, status=Status.OUT_OF_MEMORY, reason="killed", figures=()
    )
    failed = Answer(stored=dataclasses.replace(disturbed.stored, run=run, folder=None))
    made = contents(Study(name="bad", answers=(), failed=(failed,)))
    assert made.reply.found == "No run ended well: killed."
    assert made.reply.sure == "No run ended well, so there is nothing to rely on."
    assert "out of memory, killed" in markdown.text(made, "pictures")
    assert not made.charts


def _renamed(run: Run, number: int) -> Run:
    return dataclasses.replace(run, run_id=f"{run.sweep_id}/{number}", number=number)
