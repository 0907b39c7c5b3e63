"""The list of KPIs is whole, and each does what its example says."""

from pathlib import Path

import pytest

from domain.kpi import catalog, example
from domain.kpi.catalog import CATALOG
from domain.kpi.figures import NewcomerFigures, figures
from domain.kpi.kpi import Kpi
from domain.kpi.scheme import Parameters


def test_every_file_of_the_folder_is_in_the_list_once() -> None:
    files = {path.stem for path in Path(catalog.__file__).parent.glob("*.py")} - {"__init__"}
    slugs = [kpi.slug for kpi in CATALOG]
    assert sorted(slugs) == sorted(files)


@pytest.fixture(params=CATALOG, ids=[kpi.slug for kpi in CATALOG])
def kpi(request: pytest.FixtureRequest) -> Kpi:
    return request.param


def test_the_worked_example_is_right(kpi: Kpi) -> None:
    got = figures(example.batch(), example.AS_OF, Parameters())
    assert kpi.of(got) == kpi.example.ratio
    assert kpi.shown(got) == kpi.example.shown


def test_the_formula_is_the_figure_of_that_name(kpi: Kpi) -> None:
    got = figures(example.batch(), example.AS_OF, Parameters())
    assert kpi.of(got) == getattr(got, kpi.slug)
    assert {kpi.numerator, kpi.denominator} <= set(NewcomerFigures.__struct_fields__)


def test_nobody_shows_nothing(kpi: Kpi) -> None:
    assert kpi.shown(figures((), example.AS_OF, Parameters())) is None


def test_the_batch_is_the_source_s() -> None:
    got = figures(example.batch(), example.AS_OF, Parameters())
    assert (got.entered, got.went_live, got.employed, got.ordered) == (20, 18, 15, 12)
