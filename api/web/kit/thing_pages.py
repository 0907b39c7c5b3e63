"""The page of one thing: what it is, what can be done about it, what belongs to it, and what
happened to it."""

from typing import Any, cast
from urllib.parse import urlencode

from litestar import Response

from api.web.kit.carried_out import told
from api.web.kit.filters import read_each
from api.web.kit.moments import moment_of
from api.web.kit.page import PageContext, redirect
from api.web.kit.resource import Offered, Resource, may_give, name_of
from api.web.kit.resources import Resources
from api.web.kit.table import TableQuery, given_of, links_of, read_table
from api.web.kit.timeline import read_timeline
from domain.kernel.aggregate import Happening, Withdrawal
from domain.kernel.errors import NotFoundError
from services.reading.moment import position_of

RELATED_ROWS = 50
"""Of a list on the page of another thing; the list has all."""


async def show_thing(
    page: PageContext, resources: Resources, resource: Resource[Any], thing: str
) -> Response[Any]:
    """One of them, as the address's two times show it. Raises NotFoundError `page_unknown`."""
    times, amiss = read_each(page.request.query_params, page.read_times)
    moment = await moment_of(page, times)
    row = await page.lists(moment).get(resource.listing, id=thing)
    done = await told(page, resource.projections)
    if row is None and done and not done.is_shown:
        return page.render("shortly.html", resource=resource, done=done)
    if row is None and moment is not None:
        row = await page.lists().get(resource.listing, id=thing)
        if row is not None:
            return page.render(
                "absent.html",
                status=422 if amiss else None,
                amiss=amiss,
                resource=resource,
                thing=thing,
                times=times,
            )
    if row is None:
        return await _withdrawn(
            page, resource, thing, {"times": times, "amiss": amiss, "done": done}
        )
    if resource.home is not None:
        return redirect(times.dated(resource.home(row)))
    later = await resources.later(page, resource, row, moment)
    offered = Offered()
    if moment is None:
        offered = await resource.offered(page, row, is_last=later is None)
    before, at = (position_of(page.request.query_params.get(one)) for one in ("before", "at"))
    timeline = await read_timeline(page, thing, moment, offered.amendments, before=before, at=at)
    related, counted = [], []
    for one in resource.related_to(page, row):
        owner = resources.of_list(one.listing)
        query = TableQuery(given={one.by: thing}, times=times)
        reader = page.lists(moment)
        if not one.is_told:
            count = await reader.count(one.listing, **given_of(one.listing, query))
            counted.append((owner, count, f"{owner.path}?{query.address()}"))
            continue
        table = await read_table(
            page, resources, reader, one.listing, query, moment, size=RELATED_ROWS
        )
        opens = moment is None and later is None and may_give(page, owner.opening)
        opens = opens and one.opens and owner.opening not in offered.steps.refused
        related.append((one, owner, f"{one.by}={thing}" if opens else None, table))
    filters = resource.listing.filters.items()
    ids = {name: getattr(row, one.column) for name, one in filters if one.of}
    outside = await page.lists(moment).outside(resource.listing, [row])
    sections = [(one.template, await one.read(page, row, moment)) for one in resource.sections]
    return page.render(
        "thing.html",
        status=422 if amiss else None,
        amiss=amiss,
        resource=resource,
        row=row,
        thing=thing,
        links={
            **links_of(resource.listing, row, times, outside),
            **resource.leads(page, row),
        },
        owners=await resources.owners(page, resource, ids),
        times=times,
        moment=moment,
        later=later,
        timeline=timeline,
        earlier=urlencode({**times.stated_times, "before": timeline.earlier}),
        latest=times.when,
        related=related,
        counted=counted,
        sections=[(template, values) for template, values in sections if values is not None],
        offered=offered,
        name_of=name_of,
        done=done,
    )


async def _withdrawn(
    page: PageContext, resource: Resource[Any], thing: str, shown: dict[str, Any]
) -> Response[Any]:
    """One that was recorded by mistake, of which there is only what was recorded. Raises
    NotFoundError `page_unknown` where there never was one."""
    # Whose it was, nothing says any more.
    is_told = not resource.home and await page.lists().reads_everything(resource.listing)
    events = await page.app.log.load(page.tenant, thing) if is_told else []
    if not events or type(events[0]) not in resource.aggregate.events():
        raise NotFoundError("page_unknown")
    first, last = cast(Happening, events[0]), events[-1]
    if not isinstance(last, Withdrawal) or last.fact_id != first.fact_id:
        raise NotFoundError("page_unknown")
    before = position_of(page.request.query_params.get("before"))
    timeline = await read_timeline(page, thing, None, (), before=before)
    return page.render(
        "withdrawn.html",
        status=422 if shown["amiss"] else None,
        resource=resource,
        row=None,
        thing=thing,
        called=await resource.once_called(page, thing) or thing,
        opens=may_give(page, resource.opening),
        name_of=name_of,
        timeline=timeline,
        earlier=urlencode({"before": timeline.earlier}),
        latest="",
        **shown,
    )
