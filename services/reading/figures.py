"""Figures for everybody who asks: of which evidence, known by when, computed once per state.

While the read models stand at unequal positions, the evidence is taken as it was known at the
smallest: an answer, its explanation and its position always are of one state.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import nullcontext
from copy import copy
from datetime import date, timedelta
from functools import partial
from typing import Any, Self, cast
from uuid import UUID

import msgspec

from domain.kernel.errors import NotFoundError, Refusal
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import Evaluated
from domain.kpi.evidence import Basis
from domain.kpi.group import By, Way
from domain.kpi.kpi import Kpi
from domain.kpi.subjects.newcomers import is_known
from projections.figures.evidence import SOURCES
from projections.figures.kpi_series import get_series
from projections.kernel.progress import (
    Standing,
    Standings,
    list_positions,
    list_reached,
    list_standings,
)
from projections.people.people import PEOPLE
from services.kernel.asker import long_wait
from services.kernel.beside import beside
from services.kernel.context import Principal
from services.reading.asked import AskedWithin
from services.reading.budget import (
    CURVE,
    EVENTS,
    FORECAST,
    MOST_LOOKS_HERE,
    MOST_POSITIONS_HERE,
    OPENED,
    Budget,
    looks_compared,
    looks_of,
)
from services.reading.evaluations import (
    A,
    AskedLines,
    Evaluation,
    Evaluators,
    FigureAnswer,
    KnownBasis,
    M,
    OpenedAnswer,
    StatisticAnswer,
    compared,
    first_orders,
    forecast,
    in_ways,
    itself,
    on_days,
    opened,
)
from services.reading.evidence import EvidenceReader, memo_key
from services.reading.memo import Memo
from services.reading.moment import NAMED, Question, Sides, Times
from services.reading.ports import Tables, Travel

MOST_GROUPS = 40_000
"""Groups whose figures are remembered, a few KB each with what the doors made of them."""

MOST_DAYS = 92
"""Evenings that one series answers."""


class FigureReader:
    """The use cases; one per application, so that all its doors share what is remembered.

    people_stand: where the read model of people stood by its positions, as the questions of one
    request (`within`) found it: whom their answers name is read there.
    """

    def __init__(
        self, tables: Tables, travel: Travel, times: Times, evaluators: Evaluators | None = None
    ) -> None:
        """evaluators: of what takes long."""
        self._tables, self._travel, self._times = tables, travel, times
        self._evaluators = evaluators
        self._budget: Budget | None = None
        self.people_stand: dict[int, Standing] = {}
        self._answers = Memo[FigureAnswer | StatisticAnswer](MOST_GROUPS)
        self._evidence = EvidenceReader(tables, travel)
        self._asked = AskedWithin(tables, travel, times, evaluators)

    def within(self, budget: Budget) -> Self:
        """The same use cases for one request, which may ask for so much and no more."""
        its = copy(self)
        its._budget, its.people_stand = budget, {}
        return its

    async def _weigh(
        self,
        principal: Principal,
        asked: Question,
        looks: float,
        remembered: Hashable | None = None,
    ) -> float:
        """Reckons what an operation asks for, before it is counted: so many looks. It is 0 without
        a budget. looks: at each person of the group. remembered: by what the answer is, so that it
        is counted once; None: it is counted each time. Refuses `document_too_much_work`, and what
        `answer` refuses."""
        if self._budget is None:
            return 0
        if (asked.month, asked.cohort) not in self._budget.people:
            await self._standings(principal, asked)
        looks *= self._budget.people[asked.month, asked.cohort]
        self._budget.spend(looks, remembered)
        return looks

    async def answer(
        self,
        principal: Principal,
        asked: Question,
        kpis: Sequence[Kpi] = CATALOG,
        ways: tuple[Way, ...] = ("all",),
    ) -> FigureAnswer:
        """These figures of a group, or of the groups within it.

        Refuses `month_invalid`, `day_in_future`, `cohort_unknown`, `manager_unknown`,
        `training_manager_unknown`.
        """
        slugs = tuple(kpi.slug for kpi in kpis)
        count = partial(in_ways, ways, slugs)
        return await self._answered(principal, (slugs, ways), looks_of(len(kpis)), count, asked)

    async def series(
        self, principal: Principal, asked: Question, by: By, kpis: Sequence[Kpi] = CATALOG
    ) -> tuple[Mapping[str, Evaluated], int]:
        """The figures of the groups within a group, by their keys, and the position."""
        self._times.require_begun(principal, asked.happened_by)
        if await self._asked.question(principal, asked) == Question(asked.today, asked.today):
            stored = await self._stored(principal.tenant, asked.happened_by, by, kpis)
            if stored is not None:
                return stored
        answer = await self.answer(principal, asked, kpis, (by,))
        return answer.ways[by], answer.position

    async def of_cohorts(
        self, principal: Principal, asked: Question, codes: Sequence[str], kpis: Sequence[Kpi]
    ) -> dict[str, tuple[Evaluated, int]]:
        """The figures of these cohorts by their codes, and the position that each shows.

        One answer is for all of them. A cohort without newcomers is asked for itself, and in the
        past a single one, whose people's streams are read at once.
        """
        found: dict[str, tuple[Evaluated, int]] = {}
        if asked.known_by is None or len(codes) > 1:
            answer = await self.answer(principal, asked, kpis, ("cohort",))
            groups = answer.ways["cohort"]
            found = {code: (groups[code], answer.position) for code in codes if code in groups}
        for code in codes:
            if code not in found:
                alone = await self.answer(principal, asked.narrowed("cohort", code), kpis)
                found[code] = (alone.whole, alone.position)
        return found

    async def days(
        self, principal: Principal, asked: Question, since: date | None, kpis: Sequence[Kpi]
    ) -> tuple[Mapping[str, Evaluated], int]:
        """The figures of one group on the evenings from a day, or 30 of them, to the question's, by
        YYYY-MM-DD, and the position. Refuses `days_too_many`."""
        first = since or asked.happened_by - timedelta(days=29)
        days = (asked.happened_by - first).days + 1
        if not 1 <= days <= MOST_DAYS:
            raise Refusal("days_too_many", days=days, most=MOST_DAYS)

        slugs = tuple(kpi.slug for kpi in kpis)
        looks, count = looks_of(len(kpis), days), partial(on_days, first, slugs)
        answer = await self._answered(principal, (slugs, first), looks, count, asked)
        return answer.ways["day"], answer.position

    async def curve(self, principal: Principal, asked: Question) -> StatisticAnswer:
        """A group's days to the first order."""
        return await self._answered(principal, "curve", CURVE, first_orders, asked)

    async def forecast(self, principal: Principal, asked: Question) -> StatisticAnswer:
        """What a group's order rate is expected to end with, taught by everybody's batches."""
        whole = Question(asked.happened_by, asked.today, known_by=asked.known_by)
        return await self._answered(
            principal, "forecast", FORECAST, forecast, asked, whole, touched=whole
        )

    async def opened(
        self,
        principal: Principal,
        asked: Question,
        position: int,
        open_up: Callable[[Basis], Any],
        parts: Sequence[AskedLines],
    ) -> OpenedAnswer:
        """Parts of what a function makes of a figure's basis. position: that it was answered at."""
        looks = OPENED + EVENTS * any(part.of == "positions" for part in parts)
        count = partial(opened, open_up, parts)
        return await self._counted(principal, looks, count, asked, position=position)

    async def compared(
        self,
        principal: Principal,
        sides: Sides,
        slugs: Sequence[str],
        parts: Sequence[AskedLines],
    ) -> OpenedAnswer:
        """The figures of both sides by these KPIs, and parts of what moved them."""
        looks = looks_compared(len(slugs)) if parts else looks_of(len(slugs))
        count = partial(compared, slugs, sides.drafts, parts)
        return await self._counted(principal, looks, count, *sides.questions)

    async def evaluated(self, evaluation: Evaluation[A]) -> A:
        """What another process is asked to evaluate."""
        first, position = evaluation.asked[0], evaluation.position
        basis = await self._basis_here(evaluation.principal, first, position)
        return await self._evaluated(evaluation, basis)

    async def basis(
        self, principal: Principal, asked: Question, position: int | None = None
    ) -> KnownBasis:
        """What a question's figures, answered at a position, are made of; refuses as `answer`."""
        return await self._counted(principal, 0, itself, asked, position=position)

    async def position(self, tenant_id: UUID) -> int:
        """The last position that all the read models of the figures show."""
        async with self._tables.tenant(tenant_id) as tenant:
            return min(await list_positions(tenant, SOURCES))

    async def _answered(
        self,
        principal: Principal,
        what: Hashable,
        looks: float,
        count: Callable[..., M],
        first: Question,
        *others: Question,
        touched: Question | None = None,
    ) -> M:
        """What is counted of the bases of these questions, kept by the first. looks: at each
        person whom a question touches, the first if no other is named."""
        asked = [await self._asked.question(principal, one) for one in (first, *others)]
        first, touched = asked[0], touched and await self._asked.question(principal, touched)
        standings, people = await self._standings(principal, first)
        # Doors keep with an answer who is called what.
        key = memo_key(principal, standings, (first, what, people))
        looks = await self._weigh(principal, touched or first, looks, key)
        evaluators = await self._beyond(principal, looks, first)
        evaluation = Evaluation(principal, count, tuple(asked))

        async def made() -> M:
            if evaluators is not None:
                return await evaluators.evaluate(evaluation)
            return await self._evaluated(evaluation, await self._basis(principal, first, standings))

        async with nullcontext() if evaluators is None else long_wait():
            return cast(M, await self._answers.get(key, made))

    async def _counted(
        self,
        principal: Principal,
        looks: float,
        count: Callable[..., A],
        *asked: Question,
        position: int | None = None,
    ) -> A:
        """What `evaluated` answers, which nobody remembers. looks: at each person whom a question
        touches."""
        asked = tuple([await self._asked.question(principal, one) for one in asked])
        weighed = [await self._weigh(principal, one, looks) for one in asked]
        evaluators = await self._beyond(principal, sum(weighed), *asked)
        evaluation = Evaluation(principal, count, asked, position)
        if evaluators is None:
            return await self.evaluated(evaluation)
        async with long_wait():
            return await evaluators.evaluate(evaluation)

    async def _beyond(
        self, principal: Principal, looks: float, *asked: Question
    ) -> Evaluators | None:
        """The other processes, for what takes more looks than are taken in this one, or asks for
        an earlier state of more positions than are folded in it."""
        if self._evaluators is None or looks > MOST_LOOKS_HERE:
            return self._evaluators
        for known_by in {one.known_by for one in asked} - {None}:
            if await self._travel.position(principal.tenant, known_by) > MOST_POSITIONS_HERE:
                return self._evaluators
        return None

    async def _evaluated(self, evaluation: Evaluation[A], basis: KnownBasis) -> A:
        """basis: of the first question."""
        first, *others = evaluation.asked
        bases = [basis]
        for one in others:
            position = basis.position if one.known_by == first.known_by else None
            bases.append(await self._basis_here(evaluation.principal, one, position))
        return await beside(evaluation.count, *bases)

    async def _basis_here(
        self, principal: Principal, asked: Question, position: int | None = None
    ) -> KnownBasis:
        """What a question's figures, answered at a position, are made of."""
        standings, _ = await self._standings(principal, asked)
        basis = await self._basis(principal, asked, standings)
        if position in (None, basis.position):
            return basis
        return await self._basis_here(principal, msgspec.structs.replace(asked, known_by=position))

    async def _basis(
        self, principal: Principal, asked: Question, standings: Standings | None
    ) -> KnownBasis:
        asked.group(None)
        read = await self._evidence.read(principal, asked, standings)
        day, group = asked.happened_by, asked.group(read.cohort)
        basis = KnownBasis(
            read.evidence, day, group, asked.today, asked.within, position=read.position
        )
        if group.cohort and not is_known(basis, "cohort", group.cohort):
            raise NotFoundError("cohort_unknown", code=asked.cohort)
        for by in NAMED:
            if getattr(asked, by) is not None:
                group = group.narrowed(by, await self._meant(principal, asked, basis, by))
        return basis if group == basis.group else msgspec.structs.replace(basis, group=group)

    async def _meant(self, principal: Principal, asked: Question, basis: Basis, by: By) -> str:
        """The id of the one manager, or training manager, whom a question means; those of other
        batches, and of later, are known too. basis: of its month and batch. Refuses
        `person_not_certain`; raises NotFoundError `manager_unknown`, `training_manager_unknown` for
        who never was one or is not within."""
        said, ids = getattr(asked, by), asked.meant.of(by)
        is_one = len(basis.evidence.named_here(ids)) == 1
        now = Question(asked.happened_by, asked.today, within=asked.within)
        looked_in: list[Question | None] = [None, now]  # None: of the question's own.
        if asked.month or asked.cohort:
            then = msgspec.structs.replace(now, known_by=asked.known_by)
            # Of several, whoever is of this batch is no more certain than the others.
            looked_in = [*looked_in[:is_one], *dict.fromkeys((then, now))]
        for one in looked_in if ids else ():
            of = basis if one is None else await self._basis_here(principal, one)
            found = [its for its in of.evidence.named_here(ids) if is_known(of, by, its)]
            if len(found) > 1:
                raise Refusal("person_not_certain", field=by, name=said)
            if found:
                return found[0]
        raise NotFoundError(f"{by}_unknown", **{by: said})

    async def _standings(
        self, principal: Principal, asked: Question
    ) -> tuple[Standings | None, Hashable]:
        """Where the read models of the figures stand, and that of people; None: asked of an earlier
        state, whose answers nobody remembers. Whom the question touches is told to the budget.

        Refuses `day_out_of_range`, `text_too_long`, `text_invalid`, `day_in_future`.
        """
        self._times.require_asked(principal, asked)
        budget, group = self._budget, (asked.month, asked.cohort)
        if asked.known_by is not None and (budget is None or group in budget.people):
            return None, None
        async with self._tables.tenant(principal.tenant) as tenant:
            *sources, people = await list_standings(tenant, (*SOURCES, PEOPLE))
            standings = tuple(sources)
            if budget is not None:
                self.people_stand[people.position] = people
                budget.people[group] = await self._evidence.people(tenant, asked, standings)
        return (standings, people) if asked.known_by is None else (None, None)

    async def positions(self, tenant_ids: Sequence[UUID]) -> dict[UUID, int]:
        """The positions of several tenants' figures; 0 without any event."""
        async with self._tables.across() as connection:
            reached = await list_reached(connection, SOURCES, tenant_ids)
        return dict.fromkeys(tenant_ids, 0) | reached

    async def _stored(
        self, tenant_id: UUID, day: date, by: By, kpis: Sequence[Kpi]
    ) -> tuple[dict[str, Evaluated], int] | None:
        """Everybody's series as it is stored, if it is the day's and of the newest state."""
        async with self._tables.snapshot(tenant_id) as tenant:
            positions = await list_positions(tenant, SOURCES)
            if len(set(positions)) > 1:
                return None
            position = positions[0]
            found = await get_series(tenant, way=by, kpis=kpis, day=day, position=position)
        return None if found is None else (found, position)
