"""Who reads a partner's tables: readers do, which know for whom."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module

from tests.architecture.source import modules, short, syntax

OWN_WAYS = frozenset(
    ("page", "count", "total", "get", "by_id", "rows_with", "values", "months", "fetch", "fetchval")
)
"""Of a list or a connection, which take a tenant's transaction."""

READERS = ("services/reading/", "api/graphql/engine/context.py")
"""Where readers are made, and the read that waits for what an operation wrote."""


def unasked_reads() -> Iterator[str]:
    """Reads of a partner's rows past the readers: by a query of a projection, by a list's own way
    in a transaction, or in a transaction of the application."""
    for path in modules("api", "services"):
        if short(path).startswith(READERS):
            continue
        for node in ast.walk(syntax(path)):
            yield from (f"{short(path)}: {one}" for one in _reads(node))


def _reads(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("projections"):
        its = import_module(node.module or "")
        yield from (
            one.name for one in node.names if inspect.iscoroutinefunction(getattr(its, one.name))
        )
    if isinstance(node, ast.Attribute) and node.attr in ("read", "db"):
        of = ast.unparse(node.value)
        if of.split(".")[-1] in ("app", "system") or of.startswith("system("):
            yield f"{of}.{node.attr}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        first = node.args[0] if node.args else None
        if node.func.attr in OWN_WAYS and isinstance(first, ast.Name) and first.id == "tenant":
            yield ast.unparse(node.func)
