"""Figures for the doors: which rows, known by when, computed once per state.

A tenant's position names a whole state of the tenant, so what was computed from the read models at
one position, for one day and one question, is true for ever: it is remembered by exactly that and
never goes stale.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from domain.kernel.errors import NotFoundError
from domain.kernel.values import Month
from domain.kpi.evaluation import By, Evidence, narrowed
from domain.kpi.proof.explanation import Explanation, explain
from domain.kpi.scheme.versions import Scheme
from domain.kpi.subjects.figures import NewcomerFigures, figures
from domain.kpi.subjects.groups import Board, Group, board, members
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.teaching import Handover
from infra.bootstrap import App
from projections.figures.newcomers import NEWCOMERS, NewcomerRow, list_newcomers
from projections.figures.schemes import SCHEMES, get_scheme
from projections.kernel.progress import list_positions
from projections.kernel.projection import Connection
from projections.teaching.cohorts import COHORT_LIST, COHORTS, CohortRow, list_handovers
from projections.trainees.cohort_members import COHORT_MEMBERS, list_member_ids
from services.kernel.context import Principal

MOST_FIGURES = 5_000
MOST_BOARDS = 200
MOST_FACTS = 16
MOST_NEWCOMERS = 5_000
"""Answers that are remembered: figures take a few KB with what the doors made of them, a board of
two years a few hundred; the rows of a group of up to so many newcomers, for the next day or the
explanation that is asked of them, about 2 KB each."""

NO_DAY = date.min
"""The rows of a group are the same whatever day is asked about."""

SHOWN = (NEWCOMERS, SCHEMES, COHORTS)


class Question(msgspec.Struct, frozen=True):
    """Which newcomers, on the evening of which day. month: YYYY-MM. cohort: a code.

    manager: of the newcomers (主管); training_manager: of their batches. known_by: an instant or a
    position; None for now.
    """

    happened_by: date
    month: str | None = None
    cohort: str | None = None
    manager: str | None = None
    known_by: datetime | int | None = None
    training_manager: str | None = None

    def narrowed(self, by: By, key: str) -> "Question":
        """The same about the group within the group that a key names."""
        return msgspec.structs.replace(self, **{by: key})

    def on(self, day: date) -> "Question":
        """The same on the evening of another day."""
        return msgspec.structs.replace(self, happened_by=day)

    def at(self, position: int) -> "Question":
        """The same as it was known at a position."""
        return msgspec.structs.replace(self, known_by=position)


class Facts(msgspec.Struct, frozen=True):
    """The rows that a question is answered from, and the position that they show.

    cohort: the code as the cohort spells it. handovers: who has answered for each batch.
    """

    newcomers: list[Newcomer]
    scheme: Scheme
    position: int
    cohort: str | None
    handovers: Mapping[str, Sequence[Handover]]


class Figured(msgspec.Struct, frozen=True):
    """Figures and the position that they show. views: what doors made of them, by their own keys:
    as true for ever as the figures are."""

    figures: NewcomerFigures
    position: int
    views: dict[Any, Any] = {}


class Boarded(msgspec.Struct, frozen=True):
    """A board and the position that it shows. views: as with Figured."""

    board: Board
    position: int
    views: dict[Any, Any] = {}


Key = tuple[UUID, tuple[int, ...], Hashable]
"""A tenant, a whole state of it, and a question: what was computed for it stays true."""


class Positioned(Protocol):
    """An answer that knows the position which it shows."""

    @property
    def position(self) -> int: ...


A = TypeVar("A", bound=Positioned)


class Remembered(Generic[A]):
    """The answers asked for lately."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Key, A] = OrderedDict()

    def recall(self, key: Key | None) -> A | None:
        if key is None or key not in self._answers:
            return None
        self._answers.move_to_end(key)
        return self._answers[key]

    def remember(self, key: Key | None, answer: A) -> None:
        # What was read a moment after the key may show a later state, which has its own key.
        if key is None or min(key[1]) != answer.position:
            return
        self._answers[key] = answer
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)


class ReadingFailedError(Exception):
    """The reading that was waited for came to nothing; the one who read says why."""


