"""A class session (培训班次) from the plan to the written summary (S31, S33, S34).

The events, in the order in which they happen in life, then what decides, then what evolves. What
was typed wrong is corrected by an event of its own; the plan never is: it changes only by an
approved change, since actual days and topics are measured against it.
"""

from datetime import date
from typing import Any, Final

from eventsourcing.domain import event

from domain.kernel.aggregate import Aggregate, DomainCreated
from domain.kernel.errors import Refusal

INDUCTION: Final = "induction"
KINDS = (INDUCTION,)
"""What a class is for: the induction training (入职培训)."""


class Session(Aggregate):
    """One class of a cohort: planned for a day with its topics, opened, closed, summed up."""

    TOPIC = "session"

    class Planned(DomainCreated):
        """Planned for a day, with the topics to be taught (S34)."""

        TOPIC = "session.planned"
        cohort_id: str
        cohort_code: str
        code: str
        kind: str
        planned_on: date
        topics: tuple[str, ...]

    class PlanChangeApproved(Aggregate.Event):
        """Somebody who may approve it agreed to another day or other topics (S1, S34).

        approved_by: the role of the approver; who it was stands in the envelope.
        """

        TOPIC = "session.plan_change_approved"
        planned_on: date
        topics: tuple[str, ...]
        approved_by: str
        on: date
        reason: str

    class Opened(Aggregate.Event):
        """The class opened (开班); headcount: who were there at the start (S31, S32)."""

        TOPIC = "session.opened"
        on: date
        headcount: int

    class OpeningCorrected(Aggregate.Event):
        """The day or the headcount of the opening had been typed wrong."""

        TOPIC = "session.opening_corrected"
        on: date
        headcount: int
        reason: str

    class Closed(Aggregate.Event):
        """The class ended (结班); headcount: who were there at the end."""

        TOPIC = "session.closed"
        on: date
        topics_taught: tuple[str, ...]
        headcount: int

    class ClosingCorrected(Aggregate.Event):
        """The day, the topics or the headcount of the closing had been typed wrong."""

        TOPIC = "session.closing_corrected"
        on: date
        topics_taught: tuple[str, ...]
        headcount: int
        reason: str

    class SummaryWritten(Aggregate.Event):
        """The written summary (书面培训总结) of the class (S33)."""

        TOPIC = "session.summary_written"
        on: date
        text: str

    class SummaryCorrected(Aggregate.Event):
        """The day or the text of the summary had been recorded wrong."""

        TOPIC = "session.summary_corrected"
        on: date
        text: str
        reason: str

    class Cancelled(Aggregate.Event):
        """Will not take place; it stays on record (S10)."""

        TOPIC = "session.cancelled"
        on: date
        reason: str

    # decides

    @classmethod
    def plan(
        cls, session_id: str, *, kind: str, topics: tuple[str, ...], **facts: Any
    ) -> "Session":
        """`facts` are the other fields of Planned.

        Refuses `session_kind_unknown`, `topics_missing`.
        """
        if kind not in KINDS:
            raise Refusal("session_kind_unknown", field="kind", kind=kind, kinds=list(KINDS))
        if not topics:
            raise Refusal("topics_missing", field="topics")
        return cls._create(cls.Planned, id=session_id, kind=kind, topics=topics, **facts)

    def approve_plan_change(
        self, *, planned_on: date, topics: tuple[str, ...], approved_by: str, on: date, reason: str
    ) -> None:
        """A change heals no deviation afterwards: it is approved by the opening day at the latest.

        Refuses `session_cancelled`, `plan_change_after_opening`, `topics_missing`,
        `plan_unchanged`, `reason_missing`.
        """
        self._require_standing()
        if self.opened_on is not None and on > self.opened_on:
            raise Refusal(
                "plan_change_after_opening",
                field="on",
                code=self.code,
                opened_on=self.opened_on,
                on=on,
            )
        if not topics:
            raise Refusal("topics_missing", field="topics")
        if (planned_on, topics) == (self.planned_on, self.topics):
            raise Refusal("plan_unchanged", field="planned_on", code=self.code)
        _require_reason(reason)
        self.trigger_event(
            self.PlanChangeApproved,
            planned_on=planned_on,
            topics=topics,
            approved_by=approved_by,
            on=on,
            reason=reason,
        )

    def open(self, *, on: date, headcount: int) -> None:
        """Earlier or later than planned: the figures say so, nothing forbids it.

        Refuses `session_cancelled`, `session_already_opened`, `headcount_negative`.
        """
        self._require_unopened()
        _require_headcount(headcount)
        self.trigger_event(self.Opened, on=on, headcount=headcount)

    def correct_opening(self, *, on: date, headcount: int, reason: str) -> None:
        """Refuses `session_not_opened`, `session_closes_before_opening`, `headcount_negative`,
        `reason_missing`, `nothing_corrected`.
        """
        self._require_opened()
        if self.closed_on is not None:
            self._require_order(opened_on=on, closed_on=self.closed_on)
        _require_headcount(headcount)
        _require_reason(reason)
        if (on, headcount) == (self.opened_on, self.opened_with):
            raise Refusal("nothing_corrected")
        self.trigger_event(self.OpeningCorrected, on=on, headcount=headcount, reason=reason)

    def close(self, *, on: date, topics_taught: tuple[str, ...], headcount: int) -> None:
        """Refuses `session_not_opened`, `session_already_closed`,
        `session_closes_before_opening`, `headcount_negative`.
        """
        opened_on = self._require_opened()
        if self.closed_on is not None:
            raise Refusal(
                "session_already_closed", field="session", code=self.code, on=self.closed_on
            )
        self._require_order(opened_on=opened_on, closed_on=on)
        _require_headcount(headcount)
        self.trigger_event(self.Closed, on=on, topics_taught=topics_taught, headcount=headcount)

    def correct_closing(
        self, *, on: date, topics_taught: tuple[str, ...], headcount: int, reason: str
    ) -> None:
        """Refuses `session_not_opened`, `session_not_closed`, `session_closes_before_opening`,
        `summary_before_closing`, `headcount_negative`, `reason_missing`, `nothing_corrected`.
        """
        opened_on = self._require_opened()
        self._require_closed()
        self._require_order(opened_on=opened_on, closed_on=on)
        if self.summary_on is not None:
            self._require_summary(closed_on=on, written_on=self.summary_on, text=self.summary)
        _require_headcount(headcount)
        _require_reason(reason)
        if (on, topics_taught, headcount) == (self.closed_on, self.topics_taught, self.closed_with):
            raise Refusal("nothing_corrected")
        self.trigger_event(
            self.ClosingCorrected,
            on=on,
            topics_taught=topics_taught,
            headcount=headcount,
            reason=reason,
        )

    def write_summary(self, *, on: date, text: str) -> None:
        """Refuses `session_not_closed`, `summary_already_written`, `summary_before_closing`,
        `summary_missing`.
        """
        closed_on = self._require_closed()
        if self.summary_on is not None:
            raise Refusal(
                "summary_already_written", field="session", code=self.code, on=self.summary_on
            )
        self._require_summary(closed_on=closed_on, written_on=on, text=text)
        self.trigger_event(self.SummaryWritten, on=on, text=text)

    def correct_summary(self, *, on: date, text: str, reason: str) -> None:
        """Refuses `session_not_closed`, `summary_not_written`, `summary_before_closing`,
        `summary_missing`, `reason_missing`, `nothing_corrected`.
        """
        closed_on = self._require_closed()
        if self.summary_on is None:
            raise Refusal("summary_not_written", field="session", code=self.code)
        self._require_summary(closed_on=closed_on, written_on=on, text=text)
        _require_reason(reason)
        if (on, text) == (self.summary_on, self.summary):
            raise Refusal("nothing_corrected")
        self.trigger_event(self.SummaryCorrected, on=on, text=text, reason=reason)

    def cancel(self, *, on: date, reason: str) -> None:
        """Refuses `session_cancelled`, `session_already_opened`, `reason_missing`."""
        self._require_unopened()
        _require_reason(reason)
        self.trigger_event(self.Cancelled, on=on, reason=reason)

    def _require_standing(self) -> None:
        if self.cancelled_on is not None:
            raise Refusal(
                "session_cancelled", field="session", code=self.code, on=self.cancelled_on
            )

    def _require_unopened(self) -> None:
        self._require_standing()
        if self.opened_on is not None:
            raise Refusal(
                "session_already_opened", field="session", code=self.code, on=self.opened_on
            )

    def _require_opened(self) -> date:
        if self.opened_on is None:
            raise Refusal("session_not_opened", field="session", code=self.code)
        return self.opened_on

    def _require_closed(self) -> date:
        if self.closed_on is None:
            raise Refusal("session_not_closed", field="session", code=self.code)
        return self.closed_on

    def _require_order(self, *, opened_on: date, closed_on: date) -> None:
        if closed_on < opened_on:
            raise Refusal(
                "session_closes_before_opening",
                field="on",
                code=self.code,
                opened_on=opened_on,
                closed_on=closed_on,
            )

    def _require_summary(self, *, closed_on: date, written_on: date, text: str) -> None:
        if written_on < closed_on:
            raise Refusal(
                "summary_before_closing",
                field="on",
                code=self.code,
                closed_on=closed_on,
                on=written_on,
            )
        if not text.strip():
            raise Refusal("summary_missing", field="text", code=self.code)

    # evolves

    @event(Planned)
    def __init__(self, code: str, planned_on: date, topics: tuple[str, ...]) -> None:
        self.code = code
        self.planned_on = planned_on
        self.topics = topics
        self.approved_on = date.min
        self.opened_on: date | None = None
        self.opened_with: int | None = None
        self.closed_on: date | None = None
        self.closed_with: int | None = None
        self.topics_taught: tuple[str, ...] = ()
        self.summary_on: date | None = None
        self.summary = ""
        self.cancelled_on: date | None = None

    @event(PlanChangeApproved)
    def _plan_change_approved(self, planned_on: date, topics: tuple[str, ...], on: date) -> None:
        if on >= self.approved_on:  # One told late does not undo what was approved after it.
            self.planned_on = planned_on
            self.topics = topics
            self.approved_on = on

    @event(Opened)
    def _opened(self, on: date, headcount: int) -> None:
        self.opened_on = on
        self.opened_with = headcount

    @event(OpeningCorrected)
    def _opening_corrected(self, on: date, headcount: int) -> None:
        self.opened_on = on
        self.opened_with = headcount

    @event(Closed)
    def _closed(self, on: date, topics_taught: tuple[str, ...], headcount: int) -> None:
        self.closed_on = on
        self.topics_taught = topics_taught
        self.closed_with = headcount

    @event(ClosingCorrected)
    def _closing_corrected(self, on: date, topics_taught: tuple[str, ...], headcount: int) -> None:
        self.closed_on = on
        self.topics_taught = topics_taught
        self.closed_with = headcount

    @event(SummaryWritten)
    def _summary_written(self, on: date, text: str) -> None:
        self.summary_on = on
        self.summary = text

    @event(SummaryCorrected)
    def _summary_corrected(self, on: date, text: str) -> None:
        self.summary_on = on
        self.summary = text

    @event(Cancelled)
    def _cancelled(self, on: date) -> None:
        self.cancelled_on = on


def _require_headcount(headcount: int) -> None:
    if headcount < 0:
        raise Refusal("headcount_negative", field="headcount", headcount=headcount)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal("reason_missing", field="reason")
