"""Sealing goes on where it was interrupted, by one at a time."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from infra.bootstrap import App, examine
from infra.log import log_sealer
from infra.log.log_sealer import BLOCK as WHOLE
from infra.log.log_sealer import KeyChange, SealBrokenError
from infra.log.seal_file import held, path_of, whole_lines
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from tests.carrying import carry_out
from tests.infra.dying import run_dying
from tests.infra.log.seals.sealed import BLOCK, found, sealer
from tests.situation import LIFE


async def test_a_chain_goes_on_after_kills_between_every_two_steps(
    app: App, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    ((word, killed),) = await run_dying(app, "sealer", manager.tenant, 1)
    # The steps of one block and its line are 29, and every child sealed no more than one.
    assert (word, int(killed) >= 29) == ("killed", True)
    verified = await app.log_verifier.verify(manager.tenant)
    assert (verified.findings, verified.sealed) == ((), verified.head)
    assert len(list(whole_lines(app.settings.data, manager.tenant))) == verified.head


async def test_a_line_without_its_end_is_written_anew(app: App, sealed: Principal) -> None:
    path = path_of(app.settings.data, sealed.tenant)
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    assert await found(app, sealed) == []
    await sealer(app).seal(sealed.tenant)
    assert path.read_bytes().startswith(whole)
    assert await found(app, sealed) == []


async def test_a_comparison_takes_no_lines_that_come_while_it_runs(
    app: App, sealed: Principal
) -> None:
    lines = whole_lines(app.settings.data, sealed.tenant)
    await sealer(app).seal(sealed.tenant)
    assert len(list(lines)) == 2


async def test_two_at_once_make_one_chain(app: App, sealed: Principal) -> None:
    seals = [sealer(app) for _ in range(4)]
    while any(await asyncio.gather(*(one.seal(sealed.tenant) for one in seals))):
        pass
    verified = await app.log_verifier.verify(sealed.tenant)
    assert (verified.findings, verified.sealed) == ((), verified.head)


async def test_whoever_holds_a_partner_s_file_seals_alone(app: App, sealed: Principal) -> None:
    with held(app.settings.data, sealed.tenant):
        assert await sealer(app).seal(sealed.tenant) == 0
        assert await sealer(app).change_key(sealed.tenant, KeyChange()) is None
    assert await sealer(app).seal(sealed.tenant) == BLOCK


async def test_a_file_that_cannot_be_read_keeps_nobody_elses_log_unsealed(
    app: App, sealed: Principal
) -> None:
    partner = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "另一家")
    other = in_role(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
    await carry_out(app, other, LIFE)
    path = path_of(app.settings.data, sealed.tenant)
    aside = path.rename(path.with_suffix(".aside"))
    path.mkdir()
    try:
        await sealer(app, WHOLE).round()  # All that the tests before it have recorded.
        assert list(whole_lines(app.settings.data, other.tenant))
    finally:
        path.rmdir()
        aside.rename(path)


async def test_a_file_that_ends_with_an_empty_line_is_no_new_one(
    app: App, sealed: Principal
) -> None:
    path = path_of(app.settings.data, sealed.tenant)
    whole = path.read_bytes()
    path.write_bytes(whole + b"\n")
    with pytest.raises(SealBrokenError):
        await sealer(app).seal(sealed.tenant)
    assert path.read_bytes() == whole + b"\n"
    path.write_bytes(whole)


async def test_what_nobody_has_sealed_for_long_is_told_while_all_goes_on(
    app: App, sealed: Principal, forger: asyncpg.Connection
) -> None:
    assert "seals_behind" not in await app.list_warnings()
    # The newest are recorded just now, as every hour some are.
    earlier = "update events set recorded_at = recorded_at - interval '61 minutes'"
    last = "(select max(position) from events where tenant_id = $1)"
    waiting = f"{earlier} where tenant_id = $1 and position > $2"
    await forger.execute(f"{waiting} and position < {last}", sealed.tenant, 2 * BLOCK)
    found = {one.check: one for one in await examine(app.settings)}["seal_key"]
    assert (found.problem, found.note and found.note.code) == (None, "seals_behind")
    assert await app.list_warnings() == ["seals_behind"]
    await sealer(app).round()
    assert await app.list_warnings() == []


async def test_a_file_that_lacks_much_is_given_it_piece_by_piece(
    app: App, sealed: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(app.settings.data, sealed.tenant)
    whole = path.read_bytes()
    path.unlink()
    monkeypatch.setattr(log_sealer, "LINES", 1)
    await sealer(app).seal(sealed.tenant)
    assert path.read_bytes().startswith(whole)
    assert len(list(whole_lines(app.settings.data, sealed.tenant))) == 3
    assert await found(app, sealed) == []


async def test_of_lines_that_do_not_follow_one_another_none_is_filed(
    app: App, sealed: Principal, forger: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(app.settings.data, sealed.tenant)
    whole = path.read_bytes()
    path.unlink()
    monkeypatch.setattr(log_sealer, "LINES", 1)
    await forger.execute(
        "update seals set number = 9 where tenant_id = $1 and number = 2", sealed.tenant
    )
    with pytest.raises(SealBrokenError):
        await sealer(app).seal(sealed.tenant)
    assert path.read_bytes() == b""
    # Nor is one more signed, round by round.
    numbers = await forger.fetch(
        "select number from seals where tenant_id = $1 order by 1", sealed.tenant
    )
    assert [row["number"] for row in numbers] == [1, 9]
    path.write_bytes(whole)
