"""The batches of a partner: one row each, as its opening said, and who answers for it.

Who is in a batch and how many are live or left is the roster's answer (cohort_roster.py).
"""

from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Correction, Recorded, Withdrawal
from domain.kernel.values import known_as, number_key
from domain.kpi.subjects.teaching import Handover, training_manager_on
from domain.teaching.cohort import Cohort
from projections.kernel.filters import CODE, InMonth, OfPerson, Searched
from projections.kernel.group_count import GroupState
from projections.kernel.listing import Listing
from projections.kernel.pinyin import search_words
from projections.kernel.projection import Projection, TenantTables
from projections.trainees.cohort_roster import STATUSES_BY_COHORT


class CohortRow(msgspec.Struct, frozen=True):
    """One batch. code_key: the code as it is compared, whatever the spelling.

    search: all that finds it. handovers: who has answered for it, from its opening on, in the order
    of recording; training_manager: the one whose turn it is now.
    """

    cohort_id: str
    code: str
    code_key: str
    name: str
    search: str
    opened_on: date
    trial_required: bool
    training_manager: str | None
    handovers: tuple[Handover, ...]
    position: int


def evolve(row: CohortRow | None, recorded: Recorded) -> CohortRow | None:
    """The row after an event; None of a batch that was opened by mistake. Raises LookupError for
    one that was never opened."""
    event: Any = recorded.event
    if isinstance(event, Cohort.Opened):
        return CohortRow(
            cohort_id=event.originator_id,
            code=event.code,
            code_key=number_key(event.code),
            name=event.name,
            search=search_words(event.name, event.code),
            opened_on=event.opened_on,
            trial_required=event.trial_required,
            training_manager=known_as(event.training_manager),
            handovers=_handed_over((), recorded),
            position=recorded.position,
        )
    if row is None:
        raise LookupError(f"{event.originator_id} was never opened")
    if isinstance(event, Cohort.OpeningWithdrawn):
        return None
    if isinstance(event, Cohort.OpeningCorrected):
        row = replace(
            row,
            name=event.name,
            search=search_words(event.name, row.code),
            opened_on=event.opened_on,
            trial_required=event.trial_required,
        )
    handovers = _handed_over(row.handovers, recorded)
    last = training_manager_on(handovers, date.max)
    return replace(row, handovers=handovers, training_manager=last)


def _handed_over(were: tuple[Handover, ...], recorded: Recorded) -> tuple[Handover, ...]:
    """Who has answered for a batch, after an event; the opening's own is one of them."""
    event: Any = recorded.event
    fact = event.fact_id
    if isinstance(event, Withdrawal):
        return tuple(one for one in were if one.fact != fact)
    said = {"on": event.day, "training_manager": known_as(event.training_manager)}
    if isinstance(event, Correction):
        return tuple(replace(one, **said) if one.fact == fact else one for one in were)
    return (*were, Handover(**said, position=recorded.position, fact=fact))


def answering_by(row: CohortRow, day: date) -> CohortRow:
    """The row with the training manager of the evening of a day; none before it opened."""
    handovers = tuple(handover for handover in row.handovers if handover.on <= day)
    return replace(row, handovers=handovers, training_manager=training_manager_on(handovers, day))


def as_of(row: CohortRow, day: date) -> CohortRow | None:
    """The row as of the evening of a day; None before the batch opened."""
    return None if row.opened_on > day else answering_by(row, day)


def to_come(row: CohortRow) -> CohortRow:
    """The row of a batch that has yet to open, with who will answer for it."""
    return row


COHORTS = Projection(
    name="cohorts",
    version=5,
    row=CohortRow,
    primary_key=("cohort_id",),
    events=Cohort.events(),
    evolve=evolve,
    indexes=(("code_key",), ("opened_on", "cohort_id")),
)

CohortStatus = Literal["open", "in_training", "finished"]

COHORT_STATUS = GroupState(
    column="cohort_id",
    description="OPEN: nobody has entered; IN_TRAINING: somebody is; FINISHED: nobody is any more.",
    kind=CohortStatus,
    tally=STATUSES_BY_COHORT,
    not_there_yet="to_come",
    states={
        "open": {None: False},
        "in_training": {"in_training": True},
        "finished": {None: True, "in_training": False},
    },
)
"""The status of a batch follows from that of its people (decisions/0016)."""

COHORT_LIST = Listing(
    name="cohorts",
    kind="Cohort",
    projection=COHORTS,
    permission="read_trainees",
    filters={
        "month": InMonth(column="opened_on", description="Of the opening, YYYY-MM."),
        "training_manager": OfPerson(
            column="training_manager", description="The name of the training manager (班主任)."
        ),
        "status": COHORT_STATUS,
        "search": Searched(description="Part of the name, its pinyin, its initials or the code."),
    },
    unique={"code": CODE},
    order=("opened_on", "cohort_id"),
    descending=True,
    as_of=as_of,
    to_come=to_come,
    named_as_of=answering_by,
    columns=("code", "name", "opened_on", "trial_required", "training_manager"),
)
"""The latest opened first."""

_HANDOVERS = msgspec.json.Decoder(tuple[Handover, ...])


async def list_handovers(tenant: TenantTables) -> dict[str, tuple[Handover, ...]]:
    """The training managers of each batch, by its code."""
    rows = await tenant.fetch(
        f"select code, handovers::text as handovers from {COHORTS.table}"  # noqa: S608 - ours
        " where tenant_id = $1"
    )
    return {row["code"]: _HANDOVERS.decode(row["handovers"]) for row in rows}
