"""Whether the arms differed in what was declared, and in nothing else."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from embprof.run.gate.arms import Declared

CODE = "code"


def undeclared(
    facts: Mapping[str, AbstractSet[tuple[str, object]]],
    declared: Declared,
    stored: Mapping[str, object] | None,
    against: str | None,
) -> str | None:
    """Why the arms cannot be compared; None where all is as declared.

    ``facts``: of arm ``a`` and arm ``b``, what their workers said of themselves; ``stored`` is the
    description of the baseline's run that arm A measured again.
    """
    a, b = facts["a"], facts["b"]
    for name, arm in (("A", a), ("B", b)):
        if moved := sorted(key for key, n in Counter(key for key, _ in arm).items() if n > 1):
            return f"{', '.join(moved)} of arm {name} changed while it was measured"
    differing = {name for name, _ in a ^ b}
    if stored is not None and dict(a)[CODE] != stored.get("code_sha256"):
        return (
            f"the code that {against} was measured with is no longer to be had (it was in no "
            "commit): set the baseline again from a clean commit, or name the arms with --a-ref"
        )
    libraries = differing - {CODE}
    if libraries and not declared.interpreter:
        return f"the arms differ, undeclared, in {', '.join(sorted(libraries))}"
    if CODE in differing and declared.nothing:
        return "the arms ran different code, which nothing declared"
    return None


def in_vain(facts: Mapping[str, AbstractSet[tuple[str, object]]], declared: Declared) -> str | None:
    """That the arms ran the same code though two commits were declared: right, or a surprise."""
    codes = {value for arm in facts.values() for name, value in arm if name == CODE}
    if not declared.code or len(codes) > 1:
        return None
    if codes == {None}:
        return "neither arm imported any code of this folder, so both ran the same"
    return "both arms imported the same code: no file that was imported differs between them"
