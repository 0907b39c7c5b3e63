"""The catalog's figures for the doors: for a group, for the groups within it, opened, side by side.

Answers of one state of a tenant stay true (api/figures.py), and are remembered by it.
"""

from collections.abc import Hashable, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from api.figures import Key, Question, Remembered, cohort_by_code, newcomers_then
from domain.kernel.values import Month
from domain.kpi.catalog import CATALOG, kpis
from domain.kpi.evaluation import (
    By,
    Evaluated,
    Evidence,
    evaluate,
    evaluate_by,
    narrowed,
    open_figure,
)
from domain.kpi.kpi import Kpi
from domain.kpi.proof.opened import Opened
from domain.kpi.scheme.versions import Scheme, Version
from domain.kpi.subjects.groups import Group
from infra.bootstrap import App
from projections.figures.evidence import SOURCES, get_evidence
from projections.figures.kpi_series import get_series
from projections.figures.schemes import SCHEMES
from projections.kernel.progress import list_positions
from projections.teaching.cohorts import COHORTS
from projections.teaching.sessions import SESSIONS
from services.kernel.context import Principal

MOST_ANSWERS = 500
MOST_EVIDENCE = 8


class Known(msgspec.Struct, frozen=True):
    """The evidence that a question is answered from, its group, and the position that it shows."""

    evidence: Evidence
    group: Group
    position: int


class Answer(msgspec.Struct, frozen=True):
    """The figures of a group. version: of the scheme, in force in the month asked about or else on
    the day."""

    evaluated: Evaluated
    version: Version
    position: int


class KpiSource:
    """One per application."""

    def __init__(self, system: App) -> None:
        self._system = system
        self._answers = Remembered[Answer](MOST_ANSWERS)
        self._known = Remembered[Known](MOST_EVIDENCE)

    async def kpis(
        self, principal: Principal, asked: Question, slugs: Sequence[str] | None = None
    ) -> Answer:
        """These figures of the catalog, or all.

        Refuses `kpi_unknown`, `month_invalid`, `cohort_unknown`.
        """
        chosen = kpis(slugs)
        slugs = tuple(kpi.slug for kpi in chosen)
        key = await self._key(principal.tenant, asked, (asked, slugs))
        answer = self._answers.recall(key)
        if answer is None:
            known = await self.known(principal, asked)
            day = asked.happened_by
            month = known.group.month or Month.of(day)
            answer = Answer(
                evaluate(chosen, known.evidence, day, known.group),
                known.evidence.scheme.in_force(month),
                known.position,
            )
            self._answers.remember(key, answer)
        return answer

    async def series(
        self, principal: Principal, asked: Question, by: By, chosen: Sequence[Kpi] = CATALOG
    ) -> tuple[dict[str, Evaluated], int]:
        """The figures of the groups within a group, by their keys, and the position."""
        if asked == Question(asked.happened_by):
            stored = await self._stored(principal.tenant, asked.happened_by, by, chosen)
            if stored is not None:
                return stored
        known = await self.known(principal, asked)
        found = evaluate_by(by, chosen, known.evidence, asked.happened_by, known.group)
        return found, known.position

    async def _stored(
        self, tenant_id: UUID, day: date, by: By, chosen: Sequence[Kpi]
    ) -> tuple[dict[str, Evaluated], int] | None:
        """Everybody's series as it is stored, if it is the day's and of the newest state."""
        async with self._system.db.snapshot(tenant_id) as connection:
            positions = await list_positions(connection, tenant_id, SOURCES)
            if len(set(positions)) > 1:
                return None
            position = positions[0]
            found = await get_series(
                connection, tenant_id, way=by, kpis=chosen, day=day, position=position
            )
        return None if found is None else (found, position)

    async def days(
        self, principal: Principal, asked: Question, days: Sequence[date], chosen: Sequence[Kpi]
    ) -> tuple[dict[date, Evaluated], int]:
        """The figures of one group on the evenings of several days, as they are known."""
        known = await self.known(principal, asked)
        return {
            day: evaluate(chosen, known.evidence, day, known.group) for day in days
        }, known.position

    async def opened(
        self, principal: Principal, asked: Question, kpi: Kpi, position: int
    ) -> Opened:
        """Opens the figure that was answered at this position."""
        known = await self.known(principal, asked)
        if known.position != position:
            asked = msgspec.structs.replace(asked, known_by=position)
            known = await self.known(principal, asked)
        return open_figure(kpi, known.evidence, asked.happened_by, known.group)

    async def known(self, principal: Principal, asked: Question) -> Known:
        """The evidence, all of one state. Refuses `month_invalid`, `cohort_unknown`."""
        group = _group_of(asked)
        key = await self._key(principal.tenant, asked, group)
        found = self._known.recall(key)
        if found is None:
            found = await self._read(principal, asked)
            self._known.remember(key, found)
        return found

    async def _key(self, tenant_id: UUID, asked: Question, what: Hashable) -> Key | None:
        """None: not of the newest state, whose answers nobody remembers."""
        if asked.known_by is not None:
            return None
        async with self._system.db.tenant(tenant_id) as connection:
            return (tenant_id, await list_positions(connection, tenant_id, SOURCES), what)

    async def _read(self, principal: Principal, asked: Question) -> Known:
        tenant_id = principal.tenant
        zone = ZoneInfo(principal.zone)
        async with self._system.db.snapshot(tenant_id) as connection:
            cohort = None
            if asked.cohort:
                cohort = await cohort_by_code(connection, tenant_id, asked.cohort)
            code = cohort.code if cohort else None
            positions = await list_positions(connection, tenant_id, SOURCES)
            if asked.known_by is None and len(set(positions)) == 1:
                month = Month.parse(asked.month) if asked.month else None
                evidence = await get_evidence(connection, tenant_id, zone, cohort=code, month=month)
                return _known(evidence, asked, code, positions[0])
        if asked.known_by is None:
            asked = asked.at(min(positions))
        travel = self._system.time_travel
        newcomers, position = await newcomers_then(self._system, tenant_id, cohort, asked)
        classes, _ = await travel.state(tenant_id, SESSIONS, position)
        cohorts, _ = await travel.state(tenant_id, COHORTS, position)
        schemes, _ = await travel.state(tenant_id, SCHEMES, position)
        evidence = Evidence(
            [row.facts for row in newcomers],
            [row.facts for row in classes],
            Scheme(tuple(row.version for row in schemes)),
            {row.code: row.handovers for row in cohorts},
            zone,
        )
        return _known(evidence, asked, code, position)


def _known(evidence: Evidence, asked: Question, cohort: str | None, position: int) -> Known:
    group = Group(
        month=Month.parse(asked.month) if asked.month else None,
        cohort=cohort,
        manager=asked.manager,
    )
    if asked.training_manager is not None:
        day = asked.happened_by
        group = narrowed(group, "training_manager", asked.training_manager, evidence, day)
    return Known(evidence, group, position)


def _group_of(asked: Question) -> Question:
    """What the evidence depends on: with a training manager also the day."""
    if asked.training_manager is not None:
        return asked
    return msgspec.structs.replace(asked, happened_by=date.min)
