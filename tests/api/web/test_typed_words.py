"""What people typed is shown as they typed it, also where it is a word of the program."""

from typing import Any

import httpx
import pytest

from api.web.kit.wording import Wording
from domain.kernel.bounds import is_choice
from domain.teaching.session import Session
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections import LISTINGS
from projections.kernel.listing import Listing
from projections.trainees.cohort_roster import TRAINEE_LIST, NamedTrainee, StayRow
from services.trainees.trainee import RecordExamResult
from services.words.texts import read_texts
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled, judged, spot_checked

SHOWN = (
    (NamedTrainee, "manager", "supervisor", "supervisor"),
    (StayRow, "cohort_code", "trial", "trial"),
    (StayRow, "status", "held", "停岗"),
    (StayRow, "post", "sales", "销售"),
    (Trainee.TrialPassed, "feedback", "no", "no"),
    (Trainee.OrderClosed, "product", "and", "and"),
    (Trainee.SpotChecked, "topic", "basics", "基础知识"),
    (Trainee.MakeupMissed, "kind", "drill", "演练"),
    (Session.Planned, "topics", ("drill", "no"), "drill、no"),
    (Session.PlanChangeApproved, "approved_by", "hr_manager", "人事经理"),
    (RecordExamResult, "kind", "written", "笔试"),
    (RecordExamResult, "passed", False, "未通过"),
    (RecordExamResult, "employee_no", "yes", "yes"),
)


@pytest.mark.parametrize(("of", "name", "value", "said"), SHOWN)
def test_only_a_field_of_few_values_is_said_in_words(
    of: type, name: str, value: Any, said: str
) -> None:
    assert Wording(read_texts("zh-CN"), "UTC").value(of, name, value) == said


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: one.name)
def test_every_column_of_a_list_says_whether_it_has_words(listing: Listing[Any]) -> None:
    row = listing.page_row
    worded = {name for name in listing.columns if is_choice(row, name)}
    assert worded == {"status", "post", "kind", "topic"} & set(listing.columns)


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, "TYPED")
    on = told.live_on
    await told.does(
        batch_opened("trial", name="drill", on=on, training_manager="supervisor"),
        enrolled("yes", cohort="trial", name="open", manager="supervisor", on=on),
        judged("yes", passed=True, on=on, feedback="no"),
        spot_checked("yes", topic="basics", passed=True, on=on),
    )
    await catch_up(app, told.principal.tenant)
    return told


async def test_pages_and_files_show_codes_and_names_as_they_were_typed(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="yes")
    assert row is not None
    thing = (await browser.get(f"/trainees/{row.trainee_id}")).text
    form = (await browser.get(f"/trainees/{row.trainee_id}/record-order")).text
    cohorts = (await browser.get("/cohorts")).text
    exported = (await browser.get("/exports/trainees.csv")).text
    for page, typed in (
        (thing, ["<dd>yes</dd>", ">trial</a></dd>", ">supervisor</a></dd>", "</span> no</span>"]),
        (form, ["<dd>yes open</dd>"]),
        (cohorts, [">trial</a>", ">drill</a>", ">supervisor</a></td>"]),
        (exported, ["yes,open,trial,销售,supervisor"]),
    ):
        assert [one for one in typed if one not in page] == []
    assert "基础知识" in thing
