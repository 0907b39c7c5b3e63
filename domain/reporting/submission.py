"""Figures that were submitted (上报), what became of them, and their later vintages (版次).

What was submitted never changes: its file, its figures, and the position, day, scheme and calendar
that it was counted by. What is recorded afterwards and touches it is told beside it, event by
event, until somebody acknowledges it.
"""

from datetime import date
from uuid import UUID

from msgspec import structs

from domain.kernel.aggregate import Aggregate, DomainCreated, DomainEvent
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import Ratio
from domain.kpi.proof.restatement import Restatement
from domain.reporting.report import Stated


class Submission(Aggregate):
    """The figures of one month, vintage after vintage."""

    TOPIC = "submission"

    class Submitted(DomainCreated):
        """The first vintage, as its report states it. The fields: `Stated` (report.py)."""

        TOPIC = "submission.submitted"
        report_id: str
        month: str
        kind: str
        happened_by: date
        pinned_position: int
        scheme_versions: tuple[int, ...]
        calendar_version: str
        file_id: UUID
        sha256: str
        figures: dict[str, Ratio]

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

    class SubmittedAgain(DomainEvent):
        """A later vintage, from 2, as its own report states it."""

        TOPIC = "submission.submitted_again"
        vintage: int
        report_id: str
        happened_by: date
        pinned_position: int
        scheme_versions: tuple[int, ...]
        calendar_version: str
        file_id: UUID
        sha256: str
        figures: dict[str, Ratio]

    # decides

    @classmethod
    def submit(cls, submission_id: str, stated: Stated) -> "Submission":
        return cls._create(
            cls.Submitted,
            id=submission_id,
            **structs.asdict(stated),
        )

    def record_restatement(
        self, *, vintage: int, until: int, restatements: tuple[Restatement, ...]
    ) -> None:
        """Once for every stretch of the log; raises NotFoundError `vintage_unknown`."""
        if vintage not in self.told_until:
            raise NotFoundError("vintage_unknown", field="vintage", vintage=vintage)
        if until > self.told_until[vintage]:
            self.trigger_event(
                self.Restated, vintage=vintage, until=until, restatements=restatements
            )

    def acknowledge(self, *, note: str) -> None:
        """Refuses `nothing_restated`, `note_missing`."""
        if not self.is_restated:
            raise Refusal("nothing_restated", field="submission_id", month=self.month)
        if not note.strip():
            raise Refusal("note_missing", field="note")
        self.trigger_event(
            self.RestatementAcknowledged,
            vintage=self.vintage,
            until=self.told_until[self.vintage],
            note=note,
        )

    def submit_again(self, stated: Stated) -> None:
        """Refuses `restatement_open`, `report_of_other_month`, and `report_not_newer` for a report
        that does not know more than was submitted and told since."""
        if self.is_restated:
            raise Refusal("restatement_open", field="submission_id", month=self.month)
        if (stated.month, stated.kind) != (self.month, self.kind):
            raise Refusal(
                "report_of_other_month", field="report_id", month=self.month, other=stated.month
            )
        if stated.pinned_position <= self.told_until[self.vintage]:
            raise Refusal("report_not_newer", field="report_id", month=self.month)
        told = structs.asdict(stated)
        del told["month"], told["kind"]
        self.trigger_event(
            self.SubmittedAgain,
            vintage=self.vintage + 1,
            **told,
        )

    # evolves

    def __init__(self, month: str, kind: str, pinned_position: int) -> None:
        self.month = month
        self.kind = kind
        self.vintage = 1
        self.told_until = {1: pinned_position}
        self.is_restated = False

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case Submission.Restated(vintage=vintage, until=until):
                self.told_until[vintage] = until
                self.is_restated |= vintage == self.vintage
            case Submission.RestatementAcknowledged():
                self.is_restated = False
            case Submission.SubmittedAgain(vintage=vintage):
                self.vintage = vintage
                self.told_until[vintage] = event.pinned_position
