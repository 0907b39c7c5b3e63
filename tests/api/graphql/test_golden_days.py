"""The golden cases of spec/kpi.md about today, stays, and whom a newcomer counts for (G21 to
G28), each through GraphQL on days of its own."""

import asyncio
import csv
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.app import create_app
from infra.bootstrap import App
from infra.settings import Settings
from services.execute import execute
from services.kernel.context import Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.reporting.submission import SubmitFigures
from tests.api.conftest import living, open_door
from tests.api.door import Door
from tests.golden_facts import tell
from tests.submitting import react, report

RATE = """
query Q($day: Date, $month: String, $manager: String, $head: String, $position: Int!) {
  newcomerFigures(
    happenedBy: $day, month: $month, manager: $manager, trainingManager: $head,
    minPosition: $position
  ) {
    wentLive employed isFinal finalOn asOf { happenedBy }
    orderRate { numerator denominator } averageOrders { numerator denominator }
    floor { numerator denominator } ceiling { numerator denominator }
  }
}
"""
CAUSES = """
query Q($position: Int!) {
  submissions(minPosition: $position) { edges { node { restatements { restatedFigures {
    kpi { slug } old { numerator denominator } new { numerator denominator }
    causes { edges { node { topic numerator trainee { employeeNo } } } }
  } } } } }
}
"""
PEOPLE = """
query Q($day: Date, $position: Int!, $status: TraineeStatus!) {
  trainees(happenedBy: $day, minPosition: $position) { edges { node { status leftOn } } }
  trainee(employeeNo: "T1", happenedBy: $day, minPosition: $position) { status leftOn }
  those: trainees(status: $status, happenedBy: $day, minPosition: $position) { totalCount }
}
"""
TO_COME = """
query Q($day: Date, $position: Int!) {
  cohorts(happenedBy: $day, minPosition: $position) {
    edges { node { code status counts { toCome entered inTraining } } }
  }
  newcomerFigures(happenedBy: $day, minPosition: $position) { entered }
}
"""
COHORTS = """
query Q($day: Date, $position: Int!) {
  cohorts(happenedBy: $day, minPosition: $position) {
    edges { node { status counts { live left inTraining } } }
  }
  training: cohorts(status: IN_TRAINING, happenedBy: $day, minPosition: $position) { totalCount }
}
"""
LIVE_ON = "2026-06-01"


class Days:
    """A partner's days through GraphQL. today: at noon of which everything is asked and said."""

    def __init__(self) -> None:
        self.today = LIVE_ON
        self.position = 0
        self.door: Door

    def clock(self) -> datetime:
        return datetime.fromisoformat(self.today).replace(hour=4, tzinfo=UTC)

    async def say(self, mutation: str, **stated: Any) -> None:
        self.position = await self.door.changed(mutation, **stated)

    async def live(self, *numbers: str, on: str = LIVE_ON, manager: str | None = None) -> None:
        for number in numbers:
            await self.say(
                "enrolTrainee",
                cohort="B1",
                employeeNo=number,
                name=number,
                enteredOn=on,
                manager=manager,
            )
            for kind in ("WRITTEN", "DRILL"):
                await self.say("recordExamResult", employeeNo=number, kind=kind, passed=True, on=on)
            await self.say("goLive", employeeNo=number, on=on)

    async def asked(self, **asked: Any) -> dict[str, Any]:
        data = await self.door.data(RATE, position=self.position, **asked)
        return dict(data["newcomerFigures"])

    async def bounds(self, day: str | None = None) -> str:
        """The order rate between its floor and its ceiling, and whether it is final."""
        found = await self.asked(day=day)
        of = [found[name] for name in ("floor", "orderRate", "ceiling")]
        shown = " ".join(f"{one['numerator']}/{one['denominator']}" for one in of)
        return f"{shown} {'final' if found['isFinal'] else 'provisional'}"


@pytest.fixture(scope="module")
async def lived(database: Settings) -> AsyncIterator[tuple[Days, Litestar]]:
    """Days, and the application whose clock they are."""
    days = Days()
    async with living(create_app(database, days.clock)) as web:
        yield days, web


