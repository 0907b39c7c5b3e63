"""Head office's schemes reach every partner's log, once each, whatever dies in between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from domain.kernel.errors import PermissionRefusedError, Refusal
from domain.kernel.values import Month
from domain.kpi.catalog import HEADLINES
from domain.kpi.scheme.lines import Criterion, Line
from domain.kpi.scheme.scheme import KpiScheme
from domain.kpi.scheme.versions import HEAD_OFFICE, Parameters
from domain.people.partner import HEAD_OFFICE_ID
from infra.bootstrap import App
from infra.headoffice import head_office
from infra.headoffice.head_office import BEFORE_ALL, CHECKPOINT, SchemeRollout
from infra.headoffice.head_office_what_ifs import HEADS
from infra.readside.checkpoints import names
from infra.readside.projector import catch_up
from infra.readside.series import DUE
from infra.settings import Settings
from projections.figures import hq_series
from projections.figures.evidence import SOURCES
from projections.figures.kpi_series import MADE_OF
from projections.figures.schemes import list_scheme_versions
from services.execute import execute
from services.kernel.context import Context, Principal, Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.scheme.head_office import HeadOffice
from services.scheme.scheme import AdoptScheme, PublishScheme

OFFICE = in_role(HEAD_OFFICE_ID, "token:office", Role.HEAD_OFFICE)
LINES = (Line("1.1", Decimal("62.5"), (Criterion("order_rate"),)),)


BEFORE = date(2025, 12, 31)
"""A day on which every month of the versions is still to come."""


@pytest.fixture
async def nothing_set(database: Settings) -> AsyncIterator[None]:
    """Head office has set nothing yet; its numbers begin again, and earlier tests' partners are not
    behind what comes."""
    connection = await asyncpg.connect(database.dsn("owner"))
    await connection.execute("truncate head_office_schemes")
    await connection.close()
    yield


async def partner_of(app: App) -> Tenant:
    return await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭州渠道")


async def spread(app: App) -> int:
    """Until nobody is behind; answers how many partners were brought up to date."""
    rollout, total = SchemeRollout(app.db, app.log, app.clock), 0
    while not rollout.is_resting:
        async with app.db.across() as across:
            total += await rollout.roll_out(across)
    return total


async def published(app: App, tenant_id: UUID) -> list[tuple[int, str, str, str]]:
    """Number, month, origin and actor of each version in the partner's log."""
    found = []
    for entry in await app.events(Principal.of_system(tenant_id, "tester"), after=0, most=100):
        event = entry.event  # type: ignore[union-attr]
        if isinstance(event, KpiScheme.Published):
            actor = entry.actor  # type: ignore[union-attr]
            found.append((event.scheme_version, event.effective_from, event.origin, actor))
    return found


async def test_every_partner_is_given_every_version_once(app: App, nothing_set: None) -> None:
    partners = [await partner_of(app), await partner_of(app)]
    own = in_role(partners[0].tenant_id, "manager", Role.TRAINING_MANAGER)
    await execute(app.context(own), PublishScheme("2026-02"))
    await app.head_office.publish_scheme(OFFICE, AdoptScheme("2026-02", lines=LINES), today=BEFORE)
    await app.head_office.publish_scheme(
        OFFICE, AdoptScheme("2026-01", mandatory=True), today=BEFORE
    )
    assert await spread(app) >= 2
    assert await spread(app) == 0
    assert await published(app, partners[0].tenant_id) == [
        (1, "2026-02", "partner", "manager"),
        (2, "2026-02", HEAD_OFFICE, OFFICE.actor),
        (3, "2026-01", HEAD_OFFICE, OFFICE.actor),
    ]
    assert await published(app, partners[1].tenant_id) == [
        (1, "2026-02", HEAD_OFFICE, OFFICE.actor),
        (2, "2026-01", HEAD_OFFICE, OFFICE.actor),
    ]


async def test_reads_no_scheme_where_nobody_is_behind(app: App, nothing_set: None) -> None:
    await app.head_office.publish_scheme(OFFICE, AdoptScheme("2026-02"), today=BEFORE)
    await spread(app)
    sent: list[str] = []
    async with app.db.across() as across:
        with across.query_logger(lambda record: sent.append(record.query)):
            assert await SchemeRollout(app.db, app.log, app.clock).roll_out(across) == 0
    assert sent
    assert not [statement for statement in sent if statement.startswith(head_office._LISTED)]


