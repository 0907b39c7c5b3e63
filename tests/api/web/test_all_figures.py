"""The catalog for one group: each figure, what is not there yet, and the months before."""

from datetime import date, timedelta

from api.web.kit.filters import Filters
from api.web.pages.all_figures import Card, cards, figures_and_months, sections
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Evidence
from tests.api.web.visiting import view_of
from tests.source_batch import AS_OF, batch

OPEN = date(2026, 6, 15)


def shown(choice: Filters, day: date = AS_OF) -> dict[str, Card]:
    view = view_of(Evidence(batch()), choice, day)
    found, months, _ = figures_and_months(view)
    assert found == evaluate(CATALOG, view.basis)
    return {card.kpi.slug: card for card in cards(view, found, months)}


def test_has_a_card_for_every_figure_of_the_catalog() -> None:
    assert list(shown(Filters())) == [kpi.slug for kpi in CATALOG]


def test_what_nobody_records_has_no_figure_and_no_bar() -> None:
    card = shown(Filters())["attendance_rate"]
    assert not card.figure.has_source
    assert [bar.height for bar in card.bars] == [None]


def test_a_bar_is_as_high_as_its_share_of_the_whole() -> None:
    (bar,) = shown(Filters(on=AS_OF), AS_OF + timedelta(days=1))["order_rate"].bars
    assert (bar.month, bar.figure.ratio, bar.figure.is_final) == (
        Month(2026, 6),
        Ratio(12, 18),
        True,
    )
    assert bar.height == 12 / 18
    (count,) = shown(Filters())["entered"].bars
    assert count.height == 1.0


def test_a_bar_of_an_open_month_is_not_final() -> None:
    (bar,) = shown(Filters(), OPEN)["order_rate"].bars
    assert not bar.figure.is_final


def test_months_end_with_the_one_that_is_chosen() -> None:
    assert shown(Filters(month="2026-05"))["order_rate"].bars == ()
    assert len(shown(Filters(month="2026-07"))["order_rate"].bars) == 1


def test_what_the_scheme_judges_comes_first() -> None:
    (first, judged), (second, others) = sections(list(shown(Filters()).values()))
    assert (first, second) == (True, False)
    assert "order_rate" in {card.kpi.slug for card in judged}
    assert "entered" in {card.kpi.slug for card in others}
    assert len(judged) + len(others) == len(CATALOG)
