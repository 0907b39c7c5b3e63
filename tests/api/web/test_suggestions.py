"""Forms suggest what is there already, and begin with today where that is mostly meant."""

import re
from datetime import timedelta

import httpx
import pytest

from api.web.kit.suggestions import MOST_SUGGESTED
from api.web.kit.table_filters import MOST_CHOICES
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.teaching.cohorts import COHORT_LIST
from tests.api.web.visiting import fresh, hidden, log_in
from tests.browser.story import Told, join
from tests.follow_ups import follow_up_opened
from tests.situation import batch_opened, enrolled, left, passed_gate, rejoined, went_live

LISTED = re.compile(r'<datalist id="field-([a-z_]+)-known">(.*?)</datalist>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)">')

BEGUN = re.compile(r'name="(?:opened|entered|planned)_on"[^>]* value="([^"]*)"')


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("KNOWN"))
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on, training_manager="周班"),
        batch_opened("A2", on=on),
        enrolled("E1", on=on, manager="赵主管"),
        enrolled("E2", on=on, manager="王主管"),
        enrolled("E3", on=on, manager="王主管"),
        enrolled("E4", on=on),
    )
    await catch_up(app, told.principal.tenant)
    return told


@pytest.fixture(scope="module")
async def many(app: App) -> Told:
    """More people and managers than a page holds."""
    told = await join(app, fresh("ASKED"))
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        *(
            enrolled(f"E{n:02}", on=on, name=f"张小{n}", manager=f"主管{n:02}")
            for n in range(MOST_CHOICES)
        ),
        enrolled("Z9", on=on, name="曾伟", manager="欧阳修"),
        enrolled("Z8", on=on, name="吐尔逊", manager="阿里木·吾守尔"),
        enrolled("Z7", on=on, name="李宁", manager="吕思"),
        *(passed_gate("Z9", on=on), went_live("Z9", on=on)),
        follow_up_opened("Z9", "F1", on=on),
    )
    await catch_up(app, told.principal.tenant)
    return told


def suggested(page: str) -> dict[str, list[str]]:
    return {name: OPTION.findall(options) for name, options in LISTED.findall(page)}