async def test_a_version_for_a_month_that_has_begun_says_why_in_every_log(
    app: App, nothing_set: None
) -> None:
    partner = await partner_of(app)
    begun, today = AdoptScheme("2026-02", lines=LINES), date(2026, 2, 1)
    for reason in (None, "\u3000"):
        with pytest.raises(Refusal) as refused:
            unsaid = msgspec.structs.replace(begun, reason=reason)
            await app.head_office.publish_scheme(OFFICE, unsaid, today=today)
        assert (refused.value.code, refused.value.field) == (
            "scheme_reason_missing_for_all",
            "reason",
        )
    said = msgspec.structs.replace(begun, reason="考核口径调整")
    await app.head_office.publish_scheme(OFFICE, said, today=today)
    await spread(app)
    await catch_up(app, partner.tenant_id)
    (row,) = await app.read(partner.tenant_id, list_scheme_versions)
    assert (row.effective_from, row.reason) == ("2026-02", "考核口径调整")


async def test_a_partner_that_joins_later_is_given_them_too(app: App, nothing_set: None) -> None:
    await app.head_office.publish_scheme(OFFICE, AdoptScheme("2026-01"), today=BEFORE)
    await spread(app)
    partner = await partner_of(app)
    assert await spread(app) == 1
    assert [month for _, month, _, _ in await published(app, partner.tenant_id)] == ["2026-01"]


async def test_who_died_before_the_checkpoint_leaves_nothing_to_be_done_twice(
    app: App, nothing_set: None
) -> None:
    partner = await partner_of(app)
    scheme = AdoptScheme("2026-01")
    await app.head_office.publish_scheme(OFFICE, scheme, today=BEFORE)
    setter = in_role(partner.tenant_id, OFFICE.actor, Role.HEAD_OFFICE)
    await execute(Context(principal=setter, log=app.log, now=app.clock()), scheme)
    assert await spread(app) >= 1
    assert len(await published(app, partner.tenant_id)) == 1


async def test_several_may_spread_at_once(app: App, other_process: App, nothing_set: None) -> None:
    partners = [await partner_of(app) for _ in range(3)]
    await app.head_office.publish_scheme(OFFICE, AdoptScheme("2026-01"), today=BEFORE)
    await app.head_office.publish_scheme(OFFICE, AdoptScheme("2026-02"), today=BEFORE)
    await asyncio.gather(*(spread(one) for one in (app, other_process, app, other_process)))
    for partner in partners:
        months = [month for _, month, _, _ in await published(app, partner.tenant_id)]
        assert months == ["2026-01", "2026-02"]