@pytest.fixture
async def days(
    app: App, lived: tuple[Days, Litestar], partner: Tenant, projecting: None
) -> AsyncIterator[Days]:
    days, web = lived
    days.today = LIVE_ON
    transport = httpx.ASGITransport(app=web)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        days.door = await open_door(app, web, client, partner.code, Role.TRAINING_MANAGER)
        await days.say(
            "openCohort",
            code="B1",
            name="五月班",
            openedOn="2025-01-01",
            trainingManager="陈经理",
        )
        yield days


async def test_g21_the_last_day_of_the_window_is_open_until_it_is_over(days: Days) -> None:
    await days.live("T1")
    days.today = "2026-06-30"
    assert await days.bounds() == "0/1 0/1 1/1 provisional"
    await days.say("recordOrder", employeeNo="T1", orderNo="A", closedOn=days.today)
    assert await days.bounds() == "0/1 1/1 1/1 provisional"
    days.today = "2026-07-01"
    assert await days.bounds("2026-06-30") == "1/1 1/1 1/1 final"


async def test_who_follows_the_figures_is_told_at_midnight_that_they_became_final(
    days: Days,
) -> None:
    await days.live("T1")
    days.today = "2026-06-30"
    assert await days.bounds() == "0/1 0/1 1/1 provisional"
    followed = {"query": "subscription { figuresChanged { isFinal asOf { happenedBy } } }"}
    told = []
    async with days.door.socket() as socket, asyncio.timeout(30):
        await socket.receive()
        await socket.send("subscribe", id="1", payload=followed)
        for days.today in ("2026-06-30", "2026-07-01"):
            told.append((await socket.receive())["payload"]["data"]["figuresChanged"])
    assert told == [
        {"isFinal": False, "asOf": {"happenedBy": "2026-06-30"}},
        {"isFinal": True, "asOf": {"happenedBy": "2026-07-01"}},
    ]


@pytest.mark.parametrize("day", ["2026-06-02", "2027-01-01"])
async def test_g22_nobody_knows_the_figures_of_a_day_to_come(days: Days, day: str) -> None:
    assert await days.door.code(RATE, day=day, position=days.position) == "day_in_future"


async def test_g23_a_last_day_to_come_takes_nobody_away_before_it(days: Days) -> None:
    await days.live("T1")
    leaving = {"on": "2026-06-08", "reason": "个人原因"}
    await days.say("recordLeaving", employeeNo="T1", **leaving)
    assert (await days.asked())["employed"] == 1
    assert await _stands(days) == ("LIVE", None, "在岗")
    days.today = "2026-06-08"
    assert (await days.asked())["employed"] == 0
    assert await _stands(days) == ("LEFT", "2026-06-08", "离职")


async def _stands(days: Days) -> tuple[str, str | None, str]:
    """Where T1 stands and was last employed, and the status in a file, if every list of today says
    the same, as does that of today's evening."""
    found: list[Any] = []
    for day in (None, days.today):
        asked = {"day": day, "position": days.position}
        of = {one: await days.door.lines(PEOPLE, status=one, **asked) for one in ("LIVE", "LEFT")}
        found.append((of, await days.door.lines(COHORTS, **asked)))
    assert found[0] == found[1]
    of, cohorts = found[0]
    (one,), (cohort,) = of["LIVE"]["trainees"], cohorts["cohorts"]
    assert of["LIVE"]["trainee"] == one
    for status, counted in of.items():
        met = int(one["status"] == status)
        assert counted["those"]["totalCount"] == cohort["counts"][status.lower()] == met
    headers = days.door.headers | {"accept-language": "zh"}
    answer = await days.door.http.get("/exports/trainees.csv", headers=headers)
    _, line = csv.reader(StringIO(answer.text))
    return one["status"], one["leftOn"], line[5]


async def test_a_batch_is_in_training_until_the_last_day_of_who_is_left_in_it(days: Days) -> None:
    stated = {"cohort": "B1", "employeeNo": "T1", "name": "T1", "enteredOn": LIVE_ON}
    await days.say("enrolTrainee", **stated)
    await days.say("eliminateTrainee", employeeNo="T1", on="2026-06-08", reason="考试未通过")
    training = []
    for days.today in ("2026-06-07", "2026-06-08"):
        found = await days.door.lines(COHORTS, position=days.position)
        training.append((found["cohorts"][0]["status"], found["training"]["totalCount"]))
    assert training == [("IN_TRAINING", 1), ("FINISHED", 0)]


