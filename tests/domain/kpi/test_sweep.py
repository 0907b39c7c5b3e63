"""The figures along evenings are those of each evening by itself, whatever happened."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.kernel.values import Month
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import evaluate, evaluate_days
from domain.kpi.evidence import Basis, Evidence, FirstSubmission
from domain.kpi.group import EVERYBODY, Group
from domain.kpi.scheme.versions import Parameters, Scheme, Version
from domain.kpi.subjects.facts import TransferFact, TrialFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.teaching import ClassFacts, Closing, Handover, Opening, Plan, Summary
from domain.teaching.session import INDUCTION
from projections.figures.evidence import SOURCES, evidence_of
from projections.kernel.projection import Key
from tests.carrying import recorded
from tests.domain.kpi.facts import newcomer
from tests.domain.kpi.test_evaluation import evidence as with_classes
from tests.domain.kpi.test_figures_properties import groups, rules
from tests.examples import examples
from tests.histories import COMING_BACK, KINDS, OF_THE_TENANT, histories
from tests.situation import START
from tests.steps import Step
from tests.teller import TEACHERS

LONGEST = 60
"""Evenings."""

lives = histories(50, pace=2, kinds=(*KINDS, *COMING_BACK, *OF_THE_TENANT[:1] * 2))
some = st.sampled_from(
    (
        *(EVERYBODY, EVERYBODY, Group(month=Month(2025, 3)), Group(month=Month(2025, 4))),
        *(Group(cohort="A1"), Group(manager="王主管"), Group(training_manager=TEACHERS[1])),
    )
)
days = st.integers(-10, 130).map(lambda n: START + timedelta(days=n))
many = st.integers(0, LONGEST).map(lambda days: timedelta(days=days))
ahead = st.sampled_from((-20, -1, 0, 1, 400)).map(lambda days: timedelta(days=days))
"""How far the day of who asks lies behind the last evening."""
submitted = st.builds(
    lambda month, late: FirstSubmission(
        f"2025-{month:02d}",
        datetime.combine(date(2025, month + 1, 6), time(), UTC) + timedelta(hours=late),
        7,
    ),
    st.integers(2, 6),
    st.integers(-240, 240),
)


def evidence_after(history: list[Step]) -> Evidence:
    rows: dict[str, list[Any]] = {}
    log = recorded(history)
    for source in SOURCES:
        found: dict[Key, Any] = {}
        for one in log:
            if one.event.TOPIC in source.topics and (key := source.key(one)) is not None:
                found[key] = source.evolve(found.get(key), one)
        rows[source.name] = [row for row in found.values() if row is not None]
    return evidence_of(rows, Evidence().zone)


def agree(basis: Basis, since: date) -> None:
    swept = evaluate_days(CATALOG, basis, since)
    assert list(swept) == [evening.day for evening in basis.evenings(since)]
    for day, found in swept.items():
        assert found == evaluate(CATALOG, replace(basis, day=day)), day


@settings(max_examples=examples(60))
@given(lives, days, many, ahead, some, st.lists(submitted, unique_by=lambda one: one.month))
def test_after_any_history_evenings_one_by_one_are_those_swept_over(
    history: list[Step],
    last: date,
    reach: timedelta,
    asked: timedelta,
    group: Group,
    submissions: list[FirstSubmission],
) -> None:
    known = replace(evidence_after(history), submissions=submissions)
    agree(Basis(known, last, group, last + asked), last - reach)


@settings(max_examples=examples(60))
@given(groups, rules, rules, st.integers(0, 200), many, ahead)
def test_under_any_scheme_evenings_one_by_one_are_those_swept_over(
    newcomers: list[Newcomer],
    first: Parameters,
    later: Parameters,
    last: int,
    reach: timedelta,
    asked: timedelta,
) -> None:
    known = with_classes(newcomers, first)
    versions = (Version(1, Month(2026, 1), first), Version(2, Month(2026, 3), later))
    day = date(2026, 1, 20) + timedelta(days=last)
    agree(Basis(replace(known, scheme=Scheme(versions)), day, EVERYBODY, day + asked), day - reach)


APRIL, MAY = date(2026, 4, 20), Month(2026, 5)
IN_TRAINING = newcomer(1, entered_on=APRIL, live=None, cohort_code="C1")
HANDED_OVER = {"C1": (Handover(APRIL, "曾伟", 1), Handover(date(2026, 5, 5), "单丽", 2))}
OVER: dict[str, Any] = {
    "opening": Opening(date(2026, 5, 3), 18, 9),
    "closing": Closing(date(2026, 5, 3), ("rules",), 18, 10),
    "summary": Summary(date(2026, 5, 4), 11),
}
OPENED = {"C1": (Handover(date(2026, 5, 10), "单丽", 1),)}


@pytest.mark.parametrize(
    ("known", "group"),
    [
        pytest.param(
            Evidence([newcomer(1, live=date(2026, 5, 4), cohort_code="C1")], handovers=OPENED),
            Group(training_manager="单丽"),
            id="a batch is opened after the first went live",
        ),
        pytest.param(
            Evidence(
                [replace(IN_TRAINING, trials=(TrialFact(APRIL, False, 2),) * 2)],
                scheme=Scheme((Version(1, MAY, Parameters(trial_denominator="entered")),)),
            ),
            EVERYBODY,
            id="another version of the scheme scores who is in training",
        ),
        pytest.param(
            Evidence([IN_TRAINING, newcomer(2, live=date(2026, 5, 4), cohort_code="C1")]),
            Group(month=MAY),
            id="the batch of somebody in training gets its month",
        ),
        pytest.param(
            Evidence(
                [
                    replace(IN_TRAINING, transfers=(TransferFact(APRIL, "cohort-2", "C2", 2),)),
                    newcomer(2, live=date(2026, 5, 4), cohort_code="C2"),
                ]
            ),
            Group(month=MAY),
            id="so does the batch that somebody in training was moved to",
        ),
        pytest.param(
            Evidence(
                [newcomer(1, live=date(2026, 3, 4), again=date(2026, 5, 4))],
                scheme=Scheme((Version(1, Month(2026, 1), Parameters(regolive="latest")),)),
            ),
            EVERYBODY,
            id="the only one of a month goes live again in another, where the last go-live counts",
        ),
        pytest.param(
            Evidence(
                classes=[
                    ClassFacts(
                        *("session-1", "K1", "cohort-1", "C1", INDUCTION),
                        Plan(date(2026, 5, 20), ("rules",), 1),
                        opening=Opening(date(2026, 5, 2), 18, 2),
                    )
                ],
                handovers=HANDED_OVER,
            ),
            Group(training_manager="单丽"),
            id="a class that opened early is handed over with its batch before the planned day",
        ),
        pytest.param(
            Evidence(
                classes=[
                    ClassFacts(
                        *(f"session-{n}", f"K{n}", "cohort-1", "C1", INDUCTION),
                        Plan(date(2026, 5, n), ("rules",), n),
                        **(OVER if n == 3 else {}),
                    )
                    for n in (1, 2, 3)
                ]
            ),
            EVERYBODY,
            id="of several classes of a batch the last alone is over",
        ),
    ],
)
def test_what_others_do_turns_a_figure_too(known: Evidence, group: Group) -> None:
    basis = Basis(known, date(2026, 5, 31), group)
    agree(basis, APRIL)
    along = evaluate_days(CATALOG, basis, APRIL).values()
    assert len({str(found.figures) for found in along}) > 1
