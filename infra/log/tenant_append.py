"""Appends of one tenant, decided one by one and committed in one transaction.

The tenant's head is locked first, so that nobody else appends. What would break a unique key is
then decided in memory, so that a refused append leaves no trace and disturbs no other. The only
way on Citus, where a transaction writes one tenant.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

from domain.kernel.errors import ConflictError, Refusal
from domain.kernel.whose import person_of
from infra.database.db import TenantConnection
from infra.log import lookups
from infra.log.append_rows import AppendRows, Row, RowBuilder, says_sealed
from infra.log.batcher import Answered
from infra.log.lookups import CommandPlace
from infra.log.sealing import KeyRing, PersonSeal
from services.kernel.ports import Append, ClaimPlace, ClaimTakenError, Idempotency, Receipt

_HEAD = """
    select position, recorded_at, clock_timestamp() as now from heads
    where tenant_id = $1 for update
"""
_ADVANCE = "update heads set position = $2, recorded_at = $3 where tenant_id = $1"
_EVENT = """
    insert into events (tenant_id, position, recorded_at, stream_id, version, topic, class_version,
        payload, actor, source, correlation_id, causation_id, is_last)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, nullif($12, '')::uuid, $13)
"""
_CLAIM = "insert into claims (tenant_id, kind, key, owner) values ($1, $2, $3, $4)"
_HAND_OVER = "update claims set owner = $4 where tenant_id = $1 and kind = $2 and key = $3"
_RELEASE = "delete from claims where tenant_id = $1 and kind = $2 and key = $3 and owner = $4"
_COMMAND = """
    insert into commands (tenant_id, position, recorded_at, idempotency_key, fingerprint, result)
    values ($1, $2, $3, $4, $5, $6)
"""
_KEY = """
    insert into person_keys (tenant_id, person_id, wrapped, key_id) values ($1, $2, $3, $4)
"""
_EFFECT = """
    insert into outbox (tenant_id, created_at, id, kind, payload) values ($1, $2, $3, $4, $5)
