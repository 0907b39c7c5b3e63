"""The job that sends a mail: once, or it is said that nobody knows.

No protocol makes a mail arrive exactly once. So it is noted right before the server is told what it
says; whoever finds that note without an end cannot know, and does not send it again. It carries the
same Message-ID however often it is tried, so that a reader's program can tell.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog

from domain.kernel.errors import InstallationError, Refusal
from infra.app import App
from infra.work.leases import LeaseLostError, PutOffError, RunningJob
from infra.work.mail_delivery import NotTakenError, delivery_of
from infra.work.mail_messages import message_of
from services.jobs.jobs import Job
from services.people.mail import MailState

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=30)
"""Before a server is asked again that put a mail off (RFC 5321, 4.5.4.1): in between, as long as
the mail has waited."""


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers the code that the server said. Refuses `mail_unknown` and `mail_refused` (answer),
    and `mail_expired`."""
    tenant_id, mail_id, mails = running.job.tenant_id, running.job.id, app.mails
    stored = await mails.get(tenant_id, mail_id)
    if stored is None:
        return await _over(app, running)
    if stored.state is MailState.SENDING:
        raise _refusal(MailState.UNKNOWN)
    if app.clock() >= stored.until:
        raise _refusal(MailState.EXPIRED)
    message = message_of(mail_id, mails.open(stored), app.settings.mail_from, stored.created_at)

    async def begin() -> None:
        if not await mails.begin(tenant_id, mail_id):
            raise LeaseLostError

    try:
        answer = await delivery_of(app.settings.smtp_url, app.settings.data)(message, begin)
    except NotTakenError as error:
        if error.is_final:
            raise _refusal(MailState.REFUSED, error.answer) from error
        await mails.put_back(tenant_id, mail_id)
        pause = _pause(app.clock(), stored.created_at, stored.until)
        raise PutOffError(pause.total_seconds(), error.answer) from error
    except (InstallationError, LeaseLostError):
        raise
    except Exception as error:
        if await mails.state_of(tenant_id, mail_id) is not MailState.SENDING:
            raise
        raise _refusal(MailState.UNKNOWN, type(error).__name__) from error
    await mails.end(tenant_id, mail_id, MailState.SENT)
    return {"answer": answer}


async def failed(app: App, job: Job, code: str) -> None:
    """Notes how the mail ended, which nobody sends any more."""
    state = _ENDS.get(code)
    if state is None:
        is_told = await app.mails.state_of(job.tenant_id, job.id) is MailState.SENDING
        state = MailState.UNKNOWN if is_told else MailState.FAILED
    await app.mails.end(job.tenant_id, job.id, state)


def _pause(now: datetime, created_at: datetime, until: datetime) -> timedelta:
    """How long a mail that was put off waits, and no longer than it is of use."""
    waited = max(now - created_at, SHORTEST_PAUSE)
    return min(waited, LONGEST_PAUSE, until - now)


async def _over(app: App, running: RunningJob) -> dict[str, Any]:
    """What an earlier attempt found, whose worker was killed before it said so."""
    state = await app.mails.state_of(running.job.tenant_id, running.job.id)
    if state is MailState.SENT:
        return {"answer": ""}
    raise _refusal(state or MailState.EXPIRED)


def _refusal(state: MailState, answer: str = "") -> Refusal:
    """Of a mail that is not sent."""
    structlog.get_logger("worker").warning(_code(state), answer=answer)
    return Refusal(_code(state), answer=answer)


def _code(state: MailState) -> str:
    return f"mail_{state}"


_ENDS = {_code(state): state for state in (MailState.UNKNOWN, MailState.REFUSED, MailState.EXPIRED)}
