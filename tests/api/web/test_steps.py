"""A page offers what comes next, and nothing that would surely be refused."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest

from api.web.kit.form import form_of
from api.web.kit.form_field import FormField
from api.web.kit.resource import Resource
from api.web.kit.timeline import filled
from api.web.pages.follow_ups import FOLLOW_UPS
from api.web.pages.sessions import SESSIONS
from api.web.pages.trainees import TRAINEES
from domain.kernel.aggregate import Happening
from domain.kernel.errors import Refusal
from infra.bootstrap import App, utc_now
from infra.readside.projector import catch_up
from projections.kernel.listing import Listing
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from services.execute import execute
from services.kernel.rehearsal import rehearsing
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.follow_ups import (
    action_agreed,
    action_done,
    follow_up_end_withdrawn,
    follow_up_opened,
)
from tests.situation import (
    batch_opened,
    class_cancelled,
    class_closed,
    class_opened,
    class_planned,
    class_summed_up,
    complaint_filed,
    complaint_withdrawn,
    eliminated,
    enrolled,
    examined,
    held_off,
    judged,
    leaving_corrected,
    left,
    order_corrected,
    order_reassigned,
    order_voided,
    ordered,
    passed_gate,
    rejoined,
    went_live,
    withdrawn,
)
from tests.steps import Step

NEXT = re.compile(r'<a class="button(?: outline)?" href="/[a-z-]+/[^"/]+/([a-z-]+)"')
OFFERED = re.compile(r'href="/[a-z-]+/[^"/]+/([a-z-]+)')
LINKED = re.compile(r'href="/[a-z-]+/([^"/]+)/([a-z-]+)(?:\?fact=(\d+))?"')
GONE = {
    "go-live",
    "hold-off-post",
    "transfer-trainee",
    "record-leaving",
    "eliminate-trainee",
}


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("STEPS"))
    on = told.live_on
    await told.does(*(batch_opened(code, on=on) for code in ("A1", "B2", "C3")))
    await told.does(*(enrolled(who, on=on) for who in ("E1", "E2")))
    return told


def trained(on: date) -> dict[str, tuple[list[Step], list[str], set[str]]]:
    """By where somebody stands: what happened, what comes next, and what is not offered."""
    live = [passed_gate("E1", on=on), went_live("E1", on=on)]
    no_live = {"rejoin-trainee", "hold-off-post"}
    closed = no_live | {"go-live"}
    return {
        "entered": ([], ["record-exam-result", "record-trial-verdict"], closed),
        "trial passed": (
            [judged("E1", passed=True, on=on)],
            ["record-exam-result"],
            closed,
        ),
        "written exam passed": (
            [examined("E1", "written", on=on, score=90)],
            ["record-exam-result", "record-trial-verdict"],
            closed,
        ),
        "both exams passed": (
            [passed_gate("E1", on=on)],
            ["go-live", "record-trial-verdict"],
            no_live,
        ),
        "all passed": (
            [judged("E1", passed=True, on=on), passed_gate("E1", on=on)],
            ["go-live"],
            no_live,
        ),
        "live": (
            live,
            ["record-order", "record-spot-check"],
            {"go-live", "rejoin-trainee", "transfer-trainee"},
        ),
        "held": (
            [*live, held_off("E1", on=on + timedelta(days=1))],
            ["go-live"],
            {"hold-off-post", "rejoin-trainee", "transfer-trainee"},
        ),
        "about to leave": (
            [*live, left("E1", on=utc_now().date() + timedelta(days=60))],
            ["record-order", "record-spot-check"],
            {"record-leaving", "eliminate-trainee", "rejoin-trainee"},
        ),
        "left": ([*live, left("E1", on=on + timedelta(days=1))], ["rejoin-trainee"], GONE),
        "left, and no go-live recorded": (
            [passed_gate("E1", on=on), left("E1", on=on + timedelta(days=1))],
            ["rejoin-trainee"],
            GONE - {"go-live"},
        ),
        "eliminated": ([eliminated("E1", on=on)], [], GONE),
    }


TO_GO_LIVE = ("both exams passed", "all passed", "held", "left, and no go-live recorded")
WENT_LIVE = ("live", "held", "about to leave", "left")


@pytest.mark.parametrize("standing", trained(date.min))
async def test_a_trainee_is_offered_what_fits_where_they_stand(
    browser: httpx.AsyncClient, app: App, told: Told, standing: str
) -> None:
    happened, following, never = trained(told.live_on)[standing]
    page = await _page(browser, app, told, TRAINEE_LIST, happened, employee_no="E1")
    assert NEXT.findall(page) == following
    assert set(OFFERED.findall(page)) & never == set()
    assert {"file-complaint", "change-manager"} <= set(OFFERED.findall(page))
    assert ("go-live" in OFFERED.findall(page)) is (standing in TO_GO_LIVE)
    assert ("/follow-ups/new" in page) is (standing in WENT_LIVE)


async def test_of_who_has_yet_to_enter_nothing_is_offered_that_must_have_happened(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    later = enrolled("E3", on=utc_now().date() + timedelta(days=30))
    page = await _page(browser, app, told, TRAINEE_LIST, [later], employee_no="E3")
    assert "待入训" in page
    assert "待生效" in page
    assert set(OFFERED.findall(page)) == {"correct-enrolment", "withdraw-fact"}
    assert "不来参训的，请在履历中撤销“入训”记录" in page


async def test_a_class_planned_for_a_day_to_come_is_in_force_already(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    plan = class_planned("C-AHEAD", on=utc_now().date() + timedelta(days=30))
    page = await _page(browser, app, told, SESSION_LIST, [plan], code="C-AHEAD")
    assert 'data-topic="session.planned"' in page
    assert "待生效" not in page


LACKING = {
    "entered": "笔试、演练",
    "trial passed": "笔试、演练",
    "written exam passed": "演练",
    "all passed": None,
    "live": None,
}


@pytest.mark.parametrize("standing", LACKING)
async def test_who_may_not_go_live_yet_is_told_what_the_gate_still_asks_for(
    browser: httpx.AsyncClient, app: App, told: Told, standing: str
) -> None:
    happened, _, _ = trained(told.live_on)[standing]
    page = await _page(browser, app, told, TRAINEE_LIST, happened, employee_no="E1")
    found = re.search(r"data-awaited>还不能登记上岗，还缺：([^<]*)。<", page)
    assert (found and found[1]) == LACKING[standing]


CLASSES = {
    "planned": (0, ["open-session", "approve-plan-change"], {"close-session", "write-summary"}),
    "opened": (1, ["close-session"], {"open-session", "cancel-session", "write-summary"}),
    "closed": (2, ["write-summary"], {"open-session", "cancel-session", "close-session"}),
    "summed up": (3, [], {"open-session", "cancel-session", "close-session", "write-summary"}),
}


@pytest.mark.parametrize("standing", CLASSES)
async def test_a_class_is_offered_what_fits_how_far_it_has_come(
    browser: httpx.AsyncClient, app: App, told: Told, standing: str
) -> None:
    on = told.live_on
    life = [class_opened("K1", on=on), class_closed("K1", on=on), class_summed_up("K1", on=on)]
    steps, following, never = CLASSES[standing]
    happened = [class_planned("K1", on=on), *life[:steps]]
    page = await _page(browser, app, told, SESSION_LIST, happened, code="K1")
    # Changes of a plan are approved by somebody above.
    assert NEXT.findall(page) == [one for one in following if one != "approve-plan-change"]
    assert set(OFFERED.findall(page)) & never == set()


async def test_what_was_planned_is_begun_with_as_taught_and_what_is_left_out_is_told(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    life = [class_planned("K1", on=on), class_opened("K1", on=on)]
    page = await _page(browser, app, told, SESSION_LIST, life, code="K1")
    [form] = re.findall(r'href="([^"]+/close-session)"', page)
    begun = (await browser.get(form)).text
    assert "公司与文化\n产品知识\n销售流程</textarea>" in begun and "topics-dropped" not in page
    closed = [class_closed("K1", on=on, topics=("产品知识",))]
    page = await _page(browser, app, told, SESSION_LIST, closed, code="K1")
    assert re.search(r'id="topics-dropped">[^<]*公司与文化、销售流程', page)


async def test_of_what_is_over_nothing_is_offered_but_to_take_that_back(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    happened = [class_planned("K1", on=on), class_cancelled("K1", on=on)]
    cancelled = await _page(browser, app, told, SESSION_LIST, happened, code="K1")
    assert set(OFFERED.findall(cancelled)) == set()
    over = [
        passed_gate("E1", on=on),
        went_live("E1", on=on),
        follow_up_opened("E1", "F1", on=on),
        action_agreed("F1", on=on, due=on),
        action_done("F1", on=on),
    ]
    done = await _page(browser, app, told, FOLLOW_UP_LIST, over, code="F1")
    assert set(OFFERED.findall(done)) == {"withdraw-follow-up-end"}


def sold(on: date) -> dict[str, list[Step]]:
    """What may have become of orders, complaints and leavings."""
    live = [passed_gate("E1", on=on), went_live("E1", on=on)]
    order = [*live, ordered("E1", "N1", on=on)]
    given = [*order, order_reassigned("N1", to="E2", on=on)]
    complaint = [*live, complaint_filed("E1", "C1", on=on)]
    gone = [*live, left("E1", on=on)]
    return {
        "held in training": [held_off("E1", on=on)],
        "order": order,
        "order corrected": [*order, order_corrected("N1", on=on, amount=Decimal(3))],
        "order void": [*order, order_voided("N1", on=on)],
        "order given": given,
        "order taken back": [*given, order_reassigned("N1", to="E1", on=on)],
        "complaint": complaint,
        "complaint withdrawn": [*complaint, complaint_withdrawn("C1", on=on)],
        "leaving corrected": [*gone, leaving_corrected("E1", on=on + timedelta(days=1))],
        "leaving withdrawn": [*gone, withdrawn("E1", 5)],
        "followed up, and all but the enrolment withdrawn": [
            *live,
            follow_up_opened("E1", "F1", on=on),
            *(withdrawn("E1", fact) for fact in (4, 3, 2)),
        ],
        "rejoined": [*gone, rejoined("E1", on=on + timedelta(days=1))],
    }


STANDINGS = [*trained(date.min), *sold(date.min)]


@pytest.mark.parametrize("standing", STANDINGS)
async def test_nothing_that_is_offered_of_a_trainee_is_refused_for_where_they_stand(
    browser: httpx.AsyncClient, app: App, told: Told, standing: str
) -> None:
    on = told.live_on
    happened = {**{one: its[0] for one, its in trained(on).items()}, **sold(on)}[standing]
    await _refuses_nothing_that_it_offers(browser, app, told, TRAINEES, happened, "E1")


@pytest.mark.parametrize("standing", [*CLASSES, "cancelled"])
async def test_nothing_that_is_offered_of_a_class_is_refused_for_how_far_it_has_come(
    browser: httpx.AsyncClient, app: App, told: Told, standing: str
) -> None:
    on = told.live_on
    life = [class_opened("K1", on=on), class_closed("K1", on=on), class_summed_up("K1", on=on)]
    after = life[: CLASSES[standing][0]] if standing in CLASSES else [class_cancelled("K1", on=on)]
    happened = [class_planned("K1", on=on), *after]
    await _refuses_nothing_that_it_offers(browser, app, told, SESSIONS, happened, "K1")


@pytest.mark.parametrize("steps", range(4))
async def test_nothing_that_is_offered_of_a_follow_up_is_refused_for_what_is_agreed(
    browser: httpx.AsyncClient, app: App, told: Told, steps: int
) -> None:
    on = told.live_on
    life = [
        follow_up_opened("E1", "F1", on=on),
        action_agreed("F1", on=on, due=on),
        action_done("F1", on=on),
        follow_up_end_withdrawn("F1"),
    ]
    happened = [passed_gate("E1", on=on), went_live("E1", on=on), *life[: steps + 1]]
    await _refuses_nothing_that_it_offers(browser, app, told, FOLLOW_UPS, happened, "F1")


async def _refuses_nothing_that_it_offers(
    browser: httpx.AsyncClient,
    app: App,
    told: Told,
    resource: Resource[Any],
    happened: list[Step],
    name: str,
) -> None:
    """Some filled in form of each command that a thing's page offers would be carried out."""
    listing = resource.listing
    page = await _page(browser, app, told, listing, happened, **{resource.named_by: name})
    offered = set(LINKED.findall(page))
    assert offered or resource is SESSIONS
    for thing, path, fact in offered:
        row = await app.lists(told.principal).get(listing, id=thing)
        assert row is not None
        command = resource.command(path)
        given, values = resource.naming(row, command), dict[str, Any]()
        if fact:
            events = await app.log.load(told.principal.tenant, thing)
            event = next(
                one
                for one in reversed(events)
                if isinstance(one, Happening) and one.fact_id == int(fact)
            )
            typed_of = lambda name, of=event: getattr(of, name, None)  # noqa: E731
            said, named = filled(resource.amendment[command], event, typed_of)
            given = named | given
            choices = {one.name for one in form_of(command).fields if one.kind == "choice"}
            values = {name: value for name, value in said.items() if name in choices}
        refused = [
            await _refused(app, told, command(**typed | values | given))
            for typed in _filled_in(command, told.live_on)
        ]
        assert None in refused, (path, refused)


