"""Which submitted months a new version of the scheme would reach, and in which of them what was
submitted would read otherwise."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.page import PageContext
from domain.kernel.values import Month
from domain.kpi.catalog import BY_SLUG
from domain.kpi.evaluation import Evaluated, evaluate
from domain.kpi.evidence import Basis
from domain.kpi.group import Group
from domain.kpi.rounding import shown
from domain.kpi.scheme.scorecard import scorecard, shown_points
from domain.kpi.scheme.versions import Scheme, Version
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.reporting.submissions import SUBMISSION_LIST, VintageRow
from services.kernel.beside import beside

COMPARED = 12
"""Submitted months, the newest, of which is said whether they would read otherwise: each takes a
pass over everybody, and two where the parameters differ."""


class Reached(Struct, frozen=True):
    """The submitted months that a version reaches and that were compared, those of them that would
    read otherwise, and how many earlier ones it reaches as well."""

    months: Sequence[Month] = ()
    differing: Sequence[Month] = ()
    earlier: int = 0


async def reached_by(page: PageContext, basis: Basis, scheme: Scheme, version: Version) -> Reached:
    """Of the latest submitted months those that a version reaches. basis: of everybody, as known
    now. scheme: that which the version is to join."""
    rows = (await page.lists().page(SUBMISSION_LIST, Paging(LARGEST_PAGE))).rows
    reach = scheme.reach_of(version)
    reached = {month: row for row in rows if (month := Month.parse(row.month)) in reach}
    newest = sorted(reached)[-COMPARED:]
    stated = {month: reached[month].vintages[-1] for month in newest}
    differing = await beside(list_differing, basis, stated, scheme, version)
    return Reached(newest, differing, len(reached) - len(newest))


def list_differing(
    basis: Basis, stated: Mapping[Month, VintageRow], scheme: Scheme, version: Version
) -> list[Month]:
    """The months of which a version would print another figure, or another number of the scorecard,
    each of the same day and of all that is known."""
    joined = Scheme((*scheme.versions, version))
    held = scheme.in_force(version.effective_from or Month.of(basis.day))
    slugs = {slug for one in stated.values() for slug in one.figures}
    slugs |= {slug for one in (*joined.versions, Version()) for at in one.lines for slug in at.kpis}
    kpis = [BY_SLUG[slug] for slug in sorted(slugs) if slug in BY_SLUG]
    found = list[Month]()
    for month, one in stated.items():
        of_month = replace(basis.on(one.happened_by), group=Group(month=month))
        was = now = evaluate(kpis, of_month)
        if held.parameters != version.parameters:
            now = evaluate(kpis, of_month.under(joined))
        before, after = (
            list(_printed(figures, said_by.in_force(month), one.figures))
            for figures, said_by in ((was, scheme), (now, joined))
        )
        if before != after:
            found.append(month)
    return found


def _printed(found: Evaluated, version: Version, slugs: Iterable[str]) -> Iterator[Any]:
    """The submitted figures as a report prints them, and the numbers of its scorecard."""
    for slug in slugs:
        if kpi := BY_SLUG.get(slug):
            yield shown(found[slug].ratio, kpi.unit, found.rounding)
    for one in scorecard(version.lines, found.figures).lines:
        yield one.line.weight
        yield [(judged.criterion.kpi, judged.criterion.target) for judged in one.criteria]
        yield None if one.points is None else shown_points(one.points, found.rounding)
