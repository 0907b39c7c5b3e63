"""Which figures were submitted, and what became of them since?

A restatement opens with the first event that touched a vintage, grows until somebody acknowledges
it, and what touches the vintage afterwards opens the next.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.values import Month, Ratio
from domain.kpi.evidence import Submitted
from domain.kpi.proof.restatement import Restatement, joined
from domain.reporting.submission import Submission
from projections.kernel.filters import Equals
from projections.kernel.listing import Listing
from projections.kernel.projection import Connection, Key, Projection


class VintageRow(msgspec.Struct, frozen=True):
    """One vintage as it was submitted. figures: KPI slug -> exact figure."""

    number: int
    report_id: str
    happened_by: date
    pinned_position: int
    scheme_versions: tuple[int, ...]
    calendar_version: str
    file_id: UUID
    sha256: str
    figures: dict[str, Ratio]
    submitted_at: datetime


class RestatementRow(msgspec.Struct, frozen=True):
    """What touched a vintage, up to the position `until`; note: of the acknowledgement."""

    number: int
    vintage: int
    until: int
    opened_at: datetime
    figures: tuple[Restatement, ...]
    acknowledged_at: datetime | None = None
    note: str | None = None


class SubmissionRow(msgspec.Struct, frozen=True):
    """One month of figures. month: YYYY-MM. submitted: the first time. vintage: the last one's
    number. is_restated: whether
    something touched that one and waits to be acknowledged."""

    submission_id: str
    month: str
    kind: str
    submitted: Submitted
    vintage: int
    is_restated: bool
    vintages: tuple[VintageRow, ...]
    restatements: tuple[RestatementRow, ...]


def key(recorded: Recorded) -> Key | None:
    return (recorded.event.originator_id,)


def evolve(row: SubmissionRow | None, recorded: Recorded) -> SubmissionRow | None:
    """Raises LookupError for what became of a submission that was never made."""
    event = recorded.event
    if isinstance(event, Submission.Submitted):
        return SubmissionRow(
            submission_id=event.originator_id,
            month=event.month,
            kind=event.kind,
            submitted=Submitted(event.month, recorded.recorded_at, recorded.position),
            vintage=1,
            is_restated=False,
            vintages=(_vintage(1, event, recorded.recorded_at),),
            restatements=(),
        )
    if row is None:
        raise LookupError(f"{event.originator_id} was never submitted")
    if isinstance(event, Submission.SubmittedAgain):
        vintage = _vintage(event.vintage, event, recorded.recorded_at)
        return replace(row, vintage=event.vintage, vintages=(*row.vintages, vintage))
    if isinstance(event, Submission.Restated):
        return replace(
            row,
            is_restated=row.is_restated or event.vintage == row.vintage,
            restatements=_restated(row.restatements, event, recorded.recorded_at),
        )
    if isinstance(event, Submission.RestatementAcknowledged):
        restatements = tuple(
            replace(one, acknowledged_at=recorded.recorded_at, note=event.note)
            if _is_open(one, event.vintage)
            else one
            for one in row.restatements
        )
        return replace(row, is_restated=False, restatements=restatements)
    return row


def _vintage(
    number: int, event: Submission.Submitted | Submission.SubmittedAgain, at: datetime
) -> VintageRow:
    return VintageRow(
        number=number,
        report_id=event.report_id,
        happened_by=event.happened_by,
        pinned_position=event.pinned_position,
        scheme_versions=event.scheme_versions,
        calendar_version=event.calendar_version,
        file_id=event.file_id,
        sha256=event.sha256,
        figures=event.figures,
        submitted_at=at,
    )


def _restated(
    before: Sequence[RestatementRow], event: Submission.Restated, at: datetime
) -> tuple[RestatementRow, ...]:
    for place, one in enumerate(before):
        if _is_open(one, event.vintage):
            figures = joined(one.figures, event.restatements)
            grown = replace(one, until=event.until, figures=figures)
            return (*before[:place], grown, *before[place + 1 :])
    number = len(before) + 1
    opened = RestatementRow(number, event.vintage, event.until, at, event.restatements)
    return (*before, opened)


def _is_open(restatement: RestatementRow, vintage: int) -> bool:
    return restatement.vintage == vintage and restatement.acknowledged_at is None


SUBMISSIONS = Projection(
    name="submissions",
    version=2,
    row=SubmissionRow,
    primary_key=("submission_id",),
    topics=frozenset(
        {
            Submission.Submitted.TOPIC,
            Submission.Restated.TOPIC,
            Submission.RestatementAcknowledged.TOPIC,
            Submission.SubmittedAgain.TOPIC,
        }
    ),
    key=key,
    evolve=evolve,
    indexes=(("month", "submission_id"),),
)

SUBMISSION_LIST = Listing(
    name="submissions",
    kind="Submission",
    projection=SUBMISSIONS,
    permission="read_figures",
    filters={
        "month": Equals(
            column="month", kind=Month, folded=str, description="That was submitted, YYYY-MM."
        ),
        "restated": Equals(
            column="is_restated",
            kind=bool,
            description="Whether something touched the last vintage and waits for notice.",
        ),
    },
    order=("month", "submission_id"),
    descending=True,
    columns=("month", "kind", "vintage", "is_restated"),
    page_size=20,
)
"""The latest month first; what was submitted is a matter of recording alone, of no day."""

_SUBMITTED = msgspec.json.Decoder(Submitted)


async def list_submitted(connection: Connection, tenant_id: UUID) -> list[Submitted]:
    """Every month that was submitted, in no order."""
    rows = await connection.fetch(
        f"select submitted::text from {SUBMISSIONS.table} where tenant_id = $1",  # noqa: S608
        tenant_id,
    )
    return [_SUBMITTED.decode(row["submitted"]) for row in rows]
