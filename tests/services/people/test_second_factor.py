"""One-time codes: what they let in, once, and whom they keep out who knows the password."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pyotp import TOTP

from domain.kernel.errors import Refusal
from domain.planning.calendar import local_day
from infra.access.accounts import PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.access.second_factor import PostgresCodes
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Role
from services.people.access import (
    Accounts,
    LoginSession,
    NewSession,
    NewStep,
    Tenant,
    hashed_secret,
)
from services.people.access_rules import RequireCodes
from services.people.acting import as_now
from services.people.second_factor import STEP_SECONDS, SecondFactor, step_of
from services.people.sessions import RECENT
from tests.browser.story import PASSWORD
from tests.services.people.test_guessing import Clock

HERE, ELSEWHERE = "a visit", "another visit"
OTHER = "nine herons over a weir"
NEXT = timedelta(seconds=STEP_SECONDS)
WRONG = "one_time_code_refused"


@pytest.mark.parametrize(
    ("second", "code"), [(1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    secret, now = b"12345678901234567890", datetime.fromtimestamp(second, UTC)
    assert step_of(secret, code, now) == second // 30
    for late in (-NEXT, NEXT):
        assert step_of(secret, code, now + late) == second // 30
        assert step_of(secret, code, now + 2 * late) is None
    assert step_of(secret, code[1:], now) is None


class Person:
    """Somebody of a partner, at a browser, with an app that makes codes."""

    def __init__(self, app: App, clock: Clock, mail: str) -> None:
        self.clock, self.mail, self.password = clock, mail, PASSWORD
        rows, attempts = PostgresAccess(app.db, str, app.log), PostgresAttempts(app.db)
        self.accounts = Accounts(rows, attempts, app.passwords, app.log, clock)
        codes = PostgresCodes(app.db, app.log.secret_keys)
        self.factor = SecondFactor(codes, attempts, self.accounts, app.sessions, clock)
        self.secret = ""

    def code(self) -> str:
        """The next code, which no log-in was given yet."""
        self.clock.now += NEXT
        return TOTP(self.secret).at(self.clock.now)

    async def sets_up(self) -> list[str]:
        opened = await self.accounts.log_in(self.mail, self.password)
        assert isinstance(opened, NewSession)
        self.session: LoginSession = opened.session
        self.own = opened.secret
        await self.factor.begin(self.session)
        shown = await self.factor.unconfirmed(self.session)
        assert shown is not None
        self.secret = shown.secret
        return await self.factor.confirm(self.session, self.code())

    async def step(self, visit: str = HERE) -> str:
        asked = await self.accounts.log_in(self.mail, self.password, visit=visit)
        assert isinstance(asked, NewStep)
        return asked.secret

    async def told(self, code: str, step: str | None = None, **asked: Any) -> str:
        step = step or await self.step()
        try:
            opened = await self.factor.log_in(step, code, **{"visit": HERE} | asked)
        except Refusal as refusal:
            return refusal.code
        return "logged in" if await self.knows(opened.secret) else "no session"

    async def knows(self, secret: str) -> bool:
        return await self.accounts.principal_of_session(secret) is not None


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def somebody(app: App, clock: Clock, partner: Tenant) -> Person:
    mail = f"{uuid4().hex}@partner.example"
    about: Any = {"name": "杜玉璇", "role": "training_manager", "partner": partner.code}
    await app.accounts.create_user(email=mail, password=PASSWORD, **about)
    return Person(app, clock, mail)


@pytest.fixture
async def person(app: App, clock: Clock, partner: Tenant) -> Person:
    return await somebody(app, clock, partner)


async def test_a_password_alone_opens_nothing_and_a_code_is_good_once(person: Person) -> None:
    await person.sets_up()
    step = await person.step()
    assert not await person.knows(step)
    code = person.code()
    assert await person.told("123", step) == WRONG
    assert await person.told(f" {code[:3]} {code[3:]}", step) == "logged in"
    assert await person.told(code) == WRONG
    assert await person.told(person.code(), step) == "log_in_step_over"
    assert await person.told(person.code()) == "logged in"
    answers = await asyncio.gather(*(person.told(person.code()[:0] + code) for code in ["0"] * 3))
    assert set(answers) == {WRONG}


async def test_a_code_that_several_bring_at_once_lets_one_in(person: Person) -> None:
    await person.sets_up()
    steps = [await person.step() for _ in range(4)]
    code = person.code()
    answers = await asyncio.gather(*(person.told(code, step) for step in steps))
    assert sorted(answers) == ["logged in"] + [WRONG] * 3


async def test_a_step_is_of_one_browser_and_over_in_ten_minutes_or_with_the_password(
    app: App, partner: Tenant, person: Person, clock: Clock
) -> None:
    await person.sets_up()
    step = await person.step()
    assert await person.told(person.code(), step, visit=ELSEWHERE) == "log_in_step_over"
    clock.now += timedelta(minutes=10)
    assert await person.told(person.code(), step) == "log_in_step_over"
    step = await person.step()
    link = await app.links.reset(email=person.mail, partner=partner.code, by_mail=False)
    await app.links.choose_password(link.url.partition("#")[2], "three ducks at a brook")
    assert await person.told(person.code(), step) == "log_in_step_over"


async def test_a_code_of_somebody_else_is_none(
    app: App, person: Person, clock: Clock, partner: Tenant
) -> None:
    other = await somebody(app, clock, partner)
    codes = await other.sets_up()
    await person.sets_up()
    assert await person.told(other.code()) == WRONG
    assert await person.told(codes[0]) == WRONG
    assert await other.told(codes[0]) == "logged in"


async def test_a_recovery_code_is_good_once_and_until_there_are_others(person: Person) -> None:
    codes = await person.sets_up()
    assert len({*codes}) == 10
    assert await person.told(codes[0].lower().replace("-", "")) == "logged in"
    assert await person.told(codes[0]) == WRONG
    assert (await person.factor.state(person.session)).recovery_codes == 9
    others = await person.factor.renew_recovery(person.session, codes[1], None)
    assert not {*others} & {*codes}
    assert await person.told(codes[2]) == WRONG
    assert await person.told(others[2]) == "logged in"


async def test_who_guesses_codes_waits_and_is_locked_whatever_password_is_right(
    person: Person, clock: Clock
) -> None:
    await person.sets_up()
    steps = [await person.step() for _ in range(40)]
    answers = await asyncio.gather(*(person.told("000000", step) for step in steps))
    assert sorted(answers) == ["log_in_later"] * 35 + [WRONG] * 5
    for _ in range(15):
        clock.now += timedelta(seconds=301)
        assert await person.told("000000") == WRONG
    clock.now += timedelta(days=30)
    assert await person.told(person.code()) == "log_in_locked"
    assert await person.accounts.unlock(person.mail)
    assert await person.told(person.code()) == "logged in"


async def test_who_guesses_the_codes_of_one_account_locks_no_other_of_the_address(
    app: App, person: Person, clock: Clock
) -> None:
    other = Person(app, clock, person.mail)
    elsewhere = await app.accounts.create_partner(uuid4().hex, "杭州渠道")
    about: Any = {"name": "杜玉璇", "role": "training_manager", "partner": elsewhere.code}
    await app.accounts.create_user(email=person.mail, password=OTHER, **about)
    other.password = OTHER
    for one in (person, other):
        await one.sets_up()
    for _ in range(20):
        clock.now += timedelta(seconds=301)
        assert await person.told("000000") == WRONG
    assert await person.told(person.code()) == "log_in_locked"
    assert await other.told(other.code()) == "logged in"
    assert await person.told(person.code()) == "log_in_locked"
    assert await person.accounts.unlock(person.mail)
    assert await person.told(person.code()) == "logged in"


@pytest.mark.parametrize("by_link", [True, False])
async def test_who_is_let_in_anew_is_not_locked_by_the_codes_that_others_guessed(
    app: App, partner: Tenant, person: Person, clock: Clock, by_link: bool
) -> None:
    await person.sets_up()
    for _ in range(20):
        clock.now += timedelta(seconds=301)
        assert await person.told("000000") == WRONG
    assert await person.told(person.code()) == "log_in_locked"
    asked_of = {"partner": partner.code, "email": person.mail}
    if by_link:
        link = await app.links.reset(**asked_of, by_mail=False)
        await app.links.choose_password(link.url.partition("#")[2], PASSWORD)
    else:
        await app.second_factor.reset(**asked_of)
        await person.sets_up()
    assert await person.told(person.code()) == "logged in"


async def test_whoever_has_a_session_turns_codes_off_by_a_code_alone(person: Person) -> None:
    await person.sets_up()
    with pytest.raises(Refusal, match="one_time_codes_on"):
        await person.factor.begin(person.session)
    for code in ("", "000000", "AAAA-AAAA-AAAA-AAAA"):
        with pytest.raises(Refusal, match="one_time_code_missing" if not code else WRONG):
            await person.factor.turn_off(person.session, code, None)
    await person.factor.turn_off(person.session, person.code(), None)
    assert isinstance(await person.accounts.log_in(person.mail, PASSWORD), NewSession)
    with pytest.raises(Refusal, match="one_time_codes_over"):
        await person.factor.confirm(person.session, person.code())


async def test_whoever_was_logged_in_without_a_code_is_out_where_they_are_turned_on(
    person: Person,
) -> None:
    before = await person.accounts.log_in(person.mail, PASSWORD)
    assert isinstance(before, NewSession)
    await person.sets_up()
    assert not await person.knows(before.secret)
    assert await person.knows(person.own)


async def test_an_operator_turns_codes_off(app: App, person: Person, partner: Tenant) -> None:
    await person.sets_up()
    asked = {"partner": partner.code, "email": person.mail.upper()}
    assert [await app.second_factor.reset(**asked) for _ in range(2)] == [True, False]
    assert isinstance(await person.accounts.log_in(person.mail, PASSWORD), NewSession)


async def test_the_database_opens_no_session_for_a_password_alone(
    app: App, person: Person, clock: Clock
) -> None:
    rows = PostgresAccess(app.db, str, app.log)
    (before,) = await rows.logins(person.mail)
    await person.sets_up()
    with pytest.raises(Refusal, match="login_refused"):
        await rows.open_session(before, uuid4().bytes * 2, person.session, "")


async def test_what_codes_are_made_of_is_shown_and_confirmed_soon_after_the_log_in_alone(
    person: Person, clock: Clock
) -> None:
    opened = await person.accounts.log_in(person.mail, PASSWORD)
    assert isinstance(opened, NewSession)
    await person.factor.begin(opened.session)
    clock.now += RECENT + NEXT
    with pytest.raises(Refusal, match="log_in_anew"):
        await person.factor.unconfirmed(opened.session)
    with pytest.raises(Refusal, match="log_in_anew"):
        await person.factor.confirm(opened.session, "000000")


async def test_where_codes_are_required_who_has_none_may_nothing_until_they_are_on(
    person: Person, app: App, partner: Tenant
) -> None:
    ctx, person.clock.now = app.context(partner.operator), app.clock()
    opened = await person.accounts.log_in(person.mail, PASSWORD)
    assert isinstance(opened, NewSession)

    def rows() -> PostgresAccess:
        """Without anything remembered."""
        return PostgresAccess(app.db, lambda: app.settings.dsn("owner"), app.log)

    async def seen() -> LoginSession:
        found = await rows().session(hashed_secret(opened.secret), person.clock())
        assert found is not None
        return found

    asked: Any = {"label": "日报", "days": 30, "scopes": ["read_trainees"]}
    own = await app.personal_tokens.issue(await seen(), **asked)
    service = await app.tokens.issue(role="integration", partner=partner.code)

    async def may(token: str) -> bool:
        """As the program of a token, and as whoever asked for something by it before."""
        found = await rows().principal_of_token(hashed_secret(token), app.clock())
        assert found is not None
        later = await as_now(rows(), found, app.clock())
        assert (later.rights == {}) == (found.rights == {})
        return found.rights != {}

    today = local_day(person.clock(), partner.zone)
    for on, owes in ((today + timedelta(days=1), False), (today, True)):
        await execute(ctx, RequireCodes(on))
        session = await seen()
        assert (session.owes_codes, session.principal.rights == {}) == (owes, owes)
        later = await as_now(rows(), session.principal, app.clock())
        assert (later.rights == {}, await may(own.token)) == (owes, not owes)
    assert await may(service.token)
    await person.sets_up()
    opened = await person.factor.log_in(await person.step(), person.code(), visit=HERE)
    session = await seen()
    assert not session.owes_codes and session.principal.roles == (Role.TRAINING_MANAGER,)
    assert await may(own.token)