def _filled_in(command: type[msgspec.Struct], on: date) -> Iterator[dict[str, Any]]:
    """What may be typed into a form, on several days."""
    required = {one.name for one in msgspec.structs.fields(command) if one.required}
    for days in range(4):
        day = on + timedelta(days=days)
        for number in (1, 2):
            yield {
                one.name: _typed(one, day, number)
                for one in form_of(command).fields
                if one.name in required or one.name in ("amount", "name", "manager")
            }


def _typed(field: FormField, day: date, number: int) -> Any:
    known = {"cohort": "C3", "employee_no": "E2", "name": f"甲{number}"}
    if field.name in known:
        return known[field.name]
    by_kind = {
        "day": day,
        "number": Decimal(number) if field.places else number,
        "items": (f"内容{number}",),
        "yes_or_no": number == 1,
    }
    choices = field.choices or (f"X-{number}",)
    return by_kind.get(field.kind) or choices[(number - 1) % len(choices)]


async def _refused(app: App, told: Told, command: msgspec.Struct) -> Refusal | None:
    try:
        await execute(rehearsing(app.context(told.principal)), command)
    except Refusal as refused:
        return refused
    return None


async def _page(
    browser: httpx.AsyncClient,
    app: App,
    told: Told,
    listing: Listing[object],
    happened: list[Step],
    **named: str,
) -> str:
    """The main part of a thing's page after some steps."""
    if happened:
        await told.does(*happened)
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal).get(listing, **named)
    assert row is not None
    page = (await browser.get(f"/{listing.words}/{getattr(row, listing.id_column)}")).text
    return page[page.index("<main") : page.index("</main>")]
