"""Partners, tokens, users and sessions."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from infra.access.accounts import MOST_WAITING, Argon2Passwords, PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.bootstrap import App
from infra.settings import Settings
from services.kernel.context import Principal, Role
from services.people.access import Accounts, Tenant
from services.words.texts import read_texts

PASSWORD = "correct horse battery"


async def user(app: App, partner: Tenant | None, email: str, password: str = PASSWORD) -> UUID:
    return await app.accounts.create_user(
        email=email,
        name="杜玉璇",
        role=Role.TRAINING_MANAGER if partner else Role.HEAD_OFFICE,
        password=password,
        partner=partner.code if partner else None,
    )


def address() -> str:
    return f"{uuid4().hex}@example.com"


async def test_a_partner_joins_with_its_scheme(app: App) -> None:
    code = f"P-{uuid4().hex}"
    partner = await app.accounts.create_partner(f" {code} ", "杭州渠道", window_days=120)
    assert (partner.code, partner.zone) == (code, "Asia/Shanghai")
    events = await app.events(Principal.of_system(partner.tenant_id, "tester"), after=0, most=10)
    assert [entry.event.TOPIC for entry in events] == [  # type: ignore[union-attr]
        "partner.joined",
        "scheme.started",
        "scheme.published",
    ]
    assert partner in await app.accounts.list_partners()
    assert await app.accounts.organisation_of(partner.tenant_id) == partner
    for spelled in (code, code.lower(), f"{code[:3]} {code[3:]}"):
        with pytest.raises(TakenError, match="partner_code_taken"):
            await app.accounts.create_partner(spelled, "别家")
        assert await app.accounts.partner(spelled) == partner


@pytest.mark.parametrize(
    ("code", "name", "refusal"), [("", "n", "code_missing"), ("c", "\u3164", "name_missing")]
)
async def test_refuses_a_partner_without_words(
    app: App, code: str, name: str, refusal: str
) -> None:
    with pytest.raises(Refusal, match=refusal):
        await app.accounts.create_partner(code, name)


@pytest.mark.parametrize(
    ("name", "window_days", "refusal"),
    [("杭" * 1_000, None, "text_too_long"), ("杭州渠道", 0, "window_days_invalid")],
)
async def test_a_partner_that_is_refused_takes_no_code(
    app: App, name: str, window_days: int | None, refusal: str
) -> None:
    code = f"P-{uuid4().hex}"
    with pytest.raises(Refusal, match=refusal):
        await app.accounts.create_partner(code, name, window_days=window_days)
    partner = await app.accounts.create_partner(code, "杭州渠道", window_days=60)
    assert partner.code == code


async def test_completes_a_registration_that_was_interrupted_when_the_same_is_asked_again(
    app: App,
) -> None:
    class Interrupted(Exception):
        pass

    class DyingLog:
        def __getattr__(self, name: str) -> object:
            raise Interrupted

    rows = PostgresAccess(app.db, lambda: app.settings.dsn("owner"), app.log)
    code = f"P-{uuid4().hex}"
    async with Argon2Passwords.open() as passwords:
        dying = Accounts(rows, PostgresAttempts(app.db), passwords, DyingLog(), app.clock)  # type: ignore[arg-type]
        with pytest.raises(Interrupted):
            await dying.create_partner(code, "杭州渠道", window_days=120)
    with pytest.raises(TakenError, match="partner_code_taken"):
        await app.accounts.create_partner(code, "别家", window_days=120)
    partner = await app.accounts.create_partner(code.lower(), "杭州渠道", window_days=120)
    assert (await app.log.position(partner.tenant_id), partner.code) == (3, code)
    joined, _, published = await app.events(
        Principal.of_system(partner.tenant_id, "tester"), after=0, most=10
    )
    assert joined.event.code == code  # type: ignore[union-attr]
    assert published.event.parameters.window_days == 120  # type: ignore[union-attr]
    assert joined.recorded_at == published.recorded_at


@pytest.mark.parametrize("spellings", [("tw{}", "T W{}"), ("T W{}", "tw{}")])
async def test_of_two_registrations_at_once_of_codes_that_fold_alike_one_is_refused(
    app: App, spellings: tuple[str, str]
) -> None:
    codes = [spelling.format(uuid4().hex) for spelling in spellings]
    codes[1] = codes[1][:-32] + codes[0][-32:]
    made = await asyncio.gather(
        *(app.accounts.create_partner(code, "杭州渠道") for code in codes), return_exceptions=True
    )
    (partner,) = (one for one in made if isinstance(one, Tenant))
    (refused,) = (one for one in made if isinstance(one, TakenError))
    assert refused.code == "partner_code_taken"
    for code in codes:
        assert await app.accounts.partner(code) == partner


async def test_a_token_stands_for_its_partner_and_role(app: App, partner: Tenant) -> None:
    issued = await app.tokens.issue(role="integration", partner=partner.code, days=1)
    principal = await app.accounts.principal_of_token(issued.token)
    assert principal is not None
    assert (principal.tenant, principal.role) == (partner.tenant_id, Role.INTEGRATION)
    assert principal.actor == f"token-{issued.token_id}"
    assert principal.expires_at == issued.expires_at
    assert await app.accounts.principal_of_token(issued.token + "x") is None
    assert await app.accounts.principal_of_token("Basic nonsense") is None


async def test_an_expired_or_revoked_token_stands_for_nobody(
    app: App, partner: Tenant, database: Settings
) -> None:
    issued = [await app.tokens.issue(role="integration", partner=partner.code) for _ in "12"]
    owner = await asyncpg.connect(database.dsn("owner"))
    try:
        await owner.execute(
            "update tokens set expires_at = now() where token_id = $1", issued[0].token_id
        )
        await owner.execute(
            "update tokens set revoked_at = now() where token_id = $1", issued[1].token_id
        )
    finally:
        await owner.close()
    for one in issued:
        assert await app.accounts.principal_of_token(one.token) is None


@pytest.mark.parametrize(
    ("stated", "refusal"),
    [
        ({"role": "king"}, "role_unknown"),
        ({"role": "training_manager"}, "role_needs_partner"),
        ({"role": "operator"}, "role_of_others"),
        ({"role": "integration", "partner": "nowhere"}, "partner_code_unknown"),
        ({"role": "head_office", "partner": "its"}, "role_is_head_office"),
        ({"role": "head_office", "days": 0}, "token_days_invalid"),
        ({"role": "head_office", "scopes": ["everything"]}, "scope_unknown"),
        ({"role": "head_office", "scopes": ["read_scores"]}, "permission_not_of_role"),
    ],
)
async def test_refuses_a_token_that_makes_no_sense(
    app: App,
    partner: Tenant,
    stated: dict,  # type: ignore[type-arg]
    refusal: str,
) -> None:
    if stated.get("partner") == "its":
        stated = stated | {"partner": partner.code}
    with pytest.raises(Refusal, match=refusal):
        await app.tokens.issue(**stated)


async def test_the_tables_hold_no_secret(app: App, partner: Tenant, database: Settings) -> None:
    issued = await app.tokens.issue(role="integration", partner=partner.code)
    email = address()
    await user(app, partner, email)
    opened = await app.accounts.log_in(email, PASSWORD)
    owner = await asyncpg.connect(database.dsn("owner"))
    try:
        kept = ""
        for table in ("users", "tokens", "sessions"):
            kept += str([tuple(row) for row in await owner.fetch(f"select * from {table}")])
    finally:
        await owner.close()
    for secret in (issued.token, issued.token.removeprefix("chudan_"), opened.secret, PASSWORD):
        assert secret not in kept
    assert "$argon2id$" in kept


async def test_a_session_begins_with_a_password_and_ends_with_log_out(
    app: App, partner: Tenant
) -> None:
    email = address()
    user_id = await user(app, partner, email.upper())
    first = await app.accounts.log_in(f" {email} ", PASSWORD)
    second = await app.accounts.log_in(email, PASSWORD)
    assert first.secret != second.secret
    session = await app.accounts.principal_of_session(first.secret)
    assert session is not None
    assert session.principal.actor == f"user-{user_id}"
    assert session.principal.tenant == partner.tenant_id
    assert session.expires_at - app.clock() < timedelta(hours=12)
    await app.accounts.log_out(first.secret)
    assert await app.accounts.principal_of_session(first.secret) is None
    assert await app.accounts.principal_of_session(second.secret) is not None


@pytest.mark.parametrize("spelling", ["'{}", '="{}"', "\u200b{}", "{}\t\n", "ｘ{}"])
async def test_an_address_is_one_however_it_was_pasted(
    app: App, partner: Tenant, spelling: str
) -> None:
    email = address()
    pasted, plain = spelling.format(email), spelling.strip("'=\"\u200b\t\n").format(email)
    user_id = await user(app, partner, pasted)
    for typed in (pasted, plain.replace("ｘ", "X")):
        assert (await app.accounts.log_in(typed, PASSWORD)).session.user_id == user_id
        with pytest.raises(TakenError, match="email_taken"):
            await user(app, partner, typed)


async def test_refuses_a_wrong_password_like_an_unknown_address(app: App, partner: Tenant) -> None:
    email = address()
    await user(app, partner, email)
    refused = (email, "wrong"), (address(), PASSWORD), (email, "x" * 2000), (f"{email}\0", PASSWORD)
    for who, password in refused:
        with pytest.raises(Refusal, match="login_refused"):
            await app.accounts.log_in(who, password)


async def test_the_password_says_which_account_of_an_address(app: App, partner: Tenant) -> None:
    email = address()
    await user(app, partner, email)
    await user(app, None, email, "another long password")
    ours = await app.accounts.log_in(email, PASSWORD)
    theirs = await app.accounts.log_in(email, "another long password")
    assert ours.session.principal.tenant == partner.tenant_id
    assert theirs.session.principal.is_of_head_office
    with pytest.raises(TakenError, match="email_taken"):
        await user(app, None, email)


@pytest.mark.parametrize(
    ("stated", "refusal"),
    [
        ({"email": "nobody"}, "email_invalid"),
        ({"email": "\u200b'"}, "email_invalid"),
        ({"email": "no\u2066body@partner.example"}, "email_invalid"),
        ({"email": f"a@{'b.' * 130}cn"}, "email_invalid"),
        ({"email": "x@@partner.example"}, "email_invalid"),
        ({"name": " "}, "name_missing"),
        ({"password": "short"}, "password_too_short"),
        ({"password": "x" * 2000}, "password_too_long"),
    ],
)
async def test_refuses_a_user_that_makes_no_sense(app: App, stated: dict, refusal: str) -> None:  # type: ignore[type-arg]
    usual = {"email": address(), "name": "n", "role": "head_office", "password": PASSWORD}
    with pytest.raises(Refusal, match=refusal):
        await app.accounts.create_user(**usual | stated)


async def test_refuses_log_ins_beyond_the_queue() -> None:
    async with Argon2Passwords.open() as passwords:
        passwords._waiting = MOST_WAITING
        with pytest.raises(Refusal, match="too_busy"):
            await passwords.hash("x")


@pytest.mark.parametrize("table", ["users", "tokens", "sessions"])
async def test_the_application_reads_no_account_without_a_tenant(app: App, table: str) -> None:
    async with app.db.untenanted() as connection:
        try:
            assert await connection.fetchval(f"select count(*) from {table}") == 0
        except asyncpg.InsufficientPrivilegeError:
            assert table == "sessions"


async def test_the_application_reads_no_password_hash(app: App, partner: Tenant) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with app.db.tenant(partner.tenant_id) as connection:
            await connection.plain.fetch("select password_hash from users")


async def test_opens_no_session_without_the_proof(app: App, partner: Tenant) -> None:
    user_id = await user(app, partner, address())
    async with app.db.untenanted() as connection:
        opened = await connection.fetchval(
            "select begin_session($1, 'guessed', $2, $1, '', now(), now() + interval '1 hour')",
            *(user_id, b"x" * 32),
        )
    assert opened is False


async def test_an_unknown_partner_is_not_found(app: App) -> None:
    with pytest.raises(NotFoundError, match="partner_code_unknown"):
        await app.accounts.partner("nowhere")
    with pytest.raises(NotFoundError, match="partner_unknown"):
        await app.accounts.organisation_of(uuid4())


async def test_a_code_of_a_partner_that_no_database_can_hold_is_refused(app: App) -> None:
    for code in ("\udcff", "甲\0乙"):
        with pytest.raises(Refusal, match="text_invalid") as refused:
            await app.accounts.partner(code)
        assert refused.value.field == "partner"


async def test_an_actor_is_called_by_name_and_else_as_what_it_is(app: App, partner: Tenant) -> None:
    person = await user(app, partner, address())
    tokens = [
        await app.tokens.issue(role="integration", partner=partner.code, label=label)
        for label in ("", "CRM")
    ]
    plain, labelled = (f"token-{one.token_id}" for one in tokens)
    expected = {
        f"user-{person}": "杜玉璇",
        plain: "系统接口",
        labelled: "程序“CRM”",
        "operator": "系统管理员",
        "reactor:when_a_fact_is_recorded_then_restate": "系统",
        "worker": "系统",
        "nobody": "nobody",
    }
    called = await app.accounts.called(partner.tenant_id, expected, read_texts("zh-CN"))
    assert called == expected