async def test_names_that_are_there_are_suggested_the_commonest_first(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    enrolling = suggested((await browser.get("/trainees/new")).text)
    assert enrolling == {"cohort": ["A2", "A1"], "manager": ["王主管", "赵主管"]}
    assert suggested((await browser.get("/cohorts/new")).text) == {"training_manager": ["周班"]}
    cohort = await app.lists(told.principal).get(COHORT_LIST, code="A2")
    assert cohort is not None
    page = (await browser.get(f"/cohorts/{cohort.cohort_id}/hand-over-cohort")).text
    assert suggested(page) == {"training_manager": ["周班"]}


async def test_a_cohort_opens_today_as_other_things_happen_unless_another_day_is_typed(
    browser: httpx.AsyncClient,
) -> None:
    opened = BEGUN.search((await browser.get("/cohorts/new")).text)
    entered = BEGUN.search((await browser.get("/trainees/new")).text)
    planned = BEGUN.search((await browser.get("/sessions/new")).text)
    assert opened and entered and planned
    assert opened[1] == entered[1] != ""
    assert planned[1] == ""


async def test_a_person_is_offered_with_the_name_and_a_new_number_is_not(
    browser: httpx.AsyncClient,
) -> None:
    opening = suggested((await browser.get("/follow-ups/new")).text)
    assert opening["employee_no"] == ["E1", "E2", "E3", "E4"]
    assert "employee_no" not in suggested((await browser.get("/trainees/new")).text)


@pytest.mark.parametrize(
    ("field", "typed", "found"),
    [("employee_no", "lina", ["E6"]), ("manager", "wzg", ["王主管"]), ("manager", "", None)],
    ids=["pinyin", "initials", "nothing"],
)
async def test_also_of_few_those_are_offered_that_are_meant_by_pinyin(
    browser: httpx.AsyncClient, told: Told, field: str, typed: str, found: list[str] | None
) -> None:
    await told.does(enrolled("E6", on=told.live_on, name="李娜"))
    await catch_up(told.app, told.principal.tenant)
    page = (await browser.get("/follow-ups/new")).text
    assert 'hx-post="/suggestions/employee_no"' in page
    sent = {"csrf": hidden(page, "csrf"), field: typed}
    answer = (await browser.post(f"/suggestions/{field}", data=sent)).text
    assert OPTION.findall(answer) == (found or ["王主管", "赵主管"])
    # Browsers hide what does not have the typed text in it.
    assert typed in answer


async def test_people_of_one_name_are_told_apart_by_cohort_day_and_status(
    browser: httpx.AsyncClient, told: Told
) -> None:
    on = told.live_on
    await told.does(enrolled("E7", cohort="A2", on=on, name="秦明"), left("E7", on=on))
    await told.does(enrolled("E8", cohort="A1", on=on, name="秦明"))
    await catch_up(told.app, told.principal.tenant)
    page = (await browser.get("/follow-ups/new")).text
    said = dict(re.findall(r'<option value="(E[78])">([^<]*)<', page))
    day = f"{on.year}年{on.month}月{on.day}日"
    assert said == {"E7": f"秦明 · A2 · {day} · 离职", "E8": f"秦明 · A1 · {day} · 在训"}


async def test_who_rejoined_is_offered_once_as_enrolled_last(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on + timedelta(days=1)
    await told.does(left("E1", on=on), rejoined("E1", cohort="A2", on=on + timedelta(days=1)))
    await catch_up(app, told.principal.tenant)
    opening = suggested((await browser.get("/follow-ups/new")).text)
    assert opening["employee_no"] == ["E1", "E2", "E3", "E4"]


class TestOfMany:
    """More than a page holds: the rest is asked for by what is typed."""

    @pytest.mark.parametrize(
        ("field", "typed", "found"),
        [
            ("employee_no", "z9", ["Z9"]),
            ("employee_no", "曾", ["Z9"]),
            ("employee_no", "zengw", ["Z9"]),
            ("employee_no", "nobody", []),
            ("manager", "欧", ["欧阳修"]),
            ("manager", "OYX", ["欧阳修"]),
            ("manager", "木·吾", ["阿里木·吾守尔"]),
            ("manager", "lüs", ["吕思"]),
            ("manager", "x" * 60_000, []),
        ],
        ids=["number", "name", "pinyin", "nobody", "manager", "initials", "dot", "umlaut", "long"],
    )
    async def test_finds_who_is_meant_by_number_name_or_pinyin(
        self, http: httpx.AsyncClient, many: Told, field: str, typed: str, found: list[str]
    ) -> None:
        await log_in(http, many.email)
        page = (await http.get("/follow-ups/new")).text
        assert len(suggested(page)["employee_no"]) == MOST_SUGGESTED
        assert 'hx-post="/suggestions/employee_no"' in page
        sent = {"csrf": hidden(page, "csrf"), field: typed}
        answer = await http.post(f"/suggestions/{field}", data=sent)
        http.cookies.clear()
        assert OPTION.findall(answer.text) == found
        assert answer.text.lower().count(typed.lower()) >= len(found)

    async def test_tells_nobody_else_and_asks_nobody_to_log_in(
        self, http: httpx.AsyncClient, browser: httpx.AsyncClient, many: Told
    ) -> None:
        sent = {"csrf": hidden((await browser.get("/follow-ups/new")).text, "csrf")}
        told = await browser.post("/suggestions/employee_no", data=sent | {"employee_no": "张小"})
        assert OPTION.findall(told.text) == []
        assert (await browser.post("/suggestions/reason", data=sent)).status_code == 404
        http.cookies.clear()
        answer = await http.post("/suggestions/employee_no", data={"employee_no": "张小"})
        assert (answer.status_code, answer.text) == (204, "")

    async def test_a_name_that_was_typed_for_a_number_stands_in_no_address(
        self, http: httpx.AsyncClient, many: Told
    ) -> None:
        await log_in(http, many.email)
        page = (await http.get("/follow-ups")).text
        assert 'list="known-trainee"' in page
        places = []
        for typed in ("Nobody", "z9"):
            sent = {"csrf": hidden(page, "csrf"), "trainee": typed}
            places.append((await http.post("/follow-ups", data=sent)).headers["location"])
        assert "Nobody" not in places[0]
        assert "找不到所填的名称" in (await http.get(places[0])).text
        assert ">F1<" in (await http.get(places[1])).text
        http.cookies.clear()
