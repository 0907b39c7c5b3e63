"""Head office's schemes: kept once, and brought into every partner's log.

A partner's checkpoint says up to which of head office's numbers its log has been brought. Who dies
between an append and the checkpoint leaves a version that is adopted already, which is adopted
again without a trace; and a partner that joins later starts at 0.
"""

import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from domain.people.partner import HEAD_OFFICE_ID
from infra.database.db import Database
from infra.logging import Troubles
from services.execute import execute
from services.kernel.context import Context, Role
from services.kernel.ports import Log
from services.kernel.roles import in_role
from services.scheme.scheme import AdoptScheme

CHECKPOINT = "head_office_schemes"
LOCK = 0x636875_736368
"""The advisory lock's key: "chu" and "sch" in ASCII."""

MOST = 50
"""Partners brought up to date at one time."""

PAUSE = 2.0
"""Seconds without a look after a turn that brought nobody on: it goes over all partners."""

BEFORE_ALL = UUID(int=0)

_LISTED = "select number, scheme, actor from head_office_schemes"
BEHIND = f"""
    select h.tenant_id, coalesce(c.position, 0) as position
    from heads h
    left join checkpoints c on c.tenant_id = h.tenant_id and c.projection = $1
    where h.position > 0 and coalesce(c.position, 0) < $2 and h.tenant_id > $3
        and h.tenant_id <> '{HEAD_OFFICE_ID}'
    order by h.tenant_id limit $4
"""  # noqa: S608 - an id of ours
_MOVE = """
    insert into checkpoints (tenant_id, projection, position) values ($1, $2, $3)
    on conflict (tenant_id, projection) do update
        set position = greatest(checkpoints.position, excluded.position)
"""


class HeadOfficeSchemes:
    """The rows of services.scheme.head_office.SchemesForAll."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, scheme: AdoptScheme, actor: str, key: str | None) -> int:
        async with self._db.head_office() as connection:
            await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
            known = [] if key is None else await _list(connection, "idempotency_key = $1", key)
            for earlier in known:
                if (earlier.scheme, earlier.actor) != (scheme, actor):
                    raise Refusal("idempotency_key_reused", field="idempotency_key")
                return earlier.number
            if await _list(connection, "effective_from = $1", scheme.effective_from):
                raise Refusal(
                    "scheme_overlaps", field="effective_from", effective_from=scheme.effective_from
                )
            number: int = await connection.fetchval(
                "insert into head_office_schemes"
                " (number, effective_from, scheme, actor, idempotency_key)"
                " select coalesce(max(number), 0) + 1, $1, $2, $3, $4"
                " from head_office_schemes returning number",
                scheme.effective_from,
                scheme,
                actor,
                key,
            )
            return number


class NumberedScheme(msgspec.Struct, frozen=True):
    """One of head office's versions, by its number from 1."""

    number: int
    scheme: AdoptScheme
    actor: str


class SchemeRollout:
    """Brings every partner's log up to head office's list, in turns through all that are behind;
    several may do so at once."""

    def __init__(self, db: Database, log: Log, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._log = log
        self._clock = clock
        self._troubles = Troubles("head_office")
        self._rests_until = 0.0
        self._after, self._has_moved = BEFORE_ALL, False

    @property
    def is_resting(self) -> bool:
        """Whether its last turn, which is over, brought nobody on."""
        return time.monotonic() < self._rests_until

    async def roll_out(self, across: asyncpg.Connection) -> int:
        """The next MOST partners; answers how many are up to date now that were not.

        across: of Database.across. What a partner's log refuses is logged once, and tried again in
        the next turn.
        """
        if self.is_resting:
            return 0
        newest = await across.fetchval("select max(number) from head_office_schemes")
        behind, brought = [], 0
        if newest:
            behind = await across.fetch(BEHIND, CHECKPOINT, newest, self._after, MOST)
        if behind:
            schemes = await _list(across, "number > $1", min(row["position"] for row in behind))
            brought = sum(
                [await self._bring(r["tenant_id"], r["position"], schemes) for r in behind]
            )
        self._has_moved |= brought > 0
        if len(behind) == MOST:
            self._after = behind[-1]["tenant_id"]
        else:
            if not self._has_moved:
                self._rests_until = time.monotonic() + PAUSE
            self._after, self._has_moved = BEFORE_ALL, False
        return brought

    async def _bring(self, tenant_id: UUID, position: int, schemes: list[NumberedScheme]) -> bool:
        reached = position
        try:
            for listed in schemes:
                if listed.number > position:
                    await self._adopt(tenant_id, listed)
                    reached = listed.number
        except Refusal as refusal:
            self._troubles.report("scheme_not_adopted", tenant_id, refusal.code)
        async with self._db.tenant(tenant_id) as tenant:
            await tenant.execute(_MOVE, CHECKPOINT, reached)
        return reached == schemes[-1].number

    async def _adopt(self, tenant_id: UUID, listed: NumberedScheme) -> None:
        setter = in_role(tenant_id, listed.actor, Role.HEAD_OFFICE)
        await execute(Context(principal=setter, log=self._log, now=self._clock()), listed.scheme)


async def _list(connection: asyncpg.Connection, where: str, value: object) -> list[NumberedScheme]:
    rows = await connection.fetch(f"{_LISTED} where {where} order by number", value)
    return [msgspec.convert(dict(row), NumberedScheme) for row in rows]
