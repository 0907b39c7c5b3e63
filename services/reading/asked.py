"""Questions about figures, each made one about whom it means, and about those who are within the
purview of who asks."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from domain.kernel.values import is_storable, plain_name, typed_key
from domain.kpi.group import Within
from domain.people.person import Person
from projections.kernel.projection import TenantTables
from projections.people.people import PERSON_LIST
from projections.teaching.cohorts import COHORT_LIST
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.reading.evaluations import Evaluators
from services.reading.lists import PastReader, Reader
from services.reading.moment import NAMED, Meant, Question, Times
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
                found[by] = await people_called(reader, said)
                found[by] = found[by] or await people_called(self._of_today(principal, asked), said)
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


async def people_called(reader: Reader, said: str) -> frozenset[str]:
    """The ids of everybody of the staff whom an id, a number or a name may mean, each the own: who
    was joined into whom, the facts say, which are of another state than names (`named_here`). A
    trainee is nobody's manager, and hides none of the same name."""
    if not is_storable(said):
        return frozenset()
    if said.startswith(f"{Person.TOPIC}-"):
        return frozenset(await reader.named(PERSON_LIST, [said]))
    found = set[str]()
    for column, value in (("number_key", typed_key(said)), ("name", plain_name(said))):
        if value:
            rows = await reader.rows_with(PERSON_LIST, column, [value])
            found |= {one.person_id for one in rows if one.is_staff}
    return frozenset(found)


async def _within(reader: Reader) -> Within | None:
    purview = await reader.purview(Permission.READ_FIGURES)
    if purview is None:
        return None
    cohorts = await reader.named(COHORT_LIST, [*purview.cohorts])
    return Within(purview.managers, frozenset(one.code for one in cohorts.values()))
