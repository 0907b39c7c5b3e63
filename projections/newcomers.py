"""The newcomers of a partner with the facts that figures are counted from.

Rows are only chosen here; every figure is computed from them by domain/kpi.
"""

from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from domain.aggregate import Recorded
from domain.kpi import newcomer
from domain.kpi.newcomer import Newcomer
from domain.kpi.scheme import LONGEST_WINDOW_DAYS
from domain.trainee import Trainee
from domain.values import Month
from projections.projection import Connection, Key, Projection


class NewcomerRow(msgspec.Struct, frozen=True):
    """One trainee's facts, and beside them the columns that rows are chosen by."""

    trainee_id: str
    cohort_code: str
    manager: str | None
    entered_on: date
    first_live_on: date | None
    last_live_on: date | None
    facts: Newcomer


def key(recorded: Recorded) -> Key | None:
    trainee_id = newcomer.key(recorded.event)
    return None if trainee_id is None else (trainee_id,)


def evolve(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
    """Raises LookupError for a fact about a trainee who was never enrolled."""
    facts = newcomer.evolve(row.facts if row else None, recorded.event, recorded.position)
    if facts is None:
        return None
    kind = type(recorded.event)
    if row is not None and kind is not Trainee.WentLive and kind is not Trainee.Enrolled:
        return replace(row, facts=facts)
    days = [live.on for live in facts.lives]
    return NewcomerRow(
        trainee_id=facts.trainee_id,
        cohort_code=facts.cohort_code,
        manager=facts.manager,
        entered_on=facts.entered_on,
        first_live_on=min(days, default=None),
        last_live_on=max(days, default=None),
        facts=facts,
    )


NEWCOMERS = Projection(
    name="newcomers",
    version=1,
    row=NewcomerRow,
    primary_key=("trainee_id",),
    topics=frozenset(
        kind.TOPIC
        for kind in (
            Trainee.Enrolled,
            Trainee.TrialPassed,
            Trainee.TrialFailed,
            Trainee.WrittenExamRecorded,
            Trainee.DrillRecorded,
            Trainee.WentLive,
            Trainee.OrderClosed,
            Trainee.OrderVoided,
            Trainee.Left,
        )
    ),
    key=key,
    evolve=evolve,
    indexes=(("cohort_code",), ("last_live_on",), ("entered_on",)),
)

_FACTS = msgspec.json.Decoder(list[Newcomer])
_TOGETHER = (
    "select '[' || coalesce(string_agg(facts::text, ','), '') || ']'"  # noqa: S608 - names of ours
    f" from {NEWCOMERS.table}"
)

_WHOLE_BATCHES = (
    f"{_TOGETHER} where ($1::text is null or cohort_code = $1) and cohort_code in"  # noqa: S608
    f" (select cohort_code from {NEWCOMERS.table} where last_live_on >= $2 and first_live_on <= $4"
    f"  union select cohort_code from {NEWCOMERS.table} where entered_on between $3 and $4)"
)


async def list_newcomers(
    connection: Connection,
    *,
    cohort: str | None = None,
    month: Month | None = None,
) -> list[Newcomer]:
    """The facts of everybody who may belong to a group, in no order; cohort: its code.

    Always whole batches, and with a month too many rather than too few, since which month a
    newcomer belongs to is for the scheme and the batch to say: `domain.kpi.groups` chooses.
    """
    if month is None:
        text = await connection.fetchval(
            f"{_TOGETHER} where $1::text is null or cohort_code = $1", cohort
        )
    else:
        text = await connection.fetchval(
            _WHOLE_BATCHES,
            cohort,
            month.first_day - timedelta(days=LONGEST_WINDOW_DAYS),
            month.first_day,
            month.last_day,
        )
    return _FACTS.decode(text)


async def get_newcomer(connection: Connection, *, trainee_id: str) -> Newcomer | None:
    """The facts of one trainee."""
    text = await connection.fetchval(
        f"select facts::text from {NEWCOMERS.table} where trainee_id = $1",  # noqa: S608
        trainee_id,
    )
    return None if text is None else msgspec.json.decode(text, type=Newcomer)


async def list_newcomers_by_id(connection: Connection, *, trainee_ids: list[str]) -> list[Newcomer]:
    """The facts of these trainees, in no order; unknown ids are left out."""
    text = await connection.fetchval(f"{_TOGETHER} where trainee_id = any($1::text[])", trainee_ids)
    return _FACTS.decode(text)
