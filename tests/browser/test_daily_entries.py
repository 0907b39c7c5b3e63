"""From an empty partner to figures that follow, entered by hand in a real browser."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.async_api import expect

from domain.kernel.values import Month
from infra.bootstrap import App
from services.teaching.cohort import OpenCohort
from services.teaching.session import CloseSession, OpenSession, PlanSession, WriteSummary
from services.trainees.correction import CorrectOrder
from services.trainees.follow_up import AgreeAction, NoteFollowUp, OpenFollowUp, RecordActionDone
from services.trainees.selling import RecordOrder, VoidOrder
from services.trainees.trainee import (
    EnrolTrainee,
    GoLive,
    RecordExamResult,
    RecordLeaving,
    RecordTrialVerdict,
)
from services.words.texts import read_texts
from tests.browser.conftest import Opens
from tests.browser.hands import Fingers, Hand, Keyboard, MouseAlone
from tests.browser.manager import Manager
from tests.browser.story import PASSWORD, Told, join

COHORT = "B-01"
OPENED_ON = datetime.now(UTC).date() - timedelta(days=30)


def day(number: int) -> date:
    """A day of the cohort; its first is the day it opened on."""
    return OPENED_ON + timedelta(days=number - 1)


MONTH = str(Month.of(day(10)))
"""The month of the go-live."""


@pytest.mark.parametrize(
    ("hand", "language"),
    [(Keyboard, "en"), (Fingers, "zh-CN"), (MouseAlone, "en")],
    ids=["a keyboard alone, in English", "a phone", "no scripts, in English"],
)
async def test_an_empty_partner_is_filled_and_its_figures_follow(
    visit: Opens, app: App, hand: type[Hand], language: str
) -> None:
    told = await join(app, f"ENTRIES-{hand.__name__}")
    manager = await at_work(visit, told, hand, language)
    beside = await manager.opens_another_window()
    await expect(manager.main).to_contain_text(manager.t("board.empty.title"))

    await manager.goes_to("cohorts")
    await manager.gives(OpenCohort, code=COHORT, name="第一期", opened_on=OPENED_ON)
    await beside.page.goto(manager.page.url)
    figures = beside.main.locator("#cohort-figures")
    await manager.begins(EnrolTrainee)
    await manager.is_refused("employee_no", name="陈晨", entered_on=day(1))
    for number in (1, 2, 3, 4):
        who = {"employee_no": f"E{number}", "name": f"新人{number}"}
        await manager.saves(EnrolTrainee, again=True, **who)
    await manager.saves(EnrolTrainee, employee_no="E5", name="新人5")
    await beside.sees("5", figures.locator('[data-stage="in_training"]'))

    for number in (1, 2):
        await manager.goes_to("trainees")
        await manager.opens(f"E{number}")
        await manager.gives(RecordTrialVerdict, verdict="passed", on=day(3), feedback="表达清楚")
        await manager.gives(RecordExamResult, kind="written", passed=True, on=day(8), score="90")
        await manager.gives(RecordExamResult, kind="drill", passed=True, on=day(8))
        await manager.gives(GoLive, on=day(10))
        await manager.gives(RecordOrder, order_no=f"D-{number}", closed_on=day(12))
        await expect(manager.main).to_contain_text(f"D-{number}")
    await beside.sees("2/2", figures.locator('[data-kpi="order_rate"]'))

    await beside.page.goto(f"{beside.visitor.site}/?by=cohort")
    group = beside.main.locator(f'[data-group="{COHORT}"]')
    await manager.amends("trainee.order_closed", CorrectOrder, closed_on=day(9), reason="日期录错")
    await beside.sees("1/2", group)
    await manager.gives(RecordLeaving, on=day(20), reason="家庭原因", confirmed=True)
    await manager.amends(
        "trainee.order_corrected", VoidOrder, on=day(21), reason="重复登记", confirmed=True
    )

    await manager.goes_to("cohorts")
    await manager.opens(COHORT)
    await expect(manager.main.locator('[data-stage="live"]')).to_contain_text("1")
    await expect(manager.main.locator('[data-stage="left"]')).to_contain_text("1")
    await manager.gives(PlanSession, code="K-1", planned_on=day(2), topics="公司与文化\n产品知识")
    await manager.gives(OpenSession, on=day(2), headcount="5")
    await manager.gives(CloseSession, on=day(2), topics_taught="公司与文化", headcount="5")
    await expect(manager.main.locator("#topics-dropped")).to_contain_text("产品知识")
    await manager.gives(WriteSummary, on=day(3), text="产品知识改期再讲。")
    await expect(manager.main).to_contain_text("产品知识改期再讲。")

    await manager.goes_to("trainees")
    await manager.opens("E1")
    await manager.gives(OpenFollowUp, code="G-1", on=day(13))
    await manager.gives(NoteFollowUp, on=day(13), note="报价不清楚")
    await manager.gives(AgreeAction, on=day(13), action="练报价", due_on=day(20))
    await manager.gives(RecordActionDone, on=day(18))
    await manager.goes_to("follow_ups")
    await expect(manager.main.locator("tbody tr")).to_contain_text("练报价")

    await manager.goes_to("scheme")
    await manager.follows(manager.main.locator('a[href="/scheme/new"]').first)
    await manager.hand.fill(**{"effective_from": MONTH, "lines.0.criteria.0.target": "60%"})
    await manager.sends('button[value="look"]', "scheme.look.title")
    await manager.hand.fill(confirmed=True)
    await manager.follows(manager.main.locator('button[value="publish"]'))
    await expect(manager.main.locator('[data-line="1.1"]')).to_contain_text("60%")

    await manager.goes_to("submissions")
    await manager.hand.fill(month=MONTH)
    await manager.follows(manager.main.locator('form[action="/submissions/reports"] button'))
    await manager.sees(manager.t("submissions.ready"), manager.main.locator("#job"))
    await manager.hand.fill(confirmed=True)
    await manager.follows(manager.main.locator("#job form button"))
    submitted = manager.main.locator('[data-vintage="1"] [data-kpi="order_rate"]')
    await expect(submitted).to_contain_text("1/2")


async def at_work(visit: Opens, told: Told, hand: type[Hand], language: str) -> Manager:
    """Somebody of the partner before the board."""
    visitor = await visit(locale=language, **hand.options)
    manager = Manager(visitor, hand(visitor.page), read_texts(language))
    await manager.logs_in(told.email, PASSWORD)
    return manager
