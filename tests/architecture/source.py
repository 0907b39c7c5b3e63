"""The project's files and what their syntax says: modules, imports, classes, lines of code."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.place import ROOT

FOLDERS = ("domain", "services", "projections", "infra", "api")
"""The product, without its tests."""


@cache
def listed() -> tuple[Path, ...]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for line in found.stdout.split("\0") if (path := ROOT / line).is_file())


def tracked(ending: str = "") -> list[Path]:
    """Files that git knows or would take: what a clone holds."""
    return [path for path in listed() if path.name.endswith(ending)]


def modules(*folders: str) -> list[Path]:
    """The Python files below top folders."""
    return [p for p in tracked(".py") if p.relative_to(ROOT).parts[0] in folders]


def short(path: Path) -> str:
    """A file's path inside the project, with slashes."""
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    """A file's name as a module."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[str]:
    """Every imported name, as a module and as a member of one; inside functions too."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def classes(path: Path) -> list[str]:
    """The names of a file's classes, and of types that it names, that others may import."""
    found = []
    for node in syntax(path).body:
        if isinstance(node, ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.append(node.targets[0].id)
    return [name for name in found if re.fullmatch("[A-Z][a-zA-Z0-9]*[a-z][a-zA-Z0-9]*", name)]
