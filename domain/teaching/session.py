"""A class session (培训班次) from the plan to the written summary (S31, S33, S34).

What was typed wrong is corrected by an event of its own; the plan never is: it changes only by an
approved change, since actual days and topics are measured against it.
"""

from datetime import date
from typing import Any, Final

from domain.kernel.aggregate import (
    Aggregate,
    Correction,
    DomainCreated,
    DomainEvent,
    FreeText,
    Happening,
    StreamId,
    require_reason,
)
from domain.kernel.bounds import Choice
from domain.kernel.errors import Refusal
from domain.kernel.facts import Facts
from domain.kernel.values import seen

INDUCTION: Final = "induction"
KINDS = (INDUCTION,)
"""What a class is for: the induction training (入职培训)."""


class Session(Aggregate):
    """One class of a cohort: planned for a day with its topics, opened, closed, summed up."""

    TOPIC = "session"

    class Planned(DomainCreated, Happening):
        """Planned for a day, with the topics to be taught (S34)."""

        TOPIC = "session.planned"
        DAY = "planned_on"
        cohort_id: StreamId
        cohort_code: str
        code: str
        kind: Choice
        planned_on: date
        topics: tuple[str, ...]

    class PlanChangeApproved(Happening):
        """Somebody who may approve it agreed to another day or other topics (S1, S34).

        approved_by: the role of the approver; who it was stands in the envelope.
        """

        TOPIC = "session.plan_change_approved"
        planned_on: date
        topics: tuple[str, ...]
        approved_by: Choice
        on: date
        reason: FreeText

    class Opened(Happening):
        """The class opened (开班); headcount: who were there at the start (S31, S32)."""

        TOPIC = "session.opened"
        on: date
        headcount: int

    class OpeningCorrected(Correction, Opened):
        """The day or the headcount of the opening had been recorded wrong."""

        TOPIC = "session.opening_corrected"

    class Closed(Happening):
        """The class ended (结班); headcount: who were there at the end."""

        TOPIC = "session.closed"
        on: date
        topics_taught: tuple[str, ...]
        headcount: int

    class ClosingCorrected(Correction, Closed):
        """The day, the topics or the headcount of the closing had been recorded wrong."""

        TOPIC = "session.closing_corrected"

    class SummaryWritten(Happening):
        """The written summary (书面培训总结) of the class (S33)."""

        TOPIC = "session.summary_written"
        on: date
        text: FreeText

    class SummaryCorrected(Correction, SummaryWritten):
        """The day or the text of the summary had been recorded wrong."""

        TOPIC = "session.summary_corrected"

    class Cancelled(Happening):
        """Will not take place; it stays on record (S10)."""

        TOPIC = "session.cancelled"
        on: date
        reason: FreeText

    # decides

    @classmethod
    def plan(
        cls, session_id: str, *, kind: str, topics: tuple[str, ...], **facts: Any
    ) -> "Session":
        """Plans a class. `facts` are the other fields of Planned."""
        if kind not in KINDS:
            raise Refusal("session_kind_unknown", field="kind", kind=kind, kinds=list(KINDS))
        if not topics:
            raise Refusal("topics_missing", field="topics")
        return cls._create(cls.Planned, id=session_id, kind=kind, topics=topics, **facts)

    def approve_plan_change(
        self, *, planned_on: date, topics: tuple[str, ...], approved_by: str, on: date, reason: str
    ) -> None:
        """Approves a change of the plan, on the opening day at the latest."""
        self._require_uncancelled()
        if self.opened is not None and on > self.opened.on:
            raise self.refuse("plan_change_after_opening", "on", opened_on=self.opened.on, on=on)
        if not topics:
            raise Refusal("topics_missing", field="topics")
        if (planned_on, topics) == (self.plan_in_force.planned_on, self.plan_in_force.topics):
            raise self.refuse("plan_unchanged", "planned_on")
        require_reason(reason)
        said = {"planned_on": planned_on, "topics": topics, "on": on, "reason": reason}
        self.trigger_event(self.PlanChangeApproved, approved_by=approved_by, **said)

    def open(self, *, on: date, headcount: int) -> None:
        """Opens the class, perhaps earlier or later than planned."""
        self._require_unopened()
        _require_headcount(headcount)
        self.trigger_event(self.Opened, on=on, headcount=headcount)

    def correct_opening(self, *, on: date, headcount: int, reason: str) -> None:
        opened = self._require_opened()
        if self.closed is not None:
            self._require_order(opened_on=on, closed_on=self.closed.on)
        _require_headcount(headcount)
        self.correct(self.OpeningCorrected, opened, reason=reason, on=on, headcount=headcount)

    def close(self, *, on: date, topics_taught: tuple[str, ...], headcount: int) -> None:
        opened = self._require_opened()
        if self.closed is not None:
            raise self.refuse("session_already_closed", on=self.closed.on)
        self._require_order(opened_on=opened.on, closed_on=on)
        _require_headcount(headcount)
        self.trigger_event(self.Closed, on=on, topics_taught=topics_taught, headcount=headcount)

    def correct_closing(
        self, *, on: date, topics_taught: tuple[str, ...], headcount: int, reason: str
    ) -> None:
        opened, closed = self._require_opened(), self._require_closed()
        self._require_order(opened_on=opened.on, closed_on=on)
        if self.summary is not None:
            self._require_summary(on, self.summary.on, self.summary.text)
        _require_headcount(headcount)
        said = {"on": on, "topics_taught": topics_taught, "headcount": headcount}
        self.correct(self.ClosingCorrected, closed, reason=reason, **said)

    def write_summary(self, *, on: date, text: str) -> None:
        closed = self._require_closed()
        if self.summary is not None:
            raise self.refuse("summary_already_written", on=self.summary.on)
        self._require_summary(closed.on, on, text)
        self.trigger_event(self.SummaryWritten, on=on, text=text)

    def correct_summary(self, *, on: date, text: str, reason: str) -> None:
        closed = self._require_closed()
        if self.summary is None:
            raise self.refuse("summary_not_written")
        self._require_summary(closed.on, on, text)
        self.correct(self.SummaryCorrected, self.summary, reason=reason, on=on, text=text)

    def cancel(self, *, on: date, reason: str) -> None:
        self._require_unopened()
        require_reason(reason)
        self.trigger_event(self.Cancelled, on=on, reason=reason)

    def refuse(self, code: str, /, field: str = "session", **params: object) -> Refusal:
        return Refusal(code, field=field, code=self.code, **params)

    def _require_uncancelled(self) -> None:
        if self.cancelled is not None:
            raise self.refuse("session_cancelled", on=self.cancelled.on)

    def _require_unopened(self) -> None:
        self._require_uncancelled()
        if self.opened is not None:
            raise self.refuse("session_already_opened", on=self.opened.on)

    def _require_opened(self) -> Opened:
        if self.opened is None:
            raise self.refuse("session_not_opened")
        return self.opened

    def _require_closed(self) -> Closed:
        if self.closed is None:
            raise self.refuse("session_not_closed")
        return self.closed

    def _require_order(self, *, opened_on: date, closed_on: date) -> None:
        if closed_on < opened_on:
            raise self.refuse(
                "session_closes_before_opening", "on", opened_on=opened_on, closed_on=closed_on
            )

    def _require_summary(self, closed_on: date, written_on: date, text: str) -> None:
        if written_on < closed_on:
            raise self.refuse("summary_before_closing", "on", closed_on=closed_on, on=written_on)
        if not seen(text):
            raise self.refuse("summary_missing", "text")

    # evolves

    def __init__(self, code: str) -> None:
        self.code = code
        self.planned: Session.Planned
        self.changes: Facts[Session.PlanChangeApproved] = Facts()
        self.opened: Session.Opened | None = None
        self.closed: Session.Closed | None = None
        self.summary: Session.SummaryWritten | None = None
        self.cancelled: Session.Cancelled | None = None

    @property
    def plan_in_force(self) -> Planned | PlanChangeApproved:
        """The plan after all changes: the one approved last, whenever that was recorded."""
        return self.changes.on(date.max) or self.planned

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case Session.Planned():
                self.planned = event
            case Session.PlanChangeApproved():
                self.changes = self.changes.after(event)
            case Session.Opened():
                self.opened = event
            case Session.Closed():
                self.closed = event
            case Session.SummaryWritten():
                self.summary = event
            case Session.Cancelled():
                self.cancelled = event


def _require_headcount(headcount: int) -> None:
    if headcount < 0:
        raise Refusal("headcount_negative", field="headcount", headcount=headcount)
