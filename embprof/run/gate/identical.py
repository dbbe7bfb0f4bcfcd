"""Whether the arms are one and the same, so that measuring would only tell how this machine errs.

The same overrides, the same Python, and code that Git knows to be equal: of one tree, or what lies
here with nothing changed and no new file of code beside it.
"""

from embprof.machine import git
from embprof.run.gate.arms import Arm, Arms

EVERYWHERE = (":(top)*.py", ":(top)*.pyx", ":(top)*.so")
"""Files that a worker may import though Git does not follow them."""


def are_identical(arms: Arms) -> bool:
    """Whether nothing differs in any row, and one of them at least could be measured."""
    declared = arms.declared
    if declared.overrides or declared.interpreter:
        return False
    can_run = any(not (row.a.job.skip or row.b.job.skip) for row in arms.rows)
    return can_run and all(_is_same_code(row.a, row.b) for row in arms.rows)


def _is_same_code(a: Arm, b: Arm) -> bool:
    if a.stored is not None and a.stored.soft.get("git_dirty") is not False:
        return False  # whatever that baseline ran lies in no commit
    if a.commit == b.commit:
        return True
    trees = {_tree(a.commit), _tree(b.commit)}
    return None not in trees and len(trees) == 1


def _tree(commit: str | None) -> str | None:
    """The tree of a commit, of this folder for None; None where that is in no commit."""
    if commit is not None:
        return git.output("rev-parse", f"{commit}^{{tree}}")
    new = git.output("ls-files", "--others", "--exclude-standard", "--", *EVERYWHERE)
    if git.state().get("git_dirty") is not False or new != "":
        return None
    return git.output("rev-parse", "HEAD^{tree}")
