"""Signing in by a provider: whose an identity is, and what a way that was stolen is worth."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest

import infra.access.sign_ins
from domain.kernel.errors import Refusal
from infra.access.accounts import PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.access.sign_ins import PostgresSignIns
from infra.bootstrap import App
from services.people.access import Accounts, LoginSession, Tenant, hashed_secret
from services.people.guessing import OF_ACCOUNT, account_key
from services.people.links import Links
from services.people.sign_in import MOST_AT_ONCE, ProviderIdentity, SignIns, SignInWay
from services.people.ways_in import WaysIn
from tests.browser.story import PASSWORD
from tests.services.people.conftest import ORIGIN
from tests.services.people.test_guessing import Clock

CHOSEN = "three ducks at a brook"
OFFERED = WaysIn(("oidc", "wecom"), "chudan.example")


class Vouching:
    """A provider that vouches for whoever's subject is brought as the code."""

    code, is_tried = "code", False

    def __init__(self, name: str) -> None:
        self.name = name

    async def address(self, way: SignInWay) -> str:
        return f"https://provider.example/?state={way.state}&at={way.back}&is={way.challenge}"

    async def identify(self, code: str, way: SignInWay) -> ProviderIdentity:
        return ProviderIdentity(self.name, "https://provider.example", code)


class Browser:
    """Somebody's browser, with the secret of its visit."""

    def __init__(self, sign_ins: SignIns, client: str | None = None) -> None:
        self.sign_ins, self.client, self.visit = sign_ins, client, uuid4().hex

    async def go(self, name: str = "oidc", **how: Any) -> str:
        """The state of a way that it begins."""
        address = await self.sign_ins.start(name, self.visit, "/orders", client=self.client, **how)
        asked = parse_qs(urlsplit(address).query)
        assert asked["at"] == [f"{ORIGIN}/sign-in/{name}/back"]
        return asked["state"][0]

    async def back(self, state: str, subject: str, name: str = "oidc", **how: Any) -> Any:
        return await self.sign_ins.finish(
            name, self.visit, state, subject, client=self.client, **how
        )

    async def signs_in(self, subject: str, link: str | None = None, **how: Any) -> Any:
        return await self.back(await self.go(link=link), subject, **how)


@pytest.fixture
def sign_ins(app: App, accounts: Accounts, clock: Clock) -> SignIns:
    vouching = {name: Vouching(name) for name in ("oidc", "wecom")}
    rows, attempts = PostgresSignIns(app.db), PostgresAttempts(app.db)
    return SignIns(vouching, rows, accounts, attempts, clock, ORIGIN, OFFERED)


@pytest.fixture
def browser(sign_ins: SignIns) -> Browser:
    return Browser(sign_ins)


@pytest.fixture
def mail() -> str:
    return f"{uuid4().hex}@partner.example"


@pytest.fixture
def subject() -> str:
    return uuid4().hex


@pytest.fixture
async def logged_in(accounts: Accounts, partner: Tenant, mail: str) -> LoginSession:
    """Of an account with a password."""
    about: Any = {"name": "杜玉璇", "role": "training_manager", "partner": partner.code}
    await accounts.create_user(email=mail, password=PASSWORD, **about)
    return (await accounts.log_in(mail, PASSWORD)).session


async def linked(browser: Browser, session: LoginSession, subject: str) -> None:
    entered = await browser.back(await browser.go(session=session), subject, session=session)
    assert (entered.opened, entered.is_linked, entered.following) == (None, True, "/orders")


async def secret_of_a_link(links: Links, partner: Tenant, mail: str, *, anew: bool = True) -> str:
    if not anew:
        issued = await links.reset(email=mail, partner=partner.code, by_mail=False)
    else:
        about: Any = {"name": "李小龙", "role": "training_manager", "partner": partner.code}
        issued = await links.invite(email=mail, by_mail=False, **about)
    return issued.url.partition("#")[2]


