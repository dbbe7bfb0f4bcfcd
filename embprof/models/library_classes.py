"""The classes of models that the installed transformers has, read from its source.

To import it takes seconds, and torch with it; its lists are plain tables of names.
"""

import functools
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

CONFIG, TOKENIZER = "AutoConfig", "AutoTokenizer"
TABLES = {
    "AutoModel": "MODEL_MAPPING_NAMES",
    "AutoModelForSequenceClassification": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES",
    TOKENIZER: "TOKENIZER_MAPPING_NAMES",
    "AutoProcessor": "(?:MISSING_)?PROCESSOR_MAPPING_NAMES",
}
"""What transformers calls its table of each kind of class, a class for each type of models."""
FILES = (
    *("auto_mappings.py", "configuration_auto.py", "modeling_auto.py"),
    *("tokenization_auto.py", "processing_auto.py"),
)
ENTRY = re.compile(r"""["']([\w.-]+)["']\s*[:,]\s*\(?\s*["'](\w+)["']""")
"""A type of models beside the name of a class, the first of several."""
CONFIGURATION = re.compile(r"""["']([\w.-]+)["']\s*[:,]\s*["'](\w+Config)["']""")


@functools.cache
def by_type(kind: str) -> Mapping[str, str]:
    """The class of that kind (``AutoModel``) for each type of models; empty if it cannot be read.

    An ``AutoConfig`` is there for each type that is known at all.
    """
    spec = find_spec("transformers")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent / "models" / "auto"
    found: dict[str, str] = {}
    for file in (folder / name for name in FILES):
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        if kind == CONFIG:
            found.update(CONFIGURATION.findall(text))
            continue
        table = rf"^\s*{TABLES[kind]}\b[^\n]*=\s*OrderedDict.*?^\s*\]\n"
        for part in re.findall(table, text, re.MULTILINE | re.DOTALL):
            found.update(ENTRY.findall(part))
    return found
