"""A submitted figure and what became of it: every event answers for what it changed."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.kernel.aggregate import UNRECORDED, Recorded
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.catalog.orders import AVERAGE_ORDERS, ORDER_RATE
from domain.kpi.catalog.people import ENTERED
from domain.kpi.catalog.qualification import TRIAL_PASS_RATE
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group
from domain.kpi.kpi import Kpi
from domain.kpi.proof.restatement import Cause, Restatement, can_touch, joined, restatements
from domain.kpi.scheme.scheme import KpiScheme, version_of
from domain.kpi.scheme.versions import CHOICES, Parameters, Scheme
from domain.kpi.subjects.facts import GoLiveFact, TrialFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.trainees.trainee import Trainee
from tests.carrying import envelope
from tests.domain.kpi.facts import always, newcomer, order
from tests.domain.kpi.logs import folded, lives, log_of
from tests.examples import examples
from tests.situation import START
from tests.steps import Step
from tests.teller import MANAGERS

KPIS = [kpi for kpi in CATALOG if kpi.subject == NEWCOMERS and kpi.has_source]
JUNE = Group(month=Month(2026, 6))
DAY = date(2026, 7, 5)

cuts = st.integers(0, 60)
days = st.integers(min_value=10, max_value=130).map(lambda n: START + timedelta(days=n))
rules = st.builds(
    Parameters,
    window_days=st.integers(min_value=1, max_value=60),
    **{name: st.sampled_from(choices) for name, choices in CHOICES.items()},
)
groups = st.builds(
    Group,
    month=st.sampled_from((None, Month(2025, 3), Month(2025, 4), Month(2025, 5))),
    cohort=st.sampled_from((None, None, "A1", "B2")),
    manager=st.sampled_from((None, None, MANAGERS[0])),
)


def by_id(group: Group, log: list[Recorded]) -> Group:
    """The group; where it is a manager's, of the one whom the log names first."""
    enrolments = (one.event for one in log if isinstance(one.event, Trainee.Enrolled))
    ids = (one.manager_id for one in enrolments if one.manager_id)
    return msgspec.structs.replace(group, manager=group.manager and next(ids, group.manager))


def batch() -> dict[str, Newcomer]:
    """18 live on 6 June, of whom T01 to T12 have ordered, and two still in training."""
    people = [
        newcomer(
            number,
            live=date(2026, 6, 6) if number <= 18 else None,
            orders=(order(date(2026, 6, 10), f"A{number}"),) if number <= 12 else (),
        )
        for number in range(1, 21)
    ]
    return {who.trainee_id: who for who in people}


def told(kind: type[Any], number: int, position: int, /, **fields: Any) -> Recorded:
    return envelope(
        kind(
            originator_id=f"trainee-{number}",
            originator_version=position,
            timestamp=UNRECORDED,
            **fields,
        ),
        position,
    )


def ordered(number: int, position: int, on: date) -> Recorded:
    fields = {"order_no": f"B{position}", "product": None, "amount": None}
    return told(Trainee.OrderClosed, number, position, closed_on=on, **fields)


def left(number: int, position: int, on: date) -> Recorded:
    return told(Trainee.Left, number, position, on=on, leaving_reason="个人原因")


def restated(
    *events: Recorded, kpis: tuple[Kpi, ...] = (ORDER_RATE,), group: Group = JUNE
) -> tuple[Restatement, ...]:
    return restatements(state(batch().values(), group=group), events, kpis)


def state(
    people: Iterable[Newcomer],
    scheme: Parameters = Parameters(),  # noqa: B008 - frozen
    day: date = DAY,
    group: Group = JUNE,
) -> Basis:
    """What was submitted, by the facts of these people."""
    return Basis(Evidence(list(people), scheme=always(scheme)), day, group)


def test_two_causes_that_cancel_out_are_both_told() -> None:
    added, lost = ordered(15, 90, date(2026, 6, 28)), left(3, 91, date(2026, 6, 29))
    assert restated(added, lost) == (
        Restatement(
            "order_rate",
            Ratio(12, 18),
            Ratio(12, 18),
            (
                Cause(90, "trainee.order_closed", "trainee-15", 1, 0),
                Cause(91, "trainee.left", "trainee-3", -1, 0),
            ),
        ),
    )


