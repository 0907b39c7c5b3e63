"""A seal key is changed where there is another to change to, and a wrong one is named."""

from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.kernel.errors import Refusal
from infra.bootstrap import App, examine
from infra.log.log_check import LogVerified, LogVerifier
from infra.log.log_sealer import LogSealer
from infra.log.log_seals import SealKey
from infra.log.seal_file import path_of
from infra.log.seal_key_rotation import SealKeyChanged, SealKeyRotation
from infra.settings import SEAL_KEY, keep_new_key, load_settings
from services.people.access import Tenant
from tests.api.cli.terminal import chudan
from tests.infra.log.appends import an_append, enrolled


def key_given(app: App) -> SealKey:
    return SealKey(app.settings.given().seal_keys[0])


async def changed(app: App, is_lost: bool = False) -> int:
    """How many partners' chains a change of the key went through."""
    return (await app.seal_key_rotation.run(lambda done, total: None, is_lost)).partners


async def verified(app: App, partner: Tenant) -> LogVerified:
    verifier = LogVerifier(app.db, app.settings.data, lambda: key_given(app).public)
    return await verifier.verify(partner.tenant_id)


async def test_a_key_that_the_data_folder_keeps_is_changed_and_a_wrong_one_is_named(
    app: App, partner: Tenant
) -> None:
    data = app.settings.data
    sealer = LogSealer(app.db, data, lambda: key_given(app))
    await app.log.append(an_append(partner.tenant_id, trainee=enrolled(f"trainee-{uuid4()}")))
    await sealer.round()
    before = key_given(app)
    # As if killed once the new key was made; a partner's file is in the way at first.
    keep_new_key(data, SEAL_KEY)
    path = path_of(data, partner.tenant_id)
    aside = path.rename(path.with_suffix(".aside"))
    path.mkdir()
    with pytest.raises(Refusal) as refused:
        await changed(app)
    assert refused.value.code == "seal_key_not_changed"
    assert refused.value.params["partner"] == partner.code
    assert (data / SEAL_KEY.old_file).exists()
    found = {one.check: one.problem for one in await examine(app.settings.given())}
    assert found["seal_key"] is not None and found["seal_key"].code == "seal_key_unfinished"
    path.rmdir()
    aside.rename(path)
    assert await changed(app) == 1
    assert not (data / SEAL_KEY.old_file).exists()
    one = await verified(app, partner)
    assert (one.findings, [seal.former for seal in one.changes]) == ((), [before.public])

    # And once more, then with a key that was made since nobody had the file.
    assert await changed(app) >= 1
    (data / SEAL_KEY.file).unlink()
    made = [load_settings({}, data=data).is_seal_key_made for _ in range(2)]
    assert made == [True, False]
    assert (await verified(app, partner)).other
    for is_made, code in ((False, "seal_key_other"), (True, "seal_key_gone")):
        given = replace(app.settings.given(), is_seal_key_made=is_made)
        found = {one.check: one.problem for one in await examine(given)}
        assert found["seal_key"] is not None and found["seal_key"].code == code
    with pytest.raises(Refusal, match="seal_key_gone"):
        await changed(app)
    assert not (data / SEAL_KEY.old_file).exists()
    assert await changed(app, is_lost=True) >= 1
    one = await verified(app, partner)
    assert (one.findings, [seal.is_handed_over for seal in one.changes]) == (
        (),
        [True, True, False],
    )
    found = {one.check: one.problem for one in await examine(app.settings.given())}
    assert found["seal_key"] is None


async def test_a_key_that_the_environment_names_is_changed_to_another_one_and_to_no_older_one(
    app: App, partner: Tenant
) -> None:
    (first,), second = app.settings.given().seal_keys, b"s" * 32

    async def named(*keys: bytes, is_lost: bool = False) -> SealKeyChanged:
        settings = replace(app.settings, are_seal_keys_kept=False, seal_keys=keys)
        return await SealKeyRotation(app.db, settings).run(lambda done, total: None, is_lost)

    await app.log.append(an_append(partner.tenant_id, trainee=enrolled(f"trainee-{uuid4()}")))
    await LogSealer(app.db, app.settings.data, lambda: SealKey(first)).round()
    # Alone, and beside what was left in the data folder.
    for keys in ((first,), (first, second)):
        with pytest.raises(Refusal) as refused:
            await named(*keys)
        assert refused.value.code == "seal_key_alone"
    done = await named(second, first)
    assert (done.partners >= 1, done.old) == (True, "named")
    back = await named(first, is_lost=True)
    assert (back.partners, back.old) == (done.partners, "unknown")


async def test_an_old_key_that_was_lost_is_told_as_such(app: App) -> None:
    status, said, _ = await chudan(app.settings.environment, "key", "rotate", "--seal", "--lost")
    assert (status, said.splitlines()[1:]) == (0, ["No old one was given, and no key was deleted."])
