"""What became of a fact is said beside it: corrected and withdrawn are two things."""

import re
from datetime import timedelta

import httpx

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.visiting import log_in
from tests.browser.story import join
from tests.situation import (
    batch_opened,
    enrolled,
    enrolment_corrected,
    leaving_corrected,
    leaving_withdrawn,
    left,
)

LINE = re.compile(r'<li id="p\d+" data-topic="([^"]+)".*?</li>', re.DOTALL)


async def test_a_leaving_that_was_taken_back_is_withdrawn_and_an_enrolment_corrected(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "BECAME")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        enrolled("E1", on=on, manager="王主管"),
        enrolment_corrected("E1", on=on, manager="赵主管"),
        left("E1", on=on),
        leaving_corrected("E1", on=on + timedelta(days=1)),
        leaving_withdrawn("E1"),
    )
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal.tenant).get(TRAINEE_LIST, employee_no="E1")
    assert row is not None
    page = (await (await log_in(http, told)).get(f"/trainees/{row.trainee_id}")).text
    http.cookies.clear()
    lines = {found[1]: found[0] for found in LINE.finditer(page)}
    said = {
        topic: next((word for word in ("已更正", "已撤销") if f">{word}<" in line), None)
        for topic, line in lines.items()
    }
    assert said == {
        "trainee.enrolled": "已更正",
        "trainee.enrolment_corrected": None,
        "trainee.left": "已撤销",
        "trainee.leaving_corrected": "已撤销",
        "trainee.leaving_withdrawn": None,
    }
