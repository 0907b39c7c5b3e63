"""Who gets into a sample's installation, and by what."""

from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from infra.access.accounts import PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.access.sign_ins import PostgresSignIns
from infra.access.tokens import PostgresTokens
from infra.bootstrap import App
from infra.work.worker import KINDS, JobRunner
from services.execute import execute
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import LoginSession, NewSession, Tenant
from services.people.access_rules import LeaveCodes, RequireCodes
from services.people.passkeys import Site
from services.people.sign_in import SignIns
from services.people.tokens import Issued, Tokens
from tests.samples.keeping import Entering, Once, Passkey
from tests.services.people.authenticator import Authenticator
from tests.services.people.conftest import ORIGIN
from tests.services.people.test_sign_in import OFFERED, Browser, Vouching, linked

SITE = Site(ORIGIN, ORIGIN.partition("//")[2])
PASSWORD, SUBJECT = "three ducks at a brook", "subject of 孙"
NAMES = {"password": "李密", "codes": "王码", "passkey": "赵钥", "identity": "孙识"}
CENTURY, YEAR = timedelta(days=36500), timedelta(days=365)


def sign_ins(app: App) -> SignIns:
    """By a provider that vouches for everybody."""
    rows, attempts = PostgresSignIns(app.db), PostgresAttempts(app.db)
    vouching = {"oidc": Vouching("oidc")}
    return SignIns(vouching, rows, app.accounts, attempts, app.clock, ORIGIN, OFFERED)


def device_of(kept: Passkey) -> Authenticator:
    """What keeps a passkey, as it was but for how often it signed, which only grows."""
    device = Authenticator(SITE)
    device.credential_id = bytes.fromhex(kept.credential_id)
    device.handle = bytes.fromhex(kept.handle)
    key = load_pem_private_key(kept.key.encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    device.key, device.count = key, 1_000
    return device


class Entrance:
    """Of a partner and of head office; a training manager of the partner for each way in."""

    def __init__(self, app: App, partner: Tenant) -> None:
        self._app, self._partner = app, partner

    async def open(
        self, passphrase: str, asked_at: datetime, partners: list[str], once: Once
    ) -> Entering:
        """Lets everybody in. partners: the codes of all. All else as of Entering."""
        mails = {way: await self._account(way) for way in NAMES}
        sessions = {way: await self._log_in(mail) for way, mail in mails.items()}
        office: Any = {"role": Role.HEAD_OFFICE, "password": PASSWORD}
        await self._app.accounts.create_user(email="lin@hq.example", name="林总部", **office)
        await self._rule()
        await self._invite()
        secret, recovery = await self._set_codes_up(sessions["codes"])
        passkey = await self._make_passkey(sessions["passkey"])
        await linked(Browser(sign_ins(self._app)), sessions["identity"], SUBJECT)
        return Entering(
            passphrase=passphrase,
            asked_at=asked_at,
            tokens=await self._lasting(partners),
            refused=await self._refused(sessions["password"]),
            password=PASSWORD,
            with_password=mails["password"],
            with_codes=mails["codes"],
            secret=secret,
            recovery=recovery,
            with_passkey=mails["passkey"],
            passkey=passkey,
            with_identity=mails["identity"],
            subject=SUBJECT,
            once=once,
        )

    async def _account(self, way: str) -> str:
        mail = f"{way}@{self._partner.code}.example"
        about: Any = {"name": NAMES[way], "role": Role.TRAINING_MANAGER, "password": PASSWORD}
        await self._app.accounts.create_user(email=mail, partner=self._partner.code, **about)
        return mail

    async def _log_in(self, mail: str) -> LoginSession:
        opened = await self._app.accounts.log_in(mail, PASSWORD)
        assert isinstance(opened, NewSession)
        found = await self._app.accounts.principal_of_session(opened.secret)
        assert found is not None
        return found

    async def _rule(self) -> None:
        """Requires codes, and leaves them again."""
        administrator = in_role(self._partner.tenant_id, "admin", Role.ADMINISTRATOR)
        context = self._app.context(administrator)
        for command in (RequireCodes(context.today + YEAR), LeaveCodes()):
            await execute(context, command)

    async def _invite(self) -> None:
        """One mail is sent, another one waits."""
        about: Any = {"role": Role.HR_MANAGER, "partner": self._partner.code, "by_mail": True}
        sent = await self._app.links.invite(email="sent@hz.example", name="吴信", **about)
        assert sent.mail_id is not None
        await JobRunner(self._app, KINDS).perform(self._partner.tenant_id, sent.mail_id)
        await self._app.links.invite(email="waits@hz.example", name="郑等", **about)

    async def _set_codes_up(self, session: LoginSession) -> tuple[str, str]:
        codes = self._app.second_factor
        await codes.begin(session)
        shown = await codes.unconfirmed(session)
        assert shown is not None
        recovery, *_ = await codes.confirm(session, shown.at(self._app.clock()))
        return shown.secret, recovery

    async def _make_passkey(self, session: LoginSession) -> Passkey:
        device = Authenticator(SITE)
        asked = await self._app.passkeys.ask_for_new(SITE, session)
        await self._app.passkeys.add(SITE, session, device.make(asked), "手机")
        pem = device.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Passkey(device.credential_id.hex(), device.handle.hex(), pem.decode())

    async def _lasting(self, partners: list[str]) -> dict[str, str]:
        """Tokens of whoever asks the questions."""
        tokens = {}
        for code in partners:
            its = await self._issued(Role.TRAINING_MANAGER, code, self._app.clock() + CENTURY)
            tokens[code] = its.token
        office = await self._issued(Role.HEAD_OFFICE, None, self._app.clock() + CENTURY)
        return {**tokens, "": office.token}

    async def _refused(self, session: LoginSession) -> list[str]:
        """A token that is over, one that was revoked, and one that another took the place of."""
        role, code, now = Role.INTEGRATION, self._partner.code, self._app.clock()
        over = await self._issued(role, code, now - YEAR, days=1)
        asked: Any = {"label": "日报", "scopes": ["read_trainees"], "days": 3000}
        own = await self._app.personal_tokens.issue(session, **asked)
        await self._app.personal_tokens.revoke(session.principal, own.token_id)
        before = await self._issued(role, code, now)
        await self._app.tokens.rotate(before.token_id, days=3000, overlap_days=0)
        return [over.token, own.token, before.token]

    async def _issued(
        self, role: Role, code: str | None, at: datetime, *, days: int = 3650
    ) -> Issued:
        """As if it were made at another instant: the database knows by its own clock what is over,
        and a sample is read for ever."""
        db, dsn = self._app.db, self._app.settings.dsn
        rows = PostgresTokens(db, lambda: dsn("owner"))
        actors = PostgresAccess(db, lambda: dsn("owner"), self._app.log)
        tokens = Tokens(rows, actors, self._app.accounts, lambda: at)
        return await tokens.issue(role=role, partner=code, days=days)
