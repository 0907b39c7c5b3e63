"""A figure, opened: who and what was counted and was not, by which rule, from which events.

`positions` are places in the tenant's log; envelope (recorded time, who) and names are joined to
them where people read. `recompute` counts the lines again and must give the figure.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from domain.kpi.scheme.versions import Parameters, Scheme, effective
from domain.kpi.subjects.facts import Order
from domain.kpi.subjects.figures import NewcomerFigures, standings
from domain.kpi.subjects.measure import (
    FLOOR_BASE,
    ORDER_BASE,
    ORDERED_FOR_GOOD,
    TRIAL_BASE,
    TRIALS_COUNTED,
)
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.standing import (
    LEFT_BEFORE_CUTOFF,
    NO_ORDER_IN_WINDOW,
    WINDOW_OPEN,
    Standing,
    enrolment_events,
    events_of,
)
from domain.kpi.subjects.window import BEFORE_GO_LIVE, REASSIGNED, VOIDED, Window, Windows


class Member(Struct, frozen=True):
    """Somebody who went live; rule: why it does not count in the order rate, if it does not.

    left_on: only if known by the day. employed: had not left by the cut-off. base: 1 where it is in
    the denominator; floor_base: in that of the floor; trials_counted of trial_base: in the trial
    pass rate. for_good: counts and cannot be lost any more.
    positions: enrolment, go-live, the orders, and leaving.
    """

    trainee_id: str
    employee_no: str
    cohort_code: str
    went_live_on: date
    last_day: date
    left_on: date | None
    valid_orders: int
    employed: bool
    for_good: bool
    base: int
    floor_base: int
    trials_counted: int
    trial_base: int
    rule: str | None
    version: int
    positions: tuple[int, ...]


class InTraining(Struct, frozen=True):
    """Entered by the day and not gone live: in no denominator but that of all who entered."""

    trainee_id: str
    employee_no: str
    cohort_code: str
    entered_on: date
    trials_counted: int
    trial_base: int
    positions: tuple[int, ...]


class OrderLine(Struct, frozen=True):
    """An order that was closed by the day; rule: why it is not counted, if it is not.

    positions: the closing, then what took the order away.
    """

    no: str
    trainee_id: str
    employee_no: str
    closed_on: date
    rule: str | None
    positions: tuple[int, ...]


class TrialLine(Struct, frozen=True):
    """A verdict on a trial post by the day."""

    trainee_id: str
    employee_no: str
    on: date
    passed: bool
    positions: tuple[int, ...]


class Explanation(Struct, frozen=True, kw_only=True):
    """Every line of one group's figures; members in the order of go-live, orders of closing."""

    happened_by: date
    members_counted: tuple[Member, ...]
    members_not_counted: tuple[Member, ...]
    in_training: tuple[InTraining, ...]
    orders_counted: tuple[OrderLine, ...]
    orders_excluded: tuple[OrderLine, ...]
    trials: tuple[TrialLine, ...]
    versions: tuple[int, ...]
    rounding: str

    @property
    def members(self) -> tuple[Member, ...]:
        """All who went live."""
        return self.members_counted + self.members_not_counted


def explain(
    newcomers: Iterable[Newcomer], happened_by: date, scheme: Scheme | Parameters
) -> Explanation:
    """Opens the figures that `figures` gives for the same arguments."""
    return explain_of(newcomers, Windows(scheme, happened_by))


def explain_of(newcomers: Iterable[Newcomer], windows: Windows) -> Explanation:
    """The same where the windows are at hand."""
    happened_by = windows.happened_by
    members: list[Member] = []
    in_training: list[InTraining] = []
    orders: list[OrderLine] = []
    trials: list[TrialLine] = []
    for standing in standings(newcomers, windows):
        newcomer, window = standing.newcomer, standing.window
        lines = [
            _order_line(newcomer, order, window, happened_by)
            for order in newcomer.orders
            if order.is_known(happened_by)
        ]
        orders += lines
        trials += _trial_lines(standing)
        if window is None:
            in_training.append(_in_training(standing))
        else:
            members.append(_member(standing, window))
    members.sort(key=lambda member: (member.went_live_on, member.employee_no))
    orders.sort(key=lambda order: (order.closed_on, order.no))
    trials.sort(key=lambda trial: (trial.on, trial.employee_no))
    numbers: Iterable[int | None] = {member.version for member in members} or (None,)
    versions = sorted(map(windows.version, numbers), key=effective)
    return Explanation(
        happened_by=happened_by,
        members_counted=tuple(member for member in members if member.rule is None),
        members_not_counted=tuple(member for member in members if member.rule is not None),
        in_training=tuple(in_training),
        orders_counted=tuple(order for order in orders if order.rule is None),
        orders_excluded=tuple(order for order in orders if order.rule is not None),
        trials=tuple(trials),
        versions=tuple(version.number for version in versions),
        rounding=versions[-1].parameters.rounding,
    )


