"""Queries of which somebody has said which documents answer them: to judge a search by.

Built in are the claims, each with the evidence passages that support or refute it; passages that
are on its topic and decide nothing are no answer, as in FEVER and SciFact. A folder of one's own
has the layout of BEIR (Thakur et al. 2021, arXiv:2104.08663): ``corpus.jsonl`` with ``_id``,
``title`` (may be missing) and ``text``, ``queries.jsonl`` with ``_id`` and ``text``, and
``qrels/*.tsv`` with the columns ``query-id``, ``corpus-id`` and ``score``, of which ``test.tsv`` is
taken where there are several.

No line is guessed at: what is not what it seems is an error with its file and line, for a quality
of other labels than were meant is wrong without a word.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embprof.corpora.builtin import rows
from embprof.corpora.labels import NEUTRAL
from embprof.corpora.text_files import has_half_a_character, lines

BUILTIN = "builtin"
CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels"
USUAL = "test.tsv"
"""The labels that BEIR judges by, where a folder has several files of them."""
COLUMNS = ("query-id", "corpus-id", "score")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledQueries:
    """Queries with their relevant documents, and the documents that are searched.

    ``relevance``: of each query the grade (1 or more) of each relevant document, one at least; in
    the order of ``queries``. ``unlabelled``: how many queries were left out for want of any.
    """

    documents: Mapping[str, str]
    queries: Mapping[str, str]
    relevance: Mapping[str, Mapping[str, int]]
    unlabelled: int = 0

    def fingerprint(self) -> str:
        """Hex SHA-256 of all texts, ids and labels."""
        content = [dict(self.documents), dict(self.queries), dict(self.relevance)]
        return hashlib.sha256(json.dumps(content, default=dict).encode()).hexdigest()


def read(place: str) -> LabelledQueries:
    """The built-in queries for ``builtin``, else those of the folder.

    Raises ValueError, naming file and line, for what is missing or is not what it seems.
    """
    return _builtin() if place == BUILTIN else _of_folder(Path(place).expanduser())


def _builtin() -> LabelledQueries:
    relevance: dict[str, dict[str, int]] = {}
    for row in rows("evidence"):
        if row["label"] != NEUTRAL:
            relevance.setdefault(row["claim_id"], {})[row["id"]] = 1
    claims = {row["id"]: row["text"] for row in rows("claims")}
    return LabelledQueries(
        documents={row["id"]: row["text"] for row in rows("evidence")},
        queries={name: claims[name] for name in relevance},
        relevance=relevance,
    )


def _of_folder(folder: Path) -> LabelledQueries:
    if not folder.is_dir():
        raise ValueError(f"there is no such folder (looked in {Path.cwd()})")
    documents = {
        name: " ".join(filter(None, (row.get("title") or "", row["text"]))).strip()
        for name, row in _texts(folder / CORPUS)
    }
    queries = {name: row["text"] for name, row in _texts(folder / QUERIES)}
    relevance = _relevance(_labels(folder), queries, documents)
    return LabelledQueries(
        documents=documents,
        queries={name: text for name, text in queries.items() if name in relevance},
        relevance={name: relevance[name] for name in queries if name in relevance},
        unlabelled=len(queries) - len(relevance),
    )


def _texts(file: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Id and row of each line, ids each once."""
    seen: set[str] = set()
    for number, line in _lines(file):
        place = f"{file.name}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{place}: is not JSON: {error.msg}") from None
        if not isinstance(row, dict):
            raise ValueError(f"{place}: a row must be an object")  # noqa: TRY004  (likewise)
        for key in ("_id", "text"):
            if not isinstance(row.get(key), str):
                raise ValueError(f"{place}: must have {key}, a text")  # noqa: TRY004  (the file is wrong)
        if not isinstance(row.get("title") or "", str):
            raise ValueError(f"{place}: title must be a text")  # noqa: TRY004  (likewise)
        if has_half_a_character("".join((row.get("title") or "", row["text"]))):
            raise ValueError(f"{place}: holds half a character")
        if row["_id"] in seen:
            raise ValueError(f"{place}: _id {row['_id']!r} stands there twice")
        seen.add(row["_id"])
        yield row["_id"], row
    if not seen:
        raise ValueError(f"{file.name}: holds no text")


def _labels(folder: Path) -> Path:
    """The file of labels; raises ValueError where there is none, or nobody knows which."""
    found = sorted((folder / QRELS).glob("*.tsv"))
    if not found:
        raise ValueError(f"{QRELS}/*.tsv: there is no such file")
    usual = [file for file in found if file.name == USUAL]
    if len(found) > 1 and not usual:
        names = ", ".join(file.name for file in found)
        raise ValueError(f"{QRELS} has {names}: name the one to judge by {USUAL}")
    return (usual or found)[0]


def _relevance(
    file: Path, queries: Mapping[str, str], documents: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    name, found = f"{QRELS}/{file.name}", dict[str, dict[str, int]]()
    for number, line in _lines(file):
        fields = line.split("\t")
        place = f"{name}, line {number}"
        if number == 1:
            if tuple(fields) != COLUMNS:
                raise ValueError(f"{place}: must be the header {' '.join(COLUMNS)}, with tabs")
            continue
        if len(fields) != len(COLUMNS):
            raise ValueError(f"{place}: has {len(fields)} fields with tabs between, not 3")
        query, document, score = fields
        for one, known, of in ((query, queries, QUERIES), (document, documents, CORPUS)):
            if one not in known:
                raise ValueError(f"{place}: {of} has no _id {one!r}")
        grade = _grade(score, place)
        if document in found.setdefault(query, {}):
            raise ValueError(f"{place}: {query!r} and {document!r} stand there twice")
        found[query][document] = grade
    relevant = {
        query: kept
        for query, grades in found.items()
        if (kept := {document: grade for document, grade in grades.items() if grade > 0})
    }
    if not relevant:
        raise ValueError(f"{name}: no query has a relevant document (a score above 0)")
    return relevant


def _grade(score: str, place: str) -> int:
    try:
        return int(score)
    except ValueError:
        raise ValueError(f"{place}: score {score!r} is no whole number") from None


def _lines(file: Path) -> Sequence[tuple[int, str]]:
    """Number and text of the lines that are not empty; raises ValueError where it is not there."""
    if not file.is_file():
        raise ValueError(f"{file.name}: there is no such file")
    try:
        return [(at, line) for at, line in enumerate(lines(file), start=1) if line.strip()]
    except (ValueError, OSError) as error:
        raise ValueError(f"{file.name}: cannot be read: {error}") from None