"""


class TenantAppend:
    """One transaction, from the locked head to the written rows; the caller commits it.

    seals: of the people whom the appends are about, after the commit.
    """

    def __init__(self, tenant: TenantConnection, builder: RowBuilder, keys: KeyRing) -> None:
        self._tenant, self._builder, self._keys = tenant, builder, keys
        self._position = 0
        self._now = datetime.min
        self._versions: dict[str, int] = {}
        self._owners: dict[ClaimPlace, str] = {}
        self._commands: dict[CommandPlace, lookups.CommandAnswer] = {}
        self.seals: dict[str, PersonSeal] = {}
        self._writes: dict[str, list[Row]] = {
            statement: [] for statement in (_EVENT, _KEY, _COMMAND, _EFFECT)
        }
        self._claims: list[tuple[str, Row]] = []

    async def write(self, appends: Sequence[Append], *, again: bool = False) -> Answered[Receipt]:
        """One receipt or error per append.

        again: an earlier attempt may have been committed although its answer never came. An append
        knows its own events by their correlation id, so that none is written twice.
        """
        head = await self._tenant.fetchrow(_HEAD)
        if head is None:
            return [Refusal("partner_unknown")] * len(appends)
        before = self._position = head["position"]
        # A head that nothing was appended to says -infinity, which comes without a zone.
        self._now = max(head["recorded_at"].replace(tzinfo=UTC), head["now"])
        settled = await self._settled(appends) if again else {}
        await self._look_up([one for i, one in enumerate(appends) if i not in settled])
        answers = [settled.get(i) or self._answer(append) for i, append in enumerate(appends)]
        for statement, rows in self._writes.items():
            if rows:
                await self._tenant.executemany(statement, rows)
        # In the order of the appends, as one may release what another claims.
        for statement, claims in groupby(self._claims, itemgetter(0)):
            await self._tenant.executemany(statement, [row for _, row in claims])
        if self._position > before:
            await self._tenant.execute(_ADVANCE, self._position, self._now)
        return answers

    async def _settled(self, appends: Sequence[Append]) -> dict[int, Receipt]:
        first = {
            (append.events[0].originator_id, append.events[0].originator_version): i
            for i, append in enumerate(appends)
            if append.events and append.envelope.correlation_id
        }
        settled = {}
        found = await lookups.written(self._tenant, first)
        for event, (position, correlation_id) in found.items():
            append = appends[first[event]] if event in first else None
            if append is not None and correlation_id == append.envelope.correlation_id:
                last = position + len(append.events) - 1
                settled[first[event]] = Receipt(last, append.result)
        return settled

    async def _look_up(self, appends: Sequence[Append]) -> None:
        tenant = self._tenant
        streams = {event.originator_id for one in appends for event in one.events}
        streams |= {stream for one in appends for stream in one.expected}
        self._versions = await lookups.versions(tenant, streams)
        claims = {
            (c.kind, c.key)
            for one in appends
            for c in (*one.claims, *one.handed_over, *one.released)
        }
        self._owners = await lookups.owners(tenant, claims)
        asked = {(one.idempotency.key,) for one in appends if one.idempotency}
        self._commands = await lookups.commands(tenant, asked)
        people = {
            person_of(event.originator_id)
            for one in appends
            for event in one.events
            if says_sealed(event)
        }
        self.seals = await lookups.seals(tenant, people, self._keys)

    def _answer(self, append: Append) -> Receipt | BaseException:
        try:
            asked = append.idempotency
            if asked and (done := self._commands.get((asked.key,))):
                return repeated(asked, *done)
            self._check_versions(append)
            self._check_claims(append)
            return self._accept(append, self._builder.build(append, self.seals.get, knows_all=True))
        except (Refusal, ConflictError) as error:
            return error

    def _check_versions(self, append: Append) -> None:
        if append.at not in (None, self._position):
            raise ConflictError
        next_versions: dict[str, int] = {}
        for event in append.events:
            stream = event.originator_id
            known = next_versions.get(stream, self._versions.get(stream, 0))
            if event.originator_version != known + 1:
                raise ConflictError(stream)
            next_versions[stream] = known + 1
        for stream, version in append.expected.items():
            if self._versions.get(stream, 0) != version:
                raise ConflictError(stream)

    def _check_claims(self, append: Append) -> None:
        for claim in append.claims:
            owner = self._owners.get((claim.kind, claim.key), claim.owner)
            if owner != claim.owner:
                raise ClaimTakenError(claim, owner)
        known = {*self._owners, *((claim.kind, claim.key) for claim in append.claims)}
        for claim in append.handed_over:
            if (claim.kind, claim.key) not in known:
                raise ConflictError(claim.about)
        handed = {(claim.kind, claim.key): claim.owner for claim in append.handed_over}
        owners = self._owners | handed if append.released else {}
        for claim in append.released:
            if owners.get((claim.kind, claim.key)) != claim.owner:
                raise ConflictError(claim.about)

    def _accept(self, append: Append, rows: AppendRows) -> Receipt:
        now, writes = self._now, self._writes
        for row in rows.events:
            self._position += 1
            writes[_EVENT].append((self._position, now, *row))
        for event in append.events:
            self._versions[event.originator_id] = event.originator_version
        for kind, key, owner in rows.claims:
            if (kind, key) not in self._owners:
                self._owners[kind, key] = owner
                self._claims.append((_CLAIM, (kind, key, owner)))
        for kind, key, owner in rows.handed_over:
            self._owners[kind, key] = owner
            self._claims.append((_HAND_OVER, (kind, key, owner)))
        for kind, key, owner in rows.released:
            del self._owners[kind, key]
            self._claims.append((_RELEASE, (kind, key, owner)))
        self.seals |= rows.seals
        writes[_KEY] += rows.people
        writes[_EFFECT] += [(now, *row) for row in rows.effects]
        writes[_COMMAND] += [(self._position, now, *row) for row in rows.commands]
        if append.idempotency:
            repeat = Receipt(self._position, append.result, repeated=True)
            self._commands[(append.idempotency.key,)] = (append.idempotency.fingerprint, repeat)
        return Receipt(self._position, append.result)


def repeated(asked: Idempotency, fingerprint: bytes, receipt: Receipt) -> Receipt:
    """The earlier answer. Raises Refusal `idempotency_key_reused` for another payload."""
    if asked.fingerprint != fingerprint:
        raise Refusal("idempotency_key_reused", field="idempotency_key")
    return receipt
