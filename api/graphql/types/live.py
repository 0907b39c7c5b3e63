"""Everything, now: what the read models' tables say. Each thing is read once per operation."""

from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from strawberry.dataloader import DataLoader

from domain.kernel.values import Month
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated
from domain.kpi.subjects.newcomer import Newcomer
from projections.figures.newcomers import list_newcomers_by_id
from projections.figures.schemes import SchemeRow, list_scheme_versions
from projections.kernel.paging import Page
from projections.kernel.projection import Connection
from projections.reporting.submissions import (
    SubmissionRow,
    count_submissions,
    get_submission,
    list_submissions,
)
from projections.teaching.cohorts import (
    CohortRow,
    count_cohorts,
    get_cohort,
    list_cohorts,
    list_cohorts_by_id,
)
from projections.teaching.sessions import SessionRow, count_sessions, get_session, list_sessions
from projections.trainees.cohort_roster import (
    CohortRosterRow,
    RosterCounts,
    Status,
    count_roster,
    count_roster_by_cohort,
    get_trainee,
    list_roster,
    list_trainees_by_id,
)
from projections.trainees.timeline import (
    TimelineRow,
    list_events_by_position,
    list_timeline,
    list_timelines,
)
from services.kernel.context import Principal
from services.reading.figures import FigureReader
from services.reading.question import Question

if TYPE_CHECKING:
    from api.graphql.engine.context import Ask

K = TypeVar("K")
V = TypeVar("V")


