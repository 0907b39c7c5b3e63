"""The scorecard (考核表): the scheme's lines for a month, a batch or a training manager.

Nothing is rescaled: what is not defined stays a part of the whole, and is drawn as such.
"""

from collections.abc import Iterator
from fractions import Fraction

from litestar import Response, get
from msgspec import Struct

from api.needs import needs
from api.web.kit.figures_view import FiguresView, groups, of_one_month, read_figures, show
from api.web.kit.filters import Filters
from api.web.kit.page import PageContext, PageHere
from api.web.pages.scheme import may_publish
from domain.kpi.catalog import BY_SLUG, CATALOG
from domain.kpi.catalog.people import ENTERED
from domain.kpi.evaluation import evaluate_by
from domain.kpi.group import By
from domain.kpi.proof.comparison import scored
from domain.kpi.scheme.scorecard import Scorecard, scorecard, shown_points, summary_of
from services.kernel.beside import beside
from services.kernel.permissions import Permission

WAYS: tuple[By, ...] = ("cohort", "training_manager")
"""The groups whose cards stand beside each other below the month's."""


class BarPart(Struct, frozen=True):
    """A piece of the bar of 100 points. start, size: in thousandths of the whole."""

    kind: str
    start: float
    size: float
    points: str


class GroupCard(Struct, frozen=True):
    """The card of a group within the group; filters: those that show it."""

    name: str
    card: Scorecard
    parts: list[BarPart]
    earned: str
    filters: Filters


@get("/scorecard", opt=needs(Permission.READ_FIGURES))
async def scorecard_page(page: PageHere) -> Response[str]:
    """The card of one month, or for htmx its changing part alone."""
    return await beside(_shown, page, await read_figures(page))


def _shown(page: PageContext, found: FiguresView) -> Response[str]:
    wording = page.wording
    whole = groups(found)
    view = of_one_month(found, whole)
    version = view.basis.version
    rounding = version.parameters.rounding
    card = scored(view.basis)
    earned = shown_points(card.earned, rounding)
    msgid, said = summary_of(card, earned)
    return show(
        page,
        view,
        "scorecard",
        whole,
        offered=("month", "cohort", "training_manager"),
        required=("month",),
        version=version,
        may_publish=may_publish(page),
        rounding=rounding,
        card=card,
        summary=wording.t(msgid, **said),
        parts=parts(card, rounding),
        catalog=BY_SLUG,
        beside=[(way, list(_group_cards(way, view, rounding))) for way in WAYS],
        points=lambda exact: shown_points(exact, rounding),
    )


def parts(card: Scorecard, rounding: str) -> list[BarPart]:
    """Earned, missed, not scored and undefined: together always 100 points."""
    sizes = (
        ("earned", card.earned),
        ("missed", Fraction(card.scored) - card.earned),
        ("unscored", Fraction(card.defined - card.scored)),
        ("undefined", Fraction(card.undefined)),
    )
    start = Fraction(0)
    found = []
    for kind, size in sizes:
        part = BarPart(kind, float(start * 10), float(size * 10), shown_points(size, rounding))
        found.append(part)
        start += size
    return [part for part in found if part.size]


def _group_cards(way: By, view: FiguresView, rounding: str) -> Iterator[GroupCard]:
    lines = view.basis.version.lines
    judged = {slug for line in lines for slug in line.kpis}
    chosen = [kpi for kpi in CATALOG if kpi.slug in judged or kpi == ENTERED]
    found = view.in_order(way, evaluate_by(way, chosen, view.basis))
    for key, evaluated in found.items():
        if not evaluated.figures[ENTERED.slug].ratio.numerator:
            continue
        card = scorecard(lines, evaluated.figures)
        yield GroupCard(
            name=view.label(way, key),
            card=card,
            parts=parts(card, rounding),
            earned=shown_points(card.earned, rounding),
            filters=view.filters.narrowed(way, key),
        )
