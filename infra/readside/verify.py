"""Comparing what is stored with the log, tenant by tenant: every live row of the read models, every
past one, the series, and the claims.

One transaction sees the checkpoint, the rows and the log as they were at one moment; the log is
folded up to the checkpoint, so that a projection that is behind is compared with what it should
show there. Nothing is written, and nobody else waits.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec.structs import replace

from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import evaluate_every_way
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi
from domain.people.partner import HEAD_OFFICE_ID
from infra.database.db import Database
from infra.database.retries import DATABASE_ERRORS
from infra.log.feed import Feed, Unreadable, position_at
from infra.log.log_check import Kind
from infra.log.tenant_log import TenantLog
from infra.readside.folding import LogFold, Stop
from infra.readside.series import HEAD_OFFICES, OWN
from infra.readside.stored_rows import StoredRows
from infra.readside.time_travel import TimeTravel
from projections.figures import hq_series, kpi_series
from projections.figures.hq_series import HqRow, hq_rows
from projections.figures.kpi_series import SeriesRow, rows_of
from projections.kernel.projection import Key, Projection, R, Selection
from projections.kernel.rows import RowCodec, row_codec, selected
from services.claims import CLAIMING, Claims
from services.kernel.ports import ClaimPlace
from services.reading.evidence import evidence_at

_CHECKPOINT = """
    select position, parked_error from checkpoints
    where tenant_id = $1 and projection = $2
"""
_FILLED = """
    select series, position, day from series_checkpoints
    where tenant_id = $1 and series = any($2::text[]) and position is not null
