"""The state of the figures that a page shows, its filters, and the frame that all such pages share.

Everything on one page is read from one state of the log: the evidence as it was known, on one
evening, of one group.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from api.web.kit.filters import (
    LIMITS,
    Amiss,
    Filters,
    parse_filters,
    read_each,
)
from api.web.kit.moments import known_by
from api.web.kit.page import PageContext
from api.web.kit.wording import Wording
from domain.kernel.values import Month
from domain.kpi.evaluation import Evaluated, evaluate_every_way
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import EVERYBODY, Group, Way
from domain.kpi.kpi import Kpi
from domain.kpi.subjects.newcomers import managers_of
from services.kernel.permissions import Permission
from services.reading.lists import Reader
from services.reading.moment import NAMED
from services.reading.names import Named, ids_before_joining, list_named

V = TypeVar("V")

GroupsByWay = Mapping[Way, Mapping[str, Evaluated]]
"""Way -> key -> figures."""


class FiguresView(Struct, frozen=True):
    """The state of the log that a page shows.

    people: what managers and training managers are called, by their ids. today: the partner's.
    position: of that state. amiss: the filters of the address that could not be read, by name.
    """

    filters: Filters
    basis: Basis
    people: Mapping[str, Named]
    today: date
    position: int
    amiss: Mapping[str, Amiss] = {}

    @property
    def day(self) -> date:
        """The evening that is looked at."""
        return self.basis.day

    def label(self, way: Way, key: str) -> str:
        """What people call the group of a key; a month is for the wording to say."""
        its = self.people.get(key) if way in NAMED else None
        return its.label if its else key

    def in_order(self, way: Way, found: Mapping[str, V]) -> dict[str, V]:
        """What there is of groups, by their keys, in the order of what people call them."""
        return dict(sorted(found.items(), key=lambda one: self.label(way, one[0])))


class FilterField(Struct, frozen=True):
    """One thing to choose. options: what stands in the address and what people read.

    is_required: whether one of the options must be chosen.
    """

    name: str
    options: tuple[tuple[str, str], ...]
    chosen: str | None
    is_required: bool

    @property
    def is_person(self) -> bool:
        """Whether people are chosen from."""
        return self.name in NAMED


async def read_figures(page: PageContext) -> FiguresView:
    """The state that the page's address asks for, as far as it can be read; `show` tells the rest.

    Refuses `permission_refused`.
    """
    page.require(Permission.READ_FIGURES)
    read = partial(parse_filters, today=page.today, zone=page.principal.zone)
    filters, amiss = read_each(page.request.query_params, read)
    by = await known_by(page, filters)
    asked = await page.app.times.question(page.principal, filters.on, by)
    known = await page.app.figures.basis(page.principal, asked)
    reader = page.lists(asked.moment(known.position))
    people = await list_named(reader, managers_of(known))
    filters = await _meant(reader, filters, people, known.evidence)
    basis = of_group(known, filters.group(people))
    return FiguresView(filters, basis, people, page.today, known.position, amiss)


async def _meant(
    reader: Reader, filters: Filters, people: Mapping[str, Named], evidence: Evidence
) -> Filters:
    """The filters with whom they mean: of who was joined into another the other. people: those who
    can be chosen, by their ids."""
    found = dict[str, str]()
    for by in NAMED:
        if (said := getattr(filters, by)) and said not in people:
            ids = evidence.named_here(await ids_before_joining(reader, said)) & people.keys()
            if len(ids) == 1:
                (found[by],) = ids
    return replace(filters, **found) if found else filters


def of_group(basis: Basis, group: Group) -> Basis:
    """The basis of the same figures of a group: the very same where it is that one's."""
    return basis if basis.group == group else replace(basis, group=group)


def groups(view: FiguresView, kpis: Sequence[Kpi] = (), within: Group = EVERYBODY) -> GroupsByWay:
    """All groups within a group, whatever was chosen, with their figures."""
    found = evaluate_every_way(kpis, of_group(view.basis, within))
    return {way: view.in_order(way, its) for way, its in found.items()}