class Live:
    """Loaders read with one statement for all that ask; api/graphql/types/past.py answers the
    same."""

    def __init__(self, ask: "Ask") -> None:
        self._ask = ask
        self._read = ask.read

    @property
    def question(self) -> Question:
        """The figures of everybody."""
        return Question(happened_by=self._ask.today)

    async def get_trainee(
        self, *, trainee_id: str | None, employee_no: str | None
    ) -> CohortRosterRow | None:
        return await self._read(
            lambda c: get_trainee(c, trainee_id=trainee_id, employee_no=employee_no)
        )

    async def list_roster(
        self,
        *,
        cohort_id: str | None,
        status: Status | None,
        search: str | None,
        first: int,
        after: str | None,
    ) -> Page[CohortRosterRow]:
        return await self._read(
            lambda c: list_roster(
                c, cohort_id=cohort_id, status=status, search=search, first=first, after=after
            )
        )

    async def count_roster(
        self, *, cohort_id: str | None, status: Status | None, search: str | None
    ) -> int:
        return await self._read(
            lambda c: count_roster(c, cohort_id=cohort_id, status=status, search=search)
        )

    async def get_cohort(self, *, cohort_id: str | None, code: str | None) -> CohortRow | None:
        return await self._read(lambda c: get_cohort(c, cohort_id=cohort_id, code=code))

    async def list_cohorts(
        self, *, month: Month | None, first: int, after: str | None
    ) -> Page[CohortRow]:
        return await self._read(lambda c: list_cohorts(c, month=month, first=first, after=after))

    async def count_cohorts(self, *, month: Month | None) -> int:
        return await self._read(lambda c: count_cohorts(c, month=month))

    async def get_session(self, *, session_id: str | None, code: str | None) -> SessionRow | None:
        return await self._read(lambda c: get_session(c, session_id=session_id, code=code))

    async def list_sessions(
        self, *, cohort_id: str | None, month: Month | None, first: int, after: str | None
    ) -> Page[SessionRow]:
        return await self._read(
            lambda c: list_sessions(c, cohort_id=cohort_id, month=month, first=first, after=after)
        )

    async def count_sessions(self, *, cohort_id: str | None, month: Month | None) -> int:
        return await self._read(lambda c: count_sessions(c, cohort_id=cohort_id, month=month))

    async def get_submission(self, *, submission_id: str) -> SubmissionRow | None:
        return await self._read(lambda c: get_submission(c, submission_id=submission_id))

    async def list_submissions(
        self, *, month: Month | None, restated: bool | None, first: int, after: str | None
    ) -> Page[SubmissionRow]:
        return await self._read(
            lambda c: list_submissions(c, month=month, restated=restated, first=first, after=after)
        )

    async def count_submissions(self, *, month: Month | None, restated: bool | None) -> int:
        return await self._read(lambda c: count_submissions(c, month=month, restated=restated))

    async def list_scheme_versions(self) -> list[SchemeRow]:
        return await self._read(list_scheme_versions)

    async def list_timeline(
        self, *, trainee_id: str, first: int, after: str | None
    ) -> Page[TimelineRow]:
        if after is None:
            return await self._timelines.load((trainee_id, first))
        return await self._read(
            lambda c: list_timeline(c, stream_id=trainee_id, first=first, after=after)
        )

    @cached_property
    def trainee_by_id(self) -> DataLoader[str, CohortRosterRow | None]:
        return self._loader(lambda c, ids: list_trainees_by_id(c, trainee_ids=ids))

    @cached_property
    def cohort_by_id(self) -> DataLoader[str, CohortRow | None]:
        return self._loader(lambda c, ids: list_cohorts_by_id(c, cohort_ids=ids))

    @cached_property
    def counts_by_cohort(self) -> DataLoader[str, RosterCounts | None]:
        return self._loader(lambda c, ids: count_roster_by_cohort(c, cohort_ids=ids))

    @cached_property
    def event_by_position(self) -> DataLoader[int, TimelineRow | None]:
        return self._loader(lambda c, places: list_events_by_position(c, positions=places))

    @cached_property
    def rounding_by_version(self) -> DataLoader[int, str | None]:
        """By number of a scheme's version."""

        async def read(connection: Connection, _: list[int]) -> dict[int, str]:
            rows = await list_scheme_versions(connection)
            return {row.number: row.parameters.rounding for row in rows}

        return self._loader(read)

    @cached_property
    def newcomer_by_trainee(self) -> DataLoader[str, Newcomer | None]:
        async def read(connection: Connection, ids: list[str]) -> dict[str, Newcomer]:
            rows = await list_newcomers_by_id(connection, trainee_ids=ids)
            return {row.trainee_id: row for row in rows}

        return self._loader(read)

    @cached_property
    def figures_by_cohort(self) -> DataLoader[str, tuple[Evaluated, int]]:
        return figures_by_cohort(self._ask.figures, self._ask.principal, self.question)

    @cached_property
    def _timelines(self) -> DataLoader[tuple[str, int], Page[TimelineRow]]:
        """By trainee and page size: the first pages."""

        async def load(keys: list[tuple[str, int]]) -> Sequence[Page[TimelineRow]]:
            found: dict[tuple[str, int], Page[TimelineRow]] = {}
            for first in {size for _, size in keys}:
                ids = [trainee_id for trainee_id, size in keys if size == first]
                pages = await self._first_pages(ids, first)
                found |= {(trainee_id, first): page for trainee_id, page in pages.items()}
            return [found[key] for key in keys]

        return DataLoader(load_fn=load)

    async def _first_pages(self, ids: list[str], first: int) -> dict[str, Page[TimelineRow]]:
        return await self._read(lambda c: list_timelines(c, stream_ids=ids, first=first))

    def _loader(
        self, query: Callable[[Connection, list[K]], Awaitable[dict[K, V]]]
    ) -> DataLoader[K, V | None]:
        async def load(keys: list[K]) -> Sequence[V | None]:
            found = await self._read(lambda connection: query(connection, list(keys)))
            return [found.get(key) for key in keys]

        return DataLoader(load_fn=load)


def figures_by_cohort(
    source: FigureReader, principal: Principal, asked: Question
) -> DataLoader[str, tuple[Evaluated, int]]:
    """The figures of a question's groups by the cohorts' codes, and the position."""

    async def load(codes: list[str]) -> Sequence[tuple[Evaluated, int]]:
        # One board answers for all of them; a cohort without newcomers is asked for itself, and in
        # the past a single one, whose people's streams are read at once.
        known: dict[str, tuple[Evaluated, int]] = {}
        if asked.known_by is None or len(codes) > 1:
            answer = await source.answer(principal, asked, NEWCOMER_FIGURES, ("cohort",))
            groups = answer.ways["cohort"]
            known = {code: (groups[code], answer.position) for code in codes if code in groups}
        for code in codes:
            if code not in known:
                narrowed = asked.narrowed("cohort", code)
                alone = await source.answer(principal, narrowed, NEWCOMER_FIGURES)
                known[code] = (alone.whole, alone.position)
        return [known[code] for code in codes]

    return DataLoader(load_fn=load)