def recompute(explanation: Explanation) -> NewcomerFigures:
    """The figures, counted from the lines alone."""
    day = explanation.happened_by
    counted, others = explanation.members_counted, explanation.members_not_counted
    last_days = [member.last_day for member in explanation.members]
    passed = [trial for trial in explanation.trials if trial.passed]
    everybody: list[Member | InTraining] = [*explanation.members, *explanation.in_training]
    return NewcomerFigures(
        happened_by=day,
        counts={
            "entered": len(everybody),
            "went_live": len(last_days),
            "employed": sum(member.employed for member in explanation.members),
            "ordered": len(counted),
            "ordered_for_good": sum(member.for_good for member in counted),
            "ordered_or_could": len(counted) + sum(member.rule == WINDOW_OPEN for member in others),
            "order_base": sum(member.base for member in explanation.members),
            "floor_base": sum(member.floor_base for member in explanation.members),
            "valid_orders": len(explanation.orders_counted),
            "trials_passed": len(passed),
            "trials_judged": len(explanation.trials),
            "passed_a_trial": len({trial.trainee_id for trial in passed}),
            "trials_counted": sum(one.trials_counted for one in everybody),
            "trial_base": sum(one.trial_base for one in everybody),
        },
        is_final=bool(last_days) and max(last_days) <= day,
        final_on=max(last_days, default=None),
        last_live_on=max((member.went_live_on for member in explanation.members), default=None),
        versions=explanation.versions,
        rounding=explanation.rounding,
    )


def _member(standing: Standing, window: Window) -> Member:
    newcomer = standing.newcomer
    left = newcomer.left_on if standing.has_left else None
    return Member(
        trainee_id=newcomer.trainee_id,
        employee_no=newcomer.employee_no,
        cohort_code=newcomer.cohort_on(standing.day),
        went_live_on=window.first_day,
        last_day=window.last_day,
        left_on=left,
        valid_orders=len(standing.orders),
        employed=standing.employed,
        for_good=bool(ORDERED_FOR_GOOD.of(standing)),
        base=ORDER_BASE.of(standing),
        floor_base=FLOOR_BASE.of(standing),
        trials_counted=TRIALS_COUNTED.of(standing),
        trial_base=TRIAL_BASE.of(standing),
        rule=_rule(standing),
        version=window.version,
        positions=(
            *enrolment_events(newcomer),
            *standing.live_events,
            *standing.order_events,
            *standing.leaving_events,
        ),
    )


def _rule(standing: Standing) -> str | None:
    if standing.ordered:
        return None
    if not standing.employed:
        return LEFT_BEFORE_CUTOFF
    return WINDOW_OPEN if standing.is_open else NO_ORDER_IN_WINDOW


def _in_training(standing: Standing) -> InTraining:
    newcomer = standing.newcomer
    return InTraining(
        trainee_id=newcomer.trainee_id,
        employee_no=newcomer.employee_no,
        cohort_code=newcomer.cohort_on(standing.day),
        entered_on=newcomer.entered_on,
        trials_counted=TRIALS_COUNTED.of(standing),
        trial_base=TRIAL_BASE.of(standing),
        positions=enrolment_events(newcomer),
    )


def _order_line(
    newcomer: Newcomer, order: Order, window: Window | None, happened_by: date
) -> OrderLine:
    rule = window.excludes(order) if window else BEFORE_GO_LIVE
    taken = {VOIDED: order.voided_position, REASSIGNED: order.reassigned_position}
    cause = taken.get(rule) if rule else None
    return OrderLine(
        no=order.no,
        trainee_id=newcomer.trainee_id,
        employee_no=newcomer.employee_no,
        closed_on=order.closed_on,
        rule=rule,
        positions=(*events_of(order), *(() if cause is None else (cause,))),
    )


def _trial_lines(standing: Standing) -> list[TrialLine]:
    return [
        TrialLine(
            trainee_id=standing.newcomer.trainee_id,
            employee_no=standing.newcomer.employee_no,
            on=trial.on,
            passed=trial.passed,
            positions=tuple(events_of(trial)),
        )
        for trial in standing.trials
    ]