def filter_fields(
    view: FiguresView,
    whole: GroupsByWay,
    wording: Wording,
    names: Sequence[str] = LIMITS,
    required: Collection[str] = (),
) -> list[FilterField]:
    """The filters' fields with their options, the latest months and batches first. whole: of
    everybody."""
    filters = view.filters
    options = {
        "month": [(key, wording.month(Month.parse(key))) for key in reversed(list(whole["month"]))],
        "cohort": [(code, code) for code in reversed(list(whole["cohort"]))],
    }
    for by in NAMED:
        options[by] = [(key, view.label(by, key)) for key in whole[by]]
    if filters.month and filters.month not in dict(options["month"]):
        # What is looked at can be seen in the form, even where nobody was there yet.
        options["month"].insert(0, (filters.month, wording.month(Month.parse(filters.month))))
    if filters.cohort and filters.cohort not in whole["cohort"]:
        options["cohort"].insert(0, (filters.cohort, filters.cohort))
    found = []
    for name in names:
        if name in required and not options[name]:
            continue
        wanted = getattr(filters, name)
        chosen = next((value for value, text in options[name] if wanted in (value, text)), None)
        found.append(FilterField(name, tuple(options[name]), chosen, name in required))
    return found


def unknown_filters(view: FiguresView, whole: GroupsByWay, wording: Wording) -> list[str]:
    """The filters, in words, that no newcomer meets by the day. whole: of everybody."""
    chosen = {name: getattr(view.basis.group, name) for name in LIMITS}
    return [
        f"{wording.t(f'filter.{name}')} "
        f"{wording.month(one) if name == 'month' else view.label(name, one)}"
        for name, one in chosen.items()
        if one is not None and str(one) not in whole[name]
    ]


def show(
    page: PageContext,
    view: FiguresView,
    place: str,
    whole: GroupsByWay,
    *,
    offered: Sequence[str] = LIMITS,
    required: Collection[str] = (),
    kept: str = "",
    amiss: Mapping[str, Amiss] | None = None,
    steps: Sequence[Any] = (),
    **values: Any,
) -> Response[str]:
    """The page, or for htmx its changing part alone.

    place: of template and words. whole: of everybody, for the filters that are offered.
    kept: of the address's query, beside the filters. amiss: of what the page asks beside them.
    steps: what is to be done before there are figures.
    """
    amiss = {**view.amiss, **(amiss or {})}
    filters = view.filters
    return page.render(
        "_refreshed.html" if page.request.htmx else "figures.html",
        status=422 if amiss and not page.request.htmx else None,
        amiss=amiss,
        view=view,
        filters=filters,
        # What must be chosen narrows nothing: something of it stands there from the start.
        is_narrowed=filters.limits_but(required) or filters.is_past,
        known_by=filters.known_by(page.principal.zone, page.now),
        place=place,
        path=page.request.url.path,
        fields=filter_fields(view, whole, page.wording, offered, required),
        group=title_of(view, page.wording),
        kept=kept,
        is_empty=not whole["cohort"],
        steps=steps,
        unknown=unknown_filters(view, whole, page.wording),
        swapped=bool(page.request.htmx),
        is_live=page.request.htmx.trigger == "board",
        **values,
    )


def title_of(view: FiguresView, wording: Wording) -> str:
    """The group that is looked at, in words."""
    group = view.basis.group
    parts = [wording.month(group.month)] if group.month else []
    for by in LIMITS:
        if by != "month" and (key := getattr(group, by)):
            parts.append(f"{wording.t(f'filter.{by}')} {view.label(by, key)}")
    return " · ".join(parts) or wording.t("members.everybody")


def head_month(view: FiguresView, whole: GroupsByWay) -> Month | None:
    """Last month (S54), or the latest month before it that has newcomers, or the first after."""
    known = [Month.parse(key) for key in whole["month"]]
    running = Month.of(view.day)
    return max((month for month in known if month < running), default=known[-1] if known else None)


def of_one_month(view: FiguresView, whole: GroupsByWay) -> FiguresView:
    """The view narrowed to the month chosen, or else to `head_month`, if there is one: of the group
    that is looked at, where anybody is in it. whole: of everybody."""
    within = groups(view, within=view.basis.group) if view.filters.limits else whole
    month = view.filters.month or head_month(view, within) or head_month(view, whole)
    if month is None:
        return view
    filters = replace(view.filters, month=str(month))
    basis = of_group(view.basis, filters.group(view.people))
    return replace(view, filters=filters, basis=basis)
