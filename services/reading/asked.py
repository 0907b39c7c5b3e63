"""Questions about figures, each made one about whom it means, and about those who are within the
purview of who asks."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from domain.kpi.group import Within
from projections.kernel.projection import TenantTables
from projections.teaching.cohorts import COHORT_LIST
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.reading.evaluations import Evaluators
from services.reading.lists import PastReader, Reader
from services.reading.moment import NAMED, Meant, Question, Times
from services.reading.names import ids_before_joining
from services.reading.ports import Tables, Travel
from services.reading.tables import TableReader

V = TypeVar("V")


class AskedWithin:
    """Says in questions whom they mean, and of whom they are at all, as it was at the moment that
    is asked about."""

    def __init__(
        self, tables: Tables, travel: Travel, times: Times, evaluators: Evaluators | None
    ) -> None:
        self._tables, self._travel = tables, travel
        self._times, self._evaluators = times, evaluators

    async def question(self, principal: Principal, asked: Question) -> Question:
        """The question about those who are within. Raises PermissionRefusedError
        `permission_refused`; refuses what `Times.require_asked` refuses."""
        principal.require(Permission.READ_FIGURES)
        is_limited = not principal.may_everywhere(Permission.READ_FIGURES)
        if not (is_limited or asked.names_people):
            return asked
        self._times.require_asked(principal, asked)
        reader = await self._reader(principal, asked)
        if asked.names_people:
            asked = replace(asked, meant=await self._meant(principal, asked, reader))
        return replace(asked, within=await _within(reader)) if is_limited else asked

    async def _meant(self, principal: Principal, asked: Question, reader: Reader) -> Meant:
        """Whom a question calls so; where nobody was called so yet, who is now."""
        found = dict[str, frozenset[str]]()
        for by in NAMED:
            if (said := getattr(asked, by)) is not None:
                found[by] = await ids_before_joining(reader, said)
                found[by] = found[by] or await ids_before_joining(
                    self._of_today(principal, asked), said
                )
        return Meant(**found)

    async def _reader(self, principal: Principal, asked: Question) -> Reader:
        position = await self._travel.position(principal.tenant, asked.known_by)
        moment = asked.moment(position)
        if moment is not None:
            return PastReader(principal, self._tables, self._travel, moment, self._evaluators)
        return self._of_today(principal, asked)

    def _of_today(self, principal: Principal, asked: Question) -> TableReader:
        async def read(query: Callable[[TenantTables], Awaitable[V]]) -> V:
            async with self._tables.tenant(principal.tenant) as tenant:
                return await query(tenant)

        return TableReader(principal, read, asked.today)


async def _within(reader: Reader) -> Within | None:
    purview = await reader.purview(Permission.READ_FIGURES)
    if purview is None:
        return None
    cohorts = await reader.named(COHORT_LIST, [*(purview.cohorts | purview.plans)])
    codes = {one.cohort_id: one.code for one in cohorts.values()}
    led, planned = (
        frozenset(codes[one] for one in its if one in codes)
        for its in (purview.cohorts, purview.plans)
    )
    return Within(purview.managers, led, planned)
