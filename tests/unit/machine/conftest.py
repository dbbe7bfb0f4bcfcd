"""Systems made of a few files."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from embprof.machine.files import Files

MakeFiles = Callable[[Mapping[str, str]], Files]


@pytest.fixture
def files(tmp_path: Path) -> MakeFiles:
    """A system that has these files and no others."""

    def make(content: Mapping[str, str]) -> Files:
        root = tmp_path / "root"
        root.mkdir(exist_ok=True)
        for path, text in content.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return Files(root=root)

    return make
