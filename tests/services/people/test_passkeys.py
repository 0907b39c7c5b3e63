"""Passkeys: who comes in by one, and what nobody comes in by."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

import services.people.passkeys
from domain.kernel.errors import Refusal
from infra.access.accounts import PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.access.passkeys import PostgresPasskeys
from infra.bootstrap import App
from services.people.access import Accounts, LoginSession, NewSession, Tenant
from services.people.passkeys import CHALLENGE_LIFETIME, Challenges, Passkeys, Site
from services.people.ways_in import WaysIn
from tests.browser.story import PASSWORD
from tests.services.people.authenticator import PRESENT, Authenticator
from tests.services.people.test_guessing import Clock

HERE, ELSEWHERE = "a visit", "another visit"
SITE = Site("https://chudan.example", "chudan.example")
REFUSED = "passkey_refused"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_challenge_is_good_for_five_minutes_to_whom_it_was_issued_with_a_key_at_hand() -> None:
    keys = [b"first key"]
    challenges = Challenges(lambda: keys)
    issued = challenges.issue(HERE, NOW)
    known = challenges.read(issued, HERE, NOW + timedelta(minutes=4))
    assert known is not None and known.expires_at == NOW + CHALLENGE_LIFETIME
    assert challenges.read(issued, HERE, NOW + CHALLENGE_LIFETIME) is None
    assert challenges.read(issued, ELSEWHERE, NOW) is None
    for at in (0, 20, 40):
        forged = bytearray(issued)
        forged[at] ^= 1
        assert challenges.read(bytes(forged), HERE, NOW) is None
    assert challenges.read(b"", HERE, NOW) is None
    keys.insert(0, b"second key")
    assert challenges.read(issued, HERE, NOW) == known
    keys.pop()
    assert challenges.read(issued, HERE, NOW) is None


class Person:
    """Somebody who is logged in, with a passkey."""

    def __init__(self, app: App, clock: Clock, session: LoginSession, accounts: Accounts) -> None:
        self.app, self.session, self.accounts = app, session, accounts
        rows, challenges = PostgresPasskeys(app.db), Challenges(lambda: app.log.secret_keys.at_hand)
        self.passkeys = Passkeys(
            rows, challenges, accounts, app.sessions, clock, WaysIn((), SITE.host)
        )
        self.device = Authenticator(SITE)

    async def adds(self, name: str = "手机") -> None:
        asked = await self.passkeys.ask_for_new(SITE, self.session)
        await self.passkeys.add(SITE, self.session, self.device.make(asked), name)

    def asked(self) -> str:
        return self.passkeys.ask_to_log_in(SITE, HERE)

    async def told(self, answer: str, visit: str = HERE) -> str:
        try:
            opened = await self.passkeys.log_in(SITE, answer, visit=visit)
        except Refusal as refusal:
            return refusal.code
        known = await self.accounts.principal_of_session(opened.secret)
        assert known is not None and known.user_id == self.session.user_id
        return "logged in"


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def somebody(app: App, clock: Clock, partner: Tenant) -> Person:
    mail = f"{uuid4().hex}@partner.example"
    about: Any = {"name": "杜玉璇", "role": "training_manager", "partner": partner.code}
    await app.accounts.create_user(email=mail, password=PASSWORD, **about)
    rows = PostgresAccess(app.db, str, app.log)
    accounts = Accounts(rows, PostgresAttempts(app.db), app.passwords, app.log, clock)
    opened = await accounts.log_in(mail, PASSWORD)
    assert isinstance(opened, NewSession)
    return Person(app, clock, opened.session, accounts)


@pytest.fixture
async def person(app: App, clock: Clock, partner: Tenant) -> Person:
    one = await somebody(app, clock, partner)
    await one.adds()
    return one


async def test_it_logs_in_whoever_guesses_the_password_meanwhile(person: Person) -> None:
    for _ in range(5):
        with pytest.raises(Refusal, match="login_refused"):
            await person.accounts.log_in(person.session.email, "wrong")
    with pytest.raises(Refusal, match="log_in_later"):
        await person.accounts.log_in(person.session.email, PASSWORD)
    assert await person.told(person.device.answer(person.asked())) == "logged in"
    (known,) = await person.passkeys.list_own(person.session)
    assert (known.name, known.last_used_at) == ("手机", known.created_at)


async def test_an_answer_is_good_once_in_its_browser_and_for_five_minutes(
    person: Person, clock: Clock
) -> None:
    answer = person.device.answer(person.asked())
    assert await person.told(answer, ELSEWHERE) == REFUSED
    assert await person.told(answer) == "logged in"
    assert await person.told(answer) == REFUSED
    # Another answer to the same challenge, by a counter that went on.
    asked = person.asked()
    assert await person.told(person.device.answer(asked)) == "logged in"
    assert await person.told(person.device.answer(asked)) == REFUSED
    late = person.device.answer(person.asked())
    clock.now += CHALLENGE_LIFETIME
    assert await person.told(late) == REFUSED


CHEATS: dict[str, Callable[[Authenticator], Any]] = {
    "who is not verified": lambda device: setattr(device, "flags", PRESENT),
    "a page of another site": lambda device: setattr(
        device, "site", Site("https://evil.example", SITE.host)
    ),
    "a passkey of another host": lambda device: setattr(
        device, "site", Site(SITE.origin, "evil.example")
    ),
    "a copy that counts behind": lambda device: setattr(device, "count", -1),
    "a passkey of somebody else": lambda device: setattr(device, "handle", bytes(16)),
    "another key": lambda device: setattr(device, "key", Authenticator(SITE).key),
}


@pytest.mark.parametrize("cheat", CHEATS)
async def test_nobody_comes_in_by(person: Person, cheat: str) -> None:
    assert await person.told(person.device.answer(person.asked())) == "logged in"
    CHEATS[cheat](person.device)
    assert await person.told(person.device.answer(person.asked())) == REFUSED


async def test_what_is_no_answer_is_refused(person: Person) -> None:
    made = person.device.make(await person.passkeys.ask_for_new(SITE, person.session))
    for answer in ("", "{}", "null", made, "[" * 40_000):
        assert await person.told(answer) == REFUSED
    # The challenge for a new passkey, answered as if it were one to log in.
    crossed = person.device.answer(await person.passkeys.ask_for_new(SITE, person.session))
    assert await person.told(crossed) == REFUSED


async def test_a_passkey_is_added_once_by_who_asked_and_removed_by_its_owner(
    app: App, clock: Clock, partner: Tenant, person: Person
) -> None:
    other = await somebody(app, clock, partner)
    clock.now += timedelta(seconds=1)
    asked = await person.passkeys.ask_for_new(SITE, person.session)
    made = Authenticator(SITE).make(asked)
    elsewhere = replace(person.session, session_id=uuid4())
    for session in (other.session, elsewhere):
        with pytest.raises(Refusal, match=REFUSED):
            await person.passkeys.add(SITE, session, made, "手机")
    for name, refused in ((" ", "passkey_name_missing"), ("a\0", "text_invalid")):
        with pytest.raises(Refusal, match=refused):
            await person.passkeys.add(SITE, person.session, made, name)
    long = Authenticator(SITE)
    long.credential_id = bytes(2000)
    with pytest.raises(Refusal, match=REFUSED):
        await person.passkeys.add(SITE, person.session, long.make(asked), "长")
    await person.passkeys.add(SITE, person.session, made, "电脑")
    with pytest.raises(Refusal, match=REFUSED):
        await person.passkeys.add(SITE, person.session, Authenticator(SITE).make(asked), "又")
    with pytest.raises(Refusal, match=REFUSED):  # It is known already.
        await person.adds()
    assert [one.name for one in await person.passkeys.list_own(person.session)] == ["手机", "电脑"]
    mine = person.device.credential_id
    await person.passkeys.remove(other.session, mine)
    assert await person.told(person.device.answer(person.asked())) == "logged in"
    await person.passkeys.remove(person.session, mine)
    assert await person.told(person.device.answer(person.asked())) == "passkey_unknown"
    asked_of = {"partner": partner.code, "email": person.session.email}
    assert await app.passkeys.remove_all(**asked_of) == 1
    assert await person.passkeys.list_own(person.session) == []


async def test_one_more_than_somebody_may_have_is_neither_asked_for_nor_added(
    person: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.people.passkeys, "MOST_PASSKEYS", 2)
    asked = [await person.passkeys.ask_for_new(SITE, person.session) for _ in range(2)]
    second, third = (Authenticator(SITE).make(one) for one in asked)
    await person.passkeys.add(SITE, person.session, second, "电脑")
    for answer in (third, ""):
        with pytest.raises(Refusal, match="passkeys_too_many") as refused:
            await person.passkeys.add(SITE, person.session, answer, "又")
        assert refused.value.params == {"most": 2}
    with pytest.raises(Refusal, match="passkeys_too_many"):
        await person.passkeys.ask_for_new(SITE, person.session)
    await person.passkeys.remove(person.session, person.device.credential_id)
    clock.now += timedelta(seconds=1)
    await person.passkeys.add(SITE, person.session, third, "又")
    assert [one.name for one in await person.passkeys.list_own(person.session)] == ["电脑", "又"]


async def test_a_link_leaves_no_passkey_that_a_stolen_password_made(
    app: App, person: Person, partner: Tenant
) -> None:
    asked_of = {"partner": partner.code, "email": person.session.email}
    issued = await app.links.reset(**asked_of, by_mail=False)
    await app.links.choose_password(issued.url.partition("#")[2], "four geese on a pond")
    assert await person.told(person.device.answer(person.asked())) == "passkey_unknown"
