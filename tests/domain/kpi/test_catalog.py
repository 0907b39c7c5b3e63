"""The list of KPIs is whole, and each does what its example says."""

from importlib import import_module
from pathlib import Path

import pytest

from domain.kpi import catalog
from domain.kpi.catalog import CATALOG, kpis
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.rounding import shown
from domain.kpi.subjects.measure import Measure
from tests import source_batch


def test_every_kpi_of_the_folder_is_in_the_list_once() -> None:
    files = {path.stem for path in Path(catalog.__file__).parent.glob("*.py")} - {"__init__"}
    declared = [vars(import_module(f"{catalog.__name__}.{file}")).values() for file in files]
    kpis = [value for values in declared for value in values if isinstance(value, Kpi)]
    assert sorted(kpi.slug for kpi in CATALOG) == sorted(kpi.slug for kpi in kpis)


@pytest.fixture(params=CATALOG, ids=[kpi.slug for kpi in CATALOG])
def kpi(request: pytest.FixtureRequest) -> Kpi:
    return request.param


def test_the_worked_example_is_right(kpi: Kpi) -> None:
    got = counted(kpi)
    assert got.ratio == kpi.example.ratio
    assert shown(got.ratio, kpi.unit) == kpi.example.shown


def test_a_kpi_of_nobody_shows_no_value(kpi: Kpi) -> None:
    got = shown(counted(kpi, everybody=False).ratio, kpi.unit)
    if kpi.denominator is None and kpi.has_source:
        assert got == "0"
    else:
        assert got is None


def test_measures_of_one_name_are_one_measure() -> None:
    known: dict[str, Measure] = {}
    for kpi in CATALOG:
        for measure in kpi.measures:
            assert known.setdefault(measure.slug, measure) == measure


def counted(kpi: Kpi, everybody: bool = True) -> KpiFigure:
    source = source_batch.evidence()
    day = kpi.example.on or source_batch.AS_OF
    return evaluate([kpi], Basis(source if everybody else Evidence(), day)).figures[kpi.slug]


def test_the_batch_is_the_source_s() -> None:
    chosen = kpis(("entered", "went_live", "employed", "order_rate"))
    found = evaluate(chosen, Basis(Evidence(source_batch.batch()), source_batch.AS_OF)).figures
    assert [found[kpi.slug].ratio.numerator for kpi in chosen] == [20, 18, 15, 12]
