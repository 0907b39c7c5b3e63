"""What-if (试算): a month's figures under a draft beside what they are, and who moved each.

Nothing is written: the draft stands in the address, and nobody's scheme says so.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from litestar import Response, get
from msgspec import Struct
from msgspec.structs import asdict, replace

from api.web.kit.pages import PageRequest
from api.web.kit.reader import Reader
from api.web.kit.sight import (
    FILTERS,
    PagesHere,
    ReaderHere,
    filters,
    groups,
    head_month,
    look_at,
    show,
    sight_of,
    title_of,
)
from domain.kernel.errors import Refusal
from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.figure import KpiFigure
from domain.kpi.kpi import Kpi
from domain.kpi.proof.comparison import Moved, compare
from domain.kpi.scheme.draft import Draft
from domain.kpi.scheme.versions import CHOICES, bounds_of
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.permissions import Permission, may

ASKED = ("leaver_rule", "denominator", "leaver_cutoff", "rounding")
"""The named choices that a draft may make here, beside the days of the window."""


class Compared(Struct, frozen=True):
    """A figure before and under the draft, and who moved it."""

    kpi: Kpi
    before: KpiFigure
    after: KpiFigure
    moved: tuple[Moved, ...]


@get("/what-if", include_in_schema=False)
async def what_if_page(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """The comparison, or for htmx only what changes in it. Refuses what Parameters refuses."""
    sight = await look_at(request, reader)
    draft = draft_of(request.query_params)
    whole = groups(sight)
    month = sight.choice.month or head_month(sight, whole)
    if month is not None:
        choice = replace(sight.choice, month=str(month))
        sight = sight_of(choice, sight.moment.evidence, sight.today, sight.position)
    found = compare(CATALOG, sight.moment, sight.moment.under(draft))
    compared = [
        Compared(kpi, before, found.after.figures[kpi.slug], found.moved[kpi.slug])
        for kpi in CATALOG
        if (before := found.before.figures[kpi.slug]).has_source
    ]
    shown = [
        one
        for one in compared
        if one.kpi in HEADLINES or one.moved or one.before.ratio != one.after.ratio
    ]
    wording = pages.wording(request, reader.principal.zone)
    return show(
        request,
        pages,
        reader,
        sight,
        "what_if",
        filters(sight, whole, wording, FILTERS, ("month",)),
        kept=f"&{urlencode(draft.stated)}" if draft.stated else "",
        stated=draft.stated,
        drafts=[(name, CHOICES[name], draft.stated.get(name)) for name in ASKED],
        in_force=asdict(sight.moment.version.parameters),
        longest_window=bounds_of("window_days")[1],
        group=title_of(sight, wording),
        compared=shown,
        before_rounding=found.before.rounding,
        after_rounding=found.after.rounding,
        names=await _names(reader, (moved for one in shown for moved in one.moved)),
    )


def draft_of(params: Mapping[str, str]) -> Draft:
    """What the address states. Refuses `window_days_invalid`, `choice_unknown`."""
    days = params.get("window_days") or None
    if days is not None and not (days.isascii() and days.isdigit() and len(days) < 6):
        raise Refusal("window_days_invalid", field="window_days", window_days=days)
    stated = {name: params[name] for name in ASKED if params.get(name)}
    return Draft.of(**stated, window_days=int(days) if days else None)


async def _names(reader: Reader, moved: Iterable[Moved]) -> Mapping[str, str]:
    if not may(reader.principal, Permission.READ_TRAINEES):
        return {}
    people = {one.trainee_id for one in moved if one.trainee_id}
    async with reader.app.db.tenant(reader.principal.tenant) as connection:
        found = await TRAINEE_LIST.by_id(connection, reader.principal.tenant, people)
    return {trainee_id: row.name for trainee_id, row in found.items() if row.name}
