"""What one-time codes are made of, wrapped with the secret key."""

from uuid import UUID, uuid4

from infra.access.second_factor import PostgresCodes
from infra.bootstrap import App
from services.people.access import Tenant

SECRET = b"of one-time codes .."


async def a_code_secret(app: App, partners: list[Tenant], tenant_id: UUID) -> UUID:
    """Of somebody of one of the partners, whose id is answered."""
    (code,) = [one.code for one in partners if one.tenant_id == tenant_id]
    user_id = await app.accounts.create_user(
        email=f"{uuid4().hex}@partner.example",
        name="李",
        role="training_manager",
        password=None,
        partner=code,
    )
    codes = PostgresCodes(app.db, app.log.secret_keys)
    assert await codes.put(tenant_id, user_id, SECRET)
    return user_id


async def is_opened(app: App, tenant_id: UUID, user_id: UUID) -> bool:
    """Whether a process has it as it was."""
    kept = await PostgresCodes(app.db, app.log.secret_keys).get(tenant_id, user_id)
    return kept is not None and kept.secret == SECRET
