"""The evidence that a question about figures is answered from, read once for each state."""

from collections.abc import Hashable, Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from cachetools import LRUCache

from domain.kernel.errors import NotFoundError
from domain.kernel.values import Month
from domain.kpi.evidence import Evidence
from projections.figures.evidence import SOURCES, evidence_of, get_evidence
from projections.figures.newcomers import NEWCOMERS, KnownFacts, NewcomerRow, count_newcomers
from projections.kernel.progress import Standings, list_positions
from projections.kernel.projection import TenantTables
from projections.teaching.cohorts import COHORT_LIST, COHORTS, CohortRow
from projections.trainees.cohort_members import COHORT_MEMBERS, MEMBERS
from services.kernel.context import Principal
from services.reading.memo import Memo, MemoKey
from services.reading.moment import Question
from services.reading.ports import KnownBy, Tables, Travel

MOST_SUBJECTS = 100_000
"""Newcomers and classes whose facts are remembered, for the next question about them: about 3 KB
each, with what was counted of them; of one partner's states most are the same."""

MOST_SIZES = 10_000
"""Groups whose sizes are remembered."""


class ReadEvidence(msgspec.Struct, frozen=True):
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


class EvidenceReader:
    """Evidence by question and state; one per application."""

    def __init__(self, tables: Tables, travel: Travel) -> None:
        self._tables, self._travel = tables, travel
        self._evidence = Memo[ReadEvidence](MOST_SUBJECTS)
        self._last = LRUCache[UUID, _LastRead](MOST_SUBJECTS, getsizeof=lambda last: last.weight)
        self._sizes = LRUCache[Hashable, int](MOST_SIZES)

    async def read(
        self, principal: Principal, asked: Question, standings: Standings | None
    ) -> ReadEvidence:
        """The evidence of a question's month and batch. Refuses `cohort_unknown`."""
        of = Question(
            date.min, date.min, month=asked.month, cohort=asked.cohort, known_by=asked.known_by
        )
        key = memo_key(principal, standings, of)
        return await self._evidence.get(key, lambda: self._read(principal, of))

    async def people(self, tenant: TenantTables, asked: Question, standings: Standings) -> int:
        """How many newcomers a question touches, as known now; of their batches all, of one that
        the table does not show nobody. Refuses `month_invalid`."""
        key = (tenant.tenant_id, standings, asked.cohort, asked.month)
        found = self._sizes.get(key)
        if found is None:
            month = Month.parse(asked.month) if asked.month else None
            cohort = await COHORT_LIST.get(tenant, code=asked.cohort) if asked.cohort else None
            if asked.cohort and cohort is None:
                return 0
            code = cohort.code if cohort else None
            found = await count_newcomers(tenant, cohort=code, month=month)
            self._sizes[key] = found
        return found

    async def _read(self, principal: Principal, of: Question) -> ReadEvidence:
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
                    return ReadEvidence(evidence, code, known_by)
        if cohort is None or of.month:
            people, position = None, await self._travel.position(tenant_id, known_by)
        else:
            people, position = await self._batch(tenant_id, cohort, known_by)
        evidence = await evidence_at(self._travel, tenant_id, position, zone, newcomers=people)
        return ReadEvidence(evidence, code, position)

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


def memo_key(principal: Principal, standings: Standings | None, what: Hashable) -> MemoKey | None:
    """By what an answer is remembered. standings: where the read models stand; None: not at all."""
    return None if standings is None else (principal.tenant, standings, what)
