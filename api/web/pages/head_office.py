"""Head office's pages: all partners with their figures of a month, one partner's months, and the
form of a new one.

Figures, and nothing below them. What is shown is bounded by the number of partners: each page is
read by one statement, and one that asks of which months there is anything.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from api.http.downloads import MEDIA_TYPES, download_headers
from api.web.kit.charts import MOST_BARS, bar, bars, category_axis, frame, value_axis
from api.web.kit.days import month_typed
from api.web.kit.form_state import sent_texts
from api.web.kit.page import PageContext, PageHere
from api.web.kit.wording import Wording
from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.catalog import HEADLINES
from domain.kpi.kpi import Kpi
from domain.people.partner import DEFAULT_ZONE
from domain.planning.deadline import newest_due
from projections.figures.hq_series import PartnerMonth, VisibleFigure, ranked
from services.kernel.beside import beside
from services.people.partners import TakenIn
from services.reporting.head_office import league_file, series_file

PLACE = "/head-office"
MOST_MONTHS = 60
"""To choose from."""
FIELDS = ("code", "name", "zone", "email", "admin_name")
"""Of a new partner; email, admin_name: of its administrator."""


class League(Struct, frozen=True):
    """The partners of a month in the order of one KPI. ranks: by the codes of those that have
    one."""

    kpi: Kpi
    month: Month
    lines: Sequence[PartnerMonth]
    ranks: Mapping[str, int]


class NewPartner(Struct, frozen=True):
    """The form of a new partner as it was left. typed: by field. missing: what was left empty.
    made: what it made, with the administrator of the address admin."""

    typed: Mapping[str, str] = MappingProxyType({"zone": DEFAULT_ZONE})
    missing: Sequence[str] = ()
    refusal: Refusal | None = None
    made: TakenIn | None = None
    admin: str = ""

    @property
    def amiss(self) -> str | None:
        """The field that the refusal is about, if it is about one."""
        return self.refusal.field if self.refusal and self.refusal.field in FIELDS else None


@get(PLACE)
async def head_office_page(head: PageHere) -> Response[str]:
    """All partners in a month, the best first of the KPI that the address names."""
    return await _first_page(head, NewPartner())


@post(PLACE)
async def create_partner(head: PageHere) -> Response[str]:
    """Takes a partner in, and says where its administrator's link went, which is shown nowhere."""
    sent = sent_texts(await head.form())
    typed = {name: sent.get(name, "").strip() for name in FIELDS}
    if missing := [name for name in FIELDS if not typed[name]]:
        return await _first_page(head, NewPartner(typed, missing))
    code, name, zone, admin, admin_name = typed.values()
    try:
        taken_in = await head.app.partners.create(
            head.principal, code=code, name=name, zone=zone, admin=admin, admin_name=admin_name
        )
    except Refusal as refusal:
        return await _first_page(head, NewPartner(typed, refusal=refusal))
    return await _first_page(head, NewPartner(made=taken_in, admin=admin))


async def _first_page(head: PageContext, new: NewPartner) -> Response[str]:
    months = await _months(head)
    league, amiss = await _league(head, months)
    return head.render(
        "head_office.html",
        league=league,
        months=months,
        beside=_beside(league, months),
        is_newest_due=league.month == newest_due(months, head.today),
        kpis=HEADLINES,
        chart=await beside(_of_partners, league, head.wording),
        most_bars=MOST_BARS,
        file=f"{PLACE}/list.xlsx?{_asked(league)}",
        asked=_asked,
        refusal=amiss,
        status=422 if amiss else None,
        new=new,
        mail_file=_mail_file(head, new),
        is_refused=bool(new.refusal or new.missing),
    )


@get(f"{PLACE}/list.xlsx")
async def head_office_file(head: PageHere) -> Response[bytes]:
    """The same as a workbook. Refuses what its address does not say."""
    league, amiss = await _league(head, await _months(head))
    if amiss is not None:
        raise amiss
    made = await beside(
        league_file, league.lines, HEADLINES, league.ranks, league.month, head.now, head.wording.t
    )
    return _saved(made, f"{head.partner}_{league.month}", f"head-office-{league.month}")


