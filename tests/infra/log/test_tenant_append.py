"""Appends of one tenant whose commit was lost from sight are not written twice."""

from collections.abc import Sequence

from infra.bootstrap import App
from infra.database.db import TenantConnection
from infra.log.batcher import Answered
from infra.log.tenant_append import TenantAppend
from services.kernel.ports import Append, Receipt
from services.people.access import Tenant
from tests.infra.log.appends import opened


async def written(
    app: App, partner: Tenant, appends: Sequence[Append], *, again: bool
) -> Answered[Receipt]:
    async with app.db.tenants([partner.tenant_id]) as connection:
        tenant = TenantConnection(connection, partner.tenant_id)
        transaction = TenantAppend(tenant, app.log.builder, app.log.keys)
        return await transaction.write(appends, again=again)


async def test_an_append_that_was_committed_unseen_is_answered_as_it_was(
    app: App, partner: Tenant
) -> None:
    seen, unseen = opened(partner.tenant_id), opened(partner.tenant_id)
    (first,) = await written(app, partner, [unseen], again=False)
    answers = await written(app, partner, [seen, unseen], again=True)
    assert isinstance(first, Receipt)
    assert answers == [Receipt(first.position + 1, seen.result), first]
    assert await app.log.position(partner.tenant_id) == first.position + 1
