"""Forms take and refuse what GraphQL takes and refuses: every command that pages give, on twins.

Two partners live through the same. What is typed into a form of the one is stated to the other over
GraphQL; both must say the same, so that what is taken changes both alike.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from litestar import Litestar
from strawberry.utils.str_converters import to_camel_case

from api.web.kit.form import FormField, RefusedFormError, form_of
from api.web.kit.resource import Amendment, CommandKind, Resource, name_of
from api.web.pages.resources import RESOURCES
from domain.kernel.aggregate import DomainEvent
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.kernel.context import Principal, Role
from services.registry import COMMANDS
from services.teaching.session import ApprovePlanChange, CancelSession
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectLeaving,
    CorrectTrialVerdict,
    WithdrawLeaving,
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
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.carrying import carry_out
from tests.follow_ups import action_agreed, follow_up_noted, follow_up_opened
from tests.situation import (
    CLASS_HELD,
    LIFE,
    class_planned,
    complaint_filed,
    enrolled,
    march,
    ordered,
    passed_gate,
)

TRIES = 12
"""Inputs of each command: the first as it should be, the others with something amiss."""

PASSWORD = "a-long-password"
BEFORE = (
    *LIFE,
    *CLASS_HELD,
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
}


@dataclass(frozen=True)
class Twins:
    """typist: gives commands in forms, which the door's partner is given over GraphQL."""

    app: App
    typist: Principal
    http: httpx.AsyncClient
    doors: dict[Role, Door]
    other: Principal


@pytest.fixture
async def twins(app: App, web: Litestar, http: httpx.AsyncClient) -> AsyncIterator[Twins]:
    principals = []
    for code in ("FORMS", "DOORS"):
        partner = await app.accounts.create_partner(code, "双子渠道")
        principal = Principal(partner.tenant_id, f"twin-{code}", Role.TRAINING_MANAGER)
        await carry_out(app, principal, BEFORE)
        await catch_up(app, principal.tenant)
        principals.append(principal)
    doors = {
        role: await open_door(app, web, http, "DOORS", role)
        for role in (Role.TRAINING_MANAGER, Role.HR_MANAGER)
    }
    yield Twins(app, principals[0], http, doors, principals[1])


async def test_a_form_of_every_command_takes_and_refuses_what_graphql_does(twins: Twins) -> None:
    random, compared, taken = Random(8), 0, set[CommandKind]()
    for role in (Role.TRAINING_MANAGER, Role.HR_MANAGER):
        await _log_in(twins, role)
        for resource, command, about in _forms():
            if (COMMANDS[command].permission == "approve_plans") != (role is Role.HR_MANAGER):
                continue
            for number in range(TRIES):
                typed = dict(_typed(command, random, number))
                in_form, over_graphql = await _both(twins, role, resource, command, about, typed)
                assert in_form == over_graphql, (command, typed)
                compared += 1
                taken |= {command} if in_form == "taken" else set()
    assert compared == TRIES * len(list(_forms()))
    assert {command for _, command, _ in _forms()} - taken == set()


def test_a_form_names_every_field_that_is_amiss_at_once() -> None:
    typed = {"order_no": ["x" * 65], "closed_on": ["1800-01-01"], "amount": ["1.234"]}
    with pytest.raises(RefusedFormError) as refused:
        form_of(RecordOrder).read(typed, {"employee_no": "E1"})
    assert {(one.field, one.code) for one in refused.value.refusals} == {
        ("order_no", "text_too_long"),
        ("closed_on", "day_out_of_range"),
        ("amount", "too_many_places"),
    }


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


def _typed(command: CommandKind, random: Random, number: int) -> Iterator[tuple[str, str]]:
    """What is typed into each field; the first time as it should be."""
    fields = form_of(command).fields
    amiss = random.choice(fields).name if number else None
    for field in fields:
        if field.name == amiss:
            yield field.name, random.choice(list(_amiss(field)))
        else:
            yield field.name, _proper(field, command, number)


def _proper(field: FormField, command: CommandKind, number: int) -> str:
    if field.kind == "day":
        days = {WithdrawComplaint: TRIES}.get(command, -command.__name__.startswith("Correct"))
        return PROPER.get(field.name, str(LATER + timedelta(days=number + days)))
    if field.kind == "choice":
        return field.choices[number % len(field.choices)]
    if field.kind in ("yes_or_no", "tick"):
        return ("yes", "no")[number % 2]
    text = PROPER.get(field.name, "")
    if field.name == "employee_no":
        text = {EnrolTrainee: f"NEW-{number}", OpenFollowUp: "E0"}.get(command, text)
    return f"{text}-{number}" if field.name in ("code", "order_no", "complaint_no") else text


def _amiss(field: FormField) -> Iterator[str]:
    yield ""
    if field.kind == "day":
        yield from ("1899-12-31", "3000-01-01", str(date.today() + timedelta(days=400)))
    elif field.kind == "number":
        yield from ("-1", "1000000000000000", "0")
    elif field.kind in ("line", "prose", "month"):
        yield from ("   ", "x" * ((field.most or 20) + 1), "a\x07b", "ＡＢ 1")


