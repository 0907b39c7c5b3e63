"""The list of KPIs is whole, and each does what its example says."""

from pathlib import Path

import pytest

from domain.kpi import catalog
from domain.kpi.catalog import CATALOG, HEADLINES
from domain.kpi.kpi import Kpi
from domain.kpi.proof import example
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.classes import ClassFigures, class_figures, class_standings
from domain.kpi.subjects.figures import NewcomerFigures, figures
from domain.kpi.subjects.measure import BASE, Measure


def test_every_file_of_the_folder_is_in_the_list_once() -> None:
    files = {path.stem for path in Path(catalog.__file__).parent.glob("*.py")} - {"__init__"}
    slugs = [kpi.slug for kpi in CATALOG]
    assert sorted(slugs) == sorted(files)


@pytest.fixture(params=CATALOG, ids=[kpi.slug for kpi in CATALOG])
def kpi(request: pytest.FixtureRequest) -> Kpi:
    return request.param


def test_the_worked_example_is_right(kpi: Kpi) -> None:
    got = counted(kpi)
    assert kpi.of(got) == kpi.example.ratio
    assert kpi.shown(got) == kpi.example.shown


@pytest.mark.parametrize("headline", HEADLINES, ids=[kpi.slug for kpi in HEADLINES])
def test_a_headline_is_the_figure_of_that_name(headline: Kpi) -> None:
    got = counted(headline)
    assert headline.of(got) == getattr(got, headline.slug)


def test_a_kpi_of_nobody_shows_no_value(kpi: Kpi) -> None:
    got = counted(kpi, everybody=False)
    if kpi.denominator is None and kpi.has_source:
        assert kpi.shown(got) == "0"
    else:
        assert kpi.shown(got) is None


def test_measures_of_one_name_are_one_measure() -> None:
    known: dict[str, Measure] = {}
    for kpi in CATALOG:
        for measure in kpi.measures:
            assert known.setdefault(measure.slug, measure) == measure


def counted(kpi: Kpi, everybody: bool = True) -> NewcomerFigures | ClassFigures:
    day, rules = example.AS_OF, Parameters()
    if kpi.subject == "newcomers":
        group = example.batch() if everybody else ()
        return figures(group, day, rules, (*BASE, *kpi.measures))
    classes = class_standings(example.classes() if everybody else (), day, rules)
    return class_figures(classes, day, rules, kpi.measures)


def test_the_batch_is_the_source_s() -> None:
    got = figures(example.batch(), example.AS_OF, Parameters())
    assert (got.entered, got.went_live, got.employed, got.counts["ordered"]) == (20, 18, 15, 12)
