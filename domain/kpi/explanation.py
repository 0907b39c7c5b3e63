"""A figure, opened: who and what was counted and was not, by which rule, from which events.

`positions` are places in the tenant's log; envelope (recorded time, who) and names are joined to
them where people read. `recompute` counts the lines again and must give the figure.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from domain.kpi.facts import Order
from domain.kpi.figures import NewcomerFigures, has_entered
from domain.kpi.newcomer import Newcomer
from domain.kpi.scheme import Parameters, Scheme, effective
from domain.kpi.window import BEFORE_GO_LIVE, REASSIGNED, VOIDED, Window, Windows

NO_ORDER_IN_WINDOW = "no_order_in_window"
LEFT_BEFORE_CUTOFF = "left_before_cutoff"
WINDOW_OPEN = "window_open"


class Member(Struct, frozen=True):
    """A newcomer in the denominator; rule: why it does not count in the order rate, if it does not.

    left_on: only if known by the day. positions: enrolment, go-live, and leaving or the orders.
    """

    trainee_id: str
    employee_no: str
    cohort_code: str
    went_live_on: date
    last_day: date
    left_on: date | None
    valid_orders: int
    rule: str | None
    version: int
    positions: tuple[int, ...]


class InTraining(Struct, frozen=True):
    """Entered by the day and not gone live: in no denominator but that of all who entered."""

    trainee_id: str
    employee_no: str
    cohort_code: str
    entered_on: date
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
        """The denominator of order rate and average orders."""
        return self.members_counted + self.members_not_counted


def explain(
    newcomers: Iterable[Newcomer], happened_by: date, scheme: Scheme | Parameters
) -> Explanation:
    """Opens the figures that `figures` gives for the same arguments."""
    windows = Windows(scheme, happened_by)
    members: list[Member] = []
    in_training: list[InTraining] = []
    orders: list[OrderLine] = []
    trials: list[TrialLine] = []
    for newcomer in newcomers:
        window = windows.of(newcomer)
        if window is None and not has_entered(newcomer, happened_by):
            continue
        lines = [
            _order_line(newcomer, order, window, happened_by)
            for order in newcomer.orders
            if order.closed_on <= happened_by
        ]
        orders += lines
        trials += _trial_lines(newcomer, happened_by)
        if window is None:
            in_training.append(_in_training(newcomer))
        else:
            valid = [line for line in lines if line.rule is None]
            members.append(_member(newcomer, window, windows, valid))
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
    return NewcomerFigures(
        happened_by=day,
        entered=len(last_days) + len(explanation.in_training),
        went_live=len(last_days),
        employed=sum(member.rule != LEFT_BEFORE_CUTOFF for member in explanation.members),
        ordered=len(counted),
        ordered_for_good=sum(member.last_day <= day for member in counted),
        could_order=sum(member.rule == WINDOW_OPEN for member in others),
        valid_orders=len(explanation.orders_counted),
        trials_passed=len(passed),
        trials_judged=len(explanation.trials),
        passed_a_trial=len({trial.trainee_id for trial in passed}),
        is_final=bool(last_days) and max(last_days) <= day,
        final_on=max(last_days, default=None),
        versions=explanation.versions,
        rounding=explanation.rounding,
    )


def _member(newcomer: Newcomer, window: Window, windows: Windows, valid: list[OrderLine]) -> Member:
    live = windows.live_of(newcomer)
    has_left = newcomer.left_on is not None and newcomer.left_on <= window.happened_by
    rule = _rule(newcomer, window, valid)
    cause = [position for line in valid for position in line.positions]
    return Member(
        trainee_id=newcomer.trainee_id,
        employee_no=newcomer.employee_no,
        cohort_code=newcomer.cohort_code,
        went_live_on=window.first_day,
        last_day=window.last_day,
        left_on=newcomer.left_on if has_left else None,
        valid_orders=len(valid),
        rule=rule,
        version=window.version,
        positions=_positions(
            newcomer.enrolled_position,
            live.position if live else None,
            *cause,
            newcomer.left_position if has_left else None,
        ),
    )


def _rule(newcomer: Newcomer, window: Window, valid: list[OrderLine]) -> str | None:
    if window.lost(newcomer):
        return LEFT_BEFORE_CUTOFF
    if valid:
        return None
    return WINDOW_OPEN if window.is_open else NO_ORDER_IN_WINDOW


def _in_training(newcomer: Newcomer) -> InTraining:
    return InTraining(
        trainee_id=newcomer.trainee_id,
        employee_no=newcomer.employee_no,
        cohort_code=newcomer.cohort_code,
        entered_on=newcomer.entered_on,
        positions=(newcomer.enrolled_position,),
    )


def _order_line(
    newcomer: Newcomer, order: Order, window: Window | None, happened_by: date
) -> OrderLine:
    rule = window.excludes(order) if window else BEFORE_GO_LIVE
    taken = {VOIDED: order.voided_position, REASSIGNED: order.reassigned_position}
    return OrderLine(
        no=order.no,
        trainee_id=newcomer.trainee_id,
        employee_no=newcomer.employee_no,
        closed_on=order.closed_on,
        rule=rule,
        positions=_positions(order.position, taken.get(rule) if rule else None),
    )


def _trial_lines(newcomer: Newcomer, happened_by: date) -> list[TrialLine]:
    return [
        TrialLine(
            trainee_id=newcomer.trainee_id,
            employee_no=newcomer.employee_no,
            on=trial.on,
            passed=trial.passed,
            positions=(trial.position,),
        )
        for trial in newcomer.trials
        if trial.on <= happened_by
    ]


def _positions(*positions: int | None) -> tuple[int, ...]:
    return tuple(position for position in positions if position is not None)