async def _log_in(twins: Twins, role: Role) -> None:
    twins.http.cookies.clear()
    email = f"{role}@forms.example"
    await twins.app.accounts.create_user(
        email=email, name="打字员", role=role, password=PASSWORD, partner="FORMS"
    )
    page = await twins.http.get("/login")
    form = {"email": email, "password": PASSWORD, "csrf": _hidden(page.text, "csrf"), "next": "/"}
    assert (await twins.http.post("/login", data=form)).status_code == 303


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


async def _both(
    twins: Twins,
    role: Role,
    resource: Resource[Any],
    command: CommandKind,
    about: Amendment | None,
    typed: dict[str, str],
) -> tuple[Any, Any]:
    """What a form and what GraphQL say: `taken`, or the codes of what is refused and where."""
    address, given = await _place(twins, twins.typist, resource, command, about)
    _, theirs = await _place(twins, twins.other, resource, command, about)
    open_fields = {name: text for name, text in typed.items() if name not in given}
    return (
        await _in_form(twins, command, address, open_fields),
        await _over_graphql(twins.doors[role], command, theirs, open_fields),
    )


async def _place(
    twins: Twins,
    principal: Principal,
    resource: Resource[Any],
    command: CommandKind,
    about: Amendment | None,
) -> tuple[str, dict[str, Any]]:
    """The form's address in a partner, and the fields that the page states by itself."""
    if command is resource.opening:
        return f"{resource.path}/new", {}
    lists = twins.app.lists(principal.tenant)
    row = await lists.get(
        resource.listing, **{resource.named_by: OTHERS.get(command, THINGS[resource.listing.name])}
    )
    assert row is not None
    thing = getattr(row, resource.listing.id_column)
    given = resource.naming(row, command)
    if about is None:
        return resource.address(thing, command), given
    event = await _last(twins.app, principal, thing, about)
    if event is None:
        return resource.address(thing, command), given
    stated = {"fact": event.fact_id, "was_on": event.day.isoformat()}
    stated |= {
        name: getattr(event, name) for name in ("order_no", "complaint_no") if hasattr(event, name)
    }
    known = {name: value for name, value in stated.items() if name in command.__struct_fields__}
    return resource.address(thing, command, event.fact_id), given | known


THINGS = {"trainees": "E0", "cohorts": "A1", "sessions": "K1", "follow_ups": "F0"}
OTHERS: dict[CommandKind, str] = {
    RejoinTrainee: "E2",
    RecordLeaving: "E3",
    CorrectLeaving: "E3",
    WithdrawLeaving: "E3",
    EliminateTrainee: "E4",
    CorrectEnrolment: "E4",
    RecordTrialVerdict: "E6",
    CorrectTrialVerdict: "E6",
    GoLive: "E5",
    TransferTrainee: "E6",
    ApprovePlanChange: "K2",
    CancelSession: "K3",
    CorrectAction: "F1",
    DropFollowUp: "F2",
}
"""Commands that need something else than what the others left of these."""


async def _last(app: App, principal: Principal, thing: str, about: Amendment) -> Any:
    events: list[DomainEvent] = list(await app.log.load(principal.tenant, thing))
    return next((one for one in reversed(events) if one.TOPIC in about.topics), None)


async def _in_form(twins: Twins, command: CommandKind, address: str, typed: dict[str, str]) -> Any:
    page = await twins.http.get(address)
    assert page.status_code == 200, address
    unticked = {one.name for one in form_of(command).fields if one.kind == "tick"}
    sent = {k: text for k, text in typed.items() if k not in unticked or text == "yes"}
    sent |= {"csrf": _hidden(page.text, "csrf"), "key": _hidden(page.text, "key")}
    answer = await twins.http.post(address, data=sent | {"confirmed": "yes"})
    if answer.status_code == 303:
        await catch_up(twins.app, twins.typist.tenant)
        return "taken"
    assert answer.status_code == 422, answer.text[:500]
    for name, text in typed.items():
        if name != "fact" and text.strip() and text.isprintable():
            assert text.splitlines()[0][:100] in answer.text, (name, "is lost")
    return "refused"


async def _over_graphql(
    door: Door, command: CommandKind, given: dict[str, Any], typed: dict[str, str]
) -> Any:
    stated: dict[str, Any] = {to_camel_case(name): value for name, value in given.items()}
    for field in form_of(command).fields:
        if field.name in given:
            continue
        value = _stated(field, typed[field.name])
        if value is not None:
            stated[to_camel_case(field.name)] = value
    name = to_camel_case(name_of(command))
    kind = name[0].upper() + name[1:]
    query = (
        f"mutation M($input: {kind}Input!) {{ {name}(input: $input)"
        " { position errors { code path } } }"
    )
    answer = await door.answer(query, input=stated)
    if "errors" in answer:
        return "refused"
    return "refused" if answer["data"][name]["errors"] else "taken"


def _stated(field: FormField, text: str) -> Any:
    """What a caller of GraphQL states who means what was typed."""
    if field.kind == "items":
        return text.splitlines()
    if field.kind in ("yes_or_no", "tick"):
        return text == "yes" if text or field.kind == "tick" else None
    if field.kind in ("line", "prose", "month"):
        return text if text or field.is_required or field.clears else None
    if not text:
        return None
    if field.kind == "choice":
        return text.upper()
    if field.kind == "number":
        return text if field.places else int(text)
    return text
