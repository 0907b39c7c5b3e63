"""Which figures were submitted, and what became of them since?

A restatement opens with the first event that touched a vintage, grows until somebody acknowledges
it, and what touches the vintage afterwards opens the next.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.bounds import Choice
from domain.kernel.values import Month, Ratio
from domain.kpi.evidence import FirstSubmission
from domain.kpi.proof.restatement import Restatement, joined
from domain.reporting.submission import Submission
from projections.kernel.filters import Equals
from projections.kernel.listing import Listing
from projections.kernel.projection import Projection, TenantTables
from projections.kernel.rows import together
from projections.kernel.whose import Whose


class VintageRow(msgspec.Struct, frozen=True):
    """One vintage as it was submitted. figures: KPI slug -> exact figure. provisional: slugs of
    those that could still change; None where it was not noted."""

    number: int
    report_id: str
    happened_by: date
    pinned_position: int
    scheme_versions: tuple[int, ...]
    calendar_version: str
    file_id: UUID
    sha256: str
    figures: dict[str, Ratio]
    provisional: tuple[str, ...] | None
    submitted_at: datetime


class RestatementRow(msgspec.Struct, frozen=True):
    """A restatement of a vintage, up to the position `until`.

    position: where it was recorded, as far as it has grown. note: of the acknowledgement.
    """

    number: int
    vintage: int
    until: int
    position: int
    opened_at: datetime
    figures: tuple[Restatement, ...]
    acknowledged_at: datetime | None = None
    note: str | None = None


class SubmissionRow(msgspec.Struct, frozen=True):
    """One month of figures. month: YYYY-MM. submitted: the first time. vintage: the last one's
    number. is_restated: whether something touched that one and waits to be acknowledged."""

    submission_id: str
    month: str
    kind: Choice
    submitted: FirstSubmission
    vintage: int
    is_restated: bool
    vintages: tuple[VintageRow, ...]
    restatements: tuple[RestatementRow, ...]


def evolve(row: SubmissionRow | None, recorded: Recorded) -> SubmissionRow | None:
    """The row after an event. Raises LookupError for a submission that was never made."""
    event: Any = recorded.event
    at = recorded.recorded_at
    if isinstance(event, Submission.Submitted):
        return SubmissionRow(
            submission_id=event.originator_id,
            month=event.month,
            kind=event.kind,
            submitted=FirstSubmission(event.month, at, recorded.position),
            vintage=1,
            is_restated=False,
            vintages=(_vintage(1, event, at),),
            restatements=(),
        )
    if row is None:
        raise LookupError(f"{event.originator_id} was never submitted")
    match event:
        case Submission.SubmittedAgain():
            vintages = (*row.vintages, _vintage(event.vintage, event, at))
            return replace(row, vintage=event.vintage, vintages=vintages)
        case Submission.Restated():
            return replace(
                row,
                is_restated=row.is_restated or event.vintage == row.vintage,
                restatements=_grown(row.restatements, event, recorded),
            )
        case Submission.RestatementAcknowledged():
            restatements = tuple(
                replace(one, acknowledged_at=at, note=event.note)
                if _is_open(one, event.vintage)
                else one
                for one in row.restatements
            )
            return replace(row, is_restated=False, restatements=restatements)
    return row


def _vintage(
    number: int, event: Submission.Submitted | Submission.SubmittedAgain, at: datetime
) -> VintageRow:
    stated = {name: getattr(event, name) for name in VintageRow.__struct_fields__[1:-1]}
    return VintageRow(number=number, submitted_at=at, **stated)


def _grown(
    before: Sequence[RestatementRow], event: Submission.Restated, recorded: Recorded
) -> tuple[RestatementRow, ...]:
    for place, one in enumerate(before):
        if _is_open(one, event.vintage):
            figures = joined(one.figures, event.restatements)
            grown = replace(one, until=event.until, position=recorded.position, figures=figures)
            return (*before[:place], grown, *before[place + 1 :])
    number = len(before) + 1
    opened = RestatementRow(
        number,
        event.vintage,
        event.until,
        recorded.position,
        recorded.recorded_at,
        event.restatements,
    )
    return (*before, opened)


def _is_open(restatement: RestatementRow, vintage: int) -> bool:
    return restatement.vintage == vintage and restatement.acknowledged_at is None


SUBMISSIONS = Projection(
    name="submissions",
    version=4,
    row=SubmissionRow,
    primary_key=("submission_id",),
    events=Submission.events(),
    evolve=evolve,
    indexes=(("month", "submission_id"),),
)

SUBMISSION_LIST = Listing[SubmissionRow](
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
    whose=Whose(),
)
"""The latest month first; what was submitted is a matter of recording alone, of no day."""

_LAST = f"""
    select month, vintages -> -1 ->> 'submitted_at' as at from {SUBMISSIONS.table}
    where tenant_id = $1 and month = any($2::text[])
"""  # noqa: S608 - a table of ours
_SUBMITTED = msgspec.json.Decoder(list[FirstSubmission])


async def list_resubmitted(tenant: TenantTables, *, months: Sequence[str]) -> dict[str, datetime]:
    """When each of these months was submitted last, of those that were."""
    rows = await tenant.fetch(_LAST, list(months))
    return {row["month"]: datetime.fromisoformat(row["at"]) for row in rows}


async def list_submitted(tenant: TenantTables) -> list[FirstSubmission]:
    """Every month that was submitted, in no order."""
    query = together(SUBMISSIONS.table, "submitted")
    return _SUBMITTED.decode(await tenant.fetchval(query))
