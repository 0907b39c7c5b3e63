"""GraphQL over HTTP: content types, persisted queries, cookies, what a client is not told."""

import asyncio
import hashlib
import json
import re
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar
from strawberry.utils.str_converters import to_camel_case

from api.auth import SYSTEM
from api.graphql.engine.fields import Item
from api.graphql.types import mutations, roots
from api.web.kit.cookies import CSRF_HEADER, csrf_token
from domain.teaching.cohort import Cohort
from infra.bootstrap import App
from infra.readside.projector import catch_up
from infra.turns import AT_ONCE
from services.execute import Done, execute
from services.kernel.context import Context, Role
from services.people.access import Tenant
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.read_models import plant

ME = "{ me { role name partner { code } } }"
PASSWORD = "a long enough secret"


async def test_says_who_is_not_signed_in(http: httpx.AsyncClient) -> None:
    response = await http.post("/graphql", json={"query": ME}, headers={"accept-language": "en"})
    assert response.status_code == 401
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "not_signed_in"


@pytest.mark.parametrize(
    ("method", "query", "body"),
    [
        ("POST", "", b"{"),
        ("POST", "", b'{"query": "{ no document"}'),
        ("POST", "", b'[{"query": "{ cohortz }"}]'),
        ("GET", "?extensions={", b""),
    ],
)
async def test_reads_nothing_of_nobody(
    http: httpx.AsyncClient, method: str, query: str, body: bytes
) -> None:
    headers = {"content-type": "application/json"}
    response = await http.request(method, f"/graphql{query}", content=body, headers=headers)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (401, "not_signed_in")


async def test_refuses_an_unknown_token(door: Door) -> None:
    stranger = Door(door.web, door.http, "chudan_" + "x" * 43)
    response = await stranger.send({"query": ME})
    assert response.status_code == 401
    assert response.json()["code"] == "credential_refused"
    assert response.headers["www-authenticate"] == "Bearer"


