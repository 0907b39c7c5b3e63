"""The answers of api/graphql/types/live.py as of a moment, folded from the log once per operation.

Of a batch or of some people their streams alone are folded; of a whole partner the nearest state
and what follows it. Rows are cut to the day by the projections' own `as_of`, and chosen and paged
in memory as their queries would.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from strawberry.dataloader import DataLoader

from api.graphql.engine.moment import Moment
from api.graphql.types.live import figures_by_cohort
from domain.kernel.values import Month
from domain.kpi.evaluation import Evaluated
from domain.kpi.subjects.as_of import newcomer_as_of
from domain.kpi.subjects.newcomer import Newcomer
from projections.figures.newcomers import NEWCOMERS
from projections.figures.schemes import SCHEMES, SchemeRow
from projections.kernel.paging import Page, page_in
from projections.kernel.progress import list_positions
from projections.kernel.projection import Connection, Projection
from projections.reporting import submissions
from projections.reporting.submissions import SUBMISSIONS, SubmissionRow
from projections.teaching import cohorts, sessions
from projections.teaching.cohorts import COHORTS, CohortRow
from projections.teaching.sessions import SESSIONS, SessionRow
from projections.trainees import cohort_roster, timeline
from projections.trainees.cohort_members import COHORT_MEMBERS, list_member_ids
from projections.trainees.cohort_roster import (
    COHORT_ROSTER,
    CohortRosterRow,
    RosterCounts,
    Status,
    list_ids_by_number,
)
from projections.trainees.timeline import TIMELINE, TimelineRow
from services.reading.question import Question

if TYPE_CHECKING:
    from api.graphql.engine.context import Ask

R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V")


class Past:
    """One per operation and moment."""

    def __init__(self, ask: "Ask", moment: Moment) -> None:
        self._ask, self._moment = ask, moment
        self._travel = ask.system.time_travel
        self._reading: dict[Hashable, asyncio.Future[Any]] = {}

    @property
    def question(self) -> Question:
        """The figures of everybody, then."""
        day = self._moment.happened_by or self._ask.today
        return Question(happened_by=day, known_by=self._moment.position)

    async def get_trainee(
        self, *, trainee_id: str | None, employee_no: str | None
    ) -> CohortRosterRow | None:
        if trainee_id is not None:
            rows = await self._of_streams(COHORT_ROSTER, [trainee_id])
        else:
            rows = await self._people(
                COHORT_ROSTER, lambda c: list_ids_by_number(c, employee_no=employee_no or "")
            )
        rows = self._cut(rows, cohort_roster.as_of)
        return cohort_roster.one_of(rows, trainee_id=trainee_id, employee_no=employee_no)

    async def list_roster(
        self,
        *,
        cohort_id: str | None,
        status: Status | None,
        search: str | None,
        first: int,
        after: str | None,
    ) -> Page[CohortRosterRow]:
        rows = await self._roster(cohort_id)
        found = cohort_roster.chosen(rows, cohort_id=cohort_id, status=status, search=search)
        return page_in(found, cohort_roster.BY_NAME, first=first, after=after)

    async def count_roster(
        self, *, cohort_id: str | None, status: Status | None, search: str | None
    ) -> int:
        rows = await self._roster(cohort_id)
        return len(cohort_roster.chosen(rows, cohort_id=cohort_id, status=status, search=search))

    async def get_cohort(self, *, cohort_id: str | None, code: str | None) -> CohortRow | None:
        rows = await self._one_or_all(COHORTS, cohort_id)
        return cohorts.one_of(self._cut(rows, cohorts.as_of), cohort_id=cohort_id, code=code)

    async def list_cohorts(
        self, *, month: Month | None, first: int, after: str | None
    ) -> Page[CohortRow]:
        found = cohorts.chosen(await self._cohorts(), month=month)
        return page_in(found, cohorts.LATEST_FIRST, first=first, after=after)

    async def count_cohorts(self, *, month: Month | None) -> int:
        return len(cohorts.chosen(await self._cohorts(), month=month))

    async def get_session(self, *, session_id: str | None, code: str | None) -> SessionRow | None:
        rows = await self._one_or_all(SESSIONS, session_id)
        return sessions.one_of(self._cut(rows, sessions.as_of), session_id=session_id, code=code)

    async def list_sessions(
        self, *, cohort_id: str | None, month: Month | None, first: int, after: str | None
    ) -> Page[SessionRow]:
        found = sessions.chosen(await self._sessions(), cohort_id=cohort_id, month=month)
        return page_in(found, sessions.LATEST_FIRST, first=first, after=after)

    async def count_sessions(self, *, cohort_id: str | None, month: Month | None) -> int:
        return len(sessions.chosen(await self._sessions(), cohort_id=cohort_id, month=month))

    async def get_submission(self, *, submission_id: str) -> SubmissionRow | None:
        rows = await self._of_streams(SUBMISSIONS, [submission_id])
        return rows[0] if rows else None

    async def list_submissions(
        self, *, month: Month | None, restated: bool | None, first: int, after: str | None
    ) -> Page[SubmissionRow]:
        found = submissions.chosen(await self._all(SUBMISSIONS), month=month, restated=restated)
        return page_in(found, submissions.LATEST_FIRST, first=first, after=after)

    async def count_submissions(self, *, month: Month | None, restated: bool | None) -> int:
        rows = await self._all(SUBMISSIONS)
        return len(submissions.chosen(rows, month=month, restated=restated))

    async def list_scheme_versions(self) -> list[SchemeRow]:
        return await self._all(SCHEMES)

    async def list_timeline(
        self, *, trainee_id: str, first: int, after: str | None
    ) -> Page[TimelineRow]:
        told = await self._told.load(trainee_id)
        return page_in(told, timeline.AS_RECORDED, first=first, after=after)

    @cached_property
    def trainee_by_id(self) -> DataLoader[str, CohortRosterRow | None]:
        async def read(ids: list[str]) -> dict[str, CohortRosterRow]:
            rows = await self._of_streams(COHORT_ROSTER, ids)
            return {row.trainee_id: row for row in self._cut(rows, cohort_roster.as_of)}

        return _loader(read)

    @cached_property
    def cohort_by_id(self) -> DataLoader[str, CohortRow | None]:
        """Also those that had not opened yet: people and classes may belong to them."""

        async def read(ids: list[str]) -> dict[str, CohortRow]:
            rows = await self._of_streams(COHORTS, ids)
            return {row.cohort_id: row for row in self._cut(rows, cohorts.told_by)}

        return _loader(read)

    @cached_property
    def counts_by_cohort(self) -> DataLoader[str, RosterCounts | None]:
        async def read(ids: list[str]) -> dict[str, RosterCounts]:
            rows = await self._members(ids)
            return cohort_roster.counts_by_cohort(self._cut(rows, cohort_roster.as_of))

        return _loader(read)

    @cached_property
    def newcomer_by_trainee(self) -> DataLoader[str, Newcomer | None]:
        async def read(ids: list[str]) -> dict[str, Newcomer]:
            rows = await self._of_streams(NEWCOMERS, ids)
            facts = self._cut([row.facts for row in rows], newcomer_as_of)
            return {one.trainee_id: one for one in facts}

        return _loader(read)

    @cached_property
    def figures_by_cohort(self) -> DataLoader[str, tuple[Evaluated, int]]:
        return figures_by_cohort(self._ask.figures, self._ask.principal, self.question)

    @cached_property
    def _told(self) -> DataLoader[str, list[TimelineRow]]:
        async def load(ids: list[str]) -> Sequence[list[TimelineRow]]:
            found: dict[str, list[TimelineRow]] = {trainee_id: [] for trainee_id in ids}
            rows = await self._of_streams(TIMELINE, ids)
            for row in self._cut(rows, timeline.as_of):
                found[row.stream_id].append(row)
            return [found[trainee_id] for trainee_id in ids]

        return DataLoader(load_fn=load)

    async def _roster(self, cohort_id: str | None) -> list[CohortRosterRow]:
        """Of a batch: everybody who ever belonged to it, and perhaps others."""

        async def read() -> list[CohortRosterRow]:
            if cohort_id is None:
                rows = await self._all(COHORT_ROSTER)
            else:
                rows = await self._members([cohort_id])
            return self._cut(rows, cohort_roster.as_of)

        return await self._once(("roster", cohort_id), read)

    async def _cohorts(self) -> list[CohortRow]:
        return self._cut(await self._all(COHORTS), cohorts.as_of)

    async def _sessions(self) -> list[SessionRow]:
        return self._cut(await self._all(SESSIONS), sessions.as_of)

    async def _members(self, cohort_ids: list[str]) -> list[CohortRosterRow]:
        return await self._people(
            COHORT_MEMBERS, lambda c: list_member_ids(c, cohort_ids=cohort_ids)
        )

    async def _people(
        self, known: Projection[Any], query: Callable[[Connection], Awaitable[list[str]]]
    ) -> list[CohortRosterRow]:
        """Those whom a query of a read model names; all where it does not tell of them yet."""
        async with self._ask.system.db.snapshot(self._ask.tenant) as connection:
            (reached,) = await list_positions(connection, [known])
            ids = await query(connection)
        if reached < self._moment.position:
            return await self._all(COHORT_ROSTER)
        return await self._of_streams(COHORT_ROSTER, ids)

    async def _one_or_all(self, projection: Projection[R], stream_id: str | None) -> list[R]:
        if stream_id is None:
            return await self._all(projection)
        return await self._of_streams(projection, [stream_id])

    async def _of_streams(self, projection: Projection[R], stream_ids: list[str]) -> list[R]:
        rows, _ = await self._travel.fold_streams(
            self._ask.tenant, projection, stream_ids, self._moment.position
        )
        return rows

    async def _all(self, projection: Projection[R]) -> list[R]:
        async def read() -> list[R]:
            rows, _ = await self._travel.state(self._ask.tenant, projection, self._moment.position)
            return rows

        return await self._once(projection.table, read)

    async def _once(self, key: Hashable, read: Callable[[], Awaitable[V]]) -> V:
        """The same rows for all that ask for them, also at the same time."""
        if key not in self._reading:
            self._reading[key] = asyncio.ensure_future(read())
        found: V = await self._reading[key]
        return found

    def _cut(self, rows: list[R], as_of: Callable[[R, Any], R | None]) -> list[R]:
        """The rows as of the moment's day."""
        day = self._moment.happened_by
        if day is None:
            return rows
        cut = (as_of(row, day) for row in rows)
        return [row for row in cut if row is not None]


def _loader(
    read: Callable[[list[str]], Awaitable[dict[str, V]]],
) -> DataLoader[str, V | None]:
    async def load(ids: list[str]) -> Sequence[V | None]:
        found = await read(list(ids))
        return [found.get(one) for one in ids]

    return DataLoader(load_fn=load)
