"""The statements that the product sends to PostgreSQL in this process, each checked once.

Statements of the tests themselves, and of the schema's owner, are not the product's.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import asyncpg
import pytest

from infra.database import db
from tests.place import ROOT
from tests.statement_form.exceptions import EXCEPTIONS
from tests.statement_form.form import violations

BETWEEN = (asyncpg.pool.__file__, db.__file__)
"""The files whose frames stand between a cursor and who asks for it."""

TESTS = str(ROOT / "tests")
SEEN: dict[str, str] = {}
"""Each statement, and the file of the product that sent it."""


def record(statement: str, sender: FrameType | None) -> None:
    """Notes a statement of the product; sender: the frame that awaits it."""
    if statement in SEEN or sender is None:
        return
    file = sender.f_code.co_filename
    if not file.startswith(TESTS) and file.startswith(str(ROOT)):
        SEEN[statement] = str(Path(file).relative_to(ROOT))


class Recording(asyncpg.Connection):  # type: ignore[misc]
    """A connection that notes what is sent, and by whom: asyncpg's query logger does not say."""

    async def fetch(self, query: str, *args: Any, **options: Any) -> Any:
        record(query, sys._getframe(1))
        return await super().fetch(query, *args, **options)

    async def fetchrow(self, query: str, *args: Any, **options: Any) -> Any:
        record(query, sys._getframe(1))
        return await super().fetchrow(query, *args, **options)

    async def fetchval(self, query: str, *args: Any, **options: Any) -> Any:
        record(query, sys._getframe(1))
        return await super().fetchval(query, *args, **options)

    async def execute(self, query: str, *args: Any, **options: Any) -> Any:
        record(query, sys._getframe(1))
        return await super().execute(query, *args, **options)

    async def executemany(self, command: str, args: Any, **options: Any) -> Any:
        record(command, sys._getframe(1))
        return await super().executemany(command, args, **options)

    def cursor(self, query: str, *args: Any, **options: Any) -> Any:
        sender: FrameType | None = sys._getframe(1)
        # It is called and not awaited.
        while sender is not None and sender.f_code.co_filename in BETWEEN:
            sender = sender.f_back
        record(query, sender)
        return super().cursor(query, *args, **options)


@contextmanager
def recorded() -> Iterator[None]:
    """Pools that are opened meanwhile note what they send."""
    create_pool = asyncpg.create_pool
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            asyncpg,
            "create_pool",
            lambda *args, **options: create_pool(*args, connection_class=Recording, **options),
        )
        yield


def malformed() -> list[str]:
    """The statements seen that are not of the form: what is wrong, the sender, the statement."""
    found = (
        (sorted(violations(statement)), sender, statement)
        for statement, sender in SEEN.items()
        if statement not in EXCEPTIONS
    )
    return sorted(
        f"{sender}: {', '.join(wrong)}: {' '.join(statement.split())}"
        for wrong, sender, statement in found
        if wrong
    )
