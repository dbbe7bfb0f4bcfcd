"""Takes secrets out of whatever is printed, stored or logged; the one place that knows them.

A secret is known by where it stands (the password of an address, a parameter or key whose name says
so, a header) or by its value (what secret environment variables and the command line hold). The
rest of a text stays as it is: host, port, database and user are needed to find a fault.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

MASK = "***"
ENVIRONMENT = "_env"
"""What names of keys end with that hold names of environment variables, which may be shown."""
SURE = r"passwords?|passwd|passphrase|pwd|secrets?|credentials?"
NAME = re.compile(
    rf"(?:{SURE}|token|apikeys?|authorization)$|(?:^|[_\-. ])(?:keys?|auth|sig|signature)$",
    re.IGNORECASE,
)
"""Names that say what they hold. Many tokens are counted, one is a secret."""
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
OF_THE_SHELL = frozenset({"PWD", "OLDPWD"})
OF_MLFLOW = "viewStateShareKey"
"""The parameter that names a view in an address of MLflow's page: no secret, whatever it says."""
SHORTEST = 6
ORDINARY = frozenset(
    {"public", "mlflow", "embprof", "secret", "postgres", "password", "default", "localhost"}
)
"""A secret that is shorter, or a word that is usual elsewhere, is known by its place alone."""
ADDRESS = re.compile(
    r"(?P<before>[a-z][a-z0-9+.\-]{0,40}://[^\s/:@?#'\"]*:)"
    r"(?!\d+[/?#])(?P<secret>(?:(?!://)[^\s'\"<>])*)(?=@)",
    re.IGNORECASE,
)
"""The password of an address. A path with an @ in it follows a port and a slash."""
TOKEN = re.compile(r"(?P<before>https?://)[^\s/:@?#'\"]+(?=@)", re.IGNORECASE)
"""Who stands alone before a web address is a token more often than a user."""
PARAMETER = re.compile(r"(?P<before>[?&;](?P<name>[\w.\-%]{1,64})=)(?P<secret>[^&\s#'\"]+)")
SCHEME = re.compile(
    r"(?P<before>\b(?:[Bb]earer|[Bb]asic)\s+)(?=\S*[\d=])(?P<secret>[\w.~+/=\-]{6,})"
)
"""What follows is a word of a sentence where it has no digit in it."""
GIVEN = re.compile(
    rf"(?P<before>(?P<name>{SURE}|token|api_?keys?|[_\-.](?:keys?|auth|sig|signature)|"
    r"(?<![a-z])(?:auth|sig|signature)|authorization)"
    r"(?P<quote>['\"]?)\s*(?P<sign>[=:])\s*)"
    r"(?P<secret>(?:(?:Bearer|Basic)\s+)?(?:'[^'\n]*'|\"[^\"\n]*\"|(?:[^\s&;,'\"{}()\[\]]|,(?=[^\s'\"]))+))",
    re.IGNORECASE,
)
"""``password=…``, ``"api_key": "…"``, ``Authorization: Bearer …`` in the middle of any text."""
BEFORE = re.compile(r"[\w.\-]*$")
IN_MESSAGES = re.compile(r"[.]|^[A-Z0-9_]+$")
"""Names of keys and variables as messages have them before a colon, and what is wrong after it."""

_learnt: set[str] = set()


def is_secret(name: str) -> bool:
    """Whether the name of a key, parameter, header or variable says that it holds a secret."""
    return name != OF_MLFLOW and NAME.search(CAMEL.sub("_", name)) is not None


def learn(lines: Iterable[str]) -> None:
    """Remembers for this process the secrets among overrides, wherever else they turn up."""
    for line in lines:
        key, sign, value = line.partition("=")
        if sign and _is_secret_path(key):
            _learnt.update(_usable(value.strip("'\"").split(",")))
        else:
            inside = [match["secret"].strip("'\"") for match in GIVEN.finditer(value)]
            _learnt.update(_usable([*inside, *_of_addresses(line)]))


def learn_of(content: Any, path: str = "") -> None:
    """Remembers the secrets of a configuration, by the names of their keys."""
    if isinstance(content, Mapping):
        for name, one in content.items():
            learn_of(one, f"{path}.{name}")
    elif isinstance(content, list | tuple):
        for one in content:
            learn_of(one, path)
    elif isinstance(content, str) and "${" not in content:
        learn([f"{path}={content}"])


def masked(content: Any) -> Any:
    """The same content without secrets: of texts, lists and mappings at any depth."""
    known = _by_value()
    return _masked(content, lambda text: _text(text, known))


