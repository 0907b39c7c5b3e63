"""What a sample of earlier formats says, once this program has restored it: what it said then."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pyotp import TOTP

from infra.database.db import connection_to
from services.jobs.jobs import IMPORT, RENDER, SEND_MAIL, Job, JobState
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import NewSession, NewStep
from tests.api.cli.terminal import ended_within
from tests.infra.work.undoing import undone
from tests.samples.asking import filled
from tests.samples.keeping import FROZEN, TOPICS, Frozen, read, samples
from tests.samples.letting_in import SITE, device_of, sign_ins
from tests.samples.living import carry_on, order_once, seal
from tests.samples.restoring import Restored, restored
from tests.services.people.test_sign_in import Browser

VISIT = "a visit"


@pytest.fixture(scope="module", params=samples(), ids=lambda sample: sample.name)
async def there(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Restored]:
    sample: Path = request.param
    async with restored(sample, tmp_path_factory.mktemp(sample.name) / "chudan") as there:
        yield there


async def test_its_figures_lists_timelines_and_league_are_those_of_then(there: Restored) -> None:
    assert await there.differences() == []


async def test_they_are_so_from_read_models_that_are_made_anew(there: Restored) -> None:
    assert await ended_within(there.app, "rebuild", []) == 0
    await filled(there.app)  # The series, too.
    assert await there.differences(of_now=True) == []


async def test_verifying_it_finds_nothing(there: Restored) -> None:
    assert await ended_within(there.app, "verify", []) == 0


async def test_it_holds_every_event_of_its_day(there: Restored) -> None:
    async with connection_to(there.app.settings.dsn("backup")) as connection:
        held = {tuple(row) for row in await connection.fetch(TOPICS)}
    assert held == read(there.sample / FROZEN, Frozen).versions


async def test_people_get_in_as_they_did(there: Restored) -> None:
    app, entering = there.app, there.entering
    by_password = await app.accounts.log_in(entering.with_password, entering.password)
    assert isinstance(by_password, NewSession)
    codes = [TOTP(entering.secret).at(entering.asked_at), entering.recovery]
    for code in codes:
        step = await app.accounts.log_in(entering.with_codes, entering.password, visit=VISIT)
        assert isinstance(step, NewStep)
        by_code = await app.second_factor.log_in(step.secret, code, visit=VISIT)
        assert by_code.session.email == entering.with_codes
    asked = app.passkeys.ask_to_log_in(SITE, VISIT)
    answer = device_of(entering.passkey).answer(asked)
    by_passkey = await app.passkeys.log_in(SITE, answer, visit=VISIT)
    assert by_passkey.session.email == entering.with_passkey
    by_identity = await Browser(sign_ins(app)).signs_in(entering.subject)
    assert by_identity.opened.session.email == entering.with_identity
    for opened_now in (by_password, by_code, by_passkey, by_identity.opened):
        found = await app.accounts.principal_of_session(opened_now.secret)
        assert found is not None and found.principal.rights


async def test_tokens_that_are_over_are_so_still(there: Restored) -> None:
    for token in there.entering.refused:
        assert await there.app.accounts.principal_of_token(token) is None


async def test_what_was_asked_before_is_answered_as_then(there: Restored) -> None:
    once = there.entering.once
    done = await order_once(there.app, once)
    assert (done.repeated, done.position) == (True, once.position)


async def test_the_first_import_is_taken_back(there: Restored) -> None:
    its = await there.app.accounts.partner(there.entering.once.partner)
    manager = in_role(its.tenant_id, "manager", Role.TRAINING_MANAGER)
    imports = await there.app.jobs.list_jobs(its.tenant_id, [IMPORT], before=None, most=100)
    assert (await undone(there.app, manager, imports[-1]))["undone"]


async def test_what_waited_is_carried_out_and_sealed(there: Restored) -> None:
    app, done = there.app, list[Job]()
    for one in await app.accounts.list_organisations():
        done += await carry_on(app, one.tenant_id)
    assert sorted((one.kind, one.state) for one in done) == [
        (kind, JobState.DONE) for kind in sorted((IMPORT, RENDER, SEND_MAIL))
    ]
    await seal(app)
    for one in await app.accounts.list_organisations():
        verified = await app.log_verifier.verify(one.tenant_id)
        assert (verified.findings, verified.sealed) == ((), verified.head)
