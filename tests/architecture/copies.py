"""Copied code: the same six lines in two places."""

import ast
import io
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from tests.architecture.source import FOLDERS, modules, short, syntax

WINDOW = 6
"""So many lines of code in a row that are the same are a copy."""

Window = tuple[str, ...]


def code(path: Path) -> list[str]:
    """A file's lines of code, stripped: without imports, docstrings, comments and blanks."""
    text = path.read_text(encoding="utf-8")
    left_out = _left_out(syntax(path))
    comments = {
        token.start[0]: token.start[1]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    lines = (
        line[: comments.get(number)].strip()
        for number, line in enumerate(text.splitlines(), 1)
        if number not in left_out
    )
    return [line for line in lines if line]


def _left_out(tree: ast.Module) -> set[int]:
    """The numbers of the lines that imports and docstrings take."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Expr | ast.Import | ast.ImportFrom):
            found |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def windows(lines: list[str]) -> Iterator[Window]:
    for start in range(len(lines) - WINDOW + 1):
        yield tuple(lines[start : start + WINDOW])


def copies(files: dict[str, list[str]]) -> Counter[tuple[str, str]]:
    """How many windows two files have in common; a file with itself: how many it has twice."""
    places: defaultdict[Window, list[str]] = defaultdict(list)
    for name, lines in sorted(files.items()):
        for window in windows(lines):
            places[window].append(name)
    return Counter(
        pair for names in places.values() for pair in set(combinations(names, 2)) if len(names) > 1
    )


def copied_code() -> Iterator[str]:
    """`file file`, of which both hold the same lines; once if it is one file."""
    for one, other in copies({short(path): code(path) for path in modules(*FOLDERS)}):
        yield one if one == other else f"{one} {other}"
