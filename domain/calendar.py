"""Days as the partner lives them: a business date is a local date, whatever zone a clock speaks."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import Refusal

CALENDAR_VERSION = "civil-1"
"""Names the calendar by which figures are counted, civil days of the partner's zone alone; what is
submitted is pinned to it."""


def local_day(instant: datetime, zone: str) -> date:
    """The date on the wall of the zone (IANA name) at an instant; 24:00 is already the next day.

    Refuses `zone_unknown` and `instant_without_zone`.
    """
    if instant.tzinfo is None:
        raise Refusal("instant_without_zone", instant=instant.isoformat())
    try:
        return instant.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Refusal("zone_unknown", zone=zone) from unknown
