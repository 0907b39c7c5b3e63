"""What holds of every page: guarded, private, in the reader's language, safe with any text."""

import re
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from msgspec.structs import fields

from api.app import create_app
from api.web.kit.cookies import CSRF_HEADER, csrf_token, local_path
from domain.kpi.catalog import CATALOG
from domain.kpi.kpi import Kpi
from domain.kpi.scheme.versions import Parameters
from infra.bootstrap import App
from infra.readside.projector import catch_up
from infra.settings import Settings
from tests.api.web.visiting import ask_to_log_in, hidden, log_in
from tests.api.web.walking import page_routes
from tests.browser.story import COHORT, Told, tell

Client = AsyncTestClient[Litestar]
NONCE = re.compile(r"script-src 'nonce-([\w-]+)'")


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    told = await tell(app, "PAGES")
    await catch_up(app, told.principal.tenant)
    return told


@pytest.fixture(scope="module")
async def served(database: Settings) -> AsyncIterator[Client]:
    async with AsyncTestClient(create_app(database), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def client(served: Client) -> Client:
    """A browser that was never here."""
    served.cookies.clear()
    return served


async def test_every_page_has_a_policy_with_a_nonce_of_its_own(client: Client) -> None:
    first, second = await client.get("/login"), await client.get("/login")
    policies = [page.headers["content-security-policy"] for page in (first, second)]
    nonces = [NONCE.search(policy) for policy in policies]
    assert nonces[0] and nonces[1] and nonces[0][1] != nonces[1][1]
    assert f'nonce="{nonces[0][1]}"' in first.text
    assert "unsafe" not in policies[0]
    assert first.headers["cache-control"] == "no-store"


async def test_log_in_gives_a_session_that_scripts_cannot_read(client: Client, told: Told) -> None:
    answer = await ask_to_log_in(client, told.email)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if "chudan_session" in c]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (await client.get("/")).status_code == 200


async def test_over_https_the_session_is_bound_to_the_host(database: Settings, told: Told) -> None:
    address = "https://chudan.example"
    async with AsyncTestClient(create_app(database), base_url=address) as client:
        answer = await ask_to_log_in(client, told.email)
        (cookie,) = [c for c in answer.headers.get_list("set-cookie") if "chudan_session" in c]
        assert cookie.startswith("__Host-chudan_session=")
        assert "Secure" in cookie
        assert "Domain" not in cookie