async def refusal(way: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await way
    return refused.value.code


async def test_who_is_invited_is_known_by_the_identity_from_then_on_and_has_no_password(
    browser: Browser, links: Links, accounts: Accounts, partner: Tenant, mail: str, subject: str
) -> None:
    link = await secret_of_a_link(links, partner, mail)
    entered = await browser.signs_in(subject, link)
    assert entered.opened.session.email == mail
    assert entered.opened.session.principal.tenant == partner.tenant_id
    assert await refusal(browser.signs_in(uuid4().hex, link)) == "link_over"
    assert await refusal(accounts.log_in(mail, "")) == "login_refused"
    again = await browser.signs_in(subject, replaced=entered.opened.secret)
    assert again.opened.secret != entered.opened.secret
    assert again.following == "/orders"
    assert await accounts.principal_of_session(entered.opened.secret) is None


async def test_nobody_is_found_by_a_mail_address(
    browser: Browser, logged_in: LoginSession, mail: str
) -> None:
    assert await refusal(browser.signs_in(mail)) == "identity_unknown"


@pytest.mark.parametrize("stolen", ["visit", "provider", "twice", "late", "made up", "no cookie"])
async def test_a_way_is_good_once_and_soon_in_the_browser_that_began_it(
    browser: Browser,
    sign_ins: SignIns,
    clock: Clock,
    logged_in: LoginSession,
    subject: str,
    stolen: str,
) -> None:
    await linked(browser, logged_in, subject)
    state = await browser.go()
    if stolen == "visit":
        way = Browser(sign_ins).back(state, subject)
    elif stolen == "provider":
        way = browser.back(state, subject, "wecom")
    elif stolen == "twice":
        await browser.back(state, subject)
        way = browser.back(state, subject)
    elif stolen == "late":
        clock.now += timedelta(minutes=10)
        way = browser.back(state, subject)
    elif stolen == "made up":
        way = browser.back("0" * 64, subject)
    else:
        way = sign_ins.finish("oidc", None, state, subject)
    assert await refusal(way) == "sign_in_over"


async def test_a_way_is_over_where_the_person_did_not_agree(
    browser: Browser, logged_in: LoginSession, subject: str
) -> None:
    await linked(browser, logged_in, subject)
    state = await browser.go()
    assert await refusal(browser.back(state, "")) == "sign_in_cancelled"
    assert await refusal(browser.back(state, subject)) == "sign_in_over"


async def test_an_identity_is_linked_with_the_account_of_who_asked_alone(
    browser: Browser,
    accounts: Accounts,
    links: Links,
    partner: Tenant,
    clock: Clock,
    logged_in: LoginSession,
    subject: str,
) -> None:
    link = await secret_of_a_link(links, partner, f"{uuid4().hex}@partner.example")
    other = (await browser.signs_in(uuid4().hex, link)).opened.session
    state = await browser.go(session=logged_in)
    assert await refusal(browser.back(state, subject, session=other)) == "sign_in_over"
    assert await refusal(browser.back(await browser.go(session=other), subject)) == "sign_in_over"
    await linked(browser, logged_in, subject)
    await linked(browser, logged_in, subject)
    state = await browser.go(session=other)
    assert await refusal(browser.back(state, subject, session=other)) == "identity_taken"
    clock.now += timedelta(minutes=15, seconds=1)
    assert await refusal(browser.go(session=logged_in)) == "log_in_anew"


async def test_a_link_of_a_lost_password_leaves_one_way_in(
    app: App,
    clock: Clock,
    browser: Browser,
    links: Links,
    accounts: Accounts,
    partner: Tenant,
    logged_in: LoginSession,
    mail: str,
    subject: str,
) -> None:
    await linked(browser, logged_in, subject)
    opened = (await browser.signs_in(subject)).opened
    another = uuid4().hex
    await browser.signs_in(another, await secret_of_a_link(links, partner, mail, anew=False))
    another_process = PostgresAccess(app.db, lambda: app.settings.dsn("owner"), app.log)
    assert await another_process.session(hashed_secret(opened.secret), clock()) is None
    assert await refusal(browser.signs_in(subject)) == "identity_unknown"
    assert await refusal(accounts.log_in(mail, PASSWORD)) == "login_refused"
    reset = await secret_of_a_link(links, partner, mail, anew=False)
    await links.choose_password(reset, CHOSEN)
    assert await refusal(browser.signs_in(another)) == "identity_unknown"
    await accounts.log_in(mail, CHOSEN)


async def test_a_link_is_for_a_password_alone_where_codes_are_asked_for_besides(
    browser: Browser,
    app: App,
    links: Links,
    partner: Tenant,
    logged_in: LoginSession,
    mail: str,
    subject: str,
) -> None:
    owner = await asyncpg.connect(app.settings.dsn("owner"))
    statement = "insert into totps values ($1, $2, $3, $4, $5)"
    its = (partner.tenant_id, logged_in.user_id, b"sealed", app.log.secret_keys.ring.in_force)
    await owner.execute(statement, *its, 1)
    link = await secret_of_a_link(links, partner, mail, anew=False)
    assert await refusal(browser.signs_in(subject, link)) == "link_of_password"
    assert await refusal(browser.signs_in(subject)) == "identity_unknown"
    await links.choose_password(link, CHOSEN)
    await owner.execute("delete from totps where user_id = $1", logged_in.user_id)
    await owner.close()


async def test_an_identity_that_is_taken_does_not_use_a_link_up(
    browser: Browser,
    links: Links,
    partner: Tenant,
    logged_in: LoginSession,
    subject: str,
) -> None:
    await linked(browser, logged_in, subject)
    link = await secret_of_a_link(links, partner, f"{uuid4().hex}@partner.example")
    assert await refusal(browser.signs_in(subject, link)) == "identity_taken"
    assert (await browser.signs_in(uuid4().hex, link)).is_linked


async def test_an_identity_is_taken_off_unless_it_is_the_last_way_in(
    browser: Browser,
    sign_ins: SignIns,
    links: Links,
    partner: Tenant,
    logged_in: LoginSession,
    mail: str,
    subject: str,
) -> None:
    await linked(browser, logged_in, subject)
    (known,) = await sign_ins.list_own(logged_in)
    link = await secret_of_a_link(links, partner, f"{uuid4().hex}@partner.example")
    other = (await browser.signs_in(uuid4().hex, link)).opened.session
    await sign_ins.unlink(other, known.identity_id)
    assert await sign_ins.list_own(logged_in) == [known]
    (last,) = await sign_ins.list_own(other)
    assert last.used_at is not None
    assert await refusal(sign_ins.unlink(other, last.identity_id)) == "last_way_in"
    await sign_ins.unlink(logged_in, known.identity_id)
    assert await refusal(browser.signs_in(subject)) == "identity_unknown"


async def test_a_password_that_is_guessed_at_keeps_nobody_out_who_has_an_identity(
    browser: Browser, app: App, clock: Clock, logged_in: LoginSession, mail: str, subject: str
) -> None:
    await linked(browser, logged_in, subject)
    attempts = PostgresAttempts(app.db)
    for _ in range(20):
        await attempts.begin({account_key(mail): OF_ACCOUNT}, clock())
        clock.now += timedelta(minutes=6)
    assert (await browser.signs_in(subject)).opened


async def test_an_address_that_tries_many_waits_and_one_that_is_known_is_not_counted(
    sign_ins: SignIns, logged_in: LoginSession, subject: str
) -> None:
    number = UUID(int=uuid4().int).int
    browser = Browser(sign_ins, f"2001:db8:{number % 65536:x}:{number // 65536 % 256:x}00::1")
    await linked(browser, logged_in, subject)
    for _ in range(31):
        await browser.signs_in(subject)
    for _ in range(30):
        assert await refusal(browser.back("0" * 64, subject)) == "sign_in_over"
    assert await refusal(browser.signs_in(subject)) == "log_in_later"
    assert (await Browser(sign_ins).signs_in(subject)).opened


async def test_ways_that_nobody_ends_are_bounded_and_go_by_themselves(
    sign_ins: SignIns, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.access.sign_ins, "MOST_PENDING", 3)
    browser = Browser(sign_ins, "2001:db8:ffff::1")
    for _ in range(3):
        await browser.go()
    assert await refusal(browser.go()) == "too_busy"
    await Browser(sign_ins, "2001:db8:fffe::1").go()
    clock.now += timedelta(minutes=10)
    await browser.go()


async def test_a_provider_that_does_not_answer_keeps_a_few_waiting_and_refuses_the_others(
    browser: Browser, sign_ins: SignIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, waiting = asyncio.Event(), asyncio.Barrier(MOST_AT_ONCE + 1)

    async def address(way: SignInWay) -> str:
        await waiting.wait()
        await answers.wait()
        return f"https://provider.example/?state={way.state}"

    monkeypatch.setattr(sign_ins.providers["oidc"], "address", address)
    ways = [
        asyncio.ensure_future(sign_ins.start("oidc", browser.visit, "/"))
        for _ in range(MOST_AT_ONCE)
    ]
    await waiting.wait()
    assert await refusal(browser.go()) == "too_busy"
    assert await browser.go("wecom")
    answers.set()
    assert len(await asyncio.gather(*ways)) == MOST_AT_ONCE


async def test_who_reads_the_database_finds_nothing_to_come_back_with(
    browser: Browser, app: App, logged_in: LoginSession
) -> None:
    state = await browser.go(session=logged_in)
    owner = await asyncpg.connect(app.settings.dsn("owner"))
    kept = str(await owner.fetch("select * from sign_ins_pending"))
    await owner.close()
    assert str(logged_in.user_id) in kept
    assert state not in kept and browser.visit not in kept


async def test_an_account_that_is_shut_lets_nobody_in(
    browser: Browser, app: App, logged_in: LoginSession, subject: str
) -> None:
    await linked(browser, logged_in, subject)
    owner = await asyncpg.connect(app.settings.dsn("owner"))
    statement = "update users set active = false where user_id = $1"
    await owner.execute(statement, logged_in.user_id)
    await owner.close()
    assert await refusal(browser.signs_in(subject)) == "identity_unknown"


async def test_a_session_that_ends_while_the_provider_is_asked_links_nothing(
    browser: Browser,
    accounts: Accounts,
    links: Links,
    partner: Tenant,
    mail: str,
    logged_in: LoginSession,
    subject: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = await accounts.log_in(mail, PASSWORD)
    state = await browser.go(session=opened.session)
    link = await secret_of_a_link(links, partner, mail, anew=False)

    async def slow(code: str, _: SignInWay) -> ProviderIdentity:
        await links.choose_password(link, CHOSEN)
        return ProviderIdentity("oidc", "https://provider.example", code)

    monkeypatch.setattr(browser.sign_ins.providers["oidc"], "identify", slow)
    back = browser.back(state, subject, session=opened.session, replaced=opened.secret)
    assert await refusal(back) == "sign_in_over"
