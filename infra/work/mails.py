"""Mails in the database, sealed until they are sent (services' Mails)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from infra.database.db import Database
from infra.log.sealing import PersonSeal, WrappedKey
from infra.log.secret_keys import SecretKeys
from infra.work.jobs import insert_job
from infra.work.mail_messages import message_of, reachable
from services.jobs.jobs import SEND_MAIL
from services.people.mail import MailState, OutgoingMail

_INSERT = """
    insert into mails (tenant_id, id, sealed, wrapped, key_id, until, created_at)
    values ($1, $2, $3, $4, $5, $6, $7)
"""
_STATE = "select state from mails where tenant_id = $1 and id = $2"
_KEPT = """
    select state, until, created_at, sealed, wrapped, key_id from mails
    where tenant_id = $1 and id = $2 and ended_at is null
"""
_BEGUN = """
    update mails set state = 'sending' where tenant_id = $1 and id = $2 and state = 'rendered'
    returning id
"""
_PUT_BACK = """
    update mails set state = 'rendered'
    where tenant_id = $1 and id = $2 and state = 'sending'
"""
_ENDED = """
    update mails set state = $3, ended_at = $4, sealed = null, wrapped = null, key_id = null
    where tenant_id = $1 and id = $2 and ended_at is null
"""


class StoredMail(msgspec.Struct, frozen=True):
    """A mail that is to be sent, or was perhaps, as it is kept."""

    id: UUID
    tenant_id: UUID
    state: MailState
    until: datetime
    created_at: datetime
    sealed: str
    key: WrappedKey


class PostgresMails:
    """The rows. sender: whom mails come from."""

    def __init__(
        self, db: Database, secret_keys: SecretKeys, sender: str, clock: Callable[[], datetime]
    ) -> None:
        self._db, self._secret_keys, self._sender = db, secret_keys, sender
        self._clock = clock

    def require_reachable(self, address: str) -> None:
        reachable(address)

    async def post(self, tenant_id: UUID, mail: OutgoingMail, until: datetime) -> UUID:
        mail_id, now = uuid7(), self._clock()
        # Whoever cannot be written to is refused before anything is kept.
        message_of(mail_id, mail, self._sender, now)
        ring = self._secret_keys.ring
        key = ring.new_key()
        sealed = PersonSeal(key, str(mail_id)).seal(msgspec.json.encode(mail).decode())

        async def kept() -> None:
            wrapped = ring.wrap(key, tenant_id, str(mail_id))
            async with self._db.tenant(tenant_id) as tenant:
                await tenant.execute(_INSERT, mail_id, sealed, *wrapped, until, now)
                await insert_job(tenant, mail_id, SEND_MAIL, {})

        await self._secret_keys.wrapping(kept)
        return mail_id

    async def state_of(self, tenant_id: UUID, mail_id: UUID) -> MailState | None:
        async with self._db.tenant(tenant_id) as tenant:
            state = await tenant.fetchval(_STATE, mail_id)
        return state and MailState(state)

    async def get(self, tenant_id: UUID, mail_id: UUID) -> StoredMail | None:
        """The mail; None where it is over."""
        async with self._db.tenant(tenant_id) as tenant:
            row = await tenant.fetchrow(_KEPT, mail_id)
        if row is None:
            return None
        state, until, created_at, sealed, *key = row
        its = MailState(state), until, created_at, sealed, WrappedKey(*key)
        return StoredMail(mail_id, tenant_id, *its)

    def open(self, stored: StoredMail) -> OutgoingMail:
        """What it says. Raises InstallationError `secret_key_missing`."""
        ring = self._secret_keys.ring
        seal = ring.unwrap(stored.key, stored.tenant_id, str(stored.id))
        return msgspec.json.decode(seal.open(stored.sealed), type=OutgoingMail)

    async def begin(self, tenant_id: UUID, mail_id: UUID) -> bool:
        """Notes that a server is about to be told; False where another was faster."""
        return await self._written(tenant_id, _BEGUN, mail_id) is not None

    async def put_back(self, tenant_id: UUID, mail_id: UUID) -> None:
        """Notes that the server did not take it, and may later."""
        await self._written(tenant_id, _PUT_BACK, mail_id)

    async def end(self, tenant_id: UUID, mail_id: UUID, state: MailState) -> None:
        """Notes how it ended, unless it has, and forgets what it says."""
        await self._written(tenant_id, _ENDED, mail_id, str(state), self._clock())

    async def _written(self, tenant_id: UUID, statement: str, *values: Any) -> Any:
        async with self._db.tenant(tenant_id) as tenant:
            return await tenant.fetchval(statement, *values)
