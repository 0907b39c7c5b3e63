"""The newcomers of a partner with the facts that figures are counted from.

Rows are only chosen here; every figure is computed from them by domain/kpi.
"""

from collections.abc import AsyncIterable, Mapping
from datetime import date, timedelta
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.values import Month
from domain.kpi.scheme.versions import bounds_of
from domain.kpi.subjects import newcomer
from domain.kpi.subjects.newcomer import Newcomer
from projections.figures.held_orders import HELD_ORDERS, NEWCOMERS_VERSION
from projections.kernel.projection import Projection, TenantTables
from projections.kernel.rows import together


class NewcomerRow(msgspec.Struct, frozen=True, gc=False):
    """One trainee's facts, and beside them the columns that rows are chosen by.

    cohort_code: the batch of the enrolment. is_transferred: whether the facts tell of others.
    position: of the last event that changed the facts.
    """

    trainee_id: str
    cohort_code: str
    is_transferred: bool
    entered_on: date
    first_live_on: date | None
    last_live_on: date | None
    facts: Newcomer
    position: int


def evolve(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
    """The row after an event. Raises LookupError for a trainee who was never enrolled."""
    facts = newcomer.evolve(
        row.facts if row else None, recorded.event, recorded.position, recorded.recorded_at
    )
    if facts is None:
        return None
    if (
        row is not None
        and facts.lives is row.facts.lives
        and facts.transfers is row.facts.transfers
        and facts.entered_on == row.facts.entered_on
    ):
        # The columns by which rows are chosen are as they were, as with most events.
        return replace(row, facts=facts, position=recorded.position)
    days = [live.on for live in facts.lives]
    return NewcomerRow(
        trainee_id=facts.trainee_id,
        cohort_code=facts.cohort_code,
        is_transferred=bool(facts.transfers),
        entered_on=facts.entered_on,
        first_live_on=min(days, default=None),
        last_live_on=max(days, default=None),
        facts=facts,
        position=recorded.position,
    )


NEWCOMERS = Projection(
    name="newcomers",
    version=NEWCOMERS_VERSION,
    row=NewcomerRow,
    primary_key=("trainee_id",),
    events=newcomer.FOLD,
    evolve=evolve,
    indexes=(("cohort_code",), ("is_transferred",), ("last_live_on",), ("entered_on",)),
    past_every=20_000,
    parts=HELD_ORDERS,
)


_NOBODY: Mapping[str, str] = {}

DIGEST_BYTES = 16
"""Of a text of 600 to 1,000: no two of 2**64 texts are expected to have the same."""

TEXTS_AT_A_TIME = 1_000
"""How many texts one round trip brings: at most 1 MB is held, where all of a large partner's would
be 10 MB, and those take no more than 14 round trips."""


class KnownFacts:
    """The facts of everybody as they were read last, by a digest of the text that they are stored
    as, of managers who were joined into others with these.

    Of a text that is read again they are the very same, unless a manager was joined since: nothing
    need be made of them anew.
    """

    def __init__(self) -> None:
        self._by_digest: dict[bytes, Newcomer] = {}
        self._joined: Mapping[str, str] = {}

    def __len__(self) -> int:
        return len(self._by_digest)

    async def of(
        self,
        texts: AsyncIterable[tuple[bytes]],
        joined: Mapping[str, str] = _NOBODY,
        *,
        are_all: bool,
    ) -> list[Newcomer]:
        """The facts that are stored so. joined: people into whom others were joined, by the ids of
        these. are_all: whether there are no others."""
        known, found = self._by_digest, dict[bytes, Newcomer]()
        are_as_known = joined == self._joined
        async for (text,) in texts:
            digest = blake2b(text, digest_size=DIGEST_BYTES).digest()
            facts = known.get(digest)
            if facts is None or not are_as_known:
                following = _FACTS.decode(text).joined(joined)
                facts = facts if facts == following else following
            found[digest] = facts
        if are_all:
            self._by_digest, self._joined = found, joined
        return list(found.values())


_FACTS = msgspec.json.Decoder(Newcomer)
_LIST = msgspec.json.Decoder(list[Newcomer])
_TEXTS = (
    f"select convert_to(facts::text, 'UTF8') from {NEWCOMERS.table}"  # noqa: S608 - names of ours
    " where tenant_id = $1"
)
_COUNT = f"select count(*) from {NEWCOMERS.table} where tenant_id = $1"  # noqa: S608
_TOGETHER = together(NEWCOMERS.table, "facts")

_TRANSFERS = (
    "select moved ->> 'cohort_code' from json_array_elements("
    "case when is_transferred then facts -> 'transfers' else '[]' end) as moved"
)
_OF_COHORTS = (
    f" and (cohort_code = any($2::text[]) or is_transferred"
    f" and exists ({_TRANSFERS} where moved ->> 'cohort_code' = any($2::text[])))"
)
_WITHIN = (
    "tenant_id = $1"
    " and (last_live_on >= $2 and first_live_on <= $4 or entered_on between $3 and $4)"
)
_ACTIVE = (
    f"select cohort_code from {NEWCOMERS.table} where {_WITHIN}"  # noqa: S608 - names of ours
    f" union select moved.code from {NEWCOMERS.table},"
    f" lateral ({_TRANSFERS}) as moved (code) where is_transferred and {_WITHIN}"
)


_, _LONGEST_WINDOW = bounds_of("window_days")


async def list_newcomers(
    tenant: TenantTables,
    *,
    cohort: str | None = None,
    month: Month | None = None,
    known: KnownFacts | None = None,
    joined: Mapping[str, str] = _NOBODY,
) -> list[Newcomer]:
    """The facts of everybody who may belong to a group, in no order; cohort: its code. known: those
    that need not be decoded; after everybody was asked for, everybody. joined: people into whom
    others were joined, by the ids of these.

    Whoever was transferred is found in every batch that there was. Always whole batches, and with a
    month too many rather than too few, since which month a newcomer belongs to is for the scheme
    and the batch to say: `domain.kpi.subjects.newcomers` chooses.
    """
    codes = await _codes(tenant, cohort, month)
    condition, params = ("", []) if codes is None else (_OF_COHORTS, [codes])
    texts = tenant.cursor(_TEXTS + condition, *params, prefetch=TEXTS_AT_A_TIME)
    known = KnownFacts() if known is None else known
    return await known.of(texts, joined, are_all=codes is None)


async def count_newcomers(
    tenant: TenantTables, *, cohort: str | None = None, month: Month | None = None
) -> int:
    """How many `list_newcomers` lists."""
    codes = await _codes(tenant, cohort, month)
    condition, params = ("", []) if codes is None else (_OF_COHORTS, [codes])
    count: int = await tenant.fetchval(_COUNT + condition, *params)
    return count


async def _codes(tenant: TenantTables, cohort: str | None, month: Month | None) -> list[str] | None:
    """The batches that may belong to a group; None: all."""
    codes = None if cohort is None else [cohort]
    if month is not None:
        earliest = month.first_day - timedelta(days=_LONGEST_WINDOW)
        days = (earliest, month.first_day, month.last_day)
        active = [row[0] for row in await tenant.fetch(_ACTIVE, *days)]
        codes = active if codes is None else [code for code in codes if code in active]
    return codes


async def list_newcomers_by_id(tenant: TenantTables, *, trainee_ids: list[str]) -> list[Newcomer]:
    """The facts of these trainees, in no order; unknown ids are left out."""
    text = await tenant.fetchval(f"{_TOGETHER} and trainee_id = any($2::text[])", trainee_ids)
    return _LIST.decode(text)
