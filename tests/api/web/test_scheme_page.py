"""The scheme's pages over the application: read, drafted, looked at, published."""

import re
from dataclasses import dataclass
from html import unescape
from itertools import count

import httpx
import pytest

from api.web.pages.scheme_draft import MOST_OF_A_DRAFT
from domain.kernel.values import Month, Ratio
from domain.kpi.scheme.scheme import KpiScheme
from infra.bootstrap import App, utc_now
from infra.readside.projector import catch_up
from projections.figures.schemes import SchemeRow
from services.execute import execute
from services.kernel.context import Principal, Role
from services.scheme.scheme import AdoptScheme
from tests.api.conftest import AFTER_THE_GOLDEN_CASES
from tests.api.web.visiting import log_in
from tests.browser.story import PASSWORD, Told, tell
from tests.read_models import plant
from tests.situation import scheme_published
from tests.submitting import submit

NUMBERS = count(1)
INPUT = re.compile(r'<(?:input|select|textarea)[^>]* name="([a-z_.0-9]+)"[^>]*>')
VALUE = re.compile(r' value="([^"]*)"')
SELECT = re.compile(r'<select name="([a-z_.0-9]+)".*?</select>', re.DOTALL)
TEXTAREA = re.compile(r'<textarea name="([a-z_.0-9]+)"[^>]*>\n(.*?)</textarea>', re.DOTALL)
CHOSEN = re.compile(r'<option value="([^"]*)" selected>')


