"""Runs the reactors: hands each tenant's log on in stretches and carries out their reactions.

In two transactions: the first writes where the stretch ends, the second holds the checkpoint while
the reactions are carried out and moves it at the end. Whoever is killed in between leaves a stretch
that is handed on again with the same ends, and reactions whose idempotency keys are known: done at
least once, they count once. A stretch without an event of the reactor's is passed over at once.

Of a stretch that cannot be reacted to one half is tried, until it is one command that is to blame:
there the reactor parks, and is let pass over that command and no other.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Self
from uuid import UUID, uuid5

import asyncpg
from cachetools import LRUCache
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import Refusal
from domain.kpi.subjects.newcomer import Newcomer
from infra.app import App
from infra.database.db import Database, TenantConnection
from infra.database.retries import is_waited_for
from infra.log.feed import Feed, Unreadable, end_of_command, position_at
from infra.log.tenant_log import TenantLog
from infra.readside import checkpoints
from infra.readside.checkpoints import LockedCheckpoint
from infra.readside.folding import Stop
from infra.readside.log_follower import ROW_REFUSED, LogFollower
from infra.readside.skipped import Stretches, without
from infra.readside.time_travel import TimeTravel
from projections.figures.newcomers import NEWCOMERS
from projections.kernel.projection import Selection
from services.execute import CONFLICT, execute
from services.kernel.context import Context, Principal, integrated
from services.kernel.ports import Effect
from services.reactors import REACTORS
from services.reactors.reactor import Reaction, Reactor, Stretch, causation_id, idempotency_key

BATCH = 1_000
"""Positions of one stretch."""

MOST_TENANTS = 200
"""Whose events from the beginning are remembered; they are few, or nobody should ask for all."""

Asked = tuple[UUID, frozenset[str], Stretches]


class LogHistory:
    """A tenant's past for reactors: kept states and the log, in transactions of its own.

    What a log says from its beginning up to a position is true for ever, so whoever asks for it
    again and again, as a reactor does at every stretch, has only what came since read.
    """

    def __init__(self, db: Database, log: TenantLog, time_travel: TimeTravel) -> None:
        self._db = db
        self._feed = Feed(log)
        self._time_travel = time_travel
        self._known: LRUCache[Asked, tuple[int, list[Recorded]]] = LRUCache(MOST_TENANTS)
        self._skipped: Stretches = ()

    def passing_over(self, skipped: Stretches) -> Self:
        """The same past without the events of these stretches."""
        its = copy(self)
        its._skipped = tuple(map(tuple, skipped))
        return its

    async def newcomers(self, tenant_id: UUID, position: int) -> list[Newcomer]:
        rows, _ = await self._time_travel.state(tenant_id, NEWCOMERS, position)
        return [row.facts for row in rows]

    async def events(
        self, tenant_id: UUID, after: int, until: int, topics: Iterable[str]
    ) -> list[Recorded]:
        wanted = frozenset(topics)
        if after > 0:
            return (await self._read(tenant_id, after, until, wanted))[1]
        asked = (tenant_id, wanted, self._skipped)
        known_until, known = self._known.get(asked, (0, []))
        if known_until < until:
            reached, more = await self._read(tenant_id, known_until, until, wanted)
            known = [*known, *more]
            self._known[asked] = (reached, known)
        return [recorded for recorded in known if recorded.position <= until]

    async def _read(
        self, tenant_id: UUID, after: int, until: int, topics: frozenset[str]
    ) -> tuple[int, list[Recorded]]:
        """The events, and how far the log went when they were read."""
        async with self._db.tenant(tenant_id) as tenant:
            reached = await position_at(tenant, until)
            entries = await self._feed.read(tenant, Selection(topics), after=after, until=reached)
        events = []
        for entry in without(entries, self._skipped):
            if isinstance(entry, Unreadable):
                raise entry.error
            events.append(entry)
        return reached, events


class Reactors(LogFollower):
    """Any number of them share the work."""

    def __init__(
        self, app: App, reactors: Sequence[Reactor] = REACTORS, batch: int = BATCH
    ) -> None:
        super().__init__(app.db, reactors, "reactors")
        self._app = app
        self._feed = Feed(app.log)
        self._history = LogHistory(app.db, app.log, app.time_travel)
        self._reactors = reactors
        self._batch = batch

    async def advance(self, tenant_id: UUID) -> int:
        return sum([await self._step(tenant_id, reactor) for reactor in self._reactors])

    async def _step(self, tenant_id: UUID, reactor: Reactor) -> int:
        """Begins the next stretch, or carries out the one that was begun."""
        async with self._db.tenant(tenant_id) as tenant:
            for checkpoint in await checkpoints.lock_behind(tenant, [reactor], self.retrying):
                stretch, stop = await self._read(tenant, reactor, checkpoint)
                if stretch.events and checkpoint.until is None:
                    await checkpoints.begin(tenant, reactor.checkpoint, stretch.until)
                    return 1
                reached = stretch.until
                history = self._history.passing_over(checkpoint.skipped)
                if stretch.events and (
                    failed := await self._react(tenant, reactor, stretch, history)
                ):
                    if half := await _half(tenant, stretch):
                        await checkpoints.begin(tenant, reactor.checkpoint, half)
                        return 1
                    reached, stop = stretch.after, failed
                return await self._move(tenant, checkpoint, reached, stop)
        return 0

    async def _read(
        self, tenant: TenantConnection, reactor: Reactor, checkpoint: LockedCheckpoint
    ) -> tuple[Stretch, Stop | None]:
        """The stretch, up to an event that cannot be read, if there is one."""
        after = checkpoint.position
        until = checkpoint.until or await end_of_command(
            tenant, min(after + self._batch, checkpoint.head)
        )
        events: list[Recorded] = []
        entries = await self._feed.read(tenant, Selection(reactor.topics), after=after, until=until)
        for entry in without(entries, checkpoint.skipped):
            if isinstance(entry, Unreadable):
                whole = await position_at(tenant, entry.position - 1)
                known = [one for one in events if one.position <= whole]
                return Stretch(after, whole, known), Stop(entry.position, entry.error, entry.topic)
            events.append(entry)
        return Stretch(after, until, events), None

    async def _react(
        self, tenant: TenantConnection, reactor: Reactor, stretch: Stretch, history: LogHistory
    ) -> Stop | None:
        """Answers where the stretch begins that it cannot react to, if it cannot."""
        zone = await tenant.zone()
        principal = Principal.of_system(tenant.tenant_id, reactor.checkpoint, zone)
        ctx = self._app.context(principal, source=integrated())
        try:
            reactions = await reactor.react(ctx, history, stretch)
            for reaction in _distinct(reactor, reactions):
                await self._carry_out(ctx, reactor, reaction)
        except Exception as error:
            if _is_passing(error):
                raise
            return Stop(stretch.events[0].position, error)
        return None

    async def _carry_out(self, ctx: Context, reactor: Reactor, reaction: Reaction) -> None:
        key = idempotency_key(reactor, reaction)
        does, because = reaction.does, reaction.because
        if isinstance(does, Effect):
            job_id = uuid5(because.tenant_id, key)
            await self._app.jobs.create_job(
                because.tenant_id, does.kind, does.payload, job_id=job_id
            )
            return
        caused = replace(
            ctx,
            idempotency_key=key,
            correlation_id=because.correlation_id,
            causation_id=causation_id(because),
        )
        try:
            await execute(caused, does)
        except Refusal as refusal:
            # An earlier attempt carried it out, perhaps an older program's in other words.
            if refusal.code != "idempotency_key_reused":
                raise


async def _half(tenant: TenantConnection, stretch: Stretch) -> int | None:
    """Where about half of its commands end; None: it is one alone."""
    events = stretch.events
    for one in (events[(len(events) - 1) // 2], events[0]):
        until = await end_of_command(tenant, one.position)
        if until < events[-1].position:
            return until
    return None


def _is_passing(error: Exception) -> bool:
    """Whether no event is to blame: the installation's trouble, or others were faster too often."""
    if isinstance(error, asyncpg.PostgresError) and not isinstance(error, ROW_REFUSED):
        return True
    if is_waited_for(error):
        return True
    return isinstance(error, Refusal) and error.code == CONFLICT


def _distinct(reactor: Reactor, reactions: Sequence[Reaction]) -> Sequence[Reaction]:
    """The reactions; raises ValueError where two have one key, so that one would be lost."""
    keys = {idempotency_key(reactor, reaction) for reaction in reactions}
    if len(keys) < len(reactions):
        raise ValueError(f"{reactor.name} answered with two reactions of one key")
    return reactions
