"""A partner is taken in by head office with its administrator; and who may not, or not any more,
make the first account."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.kernel.errors import NotFoundError, PermissionRefusedError, Refusal
from domain.people.partner import HEAD_OFFICE_ID
from infra.access.first_start import OwnersFirstLink
from infra.bootstrap import App
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import NewSession
from services.people.first_start import first_link

PASSWORD = "three ducks at a brook"
HEAD_OFFICE = in_role(HEAD_OFFICE_ID, "user-1", Role.HEAD_OFFICE)

LONG_DOMAIN = ".".join(["a" * 60, "b" * 60, "c" * 50, "example"])


@pytest.fixture
def code() -> str:
    return f"t-{uuid4().hex[:12]}"


async def test_the_administrator_of_a_new_partner_gets_in_by_the_mail_alone(
    app: App, code: str
) -> None:
    mail = f"{code}@{LONG_DOMAIN}"
    taken_in = await app.partners.create(
        HEAD_OFFICE, code=code, name="新渠道", zone="Asia/Urumqi", admin=mail
    )
    partner, invited = taken_in.partner, taken_in.invited
    assert (partner.code, partner.zone) == (code, "Asia/Urumqi")
    assert invited is not None and invited.mail_id is not None
    stored = await app.mails.get(partner.tenant_id, invited.mail_id)
    assert stored is not None and app.mails.open(stored).to == mail
    await app.links.choose_password(invited.url.partition("#")[2], PASSWORD)
    opened = await app.accounts.log_in(mail, PASSWORD)
    assert isinstance(opened, NewSession)
    session = await app.accounts.principal_of_session(opened.secret)
    assert session is not None
    principal = session.principal
    assert (principal.tenant, principal.role) == (partner.tenant_id, Role.ADMINISTRATOR)


@pytest.mark.parametrize(
    ("stated", "refusal"),
    [
        ({"zone": "Asia/Nowhere"}, ("zone_unknown", "zone")),
        ({"admin": "nobody"}, ("email_invalid", "email")),
        ({"admin": f"wang@{LONG_DOMAIN}.{LONG_DOMAIN}"}, ("email_invalid", "email")),
        ({"name": " "}, ("name_missing", "name")),
        ({"admin_name": " "}, ("name_missing", "admin_name")),
        ({"admin_name": "吴" * 101}, ("text_too_long", "admin_name")),
    ],
)
async def test_what_is_refused_leaves_no_partner(
    app: App, code: str, stated: dict[str, str], refusal: tuple[str, str]
) -> None:
    given = {"code": code, "name": "新渠道", "admin": f"{code}@partner.example"} | stated
    with pytest.raises(Refusal) as refused:
        await app.partners.create(HEAD_OFFICE, **given)
    assert (refused.value.code, refused.value.field) == refusal
    with pytest.raises(NotFoundError):
        await app.accounts.partner(code)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.CHANNEL_SPECIALIST])
async def test_nobody_else_takes_a_partner_in(
    app: App, manager: Principal, code: str, role: Role
) -> None:
    other = in_role(manager.tenant, "user-2", role)
    with pytest.raises(PermissionRefusedError):
        await app.partners.create(other, code=code, name="新渠道")


async def test_where_somebody_has_an_account_nobody_makes_the_first(app: App, code: str) -> None:
    email, now = f"{code}@head.example", datetime.now(UTC)
    await app.accounts.create_user(
        email=email, name="林总部", role=Role.HEAD_OFFICE, password=PASSWORD
    )
    rows = OwnersFirstLink(app.settings.dsn("owner"))
    assert await first_link(rows, now, app.settings.origin) is None
    assert not await app.first_start.is_open()
    with pytest.raises(Refusal, match="first_link_over"):
        await app.first_start.make_account(
            "nobody's", name="他人", email=f"x{email}", password=PASSWORD
        )
