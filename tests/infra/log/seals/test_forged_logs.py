"""What verifying names of a log that somebody changed who may do anything with the database."""

from collections.abc import Callable, Sequence

import asyncpg
import msgspec
import pytest

from infra.bootstrap import App
from infra.log.log_seals import (
    ANSWER_COLUMNS,
    EVENT_COLUMNS,
    PARTNER_COLUMNS,
    Seal,
    SealKey,
    hash_of,
    row_hash,
)
from infra.log.seal_file import path_of
from services.kernel.context import Principal
from tests.infra.log.seals.sealed import BLOCK, found, key_of, sealer

Finding = tuple[str, str, int, int]


def changed(table: str, to: str, where: str = "true") -> str:
    return f"update {table} set {to} where tenant_id = $1 and {where}"


def deleted(table: str, where: str) -> str:
    return f"delete from {table} where tenant_id = $1 and {where}"


def copied(position: int) -> str:
    """Another event, at this position."""
    return (
        "insert into events (tenant_id, position, stream_id, version, topic, payload, actor,"
        f" recorded_at, source) select tenant_id, {position}, 'trainee-x', 1, topic, payload,"
        " actor, recorded_at, source from events where tenant_id = $1 and position = 2"
    )


def swapped(column: str) -> str:
    other = f"select {column} from events o where o.tenant_id = $1 and o.position = 9 - e.position"
    return changed("events e", f"{column} = ({other})", "position in (4, 5)")


ROLLED_BACK = (deleted("events", "position > 6"), changed("heads", "position = 6"))
ANOTHER_ACTOR = changed("events", "actor = 'user-x'", "position = 2")

FORGED: dict[str, tuple[Sequence[str], list[Finding]]] = {
    "nothing": ([], []),
    "what happened": (
        [changed("events", """payload = payload || '{"on": "2026-01-01"}'""", "position = 3")],
        [("altered", "event", 3, 3)],
    ),
    "who did it": ([ANOTHER_ACTOR], [("altered", "event", 2, 2)]),
    "when it was recorded": (
        [changed("events", "recorded_at = recorded_at + interval '1 us'", "position = 5")],
        [("altered", "event", 5, 5)],
    ),
    "what belongs together": (
        [changed("events", "correlation_id = null", "position in (3, 4, 5)")],
        [("altered", "event", 3, 5)],
    ),
    "which event is where": (
        [swapped("topic"), swapped("payload")],
        [("altered", "event", 4, 5)],
    ),
    "an event deleted": ([deleted("events", "position = 6")], [("missing", "event", 6, 6)]),
    "an event inserted before the first": ([copied(0)], [("surplus", "event", 0, 0)]),
    "an event inserted behind the head": ([copied(99)], [("surplus", "event", 99, 99)]),
    "an event deleted that was not sealed yet": (
        [deleted("events", "position = 10")],
        [("missing", "event", 10, 10)],
    ),
    "the end of the log rolled back": (
        ROLLED_BACK,
        [("altered", "head", 6, 6), ("missing", "event", 7, 8)],
    ),
    "the end rolled back with its seals": (
        [*ROLLED_BACK, deleted("seals", "until > 4")],
        [("missing", "seal", 5, 8), ("altered", "head", 6, 6), ("missing", "event", 7, 8)],
    ),
    "a seal deleted": ([deleted("seals", "after = 4")], [("missing", "seal", 5, 8)]),
    "a seal deleted and its events altered": (
        [deleted("seals", "after = 0"), ANOTHER_ACTOR],
        [("altered", "event", 1, 4), ("missing", "seal", 1, 4)],
    ),
    "the hashes of a block": (
        [changed("seals", "event_hashes = answer_hashes", "after = 4")],
        [("altered", "seal", 5, 8)],
    ),
    "the line of a seal": (
        [changed("seals", """line = replace(line, '"after":0', '"after":1')""", "after = 0")],
        [("altered", "seal", 1, 4)],
    ),
    "the place of a seal": (
        [changed("seals", "after = 3", "after = 4")],
        [("altered", "seal", 4, 8)],
    ),
    "whose key a seal is of": (
        [changed("seals", "key = 'of nobody'", "after = 4")],
        [("altered", "seal", 5, 8)],
    ),
    "the partner": ([changed("tenants", "name = '别的渠道'")], [("altered", "partner", 1, 8)]),
}


@pytest.mark.parametrize("forged", FORGED)
async def test_names_what_was_forged_in_the_database(
    app: App, sealed: Principal, forger: asyncpg.Connection, forged: str
) -> None:
    statements, expected = FORGED[forged]
    for statement in statements:
        await forger.execute(statement, sealed.tenant)
    verified = await app.log_verifier.verify(sealed.tenant)
    assert verified.sealed == 2 * BLOCK
    assert await found(app, sealed) == expected


