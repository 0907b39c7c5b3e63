"""Comparing a partner's log with its seals: what was altered, deleted or inserted since, and where.

Everything is read in order and let go: the seals in the database and in the file side by side, the
events block by block, and the answers that are kept. A seal that is not as it was signed says
nothing; what it was of is looked up where the other one stands.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import msgspec

from infra.database.db import Database, TenantConnection, TransactionMode
from infra.log.feed import position_at
from infra.log.log_seals import (
    ANSWER_COLUMNS,
    EVENT_COLUMNS,
    HASH,
    NAMES_FORMER,
    AnswerHash,
    KeyHeld,
    Seal,
    hash_of,
    keys_held,
    partner_hash,
    read_seal,
    row_hash,
    separated,
)
from infra.log.seal_file import tenants_with_file, whole_lines

PREFETCH = 500
_SEALS = """
    select number, key, after, until, line, event_hashes, answer_hashes from seals
    where tenant_id = $1 order by number
"""
_CHANGES = f"select line from seals where tenant_id = $1 and line like '%{NAMES_FORMER}%'"  # noqa: S608
_EVENTS = f"select {EVENT_COLUMNS} from events where tenant_id = $1 order by position"  # noqa: S608
_ANSWERS = f"""
    select {ANSWER_COLUMNS} from commands where tenant_id = $1 order by position
"""  # noqa: S608 - our own text

Kind = Literal["missing", "altered", "surplus"]
Thing = Literal["event", "head", "answer", "partner", "seal", "line"]


class LogDifference(msgspec.Struct, frozen=True):
    """What is not as it was sealed, from one position to another."""

    kind: Kind
    thing: Thing
    first: int
    last: int


class LogVerified(msgspec.Struct, frozen=True):
    """The comparison of one partner's log. head, sealed: its last position, and the last that is
    sealed. changes: the seals by which another key began. other: the key of the newest seal, where
    none is of the one at hand."""

    tenant_id: UUID
    head: int = 0
    sealed: int = 0
    findings: tuple[LogDifference, ...] = ()
    changes: tuple[Seal, ...] = ()
    other: str = ""


class LogVerifier:
    """Compares logs with their seals; reads only."""

    def __init__(self, db: Database, data: Path, key: Callable[[], str]) -> None:
        """key: answers the public half of the seal key at hand."""
        self._db, self._data, self._key_at_hand = db, data, key

    async def verify(self, tenant_id: UUID) -> LogVerified:
        """Compares one partner's log, again where the seal key was changed meanwhile."""
        key = await self.key()
        while True:
            verified = await self._verify(tenant_id, key)
            if not (verified.findings or verified.other):
                return verified
            before, key = key, await self.key()
            if key == before:
                return verified

    async def key(self) -> str:
        """The public half of the seal key at hand."""
        return await asyncio.to_thread(self._key_at_hand)

    async def _verify(self, tenant_id: UUID, key: str) -> LogVerified:
        # Before the database: what stands in the file by now is committed there.
        changes = [line for line in whole_lines(self._data, tenant_id) if NAMES_FORMER in line]
        lines = whole_lines(self._data, tenant_id)
        async with self._db.tenants([tenant_id], TransactionMode.SNAPSHOT) as connection:
            check = _Check(TenantConnection(connection, tenant_id), key)
            return await check.run(lines, changes)

    def missing_partners(self, known: set[UUID]) -> list[LogVerified]:
        """Partners whose seals the folder has, and the database no row of. known: all that it
        has."""
        gone = LogDifference("missing", "partner", 0, 0)
        tenants = tenants_with_file(self._data)
        return [LogVerified(one, findings=(gone,)) for one in tenants if one not in known]


class _Sealed(msgspec.Struct, frozen=True):
    """A seal as it was signed; the hashes only where the row that keeps them is what it says."""

    seal: Seal
    line: str
    event_hashes: bytes | None = None
    answer_hashes: bytes = b""


