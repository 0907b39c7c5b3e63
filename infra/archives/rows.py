"""Rows of tables as members of an archive: written as PostgreSQL's binary `copy`, and read back."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg

from infra.archives.archive import Archive, ArchiveWriter
from services.kernel.threads import each_in_thread

_NEVER_COPIED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProtocolViolationError,
    asyncpg.DatatypeMismatchError,
    asyncpg.ProgramLimitExceededError,
)
"""What PostgreSQL says of rows that it has not written itself: of values, of keys, of too few
bytes, of an array of something else, and of too many bytes."""


async def add_rows(
    archive: ArchiveWriter, member: str, connection: asyncpg.Connection, query: str, *values: Any
) -> int:
    """A member of the rows of a query; answers how many they are."""
    archive.begin(member)

    async def write(content: bytes) -> None:
        await asyncio.to_thread(archive.write, content)

    done = await connection.copy_from_query(query, *values, output=write, format="binary")
    return copied_rows(done)


async def load_rows(
    archive: Archive,
    connection: asyncpg.Connection,
    table: str,
    columns: Sequence[str],
    content: Iterator[bytes],
) -> int:
    """Adds a member's rows to a table; answers how many they are. Refuses as refusing_made_up
    does."""
    source = each_in_thread(content)
    with refusing_made_up(archive):
        done = await connection.copy_to_table(
            table, source=source, columns=columns, format="binary"
        )
    return copied_rows(done)


@contextmanager
def refusing_made_up(archive: Archive) -> Iterator[None]:
    """Refuses `archive_damaged` of values that no table can have held: whoever has the passphrase
    may have written them. Around nothing else: what is said of the database is not of them."""
    try:
        yield
    except asyncpg.PostgresError as error:
        # A form of `jsonb` has no code of its own; those below this one are of broken tables.
        if isinstance(error, _NEVER_COPIED) or type(error) is asyncpg.InternalServerError:
            raise archive.damaged() from error
        raise


def copied_rows(done: str) -> int:
    """How many rows PostgreSQL says that it has copied or inserted."""
    return int(done.rpartition(" ")[2])