def cut(lines: list[str]) -> list[str]:
    return [lines[0][:-9], *lines[1:]]


EDITED: dict[str, tuple[Callable[[list[str]], list[str]], list[Finding]]] = {
    "altered": (
        lambda lines: [lines[0].replace('"until":4', '"until":3'), *lines[1:]],
        [("altered", "line", 1, 1)],
    ),
    "cut short": (cut, [("altered", "line", 1, 1)]),
    "no text": (lambda lines: ["\0" * 9, *lines[1:]], [("altered", "line", 1, 1)]),
    "deleted": (lambda lines: lines[1:], [("missing", "line", 1, 4)]),
    "the newest not there yet": (lambda lines: lines[:1], []),
    "written without its end": (
        lambda lines: [*lines[:1], lines[1] + "\r"],
        [("altered", "line", 5, 5)],
    ),
}


@pytest.mark.parametrize("edited", EDITED)
async def test_names_what_was_edited_in_the_file(app: App, sealed: Principal, edited: str) -> None:
    edit, expected = EDITED[edited]
    path = path_of(app.settings.data, sealed.tenant)
    path.write_text("".join(f"{line}\n" for line in edit(path.read_text().splitlines())))
    assert await found(app, sealed) == expected


async def test_a_chain_made_anew_without_the_key_is_none(
    app: App, sealed: Principal, forger: asyncpg.Connection
) -> None:
    await forger.execute(
        "update events set actor = 'user-x' where tenant_id = $1 and position = 2", sealed.tenant
    )
    await forge_chain(forger, sealed, SealKey(b"x" * 32))
    assert await found(app, sealed) == [("altered", "event", 1, 4), ("altered", "seal", 1, 8)]
    # Whoever examines the installation looks at all partners' seals.
    await forge_chain(forger, sealed, key_of(app))


async def test_a_chain_made_anew_with_the_key_differs_from_the_file(
    app: App, sealed: Principal, forger: asyncpg.Connection
) -> None:
    await forge_chain(forger, sealed, key_of(app))
    assert await found(app, sealed) == [("altered", "line", 1, 8)]


async def forge_chain(forger: asyncpg.Connection, sealed: Principal, key: SealKey) -> None:
    """Seals the log as it is by now, in the same blocks."""
    tenant, previous = sealed.tenant, ""
    for after in (0, BLOCK):
        rows = await forger.fetch(
            f"select {EVENT_COLUMNS} from events"
            " where tenant_id = $1 and position > $2 and position <= $3 order by position",
            *(tenant, after, after + BLOCK),
        )
        hashes = b"".join(map(row_hash, rows))
        line = await forger.fetchval(
            "select line from seals where tenant_id = $1 and after = $2", tenant, after
        )
        seal = msgspec.structs.replace(
            msgspec.json.decode(line, type=Seal),
            events=hash_of(hashes),
            previous=hash_of(previous) if previous else "",
            kept_from=1,
            key=key.public,
        )
        previous = key.sign(seal)
        await forger.execute(
            "update seals set line = $3, event_hashes = $4, key = $5"
            " where tenant_id = $1 and after = $2",
            *(tenant, after, previous, hashes, key.public),
        )


async def test_a_partner_that_was_deleted_is_known_by_its_file(
    app: App, sealed: Principal, forger: asyncpg.Connection
) -> None:
    for table in ("events", "heads", "claims", "commands", "seals", "tenants"):
        await forger.execute(f"delete from {table} where tenant_id = $1", sealed.tenant)
    known = {one.tenant_id for one in await app.accounts.list_partners()}
    missing = {one.tenant_id for one in app.log_verifier.missing_partners(known)}
    assert sealed.tenant in missing
    assert not missing & known


async def test_nothing_more_is_sealed_of_a_log_whose_seals_were_rolled_back(
    app: App, sealed: Principal, forger: asyncpg.Connection
) -> None:
    await forger.execute("delete from seals where tenant_id = $1 and after > 0", sealed.tenant)
    path = path_of(app.settings.data, sealed.tenant)
    before = path.read_bytes()
    seals = sealer(app, block=2_000)
    await seals.round()
    assert path.read_bytes() == before
    # Laid aside by the operator, who has put a backup back.
    path.rename(path.with_suffix(".aside"))
    await seals.round()
    assert await found(app, sealed) == []
    assert path.read_bytes().startswith(before.splitlines(keepends=True)[0])


async def test_every_column_is_hashed(forger: asyncpg.Connection) -> None:
    hashed = {"events": EVENT_COLUMNS, "commands": ANSWER_COLUMNS, "tenants": PARTNER_COLUMNS}
    for table, columns in hashed.items():
        rows = await forger.fetch(
            "select attname::text from pg_attribute"
            " where attrelid = $1::text::regclass and attnum > 0 and not attisdropped",
            table,
        )
        assert {row[0] for row in rows} == set(columns.replace("::text", "").split(", "))
