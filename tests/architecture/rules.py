"""The rules with exceptions, each by the name of its list."""

from collections import Counter
from collections.abc import Iterator

from services.registry import COMMANDS
from tests.architecture.copies import copied_code
from tests.architecture.exceptions import Finder
from tests.architecture.source import classes, modules, short


def class_names() -> Iterator[str]:
    """Names that stand for more than one exported class of the core."""
    paths = modules("domain", "services", "projections")
    found = Counter(name for path in paths for name in classes(path))
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
    "written_inputs": written_inputs,
}
