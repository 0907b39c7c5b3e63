"""Log-ins of people who are on record: invited, sent another link, unlocked, by whom."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from domain.kernel.errors import PermissionRefusedError, Refusal
from domain.kernel.whose import own_stream
from infra.access.accounts import PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.people.people import PERSON_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.execute import execute
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import in_role
from services.kernel.scopes import Scope
from services.people.access import NewSession, Tenant
from services.people.acting import as_now
from services.people.guessing import OF_ACCOUNT, account_key
from services.people.log_ins import InvitePerson, roles_to_give
from services.people.person import (
    AssignRole,
    EndRole,
    JoinPersons,
    RegisterPerson,
    SuspendPerson,
)
from services.reading.head_office import is_head_office
from services.teaching.cohort import OpenCohort
from services.trainees.trainee import EnrolTrainee

PASSWORD = "three ducks at a brook"


@dataclass
class Office:
    """An organisation, its HR manager, and people on record."""

    app: App
    partner: Tenant

    def by(self, role: Role) -> Principal:
        return in_role(self.partner.tenant_id, "somebody", role)

    @property
    def hr(self) -> Principal:
        return self.by(Role.HR_MANAGER)

    async def person(self, *roles: Role) -> str:
        ctx = self.app.context(self.partner.operator)
        since = ctx.today - timedelta(days=1)
        person_id = (await execute(ctx, RegisterPerson("李娜", since))).stream_id
        for role in roles:
            await execute(ctx, AssignRole(person_id, since, role, Scope.ALL))
        return person_id

    async def invite(
        self,
        person_id: str,
        role: Role | None,
        by: Principal | None = None,
        *,
        mail: str | None = None,
        key: str | None = None,
    ) -> str:
        """Answers the address."""
        mail = mail or f"{uuid4().hex}@partner.example"
        ctx = self.app.context(by or self.hr, idempotency_key=key)
        await self.app.log_ins.invite(ctx, InvitePerson(person_id, mail, ctx.today, role))
        return mail

    async def refused(self, *asked: Any, **how: Any) -> str:
        """The code with which an invitation is refused."""
        with pytest.raises(Refusal) as caught:
            await self.invite(*asked, **how)
        return caught.value.code

    async def mails_to(self, mail: str) -> list[str]:
        async with self.app.db.tenant(self.partner.tenant_id) as tenant:
            ids = await tenant.fetch("select id from mails where tenant_id = $1 order by id")
        found = [await self.app.mails.get(self.partner.tenant_id, one["id"]) for one in ids]
        opened = [self.app.mails.open(one) for one in found if one is not None]
        return [one.text for one in opened if one.to == mail]

    async def enter(self, mail: str) -> NewSession:
        """By the link of the only mail that was sent there."""
        (text,) = await self.mails_to(mail)
        await self.app.links.choose_password(_secret(text), PASSWORD)
        opened = await self.app.accounts.log_in(mail, PASSWORD)
        assert isinstance(opened, NewSession)
        return opened

    async def lock(self, mail: str) -> None:
        attempts, now = PostgresAttempts(self.app.db), self.app.clock() - timedelta(days=1)
        for _ in range(OF_ACCOUNT.locked or 0):
            await attempts.begin({account_key(mail): OF_ACCOUNT}, now)
            now += timedelta(seconds=400)


def _secret(mail: str) -> str:
    return mail.partition("/welcome#")[2].split()[0]


@pytest.fixture
async def office(app: App, partner: Tenant) -> Office:
    return Office(app, partner)


async def test_who_is_invited_by_mail_logs_in_as_the_person_with_the_role(office: Office) -> None:
    person = await office.person()
    mail = await office.invite(person, Role.HR_OFFICER, key="once")
    await office.invite(person, Role.HR_OFFICER, mail=mail, key="once")
    secret = (await office.enter(mail)).secret
    known = await office.app.accounts.principal_of_session(secret)
    assert known is not None
    assert (known.principal.person_id, known.principal.roles) == (person, (Role.HR_OFFICER,))
    assert (await office.app.log_ins.list_of(office.hr, [person]))[person].email == mail
    assert await office.refused(person, Role.HR_OFFICER) == "log_in_there"
    assert await office.refused(await office.person(), Role.HR_OFFICER, mail=mail) == "email_taken"
    await office.app.log_ins.reset(office.hr, person)
    assert len(await office.mails_to(mail)) == 2


async def test_who_has_not_accepted_an_invitation_is_invited_again(office: Office) -> None:
    person, log_ins = await office.person(), office.app.log_ins
    mail = await office.invite(person, Role.HR_OFFICER)
    waiting = (await log_ins.list_of(office.hr, [person]))[person]
    now = office.app.clock()
    assert not waiting.is_accepted and waiting.awaits(now)
    assert not waiting.awaits(now + timedelta(days=8))
    assert not await log_ins.reset(office.hr, person)
    first, second = await office.mails_to(mail)
    assert first.partition("http")[0] == second.partition("http")[0]
    with pytest.raises(Refusal, match="link_over"):
        await office.app.links.choose_password(_secret(first), PASSWORD)
    await office.app.links.choose_password(_secret(second), PASSWORD)
    assert (await log_ins.list_of(office.hr, [person]))[person].is_accepted
    assert await log_ins.reset(office.hr, person)


async def test_an_invitation_to_another_address_voids_the_one_that_nobody_accepted(
    office: Office,
) -> None:
    person, log_ins = await office.person(), office.app.log_ins
    mistyped = await office.invite(person, Role.HR_OFFICER)
    taken = await office.invite(await office.person(), Role.HR_OFFICER)
    assert await office.refused(person, None, mail=taken) == "email_taken"
    assert (await log_ins.list_of(office.hr, [person]))[person].awaits(office.app.clock())
    mail = await office.invite(person, None)
    (first,) = await office.mails_to(mistyped)
    with pytest.raises(Refusal, match="link_over"):
        await office.app.links.choose_password(_secret(first), PASSWORD)
    with pytest.raises(Refusal, match="account_unknown"):
        await office.app.links.send_invitation(office.partner, mistyped)
    known = await office.app.accounts.principal_of_session((await office.enter(mail)).secret)
    assert known is not None and known.principal.person_id == person
    assert await office.refused(person, None) == "log_in_there"
    assert (await log_ins.list_of(office.hr, [person]))[person].email == mail


async def test_in_a_transaction_of_another_organisation_nobody_has_a_log_in(
    app: App, office: Office
) -> None:
    person = await office.person()
    await office.invite(person, Role.HR_OFFICER)
    other = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "宁波渠道")
    asked = ("select email from log_ins_of($1, $2::text[])", office.partner.tenant_id, [person])
    for tenant_id, count in ((office.partner.tenant_id, 1), (other.tenant_id, 0)):
        async with app.db.tenant(tenant_id) as tenant:
            assert len(await tenant.plain.fetch(*asked)) == count


async def test_an_invitation_that_was_interrupted_before_its_mail_sends_it_when_asked_again(
    office: Office,
) -> None:
    person, mail = await office.person(), f"{uuid4().hex}@partner.example"
    ctx = office.app.context(office.hr, idempotency_key="again")
    await office.app.accounts.add_account(office.partner, mail, "李娜", person)
    await execute(ctx, AssignRole(person, ctx.today, Role.HR_OFFICER, Scope.ALL))
    assert await office.mails_to(mail) == []
    for _ in range(2):
        await office.invite(person, Role.HR_OFFICER, mail=mail, key="again")
        assert len(await office.mails_to(mail)) == 1


@pytest.mark.parametrize("key", ["again", None])
async def test_an_invitation_that_was_interrupted_before_its_role_is_completed_when_asked_again(
    office: Office, key: str | None
) -> None:
    person, mail = await office.person(), f"{uuid4().hex}@partner.example"
    await office.app.accounts.add_account(office.partner, mail, "李娜", person)
    assert await office.refused(person, None, mail=mail) == "field_missing"
    assert await office.refused(person, Role.TRAINING_MANAGER, mail=mail) == "right_not_held"
    await office.invite(person, Role.HR_OFFICER, mail=mail.upper(), key=key)
    assert await office.refused(person, Role.HR_OFFICER, mail=mail) == "invited_there"
    known = await office.app.accounts.principal_of_session((await office.enter(mail)).secret)
    assert known is not None and known.principal.roles == (Role.HR_OFFICER,)
    assert await office.refused(person, Role.HR_OFFICER, mail=mail) == "log_in_there"


async def test_head_office_lets_its_people_in_as_a_partner_does(app: App) -> None:
    office = Office(app, await app.accounts.organisation(None))
    administrator, person = office.by(Role.ADMINISTRATOR), await office.person()
    assert await office.refused(person, Role.TRAINING_MANAGER, administrator) == "role_of_others"
    mail = await office.invite(person, Role.HEAD_OFFICE, administrator)
    opened = await office.enter(mail)
    session = await app.accounts.principal_of_session(opened.secret)
    assert session is not None
    assert (session.principal.person_id, session.principal.roles) == (person, (Role.HEAD_OFFICE,))
    assert await app.head_office_figures.months(session.principal, [], 1) == []
    assert len(await app.sessions.list_of(partner=None, email=mail)) == 1
    assert len(await app.sessions.list_own(session)) == 1
    assert not await app.second_factor.reset(partner=None, email=mail)
    with pytest.raises(PermissionRefusedError):
        await app.service_tokens.list_tokens(session.principal)
    system = app.context(office.partner.operator)
    await execute(system, AssignRole(person, system.today, Role.ADMINISTRATOR, Scope.ALL))
    both = msgspec.structs.replace(session, principal=await app.as_now(session.principal))
    issued = await app.service_tokens.issue(both, label="BI", scopes=["manage_partners"], days=9)
    program = await app.accounts.principal_of_token(issued.token)
    assert program is not None and [*program.rights] == [Permission.MANAGE_PARTNERS]
    assert is_head_office(program)
    await execute(system, SuspendPerson(person, "离岗"))
    fresh = PostgresAccess(app.db, lambda: app.settings.dsn("owner"), app.log)
    assert (await as_now(fresh, session.principal, app.clock())).rights == {}


async def test_a_trainee_who_is_invited_by_the_number_reads_the_own_stays_alone(
    office: Office,
) -> None:
    ctx, administrator = office.app.context(office.partner.operator), office.by(Role.ADMINISTRATOR)
    await execute(ctx, OpenCohort("A1", "一期", ctx.today))
    for number, name in (("E1", "曾伟"), ("E2", "单丽")):
        stay = (await execute(ctx, EnrolTrainee("A1", number, name, ctx.today))).stream_id
    await catch_up(office.app, office.partner.tenant_id)
    row = await office.app.lists(administrator).get(PERSON_LIST, number="e2")
    assert row is not None
    assert (row.person_id, row.name, row.status) == (own_stream(stay), "单丽", "trainee")
    mail = await office.invite(row.person_id, Role.TRAINEE, administrator)
    known = await office.app.accounts.principal_of_session((await office.enter(mail)).secret)
    assert known is not None
    own = await office.app.lists(known.principal).page(TRAINEE_LIST, Paging(9))
    assert [one.trainee_id for one in own.rows] == [stay]


async def test_nobody_invites_to_more_than_they_hold_nor_to_what_somebody_has_already(
    office: Office,
) -> None:
    administrator = office.by(Role.ADMINISTRATOR)
    for had, role in (
        ((), Role.TRAINING_MANAGER),
        ((Role.TRAINING_MANAGER,), None),
        ((Role.TRAINING_MANAGER,), Role.HR_OFFICER),
    ):
        person = await office.person(*had)
        assert await office.refused(person, role) == "right_not_held"
        assert await office.app.log_ins.list_of(office.hr, [person]) == {}
        await office.invite(person, role, administrator)
        assert await office.refused(person, None) == "right_not_held"
    assert Role.TRAINING_MANAGER not in (given := roles_to_give(office.hr))
    assert Role.HR_OFFICER in given and {*given} < {*roles_to_give(administrator)}


async def test_refuses_an_invitation_without_any_role_or_by_who_may_not(office: Office) -> None:
    person = await office.person()
    assert await office.refused(person, None) == "field_missing"
    manager = office.by(Role.TRAINING_MANAGER)
    assert await office.refused(person, Role.HR_OFFICER, manager) == "permission_refused"
    with pytest.raises(Refusal, match="log_in_unknown"):
        await office.app.log_ins.reset(office.hr, person)


async def test_only_what_is_locked_is_unlocked_and_not_what_is_somebody_elses_too(
    office: Office,
) -> None:
    log_ins, person = office.app.log_ins, await office.person()
    mail = await office.invite(person, Role.HR_OFFICER)
    with pytest.raises(Refusal, match="log_in_not_locked"):
        await log_ins.unlock(office.hr, person)
    await office.lock(mail)
    assert await log_ins.is_locked(office.hr, person)
    await log_ins.unlock(office.hr, person)
    assert not await log_ins.is_locked(office.hr, person)
    await office.app.accounts.create_user(
        email=mail, name="李娜", role=Role.HEAD_OFFICE, password=PASSWORD
    )
    await office.lock(mail)
    with pytest.raises(Refusal, match="log_in_elsewhere"):
        await log_ins.unlock(office.hr, person)


async def test_whoever_has_two_accounts_since_they_were_joined_is_named_once(
    office: Office,
) -> None:
    people = [await office.person(Role.HR_MANAGER) for _ in range(2)]
    for one in people:
        mail = f"{uuid4().hex}@partner.example"
        await office.app.accounts.add_account(office.partner, mail, "李娜", one)
    joining = JoinPersons(*people, "同一人")
    await execute(office.app.context(office.partner.operator), joining)
    assert await office.app.holders.of(office.hr, Permission.MANAGE_PEOPLE) == ["李娜"]


async def test_whom_to_ask_is_who_has_the_right_today_whatever_they_were_invited_as(
    office: Office,
) -> None:
    system = office.app.context(office.partner.operator)
    for name, role in (("李", Role.ADMINISTRATOR), ("王", Role.TRAINING_SPECIALIST)):
        about: Any = {"name": name, "role": role, "partner": office.partner.code}
        mail = f"{uuid4().hex}@partner.example"
        await office.app.links.invite(email=mail, by_mail=False, **about)
    await catch_up(office.app, office.partner.tenant_id)
    people = await office.app.lists(office.partner.operator).page(PERSON_LIST, Paging(9))
    first, second = (row.person_id for row in sorted(people.rows, key=lambda row: row.name))
    await execute(system, SuspendPerson(first, "离岗"))
    await execute(system, AssignRole(second, system.today, Role.HR_MANAGER, Scope.ALL))
    holders, may = office.app.holders, Permission.MANAGE_PEOPLE
    assert list(await holders.of(office.hr, may)) == ["王"]
    await execute(system, EndRole(second, 3, system.today))
    narrowed = AssignRole(second, system.today, Role.HR_MANAGER, Scope.OWN_DEPARTMENT)
    await execute(system, narrowed)
    while await holders.of(office.hr, may, everything=True):
        pass
    assert list(await holders.of(office.hr, may)) == ["王"]
