"""Who is recorded by which names, for whoever must tell people apart."""

from collections.abc import Collection

from projections.trainees.cohort_roster import list_by_name
from services.importing.identity import Identity
from services.reading.lists import Read


async def list_namesakes(read: Read, names: Collection[str]) -> list[Identity]:
    """Everybody of a partner who is recorded by one of these names, as far as is projected."""
    rows = await read(lambda tenant: list_by_name(tenant, names=names))
    return [
        Identity(row.employee_no, row.name, row.life.cohort_code, row.life.entered_on)
        for row in rows
    ]
