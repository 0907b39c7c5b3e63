"""Mails to a real server: sent once, or said to be unknown; forgotten afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiosmtpd.smtp import SMTP
from structlog.testing import capture_logs

from domain.kernel.contacts import MAIL
from domain.kernel.errors import Refusal
from infra.bootstrap import App, bootstrap
from infra.settings import Settings
from infra.work.jobs import MOST_ATTEMPTS
from infra.work.mail_messages import FOLDER, file_of, reachable
from infra.work.worker import KINDS, JobRunner
from services.jobs.jobs import Job, JobState
from services.people.access import Tenant
from services.people.mail import MailState, OutgoingMail
from tests.servers import QUICK

LETTER = OutgoingMail(
    "li@partner.example", "登录链接", "请打开 https://chudan.example/welcome#secret"
)


class Server:
    """A server that takes mails in, or does what a test says instead. got: what it took."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.to_mail = self.to_rcpt = "250 OK"
        self.to_data: Callable[[Any], str] = lambda _: f"250 2.0.0 taken for {LETTER.to}"
        self.port = 0

    async def handle_MAIL(self, *given: Any) -> str:
        _, _, envelope, address, _ = given
        envelope.mail_from = address
        return self.to_mail

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.to_rcpt

    async def handle_DATA(self, server: Any, _: Any, envelope: Any) -> str:
        self.got.append(envelope.content)
        return self.to_data(server)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server, loop = Server(), asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(server, loop=loop), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()


@pytest.fixture
async def office(database: Settings, server: Server) -> AsyncIterator[App]:
    """The application, with that server for its mails."""
    url = f"smtp://127.0.0.1:{server.port}"
    settings = msgspec.structs.replace(database, smtp_url=url, mail_from="chudan@hq.example")
    async with bootstrap(settings, hasher=QUICK) as app:
        yield app


async def posted(app: App, partner: Tenant, *, minutes: int = 60) -> UUID:
    until = app.clock() + timedelta(minutes=minutes)
    return await app.mails.post(partner.tenant_id, LETTER, until)


async def tried(app: App, partner: Tenant, mail_id: UUID) -> tuple[MailState | None, Job]:
    """The mail and its job after an attempt."""
    await JobRunner(app, KINDS).perform(partner.tenant_id, mail_id)
    job = await app.jobs.get_job(partner.tenant_id, mail_id)
    assert job is not None
    return await app.mails.state_of(partner.tenant_id, mail_id), job


async def changed(app: App, partner: Tenant, mail_id: UUID, **values: Any) -> None:
    """Changes what is kept of a mail."""
    async with app.db.tenant(partner.tenant_id) as tenant:
        for name, value in values.items():
            statement = f"update mails set {name} = $3 where tenant_id = $1 and id = $2"
            await tenant.execute(statement, mail_id, value)


async def pause_of(app: App, partner: Tenant, mail_id: UUID) -> timedelta:
    """Before the next attempt."""
    async with app.db.tenant(partner.tenant_id) as tenant:
        statement = "select due_at - updated_at from jobs where tenant_id = $1 and id = $2"
        return await tenant.fetchval(statement, mail_id)


async def kept(app: App, partner: Tenant, mail_id: UUID) -> list[Any]:
    async with app.db.tenant(partner.tenant_id) as tenant:
        statement = "select sealed, wrapped, key_id from mails where tenant_id = $1 and id = $2"
        return list(await tenant.fetchrow(statement, mail_id))


async def test_a_mail_is_sent_once_and_then_forgotten(
    office: App, partner: Tenant, server: Server
) -> None:
    mail_id = await posted(office, partner)
    sealed, *_ = await kept(office, partner, mail_id)
    assert sealed and "secret" not in sealed
    for _ in range(2):
        state, job = await tried(office, partner, mail_id)
        assert (state, job.state, job.result) == ("sent", "done", {"answer": "250 2.0.0"})
    (content,) = server.got
    read: Any = message_from_bytes(content, policy=default)
    assert (read["From"], read["To"]) == ("chudan@hq.example", LETTER.to)
    assert read["Message-ID"] == f"<{mail_id}@hq.example>"
    assert (read["Subject"], read.get_content().strip()) == (LETTER.subject, LETTER.text)
    assert await kept(office, partner, mail_id) == [None, None, None]


async def test_where_no_server_is_named_a_mail_is_a_file_that_shows_its_link(
    app: App, partner: Tenant
) -> None:
    mail_id = await posted(app, partner)
    state, job = await tried(app, partner, mail_id)
    assert (state, job.state) == ("sent", "done")
    content = (app.settings.data / FOLDER / file_of(mail_id)).read_bytes()
    assert LETTER.text in content.decode()
    read: Any = message_from_bytes(content, policy=default)
    assert (read["To"], read["Subject"]) == (LETTER.to, LETTER.subject)
    assert read.get_content().strip() == LETTER.text


async def test_whom_the_server_does_not_know_is_told_nothing(
    office: App, partner: Tenant, server: Server
) -> None:
    server.to_rcpt = f"550 5.1.1 <{LETTER.to}>: no such user"
    mail_id = await posted(office, partner)
    state, job = await tried(office, partner, mail_id)
    assert (state, job.state, job.error) == ("refused", "failed", "mail_refused")
    assert job.error_params == {"answer": "550 5.1.1"}
    assert (server.got, await kept(office, partner, mail_id)) == ([], [None, None, None])


