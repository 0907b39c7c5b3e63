"""The page of somebody's earlier enrolment: nothing that is done there reaches the later one."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from domain.planning.calendar import local_day
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.visiting import fresh, hidden, log_in
from tests.browser.story import Told, join
from tests.situation import (
    batch_opened,
    enrolled,
    left,
    ordered,
    passed_gate,
    rejoined,
    went_live,
)

OFFERED = re.compile(r'href="/trainees/[^"/]+/([a-z-]+)')


@dataclass(frozen=True)
class Twice:
    """Somebody who left and rejoined. earlier, later: the ids of the two enrolments."""

    told: Told
    http: httpx.AsyncClient
    earlier: str
    later: str

    async def page(self, which: str) -> str:
        answer = await self.http.get(f"/trainees/{which}")
        assert answer.status_code == 200
        return answer.text


@pytest.fixture
async def twice(app: App, http: httpx.AsyncClient) -> AsyncIterator[Twice]:
    told = await join(app, fresh("TWICE"))
    day = told.live_on
    await told.does(
        batch_opened("A1", on=day),
        enrolled("E1", on=day),
        passed_gate("E1", on=day),
        went_live("E1", on=day),
        ordered("E1", "N1", on=day),
        left("E1", on=day + timedelta(days=9)),
    )
    await catch_up(app, told.principal.tenant)
    lists = app.lists(told.principal)
    earlier = await lists.get(TRAINEE_LIST, employee_no="E1")
    await told.does(rejoined("E1", cohort="A1", on=day + timedelta(days=20)))
    await catch_up(app, told.principal.tenant)
    later = await lists.get(TRAINEE_LIST, employee_no="E1")
    assert earlier and later and earlier.trainee_id != later.trainee_id
    yield Twice(told, await log_in(http, told.email), earlier.trainee_id, later.trainee_id)
    http.cookies.clear()


async def test_only_what_says_its_fact_or_its_number_is_offered_on_an_earlier_enrolment(
    twice: Twice,
) -> None:
    page = await twice.page(twice.earlier)
    assert set(OFFERED.findall(page)) == {
        "correct-enrolment",
        "correct-leaving",
        "correct-exam-result",
        "correct-go-live",
        "correct-order",
        "reassign-order",
        "void-order",
        "withdraw-fact",
    }
    assert f'href="/trainees/{twice.later}"' in page
    assert "/follow-ups/new" not in page


async def test_a_later_enrolment_offers_what_any_other_does(twice: Twice) -> None:
    page = await twice.page(twice.later)
    assert {"record-trial-verdict", "correct-enrolment"} <= set(OFFERED.findall(page))
    assert f'href="/trainees/{twice.earlier}"' in page  # Where it says that somebody rejoined.
    assert f"/trainees/{twice.earlier}/" not in page


@pytest.mark.parametrize("command", ["correct-enrolment", "correct-leaving", "record-order"])
async def test_a_form_of_an_earlier_enrolment_that_would_reach_the_later_one_is_refused(
    twice: Twice, command: str
) -> None:
    answer = await twice.http.get(f"/trainees/{twice.earlier}/{command}")
    assert answer.status_code == 422
    assert "“E1”现在指后来的一条记录" in answer.text
    follow_up = await twice.http.get(f"/follow-ups/new?trainee={twice.earlier}")
    assert follow_up.status_code == 422


async def test_a_number_means_the_later_enrolment_also_after_the_earlier_was_corrected(
    twice: Twice, app: App
) -> None:
    told, day = twice.told, twice.told.live_on
    line = re.search(r"/correct-go-live\?fact=\d+", await twice.page(twice.earlier))
    assert line
    form = f"/trainees/{twice.earlier}{line[0]}"
    page = (await twice.http.get(form)).text
    sent = {name: hidden(page, name) for name in ("csrf", "key", "as_seen")}
    sent |= {"on": str(day + timedelta(days=1)), "reason": "录入有误"}
    answer = await twice.http.post(form, data=sent)
    assert answer.status_code == 303
    assert twice.earlier in answer.headers["location"]
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert row and row.trainee_id == twice.later


@pytest.mark.parametrize("days", [2, 4])
async def test_a_last_day_before_an_order_is_told_of_an_earlier_enrolment_as_of_any(
    twice: Twice, app: App, days: int
) -> None:
    told, day = twice.told, twice.told.live_on
    await told.does(ordered("E1", "N2", on=day + timedelta(days=3)))
    await catch_up(app, told.principal.tenant)
    line = re.search(r"/correct-leaving\?fact=\d+", await twice.page(twice.earlier))
    assert line
    form = f"/trainees/{twice.earlier}{line[0]}"
    page = (await twice.http.get(form)).text
    sent = {name: hidden(page, name) for name in ("csrf", "key", "as_seen")}
    sent |= {"on": str(day + timedelta(days=days)), "reason": "录入有误"}
    answer = await twice.http.post(form, data=sent)
    await catch_up(app, told.principal.tenant)
    shown = (await twice.http.get(answer.headers["location"])).text
    assert ("有 1 单的出单日期晚于离职日" in shown) is (days == 2)


async def test_who_rejoins_only_later_is_dealt_with_on_the_page_of_the_enrolment_that_lasts(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("AHEAD"))
    today = local_day(app.clock(), told.principal.zone)
    await told.does(
        batch_opened("A1", on=today),
        enrolled("E1", on=today),
        passed_gate("E1", on=today),
        went_live("E1", on=today),
        left("E1", on=today + timedelta(days=30)),
        rejoined("E1", cohort="A1", on=today + timedelta(days=60)),
    )
    await catch_up(app, told.principal.tenant)
    rows = (await app.lists(told.principal).page(TRAINEE_LIST, Paging(2))).rows
    lasting, ahead = sorted(rows, key=lambda row: row.entered_on)
    await log_in(http, told.email)
    twice = Twice(told, http, lasting.trainee_id, ahead.trainee_id)
    assert "hold-off-post" in OFFERED.findall(await twice.page(twice.earlier))
    for page in (twice.earlier, twice.later):
        assert "此人已重新入职" not in await twice.page(page)
