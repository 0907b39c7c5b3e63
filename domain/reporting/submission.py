"""Figures that were submitted (上报), what became of them, and their later vintages (版次).

What was submitted never changes: its file, its figures, and the position, day, scheme and calendar
that it was counted by. What is recorded afterwards and touches it is a restatement beside it,
event by event, until it is acknowledged.
"""

from dataclasses import field
from datetime import date
from uuid import UUID

from domain.kernel.aggregate import Aggregate, DomainCreated, DomainEvent, StreamId
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import Month, Ratio, required
from domain.kpi.proof.restatement import Restatement
from domain.reporting.report import Report


class SubmittedFigures(DomainEvent):
    """The fields of a vintage, as a report states them (Report.stated).

    provisional: None where the report did not note it. went_live: how many had been on the post.
    """

    report_id: StreamId
    happened_by: date
    pinned_position: int
    scheme_versions: tuple[int, ...]
    calendar_version: str
    file_id: UUID
    sha256: str
    figures: dict[str, Ratio]
    provisional: tuple[str, ...] | None = field(default=None, kw_only=True)
    went_live: int = field(default=0, kw_only=True)


class Submission(Aggregate):
    """The figures of one month, vintage after vintage."""

    TOPIC = "submission"

    class Submitted(DomainCreated, SubmittedFigures):
        """The first vintage, as its report states it."""

        TOPIC = "submission.submitted"
        month: str
        kind: str

    class Restated(DomainEvent):
        """Events up to the position `until` touched figures of a vintage; only the new causes."""

        TOPIC = "submission.restated"
        vintage: int
        until: int
        restatements: tuple[Restatement, ...]

    class RestatementAcknowledged(DomainEvent):
        """All restatements up to the position `until` were taken note of."""

        TOPIC = "submission.restatement_acknowledged"
        vintage: int
        until: int
        note: str

        def amends(self, earlier: DomainEvent) -> bool:
            """What it takes note of are the restatements of its vintage."""
            return isinstance(earlier, Submission.Restated) and earlier.vintage == self.vintage

    class SubmittedAgain(SubmittedFigures):
        """A later vintage, from 2, as its own report states it."""

        TOPIC = "submission.submitted_again"
        vintage: int

    # decides

    @classmethod
    def submit(cls, submission_id: str, report: Report) -> "Submission":
        stated = report.stated()
        # Only at first: whom a correction left with nobody has figures that are known to be wrong.
        defined = any(figure.denominator for figure in stated["figures"].values())
        if not defined and not stated["went_live"]:
            raise Refusal("report_of_nobody", field="report_id", month=report.month)
        return cls._create(
            cls.Submitted, id=submission_id, month=str(report.month), kind=report.kind, **stated
        )

    def record_restatement(
        self, *, vintage: int, until: int, restatements: tuple[Restatement, ...]
    ) -> None:
        """Records what events up to `until` changed, once for every stretch of the log.

        Raises NotFoundError `vintage_unknown`.
        """
        if vintage not in self.restated_until:
            raise NotFoundError("vintage_unknown", field="vintage", vintage=vintage)
        if until > self.restated_until[vintage]:
            self.trigger_event(
                self.Restated, vintage=vintage, until=until, restatements=restatements
            )

    def acknowledge(self, *, note: str) -> None:
        """Takes note of all restatements."""
        if not self.is_restated:
            raise Refusal("nothing_restated", field="submission_id", month=self.month)
        required(note, "note")
        until = self.restated_until[self.vintage]
        self.trigger_event(
            self.RestatementAcknowledged, vintage=self.vintage, until=until, note=note
        )

    def submit_again(self, report: Report) -> None:
        stated = report.stated()
        if self.is_restated:
            raise Refusal("restatement_open", field="submission_id", month=self.month)
        other = report.month
        if (other, report.kind) != (self.month, self.kind):
            raise Refusal("report_of_other_month", field="report_id", month=self.month, other=other)
        if stated["pinned_position"] <= self.restated_until[self.vintage]:
            raise Refusal("report_not_newer", field="report_id", month=self.month)
        self.trigger_event(self.SubmittedAgain, vintage=self.vintage + 1, **stated)

    # evolves

    def __init__(self, month: str, kind: str, pinned_position: int) -> None:
        self.month = Month.parse(month)
        self.kind = kind
        self.vintage = 1
        self.restated_until = {1: pinned_position}
        self.is_restated = False

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case Submission.Restated(vintage=vintage, until=until):
                self.restated_until[vintage] = until
                self.is_restated |= vintage == self.vintage
            case Submission.RestatementAcknowledged():
                self.is_restated = False
            case Submission.SubmittedAgain(vintage=vintage):
                self.vintage = vintage
                self.restated_until[vintage] = event.pinned_position
