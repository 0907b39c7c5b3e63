"""Of which moment a page is, by the two times of its address."""

from api.web.kit.filters import Filters
from api.web.kit.page import PageContext
from services.reading.moment import Moment
from services.reading.ports import KnownBy


async def known_by(page: PageContext, times: Filters) -> KnownBy:
    """By when something is to be known. Whoever names the position of an entry means that to be
    known: inside of a command, what all of it recorded."""
    known = times.known_by(page.principal.zone, page.now)
    if not isinstance(known, int):
        return known
    return await page.app.time_travel.end_of(page.tenant, known)


async def moment_of(page: PageContext, times: Filters) -> Moment | None:
    """The moment that two times of a page mean; None for now."""
    return await page.app.times.moment(page.principal, times.on, await known_by(page, times))
