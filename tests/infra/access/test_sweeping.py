"""What is over of getting in goes by itself, and nothing else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from infra.access import sweeping
from infra.access.sweeping import Sweeping
from infra.bootstrap import App
from services.people.access import Tenant

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""Before anything that another test leaves."""
KINDS = {
    "sessions": "(hash, session_id, tenant_id, user_id, agent, created_at, seen_at, expires_at)"
    " select $1, user_id, tenant_id, user_id, '', $3, $3, $3",
    "log_in_steps": "(hash, tenant_id, user_id, proof, expires_at)"
    " select $1, tenant_id, user_id, $1, $3",
    "one_time_links": "(hash, tenant_id, user_id, expires_at) select $1, tenant_id, user_id, $3",
    "spent_challenges": "(hash, expires_at) select $1, $3",
    "sign_ins_pending": "(key, provider, following, holder, expires_at)"
    " select $1, 'oidc', '/', $1, $3",
}


async def account(app: App, partner: Tenant) -> UUID:
    mail = f"{uuid4().hex}@partner.example"
    return await app.accounts.create_user(
        email=mail, name="李娜", role="training_manager", password=None, partner=partner.code
    )


async def test_what_is_over_goes_a_part_at_a_time_and_what_is_not_stays(
    app: App, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "MOST", 1)
    now = app.clock()
    until = (LONG_AGO, LONG_AGO, now + timedelta(hours=1))
    made = {await account(app, partner): (uuid4().bytes * 2, one) for one in until}
    owner = await asyncpg.connect(app.settings.dsn("owner"))
    for table, row in KINDS.items():
        statement = f"insert into {table} {row} from users where user_id = $2"
        for user_id, (key, good_until) in made.items():
            await owner.execute(statement, key, user_id, good_until)
    sweeps = Sweeping(lambda: now)
    for left in (2, 1):
        async with app.db.across() as across:
            assert await sweeps.sweep(across) >= len(KINDS)
        for table in KINDS:
            key = "key" if table == "sign_ins_pending" else "hash"
            statement = f"select count(*) from {table} where {key} = any($1)"
            assert await owner.fetchval(statement, [key for key, _ in made.values()]) == left
    await owner.close()
