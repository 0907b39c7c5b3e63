"""All figures: the whole catalog for one group, with the months before."""

from itertools import groupby

from litestar import Response, get
from msgspec import Struct
from msgspec.structs import replace

from api.needs import needs
from api.web.kit.figures_view import FiguresView, groups, of_group, read_figures, show
from api.web.kit.page import PageContext, PageHere
from domain.kernel.values import Month
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import Evaluated, evaluate, evaluate_ways
from domain.kpi.group import WHOLE
from domain.kpi.kpi import Kpi, KpiFigure
from services.kernel.beside import beside
from services.kernel.permissions import Permission

MOST_MONTHS = 12


class Bar(Struct, frozen=True):
    """A month of a small chart. height: of the tallest, or of 100%; None where it is undefined."""

    month: Month
    figure: KpiFigure
    rounding: str
    height: float | None


class Card(Struct, frozen=True):
    """One figure of the catalog and its months. judged: whether the scheme's lines judge it."""

    kpi: Kpi
    figure: KpiFigure
    judged: bool
    bars: tuple[Bar, ...]


@get("/figures/all", opt=needs(Permission.READ_FIGURES))
async def all_figures_page(page: PageHere) -> Response[str]:
    """The catalog, or for htmx its changing part alone."""
    return await beside(_shown, page, await read_figures(page))


def _shown(page: PageContext, view: FiguresView) -> Response[str]:
    wording = page.wording
    found, months, total = figures_and_months(view)
    return show(
        page,
        view,
        "all_figures",
        groups(view),
        sections=sections(cards(view, found, months)),
        rounding=found.rounding,
        months_in_all=total,
        months=[
            (wording.month(Month.parse(key)), view.filters.narrowed("month", key)) for key in months
        ],
    )


def figures_and_months(view: FiguresView) -> tuple[Evaluated, dict[str, Evaluated], int]:
    """The figures of the group, those of its last months, up to the one that is chosen, and how
    many months there are in all. Its people are gone over once."""
    group = view.basis.group
    of_all = of_group(view.basis, replace(group, month=None))
    ways = evaluate_ways(("all", "month"), CATALOG, of_all)
    found, last = ways["month"], str(group.month) if group.month else None
    keys = [key for key in found if last is None or key <= last]
    whole = ways["all"][WHOLE] if last is None else found.get(last)
    months = {key: found[key] for key in keys[-MOST_MONTHS:]}
    return whole or evaluate(CATALOG, view.basis), months, len(keys)


def cards(view: FiguresView, found: Evaluated, months: dict[str, Evaluated]) -> list[Card]:
    """The cards in the order of the catalog."""
    judged = {slug for line in view.basis.version.lines for slug in line.kpis}
    return [
        Card(kpi, found.figures[kpi.slug], kpi.slug in judged, _bars(kpi, months))
        for kpi in CATALOG
    ]


def sections(cards: list[Card]) -> list[tuple[bool, list[Card]]]:
    """The cards of figures that the scheme judges, then the rest."""
    ordered = sorted(cards, key=lambda card: not card.judged)
    return [(judged, list(group)) for judged, group in groupby(ordered, lambda card: card.judged)]


def _bars(kpi: Kpi, months: dict[str, Evaluated]) -> tuple[Bar, ...]:
    figures = [(key, one.figures[kpi.slug], one.rounding) for key, one in months.items()]
    values = [figure.ratio.value for _, figure, _ in figures]
    most = 1.0 if kpi.unit == "percent" else max((v or 0.0 for v in values), default=0.0) or 1.0
    return tuple(
        Bar(Month.parse(key), figure, rounding, None if value is None else value / most)
        for (key, figure, rounding), value in zip(figures, values, strict=True)
    )
