"""The page of a list, and the same list as a file: both answer what the address asks for."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Stream
from msgspec.structs import replace

from api.http.downloads import list_file
from api.web.kit.moments import known_by
from api.web.kit.page import PageContext, redirect
from api.web.kit.resource import FoundOtherwise, Resource, may_give, name_of
from api.web.kit.resources import Resources
from api.web.kit.table import LONGEST_ASKED, given_of, is_search, read_table
from api.web.kit.table_filters import offered_filters, read_asked


async def show_list(
    page: PageContext, resources: Resources, resource: Resource[Any]
) -> Response[Any]:
    """The list; where a search alone finds nothing in it, the one thing that it means otherwise."""
    listing, asked = resource.listing, await read_asked(page, resources, resource)
    query, amiss = asked.query, asked.amiss
    table = await read_table(page, resources, asked.reader, listing, query, asked.moment)
    remarks = await resource.remarks(page, [row.id for row in table.rows])
    rows = [
        replace(row, links={**row.links, **resource.leads(page, row.row)}) for row in table.rows
    ]
    searched = next((name for name in query.given if is_search(listing.filters[name])), None)
    otherwise: Sequence[FoundOtherwise] = ()
    if searched and resource.found_otherwise:
        otherwise = await resource.found_otherwise(page, query.given[searched], asked.moment)
    only = otherwise[0] if len(otherwise) == 1 else None
    if only and not table.total and {*query.given} <= {searched, only.narrows}:
        return redirect(query.times.dated(only.address))
    is_empty = not table.total and not table.is_narrowed and not amiss
    return page.render(
        "list.html",
        status=422 if amiss else None,
        amiss=amiss,
        resource=resource,
        table=replace(table, rows=rows, remarks=remarks),
        filters=await offered_filters(page, resources, resource, asked),
        longest=LONGEST_ASKED,
        otherwise=otherwise,
        searched=searched and query.given[searched],
        first=await resources.first_of(page, resource) if is_empty else None,
        is_limited=is_empty and not await asked.reader.reads_everything(listing),
        owners=asked.owners,
        owned=urlencode({name: query.given[name] for name in asked.owners}),
        may_give=partial(may_give, page),
        name_of=name_of,
    )


async def list_as_file(page: PageContext, resources: Resources, resource: Resource[Any]) -> Stream:
    """The list as a file, of the kind that the address ends in, whatever was searched for."""
    listing, asked = resource.listing, await read_asked(page, resources, resource)
    for misread in asked.amiss.values():
        raise misread.refusal
    times = asked.query.times
    return await list_file(
        page.app,
        page.principal,
        asked.query.ordered(listing),
        given_of(listing, asked.query),
        (times.on, await known_by(page, times)),
        page.wording.t,
        page.request.url.path.rpartition(".")[2],
    )
