"""Every group within a group is evaluated as it would be alone; lines add up in all of them."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import evaluate, evaluate_by, evaluate_every_way
from domain.kpi.evidence import MOST_EVENINGS, Basis, Evidence, TrainingManagers
from domain.kpi.group import EVERYBODY, WHOLE, By, Group
from domain.kpi.kpi import Kpi
from domain.kpi.proof.breakdown import break_down
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.newcomer_state import NewcomerState
from domain.kpi.subjects.teaching import Handover
from tests import source_batch
from tests.adding_up import Recomputed, recompute
from tests.domain.kpi.facts import always, newcomer
from tests.domain.kpi.test_figures_properties import days, groups, rules

TODAY = date(2026, 6, 1)
HANDOVERS = {
    "C1": (Handover(date(2026, 1, 1), "曾伟", 1), Handover(date(2026, 3, 1), "单丽", 2)),
    "C2": (Handover(date(2026, 1, 1), "单丽", 3),),
}
ways: st.SearchStrategy[By] = st.sampled_from(("month", "cohort", "manager", "training_manager"))
within = st.sampled_from((EVERYBODY, Group(month=Month(2026, 2)), Group(cohort="C1")))


def evidence(newcomers: list[Newcomer], rules: Parameters) -> Evidence:
    return Evidence(newcomers, source_batch.classes(), always(rules), HANDOVERS)


@given(groups, days, rules, ways, within)
def test_a_group_within_a_group_is_evaluated_as_it_would_be_alone(
    newcomers: list[Newcomer], today: date, scheme: Parameters, by: By, group: Group
) -> None:
    known = evidence(newcomers, scheme)
    for key, found in evaluate_by(by, CATALOG, Basis(known, today, group)).items():
        assert found == evaluate(CATALOG, Basis(known, today, group.narrowed(by, key)))


@given(groups, days, rules)
def test_every_way_at_once_is_each_by_itself(
    newcomers: list[Newcomer], today: date, scheme: Parameters
) -> None:
    known = evidence(newcomers, scheme)
    found = evaluate_every_way(CATALOG, Basis(known, today))
    assert found.pop("all") == {WHOLE: evaluate(CATALOG, Basis(known, today))}
    ways: tuple[By, ...] = ("month", "cohort", "manager", "training_manager")
    assert found == {by: evaluate_by(by, CATALOG, Basis(known, today)) for by in ways}


@given(groups, groups, days, rules, st.integers(min_value=0, max_value=2))
def test_what_was_counted_of_an_earlier_state_changes_no_figure(
    earlier: list[Newcomer], others: list[Newcomer], today: date, scheme: Parameters, stay: int
) -> None:
    known, later = evidence(earlier, scheme), [*earlier[:stay], *others]
    evaluate_every_way(CATALOG, Basis(known, today))
    for day, said in ((today, scheme), (today, Parameters()), (date(2026, 7, 31), scheme)):
        following = evidence(later, said).following(known)
        found = evaluate_every_way(CATALOG, Basis(following, day))
        assert found == evaluate_every_way(CATALOG, Basis(evidence(later, said), day))


def test_after_a_change_those_are_counted_whose_groups_are_not_as_they_were() -> None:
    counted = list[str]()

    def count(state: NewcomerState) -> int:
        counted.append(state.label)
        return 1

    probe = Kpi(slug="probe", source=(), numerator=Measure("probe", count))
    first = Evidence([newcomer(1, cohort_code="C1"), newcomer(2, cohort_code="C2")])
    evaluate([probe], Basis(first, TODAY))
    evaluate_by("cohort", [probe], Basis(first, TODAY, Group(cohort="C1")))
    assert counted == ["T01", "T02"]
    second = Evidence([*first.newcomers, newcomer(3, cohort_code="C2")]).following(first)
    assert evaluate([probe], Basis(second, TODAY))["probe"].ratio == Ratio(3, 1)
    assert counted[2:] == ["T02", "T03"]
    other = Evidence(second.newcomers, scheme=always(Parameters(leaver_rule="counted")))
    evaluate([probe], Basis(other.following(second), TODAY))
    assert counted[4:] == ["T01", "T02", "T03"]


def test_of_the_evenings_that_are_asked_about_the_last_are_kept() -> None:
    known = Evidence([newcomer(1)])
    for later in range(5):
        evaluate(CATALOG, Basis(known, TODAY + timedelta(days=later)))
        evaluate(CATALOG, Basis(known, TODAY))
    assert len(known.evenings) == len(known.counted) == MOST_EVENINGS
    assert TODAY in known.counted


@given(groups, days, rules, within)
def test_every_figure_recomputes_from_its_lines(
    newcomers: list[Newcomer], today: date, scheme: Parameters, group: Group
) -> None:
    known = evidence(newcomers, scheme)
    found = evaluate(CATALOG, Basis(known, today, group)).figures
    for kpi in CATALOG:
        figure = found[kpi.slug]
        opened = break_down(kpi, Basis(known, today, group))
        assert recompute(opened) == Recomputed(figure.ratio, figure.floor, figure.ceiling)


def test_a_batch_is_its_training_manager_s_of_the_day() -> None:
    march = TrainingManagers(HANDOVERS, date(2026, 3, 1))
    days = (date(2026, 2, 1), date(2026, 3, 1))
    assert [[march.of(code, day) for code in ("C1", "C2")] for day in days] == [
        ["曾伟", "单丽"],
        ["单丽", "单丽"],
    ]
    assert march.now == {"单丽"}
    assert Evidence((), handovers=HANDOVERS).training_managers == {"曾伟", "单丽"}
