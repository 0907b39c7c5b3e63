"""The list of KPIs is whole, and each does what its example says."""

from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

from domain.kernel.values import Ratio
from domain.kpi import catalog
from domain.kpi.catalog import BY_SLUG, CATALOG, kpis
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.rounding import shown
from domain.kpi.subjects.measure import Measure
from tests import source_batch
from tests.oracle.units import shows_its_fraction

EXAMPLES: dict[str, tuple[Ratio, str | None]] = {
    "order_rate": (Ratio(12, 18), "66.6%"),
    "average_orders": (Ratio(21, 18), "1.16"),
    "trial_pass_rate": (Ratio(15, 18), "83.3%"),
    "trial_pass_rate_of_entered": (Ratio(15, 20), "75.0%"),
    "trial_feedback_complete": (Ratio(18, 18), "100.0%"),
    "class_opened_on_time": (Ratio(2, 3), "66.6%"),
    "daily_report_covers_class": (Ratio(0, 0), None),
    "summary_written": (Ratio(1, 2), "50.0%"),
    "plan_kept": (Ratio(2, 3), "66.6%"),
    "gate_respected": (Ratio(18, 18), "100.0%"),
    "spot_checks_done": (Ratio(15, 18), "83.3%"),
    "entered": (Ratio(20, 1), "20"),
    "went_live": (Ratio(18, 1), "18"),
    "employed": (Ratio(15, 1), "15"),
    "elimination_rate": (Ratio(1, 20), "5.0%"),
    "exam_first_pass_rate": (Ratio(17, 18), "94.4%"),
    "average_exam_score": (Ratio(158_600, 1_900), "83.4"),
    "attendance_rate": (Ratio(0, 0), None),
    "days_to_go_live": (Ratio(252, 18), "14.0"),
    "days_to_first_order": (Ratio(39, 13), "3.0"),
    "orders_by_day": (Ratio(71, 21), "3.3"),
    "orders_in_first_week": (Ratio(21, 21), "100.0%"),
    "complaint_rate": (Ratio(1, 18), "5.5%"),
    "retention_30": (Ratio(15, 18), "83.3%"),
    "retention_60": (Ratio(15, 18), "83.3%"),
    "retention_90": (Ratio(15, 18), "83.3%"),
    "days_late": (Ratio(36, 18), "2.0"),
    "submissions_in_time": (Ratio(1, 1), "100.0%"),
}
"""The figure of each KPI for the source's batch, exact and as shown; undefined without a source.

Here and not with the KPI, since nothing but the test reads them.
"""

DAYS = {"submissions_in_time": date(2026, 7, 5)}
"""On which evening a figure is counted, where not on that of the batch's last counted day."""


def test_every_kpi_of_the_folder_is_in_the_list_once() -> None:
    files = {path.stem for path in Path(catalog.__file__).parent.glob("*.py")} - {"__init__"}
    declared = [vars(import_module(f"{catalog.__name__}.{file}")).values() for file in files]
    kpis = [value for values in declared for value in values if isinstance(value, Kpi)]
    assert sorted(kpi.slug for kpi in CATALOG) == sorted(kpi.slug for kpi in kpis)


def test_every_kpi_has_an_example_and_nothing_else_has() -> None:
    assert set(EXAMPLES) == set(BY_SLUG) >= set(DAYS)


@pytest.fixture(params=CATALOG, ids=[kpi.slug for kpi in CATALOG])
def kpi(request: pytest.FixtureRequest) -> Kpi:
    return request.param


def test_the_worked_example_is_right(kpi: Kpi) -> None:
    got = counted(kpi)
    assert (got.ratio, shown(got.ratio, kpi.unit)) == EXAMPLES[kpi.slug]


def test_a_kpi_of_nobody_shows_no_value(kpi: Kpi) -> None:
    got = shown(counted(kpi, everybody=False).ratio, kpi.unit)
    if kpi.denominator is None and kpi.has_source:
        assert got == "0"
    else:
        assert got is None


def test_the_exact_fraction_stands_beside_people_and_orders_alone(kpi: Kpi) -> None:
    assert kpi.shows_fraction is (kpi.has_source and shows_its_fraction(kpi.slug))


def test_measures_of_one_name_are_one_measure() -> None:
    known: dict[str, Measure] = {}
    for kpi in CATALOG:
        for measure in kpi.measures:
            assert known.setdefault(measure.slug, measure) == measure


def counted(kpi: Kpi, everybody: bool = True) -> KpiFigure:
    source = source_batch.evidence()
    day = DAYS.get(kpi.slug, source_batch.AS_OF)
    return evaluate([kpi], Basis(source if everybody else Evidence(), day)).figures[kpi.slug]


def test_the_batch_is_the_source_s() -> None:
    chosen = kpis(("entered", "went_live", "employed", "order_rate"))
    found = evaluate(chosen, Basis(Evidence(source_batch.batch()), source_batch.AS_OF)).figures
    assert [found[kpi.slug].ratio.numerator for kpi in chosen] == [20, 18, 15, 12]