"""
_CLAIMS = "select kind, key, owner from claims where tenant_id = $1"
CLAIMS = "claims"
CLAIM_TOPICS = Selection([kind.TOPIC for kind in CLAIMING], personal=True, envelope=False)
STRETCH = 10_000
"""Positions of the log that are read at once for the claims."""


class RowDifference(msgspec.Struct, frozen=True):
    """A row that differs from the log's: its key and the names of columns, no values.

    as_of: of a past row, up to which position it holds; None for a live row. columns: those that
    differ in an altered row.
    """

    kind: Kind
    table: str
    key: Key
    as_of: int | None
    columns: tuple[str, ...] = ()


class Verified(msgspec.Struct, frozen=True):
    """The comparison of one projection of one tenant, or of its series, at its position.

    behind: events of the log that it has yet to see. parked: the class of the error that it waits
    with. skips: how many commands it passes over. rows: how many were compared, each with its
    parts. unfilled: how many series have yet to be filled, of which no row was. error: what kept
    the fold from reaching `stopped`; nothing was compared then.
    """

    tenant_id: UUID
    projection: str
    position: int
    behind: int
    parked: str | None = None
    skips: int = 0
    rows: int = 0
    unfilled: int = 0
    findings: tuple[RowDifference, ...] = ()
    error: str | None = None
    stopped: int | None = None

    @property
    def is_incomplete(self) -> bool:
        """Whether its rows lack something that was recorded, however they compare."""
        return self.parked is not None or self.skips > 0


class Verifier:
    """Compares read models with the log; reads only."""

    def __init__(self, db: Database, log: TenantLog, travel: TimeTravel) -> None:
        self._db = db
        self._feed = Feed(log)
        self._travel = travel

    async def verify(self, tenant_id: UUID, projection: Projection[R]) -> Verified:
        """Compares one projection of one tenant."""
        row, key = projection.row, projection.primary_key
        past: list[asyncpg.Record] = []
        async with self._db.snapshot(tenant_id) as tenant:
            checkpoint = await tenant.fetchrow(_CHECKPOINT, projection.checkpoint)
            position, parked = checkpoint or (0, None)
            behind = await position_at(tenant, None) - position
            fold = await LogFold.begin(tenant, self._feed, projection)
            skips = len(fold.skipped)
            verified = Verified(tenant_id, projection.name, position, behind, parked, skips)
            try:
                await fold.advance(tenant, position)
            except Exception as error:
                return _stopped(verified, fold.stop or Stop(position, error))
            live = await tenant.fetch(StoredRows.of(projection).select)
            if parts := projection.parts:
                held = await tenant.fetch(StoredRows.of(parts).select)
            if projection.past_every:
                past = await tenant.fetch(
                    f"select {selected(row)}, as_of from {projection.past_table}"  # noqa: S608
                    " where tenant_id = $1"
                )
        expected = {key: row for key, row in fold.rows.items() if row is not None}
        findings = (
            *compared(row, key, projection.table, live, expected),
            *compared(row, ("as_of", *key), projection.past_table, past, fold.past),
        )
        if parts:
            made = parts.by_key(expected.values())
            findings += (*compared(parts.row, parts.primary_key, parts.table, held, made),)
        return replace(verified, rows=len(expected) + len(fold.past), findings=findings)

    async def verify_claims(self, tenant_id: UUID) -> Verified:
        """Compares who holds which number or code."""
        claims = Claims()
        async with self._db.snapshot(tenant_id) as tenant:
            head = await position_at(tenant, None)
            verified = Verified(tenant_id, CLAIMS, head, 0)
            try:
                for after in range(0, head, STRETCH):
                    reach = {"after": after, "until": min(after + STRETCH, head)}
                    for entry in await self._feed.read(tenant, CLAIM_TOPICS, **reach):
                        if isinstance(entry, Unreadable):
                            return _stopped(
                                verified, Stop(entry.position, entry.error, entry.topic)
                            )
                        claims.take(entry.event)
            except Exception as error:
                return _stopped(verified, Stop(head, error))
            held = {(kind, key): owner for kind, key, owner in await tenant.fetch(_CLAIMS)}
        differing = sorted(
            place
            for place in held.keys() | claims.owners.keys()
            if held.get(place) != claims.owners.get(place)
        )
        findings = (_of_claim(place, held, claims.owners) for place in differing)
        return replace(verified, rows=len(claims.owners), findings=tuple(findings))

    async def verify_series(self, tenant_id: UUID) -> Verified:
        """Compares the series of the catalog, each of the evening and position that it shows, and
        what head office sees of them, with what follows from the log alone."""
        known = {kpi.series: kpi for kpi in CATALOG}
        filled: dict[tuple[int, date], list[Kpi]] = {}
        async with self._db.snapshot(tenant_id) as tenant:
            for row in await tenant.fetch(_FILLED, list(known)):
                filled.setdefault((row["position"], row["day"]), []).append(known[row["series"]])
            series = [kpi.series for kpis in filled.values() for kpi in kpis]
            own, seen = [
                await tenant.fetch(f"{rows.select} and series = any($2::text[])", series)
                for rows in (OWN, HEAD_OFFICES)
            ]
            zone = await tenant.zone()
            head = await position_at(tenant, None)
        position = min((at for at, _ in filled), default=head)
        table = kpi_series.TABLE
        verified = Verified(tenant_id, table, position if filled else 0, head - position)
        if head and tenant_id != HEAD_OFFICE_ID:  # Which has no figures of its own.
            verified = replace(verified, unfilled=len(known) - len(series))
        expected: dict[Key, SeriesRow] = {}
        try:
            for (at, day), kpis in filled.items():
                evidence = await evidence_at(self._travel, tenant_id, at, zone, from_log=True)
                expected |= rows_of(kpis, evaluate_every_way(kpis, Basis(evidence, day, today=day)))
        except Exception as error:
            return _stopped(verified, Stop(verified.position, error))
        visible = hq_rows(expected)
        findings = (
            *compared(SeriesRow, kpi_series.KEY, table, own, expected),
            *compared(HqRow, hq_series.KEY, hq_series.TABLE, seen, visible),
        )
        return replace(verified, rows=len(expected), findings=findings)


def _of_claim(
    place: ClaimPlace, held: Mapping[ClaimPlace, str], expected: Mapping[ClaimPlace, str]
) -> RowDifference:
    if place not in held:
        return RowDifference("missing", CLAIMS, place, None)
    if place not in expected:
        return RowDifference("surplus", CLAIMS, place, None)
    return RowDifference("altered", CLAIMS, place, None, ("owner",))


def _stopped(verified: Verified, stop: Stop) -> Verified:
    """With what stopped the fold; an error of the installation is raised."""
    if isinstance(stop.error, DATABASE_ERRORS):
        raise stop.error
    return replace(verified, error=stop.kind, stopped=stop.position)


def compared(
    row_type: type[msgspec.Struct],
    names: Sequence[str],
    table: str,
    found: Iterable[Mapping[str, Any]],
    expected: Mapping[Key, Any],
) -> Iterator[RowDifference]:
    """The rows that differ. names: of the key; that of a past row begins with as_of."""
    codec, missing = row_codec(row_type), dict(expected)

    def difference(kind: Kind, key: Key, columns: tuple[str, ...] = ()) -> RowDifference:
        if names[0] == "as_of":
            return RowDifference(kind, table, key[1:], key[0], columns)
        return RowDifference(kind, table, key, None, columns)

    for record in found:
        key = tuple(record[name] for name in names)
        row = missing.pop(key, None)
        if row is None:
            yield difference("surplus", key)
        elif columns := _differing(codec, record, row):
            yield difference("altered", key, columns)
    for key in missing:
        yield difference("missing", key)


def _differing(codec: RowCodec[Any], record: Mapping[str, Any], row: Any) -> tuple[str, ...]:
    values = zip(codec.columns, codec.values(row), strict=True)
    suspects = [column.name for column, value in values if record[column.name] != value]
    # What another program stored may be spelt otherwise and say the same.
    return tuple(name for name in suspects if not codec.says(name, record[name], row))