async def test_a_session_is_new_after_every_log_in(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    first = client.cookies.pop("chudan_session")
    await log_in(client, told.email)
    assert client.cookies["chudan_session"] != first


async def test_refuses_a_log_in_from_elsewhere(client: Client, told: Told) -> None:
    refused = await ask_to_log_in(client, told.email, csrf=csrf_token("another visit"))
    assert refused.status_code == 422
    assert "chudan_session" not in refused.headers.get("set-cookie", "")


async def test_every_answer_masks_its_token_anew_and_each_of_them_is_accepted(
    client: Client, told: Told
) -> None:
    await log_in(client, told.email)
    tokens = [hidden((await client.get("/import")).text, "csrf") for _ in range(2)]
    assert len({half for token in tokens for half in (token[:64], token[64:])}) == 4
    for token in (*tokens, tokens[0], tokens[0].upper()):
        assert (await client.post("/import", data={"csrf": token})).status_code == 422


SPOILED: dict[str, Callable[[str], str]] = {
    "a byte short": lambda token: token[:-2],
    "half a byte short": lambda token: token[:-1],
    "a byte too long": lambda token: token + "00",
    "its mask alone": lambda token: token[:64],
    "letters of no number": lambda token: token[:-2] + "zz",
    "letters of no alphabet": lambda token: token[:-1] + "é",
    "blanks in it": lambda token: token[:62] + "    " + token[66:],
    "another last bit": lambda token: token[:-1] + f"{int(token[-1], 16) ^ 1:x}",
    "another session's": lambda _: csrf_token("another session"),
    "zeros": lambda token: "0" * len(token),
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=list(SPOILED))
async def test_a_token_that_was_never_one_of_the_session_is_refused(
    client: Client, told: Told, spoil: Callable[[str], str]
) -> None:
    await log_in(client, told.email)
    token = spoil(hidden((await client.get("/import")).text, "csrf"))
    form = await client.post("/logout", data={"csrf": token})
    assert form.status_code == 403
    headers = {CSRF_HEADER: token.encode("latin-1")}
    asked = await client.post("/graphql", json={"query": "{ me { role } }"}, headers=headers)
    assert (asked.status_code, asked.json()["code"]) == (403, "csrf_refused")


async def test_a_file_in_the_place_of_the_token_is_refused(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    token = hidden((await client.get("/import")).text, "csrf")
    answer = await client.post("/import", files={"csrf": ("csrf", token.encode())})
    assert answer.status_code == 403


async def test_refuses_a_log_out_without_the_pages_token(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    assert (await client.post("/logout", data={"csrf": "0" * 64})).status_code == 403
    assert (await client.get("/", follow_redirects=False)).status_code == 200


async def test_a_stream_without_a_session_sends_its_page_to_the_log_in(client: Client) -> None:
    answer = await client.get("/figures/events")
    assert answer.text == "event: ended\ndata: ended\n\n"


async def test_a_fragment_without_a_session_sends_its_page_to_the_log_in(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/?by=cohort"}
    answer = await client.get("/", headers=headers)
    assert answer.headers["hx-redirect"].startswith("/login?next=")


async def test_a_name_is_text_whatever_it_holds(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    page = (await client.get(f"/figures/members?month={told.month}&kpi=order_rate")).text
    assert "&lt;b&gt;新人&lt;/b&gt;T01" in page
    assert "<b>新人" not in page


async def test_facts_are_the_partners_own(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    known = await told.app.log.position(told.principal.tenant)
    positions = ",".join(map(str, range(1, min(known, 20) + 1)))
    assert "入训登记" in (await client.get(f"/figures/facts?positions={positions}")).text
    assert "找不到这些记录" in (await client.get("/figures/facts?positions=999999999")).text


@pytest.mark.parametrize("kpi", CATALOG, ids=lambda kpi: kpi.slug)
async def test_every_figure_opens_and_says_whether_facts_exist(
    client: Client, told: Told, kpi: Kpi
) -> None:
    await log_in(client, told.email)
    answer = await client.get(f"/figures/members?month={told.month}&kpi={kpi.slug}")
    assert answer.status_code == 200
    assert ("暂无数据（系统尚不能登记）" in answer.text) is not kpi.has_source


async def test_a_line_of_what_nobody_can_record_says_why_it_is_not_scored_and_what_lets_it_be(
    client: Client, told: Told
) -> None:
    await log_in(client, told.email)
    card = (await client.get(f"/scorecard?month={told.month}")).text
    (line,) = re.findall(r'<tbody data-line="2.2">.*?</tbody>', card, re.DOTALL)
    assert (
        "“日报反馈培训”所依据的" in line
        and "系统尚不能登记。考核细则的新版本中去掉这一指标后，本项即可评分" in line
    )
    assert 'href="/scheme/new"' in line


async def test_a_draft_counts_leavers_in_or_out_and_names_who_moved(
    client: Client, told: Told
) -> None:
    await log_in(client, told.email)
    address = f"/what-if?month={told.month}"
    begun = (await client.get(address)).text
    assert "不涉及任何人员" in begun and 'id="begin"' in begun and 'id="same"' not in begun
    assert 'id="same"' in (await client.get(f"{address}&leaver_rule=excluded")).text
    with_leavers = (await client.get(f"{address}&leaver_rule=counted")).text
    assert 'id="begin"' not in with_leavers and 'id="same"' not in with_leavers
    assert "13/18" in with_leavers and "数值不变" not in with_leavers
    assert "12/15" not in with_leavers
    still_open = (await client.get(f"{address}&window_days=366")).text
    assert re.search(r"涉及 \d+ 人 <[^>]+>数值不变", still_open)
    assert "12/15" in (await client.get(f"{address}&denominator=employed")).text
    narrowed = (await client.get(f"{address}&cohort={COHORT}&leaver_rule=counted")).text
    (cleared,) = re.findall(r'id="filter-reset" class="reset" href="([^"]+)"', narrowed)
    assert "cohort" not in cleared and "leaver_rule=counted" in cleared


async def test_every_parameter_weight_and_target_can_be_tried(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    page = (await client.get(f"/what-if?month={told.month}")).text
    tried = set(re.findall(r'id="draft-([^"]+)"', page))
    assert tried >= {field.name for field in fields(Parameters)}
    assert tried >= {"lines.1.1.weight", "lines.1.1.order_rate.target", "lines.2.1.scoring"}
    total = re.compile(r'data-line="total">.*?>(\d+)<.*?>(\d+)<', re.DOTALL)
    assert total.findall(page) == [("10", "10")]
    address = f"/what-if?month={told.month}&lines.1.1.order_rate.target=2/3&lines.1.1.weight=20"
    assert total.findall((await client.get(address)).text) == [("10", "30")]


async def test_lines_that_do_not_fit_together_are_told_beside_them_and_beside_what_is_in_force(
    client: Client, told: Told
) -> None:
    await log_in(client, told.email)
    answer = await client.get(f"/what-if?month={told.month}&lines.1.1.weight=99&rounding=half_up")
    assert answer.status_code == 422
    assert 'id="amiss-lines"' in answer.text
    assert re.search(r'现行：15</small>[^<]*</span>\s*<input[^>]* value="99"', answer.text)
    assert 'value="half_up" selected' in answer.text


async def test_a_draft_shows_its_figures_also_where_no_known_one_is_asked_for(
    client: Client, told: Told
) -> None:
    await log_in(client, told.email)
    address = f"/what-if?month={told.month}&leaver_rule=counted"
    one = (await client.get(f"{address}&moved=order_rate")).text
    assert "13/18" in one and one.count("data-kpi=") == 1
    every = (await client.get(address)).text
    for asked in ("", "happiness", "training_days"):
        page = (await client.get(f"{address}&moved={asked}")).text
        assert page.count("data-kpi=") == every.count("data-kpi=") > 1


async def test_what_was_not_known_yet_is_not_shown(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    for path in ("/", "/figures/all", "/scorecard"):
        page = (await client.get(f"{path}?known=1")).text
        assert "正在查看历史数据" in page
        assert "sse-connect" not in page
        assert "12/18" not in page
    assert "12/18" in (await client.get("/figures/all")).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?month=2026-13", 422),
        ("/?on=yesterday", 422),
        ("/scorecard?known=long+ago", 422),
        ("/what-if?window_days=0", 422),
        ("/what-if?window_days=soon", 422),
        ("/what-if?denominator=happy", 422),
        ("/figures/members?kpi=happiness", 404),
        ("/figures/facts?positions=1;drop", 422),
        ("/figures/facts?positions=", 422),
    ],
)
async def test_an_address_that_makes_no_sense_is_answered_in_words(
    client: Client, told: Told, path: str, status: int
) -> None:
    await log_in(client, told.email)
    answer = await client.get(path)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


async def test_a_refusal_goes_into_the_board_and_takes_the_place_of_what_polls(
    client: Client, told: Told
) -> None:
    await log_in(client, told.email)
    asked = {"HX-Request": "true", "HX-Target": "board"}
    filtered = await client.get("/figures/members?kpi=happiness", headers=asked)
    assert filtered.headers["hx-reswap"] == "innerHTML"
    polled = await client.get(f"/import/{UUID(int=1)}", headers=asked | {"HX-Target": "job"})
    assert (polled.status_code, "hx-reswap" in polled.headers) == (404, False)


async def test_asks_for_a_file_when_none_was_chosen(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    form = {"csrf": hidden((await client.get("/import")).text, "csrf")}
    answer = await client.post("/import", data=form, files={"other": ("x.csv", b"1")})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


async def test_an_import_that_waits_can_be_cancelled(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    form = {"csrf": hidden((await client.get("/import")).text, "csrf")}
    files = {"file": ("名单.csv", "工号,姓名,批次,入职日期\n".encode())}
    page = await client.post("/import", data=form, files=files)
    address = page.url.path
    assert f'action="{address}/cancel"' in page.text
    assert (await client.post(f"{address}/cancel", data={"csrf": "0"})).status_code == 403
    for _ in range(2):
        over = await client.post(f"{address}/cancel", data={"csrf": hidden(page.text, "csrf")})
        assert (over.status_code, over.url.path) == (200, address)
        assert "校验已取消" in over.text
        assert "hx-get" not in over.text and "/cancel" not in over.text


@pytest.mark.parametrize(
    "path",
    [
        "/submissions/reports",
        f"/submissions/reports/{UUID(int=1)}",
        "/submissions/submission-1/acknowledge",
    ],
)
async def test_submits_nothing_without_the_pages_token(
    client: Client, told: Told, path: str
) -> None:
    await log_in(client, told.email)
    form = {"csrf": "0" * 64, "month": str(told.month), "report": "report-1", "note": "x"}
    assert (await client.post(path, data=form)).status_code == 403


async def test_every_unsafe_route_of_the_pages_refuses_a_form_without_its_token(
    client: Client, told: Told
) -> None:
    unsafe = page_routes("POST")
    await log_in(client, told.email)
    for path in unsafe:
        answer = await client.post(re.sub(r"{\w+:\w+}", str(UUID(int=1)), path))
        # These are asked for again, the log-in with what it was to go on to.
        is_open = path.startswith(("/login", "/welcome", "/sign-in/"))
        assert answer.status_code == (422 if is_open else 403), path
    assert len(unsafe) > 5


async def test_a_report_that_is_not_there_is_not_submitted(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    form = {"csrf": hidden((await client.get("/submissions")).text, "csrf")}
    answer = await client.post(f"/submissions/reports/{UUID(int=1)}", data=form)
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text


async def test_refuses_an_upload_without_the_pages_token(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    files = {"file": ("roster.csv", "工号,姓名".encode())}
    answer = await client.post("/import", data={"csrf": "0" * 64}, files=files)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "address", [None, "", "//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "x"]
)
def test_nobody_is_sent_to_another_host(address: str | None) -> None:
    assert local_path(address) == "/"


def test_a_path_of_ours_is_kept() -> None:
    assert local_path("/?by=cohort&on=2026-06-30") == "/?by=cohort&on=2026-06-30"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("cohort=XYZ", "批次 XYZ"),
        ("manager=nobody", "主管 nobody"),
        ("training_manager=nobody", "培训经理 nobody"),
        ("month=2020-01", "月份 2020年1月"),
        ("known=999999", "数据版本 999999 尚不存在"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/figures/all", "/figures/members?kpi=order_rate"])
async def test_a_filter_that_nobody_meets_is_said(
    client: Client, told: Told, path: str, query: str, said: str
) -> None:
    await log_in(client, told.email)
    page = (await client.get(f"{path}{'&' if '?' in path else '?'}{query}")).text
    notices = re.findall(r'<p class="notice"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert any(said in notice for notice in notices)


async def test_an_opened_figure_is_paged_and_leads_back_with_its_filters(
    client: Client, told: Told
) -> None:
    await log_in(client, told.email)
    address = f"/figures/members?month={told.month}&cohort=B-01&kpi=average_orders"
    whole = (await client.get(address)).text
    assert f'href="/?by=month&amp;month={told.month}&amp;cohort=B-01"' in whole
    part = (await client.get(f"{address}&part=orders_counted&from=9999")).text
    assert "<h1" in part
    assert part.count("data-records") == 21
    assert 'data-section="counted"' not in part
