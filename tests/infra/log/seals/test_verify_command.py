"""`chudan verify` of a log that is not as it was sealed."""

from inspect import unwrap
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from api.cli.failures import error_line
from api.cli.read_models import _log_lines, verify
from domain.kernel.errors import Refusal
from infra.bootstrap import App, LogDifference, LogVerified
from infra.readside.projector import catch_up
from services.kernel.context import Principal
from services.people.access import Tenant
from tests.api.cli.terminal import ended_within


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


async def test_tells_up_to_where_a_sound_log_is_sealed(
    app: App, partner: Tenant, sealed: Principal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await ended_within(app, "verify", ["--partner", partner.code]) == 0
    head = (await app.log_verifier.verify(sealed.tenant)).head
    told = f"{partner.code}: positions 9 to {head} are not sealed yet."
    assert told in capsys.readouterr().out.splitlines()


async def test_names_what_was_forged_and_advises_no_read_models_anew(
    app: App,
    partner: Tenant,
    sealed: Principal,
    forger: asyncpg.Connection,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Also where a read model differs from the forged log by now.
    await catch_up(app, sealed.tenant)
    await forger.execute(
        "update events set actor = 'user-x', topic = 'trainee.left'"
        " where tenant_id = $1 and position = 3",
        sealed.tenant,
    )
    await forger.execute(
        "delete from events where tenant_id = $1 and position in (7, 8)", sealed.tenant
    )
    assert verify.callback
    with pytest.raises(Refusal) as refused:
        await unwrap(verify.callback)(app, partner=partner.code)
    told = capsys.readouterr().out + (error_line(refused.value) or "")
    assert told.splitlines()[:2] == [
        f"{partner.code}: the event at position 3 is not as it was sealed.",
        f"{partner.code}: the event at position 7-8 was sealed and is gone.",
    ]
    assert "The logs of 1 partners are not as they were sealed." in told
    assert "rebuild" not in told


def test_of_a_log_by_another_key_nothing_is_told_but_that_once() -> None:
    gone = LogDifference("missing", "event", 1, 1)
    one = LogVerified(UUID(int=1), head=2, findings=(gone,))
    assert len(_log_lines("C", one)) == 2
    assert _log_lines("C", replace(one, other="another key")) == []
