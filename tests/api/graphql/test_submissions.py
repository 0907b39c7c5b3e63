"""G14, from the request of a report to its second vintage, with everything that runs beside it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from api.app import create_app
from api.ids import own_id
from infra.bootstrap import App
from infra.readside.reactors import Reactors
from infra.settings import Settings
from infra.work.broker import make_broker
from infra.work.scheduler import Scheduler
from projections.kernel.paging import NUMBERS, cursor
from services.kernel.context import Principal, Role
from services.people.access import Tenant
from services.reactors.when_a_fact_is_recorded_then_restate import (
    WHEN_A_FACT_IS_RECORDED_THEN_RESTATE,
)
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.carrying import record
from tests.infra.worker_process import HASTY, worker_process
from tests.read_models import reached
from tests.situation import batch_opened, enrolled, passed_gate, went_live
from tests.submitting import report

REQUEST = 'mutation { requestReport(input: {month: "2026-06"}) { job { id } errors { code } } }'
JOB = "query Q($id: ID!) { job(id: $id) { state reportId fileUrl } }"
SUBMIT = """
mutation M($input: SubmitFiguresInput!) {
  submitFigures(input: $input) { submission { ...all } position errors { code path } }
}
"""
ACKNOWLEDGE = """
mutation M($input: AcknowledgeRestatementInput!) {
  acknowledgeRestatement(input: $input) { submission { ...all } position errors { code path } }
}
"""
AGAIN = """
mutation M($input: SubmitAgainInput!) {
  submitAgain(input: $input) { submission { ...all } position errors { code path } }
}
"""
LIST = """
query Q($position: Int, $restated: Boolean) {
  submissions(first: 5, month: "2026-06", restated: $restated, minPosition: $position) {
    totalCount edges { node { ...all } }
  }
}
"""
CAUSES = """
query Q($id: ID!, $position: Int, $after: String) {
  submission(id: $id, minPosition: $position) {
    restatements {
      restatedFigures {
        kpi { slug } causeCount
        causes(first: 1, after: $after) { edges { node {
          position topic numerator denominator
          event { happenedOn actor } trainee { employeeNo }
        } } }
      }
    }
  }
}
"""
ALL = """
fragment all on Submission {
  id month isRestated
  latest { number }
  vintages {
    number happenedBy pinnedPosition schemeVersions calendarVersion fileUrl sha256 provisional
    submittedFigures { kpi { slug } ratio { numerator denominator shown } }
  }
  restatements {
    vintage until position acknowledged note
    restatedFigures {
      kpi { slug }
      old { numerator denominator } new { numerator denominator }
      causes { edges { node { topic numerator denominator trainee { employeeNo } } } }
    }
  }
}
"""


class Clock:
    """July 2026, at the partner's noon."""

    day = 5

    def __call__(self) -> datetime:
        return datetime(2026, 7, self.day, 4, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def beside(app: App, database: Settings, partner: Tenant) -> AsyncIterator[None]:
    """Reactors, scheduler and a worker, while the test runs."""
    broker = make_broker(database.broker_url)
    runners = (Reactors(app).run(), Scheduler(app.db, broker, HASTY).run())
    tasks = [asyncio.ensure_future(runner) for runner in runners]
    with worker_process(database, partner.tenant_id):
        yield
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    broker.close()


async def batch(door: Door, of: int = 18) -> None:
    """18 live since 6 June, T01 to T12 with an order."""
    await door.changed("openCohort", code="2026-05", name="五月班", openedOn="2026-05-18")
    for number in range(1, of + 1):
        who = f"T{number:02d}"
        await door.changed(
            "enrolTrainee", cohort="2026-05", employeeNo=who, name=who, enteredOn="2026-05-18"
        )
        for kind in ("WRITTEN", "DRILL"):
            await door.changed(
                "recordExamResult", employeeNo=who, kind=kind, passed=True, on="2026-06-01"
            )
        await door.changed("goLive", employeeNo=who, on="2026-06-06")
        if number <= 12:
            await door.changed(
                "recordOrder", employeeNo=who, orderNo=f"A{number}", closedOn="2026-06-10"
            )


async def rendered(app: App, partner: Tenant, door: Door) -> Any:
    """The month's report, requested and done by the worker."""
    job_id = (await door.data(REQUEST))["requestReport"]["job"]["id"]
    async with asyncio.timeout(60):
        own = UUID(own_id(job_id)[1])
        async for job in app.jobs.watch_job(partner.tenant_id, own):
            if job.is_over:
                break
    found = (await door.data(JOB, id=job_id))["job"]
    assert found["state"] == "DONE"
    return found


async def told(app: App, partner: Tenant, position: int) -> int:
    """Waits for the reactor; answers the position to which it has come."""
    await reached(app, partner.tenant_id, WHEN_A_FACT_IS_RECORDED_THEN_RESTATE, position)
    return await app.log.position(partner.tenant_id)


async def submissions(door: Door, position: int, restated: bool | None = None) -> list[Any]:
    found = await door.lines(LIST + ALL, position=position, restated=restated)
    nodes = [edge["node"] for edge in found["submissions"]["edges"]]
    assert found["submissions"]["totalCount"] == len(nodes)
    return nodes


async def changed(door: Door, mutation: str, **stated: Any) -> tuple[Any, int]:
    (payload,) = (await door.lines(mutation + ALL, input=stated)).values()
    assert payload["errors"] == []
    return payload["submission"], payload["position"]


async def refused(door: Door, mutation: str, **stated: Any) -> tuple[str, list[str]]:
    (payload,) = (await door.lines(mutation + ALL, input=stated)).values()
    (error,) = payload["errors"]
    assert payload["submission"] is None
    return error["code"], error["path"]


def ratio(numerator: int, denominator: int) -> dict[str, int]:
    return {"numerator": numerator, "denominator": denominator}


async def test_two_facts_that_cancel_out_restate_and_the_file_stays(
    app: App,
    database: Settings,
    partner: Tenant,
    http: httpx.AsyncClient,
    beside: None,
    clock: Clock,
) -> None:
    web = create_app(database, clock)
    async with web.lifespan():
        transport = httpx.ASGITransport(app=web)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            door = await open_door(app, web, client, partner.code, Role.TRAINING_MANAGER)
            await _g14(app, partner, door, clock)


async def _g14(app: App, partner: Tenant, door: Door, clock: Clock) -> None:
    await batch(door)
    asked = await rendered(app, partner, door)
    submitted, position = await changed(door, SUBMIT, reportId=asked["reportId"])
    (vintage,) = submitted["vintages"]
    assert (vintage["number"], vintage["happenedBy"]) == (1, "2026-07-05")
    assert vintage["schemeVersions"] == [0]
    assert vintage["calendarVersion"] == (await app.working_days()).version
    assert vintage["pinnedPosition"] < position
    rate = vintage["submittedFigures"][0]
    assert rate == {"kpi": {"slug": "order_rate"}, "ratio": ratio(12, 18) | {"shown": "66.6%"}}
    assert vintage["fileUrl"] == asked["fileUrl"]
    file = await download(door, vintage)
    assert await submissions(door, position) == [submitted]
    code, path = await refused(door, SUBMIT, reportId=asked["reportId"])
    assert (code, path) == ("month_already_submitted", ["input", "reportId"])

    clock.day = 8
    await door.changed("recordOrder", employeeNo="T15", orderNo="B1", closedOn="2026-06-28")
    clock.day = 9
    position = await door.changed(
        "recordLeaving", employeeNo="T03", on="2026-06-29", reason="个人原因"
    )
    position = await told(app, partner, position)
    (restated,) = await submissions(door, position, restated=True)
    assert restated["isRestated"] is True
    assert restated["vintages"] == submitted["vintages"]
    (restatement,) = restated["restatements"]
    assert (restatement["vintage"], restatement["acknowledged"]) == (1, False)
    figures = {one["kpi"]["slug"]: one for one in restatement["restatedFigures"]}
    rate = figures["order_rate"]
    assert (rate["old"], rate["new"]) == (ratio(12, 18), ratio(12, 18))
    assert rate["causes"] == [
        {"topic": "TRAINEE_ORDER_CLOSED", "numerator": 1, "denominator": 0}
        | {"trainee": {"employeeNo": "T15"}},
        {"topic": "TRAINEE_LEFT", "numerator": -1, "denominator": 0}
        | {"trainee": {"employeeNo": "T03"}},
    ]
    assert (figures["average_orders"]["old"], figures["average_orders"]["new"]) == (
        ratio(12, 18),
        ratio(13, 18),
    )
    after = cursor(NUMBERS.of, (1,))
    found = await door.lines(CAUSES, id=restated["id"], position=position, after=after)
    page = found["submission"]["restatements"][0]["restatedFigures"][0]
    assert (page["kpi"]["slug"], page["causeCount"]) == ("order_rate", 2)
    (cause,) = page["causes"]
    assert (cause["topic"], cause["event"]["happenedOn"]) == ("TRAINEE_LEFT", "2026-06-29")
    assert await download(door, vintage) == file

    code, _ = await refused(door, AGAIN, submissionId=restated["id"], reportId=asked["reportId"])
    assert code == "restatement_open"
    code, path = await refused(door, ACKNOWLEDGE, submissionId=restated["id"], note=" ")
    assert (code, path) == ("field_missing", ["input", "note"])
    seen = restatement["position"]
    assert seen > restatement["until"]
    acknowledging = {"submissionId": restated["id"], "note": "已核对"}
    code, path = await refused(door, ACKNOWLEDGE, **acknowledging, asSeen=seen - 1)
    assert (code, path) == ("restated_since", ["input", "asSeen"])
    acknowledged, position = await changed(door, ACKNOWLEDGE, **acknowledging, asSeen=seen)
    assert acknowledged["restatements"][0]["position"] == seen
    assert acknowledged["isRestated"] is False
    (restatement,) = acknowledged["restatements"]
    assert (restatement["acknowledged"], restatement["note"]) == (True, "已核对")
    assert await submissions(door, position, restated=True) == []
    code, _ = await refused(door, AGAIN, submissionId=restated["id"], reportId=asked["reportId"])
    assert code == "report_not_newer"

    newer = await rendered(app, partner, door)
    again, position = await changed(
        door, AGAIN, submissionId=restated["id"], reportId=newer["reportId"]
    )
    first, second = again["vintages"]
    assert first == vintage
    assert (again["latest"]["number"], second["happenedBy"]) == (2, "2026-07-09")
    assert second["submittedFigures"][1]["ratio"]["numerator"] == 13
    assert await download(door, first) == file
    assert await download(door, second) != file
    before = position
    assert await told(app, partner, position) == before
    assert await submissions(door, position, restated=False) == [again]


async def download(door: Door, vintage: Any) -> bytes:
    """The file; it has the hash that was submitted."""
    answer = await door.http.get(vintage["fileUrl"], headers=door.headers)
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == vintage["sha256"]
    return answer.content


async def test_refuses_what_is_no_submission_or_no_report(door: Door) -> None:
    asked = await refused(door, ACKNOWLEDGE, submissionId="nonsense", note="已核对")
    assert asked == ("id_invalid", ["input", "submissionId"])
    code, path = await refused(door, SUBMIT, reportId="report-1")
    assert (code, path) == ("report_unknown", ["input", "reportId"])
    assert await door.code('{ submission(id: "nonsense") { id } }') == "id_invalid"


async def test_a_month_that_holds_nobody_is_not_submitted(
    app: App, door: Door, manager: Principal
) -> None:
    await door.changed("openCohort", code="2026-05", name="五月班", openedOn="2026-05-18")
    code, path = await refused(door, SUBMIT, reportId=await report(app, manager, "2026-06"))
    assert (code, path) == ("report_of_nobody", ["input", "reportId"])


@pytest.mark.parametrize("noted", [True, False])
async def test_a_version_says_what_was_provisional_where_its_report_noted_it(
    app: App, door: Door, manager: Principal, noted: bool
) -> None:
    await batch(door, of=1)
    then = datetime(2026, 6, 20, tzinfo=UTC)
    made = await report(app, manager, "2026-06", then, notes_provisional=noted)
    submitted, _ = await changed(door, SUBMIT, reportId=made)
    (vintage,) = submitted["vintages"]
    slugs = [one["kpi"]["slug"] for one in vintage["submittedFigures"]]
    assert vintage["provisional"] == (slugs if noted else None)


async def test_another_partner_sees_nothing_of_it(
    app: App,
    web: Litestar,
    http: httpx.AsyncClient,
    door: Door,
    partner: Tenant,
    manager: Principal,
) -> None:
    cohort, live_on = "2026-05", date(2026, 6, 1)
    await record(
        app,
        manager,
        batch_opened(cohort, on=date(2026, 5, 18)),
        enrolled("E1", cohort=cohort, on=date(2026, 5, 18)),
        passed_gate("E1", on=live_on),
        went_live("E1", on=live_on),
    )
    submitted, position = await changed(
        door, SUBMIT, reportId=await report(app, manager, "2026-06")
    )
    assert await submissions(door, position) == [submitted]
    elsewhere = await app.accounts.create_partner(f"p-{partner.code}", "别家渠道")
    other = await open_door(app, web, http, elsewhere.code, Role.TRAINING_MANAGER)
    by_id = "query Q($id: ID!) { submission(id: $id) { month } node(id: $id) { id } }"
    assert await other.data(by_id, id=submitted["id"]) == {"submission": None, "node": None}
    assert await submissions(other, 0) == []
    code, _ = await refused(other, ACKNOWLEDGE, submissionId=submitted["id"], note="已核对")
    assert code == "submission_unknown"


async def test_who_trains_reads_what_was_submitted_and_submits_nothing(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant, manager: Principal
) -> None:
    specialist = await open_door(app, web, http, partner.code, Role.TRAINING_SPECIALIST)
    code, _ = await refused(specialist, SUBMIT, reportId=await report(app, manager, "2026-06"))
    assert code == "permission_refused"
    assert await submissions(specialist, 0) == []
