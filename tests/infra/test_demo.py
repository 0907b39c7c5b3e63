"""The demo's partners, filled into an installation of their own."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from domain.kernel.values import Ratio
from domain.kpi.catalog import HEADLINES
from domain.people.partner import HEAD_OFFICE_ID
from infra.bootstrap import App, bootstrap
from infra.database.migrate import migrate
from infra.demo.accounts import DemoAccount, demo_accounts
from infra.demo.history import batches
from infra.demo.seeding import seed
from infra.demo.trade import read_trade
from infra.servers.data_folder import hold
from infra.servers.embedded import Embedded
from infra.settings import load_settings
from projections import LISTINGS
from projections.kernel.paging import Paging
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import list_classes
from services.kernel.context import Principal, Role
from services.kernel.roles import ROLES, in_role
from services.reading.moment import Question
from services.trainees.selling import RecordOrder
from services.trainees.trainee import EnrolTrainee, GoLive, RecordLeaving
from tests.servers import QUICK

TODAY = date(2026, 11, 23)
OF_BEGINNER = ("joined", "registered", "role assigned")
"""What is recorded of a partner of which there is nothing yet."""
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """A filled installation; its own, since it fills only an empty one."""
    settings = load_settings({"CHUDAN_LOG_LEVEL": "warning"}, data=tmp_path_factory.mktemp("demo"))
    with hold(settings.data) as lock:
        embedded = Embedded(settings, lock, durable=False)
        embedded.start()
        try:
            its = embedded.settings
            await migrate(its)
            async with bootstrap(its, clock=lambda: NOW, hasher=QUICK) as app:
                await seed(app)
                yield app
        finally:
            embedded.stop()


async def _principal(app: App, code: str) -> Principal:
    partner = await app.accounts.partner(code)
    return in_role(partner.tenant_id, "tests", Role.TRAINING_MANAGER)


@pytest.mark.parametrize(
    ("office", "rate", "average"),
    [
        ("central", Ratio(6, 10), Ratio(41, 10)),
        ("east", Ratio(10, 10), Ratio(64, 10)),
        ("west", Ratio(7, 10), Ratio(22, 10)),
    ],
)
async def test_offices_have_the_figures_of_their_opportunities(
    demo: App, office: str, rate: Ratio, average: Ratio
) -> None:
    asked = Question(date(2017, 12, 31), TODAY)
    answer = await demo.figures.answer(await _principal(demo, office), asked, HEADLINES)
    found = answer.whole
    assert (found["order_rate"].ratio, found["average_orders"].ratio) == (rate, average)


async def test_the_board_of_a_made_up_partner_is_alive(demo: App) -> None:
    asked = Question(TODAY, TODAY)
    principal = await _principal(demo, "hangzhou")
    answer = await demo.figures.answer(principal, asked, HEADLINES, ("all", "month"))
    months = answer.ways["month"]
    assert len(months) >= 23
    assert not months[max(months)]["order_rate"].is_final
    assert months[min(months)]["order_rate"].is_final
    rate = answer.whole["order_rate"].ratio.value
    assert rate is not None
    assert 0.4 < rate < 0.9


async def test_the_classes_of_a_made_up_partner_are_mostly_as_planned(demo: App) -> None:
    tenant = (await demo.accounts.partner("hangzhou")).tenant_id
    async with demo.db.tenant(tenant) as connection:
        classes = await list_classes(connection)
        cohorts = (await COHORT_LIST.page(connection, Paging(200))).rows
    ended = [facts for facts in classes if facts.closing]
    assert len(ended) > 60
    for answers in (
        [facts.opened_on_time(TODAY) for facts in classes],
        [facts.summary_in_time(TODAY, 3) for facts in classes],
        [not facts.deviations(TODAY, 1) for facts in ended],
    ):
        assert 0.6 < answers.count(True) / len(answers) < 1
    assert any(facts.changes for facts in classes)
    assert len({row.training_manager_id for row in cohorts}) == 2


async def test_every_account_logs_in_with_what_its_role_may(demo: App) -> None:
    accounts = demo_accounts(demo.settings)
    positions = await _positions(demo)
    for account in accounts:
        principal = await _logged_in(demo, account)
        is_nothing_yet = positions[principal.tenant] <= len(OF_BEGINNER)
        assert account.is_empty == (is_nothing_yet and not principal.is_of_head_office)
        reached = {one: frozenset(scopes) for one, scopes in principal.rights.items()}
        assert (principal.roles, reached) == ((account.role,), ROLES[account.role])


async def test_somebody_in_each_role_sees_something_of_whatever_there_is(demo: App) -> None:
    of_head_office = [one.role for one in demo_accounts(demo.settings) if one.partner is None]
    assert {*of_head_office} == {one for one in Role if one.is_of(HEAD_OFFICE_ID)}
    accounts = [one for one in demo_accounts(demo.settings) if one.partner == "杭州启明渠道"]
    partner = await demo.accounts.partner("hangzhou")
    of_people = {one for one in Role if one.is_of(partner.tenant_id)} - {Role.INTEGRATION}
    assert of_people == {one.role for one in accounts}
    everything = demo.lists(await _logged_in(demo, accounts[0]))
    there_is = [one for one in LISTINGS if one.is_root and await everything.count(one)]
    assert len(there_is) > 4
    empty = set[tuple[str, str]]()
    for account in accounts:
        principal = await _logged_in(demo, account)
        for one in there_is:
            if one.permission in principal.rights and not await demo.lists(principal).count(one):
                empty.add((str(account.role), one.name))
    # Batches and classes belong to who answers for them, not to who is in them.
    assert empty == {("supervisor", "cohorts"), ("trainee", "cohorts"), ("trainee", "sessions")}


async def _logged_in(app: App, account: DemoAccount) -> Principal:
    opened = await app.accounts.log_in(account.email, account.password)
    session = await app.accounts.principal_of_session(opened.secret)
    assert session
    return session.principal


async def test_filling_a_filled_one_writes_nothing(demo: App) -> None:
    before, noted = await _positions(demo), demo_accounts(demo.settings)
    await seed(demo)
    (demo.settings.data / "demo.json").unlink()
    await seed(demo)
    assert await _positions(demo) == before
    assert demo_accounts(demo.settings) == noted


async def test_where_head_office_has_people_of_its_own_there_is_no_demo(demo: App) -> None:
    (demo.settings.data / "demo.json").unlink()
    user = {"email": "own@chudan.example", "name": "自己人", "password": "three ducks at a brook"}
    await demo.accounts.create_user(role=Role.ADMINISTRATOR, **user)
    before = await _positions(demo)
    await seed(demo)
    assert (await _positions(demo), demo_accounts(demo.settings)) == (before, [])


async def _positions(app: App) -> dict[UUID, int]:
    them = [one.tenant_id for one in await app.accounts.list_organisations()]
    return {tenant_id: await app.log.position(tenant_id) for tenant_id in them}


def test_the_history_is_shaped_like_the_trade() -> None:
    trade = read_trade()
    told = [list(batches(partner, trade.words, TODAY)) for partner in trade.partners]
    sizes = [len(batch.people) for history in told for batch in history]
    assert 8 <= min(sizes) <= max(sizes) <= 30
    people = [person for history in told for batch in history[:-4] for person in batch.people]
    left = sum(any(isinstance(c, RecordLeaving) for c in person) for person in people)
    assert 0.28 < left / len(people) < 0.42
    first_orders = [days for person in people if (days := _days_to_first_order(person)) is not None]
    assert 7 <= sorted(first_orders)[len(first_orders) // 2] <= 12


def _days_to_first_order(person: list[msgspec.Struct]) -> int | None:
    live = next((c.on for c in person if isinstance(c, GoLive)), None)
    first = next((c.closed_on for c in person if isinstance(c, RecordOrder)), None)
    return None if live is None or first is None else (first - live).days + 1


def test_the_past_is_the_same_whatever_the_day() -> None:
    trade = read_trade()
    partner = trade.partners[0]
    today, later = (
        {batch.opening.code: batch for batch in batches(partner, trade.words, day)}
        for day in (TODAY, date(2026, 12, 31))
    )
    for code in today.keys() & later.keys():
        for before, after in zip(today[code].people, later[code].people, strict=True):
            assert after[: len(before)] == before
            assert isinstance(before[0], EnrolTrainee)
        for before, after in zip(today[code].classes, later[code].classes, strict=True):
            assert after[: len(before)] == before
