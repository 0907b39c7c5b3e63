"""Who is recorded of a partner by which names, for whoever must tell people apart."""

from collections.abc import Collection

from projections.trainees.cohort_roster import TRAINEE_LIST, list_by_name
from services.importing.identity import Identity
from services.reading.lists import Read

MOST_MANAGERS = 10_000


class RecordedPeople:
    """Those who are recorded, as far as is projected. Implements services/importing/identity.py's
    KnownPeople."""

    def __init__(self, read: Read) -> None:
        self._read = read

    async def named(self, names: Collection[str]) -> list[Identity]:
        """Everybody who has one of these names."""
        rows = await self._read(lambda tenant: list_by_name(tenant, names=names))
        return [
            Identity(row.employee_no, row.name, row.life.cohort_code, row.life.entered_on)
            for row in rows
        ]

    async def managers(self) -> list[str]:
        """The managers whom somebody is under."""
        return await self._read(
            lambda tenant: TRAINEE_LIST.values(tenant, "manager", MOST_MANAGERS)
        )
