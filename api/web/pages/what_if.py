"""What-if (试算): a month's figures under a draft beside those in force, and who moved each.

Nothing is written: the draft stands in the address, and nobody's scheme says so.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from litestar import Response, get
from msgspec import Struct
from msgspec.structs import asdict

from api.web.kit.figures_view import (
    FiguresView,
    GroupsByWay,
    groups,
    of_one_month,
    read_figures,
    show,
)
from api.web.kit.filters import read_each
from api.web.kit.form import form_of
from api.web.kit.page import PageHere
from api.web.kit.resource import may_give
from api.web.kit.slices import PAGE, slice_of, start_of
from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.proof.comparison import Comparison, Moved, compare
from domain.kpi.scheme.draft import Draft
from domain.kpi.scheme.versions import Parameters
from services.kernel.beside import beside
from services.scheme.scheme import PublishScheme

PARAMETERS = form_of(Parameters).fields
"""What a draft may say otherwise here; lines and targets are tried on the way to publishing."""

FIRST = 20
"""Who moved a figure, before one of the figures was chosen to see all of them."""


class FigureComparison(Struct, frozen=True):
    """A figure before and under the draft, and who moved it."""

    kpi: Kpi
    before: KpiFigure
    after: KpiFigure
    moved: tuple[Moved, ...]


@get("/what-if")
async def what_if_page(page: PageHere) -> Response[str]:
    """The comparison, or for htmx its changing part alone."""
    state = await read_figures(page)
    draft, amiss = read_each(page.request.query_params, draft_of)
    whole, view, found = await beside(_compared, state, draft)
    compared, query = worth_showing(found), page.request.query_params
    asked = query.get("moved")
    chosen = asked if asked in {one.kpi.slug for one in compared} else None
    start, size = (start_of(query), PAGE) if chosen else (0, FIRST)
    shown = [
        (one, slice_of(one.moved, start, size))
        for one in compared
        if chosen in (None, one.kpi.slug)
    ]
    moved = (line.trainee_id for _, rows in shown for line in rows.rows)
    return show(
        page,
        view,
        "what_if",
        whole,
        required=("month",),
        amiss=amiss,
        kept=f"&{urlencode(draft.stated)}" if draft.stated else "",
        stated=draft.stated,
        parameters=PARAMETERS,
        may_publish=may_give(page, PublishScheme),
        in_force=asdict(view.basis.version.parameters),
        compared=shown,
        chosen=chosen,
        before_rounding=found.before.rounding,
        after_rounding=found.after.rounding,
        names=await page.names({trainee_id for trainee_id in moved if trainee_id}),
    )


def worth_showing(found: Comparison) -> list[FigureComparison]:
    """The headlines, and the other figures that differ or that somebody moves."""
    compared = (
        FigureComparison(kpi, before, found.after.figures[kpi.slug], found.moved[kpi.slug])
        for kpi in CATALOG
        if (before := found.before.figures[kpi.slug]).has_source
    )
    return [
        one
        for one in compared
        if one.kpi in HEADLINES or one.moved or one.before.ratio != one.after.ratio
    ]


def _compared(state: FiguresView, draft: Draft) -> tuple[GroupsByWay, FiguresView, Comparison]:
    whole = groups(state)
    view = of_one_month(state, whole)
    return whole, view, compare(CATALOG, view.basis, draft.applied(view.basis))


def draft_of(params: Mapping[str, str]) -> Draft:
    """The draft of an address's query. Refuses what Parameters do, `choice_unknown` and
    `not_a_number`."""
    read = {one.name: one.read((params.get(one.name, ""),)) for one in PARAMETERS}
    return Draft.of(**read)
