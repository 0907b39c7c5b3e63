"""The years of the statutory calendar that are loaded: no tenant's data, the same for all."""

import asyncpg

from domain.planning.calendar import CalendarYear, WorkingDays

_LOADED = "select year, days_off, days_worked from calendar_years order by year"


async def read_working_days(connection: asyncpg.Connection) -> WorkingDays:
    """All of it; it is a few dozen rows."""
    rows = await connection.fetch(_LOADED)
    return WorkingDays(
        CalendarYear(row["year"], tuple(row["days_off"]), tuple(row["days_worked"])) for row in rows
    )
