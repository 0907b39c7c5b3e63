"""How many rows of a list have which value, group by group; and lists that are filtered by it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from projections.kernel.filters import Filter, Groups
from projections.kernel.listing import Listing
from projections.kernel.projection import TenantTables

Counts = dict[str, Counter[str]]
"""By group: how often each value occurs."""


@dataclass(frozen=True, kw_only=True)
class GroupCount:
    """by: the filter of the list that chooses a group's rows. of: the column that is counted."""

    listing: Listing[Any]
    by: str
    of: str

    @property
    def group(self) -> str:
        """The column that names the group of a row."""
        return self.listing.filters[self.by].column

    @property
    def table(self) -> str:
        """The table of the counted rows."""
        return self.listing.stored.table

    async def count(self, tenant: TenantTables, groups: Iterable[str]) -> Counts:
        """The rows of each of these groups; a group without rows is left out."""
        condition, params = self.listing.condition({})
        rows = await tenant.fetch(
            f"select {self.group}, {self.of}, count(*) from {self.table}"  # noqa: S608 - ours
            f" where {condition} and {self.group} = any(${len(params) + 2}::text[])"
            f" group by {self.group}, {self.of}",
            *params,
            list(groups),
        )
        return _counts(rows)

    def count_of(self, rows: Iterable[msgspec.Struct]) -> Counts:
        """The counts of rows in memory, of all their groups."""
        return _counts((getattr(row, self.group), getattr(row, self.of), 1) for row in rows)


def _counts(lines: Iterable[Any]) -> Counts:
    found: Counts = {}
    for group, value, count in lines:
        found.setdefault(group, Counter())[value] += count
    return found


@dataclass(frozen=True, kw_only=True)
class GroupState(Filter[str]):
    """A state that follows from which values the rows have that belong to a row.

    states: state -> the values that must occur (True) and must not (False); None: any at all but
    `not_there_yet`. Every row is in exactly one of the states.
    """

    tally: GroupCount
    states: Mapping[str, Mapping[str | None, bool]]
    not_there_yet: str

    def params(self, value: Any) -> tuple[Any, ...]:
        return ()

    def sql(self, value: Any, place: int) -> str:
        return " and ".join(
            f"{self.column} {'in' if occurs else 'not in'} ({self._groups_with(one)})"
            for one, occurs in self.states[value].items()
        )

    def matches(self, row: Any, value: Any, groups: Groups) -> bool:
        return bool(self.state_of(groups.get(getattr(row, self.column), ())) == value)

    def state_of(self, values: Collection[str]) -> str:
        """The state of a group in which these values occur."""
        return next(
            state
            for state, needs in self.states.items()
            if all(self._occurs(one, values) is wanted for one, wanted in needs.items())
        )

    def _groups_with(self, value: str | None) -> str:
        tally = self.tally
        text = f"select {tally.group} from {tally.table} where tenant_id = $1"  # noqa: S608 - ours
        is_meant = f"<> '{self.not_there_yet}'" if value is None else f"= '{value}'"
        return f"{text} and {tally.of} {is_meant}"

    def _occurs(self, value: str | None, values: Collection[str]) -> bool:
        return bool({*values} - {self.not_there_yet}) if value is None else value in values
