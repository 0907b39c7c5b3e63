"""The batches of a partner: one row each, as its opening said, and who answers for it.

Who is in a batch and how many are live or left is the roster's answer (cohort_roster.py).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Correction, Recorded, Withdrawal
from domain.kernel.facts import in_force
from domain.kernel.values import number_key
from domain.kpi.subjects.teaching import Handover
from domain.teaching.cohort import Cohort
from projections.kernel.filters import CODE, InMonth, Searched
from projections.kernel.group_count import GroupState
from projections.kernel.listing import Listing
from projections.kernel.names import NamesById, PeopleNames
from projections.kernel.pinyin import search_words
from projections.kernel.projection import Projection, TenantTables
from projections.kernel.rows import row_codec, selected
from projections.kernel.whose import Whose
from projections.people.named import NamedPerson
from projections.people.people import PERSON_LIST
from projections.trainees.cohort_roster import STATUSES_BY_COHORT


class AnswersFrom(msgspec.Struct, frozen=True):
    """Who has answered for a batch from a day on, or that nobody has. fact: that says so."""

    on: date
    training_manager_id: str | None
    position: int
    fact: int


class CohortRow(msgspec.Struct, frozen=True):
    """One batch. code_key: the code as it is compared, whatever the spelling.

    search: all that finds it. answering: who has answered for it, from its opening on, in the order
    of recording; training_manager_id: the one whose turn it is now.
    """

    cohort_id: str
    code: str
    code_key: str
    name: str
    search: str
    opened_on: date
    trial_required: bool
    training_manager_id: str | None
    answering: tuple[AnswersFrom, ...]
    position: int


class LedCohort(CohortRow, frozen=True):
    """The same with the names of the training managers."""

    training_manager: str | None = None
    handovers: tuple[Handover, ...] = ()


class TrainingManagerNames(PeopleNames, frozen=True, kw_only=True):
    """The names of all who have answered for batches."""

    def wanted(self, rows: Iterable[CohortRow]) -> list[str]:
        found = {one.training_manager_id for row in rows for one in row.answering}
        return sorted(one for one in found if one)

    def names(self, row: CohortRow, called: NamesById) -> dict[str, Any]:
        return super().names(row, called) | {"handovers": _handovers(row, called.get)}


def _handovers(row: CohortRow, told: Callable[[str | None], str | None]) -> tuple[Handover, ...]:
    """told: a training manager, of the id."""
    its = [
        Handover(one.on, told(one.training_manager_id), one.position, one.fact)
        for one in row.answering
    ]
    return tuple(its)


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
            training_manager_id=event.training_manager_id,
            answering=_handed_over((), recorded),
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
    return _answered(row, _handed_over(row.answering, recorded), date.max)


def _answered(row: CohortRow, answering: tuple[AnswersFrom, ...], day: date) -> CohortRow:
    """The row with these, and with the one whose turn it is on the evening of a day."""
    last = in_force(answering, day)
    of = last.training_manager_id if last else None
    return replace(row, answering=answering, training_manager_id=of)


def _handed_over(were: tuple[AnswersFrom, ...], recorded: Recorded) -> tuple[AnswersFrom, ...]:
    """Who has answered for a batch, after an event; the opening's own is one of them."""
    event: Any = recorded.event
    fact = event.fact_id
    if isinstance(event, Withdrawal):
        return tuple(one for one in were if one.fact != fact)
    said = {"on": event.day, "training_manager_id": event.training_manager_id}
    if isinstance(event, Correction):
        return tuple(replace(one, **said) if one.fact == fact else one for one in were)
    return (*were, AnswersFrom(**said, position=recorded.position, fact=fact))


def answering_by(row: CohortRow, day: date) -> CohortRow:
    """The row with the training manager of the evening of a day; none before it opened."""
    return _answered(row, tuple(one for one in row.answering if one.on <= day), day)


def as_of(row: CohortRow, day: date) -> CohortRow | None:
    """The row as of the evening of a day; None before the batch opened."""
    return None if row.opened_on > day else answering_by(row, day)


def to_come(row: CohortRow, day: date) -> CohortRow:
    """The row on the day on which one looks, with who will answer for a batch that has yet to
    open."""
    return as_of(row, day) or row


COHORTS = Projection(
    name="cohorts",
    version=6,
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
        "training_manager": NamedPerson(
            column="training_manager_id",
            said_in="training_manager",
            description="The training manager (班主任): a number, a name that is one person's, or"
            " a key.",
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
    names=(
        TrainingManagerNames(
            of=PERSON_LIST, row=LedCohort, ids={"training_manager": "training_manager_id"}
        ),
    ),
    columns=("code", "name", "opened_on", "trial_required", "training_manager"),
    whose=Whose(owners={"cohorts": "cohort_id", "plans": "cohort_id"}),
)
"""The latest opened first."""

_ROWS = row_codec(CohortRow).rows_of


async def list_handovers(
    tenant: TenantTables, joined: Mapping[str, str]
) -> dict[str, tuple[Handover, ...]]:
    """The training managers of each batch by their ids, by its code. joined: people into whom
    others were joined, by the ids of these."""
    rows = await tenant.fetch(
        f"select {selected(CohortRow)} from {COHORTS.table} where tenant_id = $1"  # noqa: S608
    )
    return handovers_of(_ROWS(rows), joined)


def handovers_of(
    rows: Iterable[CohortRow], joined: Mapping[str, str]
) -> dict[str, tuple[Handover, ...]]:
    """The same of rows in memory."""
    return {row.code: _handovers(row, lambda one: joined.get(one or "", one)) for row in rows}
