"""``OPTIMIZATION_LOG.md``: one entry per report, added at the end; what is there stays."""

from embprof.interface.finding import Finding, Kind
from embprof.machine.fingerprint import digest
from embprof.report import phrases
from embprof.report.documents.contents import Contents
from embprof.report.documents.markdown import plain
from embprof.units import counted

TITLE = (
    "# Optimization log\n\nWhat was tried, under which conditions, and what was found. Entries are "
    "added by `embprof report`; notes of your own between them stay.\n"
)
SHOWN = 6
"""Findings of an entry."""
MACHINE = ("processor", "CPUs usable", "accelerator", "compute threads", "type of weights", "model")


def entry(contents: Contents) -> str:
    """The entry of these runs; its mark tells it from the entries of others."""
    reply, study = contents.reply, contents.study
    machine = [f"{name} {value}" for name, value in contents.environment if name in MACHINE]
    kinds = dict.fromkeys(answer.measurement for answer in (*study.answers, *study.failed))
    found = [f for f in contents.findings if f.kind is not Kind.GAP][:SHOWN]
    gaps = [f for f in contents.findings if f.kind is Kind.GAP]
    count = f"{counted(len(study.answers), 'run')}, {counted(len(contents.sweeps), 'sweep')}"
    lines = [
        f"## {contents.timestamp[:10]}: {plain(study.question or study.name)}",
        mark(contents),
        "",
        f"- **Method:** {', '.join(kinds)}; {count}",
        f"- **Conditions:** {plain('; '.join(machine) or 'not known')}",
        "- **Tried:**",
        *(f"  - `{sweep.command}` ({sweep.sweep_id})" for sweep in contents.sweeps),
        "- **Found:**",
        *(f"  - {plain(finding.title)}{_gain(finding)}" for finding in found),
        *([] if found else ["  - nothing that these runs could show"]),
        *([f"  - not known: {plain(gaps[0].title)}"] if gaps else []),
        f"- **Verdict:** {plain(reply.found)} {plain(reply.sure)}",
        f"- **Next:** {plain(reply.next)}" + (f" `{reply.command}`" if reply.command else ""),
    ]
    return "\n".join(lines) + "\n"


def mark(contents: Contents) -> str:
    """A comment that no reader sees, equal for equal runs."""
    study = contents.study
    ids = sorted(answer.run.run_id for answer in (*study.answers, *study.failed))
    return f"<!-- embprof {digest({'runs': ids, 'ended': contents.timestamp})} -->"


def addition(contents: Contents, before: str | None) -> str:
    """What to add to a log that reads ``before``; nothing where these runs are in it already."""
    if before is not None and mark(contents) in before:
        return ""
    if not before:
        return f"{TITLE}\n{entry(contents)}"
    return ("\n" if before.endswith("\n") else "\n\n") + entry(contents)


def _gain(finding: Finding) -> str:
    return f" (expected {phrases.gain(finding.improvement)})" if finding.improvement else ""
