"""The page of orders: what was sold, what it amounts to, and the ways to and from it."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import httpx
import pytest

from api.web.kit.table_filters import MOST_CHOICES
from infra.bootstrap import App
from infra.readside.projector import catch_up
from infra.readside.time_travel import TimeTravel
from projections.kernel.projection import Projection
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.visiting import fresh, hidden, log_in
from tests.browser.story import Told, join
from tests.situation import (
    batch_opened,
    enrolled,
    order_reassigned,
    order_voided,
    ordered,
    passed_gate,
    went_live,
    withdrawn,
)

ROW = re.compile(r'<tr data-id="([^"]+)"')
TOTAL = re.compile(r'data-total="([a-z]+)">([^<]*)<')
COHORT = "B-01"


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    """E1 closed two orders, of which one is void, and E2 one."""
    told = await join(app, fresh("ORDERS"))
    day = told.live_on
    await told.does(
        batch_opened(COHORT, on=day),
        enrolled("E1", cohort=COHORT, name="王芳", on=day),
        enrolled("E2", cohort=COHORT, name="秦明", on=day),
        passed_gate("E1", on=day),
        went_live("E1", on=day),
        ordered("E1", "N1", on=day, product="宽带", amount=Decimal("1980.10")),
        ordered("E1", "N2", on=day, product="专线", amount=Decimal("0.20")),
        ordered("E2", "N3", on=day, product="宽带", amount=Decimal("19.90")),
        order_voided("N2", on=day),
    )
    await catch_up(app, told.principal.tenant)
    return told


async def test_an_earlier_evening_is_read_once_for_the_whole_page(
    told: Told, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, read = TimeTravel.state, list[str]()

    async def noted(self: TimeTravel, tenant_id: UUID, of: Projection[Any], *known: Any) -> Any:
        read.append(of.name)
        return await state(self, tenant_id, of, *known)

    monkeypatch.setattr(TimeTravel, "state", noted)
    page = (await browser.get(f"/orders?on={told.live_on}")).text
    assert set(ROW.findall(page)) == {"N1", "N2", "N3"}
    assert read == ["newcomers"]


async def test_an_order_of_several_products_is_found_by_each_now_and_then(
    app: App, browser: httpx.AsyncClient
) -> None:
    told = await join(app, fresh("SEVERAL"))
    on = told.live_on
    await told.does(
        batch_opened(COHORT, on=on),
        enrolled("E1", cohort=COHORT, on=on),
        ordered("E1", "N1", on=on, product="出口通、网站"),
        ordered("E1", "N2", on=on, product="网站"),
        ordered("E1", "N3", on=on, product="网站推广"),
        ordered("E1", "N4", on=on, product="网站推广、 、"),
    )
    await catch_up(app, told.principal.tenant)
    await log_in(browser, told.email)
    for moment in ("", f"&on={on}"):
        pages = {
            product: (await browser.get(f"/orders?product={product}{moment}")).text
            for product in ("出口通", "网站", "出口通、网站")
        }
        found = {product: set(ROW.findall(page)) for product, page in pages.items()}
        assert found == {"出口通": {"N1"}, "网站": {"N1", "N2"}, "出口通、网站": {"N1"}}
        (choices,) = re.findall(r'<select name="product".*?</select>', pages["网站"], re.DOTALL)
        offered = re.findall(r'<option value="([^"]+)"', choices)
        assert offered == ["出口通", "出口通、网站", "网站", "网站推广", "网站推广、 、"]


async def test_what_is_listed_is_added_up_with_what_is_void_by_itself(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/orders")).text
    assert set(ROW.findall(page)) == {"N1", "N2", "N3"}
    assert TOTAL.findall(page) == [
        ("valid", "有效 2 单，金额 2,000.00 元"),
        ("voided", "作废 1 单，金额 0.20 元"),
    ]
    found = (await browser.get("/orders?product=宽带&status=valid")).text
    assert set(ROW.findall(found)) == {"N1", "N3"}
    assert TOTAL.findall(found) == [("valid", "有效 2 单，金额 2,000.00 元")]
    assert '<option value="宽带" selected>宽带</option>' in found


async def test_amounts_that_nobody_recorded_are_told_and_not_shown_as_none(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("UNPRICED"))
    day = told.live_on
    await told.does(
        batch_opened(COHORT, on=day),
        enrolled("E1", cohort=COHORT, on=day),
        passed_gate("E1", on=day),
        went_live("E1", on=day),
        ordered("E1", "N1", on=day, amount=Decimal("8")),
        *(ordered("E1", number, on=day) for number in ("N2", "N3")),
        order_voided("N3", on=day),
    )
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    for times in ("", f"?on={day}"):
        assert TOTAL.findall((await http.get(f"/orders{times}")).text) == [
            ("valid", "有效 2 单，金额 8.00 元（1 单未登记金额）"),
            ("voided", "作废 1 单，均未登记金额"),
        ]
    http.cookies.clear()


async def test_the_day_before_there_was_nothing(browser: httpx.AsyncClient, told: Told) -> None:
    page = (await browser.get(f"/orders?on={told.live_on - timedelta(days=1)}")).text
    assert not ROW.findall(page)
    assert not TOTAL.findall(page)


async def test_an_order_leads_to_its_line_on_the_page_of_the_seller(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    seller = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert seller
    page = unescape((await browser.get("/orders")).text)
    (address,) = re.findall(r'<th scope="row"><a href="([^"]*order=N1&at=\d+#p\d+)"', page)
    assert address.startswith(f"/trainees/{seller.trainee_id}?")
    opened = (await browser.get(address)).text
    assert f'<li id="{address.rpartition("#")[2]}" data-topic="trainee.order_closed"' in opened
    for named in ("/orders/N1", "/orders/named?name=n1"):
        answer = await browser.get(named)
        while answer.is_redirect:
            address = answer.headers["location"]
            answer = await browser.get(address)
        assert f"/trainees/{seller.trainee_id}?order=N1" in address


async def test_an_order_whose_number_no_path_can_hold_is_reached(
    http: httpx.AsyncClient, app: App
) -> None:
    told, number = await join(app, fresh("SLASH")), "DX/2026?1#2"
    day = told.live_on
    await told.does(
        batch_opened(COHORT, on=day),
        enrolled("E1", cohort=COHORT, name="王芳", on=day),
        passed_gate("E1", on=day),
        went_live("E1", on=day),
        ordered("E1", number, on=day),
    )
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    figure = unescape((await http.get("/figures/members?kpi=average_orders")).text)
    (named,) = re.findall(rf'<a href="([^"]+)">{re.escape(number)}</a>', figure)
    form = (await http.get("/orders/new")).text
    sent = {"csrf": hidden(form, "csrf"), "key": hidden(form, "key"), "employee_no": "E1"}
    sent |= {"order_no": number.lower(), "closed_on": str(day)}
    taken = unescape((await http.post("/orders/new", data=sent)).text)
    (whose,) = re.findall(rf'<a href="([^"]+)">查看 {re.escape(number)} · 王芳 · E1</a>', taken)
    for address in (named, whose):
        answer = await http.get(address, follow_redirects=True)
        assert answer.status_code == 200
        assert "<h1>王芳" in answer.text and number in unescape(answer.text)
    http.cookies.clear()


async def test_a_line_that_a_later_page_of_the_timeline_hides_is_opened_at_its_own(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.web.kit.timeline.LARGEST_PAGE", 2)
    page = unescape((await browser.get("/orders")).text)
    (address,) = re.findall(r'<th scope="row"><a href="([^"]*order=N1&[^"]*)"', page)
    line = f'<li id="{address.rpartition("#")[2]}"'
    assert line in (await browser.get(address)).text
    assert line not in (await browser.get(address.partition("?")[0])).text


async def test_what_is_no_order_has_no_page_among_them(http: httpx.AsyncClient, app: App) -> None:
    told = await join(app, fresh("MISTAKEN"))
    await told.does(batch_opened(COHORT, on=told.live_on), enrolled("E1", cohort=COHORT))
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert row is not None
    await told.does(withdrawn("E1", 1))
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    assert (await http.get(f"/orders/{row.trainee_id}")).status_code == 404
    http.cookies.clear()


async def test_of_many_products_the_commonest_are_suggested_and_any_is_found(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("PRODUCTS"))
    day, products = told.live_on, [f"套餐{n:02}" for n in range(MOST_CHOICES + 2)]
    often = products[1:]
    await told.does(
        batch_opened(COHORT, on=day),
        enrolled("E1", cohort=COHORT, on=day),
        passed_gate("E1", on=day),
        went_live("E1", on=day),
        *(
            ordered("E1", f"P{n}", on=day, product=product)
            for n, product in enumerate([*products, *often])
        ),
    )
    await catch_up(app, told.principal.tenant)
    page = (await (await log_in(http, told.email)).get("/orders")).text
    (known,) = re.findall(r'<datalist id="known-product">(.*?)</datalist>', page, re.DOTALL)
    assert re.findall(r'value="([^"]+)"', known) == often[:MOST_CHOICES]
    sent = {"csrf": hidden(page, "csrf"), "product": products[0]}
    found = await http.get((await http.post("/orders", data=sent)).headers["location"])
    assert ROW.findall(found.text) == ["P0"]
    narrowed = await http.post("/suggestions/product", data=sent)
    assert re.findall(r'value="([^"]+)"', narrowed.text) == [products[0]]
    before = (await http.get(f"/orders?on={day - timedelta(days=1)}")).text
    assert "套餐" not in before
    http.cookies.clear()


async def test_a_number_finds_an_order_and_a_name_the_orders_of_the_person(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    page = (await browser.get("/orders")).text

    async def led_to(text: str, **narrowed: str) -> str:
        sent = {"csrf": hidden(page, "csrf"), "search": text, **narrowed}
        address = (await browser.post("/orders", data=sent)).headers["location"]
        assert not re.search(rf"\b{text}\b", address)
        answer = await browser.get(address)
        return answer.headers.get("location") or answer.text

    assert ROW.findall(await led_to("n3")) == ["N3"]
    seller = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert seller
    address = await led_to("王芳")
    assert address == f"/orders?trainee={seller.trainee_id}"
    found = (await browser.get(address)).text
    assert set(ROW.findall(found)) == {"N1", "N2"}
    assert "王芳" in found
    other = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E2")
    assert other
    # The next name is another person's, and not looked for among the orders of the first.
    assert await led_to("秦明", trainee=seller.trainee_id) == f"/orders?trainee={other.trainee_id}"


async def test_of_a_name_of_several_people_the_orders_of_each_are_offered(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("ALIKE"))
    day = told.live_on
    await told.does(
        batch_opened(COHORT, on=day),
        *(enrolled(number, cohort=COHORT, name="陈桂英", on=day) for number in ("G1", "G2")),
    )
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    token = hidden((await http.get("/orders/new")).text, "csrf")
    sent = {"csrf": token, "search": "桂英"}
    found = (await http.get((await http.post("/orders", data=sent)).headers["location"])).text
    offered = re.findall(r'<a href="/orders[?]trainee=[^"]+">陈桂英 (G\d) · [^<]+</a>', found)
    assert sorted(offered) == ["G1", "G2"]
    http.cookies.clear()


async def test_the_pages_of_a_seller_and_of_a_cohort_lead_to_their_orders(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    lists = app.lists(told.principal)
    seller = await lists.get(TRAINEE_LIST, employee_no="E1")
    cohort = await lists.get(COHORT_LIST, code=COHORT)
    assert seller and cohort
    for page, given, count in (
        (f"/trainees/{seller.trainee_id}", f"trainee={seller.trainee_id}", 2),
        (f"/cohorts/{cohort.cohort_id}", f"cohort={cohort.cohort_id}", 3),
    ):
        opened = (await browser.get(page)).text
        assert f'<a href="/orders?{given}">{count}</a>' in opened
        assert len(ROW.findall((await browser.get(f"/orders?{given}")).text)) == count


async def test_an_order_is_recorded_from_the_list(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/orders")).text
    assert '<a class="button" href="/orders/new">登记出单</a>' in page
    form = (await browser.get("/orders/new")).text
    assert 'name="employee_no"' in form and 'name="order_no"' in form


async def test_at_a_past_time_the_number_of_an_order_leads_to_who_had_it_then(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("HELD"))
    day = told.live_on
    await told.does(
        batch_opened("B-01", on=day),
        *(enrolled(who, cohort="B-01", on=day) for who in ("Z1", "Z2", "Z3")),
        *(passed_gate(who, on=day) for who in ("Z1", "Z2", "Z3")),
        *(went_live(who, on=day) for who in ("Z1", "Z2", "Z3")),
        ordered("Z1", "HAD-9", on=day),
    )
    closed = await app.log.position(told.principal.tenant)
    for number, to in enumerate(("Z2", "Z3", "Z1"), start=1):
        await told.does(order_reassigned("HAD-9", to=to, on=day + timedelta(days=number)))
    await catch_up(app, told.principal.tenant)
    lists = app.lists(told.principal)
    people = {}
    for who in ("Z1", "Z2", "Z3"):
        row = await lists.get(TRAINEE_LIST, employee_no=who)
        assert row is not None
        people[row.trainee_id] = who
    await log_in(http, told.email)

    async def who_had(query: str) -> str | None:
        token = hidden((await http.get("/trainees")).text, "csrf")
        times = dict(parse_qsl(query))
        sent = {"csrf": token, "search": "had-9", **times}
        found = (await http.post("/trainees", data=sent)).headers["location"]
        answer = await http.get(found)
        if answer.status_code != 303:
            return None
        address = answer.headers["location"]
        assert query in address
        return people[address.partition("?")[0].rpartition("/")[2]]

    holders = [await who_had(f"on={day + timedelta(days=number)}") for number in range(4)]
    assert holders == ["Z1", "Z2", "Z3", "Z1"]
    assert await who_had("") == "Z1"
    assert await who_had(f"known={closed}") == "Z1"
    assert await who_had(f"known={closed + 2}") == "Z2"
    assert await who_had(f"known={closed - 1}") is None
    http.cookies.clear()


async def test_an_order_that_came_back_stands_once_on_the_page_of_who_closed_it(
    app: App, told: Told, browser: httpx.AsyncClient
) -> None:
    day = told.live_on
    await told.does(
        *(enrolled(who, cohort=COHORT, on=day) for who in ("W1", "W2")),
        *(passed_gate(who, on=day) for who in ("W1", "W2")),
        *(went_live(who, on=day) for who in ("W1", "W2")),
        ordered("W1", "BACK-7", on=day),
        order_reassigned("BACK-7", to="W2", on=day + timedelta(days=1)),
        order_reassigned("BACK-7", to="W1", on=day + timedelta(days=2)),
    )
    await catch_up(app, told.principal.tenant)
    seller = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="W1")
    assert seller is not None
    page = (await browser.get(f"/trainees/{seller.trainee_id}")).text
    window = page[page.index('aria-labelledby="window"') :]
    rows = re.findall(r"<td>BACK-7</td>.*?</tr>", window[: window.index("</article>")])
    assert [row.count("是") for row in rows] == [1]
