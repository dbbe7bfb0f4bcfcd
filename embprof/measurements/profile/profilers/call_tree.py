"""The tree of calls on a profile's page, without the frames that are between everything.

A layer of a network is called through two functions of torch, an encoder through a decorator or
two: half of a tree is such glue, and with it the functions that do the work stand beyond the right
edge of a screen.
"""

from typing import Any

from pyinstrument.frame import Frame
from pyinstrument.frame_ops import delete_frame_from_tree

from embprof.measurements.profile.profilers.functions import is_own

GLUE = {
    *("_wrapped_call_impl", "_call_impl"),  # torch.nn.Module.__call__
    *("decorate_context", "wrapper", "wrapped", "inner"),  # what decorators call their functions
}


def without_glue(root: Frame | None, **_options: Any) -> Frame | None:
    """The tree with what glue and the profiling itself call moved up; their own time is kept."""
    while root is not None and len(root.children) == 1 and _is_own(root):
        (root,) = root.children
        root.remove_from_parent()  # type: ignore[no-untyped-call]
    if root is not None:
        _tidy(root)
    return root


def _tidy(frame: Frame) -> None:
    for child in list(frame.children):
        _tidy(child)
        if child.function in GLUE and child.children:
            delete_frame_from_tree(child, replace_with="children")


def _is_own(frame: Frame) -> bool:
    return frame.file_path is not None and is_own(frame.file_path)
