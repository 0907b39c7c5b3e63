"""Appends of one tenant whose commit was lost from sight are not written twice."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from domain.teaching.cohort import Cohort
from infra.bootstrap import App
from infra.log.batcher import Answered
from infra.log.tenant_append import TenantAppend
from services.kernel.ports import Append, Envelope, Receipt
from services.people.access import Partner


def opened(partner: Partner) -> Append:
    """A cohort of its own."""
    cohort = Cohort.open(
        f"cohort-{uuid4()}",
        code="B-01",
        name="B-01",
        opened_on=date(2026, 6, 1),
        trial_required=False,
    )
    return Append(
        tenant_id=partner.tenant_id,
        envelope=Envelope(actor="tests", source={"kind": "typed"}, correlation_id=uuid4()),
        events=cohort.collect_events(),
        result={"stream_id": cohort.id},
    )


async def written(
    app: App, partner: Partner, appends: Sequence[Append], *, again: bool
) -> Answered[Receipt]:
    async with app.db.tenants([partner.tenant_id]) as connection:
        transaction = TenantAppend(connection, partner.tenant_id, app.log.builder, app.log.keys)
        return await transaction.write(appends, again=again)


async def test_an_append_that_was_committed_unseen_is_answered_as_it_was(
    app: App, partner: Partner
) -> None:
    seen, unseen = opened(partner), opened(partner)
    (first,) = await written(app, partner, [unseen], again=False)
    answers = await written(app, partner, [seen, unseen], again=True)
    assert isinstance(first, Receipt)
    assert answers == [Receipt(first.position + 1, seen.result), first]
    assert await app.log.position(partner.tenant_id) == first.position + 1
