"""An opened figure: its members and facts, down to the records in the log."""

from litestar import Response, get

from api.web.kit.figures_view import read_figures, title_of
from api.web.kit.page import PageHere
from api.web.pages.spreads import first_order_curve, spread
from domain.kernel.errors import Refusal
from domain.kpi.catalog import kpi_by_slug
from domain.kpi.evaluation import evaluate
from domain.kpi.proof.breakdown import break_down
from domain.kpi.proof.explanation import explain
from services.kernel.permissions import Permission

MOST_POSITIONS = 200
"""As many records as one opened line may be made of."""


@get("/figures/members")
async def members_page(page: PageHere) -> Response[str]:
    """The people, orders, verdicts or classes that one group's figure is made of.

    Refuses `kpi_unknown`, `month_invalid`, `day_invalid`, `instant_invalid`.
    """
    kpi = kpi_by_slug(page.request.query_params.get("kpi", ""))
    view = await read_figures(page)
    evaluated = evaluate([kpi], view.basis)
    found = break_down(kpi, view.basis)
    facts = explain(view.basis) if kpi.facts else None
    people = {line.trainee_id for line in found.lines if line.trainee_id}
    people.update(facts.people if facts else ())
    return page.render_part(
        "opened.html",
        kpi=kpi,
        found=evaluated.figures[kpi.slug],
        rounding=evaluated.rounding,
        breakdown=found,
        facts=facts,
        names=await page.names(people),
        title=title_of(view, page.wording),
        spread=spread(kpi, view.basis, page.wording),
        curve=first_order_curve(kpi, view.basis, page.wording),
    )


@get("/figures/facts")
async def facts_page(page: PageHere) -> Response[str]:
    """The records at some positions of the partner's log. Refuses `position_invalid`."""
    page.require(Permission.READ_FIGURES)
    positions = _positions(page.request.query_params.get("positions", ""))
    found = await page.app.records(page.tenant, positions)
    names = await page.app.accounts.names_of(page.tenant, list({row.actor for row in found}))
    return page.render(
        "_facts.html",
        facts=[
            (row, names.get(row.actor, row.actor), page.wording.t.source_of(row.source))
            for row in found
        ],
    )


def _positions(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) > MOST_POSITIONS or not all(p.isascii() and p.isdigit() for p in parts):
        raise Refusal("position_invalid")
    return [int(part) for part in parts if len(part) < 19]
