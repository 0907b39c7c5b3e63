"""The scheme (考核细则): its versions, and one of them opened in words (S24, S25).

What is not laid down is said: a target that is not set is no 0, and points that no line defines
stay undefined.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import asdict

from api.needs import needs
from api.web.kit.addresses import number_in
from api.web.kit.carried_out import told
from api.web.kit.filters import read_each
from api.web.kit.moments import moment_of
from api.web.kit.page import PageContext, PageHere
from domain.kernel.errors import NotFoundError
from domain.kernel.values import Month
from domain.kpi.catalog import BY_SLUG
from domain.kpi.scheme.scorecard import scorecard
from domain.kpi.scheme.versions import Scheme, Version, effective
from projections.figures.schemes import SCHEMES, SchemeRow
from services.kernel.permissions import Permission

PLACE = "/scheme"

TO_PUBLISH = (Permission.WRITE_SCHEME, Permission.READ_FIGURES)
"""What a new version takes, over everything: it is of all, and what it would move is shown."""


def may_publish(page: PageContext) -> bool:
    """Whether the form of a new version opens to whoever asks."""
    return all(map(page.principal.may_everywhere, TO_PUBLISH))


@get(PLACE, opt=needs(Permission.READ_FIGURES))
async def scheme_page(page: PageHere) -> Response[str]:
    """The versions, and the one that is in force this month."""
    return await _show(page, None)


@get(PLACE + "/{number:str}", opt=needs(Permission.READ_FIGURES))
async def version_page(page: PageHere, number: FromPath[str]) -> Response[str]:
    """The versions, and one of them; 0 is the scheme of the source, which holds before any.

    Raises NotFoundError `page_unknown`.
    """
    asked = number_in(number)
    if asked is None:
        raise NotFoundError("page_unknown")
    return await _show(page, asked)


async def _show(page: PageContext, number: int | None) -> Response[str]:
    asked = page.request.query_params
    times, amiss = read_each(asked, page.read_times)
    moment = await moment_of(page, times)
    rows = await page.lists(moment).scheme_versions()
    month = Month.of(times.on or page.today)
    in_force = scheme_of(rows).in_force(month)
    opened = in_force.number if number is None else number
    row = next((one for one in rows if one.number == opened), None)
    if row is None and opened:
        raise NotFoundError("page_unknown")
    return page.render(
        "scheme.html",
        status=422 if amiss else None,
        amiss=amiss,
        times=times,
        moment=moment,
        rows=sorted(rows, key=lambda one: effective(one.version), reverse=True),
        row=row,
        names=await page.recorders(rows),
        in_force=in_force,
        month=month,
        may_publish=moment is None and may_publish(page),
        done=await told(page, (SCHEMES,)),
        **in_words(row.version if row else Version()),
    )


def scheme_of(rows: Sequence[SchemeRow]) -> Scheme:
    return Scheme(tuple(row.version for row in rows))


def in_words(version: Version) -> Mapping[str, Any]:
    """What `_scheme_version.html` shows of a version. Its card judges nothing: it gives the
    subtotals, and what is left undefined."""
    return {
        "version": version,
        "parameters": asdict(version.parameters),
        "card": scorecard(version.lines, {}),
        "catalog": BY_SLUG,
    }