@get(f"{PLACE}/{{code:str}}")
async def partner_page(head: PageHere, code: FromPath[str]) -> Response[str]:
    """One partner month by month. Raises NotFoundError `partner_unknown`."""
    months = await head.app.head_office_figures.partner(head.principal, HEADLINES, code)
    known = [one for one in months if one.month]
    return head.render(
        "head_office_partner.html",
        partner=months[0],
        months=known[::-1],
        kpis=HEADLINES,
        charts=[(kpi, _of_months(kpi, known, head.wording)) for kpi in HEADLINES if known],
        most_bars=MOST_BARS,
        month_of=Month.parse,
        place=PLACE,
    )


@get(f"{PLACE}/{{code:str}}/series.xlsx")
async def partner_file(head: PageHere, code: FromPath[str]) -> Response[bytes]:
    """The same as a workbook. Raises NotFoundError `partner_unknown`."""
    months = await head.app.head_office_figures.partner(head.principal, HEADLINES, code)
    known = [one for one in months if one.month]
    made = await beside(series_file, months[0], known, HEADLINES, head.now, head.wording.t)
    return _saved(made, f"{months[0].name}_{head.today}", "partner-series")


def _mail_file(head: PageContext, new: NewPartner) -> str | None:
    """Where the invitation is, unless a server is told it."""
    invited = new.made and new.made.invited
    return head.app.mail_file(invited.mail_id) if invited and invited.mail_id else None


async def _months(head: PageContext) -> list[Month]:
    """The months to choose from, the last first, this one among them."""
    known = await head.app.head_office_figures.months(head.principal, HEADLINES, MOST_MONTHS)
    return sorted({*known, Month.of(head.today)}, reverse=True)


async def _league(head: PageContext, months: Sequence[Month]) -> tuple[League, Refusal | None]:
    """What the address asks for; else the newest month whose figures are due, else this one, in the
    order of the first KPI, and why."""
    query = head.request.query_params
    month, kpi, amiss = newest_due(months, head.today) or months[0], HEADLINES[0], None
    try:
        if said := query.get("month"):
            month = month_typed(said, "month")
    except Refusal as refused:
        amiss = refused
    kpi = next((one for one in HEADLINES if one.slug == query.get("kpi")), kpi)
    lines = await head.app.head_office_figures.month(head.principal, HEADLINES, month)
    known = [one.figures[kpi.slug] for one in lines if kpi.slug in one.figures]
    order = {one.code: place for place, one in enumerate(ranked(kpi, known))}
    ranks = {one.code: one.rank for one in ranked(kpi, known) if one.rank is not None}
    ordered = sorted(lines, key=lambda one: order.get(one.code, len(order)))
    return League(kpi, month, ordered, ranks), amiss


def _beside(league: League, months: Sequence[Month]) -> list[Month]:
    """The months before and after that of a league, of those to choose from."""
    earlier = [one for one in months if one < league.month]
    later = [one for one in months if one > league.month]
    return [*earlier[:1], *later[-1:]]


def _asked(league: League, **changed: str) -> str:
    return urlencode({"month": str(league.month), "kpi": league.kpi.slug, **changed})


def _of_partners(league: League, wording: Wording) -> dict[str, Any]:
    """The chart of the KPI that the partners are ordered by."""
    kpi = league.kpi
    known = [one for one in league.lines if kpi.slug in one.figures][:MOST_BARS]
    return _chart(kpi, [(one.name, one.figures[kpi.slug]) for one in known], wording)


def _of_months(kpi: Kpi, months: Sequence[PartnerMonth], wording: Wording) -> dict[str, Any]:
    known = [one for one in months if kpi.slug in one.figures][-MOST_BARS:]
    named = [(wording.month(Month.parse(one.month)), one.figures[kpi.slug]) for one in known]
    return _chart(kpi, named, wording)


def _chart(
    kpi: Kpi, named: Sequence[tuple[str, VisibleFigure]], wording: Wording
) -> dict[str, Any]:
    drawn = []
    for name, one in named:
        said = wording.ratio(one.ratio, kpi.unit, one.rounding)
        tip = f"{name}\n{said}  ({one.ratio.numerator}/{one.ratio.denominator})"
        drawn.append({**bar(kpi, one.ratio, said, is_final=one.is_final), "tip": tip})
    names = category_axis([name for name, _ in named])
    return frame(names, value_axis(kpi.unit)) | {"series": [bars(drawn)]}


def _saved(content: bytes, name: str, plain: str) -> Response[bytes]:
    """A workbook, to be saved."""
    headers = download_headers(f"{name}.xlsx", f"{plain}.xlsx")
    return Response(content, media_type=MEDIA_TYPES["xlsx"], headers=headers)
