"""A chain goes on with another key when it is told to, and nobody without the key at hand brings
another one in."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.log.log_check import LogVerified, LogVerifier
from infra.log.log_sealer import KeyChange, LogSealer
from infra.log.log_seals import Seal, SealKey, hash_of, read_seal
from infra.log.seal_file import path_of, whole_lines
from services.kernel.context import Principal
from tests.infra.log.seals.sealed import BLOCK, key_of, said

NEW, NEWER, STRANGE = SealKey(b"n" * 32), SealKey(b"m" * 32), SealKey(b"x" * 32)
CHANGED = 2 * BLOCK
"""The position behind which another key holds."""


def sealing(app: App, key: SealKey) -> LogSealer:
    return LogSealer(app.db, app.settings.data, lambda: key, BLOCK)


async def verified(app: App, principal: Principal, key: SealKey) -> LogVerified:
    verifier = LogVerifier(app.db, app.settings.data, lambda: key.public)
    return await verifier.verify(principal.tenant)


def findings(one: LogVerified) -> list[tuple[str, str, int, int]]:
    return [said(finding) for finding in one.findings]


class Chain:
    """A partner's lines, in the file and the database, for somebody who may write both."""

    def __init__(self, app: App, principal: Principal, forger: asyncpg.Connection) -> None:
        self.tenant, self.forger = principal.tenant, forger
        self.path: Path = path_of(app.settings.data, principal.tenant)
        self.lines = list(whole_lines(app.settings.data, principal.tenant))

    def seal(self, number: int) -> Seal:
        seal = read_seal(self.lines[number - 1], self.tenant)
        assert seal
        return seal

    @property
    def until(self) -> int:
        """The last position that is sealed."""
        return self.seal(len(self.lines)).until

    def sign(self, key: SealKey, number: int, **other: object) -> None:
        """Puts a line in the place of one, or at the end, that follows the one before it."""
        before = self.lines[number - 2] if number > 1 else ""
        model = self.seal(min(number, len(self.lines)))
        changes = {"number": number, "key": key.public, "previous": hash_of(before), **other}
        if not before:
            changes["previous"] = ""
        line = key.sign(msgspec.structs.replace(model, **changes))
        self.lines[number - 1 : number] = [line]

    async def write(self) -> None:
        self.path.write_text("".join(f"{line}\n" for line in self.lines))
        await self.forger.execute(
            "delete from seals where tenant_id = $1 and number > $2", self.tenant, len(self.lines)
        )
        for number, line in enumerate(self.lines, 1):
            seal = msgspec.json.decode(line, type=Seal)
            await self.forger.execute(
                "insert into seals (tenant_id, after, until, line, event_hashes, answer_hashes,"
                " number, key) values ($1, $2, $3, $4, '', '', $5, $6)"
                " on conflict (tenant_id, number) do update set line = $4, key = $6,"
                " after = $2, until = $3",
                *(self.tenant, seal.after, seal.until, line, number, seal.key),
            )


@pytest.fixture
async def changed(app: App, sealed: Principal, forger: asyncpg.Connection) -> AsyncIterator[Chain]:
    """Two blocks of the installation's key, the line by which another begins, and all the rest
    of that."""
    sealer = sealing(app, NEW)
    assert await sealer.change_key(sealed.tenant, KeyChange((key_of(app),)))
    while await sealer.seal(sealed.tenant):
        pass
    yield Chain(app, sealed, forger)
    # Doctor looks at all partners.
    await forger.execute("delete from seals where tenant_id = $1", sealed.tenant)
    path_of(app.settings.data, sealed.tenant).unlink()


async def test_nothing_is_signed_with_another_key_unless_that_is_told(
    app: App, sealed: Principal
) -> None:
    path = path_of(app.settings.data, sealed.tenant)
    before = path.read_bytes()
    for change in (None, KeyChange((STRANGE,))):
        with pytest.raises(Refusal) as refused:
            if change is None:
                await sealing(app, NEW).seal(sealed.tenant)
            else:
                await sealing(app, NEW).change_key(sealed.tenant, change)
        assert refused.value.code == "seal_key_other"
    assert path.read_bytes() == before
    one = await verified(app, sealed, NEW)
    assert one.other == key_of(app).public


async def test_a_key_that_was_handed_over_holds_from_there_on(
    app: App, sealed: Principal, changed: Chain
) -> None:
    assert not await sealing(app, NEW).change_key(sealed.tenant, KeyChange((key_of(app),)))
    with pytest.raises(Refusal):
        await sealing(app, key_of(app)).seal(sealed.tenant)
    one = await verified(app, sealed, NEW)
    assert (findings(one), one.other, one.sealed) == ([], "", one.head)
    (change,) = one.changes
    assert (change.until, change.former) == (CHANGED, key_of(app).public)
    assert change.is_handed_over


