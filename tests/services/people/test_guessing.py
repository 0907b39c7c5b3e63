"""Guessing: how fast anybody can, what it costs others, and that it tells nothing."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from infra.access.accounts import Argon2Passwords, PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.access.sweeping import Sweeping
from infra.bootstrap import App
from infra.servers.checks import _log_ins
from services.people.access import Accounts, Tenant
from services.people.guessing import (
    OF_ACCOUNT,
    OF_ADDRESS,
    Failures,
    Limit,
    account_key,
    holder_of,
    limits_of,
)
from tests.browser.story import PASSWORD
from tests.servers import QUICK

START = datetime(2026, 6, 1, tzinfo=UTC)
SECONDS = st.integers(0, 400)
REFUSED = "login_refused"
FROM = "203.0.113.{}".format


class Clock:
    """Stands until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def tried(limit: Limit, pauses: list[int]) -> list[tuple[datetime, str]]:
    """What becomes of wrong attempts after pauses, in seconds, by an accountant of its own."""
    failures, now, told = Failures(0, START), START, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        try:
            failures = Failures(limit.standing(failures, now).count + 1, now)
            told.append((now, "looked at"))
        except Refusal as refusal:
            told.append((now, refusal.code))
    return told


@settings(max_examples=30)
@given(st.lists(SECONDS, max_size=60))
def test_however_attempts_are_spread_each_waits_longer_than_the_one_before(
    pauses: list[int],
) -> None:
    seen = [at for at, what in tried(OF_ACCOUNT, pauses) if what == "looked at"]
    assert len(seen) <= 20
    for number, (before, after) in enumerate(pairwise(seen), start=1):
        least = min(2 ** (number - 5), 300) if number >= 5 else 0
        assert (after - before).total_seconds() >= least


@settings(max_examples=30)
@given(st.lists(SECONDS, min_size=40, max_size=80))
def test_an_address_waits_and_is_never_locked(pauses: list[int]) -> None:
    told = {what for _, what in tried(OF_ADDRESS, pauses)}
    assert told <= {"looked at", "log_in_later"}


def test_failures_of_long_ago_are_forgotten_and_a_lock_is_not() -> None:
    later = START + timedelta(days=8)
    assert OF_ACCOUNT.standing(Failures(19, START), later) == Failures(0, later)
    with pytest.raises(Refusal, match="log_in_locked"):
        OF_ACCOUNT.standing(Failures(20, START), later)


