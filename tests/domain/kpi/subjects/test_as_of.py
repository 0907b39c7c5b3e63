"""What had happened by a day: cutting changes no figure up to it, and forgets what came after."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.aggregate import Correction, Happening, Withdrawal
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.as_of import class_as_of, newcomer_as_of
from domain.kpi.subjects.facts import ComplaintFact, HoldFact, ManagerFact, TransferFact, TrialFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.teaching import Cancelling, ClassFacts, Closing, Opening, Plan, Summary
from domain.trainees.trainee import Trainee
from tests.domain.kpi.facts import always, newcomer, order
from tests.domain.kpi.logs import folded, lives, log_of
from tests.domain.kpi.test_figures_properties import rules
from tests.situation import START
from tests.steps import Step

JUNE_1, JUNE_10, JUNE_20 = date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 20)
days = st.integers(min_value=0, max_value=130).map(lambda n: START + timedelta(days=n))


@given(lives, days)
def test_without_corrections_it_is_the_fold_of_what_was_dated_by_then(
    history: list[Step], day: date
) -> None:
    log = log_of(history)
    corrected = {
        one.event.originator_id for one in log if isinstance(one.event, Correction | Withdrawal)
    }
    plain = [one for one in log if one.event.originator_id not in corrected]
    entered = {
        one.event.originator_id
        for one in plain
        if isinstance(one.event, Trainee.Enrolled) and one.event.entered_on <= day
    }
    dated = [
        one
        for one in plain
        if isinstance(one.event, Happening)
        and one.event.originator_id in entered
        and one.event.day <= day
    ]
    cut = {who: newcomer_as_of(facts, day) for who, facts in folded(plain).items()}
    assert {who: facts for who, facts in cut.items() if facts} == folded(dated)


@given(lives, days, st.integers(0, 60), rules)
def test_no_figure_changes_on_that_day_or_before(
    history: list[Step], day: date, before: int, scheme: Parameters
) -> None:
    people = list(folded(log_of(history)).values())
    cut = [facts for one in people if (facts := newcomer_as_of(one, day))]
    asked = day - timedelta(days=before)
    # Somebody who went live before entering is a mistake that figures show.
    late = {one.trainee_id for one in people if one.entered_on > day}
    known = [one for one in people if one.trainee_id not in late]
    assert _figures(cut, asked, scheme) == _figures(known, asked, scheme)


@given(lives, days, st.integers(0, 60))
def test_cutting_twice_is_cutting_at_the_earlier_day(
    history: list[Step], day: date, before: int
) -> None:
    earlier = day - timedelta(days=before)
    for one in folded(log_of(history)).values():
        once = newcomer_as_of(one, day)
        assert (newcomer_as_of(once, earlier) if once else None) == newcomer_as_of(one, earlier)


def test_whose_last_day_it_was_has_left_by_its_evening() -> None:
    left = newcomer(left_on=JUNE_20, eliminated=True)
    assert newcomer_as_of(left, JUNE_20) == left
    before = newcomer_as_of(left, JUNE_10)
    assert before
    assert (before.left_on, before.eliminated, before.left_position) == (None, False, None)


def test_nobody_is_there_before_entering() -> None:
    one = newcomer(entered_on=JUNE_10)
    assert newcomer_as_of(one, JUNE_10)
    assert newcomer_as_of(one, JUNE_10 - timedelta(days=1)) is None


def test_an_order_is_valid_until_the_day_on_which_it_was_voided_or_given_away() -> None:
    orders = (order(JUNE_1, "A", voided_on=JUNE_20), order(JUNE_1, "B", reassigned_on=JUNE_10))
    cut = newcomer_as_of(newcomer(orders=(*orders, order(JUNE_20, "C"))), JUNE_10)
    assert cut
    assert cut.orders == (order(JUNE_1, "A"), orders[1])


def test_what_was_changed_later_was_not_yet() -> None:
    one = newcomer(
        manager_id="M0",
        trials=(TrialFact(JUNE_1, False, 1), TrialFact(JUNE_20, True, 2)),
        transfers=(TransferFact(JUNE_10, "cohort-2", "2026-06", 3),),
        managers=(ManagerFact(JUNE_20, "M1", 4),),
        holds=(HoldFact(JUNE_20, 5),),
        complaints=(ComplaintFact("K1", JUNE_1, 6, JUNE_20, 7), ComplaintFact("K2", JUNE_20, 8)),
    )
    cut = newcomer_as_of(one, JUNE_10)
    assert cut
    assert cut.trials == one.trials[:1]
    assert (cut.transfers, cut.managers, cut.holds) == (one.transfers, (), ())
    assert cut.complaints == (ComplaintFact("K1", JUNE_1, 6),)


def test_a_class_is_told_up_to_the_day_and_its_plan_always() -> None:
    first = Plan(JUNE_20, ("产品知识",), 1)
    change = Plan(JUNE_10, ("产品知识",), 2, approved_on=JUNE_10, approved_by="hr_manager")
    facts = ClassFacts(
        session_id="session-1",
        code="K1",
        cohort_id="cohort-1",
        cohort_code="2026-05",
        kind="induction",
        plan=first,
        changes=(change,),
        opening=Opening(JUNE_10, 12, 3),
        closing=Closing(JUNE_20, ("产品知识",), 11, 4),
        summary=Summary(JUNE_20, 5),
    )
    assert class_as_of(facts, JUNE_20) == facts
    cut = class_as_of(facts, JUNE_10)
    assert (cut.opening, cut.closing, cut.summary) == (facts.opening, None, None)
    before = class_as_of(facts, JUNE_1)
    assert (before.plan, before.changes, before.opening) == (first, (), None)
    cancelled = ClassFacts(
        "session-2", "K2", "cohort-1", "2026-05", "induction", first,
        cancelling=Cancelling(JUNE_10, 6),
    )  # fmt: skip
    assert class_as_of(cancelled, JUNE_10) == cancelled
    assert class_as_of(cancelled, JUNE_1).cancelling is None


def _figures(people: list[Newcomer], day: date, scheme: Parameters) -> object:
    return evaluate(CATALOG, Basis(Evidence(people, scheme=always(scheme)), day))
