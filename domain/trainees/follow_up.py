"""A follow-up (跟进) of a newcomer on the post: a visit (陪访), and what was agreed (S12).

It is open until an action is agreed, and over when that is done or dropped.
"""

from datetime import date
from typing import Any, Unpack

from domain.kernel.aggregate import (
    Aggregate,
    Correction,
    DomainCreated,
    DomainEvent,
    FreeText,
    Happening,
    StreamId,
    Withdrawal,
    require_reason,
)
from domain.kernel.errors import Refusal
from domain.kernel.facts import Facts
from domain.kernel.values import required
from domain.trainees.events import Which


class FollowUp(Aggregate):
    """One follow-up of one newcomer."""

    TOPIC = "follow_up"

    class Opened(DomainCreated, Happening):
        """The visit to the newcomer, or whatever else it began with."""

        TOPIC = "follow_up.opened"
        code: str
        trainee_id: StreamId
        employee_no: str
        on: date

    class Noted(Happening):
        """What was seen or said."""

        TOPIC = "follow_up.noted"
        on: date
        note: FreeText

    class ActionAgreed(Happening):
        """An action to be done by a day; it takes the place of the one agreed before."""

        TOPIC = "follow_up.action_agreed"
        on: date
        action: FreeText
        due_on: date

    class ActionCorrected(Correction, ActionAgreed):
        """The action or its days had been recorded wrong."""

        TOPIC = "follow_up.action_corrected"

    class ActionDone(Happening):
        """The agreed action was done."""

        TOPIC = "follow_up.action_done"
        on: date

    class Dropped(Happening):
        """Nothing more will come of it; it stays on record."""

        TOPIC = "follow_up.dropped"
        on: date
        reason: FreeText

    class EndWithdrawn(Withdrawal):
        """Done or dropped it never was."""

        TOPIC = "follow_up.end_withdrawn"

    # decides

    @classmethod
    def open(cls, follow_up_id: str, **facts: Any) -> "FollowUp":
        """Opens a follow-up. `facts` are the fields of Opened."""
        return cls._create(cls.Opened, id=follow_up_id, **facts)

    def note(self, *, on: date, note: str) -> None:
        self._require_open(on)
        required(note, "note")
        self.trigger_event(self.Noted, on=on, note=note)

    def agree_action(self, *, on: date, action: str, due_on: date) -> None:
        self._require_action(on, action, due_on)
        self.trigger_event(self.ActionAgreed, on=on, action=action, due_on=due_on)

    def correct_action(
        self, *, on: date, action: str, due_on: date, reason: str, **which: Unpack[Which]
    ) -> None:
        """Corrects the action of that id or day, or else the one recorded last; says all again."""
        fact, was_on = which.get("fact"), which.get("was_on")
        is_named = fact is not None or was_on is not None
        agreed = self.actions.find(fact=fact, was_on=was_on) if is_named else self.actions.last
        if agreed is None:
            code, field = ("action_unknown", "fact") if is_named else ("action_not_agreed", "on")
            raise self._refuse(code, field)
        self._require_action(on, action, due_on)
        said = {"on": on, "action": action, "due_on": due_on}
        self.correct(self.ActionCorrected, agreed, reason=reason, **said)

    def do_action(self, *, on: date) -> None:
        self._require_open(on)
        if self.actions.last is None or on < self.actions.last.on:
            raise self._refuse("action_not_agreed")
        self.trigger_event(self.ActionDone, on=on)

    def drop(self, *, on: date, reason: str) -> None:
        self._require_open(on)
        require_reason(reason)
        self.trigger_event(self.Dropped, on=on, reason=reason)

    def withdraw_end(self, *, reason: str) -> None:
        if self.end is None:
            raise self._refuse("follow_up_not_over", "follow_up")
        self.withdraw(self.EndWithdrawn, self.end, reason=reason)

    def _require_open(self, on: date) -> None:
        if self.end is not None:
            raise self._refuse("follow_up_over", "follow_up", on=self.end.on)
        if on < self.opened.on:
            raise self._refuse("before_follow_up", opened_on=self.opened.on, on=on)

    def _require_action(self, on: date, action: str, due_on: date) -> None:
        self._require_open(on)
        required(action, "action")
        if due_on < on:
            raise self._refuse("due_before_agreed", "due_on", on=on, due_on=due_on)

    def _refuse(self, code: str, field: str = "on", **params: Any) -> Refusal:
        return Refusal(code, field=field, code=self.opened.code, **params)

    # evolves

    def __init__(self) -> None:
        self.opened: FollowUp.Opened
        self.actions: Facts[FollowUp.ActionAgreed] = Facts()
        self.end: FollowUp.ActionDone | FollowUp.Dropped | None = None

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case FollowUp.Opened():
                self.opened = event
            case FollowUp.ActionAgreed():
                self.actions = self.actions.after(event)
            case FollowUp.ActionDone() | FollowUp.Dropped():
                self.end = event
            case FollowUp.EndWithdrawn():
                self.end = None