async def test_who_enters_next_week_is_shown_as_to_come_and_is_in_no_figure(days: Days) -> None:
    stated = {"employeeNo": "T1", "name": "T1", "enteredOn": "2026-06-08"}
    await days.say("openCohort", code="B2", name="六月班", openedOn="2026-06-08")
    await days.say("enrolTrainee", cohort="B2", **stated)
    found = []
    for days.today, day in (
        *(("2026-06-01", day) for day in (None, "2026-06-01", "2026-05-31")),
        *(("2026-06-08", day) for day in (None, "2026-06-08", "2026-06-01")),
    ):
        asked = {"day": day, "position": days.position}
        people = await days.door.lines(PEOPLE, status="TO_COME", **asked)
        all_told = await days.door.lines(TO_COME, **asked)
        found.append(
            (
                [one["status"] for one in (*people["trainees"], people["trainee"]) if one],
                people["those"]["totalCount"],
                [one for one in all_told["cohorts"] if one["code"] == "B2"],
                all_told["newcomerFigures"]["entered"],
            )
        )
    open_for = {"code": "B2", "status": "OPEN"}
    counts = {"toCome": 1, "entered": 0, "inTraining": 0}
    to_come = (["TO_COME"] * 2, 1, [open_for | {"counts": counts}], 0)
    training = {"code": "B2", "status": "IN_TRAINING"}
    counts = {"toCome": 0, "entered": 1, "inTraining": 1}
    entered = (["IN_TRAINING"] * 2, 0, [training | {"counts": counts}], 1)
    nobody: Any = ([], 0, [], 0)
    assert found == [to_come, to_come, nobody, entered, entered, nobody]


@pytest.mark.parametrize(
    ("changed_on", "manager"),
    [("2026-07-05", "钱主管"), ("2026-06-15", "孙主管"), ("2026-06-30", "孙主管")],
)
async def test_g24_a_newcomer_counts_for_the_manager_of_the_window_s_last_day(
    days: Days, changed_on: str, manager: str
) -> None:
    await days.live("T1", manager="钱主管")
    days.today = "2026-07-10"
    await days.say("changeManager", employeeNo="T1", on=changed_on, manager="孙主管")
    found = {name: await days.asked(manager=name) for name in ("钱主管", "孙主管")}
    assert [name for name, one in found.items() if one["wentLive"]] == [manager]


async def test_g25_a_newcomer_counts_for_the_head_teacher_of_the_go_live_day(days: Days) -> None:
    days.today = "2026-06-20"
    await days.say("handOverCohort", cohort="B1", trainingManager="李经理", on="2026-06-10")
    for number, on in (("T1", "2026-06-05"), ("T2", "2026-06-10"), ("T3", "2026-06-12")):
        await days.live(number, on=on)
    found = [(await days.asked(head=name))["wentLive"] for name in ("陈经理", "李经理")]
    assert found == [1, 2]


async def test_g26_an_order_of_the_first_stay_counts_there(days: Days) -> None:
    await days.live("T1", on="2025-03-01")
    await days.say("recordLeaving", employeeNo="T1", on="2025-03-20", reason="个人原因")
    rejoined = {"cohort": "B1", "employeeNo": "T1", "enteredOn": "2025-04-01"}
    await days.say("rejoinTrainee", **rejoined)
    april = await days.asked(month="2025-04")
    await days.say("recordOrder", employeeNo="T1", orderNo="A", closedOn="2025-03-10")
    march = await days.asked(month="2025-03")
    assert (march["averageOrders"], march["orderRate"]) == (
        {"numerator": 1, "denominator": 1},
        {"numerator": 0, "denominator": 1},
    )
    assert await days.asked(month="2025-04") == april


