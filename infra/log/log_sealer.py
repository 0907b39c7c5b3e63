"""Sealing what was recorded, block by block, in the background (decision 0041).

A block is committed to the database first, then its line is appended to the partner's file. Whoever
seals next appends what a killed one did not. Nobody waits for it: it reads what is committed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from infra.database.db import Database, TenantConnection
from infra.database.retries import is_waited_for, kept_up
from infra.log.feed import position_at
from infra.log.log_seals import (
    ANSWER_COLUMNS,
    EVENT_COLUMNS,
    AnswerHash,
    Seal,
    SealKey,
    hash_of,
    joined,
    partner_hash,
    read_seal,
    row_hash,
    separated,
    short_of,
)
from infra.log.seal_file import SealFile, held
from infra.logging import Troubles
from services.kernel.threads import run_whole

PAUSE = 5.0
"""Seconds between two rounds; what is recorded is sealed within twice as many."""

BLOCK = 2_000
"""Events of a block at most, and positions whose answers expire with one."""

ANSWERS_KEPT = timedelta(days=7)
"""For which an answer is given again to whoever asks with the same idempotency key."""

LINES = 500
"""Lines at most that are read and appended at once."""

SEALED = """
    select h.tenant_id, h.position, s.number, s.until, s.key
    from heads h left join lateral (
        select number, until, key from seals where tenant_id = h.tenant_id
        order by number desc limit 1
    ) s on true
    where h.position > 0
"""
"""How far each partner's chain is, and whose key it was signed with last."""

UNSEALED = f"""
    select count(*) from ({SEALED}) sealed cross join lateral (
        select recorded_at from events
        where tenant_id = sealed.tenant_id and position > coalesce(sealed.until, 0)
        order by position limit 1
    ) waiting where waiting.recorded_at < now() - interval '1 hour'
"""  # noqa: S608 - our own text
"""Of how many partners the first event that is not sealed has waited for so long that nobody
seals."""

_LAST = """
    select line, answer_hashes from seals where tenant_id = $1 order by number desc limit 1
"""
_LINE = "select line from seals where tenant_id = $1 and number = $2"
_LINES = """
    select number, line from seals where tenant_id = $1 and number > $2 and number <= $3
    order by number limit $4
"""
_NEWEST = (1 << 63) - 1
"""A number that no line is beyond."""