def test_what_changes_only_what_is_behind_a_figure_is_told_with_nothing_added() -> None:
    (rate, average) = restated(
        ordered(1, 90, date(2026, 6, 28)), kpis=(ORDER_RATE, AVERAGE_ORDERS, TRIAL_PASS_RATE)
    )
    assert (rate.old, rate.new) == (Ratio(12, 18), Ratio(12, 18))
    assert rate.causes == (Cause(90, "trainee.order_closed", "trainee-1", 0, 0),)
    assert (average.old, average.new) == (Ratio(12, 18), Ratio(13, 18))
    assert [cause.numerator for cause in average.causes] == [1]


def test_what_happened_after_the_day_or_in_another_month_is_nobodys_cause() -> None:
    later = date(2026, 7, 6)
    assert restated(ordered(15, 90, later), left(3, 91, later)) == ()
    july = Group(month=Month(2026, 7))
    assert restated(ordered(15, 90, date(2026, 6, 28)), group=july) == ()


def test_a_go_live_that_moves_its_whole_batch_answers_for_all_of_them() -> None:
    people = [
        newcomer(
            1,
            lives=(GoLiveFact(date(2026, 6, 30), 1000, fact=1000),),
            trials=(TrialFact(date(2026, 5, 20), True, 5),),
        ),
        newcomer(2, live=None, trials=(TrialFact(date(2026, 5, 20), False, 6),)),
    ]
    corrected = told(
        Trainee.GoLiveCorrected,
        1,
        90,
        fact=1000,
        on=date(2026, 7, 1),
        reason="录入有误",
    )
    assert restatements(state(people), [corrected], (TRIAL_PASS_RATE,)) == (
        Restatement(
            "trial_pass_rate",
            Ratio(1, 2),
            Ratio(0, 0),
            (Cause(90, "trainee.go_live_corrected", "trainee-1", -1, -2),),
        ),
    )


def test_a_transfer_answers_for_the_batch_that_is_left_behind() -> None:
    people = [
        newcomer(1, live=date(2026, 6, 30)),
        newcomer(2, live=None, trials=(TrialFact(date(2026, 5, 20), False, 6),)),
    ]
    moved = told(
        Trainee.CohortTransferred,
        1,
        90,
        on=date(2026, 5, 25),
        cohort_id="cohort-2",
        cohort_code="2026-06",
        reason="补考",
    )
    (trials,) = restatements(state(people), [moved], (TRIAL_PASS_RATE, ORDER_RATE))
    assert (trials.old, trials.new) == (Ratio(0, 1), Ratio(0, 0))
    assert trials.causes == (Cause(90, "trainee.cohort_transferred", "trainee-1", 0, -1),)


def test_who_comes_to_sales_after_a_transfer_counts_with_the_batch_to_which_that_led() -> None:
    away = {"on": date(2026, 5, 25), "reason": "调整"}
    there = {"cohort_id": "cohort-2", "cohort_code": "2026-06"}
    people = [
        *(newcomer(n, cohort_id="cohort-1") for n in (1, 2)),
        *(newcomer(n, **there) for n in (3, 4)),
        newcomer(5, cohort_id="cohort-1", live=None, post="customer_service"),
    ]
    events = [
        told(Trainee.CohortTransferred, 5, 90, **there, **away),
        told(Trainee.PostChanged, 5, 91, on=date(2026, 5, 26), post="sales"),
        told(Trainee.CohortTransferred, 1, 92, cohort_id="cohort-3", cohort_code="C", **away),
    ]
    (entered,) = restatements(state(people), events, (ENTERED,))
    assert (entered.old.numerator, entered.new.numerator) == (4, 5)


def withdrawn(number: int, position: int, fact: int, what: type[Any], on: date) -> Recorded:
    said = {"what": what.TOPIC, "number": f"B{fact}", "was_on": on, "reason": "录错人"}
    return told(Trainee.FactWithdrawn, number, position, fact=fact, **said)