class FigureSource:
    """One per application."""

    def __init__(self, system: App) -> None:
        self._system = system
        self._figures = Remembered[Figured](MOST_FIGURES)
        self._boards = Remembered[Boarded](MOST_BOARDS)
        self._facts_known = Remembered[Facts](MOST_FACTS)
        self._reading: dict[Key, asyncio.Future[Facts]] = {}

    async def figures(self, principal: Principal, asked: Question) -> Figured:
        """Refuses `month_invalid`, `cohort_unknown`."""
        key = await self._key(principal, asked)
        known = self._figures.recall(key)
        if known is None:
            facts = await self._facts(principal.tenant, asked)
            known = Figured(
                figures(_chosen(facts, asked), asked.happened_by, facts.scheme), facts.position
            )
            self._figures.remember(key, known)
        return known

    async def board(self, principal: Principal, asked: Question) -> Boarded:
        """Every group of the question's newcomers. Refuses `month_invalid`, `cohort_unknown`."""
        key = await self._key(principal, asked)
        known = self._boards.recall(key)
        if known is None:
            facts = await self._facts(principal.tenant, asked)
            boarded = board(facts.newcomers, asked.happened_by, facts.scheme, _group(facts, asked))
            known = Boarded(boarded, facts.position)
            self._boards.remember(key, known)
        return known

    async def explain(self, principal: Principal, asked: Question, position: int) -> Explanation:
        """Opens the figures that were answered at this position."""
        facts = await self._facts(principal.tenant, asked)
        if facts.position != position:
            asked = msgspec.structs.replace(asked, known_by=position)
            facts = await self._facts(principal.tenant, asked)
        return explain(_chosen(facts, asked), asked.happened_by, facts.scheme)

    async def position(self, tenant_id: UUID) -> int:
        """The last position that all the read models of the figures show."""
        async with self._system.db.tenant(tenant_id) as connection:
            return min(await list_positions(connection, tenant_id, SHOWN))

    async def _key(self, principal: Principal, asked: Question) -> Key | None:
        if asked.known_by is not None:
            return None
        async with self._system.db.tenant(principal.tenant) as connection:
            positions = await list_positions(connection, principal.tenant, SHOWN)
        return (principal.tenant, positions, asked)

    async def _facts(self, tenant_id: UUID, asked: Question) -> Facts:
        if asked.known_by is None:
            return await self._facts_now(tenant_id, asked)
        travel = self._system.time_travel
        cohort = None
        if asked.cohort:
            async with self._system.db.tenant(tenant_id) as connection:
                cohort = await cohort_by_code(connection, tenant_id, asked.cohort)
        newcomers, position = await newcomers_then(self._system, tenant_id, cohort, asked)
        schemes, _ = await travel.state(tenant_id, SCHEMES, position)
        scheme = Scheme(tuple(row.version for row in schemes))
        code = cohort.code if cohort else None
        batches, _ = await travel.state(tenant_id, COHORTS, position)
        handovers = {row.code: row.handovers for row in batches}
        return Facts([row.facts for row in newcomers], scheme, position, code, handovers)

    async def _facts_now(self, tenant_id: UUID, asked: Question) -> Facts:
        async with self._system.db.snapshot(tenant_id) as connection:
            positions = await list_positions(connection, tenant_id, SHOWN)
            cohort = None
            if asked.cohort:
                cohort = (await cohort_by_code(connection, tenant_id, asked.cohort)).code
            group = Question(NO_DAY, asked.month, cohort, None)
            key = (tenant_id, positions, group)
            known = self._facts_known.recall(key)
            if known is not None:
                return known
            reading = self._reading.get(key)
            if reading is None:
                # Who asks for the same rows meanwhile waits for these.
                self._reading[key] = reading = asyncio.get_running_loop().create_future()
                try:
                    facts = await _read_facts(connection, tenant_id, group, min(positions))
                    reading.set_result(facts)
                except BaseException as error:
                    reading.set_exception(ReadingFailedError())
                    reading.exception()
                    raise error
                finally:
                    del self._reading[key]
                if len(facts.newcomers) <= MOST_NEWCOMERS:
                    self._facts_known.remember(key, facts)
                return facts
        try:
            return await asyncio.shield(reading)
        except ReadingFailedError:
            return await self._facts_now(tenant_id, asked)


async def newcomers_then(
    system: App, tenant_id: UUID, cohort: CohortRow | None, asked: Question
) -> tuple[list[NewcomerRow], int]:
    """The rows as they were known by then, and the position: of a batch alone, everybody who has
    ever belonged to it, from their own streams."""
    travel = system.time_travel
    if cohort is None or asked.month:
        return await travel.state(tenant_id, NEWCOMERS, asked.known_by)
    async with system.db.tenant(tenant_id) as connection:
        (reached,) = await list_positions(connection, tenant_id, [COHORT_MEMBERS])
        people = await list_member_ids(connection, tenant_id, cohort_ids=[cohort.cohort_id])
    known = await travel.fold_streams(tenant_id, NEWCOMERS, people, asked.known_by)
    if known[1] > reached:
        # Somebody may have joined of whom the members do not tell yet.
        known = await travel.state(tenant_id, NEWCOMERS, known[1])
    return known


def _group(facts: Facts, asked: Question) -> Group:
    month = Month.parse(asked.month) if asked.month else None
    group = Group(month=month, cohort=facts.cohort, manager=asked.manager)
    if asked.training_manager is None:
        return group
    evidence = Evidence(facts.newcomers, handovers=facts.handovers)
    name, day = asked.training_manager, asked.happened_by
    return narrowed(group, "training_manager", name, evidence, day)


def _chosen(facts: Facts, asked: Question) -> list[Newcomer]:
    return members(facts.newcomers, asked.happened_by, facts.scheme, _group(facts, asked))


async def _read_facts(
    connection: Connection, tenant_id: UUID, group: Question, position: int
) -> Facts:
    scheme = await get_scheme(connection, tenant_id)
    newcomers = await list_newcomers(
        connection,
        tenant_id,
        cohort=group.cohort,
        month=Month.parse(group.month) if group.month else None,
    )
    handovers = await list_handovers(connection, tenant_id)
    return Facts(newcomers, scheme, position, group.cohort, handovers)


async def cohort_by_code(connection: Connection, tenant_id: UUID, code: str) -> CohortRow:
    """However the code is spelt. Raises NotFoundError `cohort_unknown`."""
    row = await COHORT_LIST.get(connection, tenant_id, code=code)
    if row is None:
        raise NotFoundError("cohort_unknown", code=code)
    return row
