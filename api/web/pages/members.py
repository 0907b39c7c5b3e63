"""An opened figure: its members and facts, down to the records in the log."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post

from api.needs import needs
from api.web.kit.addresses import number_in
from api.web.kit.cookies import local_path
from api.web.kit.figures_view import groups, read_figures, title_of, unknown_filters
from api.web.kit.form_state import sent_text
from api.web.kit.page import CHANGES_NOTHING, PageContext, PageHere, redirect
from api.web.kit.slices import PAGE, slice_of, start_of
from api.web.kit.timeline import read_records
from api.web.pages.opened_figure import open_figure
from api.web.pages.spreads import first_order_curve, spread
from domain.kernel.errors import Refusal
from domain.kernel.values import tidy
from domain.kpi.catalog import kpi_by_slug
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.beside import beside
from services.kernel.permissions import Permission

PLACE, RECORDS = "/figures/members", "/figures/facts"

BACK = "back"
"""Says in an address from which page a figure was opened."""

LONGEST = 100
"""Characters of what is looked for."""

MOST_POSITIONS = 200
"""As many records as one opened line may be made of."""

FIRST = 25
"""Lines of each part that are shown while none of them was chosen."""

MOST_FOUND = 1_000
"""People that a search finds: somebody who gets more has to write more."""


@get(PLACE, opt=needs(Permission.READ_FIGURES))
async def members_page(page: PageHere) -> Response[str]:
    """The people, orders, verdicts or classes that one group's figure is made of.

    Refuses `kpi_unknown`, `month_invalid`, `day_invalid`, `instant_invalid`.
    """
    query = page.request.query_params
    kpi = kpi_by_slug(query.get("kpi", ""))
    view = await read_figures(page)
    for misread in view.amiss.values():
        raise misread.refusal
    search = page.seal.open(query.get("search", ""))

    def looked_into() -> dict[str, Any]:
        opened = open_figure(kpi, view)
        is_whole = query.get("part") not in {part.name for part in opened.parts} and not search
        return {
            "opened": opened,
            "unknown": [] if opened.lines else unknown_filters(view, groups(view), page.wording),
            "spread": spread(kpi, view.basis, page.wording) if is_whole else None,
            "curve": first_order_curve(kpi, view.basis, page.wording) if is_whole else None,
        }

    found = await beside(looked_into)
    parts = found["opened"].parts
    if search:
        people = await _people(page, search)
        parts = tuple(part.of(people, search.lower()) for part in parts)
    chosen = query.get("part") if query.get("part") in {part.name for part in parts} else None
    size, start = (PAGE, start_of(query)) if chosen else (FIRST, 0)
    shown = [
        (part, slice_of(part.lines, start, size)) for part in parts if chosen in (None, part.name)
    ]
    lines = [line for _, rows in shown for line in rows.rows]
    return page.render_part(
        "opened.html",
        kpi=kpi,
        filters=view.filters,
        view=view,
        shown=shown,
        chosen=chosen,
        search=search,
        query=f"{view.filters.query}&kpi={kpi.slug}",
        back=_back(page) or f"/?{view.filters.query}",
        sought=urlencode({"search": query["search"]}) if search else "",
        names=await page.names({line.trainee_id for line in lines if line.trainee_id}),
        cohorts=await page.cohorts(line.cohort_code for line in lines),
        title=title_of(view, page.wording),
        **found,
    )


@post(PLACE, opt=needs(Permission.READ_FIGURES) | {CHANGES_NOTHING: True})
async def find_members(page: PageHere) -> Response[str]:
    """Leads to the same members, those who were looked for, whose names no address shows."""
    asked = {**page.request.query_params}
    asked.pop("search", None)
    if search := tidy(sent_text(await page.form(), "search") or "")[:LONGEST]:
        asked["search"] = page.seal.close(search)
    return redirect(f"{PLACE}?{urlencode(asked)}")


@get(RECORDS, opt=needs(Permission.READ_FIGURES, Permission.READ_TRAINEES))
async def facts_page(page: PageHere) -> Response[str]:
    """The records at some positions of the partner's log, and the figure that they are behind
    where the address says which. Refuses `position_invalid`, `kpi_unknown`."""
    query = page.request.query_params
    positions = _positions(query.get("positions", ""))
    records = await page.lists().records(positions)
    facts = await read_records(page, [*records.values()])
    back, of, names = _back(page), None, dict[str, str]()
    if "kpi" in query and not page.request.htmx:
        kpi, view = kpi_by_slug(query["kpi"]), await read_figures(page)
        names = await page.names({fact.row.stream_id for fact in facts})
        asked = urlencode({"kpi": kpi.slug, **({BACK: back} if back else {})})
        of = {
            "kpi": kpi,
            "view": view,
            "title": title_of(view, page.wording),
            "address": f"{PLACE}?{view.filters.query}&{asked}",
        }
    back = back if of else page.before
    return page.render_part("facts.html", facts=facts, of=of, names=names, back=back)


def _back(page: PageContext) -> str | None:
    """The page from which a figure was opened, as its address says, or else that which led here."""
    said = page.request.query_params.get(BACK) or page.before or ""
    is_ours = local_path(said) == said and not said.startswith((PLACE, RECORDS))
    return said if is_ours else None


async def _people(page: PageContext, search: str) -> set[str]:
    """The ids of the trainees whom a search finds; none where the person may not see names."""
    found = set[str]()
    if not page.may(Permission.READ_TRAINEES):
        return found
    lists, after = page.lists(), None
    while len(found) < MOST_FOUND:
        paging = Paging(LARGEST_PAGE, after=after)
        rows = await lists.page(TRAINEE_LIST, paging, search=search)
        found.update(row.trainee_id for row in rows.rows)
        if not rows.has_next:
            break
        after = rows.cursor(-1)
    return found


def _positions(text: str) -> list[int]:
    parts = text.split(",")
    numbers = [one for one in map(number_in, parts) if one is not None]
    if len(parts) > MOST_POSITIONS or len(numbers) < len(parts):
        raise Refusal("position_invalid")
    return numbers
