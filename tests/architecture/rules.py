"""The rules with exceptions, each by the name of its list."""

import re
from collections import Counter
from collections.abc import Iterator

from services.registry import COMMANDS
from tests.architecture.copies import copied_code
from tests.architecture.exceptions import Finder
from tests.architecture.reads import unasked_reads
from tests.architecture.source import FOLDERS, classes, modules, short
from tests.place import ROOT


def class_names() -> Iterator[str]:
    """Names that stand for more than one exported class or type.

    A type of the schema bears the name of what it shows, and is not counted beside it.
    """
    schema = (ROOT / "api/graphql/schema.graphql").read_text(encoding="utf-8")
    types = set(re.findall(r"^type (\w+)", schema, re.MULTILINE))
    found: Counter[str] = Counter()
    for path in modules(*FOLDERS):
        is_schema = short(path).startswith("api/graphql/types/")
        found.update(name for name in classes(path) if not (is_schema and name in types))
    yield from (name for name, times in found.items() if times > 1)


def written_inputs() -> Iterator[str]:
    """Inputs and payloads written by hand, of commands that say the same."""
    repeated = {f"{kind.__name__}{end}" for kind in COMMANDS for end in ("Input", "Payload")}
    for path in modules("api"):
        if short(path).startswith("api/graphql/"):
            yield from (name for name in classes(path) if name in repeated)


RULES: dict[str, Finder] = {
    "class_names": class_names,
    "copied_code": copied_code,
    "unasked_reads": unasked_reads,
    "written_inputs": written_inputs,
}
