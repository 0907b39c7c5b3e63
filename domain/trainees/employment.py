"""Being with the company: under whom, until when, and once more after having left.

A part of the trainee (domain/trainees/trainee.py), whose events these are.
"""

from datetime import date
from typing import Generic, TypeVar

import msgspec
from eventsourcing.domain import event

from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import Refusal

TRAINING, LIVE, HELD = "training", "live", "held"
"""Where one stands: in the order training, then live and held off the post by turns."""

V = TypeVar("V")


class Change(msgspec.Struct, Generic[V], frozen=True):
    """Something that holds from a day on: a manager, a batch, a standing."""

    on: date
    value: V


def in_force(changes: list[Change[V]], on: date) -> V:
    """What holds on the evening of a day; of one day's changes the one recorded last.

    The first is how it began, whatever the day.
    """
    known = [change for change in changes[1:] if change.on <= on]
    if not known:
        return changes[0].value
    return max(enumerate(known), key=lambda pair: (pair[1].on, pair[0]))[1].value


class Employee(Aggregate):
    """Employed from the day of entering to the last day worked."""

    class ManagerChanged(Aggregate.Event):
        """Works under another manager (主管) from a day on, or under none."""

        TOPIC = "trainee.manager_changed"
        on: date
        manager: str | None = None

    class Left(Aggregate.Event):
        """Left the company (离职); `on` is the last day."""

        TOPIC = "trainee.left"
        on: date
        reason: str

    class Eliminated(Aggregate.Event):
        """Was eliminated (淘汰, S36), which ends the employment; `on` is the last day."""

        TOPIC = "trainee.eliminated"
        on: date
        reason: str

    class LeavingCorrected(Aggregate.Event):
        """The leaving had been typed wrong: this is how it was. reason: why it is corrected."""

        TOPIC = "trainee.leaving_corrected"
        on: date
        leaving_reason: str
        reason: str

    class LeavingWithdrawn(Aggregate.Event):
        """The leaving had been recorded by mistake: nobody left. was_on: its last day."""

        TOPIC = "trainee.leaving_withdrawn"
        was_on: date
        reason: str

    class Rejoined(Aggregate.Event):
        """Came back: from here on the same person is another trainee, with a stream of its own."""

        TOPIC = "trainee.rejoined"
        on: date
        as_trainee_id: str

    # decides

    def change_manager(self, *, on: date, manager: str | None) -> None:
        """Refuses `before_enrolment`, `after_leaving`, `manager_unchanged`."""
        self._require_employed(on)
        if manager == in_force(self.managers, on):
            raise Refusal("manager_unchanged", field="manager", employee_no=self.employee_no)
        self.trigger_event(self.ManagerChanged, on=on, manager=manager)

    def leave(self, *, on: date, reason: str) -> None:
        """`on` is the last day.

        Refuses `already_left`, `before_enrolment`, `leaves_before_live`.
        """
        self._require_staying()
        self._require_last_day(on)
        self.trigger_event(self.Left, on=on, reason=reason)

    def eliminate(self, *, on: date, reason: str) -> None:
        """`on` is the last day. Refuses what `leave` refuses, and `reason_missing`."""
        self._require_staying()
        self._require_last_day(on)
        require_reason(reason)
        self.trigger_event(self.Eliminated, on=on, reason=reason)

    def correct_leaving(self, *, on: date, leaving_reason: str | None, reason: str) -> None:
        """leaving_reason: None leaves it as it is.

        Refuses `not_left`, `before_enrolment`, `leaves_before_live`, `reason_missing`,
        `nothing_to_correct`.
        """
        left_on = self._require_left()
        self._require_last_day(on)
        require_reason(reason)
        because = self.left_because if leaving_reason is None else leaving_reason
        require_news((left_on, self.left_because), (on, because))
        self.trigger_event(self.LeavingCorrected, on=on, leaving_reason=because, reason=reason)

    def withdraw_leaving(self, *, reason: str) -> None:
        """Refuses `not_left`, `reason_missing`."""
        left_on = self._require_left()
        require_reason(reason)
        self.trigger_event(self.LeavingWithdrawn, was_on=left_on, reason=reason)

    def rejoin(self, *, on: date, as_trainee_id: str) -> None:
        """Refuses `not_left`, `rejoins_before_leaving`."""
        self.require_left_before(on)
        self.trigger_event(self.Rejoined, on=on, as_trainee_id=as_trainee_id)

    def require_left_before(self, on: date) -> None:
        """Refuses `not_left`, `rejoins_before_leaving`."""
        left_on = self._require_left()
        if on <= left_on:
            raise Refusal(
                "rejoins_before_leaving",
                field="entered_on",
                employee_no=self.employee_no,
                left_on=left_on,
                on=on,
            )

    def _require_staying(self) -> None:
        if self.left_on is not None:
            raise Refusal(
                "already_left", field="employee_no", employee_no=self.employee_no, on=self.left_on
            )

    def _require_left(self) -> date:
        if self.left_on is None:
            raise Refusal("not_left", field="employee_no", employee_no=self.employee_no)
        return self.left_on

    def _require_last_day(self, on: date) -> None:
        self._require_enrolled(on)
        for standing in self.standings:
            if standing.value == LIVE and on < standing.on:
                raise Refusal(
                    "leaves_before_live",
                    field="on",
                    employee_no=self.employee_no,
                    live_on=standing.on,
                    on=on,
                )

    def _require_enrolled(self, on: date, field: str = "on") -> None:
        if on < self.entered_on:
            raise Refusal(
                "before_enrolment",
                field=field,
                employee_no=self.employee_no,
                entered_on=self.entered_on,
                on=on,
            )

    def _require_employed(self, on: date, field: str = "on") -> None:
        self._require_enrolled(on, field)
        if self.left_on is not None and on > self.left_on:
            raise Refusal(
                "after_leaving",
                field=field,
                employee_no=self.employee_no,
                left_on=self.left_on,
                on=on,
            )

    # evolves

    def __init__(self, employee_no: str, entered_on: date, manager: str | None) -> None:
        self.employee_no = employee_no
        self.entered_on = entered_on
        self.managers = [Change(entered_on, manager)]
        self.standings: list[Change[str]] = [Change(entered_on, TRAINING)]
        self.left_on: date | None = None
        self.left_because = ""
        self.rejoined_as: str | None = None

    @property
    def manager(self) -> str | None:
        """The manager after all changes."""
        return in_force(self.managers, date.max)

    @property
    def live_on(self) -> date | None:
        """The first go-live."""
        return next((s.on for s in self.standings if s.value == LIVE), None)

    @event(ManagerChanged)
    def _manager_changed(self, on: date, manager: str | None) -> None:
        self.managers.append(Change(on, manager))

    @event(Left)
    def _left(self, on: date, reason: str) -> None:
        self.left_on, self.left_because = on, reason

    @event(Eliminated)
    def _eliminated(self, on: date, reason: str) -> None:
        self.left_on, self.left_because = on, reason

    @event(LeavingCorrected)
    def _leaving_corrected(self, on: date, leaving_reason: str) -> None:
        self.left_on, self.left_because = on, leaving_reason

    @event(LeavingWithdrawn)
    def _leaving_withdrawn(self) -> None:
        self.left_on, self.left_because = None, ""

    @event(Rejoined)
    def _rejoined(self, as_trainee_id: str) -> None:
        self.rejoined_as = as_trainee_id


def require_reason(reason: str) -> None:
    """Refuses `reason_missing`."""
    if not reason.strip():
        raise Refusal("reason_missing", field="reason")


def require_news(recorded: object, given: object) -> None:
    """A correction must say something else. Refuses `nothing_to_correct`."""
    if recorded == given:
        raise Refusal("nothing_to_correct")