def test_a_withdrawal_answers_for_what_it_takes_away() -> None:
    on = date(2026, 6, 28)
    gone = withdrawn(15, 91, 90, Trainee.OrderClosed, on)
    (rate,) = restated(ordered(15, 90, on), gone)
    assert (rate.old, rate.new) == (Ratio(12, 18), Ratio(12, 18))
    assert [(one.topic, one.numerator) for one in rate.causes] == [
        ("trainee.order_closed", 1),
        ("trainee.fact_withdrawn", -1),
    ]


def test_a_withdrawn_enrolment_leaves_nobody_in_the_figure() -> None:
    gone = withdrawn(20, 90, 1, Trainee.Enrolled, date(2026, 5, 18))
    (entered,) = restated(gone, kpis=(ENTERED, ORDER_RATE))
    assert (entered.kpi, entered.old, entered.new) == ("entered", Ratio(20, 1), Ratio(19, 1))
    assert entered.causes == (Cause(90, "trainee.fact_withdrawn", "trainee-20", -1, 0),)


def counted(known: Basis) -> dict[str, Ratio]:
    """Every figure from scratch."""
    found = evaluate(KPIS, known).figures
    return {slug: figure.ratio for slug, figure in found.items()}


@settings(max_examples=examples(300), deadline=None)
@given(lives, cuts, days, rules, groups)
def test_contributions_add_up_to_the_difference_for_every_kpi(
    history: list[Step], cut: int, day: date, scheme: Parameters, group: Group
) -> None:
    log = log_of(history)
    group, pinned = by_id(group, log), min(cut, len(log))
    before, after = (
        state(folded(known).values(), scheme, day, group) for known in (log[:pinned], log)
    )
    got = {r.kpi: r for r in restatements(before, log[pinned:], KPIS)}
    old, new = counted(before), counted(after)
    for kpi in KPIS:
        one = got.get(kpi.slug) or Restatement(kpi.slug, old[kpi.slug], old[kpi.slug], ())
        assert (one.old, one.new) == (old[kpi.slug], new[kpi.slug])
        for side in ("numerator", "denominator"):
            added = sum(getattr(cause, side) for cause in one.causes)
            assert getattr(one.new, side) == getattr(one.old, side) + added


@settings(max_examples=examples(200), deadline=None)
@given(lives, st.tuples(cuts, cuts), days, rules, groups)
def test_two_stretches_joined_are_one(
    history: list[Step], at: tuple[int, int], day: date, scheme: Parameters, group: Group
) -> None:
    log = log_of(history)
    group = by_id(group, log)
    pinned, between = sorted(min(cut, len(log)) for cut in at)

    def stretch(after: int, until: int) -> tuple[Restatement, ...]:
        before = state(folded(log[:after]).values(), scheme, day, group)
        return restatements(before, log[after:until], KPIS)

    halves = joined(stretch(pinned, between), stretch(between, len(log)))
    assert {one.kpi: one for one in halves} == {one.kpi: one for one in stretch(pinned, len(log))}


@settings(max_examples=examples(300), deadline=None)
@given(lives, days, rules, groups)
def test_what_happens_after_the_day_changes_no_figure_of_it(
    history: list[Step], day: date, scheme: Parameters, group: Group
) -> None:
    log = log_of(history)
    group = by_id(group, log)
    for place, event in enumerate(log):
        if not can_touch(event.event, day, group.month):
            before, after = (
                counted(state(folded(known).values(), scheme, day, group))
                for known in (log[:place], log[: place + 1])
            )
            assert before == after


@settings(max_examples=examples(300), deadline=None)
@given(lives, days, rules, rules, groups.filter(lambda one: one.month), st.integers(0, 8))
def test_a_version_from_a_month_after_the_figures_changes_none_of_them(
    history: list[Step], day: date, scheme: Parameters, more: Parameters, group: Group, later: int
) -> None:
    month = Month.of(START).next(later)
    kept = KpiScheme.start("scheme-1")
    kept.publish(effective_from=str(month), parameters=more)
    *_, published = kept.collect_events()
    assume(not can_touch(published, day, group.month))
    log = log_of(history)
    before = state(folded(log).values(), scheme, day, by_id(group, log))
    versions = (*before.evidence.scheme.versions, version_of(published))
    evidence = msgspec.structs.replace(before.evidence, scheme=Scheme(versions))
    assert counted(before) == counted(msgspec.structs.replace(before, evidence=evidence))
