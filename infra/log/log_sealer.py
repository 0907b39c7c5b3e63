"""Sealing what was recorded, block by block, in the background (decision 0041).

A block is committed to the database first, then its line is appended to the partner's file. Whoever
seals next appends what a killed one did not. Nobody waits for it: it reads what is committed.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

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
    row_hash,
    separated,
)
from infra.log.seal_file import SealFile, held
from infra.logging import Troubles

PAUSE = 5.0
"""Seconds between two rounds; what is recorded is sealed within twice as many."""

BLOCK = 2_000
"""Events of a block at most, and positions whose answers expire with one."""

ANSWERS_KEPT = timedelta(days=7)
"""For which an answer is given again to whoever asks with the same idempotency key."""

SEALED = """
    select h.tenant_id, h.position,
        (select max(s.until) from seals s where s.tenant_id = h.tenant_id) as until
    from heads h where h.position > 0
"""
_LAST = """
    select line, answer_hashes from seals where tenant_id = $1 order by until desc limit 1
"""
_LINE = "select line from seals where tenant_id = $1 and until = $2"
_LINES = "select line from seals where tenant_id = $1 and until > $2 order by until"
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
    insert into seals (tenant_id, after, until, line, event_hashes, answer_hashes)
    values ($1, $2, $3, $4, $5, $6)
"""


class SealBrokenError(Exception):
    """The seals that there are do not follow one another, or the file has others: another one would
    only hide that."""


class LogSealer:
    """Seals the logs of all partners. Any number may run; of each partner one at a time seals."""

    def __init__(
        self,
        db: Database,
        data: Path,
        key: SealKey,
        block: int = BLOCK,
        answers_kept: timedelta = ANSWERS_KEPT,
    ) -> None:
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
        for tenant_id, position, until in found:
            if position > (until or 0) or self._filed.get(tenant_id) != until:
                await self._one_of_many(tenant_id)

    async def _one_of_many(self, tenant_id: UUID) -> None:
        try:
            while await self.seal(tenant_id) == self._block:
                pass
        except Exception as error:
            if is_waited_for(error):
                raise
            # No partner's trouble is another's; the next round tries again.
            self._troubles.report("sealing_stopped", tenant_id, type(error).__name__)

    async def seal(self, tenant_id: UUID) -> int:
        """Seals one partner's next block; answers how many events that has. Raises
        SealBrokenError."""
        with held(self._data, tenant_id) as file:
            if file is None:
                return 0
            filed = 0 if file.is_new else self._read(file.last, tenant_id).until
            async with self._db.tenants([tenant_id]) as connection:
                tenant = TenantConnection(connection, tenant_id)
                if filed and await tenant.fetchval(_LINE, filed) != file.last:
                    raise SealBrokenError
                sealed = await self._next(tenant)
            async with self._db.tenants([tenant_id]) as connection:
                rows = await TenantConnection(connection, tenant_id).fetch(_LINES, filed)
            self._file(tenant_id, file, filed, [row["line"] for row in rows])
        return sealed

    async def _next(self, tenant: TenantConnection) -> int:
        last = await tenant.fetchrow(_LAST)
        before = self._read(last["line"], tenant.tenant_id) if last else None
        after, kept_from = (before.until, before.kept_from) if before else (0, 0)
        events = await tenant.fetch(_EVENTS, after, self._block)
        if not events:
            return 0
        until = after + len(events)
        if events[-1]["position"] != until:
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
            after=after,
            until=until,
            previous=hash_of(last["line"]) if last else "",
            events=hash_of(event_hashes),
            answers=hash_of(answer_hashes),
            kept_from=kept_from,
            partner=await partner_hash(tenant),
            sealed_at=now,
        )
        line = self._key.sign(seal)
        await tenant.execute(_EXPIRE, kept_from)
        await tenant.execute(_INSERT, after, until, line, event_hashes, answer_hashes)
        return len(events)

    def _file(self, tenant_id: UUID, file: SealFile, filed: int, lines: Sequence[str]) -> None:
        """Appends what the file lacks."""
        previous = file.last
        for line in lines:
            seal = self._read(line, tenant_id)
            if (seal.after, seal.previous) != (filed, hash_of(previous) if previous else ""):
                raise SealBrokenError
            filed, previous = seal.until, line
        if lines:
            # Not in a thread, which would go on with a closed file when this is cancelled.
            file.append(lines)
        self._filed[tenant_id] = filed

    def _read(self, line: str, tenant_id: UUID) -> Seal:
        seal = self._key.read(line, tenant_id)
        if seal is None:
            raise SealBrokenError
        return seal