async def test_g27_a_scheme_for_a_submitted_month_is_a_cause_beside_the_facts(
    app: App, partner: Tenant, days: Days
) -> None:
    manager = in_role(partner.tenant_id, "tests", Role.TRAINING_MANAGER)
    days.today = "2026-07-05"
    await tell(app, manager, "G2")
    report_id = await report(app, manager, "2026-06", days.clock())
    await execute(app.context(manager), SubmitFigures(report_id))
    days.today = "2026-07-09"
    stated = {"effectiveFrom": "2026-06", "parameters": {"windowDays": 5}}
    (refused,) = (await days.door.change("publishScheme", **stated))["errors"]
    assert (refused["code"], refused["path"]) == ("scheme_reason_missing", ["input", "reason"])
    await days.say("publishScheme", reason="考核口径调整", **stated)
    await days.say("voidOrder", orderNo="B1", on="2026-06-30", reason="退单")
    await react(app, manager)
    position = await app.log.position(partner.tenant_id)
    found = await days.door.lines(CAUSES, position=position)
    ((restatement,),) = [one["restatements"] for one in found["submissions"]]
    told = {one["kpi"]["slug"]: one for one in restatement["restatedFigures"]}
    scheme, void = "SCHEME_PUBLISHED", "TRAINEE_ORDER_VOIDED"
    for slug, old, new, causes in (
        ("order_rate", 12, 1, [(scheme, -11, None), (void, 0, "T16")]),
        ("average_orders", 21, 1, [(scheme, -19, None), (void, -1, "T16")]),
    ):
        one = told[slug]
        assert (one["old"], one["new"]) == (of_18(old), of_18(new))
        assert [
            (cause["topic"], cause["numerator"], (cause["trainee"] or {}).get("employeeNo"))
            for cause in one["causes"]
        ] == causes


def of_18(numerator: int) -> dict[str, int]:
    return {"numerator": numerator, "denominator": 18}


async def test_g28_the_report_s_day_is_fixed(days: Days) -> None:
    parameters = {"leaverCutoff": "REPORT_TIME"}
    await days.say("publishScheme", effectiveFrom="2025-01", parameters=parameters)
    await days.live("T1", on="2025-03-01")
    await days.say("recordOrder", employeeNo="T1", orderNo="A", closedOn="2025-03-10")
    days.today = "2025-04-01"
    assert await days.bounds() == "0/1 1/1 1/1 provisional"
    assert (await days.asked())["finalOn"] == "2025-04-05"
    days.today = "2025-06-10"
    assert await days.bounds("2025-04-06") == "1/1 1/1 1/1 final"
    await days.say("recordLeaving", employeeNo="T1", on="2025-06-01", reason="个人原因")
    assert await days.bounds() == "1/1 1/1 1/1 final"
    await days.say("correctLeaving", employeeNo="T1", on="2025-04-03", reason="录错")
    assert await days.bounds() == "0/1 0/1 0/1 final"


async def test_what_was_known_by_an_instant_is_looked_at_on_its_day(days: Days) -> None:
    query = "query Q($by: DateTime!) { newcomerFigures(knownBy: $by) { asOf { happenedBy } } }"
    found = await days.door.data(query, by="2026-05-20T23:59:59+08:00")
    assert found["newcomerFigures"]["asOf"] == {"happenedBy": "2026-05-20"}


async def test_inside_of_a_command_answers_of_the_last_whole_one(days: Days) -> None:
    await days.live("A", "B", on="2026-06-01")
    days.today = "2026-06-20"
    await days.say("recordOrder", employeeNo="A", orderNo="O", closedOn="2026-06-05")
    before = days.position
    moved = {"employeeNo": "B", "orderNo": "O", "on": "2026-06-06", "reason": "移交"}
    await days.say("reassignOrder", **moved)
    assert days.position == before + 2
    query = """query Q($at: Int!) {
      newcomerFigures(knownByPosition: $at) {
        asOf { position } averageOrders { numerator denominator }
      }
      orders(knownByPosition: $at) { edges { node { orderNo } } }
    }"""
    for at, known in ((before, before), (before + 1, before), (before + 2, before + 2)):
        found = await days.door.data(query, at=at)
        assert found["newcomerFigures"] == {
            "asOf": {"position": known},
            "averageOrders": {"numerator": 1, "denominator": 2},
        }
        assert [edge["node"]["orderNo"] for edge in found["orders"]["edges"]] == ["O"]
