"""Who is recorded of a partner by which names, for whoever must tell people apart."""

from collections.abc import Collection

from projections.trainees.cohort_roster import list_by_name, list_managers
from services.importing.identity import Identity
from services.reading.lists import Read


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

    async def managers(self, keys: Collection[str]) -> set[str]:
        """Those of these managers whom somebody is or was under."""
        return await self._read(lambda tenant: list_managers(tenant, keys=keys))