async def test_what_the_server_puts_off_is_sent_later(
    office: App, partner: Tenant, server: Server
) -> None:
    mail_id = await posted(office, partner)
    server.to_data = lambda _: "451 come back"
    for waited, left, pause in ((0, 60, 1), (5, 60, 5), (50, 60, 30), (50, 20, 20)):
        now, minute = office.clock(), timedelta(minutes=1)
        await changed(
            office, partner, mail_id, created_at=now - waited * minute, until=now + left * minute
        )
        state, job = await tried(office, partner, mail_id)
        assert (state, job.state, job.attempts) == ("rendered", "queued", 0)
        wanted = pause * minute
        assert abs(await pause_of(office, partner, mail_id) - wanted) < timedelta(seconds=50)
    server.to_data = lambda _: "250 taken"
    assert (await tried(office, partner, mail_id))[0] == "sent"
    assert len({message_from_bytes(one)["Message-ID"] for one in server.got}) == 1


async def test_what_the_server_took_without_saying_so_is_not_sent_again(
    office: App, partner: Tenant, server: Server
) -> None:
    def hang_up(session: Any) -> str:
        session.transport.abort()
        return "250 taken"

    server.to_data = hang_up
    mail_id = await posted(office, partner)
    state, job = await tried(office, partner, mail_id)
    assert (state, job.state, job.error) == ("unknown", "failed", "mail_unknown")
    assert job.error_params == {"answer": "SMTPServerDisconnected"}
    assert (len(server.got), await kept(office, partner, mail_id)) == (1, [None, None, None])


async def test_a_worker_that_ended_while_it_told_the_server_leaves_it_unknown(
    office: App, partner: Tenant, server: Server
) -> None:
    mail_id = await posted(office, partner)
    assert await office.mails.begin(partner.tenant_id, mail_id)
    state, job = await tried(office, partner, mail_id)
    assert (state, job.error, server.got) == ("unknown", "mail_unknown", [])


async def test_a_mail_waits_for_its_server_and_not_beyond_its_use(
    database: Settings, partner: Tenant
) -> None:
    nowhere = msgspec.structs.replace(database, smtp_url="smtp://127.0.0.1:1")
    async with bootstrap(nowhere, hasher=QUICK) as office:
        waiting, late = await posted(office, partner), await posted(office, partner, minutes=-1)
        with capture_logs() as logged:
            state, job = await tried(office, partner, waiting)
        assert (state, job.state, job.attempts) == ("rendered", JobState.QUEUED, 0)
        assert [one["cause"] for one in logged if one["event"] == "mail_server_away"] == [
            "SMTPConnectError"
        ]
        # Which no key opens any more.
        await changed(office, partner, late, wrapped=b"")
        state, job = await tried(office, partner, late)
        assert (state, job.error) == ("expired", "mail_expired")
        assert await kept(office, partner, late) == [None, None, None]


async def test_a_sender_that_the_server_refuses_is_told_in_the_log(
    office: App, partner: Tenant, server: Server
) -> None:
    server.to_mail = f"553 5.7.1 not from {LETTER.to}"
    mail_id = await posted(office, partner)
    with capture_logs() as logged:
        assert (await tried(office, partner, mail_id))[0] == "rendered"
    told = next(one for one in logged if one["event"] == "mail_server_away")
    assert (told["cause"], told["answer"]) == ("SMTPSenderRefused", "553 5.7.1")


async def test_a_mail_that_no_server_was_told_of_has_failed(office: App, partner: Tenant) -> None:
    mail_id = await posted(office, partner)
    await changed(office, partner, mail_id, wrapped=b"")
    for _ in range(MOST_ATTEMPTS):
        state, job = await tried(office, partner, mail_id)
    assert (state, job.error) == ("failed", "job_failed")


async def test_to_whom_nobody_can_write_no_mail_is_kept(app: App, partner: Tenant) -> None:
    for to in ("李娜@partner.example", "a.@b.example"):
        MAIL.check(to, "email")
        with pytest.raises(Refusal, match="email_invalid"):
            await app.mails.post(partner.tenant_id, OutgoingMail(to, "", ""), app.clock())


def test_a_domain_is_told_as_every_server_knows_it() -> None:
    assert reachable("li@企业.example") == "li@xn--vhquv.example"
    assert reachable("li@partner.example") == "li@partner.example"


async def test_without_a_server_each_mail_is_one_file_however_often_it_is_written(
    app: App, partner: Tenant
) -> None:
    mail_id = await posted(app, partner)
    path = app.settings.data / "mail" / f"{mail_id}.eml"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(b"half of it, by somebody who was killed")
    assert (await tried(app, partner, mail_id))[0] == "sent"
    read: Any = message_from_bytes(path.read_bytes(), policy=default)
    assert (read["To"], read.get_content().strip()) == (LETTER.to, LETTER.text)
    assert path.stat().st_mode & 0o777 == 0o600