async def test_a_partner_may_not_publish_after_a_mandatory_version(
    app: App, nothing_set: None
) -> None:
    partner = await partner_of(app)
    await app.head_office.publish_scheme(
        OFFICE, AdoptScheme("2026-03", mandatory=True), today=BEFORE
    )
    await spread(app)
    own = in_role(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
    with pytest.raises(Refusal) as refused:
        await execute(app.context(own), PublishScheme("2026-04"))
    assert refused.value.code == "scheme_set_by_head_office"
    await execute(app.context(own), PublishScheme("2026-02"))


async def test_what_one_partners_log_refuses_keeps_no_other_from_it(
    app: App, nothing_set: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version whose KPI this program does not know, as while an installation is upgraded."""
    partner = await partner_of(app)
    await app.head_office.publish_scheme(OFFICE, AdoptScheme("2027-01"), today=BEFORE)
    await app.head_office.publish_scheme(OFFICE, AdoptScheme("2027-02", lines=LINES), today=BEFORE)
    with monkeypatch.context() as older:
        older.setattr("domain.kpi.scheme.scheme.UNITS", {})
        assert await spread(app) == 0
        assert [month for _, month, _, _ in await published(app, partner.tenant_id)] == ["2027-01"]
    assert await spread(app) >= 1
    months = [month for _, month, _, _ in await published(app, partner.tenant_id)]
    assert months == ["2027-01", "2027-02"]


async def test_partners_that_refuse_keep_no_other_waiting_however_many_they_are(
    app: App, nothing_set: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners = sorted([(await partner_of(app)).tenant_id for _ in range(4)])
    await app.head_office.publish_scheme(OFFICE, AdoptScheme("2026-01"), today=BEFORE)
    adopt = SchemeRollout._adopt

    async def refusing(self: SchemeRollout, tenant_id: UUID, listed: Any) -> None:
        if tenant_id in partners[:3]:
            raise Refusal("kpi_unknown")
        await adopt(self, tenant_id, listed)

    monkeypatch.setattr("infra.headoffice.head_office.MOST", 2)
    monkeypatch.setattr(SchemeRollout, "_adopt", refusing)
    await spread(app)
    assert [len(await published(app, partner)) for partner in partners] == [0, 0, 0, 1]


async def test_numbers_head_offices_versions_and_knows_a_key_again(
    app: App, nothing_set: None
) -> None:
    office: HeadOffice = app.head_office
    first = await office.publish_scheme(OFFICE, AdoptScheme("2026-01"), today=BEFORE, key="k-1")
    second = await office.publish_scheme(
        OFFICE, AdoptScheme("2026-02", lines=LINES), today=BEFORE, key="k-2"
    )
    assert [(v.number, v.origin, str(v.effective_from)) for v in (first, second)] == [
        (1, HEAD_OFFICE, "2026-01"),
        (2, HEAD_OFFICE, "2026-02"),
    ]
    assert (
        await office.publish_scheme(
            OFFICE, AdoptScheme("2026-02", lines=LINES), today=BEFORE, key="k-2"
        )
        == second
    )
    with pytest.raises(Refusal, match="idempotency_key_reused"):
        await office.publish_scheme(OFFICE, AdoptScheme("2026-03"), today=BEFORE, key="k-2")
    with pytest.raises(Refusal, match="idempotency_key_reused"):
        other = replace(OFFICE, actor="user-2")
        await office.publish_scheme(
            other, AdoptScheme("2026-02", lines=LINES), today=BEFORE, key="k-2"
        )
    with pytest.raises(Refusal, match="scheme_overlaps"):
        await office.publish_scheme(
            OFFICE, AdoptScheme("2026-01", Parameters(window_days=60)), today=BEFORE
        )
    with pytest.raises(Refusal, match="scheme_without_lines"):
        await office.publish_scheme(OFFICE, AdoptScheme("2026-03", lines=()), today=BEFORE)


async def test_versions_published_at_once_have_numbers_of_their_own(
    app: App, other_process: App, nothing_set: None
) -> None:
    schemes = [AdoptScheme(f"2026-{month:02d}") for month in range(1, 9)]
    offices = [app.head_office, other_process.head_office]
    versions = await asyncio.gather(
        *(
            offices[n % 2].publish_scheme(OFFICE, scheme, today=BEFORE)
            for n, scheme in enumerate(schemes)
        )
    )
    assert sorted(version.number for version in versions) == list(range(1, 9))


async def test_nobody_of_a_partner_sets_a_scheme_for_all(app: App, manager: Principal) -> None:
    with pytest.raises(PermissionRefusedError):
        await app.head_office.publish_scheme(manager, AdoptScheme("2026-01"), today=BEFORE)
    with pytest.raises(PermissionRefusedError):
        await execute(app.context(manager), AdoptScheme("2026-01"))


async def test_head_office_has_a_log_and_is_no_partner(app: App) -> None:
    email, partner = f"{uuid4().hex}@hq.example", await partner_of(app)
    await app.accounts.create_user(email=email, name="林总部", role=Role.HEAD_OFFICE, password=None)
    for organisation in (partner.tenant_id, HEAD_OFFICE_ID):
        await catch_up(app, organisation)
    codes = [one.code for one in await app.accounts.list_partners()]
    its = await app.accounts.organisation(None)
    assert its.tenant_id == HEAD_OFFICE_ID and its.code not in codes
    with pytest.raises(Refusal, match="partner_code_unknown"):
        await app.accounts.partner(its.code)
    with pytest.raises(Refusal, match="partner_code_taken"):
        await app.accounts.create_partner(its.code.lower(), its.name)
    kpi, most = HEADLINES[0], 1_000_000
    async with app.db.head_office() as connection:
        shown = await hq_series.list_month(connection, kpis=[kpi], month=Month.of(BEFORE))
        rows = await connection.fetch(hq_series.PARTNERS, "", None, most)
        assert [one.code for one in shown] == [row["code"] for row in rows] == codes
        assert await hq_series.count_partners(connection) == len(codes)
        assert await hq_series.list_months_of(connection, kpis=[kpi], code=its.code) == []
    at_once = (timedelta(0), timedelta(0), most)
    async with app.db.across() as across:
        ids = [
            {row["tenant_id"] for row in await across.fetch(statement, *values)}
            for statement, *values in (
                (HEADS,),
                (head_office.BEHIND, CHECKPOINT, most, BEFORE_ALL, most),
                (DUE, names(SOURCES), [kpi.series], MADE_OF, app.clock(), *at_once),
            )
        ]
    assert all(partner.tenant_id in found for found in ids)
    assert not any(HEAD_OFFICE_ID in found for found in ids)