async def test_a_log_is_compared_again_where_its_key_was_changed_meanwhile(
    app: App, sealed: Principal, changed: Chain
) -> None:
    at_hand = iter((key_of(app), NEW))
    verifier = LogVerifier(app.db, app.settings.data, lambda: next(at_hand, NEW).public)
    one = await verifier.verify(sealed.tenant)
    assert (findings(one), one.other, one.sealed) == ([], "", one.head)


async def test_keys_that_come_back_or_begin_anew_hold_where_they_did(
    app: App, sealed: Principal, changed: Chain
) -> None:
    # Also several at one position, and one that nobody hands over.
    last = len(changed.lines)
    await sealing(app, NEWER).change_key(sealed.tenant, KeyChange((NEW,)))
    await sealing(app, key_of(app)).change_key(sealed.tenant, KeyChange(is_lost=True))
    one = await verified(app, sealed, key_of(app))
    assert findings(one) == []
    assert [(seal.number, seal.is_handed_over) for seal in one.changes] == [
        (3, True),
        (last + 1, True),
        (last + 2, False),
    ]


async def test_a_strange_key_at_the_end_is_no_key_of_the_chain(
    app: App, sealed: Principal, changed: Chain
) -> None:
    changed.sign(STRANGE, len(changed.lines) + 1, after=changed.until, former=NEW.public)
    await changed.write()
    one = await verified(app, sealed, NEW)
    beyond = one.head + 1
    assert ("altered", "line", beyond, beyond) in findings(one)
    assert [seal.key for seal in one.changes] == [NEW.public]


async def test_lines_of_a_strange_key_are_not_filed(
    app: App, sealed: Principal, changed: Chain
) -> None:
    filed = changed.path.read_bytes()
    changed.sign(STRANGE, len(changed.lines) + 1, after=changed.until, former=NEW.public)
    await changed.write()
    changed.path.write_bytes(filed)
    with pytest.raises(Refusal):
        await sealing(app, NEW).seal(sealed.tenant)
    assert changed.path.read_bytes() == filed


async def test_a_chain_made_anew_with_a_strange_key_is_of_another_key(
    app: App, sealed: Principal, changed: Chain
) -> None:
    for number in range(1, len(changed.lines) + 1):
        former = key_of(app).public if number == 3 else ""
        changed.sign(STRANGE, number, former=former)
    await changed.write()
    one = await verified(app, sealed, NEW)
    assert (one.other, one.changes) == (STRANGE.public, ())
    assert findings(one)


async def test_whoever_has_the_old_key_alone_makes_no_earlier_line_anew(
    app: App, sealed: Principal, changed: Chain
) -> None:
    changed.sign(key_of(app), 2, kept_from=1)
    await changed.write()
    assert ("altered", "seal", CHANGED, CHANGED) in findings(await verified(app, sealed, NEW))


async def test_whoever_has_the_old_key_alone_brings_no_key_in_before(
    app: App, sealed: Principal, changed: Chain
) -> None:
    changed.sign(STRANGE, 1)
    changed.sign(key_of(app), 2, former=STRANGE.public)
    await changed.write()
    one = await verified(app, sealed, NEW)
    assert ("altered", "seal", CHANGED, CHANGED) in findings(one)


async def test_whoever_has_the_old_key_alone_does_not_go_on_with_it(
    app: App, sealed: Principal, changed: Chain
) -> None:
    del changed.lines[2:]
    changed.sign(key_of(app), 3, after=8, until=12)
    await changed.write()
    one = await verified(app, sealed, NEW)
    assert one.other == key_of(app).public


async def test_a_change_that_was_taken_out_leaves_nobody_to_vouch_for_what_was_before(
    app: App, sealed: Principal, changed: Chain
) -> None:
    del changed.lines[2]
    changed.path.write_text("".join(f"{line}\n" for line in changed.lines))
    await changed.forger.execute(
        "delete from seals where tenant_id = $1 and number = 3", sealed.tenant
    )
    found = findings(await verified(app, sealed, NEW))
    assert ("altered", "seal", 1, CHANGED) in found


async def test_the_word_of_a_former_key_is_for_one_place_of_one_chain(
    app: App, sealed: Principal, changed: Chain
) -> None:
    seal = changed.seal(3)
    for other in (
        {"number": 4},
        {"previous": "0" * 64},
        {"key": STRANGE.public},
        {"former": STRANGE.public},
        {"handover": ""},
        {"handover": "é"},
    ):
        assert not msgspec.structs.replace(seal, **other).is_handed_over  # type: ignore[arg-type]