@pytest.mark.parametrize(
    ("client", "holder"),
    [
        (None, None),
        ("testclient", None),
        ("127.0.0.1", None),
        ("::1", None),
        ("203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("::ffff:127.0.0.1", None),
        ("2001:db8:1:2ff::9", "2001:db8:1:200::/56"),
    ],
)
def test_who_is_known_by_an_address(client: str | None, holder: str | None) -> None:
    assert holder_of(client) == holder


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(app: App, clock: Clock) -> Accounts:
    rows = PostgresAccess(app.db, lambda: app.settings.dsn("owner"), app.log)
    return Accounts(rows, PostgresAttempts(app.db), app.passwords, app.log, clock)


@pytest.fixture
async def mail(accounts: Accounts, partner: Tenant) -> str:
    mail = f"{uuid4().hex}@partner.example"
    about: Any = {"name": "杜玉璇", "role": "training_manager", "partner": partner.code}
    await accounts.create_user(email=mail, password=PASSWORD, **about)
    return mail


async def told(accounts: Accounts, mail: str, password: str, client: str | None = None) -> str:
    try:
        await accounts.log_in(mail, password, client)
    except Refusal as refusal:
        return refusal.code
    return "logged in"


async def wrong(accounts: Accounts, mail: str, times: int) -> list[str]:
    """What so many at once are told, sorted."""
    guesses = [told(accounts, mail, f"wrong {number}") for number in range(times)]
    return sorted(await asyncio.gather(*guesses))


@pytest.mark.parametrize("is_known", [True, False])
async def test_eighty_guesses_at_once_are_no_more_than_the_free_ones(
    accounts: Accounts, clock: Clock, mail: str, is_known: bool
) -> None:
    guessed = mail if is_known else f"{uuid4().hex}@partner.example"
    assert await wrong(accounts, guessed, 80) == ["log_in_later"] * 75 + ["login_refused"] * 5
    with pytest.raises(Refusal) as refused:
        await accounts.log_in(guessed, PASSWORD)
    assert (refused.value.code, refused.value.params) == ("log_in_later", {"seconds": 2})
    clock.now += timedelta(seconds=2)
    assert await told(accounts, guessed, PASSWORD) == ("logged in" if is_known else "login_refused")


@pytest.mark.parametrize("is_known", [True, False])
async def test_after_twenty_guesses_an_operator_must_unlock(
    accounts: Accounts, clock: Clock, mail: str, is_known: bool
) -> None:
    guessed = mail if is_known else f"{uuid4().hex}@partner.example"
    for _ in range(20):
        clock.now += timedelta(seconds=301)
        assert await told(accounts, guessed, "wrong") == "login_refused"
    clock.now += timedelta(days=30)
    assert await told(accounts, guessed, PASSWORD) == "log_in_locked"
    assert await accounts.unlock(f" {guessed.upper()} ")
    assert not await accounts.unlock(guessed)
    assert await told(accounts, guessed, PASSWORD) == ("logged in" if is_known else "login_refused")


async def test_a_log_in_makes_the_failures_before_it_be_forgotten(
    accounts: Accounts, mail: str
) -> None:
    for _ in range(3):
        assert await wrong(accounts, mail, 4) == ["login_refused"] * 4
        assert await told(accounts, mail, PASSWORD) == "logged in"


async def test_who_tries_many_accounts_waits_and_nobody_else_does(
    accounts: Accounts, mail: str
) -> None:
    client = FROM(uuid4().int % 200 + 1)
    for _ in range(30):
        guessed = f"{uuid4().hex}@partner.example"
        assert await told(accounts, guessed, "wrong", client) == "login_refused"
    assert await told(accounts, mail, PASSWORD, client) == "log_in_later"
    assert await told(accounts, mail, PASSWORD, FROM(250)) == "logged in"


async def test_a_right_log_in_neither_begins_the_wait_of_its_address_anew_nor_keeps_its_failures(
    accounts: Accounts, clock: Clock, mail: str
) -> None:
    client = f"2001:db8:{uuid4().hex[:4]}::1"
    for _ in range(40):
        clock.now += timedelta(seconds=301)
        assert await told(accounts, f"{uuid4().hex}@partner.example", "wrong", client) == REFUSED
    for pause in (timedelta(seconds=301), timedelta(seconds=2), timedelta(minutes=50)):
        clock.now += pause
        assert await told(accounts, mail, PASSWORD, client) == "logged in"
    clock.now += timedelta(minutes=10)
    # One after the other: of several at once of one address some are told to come again.
    for number in range(5):
        assert await told(accounts, f"{number}@guessed.example", "wrong", client) == REFUSED


async def test_an_account_that_is_let_in_while_others_guess_it_is_only_counted(
    accounts: Accounts, app: App, mail: str
) -> None:
    attempts, limits = PostgresAttempts(app.db), limits_of(account_key(mail), None)

    async def guessed_and_forgotten() -> None:
        with suppress(Refusal):
            await attempts.begin(limits, START)
        await attempts.forget(account_key(mail))

    await asyncio.gather(*(guessed_and_forgotten() for _ in range(200)))


async def test_what_no_limit_remembers_goes_and_a_lock_stays_and_is_told(app: App) -> None:
    attempts, now = PostgresAttempts(app.db), START - timedelta(days=3650)
    account, address, other = (uuid4().bytes * 2 for _ in range(3))
    for _ in range(20):
        now += timedelta(seconds=301)
        await attempts.begin({account: OF_ACCOUNT, address: OF_ADDRESS}, now)
    now += timedelta(days=8)
    await attempts.begin({other: OF_ACCOUNT}, now)
    async with app.db.across() as across:
        await Sweeping(lambda: now).sweep(across)
    async with app.db.untenanted() as connection:
        kept = "select key from log_in_attempts where key = any($1)"
        rows = await connection.fetch(kept, [account, address, other])
    assert {row["key"] for row in rows} == {account, other}
    noted = await _log_ins(app.settings)
    assert noted is not None and noted.code == "log_ins_locked"


async def test_log_ins_of_one_address_wait_for_two_of_it_and_others_for_none() -> None:
    async with Argon2Passwords.open(QUICK) as passwords:
        hashed = await passwords.hash(PASSWORD)

        async def asked(holder: str) -> str:
            try:
                return str(await passwords.matches(hashed, PASSWORD, holder))
            except Refusal as refusal:
                return refusal.code

        crowd: list[Callable[[], Any]] = [lambda: asked("203.0.113.1/32")] * 40
        *answers, other = await asyncio.gather(*(ask() for ask in crowd), asked("203.0.113.2/32"))
    assert sorted(answers) == ["True"] * 2 + ["too_busy"] * 38
    assert other == "True"


async def test_what_was_too_busy_to_be_looked_at_is_no_failure(
    app: App, clock: Clock, mail: str
) -> None:
    class Busy(Argon2Passwords):
        async def matches(self, *_: Any) -> bool:
            raise Refusal("too_busy")

    rows = PostgresAccess(app.db, lambda: app.settings.dsn("owner"), app.log)
    attempts: Any = PostgresAttempts(app.db)
    busy: Any = Busy.__new__(Busy)
    crowded = Accounts(rows, attempts, busy, app.log, clock)
    for _ in range(25):
        assert await told(crowded, mail, PASSWORD) == "too_busy"
    calm = Accounts(rows, attempts, app.passwords, app.log, clock)
    assert await told(calm, mail, PASSWORD) == "logged in"


@pytest.mark.parametrize("accounts", [0, 1, 2])
async def test_as_much_is_hashed_for_whoever_logs_in_whether_there_are_two_accounts_or_none(
    app: App, partner: Tenant, accounts: int
) -> None:
    class CountedHashes(Argon2Passwords):
        count = 0

        async def matches(self, *_: Any) -> bool:
            self.count += 1
            return False

    mail = f"{uuid4().hex}@partner.example"
    other = await app.accounts.create_partner(uuid4().hex[:8], "别家")
    for one in (partner, other)[:accounts]:
        about: Any = {"email": mail, "name": "杜玉璇", "role": "training_manager"}
        await app.accounts.create_user(**about, partner=one.code, password=PASSWORD)
    rows, counting = PostgresAccess(app.db, str, app.log), CountedHashes.__new__(CountedHashes)
    asked = Accounts(rows, PostgresAttempts(app.db), counting, app.log, app.clock)
    assert await told(asked, mail, PASSWORD) == REFUSED
    assert counting.count == 2


async def test_whoever_has_an_account_of_the_address_guesses_no_other_one_by_it(
    app: App, partner: Tenant
) -> None:
    mail, own, code = f"{uuid4().hex}@partner.example", "six swans by a river", uuid4().hex[:8]
    other = await app.accounts.create_partner(code, code)
    about: Any = {"email": mail, "name": "杜玉璇", "role": "training_manager"}
    await app.accounts.create_user(**about, partner=partner.code, password=PASSWORD)
    await app.accounts.create_user(**about, partner=other.code, password=own)
    for wrong in (*(3 * ["a guess"]), own, "a guess", own, "a guess"):
        with suppress(Refusal):
            await app.accounts.log_in(mail, wrong)
    with pytest.raises(Refusal, match="log_in_later"):
        await app.accounts.log_in(mail, "a guess")


async def test_an_invitation_of_another_organisation_guesses_nothing_before_it_is_accepted(
    app: App, partner: Tenant
) -> None:
    mail, code = f"{uuid4().hex}@partner.example", uuid4().hex[:8]
    other = await app.accounts.create_partner(code, code)
    about: Any = {"email": mail, "name": "杜玉璇", "role": "training_manager"}
    # The first account of the address.
    await app.accounts.create_user(**about, partner=other.code, password=None)
    await app.accounts.create_user(**about, partner=partner.code, password=PASSWORD)
    for _ in range(3):
        assert await wrong(app.accounts, mail, 4) == ["login_refused"] * 4
        assert await told(app.accounts, mail, PASSWORD) == "logged in"
