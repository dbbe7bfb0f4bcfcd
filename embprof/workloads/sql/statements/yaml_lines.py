"""Where in a YAML text something stands, so that what is wrong with it is told with its line."""

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from embprof.config.hints import did_you_mean
from embprof.interface.complaints import complaint
from embprof.interface.node import Node
from embprof.workloads.sql.statements import yaml_shape

Place = tuple[str | int, ...]
"""Keys, and positions in lists, that lead somewhere."""
Problem = tuple[int | None, str]
"""The line, None where there is no telling, and what is wrong there."""
KEY = "[key]"
"""How pydantic names the key of a pair, where not the value is wrong."""
TEXTS = {"missing": "must be given", "too_short": "must not be empty"}
"""What is said of some of its errors."""


class WrongError(Exception):
    """All that is wrong with a file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(str(self.problems))


def compose(text: str) -> yaml.Node:
    """The tree of the text, with its lines; raises WrongError for what is no YAML."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.line + 1 if mark else None
        raise WrongError([(at, f"is no YAML: {error.problem}")]) from None
    except yaml.YAMLError as error:
        raise WrongError([(None, f"is no YAML: {error}")]) from None
    if root is None:
        raise WrongError([(None, "is empty; it must have operations")])
    if problems := list(_twice(root)):
        raise WrongError(problems)
    return root


def _twice(node: yaml.Node) -> Iterator[Problem]:
    """Keys that are given twice, of which YAML would drop the first without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, f"{key.value} is given twice"
            seen.add(key.value)
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _twice(value)


def located(root: yaml.Node, detail: Any) -> Problem:
    """An error of pydantic's with its line."""
    place: Place = tuple(one for one in detail["loc"] if one != KEY)
    at = line(root, place) or line(root, place[:-1])
    text = TEXTS.get(detail["type"])
    if detail["type"] == "extra_forbidden":
        key = str(place[-1])
        text = f"there is no key {key}{did_you_mean(key, _keys(place[:-1]))}"
    elif text is None and KEY in detail["loc"]:
        text = "a name is made of letters, digits and _"
    return at, f"{dotted_path(place)}: {text or complaint(detail)}"


def _keys(place: Place) -> list[str]:
    """What may stand there."""
    if "parameters" in place:
        return [*yaml_shape.ParameterNode.model_fields]
    nodes: dict[int, type[Node]] = {2: yaml_shape.OperationNode, 4: yaml_shape.StatementNode}
    return [*nodes.get(len(place), yaml_shape.FileNode).model_fields]


def _node(root: yaml.Node, place: Place) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The key and the value there."""
    key: yaml.Node | None = None
    node: yaml.Node | None = root
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == str(step)]
            key, node = pairs[-1] if pairs else (None, None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step] if step < len(node.value) else None
            key = node
        else:
            return None, None
    return key, node


def line(root: yaml.Node, place: Place) -> int | None:
    """The line of what stands there, counted from 1; None where nothing does."""
    key, node = _node(root, place)
    found = key or node
    return None if found is None else int(found.start_mark.line) + 1


def text_line(root: yaml.Node, place: Place) -> int:
    """The line in which the SQL of a statement begins."""
    _, node = _node(root, (*place, "sql"))
    if node is None:
        _, node = _node(root, place)
    assert isinstance(node, yaml.ScalarNode)
    return int(node.start_mark.line) + 1 + (node.style in ("|", ">"))


def dotted_path(place: Place) -> str:
    """``operations.search.statements.1``, lists counted from 1."""
    steps = (str(step + 1) if isinstance(step, int) else step for step in place)
    return ".".join(steps) or "the file"