async def test_takes_a_document_in_json_alone(door: Door) -> None:
    headers = door.headers | {"content-type": "text/plain"}
    response = await door.http.post("/graphql", content=b"{}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (415, "media_type_unknown")
    headers["content-type"] = "application/json"
    response = await door.http.post("/graphql", content=b"{", headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "request_invalid")
    response = await door.http.post("/graphql", content=b"{}", headers=headers)
    assert response.json()["errors"][0]["extensions"]["code"] == "document_missing"


@pytest.mark.parametrize(
    "body",
    [b'{"variables":{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}}", b'{"query":"{ \xff }"}'],
    ids=["nested thousands deep", "no UTF-8"],
)
async def test_refuses_a_body_that_cannot_be_read(door: Door, body: bytes) -> None:
    headers = door.headers | {"content-type": "application/json"}
    response = await door.http.post("/graphql", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "request_invalid")


async def test_warns_beside_the_data_where_a_read_model_is_parked(
    app: App, web: Litestar, door: Door, partner: Tenant
) -> None:
    query = "{ cohorts { totalCount } }"
    assert "extensions" not in await door.answer(query)
    await plant(app, partner.tenant_id, Cohort.Opened.TOPIC, "{}")
    await catch_up(app, partner.tenant_id)
    await web.state[SYSTEM].incomplete_models.look()
    answer = await door.answer(query)
    assert answer["data"] == {"cohorts": {"totalCount": 0}}
    (warning,) = answer["extensions"]["warnings"]
    assert warning["code"] == "read_model_incomplete"
    assert "read_model.cohorts" in warning["params"]["models"]
    assert "cohorts" in warning["message"] and "read_model" not in warning["message"]


@pytest.mark.parametrize("node", roots.ITEMS, ids=lambda node: node.listing.kind)
async def test_one_of_a_list_of_which_nothing_says_which_is_refused(
    door: Door, node: type[Item]
) -> None:
    listing = node.listing
    given = ", ".join(f"{to_camel_case(name)}: null" for name in listing.keys)
    for arguments in ("", f"({given})"):
        answer = await door.send({"query": f"{{ {listing.singular}{arguments} {{ __typename }} }}"})
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "which_one_unsaid"
        assert all(to_camel_case(name) in error["message"] for name in listing.keys)


async def test_refuses_a_page_of_a_number_with_thousands_of_digits(door: Door) -> None:
    query = f"{{ cohorts(first: {'9' * 6_000}) {{ totalCount }} }}"
    assert await door.code(query) == "document_invalid"


async def test_answers_a_persisted_query(door: Door) -> None:
    query = "query Q { me { role } } # " + uuid4().hex
    digest = hashlib.sha256(query.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    params = {"extensions": json.dumps(extensions)}
    unknown = await door.http.get("/graphql", params=params, headers=door.headers)
    assert unknown.json()["errors"][0]["extensions"]["code"] == "persisted_query_not_found"
    sent = await door.send({"query": query, "extensions": extensions})
    assert sent.json()["data"]["me"]["role"] == "TRAINING_MANAGER"
    known = await door.http.get("/graphql", params=params, headers=door.headers)
    assert known.json() == sent.json()
    other = await door.send({"query": ME, "extensions": extensions})
    assert other.json()["errors"][0]["extensions"]["code"] == "persisted_query_mismatch"


async def test_changes_nothing_by_get(door: Door) -> None:
    query = 'mutation { goLive(input: {employeeNo: "T1", on: "2026-06-01"}) { position } }'
    digest = hashlib.sha256(query.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    await door.send({"query": query, "extensions": extensions})
    params = {"extensions": json.dumps(extensions)}
    response = await door.http.get("/graphql", params=params, headers=door.headers)
    assert response.json()["errors"][0]["extensions"]["code"] == "operation_not_here"


async def test_subscriptions_do_not_come_over_http(door: Door) -> None:
    assert await door.code("subscription { figuresChanged { entered } }") == "operation_not_here"


async def test_a_cookie_needs_the_csrf_token_beside_it(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    email = f"{uuid4().hex}@example.com"
    await app.accounts.create_user(
        email=email, name="杜玉璇", role="training_manager", password=PASSWORD, partner=partner.code
    )
    opened = await web.state[SYSTEM].accounts.log_in(email, PASSWORD)
    cookie = {"cookie": f"chudan_session={opened.secret}"}
    refused = await http.post("/graphql", json={"query": ME}, headers=cookie)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_refused")
    headers = cookie | {CSRF_HEADER: csrf_token(opened.secret)}
    answered = await http.post("/graphql", json={"query": ME}, headers=headers)
    assert answered.json()["data"]["me"] == {
        "role": "TRAINING_MANAGER",
        "name": "杜玉璇",
        "partner": {"code": partner.code},
    }
    page = await http.get("/graphql", headers=cookie | {"accept": "text/html"})
    (token,) = re.findall(r'data-csrf="(\w+)"', page.text)
    of_the_page = await http.post(
        "/graphql", json={"query": ME}, headers=cookie | {CSRF_HEADER: token}
    )
    assert of_the_page.json() == answered.json()


async def test_of_one_partners_refused_commands_few_are_begun_and_anothers_is_carried_out(
    app: App, door: Door, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await app.accounts.create_partner(f"q-{partner.code}", "另一渠道")
    beside = await open_door(app, door.web, door.http, other.code, Role.TRAINING_MANAGER)
    opened = {"code": "B1", "name": "B1", "openedOn": "2026-05-01"}
    await door.changed("openCohort", **opened)
    begun, are_begun, goes_on = list[UUID](), asyncio.Event(), asyncio.Event()

    async def held(ctx: Context, command: msgspec.Struct) -> Done:
        begun.append(ctx.principal.tenant)
        if ctx.principal.tenant == partner.tenant_id:
            if len(begun) == AT_ONCE:
                are_begun.set()
            await goes_on.wait()
        return await execute(ctx, command)

    monkeypatch.setattr(mutations, "execute", held)
    flood = asyncio.gather(*(door.change("openCohort", **opened) for _ in range(3 * AT_ONCE)))
    await are_begun.wait()
    await beside.changed("openCohort", **opened)
    assert begun == [partner.tenant_id] * AT_ONCE + [other.tenant_id]
    goes_on.set()
    refused = {error["code"] for payload in await flood for error in payload["errors"]}
    assert (refused, len(begun)) == ({"cohort_code_taken"}, 3 * AT_ONCE + 1)


async def test_the_query_page_needs_no_foreign_host(http: httpx.AsyncClient) -> None:
    page = await http.get("/graphql", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "//" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for address in page.text.split('src="')[1:]:
        assert (await http.get(address.partition('"')[0])).status_code == 200


async def test_tells_nothing_of_what_broke(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(roots, "Viewer", broken)
    response = await door.send({"query": ME})
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "internal_error", "params": {}}
    assert "secret" not in response.text


async def test_needs_the_operation_s_name_where_there_are_several(door: Door) -> None:
    query = "query A { me { role } } query B { partner { zone } }"
    assert await door.code(query) == "operation_unknown"
    response = await door.send({"query": query, "operationName": "B"})
    assert response.json() == {"data": {"partner": {"zone": "Asia/Shanghai"}}}


async def test_the_schema_s_text_is_for_who_is_signed_in(door: Door, web: Litestar) -> None:
    response = await door.http.get("/graphql/schema", headers=door.headers)
    assert "type NewcomerFigures {" in response.text
    assert (await door.http.get("/graphql/schema")).status_code == 401