def masked_text(text: str) -> str:
    """A text without secrets."""
    return _text(text, _by_value())


def masked_override(line: str) -> str:
    """An override as it was typed, ``key=value``, without a secret in its value."""
    key, sign, value = line.partition("=")
    if not sign or not value or value == "null" or _names_variables(key):
        return line
    return f"{key}={MASK}" if _is_secret_path(key) else f"{key}={masked_text(value)}"


def mask_file(file: Path, *, by_value_alone: bool = False) -> None:
    """Rewrites a file that a process of the user's wrote, where it has a secret; raises OSError.

    ``by_value_alone``: of a page or a table, whose own words look like those before a secret.
    """
    known = _by_value()
    if by_value_alone and known is None:
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}.draft")
    changed = False
    try:
        # Bytes that are no text pass as they are.
        with (
            file.open(encoding="utf-8", errors="surrogateescape", newline="") as lines,
            draft.open("w", encoding="utf-8", errors="surrogateescape", newline="") as kept,
        ):
            for line in lines:
                clean = known.sub(MASK, line) if known and by_value_alone else _text(line, known)
                changed = changed or clean != line
                kept.write(clean)
        if changed:
            draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _masked(content: Any, text: Callable[[str], str]) -> Any:
    if isinstance(content, str):
        return text(content)
    if isinstance(content, Mapping):
        return {name: _value(str(name), one, text) for name, one in content.items()}
    if isinstance(content, list | tuple):
        return type(content)(_masked(one, text) for one in content)
    return content


def _value(name: str, value: Any, text: Callable[[str], str]) -> Any:
    if _names_variables(name):
        return value
    if not is_secret(name):
        return _masked(value, text)
    if isinstance(value, Mapping):
        return {key: _value(name, one, text) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_value(name, one, text) for one in value)
    is_reference = isinstance(value, str) and (value.startswith("${") or not value)
    return value if value is None or isinstance(value, bool) or is_reference else MASK


def _text(text: str, known: re.Pattern[str] | None) -> str:
    text = ADDRESS.sub(rf"\g<before>{MASK}", text)
    text = TOKEN.sub(rf"\g<before>{MASK}", text)
    text = PARAMETER.sub(_parameter, text)
    text = GIVEN.sub(_given, text)
    text = SCHEME.sub(rf"\g<before>{MASK}", text)
    return text if known is None else known.sub(MASK, text)


def _parameter(found: re.Match[str]) -> str:
    is_one = is_secret(unquote(found["name"]))
    return f"{found['before']}{MASK}" if is_one else found[0]


def _given(found: re.Match[str]) -> str:
    value = found["secret"]
    if value.startswith((MASK, "${")) or value in ("null", "None"):
        return found[0]
    if found["sign"] == ":" and not found["quote"]:
        path = BEFORE.search(found.string[max(0, found.start() - 64) : found.start("quote")])
        if path is not None and IN_MESSAGES.search(path[0]):
            return found[0]
    around = value[0] if value[0] in "'\"" else ""
    after = ":" if value.endswith(":") else ""  # of a message: "key=value: what is wrong"
    return f"{found['before']}{around}{MASK}{around}{after}"


def _is_secret_path(key: str) -> bool:
    return is_secret(key.rpartition(".")[2].lstrip("+~")) and not _names_variables(key)


def _names_variables(key: str) -> bool:
    return any(step.endswith(ENVIRONMENT) for step in key.split("."))


def _by_value() -> re.Pattern[str] | None:
    """Finds the values that are known to be secret, as they are and as an address has them."""
    values = set(_learnt)
    for name, value in os.environ.items():
        of_it = [value] if is_secret(name) and name not in OF_THE_SHELL else _of_addresses(value)
        values.update(_usable(of_it))
    every = {form for value in values for form in (value, quote(value, safe=""))}
    if not every:
        return None
    longest_first = sorted(every, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _of_addresses(text: str) -> list[str]:
    """The passwords and secret parameters of the addresses in a text."""
    if "://" not in text:
        return []
    found = [match["secret"] for match in ADDRESS.finditer(text)]
    found += [one["secret"] for one in PARAMETER.finditer(text) if is_secret(one["name"])]
    return [form for one in found for form in (one, unquote(one))]


def _usable(values: Iterable[str]) -> set[str]:
    stripped = {value.strip() for value in values}
    return {
        value
        for value in stripped
        if len(value) >= SHORTEST and value.lower() not in ORDINARY and MASK not in value
    }
