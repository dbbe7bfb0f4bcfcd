"""``embprof parity``: whether two services give the same answers, and what differs if not."""

import json
import re
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Exit, Option

from embprof.commands.typed import command
from embprof.config import options
from embprof.config.override import by_key
from embprof.config.plan import Plan, plan
from embprof.config.quoting import literal
from embprof.errors import RequestError
from embprof.interface.classes import find_light_class
from embprof.interface.workload import Cuts, Embeds
from embprof.interruptions import interruptible_once
from embprof.machine.lock import only_one
from embprof.masking import masked_text
from embprof.parity.answers import RefusalError
from embprof.parity.comparison import FEWEST_TEXTS, Parity, Verdict, compare
from embprof.parity.page import as_json, lines
from embprof.report.display import console, print_lines
from embprof.run.sides import loaded, texts_of

DIFFERENT = 3
URL = re.compile(r"https?://", re.IGNORECASE)
OF_A_SERVER = ("workload=http", "workload.url=")
"""What a URL stands for; another protocol, a name or a key is given behind it."""
TEXTS = ("corpus=evidence", "text_length=lognormal:160:0.6")
"""The texts where none are asked for: passages that mean something, in lengths as they occur.
There are 420 passages; cut and joined to lengths of about a sentence or three, as many texts as
are wanted."""
LEAST_KEPT = 0.95


@command("embprof parity")
def main(
    a: Annotated[str, Argument(metavar="A", help="Overrides, in one text; or a server's URL.")],
    b: Annotated[str, Argument(metavar="B", help="The same, to be held against A.")],
    overrides: Annotated[
        list[str] | None,
        Argument(metavar="[OVERRIDES]", help="Overrides of both.", show_default=False),
    ] = None,
    *,
    texts: Annotated[int, Option(help="Texts of the corpus, at most.")] = 500,
    min_top10_kept: Annotated[
        float, Option(help="Share of top tens kept below which answers differ.")
    ] = LEAST_KEPT,
    json_: Annotated[bool, Option("--json", help="Print JSON, and nothing else.")] = False,
) -> None:
    """Do A and B give the same answers? If not: what does B do otherwise?

    \b
      embprof parity model=minilm_l6 'model=minilm_l6 backend.dtype=bfloat16'
      embprof parity model=./old model=./new corpus=file corpus.path=mine.txt
      embprof parity truncation=256 truncation=128 model=bge_base
      embprof parity model=minilm_l6 http://localhost:8080

    Texts are those of A's corpus, built-in ones if none is given; built-in probes show what
    differs: pooling, prompt, limit, tokeniser, precision and others. Nothing is timed or stored.

    Exit codes: 0 the same but for rounding, 3 different, 1 a side failed, 2 the request is wrong.
    """  # noqa: D301  (the backslash keeps the lines apart)
    planned = _sides(a, b, overrides or [], texts, min_top10_kept)
    with interruptible_once():
        found = measure(planned, texts, min_top10_kept, is_json=json_)
    code = DIFFERENT if found.verdict == Verdict.DIFFERENT else 0
    if json_:
        said = as_json(found, a=masked_text(a), b=masked_text(b), exit_code=code)
        typer.echo(json.dumps(said, indent=2))
    else:
        out = console()
        print_lines(out, f"A  {a}", f"B  {b}", *lines(found))
    raise Exit(code)


def measure(planned: tuple[Plan, Plan], texts: int, least_kept: float, *, is_json: bool) -> Parity:
    """Loads both sides and asks them, while no sweep measures on this machine."""
    a, b = planned
    out = console()

    def say(message: str) -> None:
        if is_json:
            typer.echo(message, err=True)
        else:
            print_lines(out, message)

    def waiting(holder: str) -> None:
        say(f"waiting for {holder} to finish on this machine …")

    with (
        only_one("parity", waiting=waiting),
        tempfile.TemporaryDirectory(prefix="embprof-") as folder,
        loaded(a, b, say, folder=Path(folder)) as sides,
    ):
        asked = texts_of(a.jobs[0], sides.a, texts)
        if len(asked) < FEWEST_TEXTS:
            problem = f"the corpus has {len(asked)} distinct texts; neighbours need {FEWEST_TEXTS}"
            raise RequestError([problem])
        sizes = (a.jobs[0].config["batch_size"], b.jobs[0].config["batch_size"])
        try:
            return compare(sides.a, sides.b, asked, batch_sizes=sizes, least_kept=least_kept)
        except RefusalError as error:
            raise RequestError([f"plain texts are refused: {error}"]) from error


def _sides(a: str, b: str, both: Sequence[str], texts: int, least_kept: float) -> tuple[Plan, Plan]:
    """The job of each side; raises RequestError with everything that is wrong."""
    problems: dict[str, None] = {}
    if texts < FEWEST_TEXTS:
        problems[f"--texts {texts}: {FEWEST_TEXTS} at least, or neighbours say nothing"] = None
    if not 0 <= least_kept <= 1:
        problems[f"--min-top10-kept {least_kept:g}: a share, from 0 to 1"] = None
    planned = [_side(name, given, both, problems) for name, given in (("A", a), ("B", b))]
    if problems:
        raise RequestError(list(problems))
    first, second = (one for one in planned if one is not None)
    return first, second


def _side(name: str, given: str, both: Sequence[str], problems: dict[str, None]) -> Plan | None:
    try:
        planned = plan(_overrides(name, given, both))
    except RequestError as error:
        problems.update(dict.fromkeys(error.problems))
        return None
    if len(planned.jobs) > 1:
        problems[f"{name}: one service, this is a sweep of {len(planned.jobs)}"] = None
    job = planned.jobs[0]
    if job.skip:
        problems[f"{name}: device={job.config['device']}: {job.skip}"] = None
    target = str(job.config["workload"]["_target_"])
    made = find_light_class(target)
    if made is None:  # nothing is known of it without a heavy import: its worker will tell
        return planned
    if not issubclass(made, Embeds):
        known_as = options.name_of("workload", target) or target
        problems[f"{name}: workload={known_as} makes no vectors of texts"] = None
    elif job.config["corpus"].get("unit") == "tokens" and not issubclass(made, Cuts):
        problems[f"{name}: corpus.unit=tokens: its tokens cannot be counted"] = None
    return planned


def _overrides(name: str, given: str, both: Sequence[str]) -> list[str]:
    """The overrides of one side; those of both first, so that a side's own go before them."""
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise RequestError([f"{name} {given}: {error}"]) from None
    if words and URL.match(words[0]):
        workload, url = OF_A_SERVER
        words = [workload, f"{url}{literal(words[0])}", *words[1:]]
    own = [*both, *words]
    known = by_key(own)
    usual = () if {"corpus", "text_length"} & known.keys() else TEXTS
    return [*usual, *own]
