"""Figures for everybody who asks: of which evidence, known by when, computed once per state.

While the read models stand at unequal positions, the evidence is taken as it was known at the
smallest: an answer, its explanation and its position always are of one state.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from cachetools import LRUCache

from domain.kernel.bounds import check
from domain.kernel.errors import NotFoundError
from domain.kernel.values import Month
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import Evaluated, evaluate_days, evaluate_ways
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import WHOLE, By, Way
from domain.kpi.kpi import Kpi
from domain.kpi.scheme.versions import Version
from domain.kpi.statistics.curve import Curve, curve_of
from domain.kpi.statistics.forecast import Forecast, forecast_of
from projections.figures import hq_series
from projections.figures.evidence import SOURCES, evidence_of, get_evidence
from projections.figures.kpi_series import get_series
from projections.figures.newcomers import NEWCOMERS, KnownFacts, NewcomerRow
from projections.kernel.paging import Page, Paging
from projections.kernel.progress import list_positions, list_reached
from projections.kernel.projection import TenantTables
from projections.teaching.cohorts import COHORT_LIST, COHORTS, CohortRow
from projections.trainees.cohort_members import COHORT_MEMBERS, MEMBERS
from services.kernel.beside import beside
from services.kernel.context import Principal
from services.reading.memo import Memo, MemoKey
from services.reading.moment import Question, Times
from services.reading.ports import KnownBy, Tables, Travel

MOST_GROUPS = 40_000
"""Groups whose figures are remembered, a few KB each with what the doors made of them."""

MOST_SUBJECTS = 100_000
"""Newcomers and classes whose facts are remembered, for the next question about them: about 4 KB
each, with their stored text and what was counted of them; of one partner's states most are the
same."""


class KnownBasis(Basis, frozen=True, kw_only=True):
    """What a question is answered from. position: of the log, up to which it was known."""

    position: int


class FigureAnswer(msgspec.Struct, frozen=True, eq=False, weakref=True):
    """Figures by way and key (domain/kpi/evaluation.py), or by "day" and YYYY-MM-DD, and the
    position that they show.

    version: of the scheme, in force in the month asked about or else on the day. An answer is
    itself alone, so that a door may keep what it made of it for as long as it is remembered.
    """

    ways: Mapping[str, Mapping[str, Evaluated]]
    version: Version
    position: int

    @property
    def whole(self) -> Evaluated:
        """The figures of the group asked about, where they were asked for."""
        return self.ways["all"][WHOLE]

    @property
    def weight(self) -> int:
        return 1 + sum(map(len, self.ways.values()))


class _ReadEvidence(msgspec.Struct, frozen=True):
    """Evidence as it was read. cohort: the code as the batch spells it."""

    evidence: Evidence
    cohort: str | None
    position: int

    @property
    def weight(self) -> int:
        return 1 + len(self.evidence.newcomers) + len(self.evidence.classes)


class _LastRead(msgspec.Struct, frozen=True):
    """A partner's evidence as it was read last, so that after a change only what differs is decoded
    and counted anew. facts: by what is stored."""

    facts: KnownFacts
    evidence: Evidence

    @property
    def weight(self) -> int:
        return 1 + len(self.facts)


async def evidence_at(
    travel: Travel,
    tenant_id: UUID,
    position: int,
    zone: str,
    *,
    newcomers: Sequence[NewcomerRow] | None = None,
    from_log: bool = False,
) -> Evidence:
    """The evidence of a partner at a position: the same whenever and however it is read.

    newcomers: where theirs are at hand. from_log: trusts no read model. Raises what a projection
    raises for an event that it cannot digest.
    """
    rows_of = travel.fold if from_log else travel.state
    rows = {}
    for source in SOURCES:
        if source is NEWCOMERS and newcomers is not None:
            rows[source.name] = list(newcomers)
        else:
            rows[source.name], _ = await rows_of(tenant_id, source, position)
    return evidence_of(rows, ZoneInfo(zone))


class FigureReader:
    """The use cases; one per application, so that all its doors share what is remembered."""

    def __init__(self, tables: Tables, travel: Travel, times: Times) -> None:
        self._tables = tables
        self._travel = travel
        self._times = times
        self._answers = Memo[FigureAnswer](MOST_GROUPS)
        self._evidence = Memo[_ReadEvidence](MOST_SUBJECTS)
        self._last = LRUCache[UUID, _LastRead](MOST_SUBJECTS, getsizeof=lambda last: last.weight)

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
        count = partial(evaluate_ways, ways, kpis)
        return await self._answered(principal, asked, kpis, ways, count)

    async def series(
        self, principal: Principal, asked: Question, by: By, kpis: Sequence[Kpi] = CATALOG
    ) -> tuple[Mapping[str, Evaluated], int]:
        """The figures of the groups within a group, by their keys, and the position."""
        self._times.require_begun(principal, asked.happened_by)
        if asked == Question(asked.today, asked.today):
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
        self, principal: Principal, asked: Question, since: date, kpis: Sequence[Kpi]
    ) -> tuple[Mapping[str, Evaluated], int]:
        """The figures of one group on the evenings from a day to the question's, by YYYY-MM-DD, and
        the position."""

        def count(basis: Basis) -> dict[str, dict[str, Evaluated]]:
            found = evaluate_days(kpis, basis, since)
            return {"day": {str(day): one for day, one in found.items()}}

        answer = await self._answered(principal, asked, kpis, since, count)
        return answer.ways["day"], answer.position

    async def curve(self, principal: Principal, asked: Question) -> tuple[Curve, int]:
        """A group's days to the first order, and the position."""
        basis = await self.basis(principal, asked)
        return await beside(curve_of, basis), basis.position

    async def forecast(self, principal: Principal, asked: Question) -> tuple[Forecast | None, int]:
        """What a group's order rate is expected to end with, taught by everybody's batches."""
        basis = await self.basis(principal, asked)
        whole = Question(basis.day, basis.today, known_by=asked.known_by)
        everybody = await self.basis(principal, whole, basis.position)
        of_group = msgspec.structs.replace(everybody, group=basis.group)
        return await beside(forecast_of, of_group), basis.position

    async def basis(
        self, principal: Principal, asked: Question, position: int | None = None
    ) -> KnownBasis:
        """What a question's figures, answered at a position, are made of; refuses as `answer`."""
        positions = await self._positions(principal, asked)
        basis = await self._basis(principal, asked, positions)
        if position in (None, basis.position):
            return basis
        return await self.basis(principal, msgspec.structs.replace(asked, known_by=position))

    async def position(self, tenant_id: UUID) -> int:
        """The last position that all the read models of the figures show."""
        async with self._tables.tenant(tenant_id) as tenant:
            return min(await list_positions(tenant, SOURCES))

    async def _answered(
        self,
        principal: Principal,
        asked: Question,
        kpis: Sequence[Kpi],
        along: Hashable,
        count: Callable[[Basis], Mapping[Any, Mapping[str, Evaluated]]],
    ) -> FigureAnswer:
        """What is counted of a question's basis. along: the groups or evenings."""
        positions = await self._positions(principal, asked)
        key = _key(principal, positions, (asked, tuple(kpi.slug for kpi in kpis), along))

        async def counted() -> FigureAnswer:
            basis = await self._basis(principal, asked, positions)
            found = await beside(count, basis)
            return FigureAnswer(found, basis.version, basis.position)

        return await self._answers.get(key, counted)

    async def _basis(
        self, principal: Principal, asked: Question, positions: tuple[int, ...] | None
    ) -> KnownBasis:
        asked.group(None)
        of = Question(
            date.min, date.min, month=asked.month, cohort=asked.cohort, known_by=asked.known_by
        )
        key = _key(principal, positions, of)
        read = await self._evidence.get(key, lambda: self._read(principal, of))
        await self._require_managers(principal, asked, read.evidence)
        day, group = asked.happened_by, asked.group(read.cohort)
        return KnownBasis(read.evidence, day, group, asked.today, position=read.position)

    async def _require_managers(
        self, principal: Principal, asked: Question, evidence: Evidence
    ) -> None:
        """Raises NotFoundError `manager_unknown`, `training_manager_unknown` for names that were
        never recorded; those of other batches, and of later, are known."""
        known = (Evidence.names_manager, Evidence.names_training_manager)
        is_everybodys = not (asked.cohort or asked.month)
        group = asked.group(None)
        for name, is_in in zip(("manager", "training_manager"), known, strict=True):
            wanted = getattr(group, name)
            if wanted is None or is_in(evidence, wanted):
                continue
            for known_by in dict.fromkeys((None, asked.known_by)):
                if is_everybodys and known_by == asked.known_by:
                    continue  # That is the evidence in which the name was not found.
                everybody = Question(asked.happened_by, asked.today, known_by=known_by)
                if is_in((await self.basis(principal, everybody)).evidence, wanted):
                    break
            else:
                raise NotFoundError(f"{name}_unknown", **{name: wanted})

    async def _positions(self, principal: Principal, asked: Question) -> tuple[int, ...] | None:
        """Where the read models stand; None: asked of an earlier state, whose answers nobody
        remembers.

        Refuses `day_out_of_range`, `text_too_long`, `text_invalid`, `day_in_future`.
        """
        check(asked)
        self._times.require_begun(principal, asked.happened_by)
        if asked.known_by is not None:
            return None
        async with self._tables.tenant(principal.tenant) as tenant:
            return await list_positions(tenant, SOURCES)

    async def _read(self, principal: Principal, of: Question) -> _ReadEvidence:
        tenant_id, zone, known_by = principal.tenant, principal.zone, of.known_by
        async with self._tables.snapshot(tenant_id) as tenant:
            cohort = await self._cohort(tenant, of) if of.cohort else None
            code = cohort.code if cohort else None
            if known_by is None:
                positions = await list_positions(tenant, SOURCES)
                known_by = min(positions)
                if len(set(positions)) == 1:
                    month = Month.parse(of.month) if of.month else None
                    evidence = await self._read_now(tenant, ZoneInfo(zone), code, month)
                    return _ReadEvidence(evidence, code, known_by)
        if cohort is None or of.month:
            people, position = None, await self._travel.position(tenant_id, known_by)
        else:
            people, position = await self._batch(tenant_id, cohort, known_by)
        evidence = await evidence_at(self._travel, tenant_id, position, zone, newcomers=people)
        return _ReadEvidence(evidence, code, position)

    async def _read_now(
        self, tenant: TenantTables, zone: ZoneInfo, cohort: str | None, month: Month | None
    ) -> Evidence:
        last = self._last.get(tenant.tenant_id) or _LastRead(KnownFacts(), Evidence())
        evidence = await get_evidence(tenant, zone, cohort=cohort, month=month, known=last.facts)
        if cohort is None and month is None:
            evidence.following(last.evidence)
            read = _LastRead(last.facts, evidence)
            if read.weight <= MOST_SUBJECTS:
                self._last[tenant.tenant_id] = read
        return evidence

    async def _cohort(self, tenant: TenantTables, of: Question) -> CohortRow:
        """The question's batch, however its code is spelt; of a moment also one that the table does
        not show yet. Raises NotFoundError `cohort_unknown`."""
        row = await COHORT_LIST.get(tenant, code=of.cohort)
        if row is None and of.known_by is not None:
            rows, _ = await self._travel.state(tenant.tenant_id, COHORTS, of.known_by)
            row = COHORT_LIST.one_of(rows, COHORT_LIST.wanted({"code": of.cohort}))
        if row is None:
            raise NotFoundError("cohort_unknown", code=of.cohort)
        return row

    async def _batch(
        self, tenant_id: UUID, cohort: CohortRow, known_by: KnownBy
    ) -> tuple[list[NewcomerRow], int]:
        """Everybody who has ever belonged to a batch, from their own streams, and the position."""
        async with self._tables.tenant(tenant_id) as tenant:
            (reached,) = await list_positions(tenant, [COHORT_MEMBERS])
            people = await MEMBERS.ids(tenant, [cohort.cohort_id])
        basis = await self._travel.fold_streams(tenant_id, NEWCOMERS, people, known_by)
        if basis[1] > reached:
            # Somebody may have joined of whom the members do not tell yet.
            basis = await self._travel.state(tenant_id, NEWCOMERS, basis[1])
        return basis

    async def positions(self, tenant_ids: Sequence[UUID]) -> dict[UUID, int]:
        """The positions of several tenants' figures; tenants without any event are left out."""
        async with self._tables.across() as connection:
            return await list_reached(connection, SOURCES, tenant_ids)

    async def league(self, kpi: Kpi, month: Month | None) -> list[hq_series.VisibleFigure]:
        """Head office's ranking of the partners in a month, or of all."""
        async with self._tables.head_office() as connection:
            return await hq_series.list_league(connection, kpi=kpi, month=month)

    async def partner_series(self, kpi: Kpi, paging: Paging) -> Page[hq_series.Series]:
        """What head office sees of the partners' figures month by month. Refuses
        `cursor_invalid`."""
        async with self._tables.head_office() as connection:
            return await hq_series.list_partner_series(connection, kpi=kpi, paging=paging)

    async def count_partners(self) -> int:
        async with self._tables.head_office() as connection:
            return await hq_series.count_partners(connection)

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


def _key(principal: Principal, positions: tuple[int, ...] | None, what: Hashable) -> MemoKey | None:
    return None if positions is None else (principal.tenant, positions, what)
