"""The newcomers' figures explained: who counts in the order rate, and every order and verdict.

`positions` are places in the tenant's log; envelope (recorded time, who) and names are joined to
them where people read.
"""

from msgspec import Struct

from domain.kpi.catalog.orders import ORDER_RATE
from domain.kpi.evidence import Basis
from domain.kpi.proof.breakdown import Contribution
from domain.kpi.rule import Rule
from domain.kpi.subject import OfSubject
from domain.kpi.subjects.facts import OrderFact, TrialFact
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of
from domain.kpi.subjects.newcomers import states_of_newcomers


class Member(Contribution[NewcomerState], frozen=True):
    """What a newcomer adds to the order rate. positions: with the enrolment."""

    @property
    def positions(self) -> tuple[int, ...]:
        return tuple(sorted({*self.state.enrolment_events, *super().positions}))


class OrderLine(OfSubject[NewcomerState], frozen=True):
    """An order that was closed by the day; rule: why it is not counted, if it is not."""

    order: OrderFact
    rule: Rule | None

    @property
    def positions(self) -> tuple[int, ...]:
        """The closing, then what took the order away."""
        order = self.order
        taken = {"voided": order.voided_position, "reassigned": order.reassigned_position}
        cause = taken.get(self.rule) if self.rule else None
        return (*events_of(order), *(() if cause is None else (cause,)))


class TrialLine(OfSubject[NewcomerState], frozen=True):
    """A verdict on a trial post by the day."""

    trial: TrialFact
    positions: tuple[int, ...]


Explained = Member | OrderLine | TrialLine


class Explanation(Struct, frozen=True, kw_only=True):
    """The parts of one group's figures; members in the order of go-live, those in training of
    entering, orders of closing.

    members: what all who went live add to the order rate. in_training: who entered by the day and
    has not gone live.
    """

    members_counted: tuple[Member, ...]
    members_not_counted: tuple[Member, ...]
    in_training: tuple[Member, ...]
    orders_counted: tuple[OrderLine, ...]
    orders_excluded: tuple[OrderLine, ...]
    trials: tuple[TrialLine, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        return self.members_counted + self.members_not_counted

    @property
    def lines(self) -> tuple[Explained, ...]:
        """The lines of people, orders and trials."""
        people = (*self.members, *self.in_training)
        return (*people, *self.orders_counted, *self.orders_excluded, *self.trials)

    @property
    def people(self) -> list[str]:
        """The ids of all trainees in the explanation, in order."""
        return sorted({line.state.trainee_id for line in self.lines})

    @property
    def positions(self) -> list[int]:
        return sorted({place for line in self.lines for place in line.positions})


def explain(basis: Basis) -> Explanation:
    """The explanation of the figures that `evaluate` gives for the same arguments."""
    people = [_member(state) for state in states_of_newcomers(basis)]
    people.sort(key=lambda line: (line.state.live_on or line.state.newcomer.entered_on, line.label))
    members = [line for line in people if line.state.window]
    counted, excluded = explain_orders(basis)
    return Explanation(
        members_counted=tuple(line for line in members if line.is_counted),
        members_not_counted=tuple(line for line in members if not line.is_counted),
        in_training=tuple(line for line in people if not line.state.window),
        orders_counted=counted,
        orders_excluded=excluded,
        trials=explain_trials(basis),
    )


def explain_orders(basis: Basis) -> tuple[tuple[OrderLine, ...], tuple[OrderLine, ...]]:
    """The orders that count, and those that do not, both in the order of closing."""
    found = [
        _order(state, order)
        for state in states_of_newcomers(basis)
        for order in state.newcomer.orders_by(state.day)
    ]
    found.sort(key=lambda line: (line.order.closed_on, line.order.no))
    counted = tuple(line for line in found if line.rule is None)
    return counted, tuple(line for line in found if line.rule is not None)


def explain_trials(basis: Basis) -> tuple[TrialLine, ...]:
    """The verdicts on trial posts, in the order of their days."""
    found = [
        TrialLine(one, it, tuple(events_of(it)))
        for one in states_of_newcomers(basis)
        for it in one.trials
    ]
    return tuple(sorted(found, key=lambda line: (line.trial.on, line.label)))


def _member(state: NewcomerState) -> Member:
    return Member(state, ORDER_RATE, *ORDER_RATE.share(state))


def _order(state: NewcomerState, order: OrderFact) -> OrderLine:
    rule = state.window.excludes(order) if state.window else "not_live"
    return OrderLine(state, order, rule)