_EVENTS = f"""
    select {EVENT_COLUMNS} from events
    where tenant_id = $1 and position > $2 order by position limit $3
"""  # noqa: S608 - our own text
_ANSWERS = f"""
    select {ANSWER_COLUMNS} from commands
    where tenant_id = $1 and position >= $2 and position <= $3 order by position
"""  # noqa: S608 - our own text
_EXPIRE = "delete from commands where tenant_id = $1 and position < $2"
_INSERT = """
    insert into seals (tenant_id, number, key, after, until, line, event_hashes, answer_hashes)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


class SealBrokenError(Exception):
    """The seals that there are do not follow one another, or the file has others: another one would
    only hide that."""


class KeyChange(msgspec.Struct, frozen=True):
    """That another key goes on. former: those that hand over. is_lost: the key of before need not
    be among them."""

    former: tuple[SealKey, ...] = ()
    is_lost: bool = False


class LogSealer:
    """Seals the logs of all partners. Any number may run; of each partner one at a time seals.

    With another key than the one that signed a chain nothing is signed, unless it is told to change
    the key.
    """

    def __init__(
        self,
        db: Database,
        data: Path,
        key: Callable[[], SealKey],
        block: int = BLOCK,
        answers_kept: timedelta = ANSWERS_KEPT,
    ) -> None:
        """key: the one that is given now."""
        self._db, self._data, self._key, self._block = db, data, key, block
        self._answers_kept = answers_kept
        self._filed: dict[UUID, int] = {}
        self._troubles = Troubles("sealer")

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            await kept_up(self.round)
            await asyncio.sleep(PAUSE)

    async def round(self) -> None:
        """Seals all that is recorded by now, partner by partner."""
        async with self._db.across() as connection:
            found = await connection.fetch(SEALED)
        for tenant_id, position, number, until, _ in found:
            if position > (until or 0) or self._filed.get(tenant_id) != number:
                await self._one_of_many(tenant_id)

    async def _one_of_many(self, tenant_id: UUID) -> None:
        try:
            while await self.seal(tenant_id) == self._block:
                pass
        except Exception as error:
            if is_waited_for(error):
                raise
            # No partner's trouble is another's; the next round tries again.
            code = error.code if isinstance(error, Refusal) else type(error).__name__
            self._troubles.report("sealing_stopped", tenant_id, code)

    async def seal(self, tenant_id: UUID) -> int:
        """Seals one partner's next block; answers how many events that has. Raises SealBrokenError;
        refuses `seal_key_other` (key, other)."""
        with held(self._data, tenant_id) as file:
            return 0 if file is None else await self._seal(tenant_id, file)

    async def change_key(self, tenant_id: UUID, change: KeyChange) -> bool | None:
        """Goes on with the key that is given now; answers whether another one signed before, None
        where somebody else seals just then. Raises as seal does."""
        with held(self._data, tenant_id) as file:
            return None if file is None else bool(await self._seal(tenant_id, file, change))

    async def change_key_within(self, tenant: TenantConnection, change: KeyChange) -> bool:
        """The same in a transaction that is under way; whoever seals next writes its line to the
        file."""
        return bool(await self._next(tenant, change))

    async def _seal(self, tenant_id: UUID, file: SealFile, change: KeyChange | None = None) -> int:
        """Answers how many events it sealed, or with how many seals a key began."""
        filed = 0 if file.is_new else _read(file.last, tenant_id).number
        async with self._db.tenants([tenant_id]) as connection:
            tenant = TenantConnection(connection, tenant_id)
            if filed and await tenant.fetchval(_LINE, filed) != file.last:
                raise SealBrokenError
            _giver(self._key(), _before(await tenant.fetchrow(_LAST), tenant_id), change)
        # First what a killed one did not append: nothing is signed behind lines that do not follow.
        filed = await self._file(tenant_id, file, filed)
        async with self._db.tenants([tenant_id]) as connection:
            sealed = await self._next(TenantConnection(connection, tenant_id), change)
        self._filed[tenant_id] = await self._file(tenant_id, file, filed)
        return sealed

    async def _next(self, tenant: TenantConnection, change: KeyChange | None) -> int:
        key, last = self._key(), await tenant.fetchrow(_LAST)
        before = _before(last, tenant.tenant_id)
        is_other = before is not None and before.key != key.public
        former = _giver(key, before, change)
        after, kept_from = (before.until, before.kept_from) if before else (0, 0)
        events = [] if change else await tenant.fetch(_EVENTS, after, self._block)
        if not events and not (change and is_other):
            return 0
        until = after + len(events)
        if events and events[-1]["position"] != until:
            raise SealBrokenError
        known = set(separated(last["answer_hashes"])) if last else set()
        answers = [
            found
            for row in await tenant.fetch(_ANSWERS, after, until)
            if (found := AnswerHash(row["position"], row_hash(row))) not in known
        ]
        now = await tenant.instant()
        expired = await position_at(tenant, now - self._answers_kept)
        kept_from = max(kept_from, min(expired, until, kept_from + self._block))
        event_hashes, answer_hashes = b"".join(map(row_hash, events)), joined(answers)
        seal = Seal(
            tenant=tenant.tenant_id,
            number=before.number + 1 if before else 1,
            key=key.public,
            former=before.key if before and is_other else "",
            after=after,
            until=until,
            previous=hash_of(last["line"]) if last else "",
            events=hash_of(event_hashes),
            answers=hash_of(answer_hashes),
            kept_from=kept_from,
            partner=await partner_hash(tenant),
            sealed_at=now,
        )
        line = key.sign(former.hand_over(seal) if former else seal)
        await tenant.execute(_EXPIRE, kept_from)
        place = (seal.number, seal.key, after, until)
        await tenant.execute(_INSERT, *place, line, event_hashes, answer_hashes)
        return len(events) or 1

    async def _file(self, tenant_id: UUID, file: SealFile, filed: int) -> int:
        """Appends what the file lacks, once all of it follows: the last is of the key that holds,
        and each names the one before. Answers the number of the file's last line."""
        number, previous = filed, file.last
        async for rows in self._lacking(tenant_id, filed):
            for found, line in rows:
                seal, due = _read(line, tenant_id), hash_of(previous) if previous else ""
                if not number + 1 == seal.number == found or seal.previous != due:
                    raise SealBrokenError
                number, previous = found, line
        async for rows in self._lacking(tenant_id, filed, number):
            await run_whole(file.append, [line for _, line in rows])
        return number

    async def _lacking(
        self, tenant_id: UUID, filed: int, until: int = _NEWEST
    ) -> AsyncIterator[Sequence[tuple[int, str]]]:
        """The lines behind one and up to another with their numbers, some at a time."""
        while filed < until:
            async with self._db.tenants([tenant_id]) as connection:
                tenant = TenantConnection(connection, tenant_id)
                rows = await tenant.fetch(_LINES, filed, until, LINES)
            if not rows:
                return
            yield rows
            filed = rows[-1]["number"]


def _before(last: asyncpg.Record | None, tenant_id: UUID) -> Seal | None:
    return _read(last["line"], tenant_id) if last else None


def _giver(key: SealKey, before: Seal | None, change: KeyChange | None) -> SealKey | None:
    """Who hands a chain over to the key that is given; None where that goes on or begins anew.
    Refuses `seal_key_other` where it may do neither."""
    if before is None or before.key == key.public:
        return None
    givers = change.former if change else ()
    former = next((one for one in givers if one.public == before.key), None)
    if former is None and not (change and change.is_lost):
        raise Refusal("seal_key_other", key=short_of(key.public), other=short_of(before.key))
    return former


def _read(line: str, tenant_id: UUID) -> Seal:
    seal = read_seal(line, tenant_id)
    if seal is None:
        raise SealBrokenError
    return seal