@dataclass
class Desk:
    """A manager's browser without scripts."""

    http: httpx.AsyncClient
    told: Told
    page: str = ""

    async def open(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text[-2000:]
        self.page = answer.text
        return self.page

    async def send(self, **changed: str) -> httpx.Response:
        """Sends the form as it stands in the page, with what was changed in it."""
        stated = {name.replace("__", "."): text for name, text in changed.items()}
        answer = await self.http.post("/scheme/new", data=inputs(self.page) | stated)
        self.page = answer.text
        return answer

    async def versions(self) -> list[SchemeRow]:
        await catch_up(self.told.app, self.told.principal.tenant)
        return await self.told.app.lists(self.told.principal).scheme_versions()


def inputs(page: str) -> dict[str, str]:
    """What a browser would send of the page's form, without its buttons."""
    form = page[page.index('<form method="post" action="/scheme/new"') :]
    form = form[: form.index("</form>")]
    found = {}
    for tag in INPUT.finditer(form):
        value = VALUE.search(tag[0])
        if 'type="checkbox"' not in tag[0]:
            found[tag[1]] = unescape(value[1]) if value else ""
    for area in TEXTAREA.finditer(form):
        found[area[1]] = unescape(area[2])
    for select in SELECT.finditer(form):
        chosen = CHOSEN.search(select[0])
        found[select[1]] = unescape(chosen[1]) if chosen else ""
    return found


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    """A partner whose scheme no test changes."""
    return await tell(app, "SCHEMES")


@pytest.fixture
async def desk(app: App, http: httpx.AsyncClient, told: Told) -> Desk:
    return await sit_down(app, http, told)


@pytest.fixture
async def publisher(app: App, http: httpx.AsyncClient) -> Desk:
    """At the desk of a partner of its own."""
    return await sit_down(app, http, await tell(app, f"SCHEME{next(NUMBERS)}"))


async def sit_down(app: App, http: httpx.AsyncClient, told: Told) -> Desk:
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    return Desk(http, told)


def next_month() -> Month:
    """After the one that the application's clock says."""
    return Month.of(max(utc_now(), AFTER_THE_GOLDEN_CASES).date()).next()


async def test_without_a_version_the_source_is_shown_with_what_it_leaves_open(desk: Desk) -> None:
    page = await desk.open("/scheme")
    assert "默认细则" in page
    assert page.count(">未设定<") == 3
    assert re.search(r'data-line="undefined">.*?>35<', page, re.DOTALL)
    assert re.search(r'data-dimension="1">.*?>30<', page, re.DOTALL)
    assert "80%" in page


async def test_a_version_is_opened_by_a_link_and_the_one_in_force_by_itself(
    publisher: Desk,
) -> None:
    month = publisher.told.month
    await publisher.told.does(scheme_published(str(month), window_days=45))
    await publisher.told.does(scheme_published(str(next_month()), window_days=60))
    await catch_up(publisher.told.app, publisher.told.principal.tenant)
    page = await publisher.open("/scheme")
    assert 'data-parameter="window_days"><dt>统计期（天）</dt><dd>45<' in page
    assert "杜玉璇" in page
    page = await publisher.open("/scheme/2")
    assert "<dd>60<" in page
    page = await publisher.open("/scheme/0")
    assert "<dd>30<" in page
    assert (await publisher.http.get("/scheme/3")).status_code == 404
    page = await publisher.open(f"/scheme?on={month.first_day}&known=1")
    assert 'data-version="1"' not in page
    assert 'href="/scheme/new"' not in page
    scorecard = await publisher.open(f"/scorecard?month={month}")
    assert 'href="/scheme/1"' in scorecard


@pytest.mark.parametrize("number", ["1_0", "+0", "０", "0" * 19])
async def test_a_number_that_is_not_written_as_in_our_addresses_is_of_no_version(
    desk: Desk, number: str
) -> None:
    assert (await desk.http.get(f"/scheme/{number}")).status_code == 404


async def test_nothing_is_published_before_it_was_looked_at_and_confirmed(publisher: Desk) -> None:
    await publisher.open("/scheme/new")
    answer = await publisher.send(
        act="look", lines__0__criteria__0__target="80%", lines__1__criteria__0__target="1.5"
    )
    assert answer.status_code == 200
    assert "发布前核对" in answer.text
    assert 'data-line="1.1"' in answer.text
    assert await publisher.versions() == []
    answer = await publisher.send(act="publish")
    assert answer.status_code == 422
    assert "请核对后勾选确认" in answer.text
    answer = await publisher.send(act="publish", confirmed="yes")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/scheme/1?done=")
    (version,) = await publisher.versions()
    assert version.effective_from == str(next_month())
    targets = [one.target for line in version.lines[:2] for one in line.criteria]
    assert targets == [Ratio(4, 5), Ratio(3, 2)]


async def test_a_version_of_months_that_are_over_is_said_to_judge_them_anew(
    publisher: Desk,
) -> None:
    await publisher.open("/scheme/new")
    assert "重新评分" not in (await publisher.send(act="look")).text
    await publisher.open("/scheme/new")
    over = publisher.told.month
    assert "重新评分" in (await publisher.send(act="look", effective_from=str(over))).text
    assert "已上报" not in publisher.page
    await submit(publisher.told.app, publisher.told.principal, str(over))
    await catch_up(publisher.told.app, publisher.told.principal.tenant)
    await publisher.send(act="edit")
    await publisher.send(act="look")
    assert f"已上报的 {over.year}年{over.month}月，" in publisher.page


async def test_a_double_click_publishes_one_version(publisher: Desk) -> None:
    await publisher.open("/scheme/new")
    await publisher.send(act="look")
    looked = publisher.page
    for _ in range(2):
        publisher.page = looked
        answer = await publisher.send(act="publish", confirmed="yes")
        assert answer.headers["location"].startswith("/scheme/1?done=")
    assert len(await publisher.versions()) == 1


async def test_a_key_that_published_another_draft_is_not_kept(publisher: Desk) -> None:
    await publisher.open("/scheme/new")
    await publisher.send(act="look")
    looked = publisher.page
    await publisher.send(act="publish", confirmed="yes")
    publisher.page = looked
    other = {"effective_from": "2031-02", "act": "publish", "confirmed": "yes"}
    assert (await publisher.send(**other)).status_code == 422
    assert inputs(publisher.page)["effective_from"] == "2031-02"
    assert "与本表开始填写时所依据的不同" in (await publisher.send(**other)).text
    assert (await publisher.send(**other)).status_code == 303
    assert len(await publisher.versions()) == 2


async def test_a_form_larger_than_any_scheme_is_not_read(desk: Desk) -> None:
    await desk.open("/scheme/new")
    many = {f"lines__{n}__code": str(n) for n in range(5_001)}
    assert (await desk.send(act="look", **many)).status_code == 413


async def test_more_rows_than_any_scheme_has_are_not_drawn(desk: Desk) -> None:
    await desk.open("/scheme/new")
    many = {f"lines.{number}.code": "1" for number in range(MOST_OF_A_DRAFT)}
    answer = await desk.http.post("/scheme/new", data=inputs(desk.page) | many | {"add": "lines"})
    assert answer.status_code == 413
    assert len(answer.content) < 50_000


async def test_a_look_shows_what_the_draft_moves_and_who_moves_it(desk: Desk) -> None:
    await desk.open("/scheme/new")
    await desk.send(
        act="look", parameters__leaver_rule="counted", lines__0__criteria__0__target="2/3"
    )
    order_rate = desk.page[desk.page.index('data-kpi="order_rate"') :]
    assert "12/18" in order_rate
    assert "13/18" in order_rate
    assert "涉及 1 人" in order_rate
    assert "的指标和得分都不变" not in desk.page
    assert re.search(r'data-line="total">.*?>10<.*?>25<', desk.page, re.DOTALL)


async def test_rows_come_and_go_by_buttons_and_nothing_typed_is_lost(publisher: Desk) -> None:
    await publisher.open("/scheme/new")
    await publisher.send(add="lines", effective_from="2031-01")
    assert inputs(publisher.page)["effective_from"] == "2031-01"
    await publisher.send(remove="lines.0")
    assert inputs(publisher.page)["lines.0.code"] == "1.2"
    await publisher.send(
        act="look",
        lines__4__code="3.1",
        lines__4__name="留存",
        lines__4__weight="10",
        lines__4__criteria__0__kpi="retention_30",
        lines__4__criteria__0__target="90%",
    )
    assert 'data-line="3.1"' in publisher.page
    await publisher.send(act="edit")
    assert inputs(publisher.page)["lines.4.criteria.0.target"] == "90%"
    await publisher.send(act="look")
    await publisher.send(act="publish", confirmed="yes")
    (version,) = await publisher.versions()
    assert [line.code for line in version.lines] == ["1.2", "2.1", "2.2", "2.3", "3.1"]


AMISS: dict[str, tuple[dict[str, str], str]] = {
    "month": ({"effective_from": "soon"}, "effective_from"),
    "window": ({"parameters__window_days": "400"}, "parameters.window_days"),
    "target": ({"lines__2__criteria__1__target": "八成"}, "lines.2.criteria.1.target"),
    "over whole": ({"lines__2__criteria__1__target": "80"}, "lines.2"),
    "negative": ({"lines__2__criteria__1__target": "-1/2"}, "lines.2"),
    "weight": ({"lines__3__weight": "0"}, "lines.3"),
    "over 100": ({"lines__0__weight": "99"}, "lines"),
    "code twice": ({"lines__1__code": "1.1"}, "lines.1"),
    "no figure": (
        {"lines__0__criteria__0__kpi": "", "lines__0__criteria__0__target": ""},
        "lines.0",
    ),
    "unknown": ({"lines__0__criteria__0__kpi": "luck"}, "lines.0.criteria.0.kpi"),
    "split": ({"lines__3__scoring": "split", "lines__3__criteria__0__weight": "1"}, "lines.3"),
}


@pytest.mark.parametrize("changed, place", AMISS.values(), ids=list(AMISS))
async def test_what_is_refused_stands_beside_its_field_as_it_was_typed(
    desk: Desk, changed: dict[str, str], place: str
) -> None:
    await desk.open("/scheme/new")
    answer = await desk.send(act="look", **changed)
    assert answer.status_code == 422
    is_input = place in inputs(desk.page)
    assert f'id="{f"field-{place}-error" if is_input else f"error-{place}"}"' in desk.page
    for name, text in changed.items():
        if text:
            assert inputs(desk.page)[name.replace("__", ".")] == text


async def test_a_month_that_is_taken_is_refused_before_publishing(publisher: Desk) -> None:
    await publisher.told.does(scheme_published(str(next_month())))
    await catch_up(publisher.told.app, publisher.told.principal.tenant)
    await publisher.open("/scheme/new")
    answer = await publisher.send(act="look", effective_from=str(next_month()))
    assert answer.status_code == 422
    assert 'id="field-effective_from-error"' in answer.text


async def test_a_draft_that_does_not_say_what_it_was_begun_from_is_not_published(
    publisher: Desk,
) -> None:
    await publisher.open("/scheme/new")
    month = str(next_month().next(5))
    asked = {"act": "publish", "confirmed": "yes", "effective_from": month, "instead_of": ""}
    answer = await publisher.send(**asked)
    assert answer.status_code == 422 and "与本表开始填写时所依据的不同" in answer.text


async def test_a_form_begins_in_the_first_free_month_with_what_holds_then(
    publisher: Desk,
) -> None:
    await publisher.told.does(scheme_published(str(next_month()), window_days=45))
    await publisher.told.does(scheme_published(str(next_month().next()), window_days=20))
    await catch_up(publisher.told.app, publisher.told.principal.tenant)
    await publisher.open("/scheme/new")
    stated = inputs(publisher.page)
    assert stated["effective_from"] == str(next_month().next(2))
    assert stated["parameters.window_days"] == "20"
    answer = await publisher.send(act="begin", effective_from=str(next_month().next(-1)))
    await publisher.open(answer.headers["location"])
    assert inputs(publisher.page)["parameters.window_days"] == "30"
    assert "默认细则" in publisher.page


async def test_a_month_in_which_another_version_holds_is_shown_before_it_is_undone(
    publisher: Desk,
) -> None:
    await publisher.open("/scheme/new")
    await publisher.told.does(scheme_published(str(next_month()), window_days=45))
    await catch_up(publisher.told.app, publisher.told.principal.tenant)
    later = str(next_month().next(3))
    answer = await publisher.send(act="publish", confirmed="yes", effective_from=later)
    assert answer.status_code == 422
    assert re.search(r'id="refusal">[^<]*不同', answer.text)
    assert re.search(r'id="field-parameters.window_days-recorded"[^>]*>[^<]*45', answer.text)
    assert (await publisher.send(act="look")).status_code == 200
    assert (await publisher.send(act="publish", confirmed="yes")).status_code == 303
    assert [one.parameters.window_days for one in await publisher.versions()] == [45, 30]


async def test_a_look_compares_with_the_version_that_is_replaced(publisher: Desk) -> None:
    await publisher.told.does(scheme_published(str(next_month()), leaver_rule="counted"))
    await catch_up(publisher.told.app, publisher.told.principal.tenant)
    await publisher.open("/scheme/new")
    await publisher.send(act="look")
    order_rate = publisher.page[publisher.page.index('data-kpi="order_rate"') :]
    assert order_rate.index("13/18") < order_rate.index("不涉及任何人员")
    assert "12/18" not in order_rate
    assert "的指标和得分都不变" in publisher.page


async def test_what_head_office_sets_is_shown_as_theirs_and_leaves_no_version_of_ones_own(
    publisher: Desk,
) -> None:
    told = publisher.told
    head_office = Principal.of_system(told.principal.tenant, "head-office")
    theirs = AdoptScheme(str(told.month), mandatory=True, reason="总部统一口径")
    await execute(told.app.context(head_office), theirs)
    await catch_up(told.app, told.principal.tenant)
    page = await publisher.open("/scheme")
    row = page[page.index('data-version="1"') :]
    assert (
        row.index("总部统一口径")
        < row.index(">总部<")
        < row.index(">强制<")
        < row.index('data-version="0"')
    )
    opened = await publisher.open("/scheme/1")
    assert re.search(r"data-reason>[^<]*总部统一口径", opened)
    await publisher.open("/scheme/new")
    answer = await publisher.send(act="look")
    assert answer.status_code == 422
    assert re.search(r'id="field-effective_from-error"[^>]*>总部已规定', answer.text)


async def test_who_may_only_read_figures_reads_and_may_not_change(app: App, desk: Desk) -> None:
    email = "reader@schemes.example"
    await app.accounts.create_user(
        email=email, name="王主管", role=Role.SUPERVISOR, password=PASSWORD, partner="SCHEMES"
    )
    await log_in(desk.http, email)
    assert 'href="/scheme/new"' not in await desk.open("/scheme")
    assert (await desk.http.get("/scheme/new")).status_code == 403


async def test_a_version_that_no_read_model_shows_yet_is_said_to_be_published(
    publisher: Desk,
) -> None:
    told = publisher.told
    await plant(told.app, told.principal.tenant, KpiScheme.Published.TOPIC, "{}")
    await catch_up(told.app, told.principal.tenant)
    await publisher.open("/scheme/new")
    await publisher.send(act="look")
    answer = await publisher.send(act="publish", confirmed="yes")
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert address.startswith("/scheme?done=")
    assert "稍后即可显示" in await publisher.open(address)
