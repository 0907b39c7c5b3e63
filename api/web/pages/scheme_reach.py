"""Which submitted months a new version of the scheme would reach, and in which of them the figures
would become others."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.page import PageContext
from domain.kernel.values import Month
from domain.kpi.catalog import BY_SLUG
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis
from domain.kpi.group import Group
from domain.kpi.scheme.versions import Scheme, Version
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.reporting.submissions import SUBMISSION_LIST, SubmissionRow
from services.kernel.beside import beside


class Reached(Struct, frozen=True):
    """The submitted months that a version reaches, and those of them whose figures it changes."""

    months: Sequence[Month] = ()
    differing: Sequence[Month] = ()


async def reached_by(page: PageContext, basis: Basis, scheme: Scheme, version: Version) -> Reached:
    """Of the latest submitted months those that a version reaches. basis: of everybody, as known
    now. scheme: that which the version is to join."""
    rows = (await page.lists().page(SUBMISSION_LIST, Paging(LARGEST_PAGE))).rows
    reach = scheme.reach_of(version)
    reached = {month: row for row in reversed(rows) if (month := Month.parse(row.month)) in reach}
    joined = Scheme((*scheme.versions, version))

    def differing() -> list[Month]:
        return [month for month, row in reached.items() if _differs(basis, row, joined)]

    return Reached([*reached], await beside(differing))


def _differs(basis: Basis, row: SubmissionRow, scheme: Scheme) -> bool:
    """Whether a submitted figure would be another one, of the same day and all that is known."""
    last = row.vintages[-1]
    kpis = [BY_SLUG[slug] for slug in last.figures if slug in BY_SLUG]
    held = replace(basis.on(last.happened_by), group=Group(month=Month.parse(row.month)))
    was, now = evaluate(kpis, held), evaluate(kpis, held.under(scheme))
    return any(was[kpi.slug].ratio != now[kpi.slug].ratio for kpi in kpis)
