"""Forms take and refuse what GraphQL takes and refuses: every command that pages give, on twins.

Two partners live through the same. What is typed into a form of the one is stated to the other over
GraphQL: both must take it, or say the same sentence of the same field; and in the end both logs
must hold the same.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.web.kit.form import RefusedFormError, form_of
from api.web.kit.form_field import FormField
from api.web.kit.resource import Amendment, CommandKind, Resource
from api.web.pages.resources import RESOURCES
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.department import (
    CloseDepartment,
    CorrectDepartmentOpening,
    WithdrawDepartmentFact,
)
from services.people.person import (
    ConfirmPerson,
    CorrectRegistration,
    EndRole,
    JoinPersons,
    NumberPerson,
    RecordComeback,
    RecordDeparture,
    RecordReturn,
    RegisterPerson,
    WithdrawJoining,
)
from services.registry import COMMANDS
from services.teaching.cohort import WithdrawCohortOpening
from services.teaching.session import ApprovePlanChange, CancelSession
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectLeaving,
    CorrectTrialVerdict,
)
from services.trainees.follow_up import CorrectAction, DropFollowUp, OpenFollowUp
from services.trainees.selling import RecordOrder, WithdrawComplaint
from services.trainees.trainee import (
    EliminateTrainee,
    EnrolTrainee,
    GoLive,
    RecordLeaving,
    RecordTrialVerdict,
    RejoinTrainee,
    TransferTrainee,
)
from tests.api.web.twins import DOORS, FORMS, Pair, Twins, agree
from tests.carrying import OF_HR, carry_out
from tests.follow_ups import action_agreed, follow_up_noted, follow_up_opened
from tests.situation import (
    CLASS_HELD,
    LIFE,
    batch_opened,
    class_planned,
    complaint_filed,
    enrolled,
    march,
    ordered,
    passed_gate,
)
from tests.staff import departed, department_opened, registered, went_away

BEFORE = (
    *LIFE,
    *CLASS_HELD,
    batch_opened("B9"),
    *(class_planned(code, on=march(9)) for code in ("K1", "K2", "K3")),
    *(enrolled(who) for who in ("E3", "E4", "E5", "E6")),
    passed_gate("E5", on=march(2)),
    complaint_filed("E0", "C1", on=march(5)),
    ordered("E0", "N3", on=march(6)),
    follow_up_opened("E0", "F0", on=march(3)),
    follow_up_noted("F0", on=march(3)),
    action_agreed("F0", on=march(4), due=march(8)),
    *(follow_up_opened("E0", code, on=march(3)) for code in ("F1", "F2")),
    action_agreed("F1", on=march(4), due=march(8)),
    registered("M1", name="钱主管"),
    registered("M2", name="孙经理"),
    *(registered(f"M{number}", name=f"员工{number}") for number in range(3, 9)),
    went_away("M5", on=march(2), deputy="M2"),
    departed("M7", on=march(5)),
    batch_opened("B8", training_manager="吴老师"),
    *(department_opened(code, head="M1") for code in ("XS", "YF", "GB", "KF")),
)
LATER = march(20)
PROPER: dict[str, str] = {
    "cohort": "B2",
    "code": "NEW-1",
    "name": "陈 晨",
    "manager": "王主管",
    "training_manager": "周班",
    "reason": "核对后登记",
    "feedback": "表达清楚",
    "employee_no": "E1",
    "order_no": "N9",
    "complaint_no": "C9",
    "score": "88.5",
    "amount": "1280.50",
    "headcount": "12",
    "topics": "公司与文化\n产品知识",
    "topics_taught": "公司与文化",
    "text": "本期总结",
    "note": "报价不清楚",
    "action": "练报价",
    "due_on": str(march(25)),
    "phone": "13800000001",
    "leaving_reason": "家庭原因",
    "mail": "chen@qudao.example",
    "id_number": "E12345678",
    "department": "XS",
    "part_of": "XS",
    "manager_id": "M1",
    "head_id": "M2",
    "deputy_id": "孙经理",
    "into_id": "M2",
    "until": str(march(31)),
    "session": "K0",
    "role": "hr_officer",
    "scope": "all",
}
"""Of a field with choices what is chosen first; then each is in turn."""


async def test_a_form_of_every_command_takes_and_refuses_what_graphql_does(
    app: App, web: Litestar, http: httpx.AsyncClient
) -> None:
    partners, compared = await _partners(app), 0
    different, taken = list[Any](), set[CommandKind]()
    for role in (Role.TRAINING_MANAGER, Role.HR_MANAGER):
        twins = await Twins.signed_in(app, web, http, partners, role)
        for resource, command, about in _forms():
            if (COMMANDS[command].permission in OF_HR) != (role is Role.HR_MANAGER):
                continue
            named = OTHERS.get(command, THINGS[resource.listing.name])
            pair = await Pair.placed(twins, resource, command, about, named)
            for typed in await _in_order(pair):
                in_form, over_graphql = await pair.answers(typed)
                compared += 1
                if not agree(in_form, over_graphql):
                    different.append((command, typed, in_form, over_graphql))
                if not in_form:
                    taken.add(command)
                    if command in (WithdrawCohortOpening, WithdrawDepartmentFact):
                        break  # There may be no other to be withdrawn.
                    pair = await Pair.placed(twins, resource, command, about, named)
    assert different == []
    assert {command for _, command, _ in _forms()} - taken == set()
    assert compared > 1_100
    by_forms, by_graphql = await twins.written()
    assert len(by_forms) > compared / 5
    assert by_forms == by_graphql


def test_a_form_names_every_field_that_is_amiss_at_once() -> None:
    typed = {"order_no": ["x" * 65], "closed_on": ["1800-01-01"], "amount": ["1.234"]}
    with pytest.raises(RefusedFormError) as refused:
        form_of(RecordOrder).read(typed, {"employee_no": "E1"})
    assert {(one.field, one.code) for one in refused.value.refusals} == {
        ("order_no", "text_too_long"),
        ("closed_on", "day_out_of_range"),
        ("amount", "too_many_places"),
    }


def test_a_form_left_empty_names_every_field_that_must_be_filled_in() -> None:
    with pytest.raises(RefusedFormError) as refused:
        form_of(EnrolTrainee).read({"phone": ["x" * 65]}, {})
    assert [(one.field, one.code) for one in refused.value.refusals] == [
        ("cohort", "field_missing"),
        ("employee_no", "field_missing"),
        ("name", "field_missing"),
        ("entered_on", "field_missing"),
        ("phone", "text_too_long"),
    ]


def test_every_command_that_answers_something_of_a_resource_has_a_form() -> None:
    aggregates = {one.aggregate for one in RESOURCES.all}
    known = {command for command, row in COMMANDS.items() if row.answers in aggregates}
    assert {command for _, command, _ in _forms()} == known


def _forms() -> Iterator[tuple[Resource[Any], CommandKind, Amendment | None]]:
    for resource in RESOURCES.all:
        for command in (resource.opening, *resource.commands):
            yield resource, command, None
        for amendment in resource.amendments:
            yield resource, amendment.command, amendment


async def _partners(app: App) -> list[Principal]:
    principals = []
    for code in (FORMS, DOORS):
        partner = await app.accounts.create_partner(code, "双子渠道")
        principal = in_role(partner.tenant_id, f"twin-{code}", Role.TRAINING_MANAGER)
        await carry_out(app, principal, BEFORE)
        await catch_up(app, principal.tenant)
        principals.append(principal)
    return principals


async def _in_order(pair: Pair) -> list[dict[str, str]]:
    """What is to be typed: first what will be refused, since what is taken may leave nothing to be
    done; then what is as it should be, and what else will be taken."""
    inputs = list(_inputs(pair))
    refused = [one for one in inputs if await pair.is_refused(one)]
    return [*refused, *(one for one in inputs if one not in refused)]


def _inputs(pair: Pair) -> Iterator[dict[str, str]]:
    """One as it should be, and each field amiss in each way, but those that nobody types: the id of
    what the page is about, and the fact where it knows that."""
    command = pair.command
    fields = form_of(command).fields
    known = {one.name for one in fields if one.names in ("id", "fact")} & pair.given.keys()
    yield {one.name: _proper(one, command, 0) for one in fields}
    number = 0
    for amiss in (one for one in fields if one.name not in known):
        for text in _amiss(amiss):
            number += 1
            proper = {one.name: _proper(one, command, number) for one in fields}
            yield proper | {amiss.name: text}


def _proper(field: FormField, command: CommandKind, number: int) -> str:
    if field.kind == "day":
        # The role that is offered may have begun on any of the days below.
        after = {WithdrawComplaint: 60, EndRole: 5}
        days = after.get(command, -command.__name__.startswith("Correct"))
        return PROPER.get(field.name, str(LATER + timedelta(days=number % 6 + days)))
    if field.kind == "choice":
        first = None if number else PROPER.get(field.name)
        return first or field.choices[number % len(field.choices)]
    if field.kind in ("yes_or_no", "tick"):
        return ("yes", "no")[number % 2]
    text = PROPER.get(field.name, "")
    if field.name == "employee_no":
        new = {EnrolTrainee: "NEW", RegisterPerson: "M90", NumberPerson: "M91"}.get(command)
        text = "E0" if command is OpenFollowUp else f"{new}-{number}" if new else text
    return f"{text}-{number}" if field.name in ("code", "order_no", "complaint_no") else text


def _amiss(field: FormField) -> Iterator[str]:
    yield ""
    if field.kind == "day":
        yield from ("1899-12-31", "3000-01-01", str(date.today() + timedelta(days=400)))
        yield from ("2026-02-30", "some day")
    elif field.kind == "number":
        yield from ("-1", "1000000000000000", "0", "1.234", "many")
    elif field.kind in ("choice", "yes_or_no"):
        yield "another"
    elif field.kind == "items":
        yield from ("x" * 101, "a\x07b", "\n".join(map(str, range(101))))
    elif field.kind in ("line", "prose", "month"):
        # A name that several bear is no fault over GraphQL, where an id is stated: it is nobody's.
        yield from ("   ", "x" * ((field.most or 20) + 1), "a\x07b")
        yield "无名氏" if field.by_id else "ＡＢ 1"


THINGS = {
    "trainees": "E0",
    "cohorts": "A1",
    "sessions": "K1",
    "orders": "N3",
    "follow_ups": "F0",
    "people": "M3",
    "departments": "YF",
}
OTHERS: dict[CommandKind, str] = {
    RejoinTrainee: "E2",
    RecordLeaving: "E3",
    CorrectLeaving: "E3",
    EliminateTrainee: "E4",
    CorrectEnrolment: "E4",
    RecordTrialVerdict: "E6",
    CorrectTrialVerdict: "E6",
    GoLive: "E5",
    TransferTrainee: "E6",
    WithdrawCohortOpening: "B9",
    ApprovePlanChange: "K2",
    CancelSession: "K3",
    CorrectAction: "F1",
    DropFollowUp: "F2",
    ConfirmPerson: "吴老师",
    NumberPerson: "吴老师",
    JoinPersons: "M4",
    WithdrawJoining: "M4",
    RecordReturn: "M5",
    RecordDeparture: "M6",
    RecordComeback: "M7",
    CorrectRegistration: "M8",
    CloseDepartment: "GB",
    CorrectDepartmentOpening: "KF",
}
"""Commands that need something else than what the others left of these."""