class _Check:
    """One comparison. at: up to which position the log is compared. head: its last one. held: the
    keys that hold, the newest first. unheld: the key of the last line by one that does not."""

    def __init__(self, tenant: TenantConnection, key: str) -> None:
        self._tenant, self._key = tenant, key
        self._at, self._head, self._line, self._kept_from = 0, 0, "", 0
        self._events = tenant.cursor(_EVENTS, prefetch=PREFETCH).__aiter__()
        self._event: Any = None
        self._held, self._is_any_held, self._unheld = list[KeyHeld](), False, ""
        self._answers = deque[AnswerHash]()
        self._unknown: list[tuple[int, int]] = []
        self._altered = Counter[Thing]()
        self._found: dict[tuple[Kind, Thing], list[LogDifference]] = defaultdict(list)

    async def run(self, lines: Iterable[str], changes: list[str]) -> LogVerified:
        await self._find_keys(changes)
        head = self._head = await position_at(self._tenant, None)
        partner = await partner_hash(self._tenant)
        await self._advance()
        async for sealed in self._chain(lines):
            seal = sealed.seal
            if seal.after < self._at:
                self._note("surplus", "seal", seal.begin, seal.until)
                continue
            await self._link(sealed)
            await self._block(sealed)
            self._keep_answers(sealed)
            if seal.partner != partner:
                self._note("altered", "partner", seal.begin, seal.until)
            self._at, self._line = seal.until, sealed.line
        if head < self._at:
            self._note("altered", "head", head, head)
        await self._tail(head)
        await self._compare_answers()
        found = (one for several in self._found.values() for one in several)
        findings = tuple(sorted(found, key=lambda one: (one.first, one.thing)))
        began = tuple(one.since for one in reversed(self._held) if one.since)
        other = "" if self._is_any_held else self._unheld
        return LogVerified(self._tenant.tenant_id, head, self._at, findings, began, other)

    async def _find_keys(self, lines: list[str]) -> None:
        """Which keys hold where. lines: of the file, by which another began."""
        kept = {row["line"] for row in await self._tenant.fetch(_CHANGES)}
        seals = (read_seal(line, self._tenant.tenant_id) for line in kept.union(lines))
        self._held = keys_held(self._key, (seal for seal in seals if seal))

    def _read(self, line: str) -> Seal | None:
        """The seal that a line is, where it is of the key that holds there."""
        seal = read_seal(line, self._tenant.tenant_id)
        if seal is None:
            return None
        if seal.key != next((one.key for one in self._held if one.number <= seal.number), ""):
            self._unheld = seal.key
            return None
        self._is_any_held = True
        return seal

    def _note(self, kind: Kind, thing: Thing, first: int, last: int) -> None:
        """Notes a difference, as one with that of the positions before."""
        known = self._found[kind, thing]
        if known and known[-1].last + 1 == first:
            first = known.pop().first
        known.append(LogDifference(kind, thing, first, last))

    async def _chain(self, lines: Iterable[str]) -> AsyncIterator[_Sealed]:
        """The seals of the database and of the file, each once, in order."""
        rows, filed = self._rows(), self._filed(lines)
        row, line = await anext(rows, None), next(filed, None)
        while row or line:
            if row and line and row.seal.number == line.seal.number:
                if row.line != line.line:
                    self._note("altered", "line", row.seal.begin, row.seal.until)
                yield row
                row, line = await anext(rows, None), next(filed, None)
            elif row and (line is None or row.seal.number < line.seal.number):
                # The newest are not in the file yet.
                if line is not None:
                    self._note_missing("line", row.seal)
                yield row
                row = await anext(rows, None)
            elif line:
                self._note_missing("seal", line.seal)
                yield line
                line = next(filed, None)

    async def _rows(self) -> AsyncIterator[_Sealed]:
        """The seals of the database that are as they were signed."""
        async for row in self._tenant.cursor(_SEALS, prefetch=PREFETCH):
            number, key, after, until, line, event_hashes, answer_hashes = row
            seal = self._read(line)
            is_sound = (
                seal is not None
                and (seal.number, seal.key, seal.after, seal.until) == (number, key, after, until)
                and seal.events == hash_of(event_hashes)
                and seal.answers == hash_of(answer_hashes)
                and len(event_hashes) == HASH * (until - after)
            )
            if seal is not None and is_sound:
                yield _Sealed(seal, line, event_hashes, answer_hashes)
            else:
                self._altered["seal"] += 1
                self._note("altered", "seal", min(after + 1, until), until)

    def _filed(self, lines: Iterable[str]) -> Iterator[_Sealed]:
        """The seals of the file that are as they were signed."""
        at = 0
        for line in lines:
            seal = self._read(line)
            if seal is not None:
                at = seal.until
                yield _Sealed(seal, line)
            else:
                self._altered["line"] += 1
                self._note("altered", "line", at + 1, at + 1)

    def _note_missing(self, thing: Thing, seal: Seal) -> None:
        """Notes a seal that is not there, unless it is one that was found to be altered."""
        if self._altered[thing]:
            self._altered[thing] -= 1
        else:
            self._note("missing", thing, seal.begin, seal.until)

    async def _link(self, sealed: _Sealed) -> None:
        """A seal follows the one before, or nobody vouches for what lies between."""
        seal = sealed.seal
        if seal.after > self._at:
            if self._altered["seal"] and self._altered["line"]:
                self._altered.subtract(("seal", "line"))
            else:
                self._note("missing", "seal", self._at + 1, seal.after)
            async for _ in self._until(seal.after):
                pass
            self._unknown.append((self._at, seal.after))
        elif seal.previous != (hash_of(self._line) if self._line else ""):
            self._note("altered", "seal", seal.begin, seal.until)

    async def _block(self, sealed: _Sealed) -> None:
        seal, known = sealed.seal, sealed.event_hashes
        due, is_whole, hashes = seal.after + 1, True, list[bytes]()
        async for event in self._until(seal.until):
            position = event["position"]
            if position < due:
                self._note("surplus", "event", position, position)
                continue
            if position > due:
                self._note("missing", "event", due, position - 1)
                is_whole = False
            found, begin = row_hash(event), (position - seal.after - 1) * HASH
            if known is None:
                hashes.append(found)
            elif found != known[begin : begin + HASH]:
                self._note("altered", "event", position, position)
            due = position + 1
        if due <= seal.until:
            self._note("missing", "event", due, seal.until)
        elif known is None and is_whole and hash_of(b"".join(hashes)) != seal.events:
            self._note("altered", "event", seal.after + 1, seal.until)

    async def _tail(self, head: int) -> None:
        """What is not sealed yet has no gap, and ends at the head."""
        due = self._at + 1
        async for event in self._until(None):
            position = event["position"]
            if position > head:
                self._note("surplus", "event", position, position)
            elif position > due:
                self._note("missing", "event", due, position - 1)
            due = position + 1
        if due <= head:
            self._note("missing", "event", due, head)

    async def _until(self, position: int | None) -> AsyncIterator[Any]:
        """The events up to a position that were not looked at yet; None: all."""
        while self._event and (position is None or self._event["position"] <= position):
            yield self._event
            await self._advance()

    async def _advance(self) -> None:
        self._event = await anext(self._events, None)

    def _keep_answers(self, sealed: _Sealed) -> None:
        seal, answers = sealed.seal, self._answers
        if sealed.event_hashes is None:
            self._unknown.append((seal.after, seal.until))
        answers.extend(separated(sealed.answer_hashes))
        self._kept_from = seal.kept_from
        while answers and answers[0].position < self._kept_from:
            answers.popleft()

    async def _compare_answers(self) -> None:
        missing, surplus = set(self._answers), set[int]()
        async for row in self._tenant.cursor(_ANSWERS, prefetch=PREFETCH):
            one = AnswerHash(row["position"], row_hash(row))
            if one in missing:
                missing.remove(one)
            elif one.position < self._kept_from or not self._is_unknown(one.position):
                surplus.add(one.position)
        lacking = {one.position for one in missing}
        for position in sorted(lacking | surplus):
            if position in surplus:
                kind: Kind = "altered" if position in lacking else "surplus"
            else:
                kind = "missing"
            self._note(kind, "answer", position, position)

    def _is_unknown(self, position: int) -> bool:
        """Whether an answer may be there that no seal tells of."""
        is_lost = any(first <= position <= last for first, last in self._unknown)
        return is_lost or self._at <= position <= self._head
