"""Alive, ready, measured; and what surrounds every answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from msgspec import structs

import infra.app
from api.app import create_app
from api.edge import HEADERS
from infra.bootstrap import App
from infra.readside import checkpoints
from infra.servers import data_folder
from infra.settings import Settings
from projections.teaching.cohorts import COHORTS
from services.people.access import Tenant
from services.reactors import REACTORS


@asynccontextmanager
async def client_of(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another process of the API."""
    web = create_app(settings)
    transport = httpx.ASGITransport(app=web)  # type: ignore[arg-type]
    async with (
        web.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        yield http


def test_it_loads_nothing_for_pydantic_where_that_is_installed(web: Litestar) -> None:
    assert [one for one in web.plugins if "pydantic" in type(one).__module__] == []


async def test_is_alive_and_ready(http: httpx.AsyncClient, app: App, partner: Tenant) -> None:
    await app.wait_for(partner.tenant_id, (), 0)
    assert (await http.get("/healthz")).json() == {"status": "alive"}
    ready = await http.get("/readyz")
    assert ready.status_code == 200
    assert (ready.json()["status"], ready.json()["warnings"]) == ("ready", [])
    names = {line["projection"] for line in ready.json()["projections"]}
    assert any(name.startswith("newcomers_v") for name in names)
    assert [line["reactor"] for line in ready.json()["reactors"]] == [
        reactor.checkpoint for reactor in REACTORS
    ]


async def test_a_projection_that_has_not_been_built_is_why_nobody_is_served(
    http: httpx.AsyncClient, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "JOINING_EVENTS", 0)
    monkeypatch.setattr(infra.app, "PROJECTIONS", [structs.replace(COHORTS, version=9_999)])
    ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")
    assert ready.json()["code"] == "read_models_incomplete"
    (unbuilt,) = ready.json()["projections"]
    assert unbuilt["tenantsUnbuilt"] > 0


async def test_a_full_data_folder_is_why_nobody_is_served_where_the_database_is_in_it(
    http: httpx.AsyncClient, database: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "LEAST_ROOM", 1 << 62)
    within = await http.get("/readyz")
    # Its keys are in the folder of before.
    moved = structs.replace(database, data=tmp_path, are_keys_kept=False, are_seal_keys_kept=False)
    async with client_of(moved) as other:
        elsewhere = await other.get("/readyz")
    assert (within.status_code, within.json()["code"]) == (503, "disk_full")
    assert (elsewhere.status_code, elsewhere.json()["warnings"]) == (200, ["disk_full"])


async def test_a_database_that_goes_away_while_it_is_asked_for_warnings_is_why_nobody_is_served(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infra.app, "UNSEALED", "select pg_terminate_backend(pg_backend_pid())")
    ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "not_ready")


async def test_requests_and_lags_are_measured(http: httpx.AsyncClient, partner: Tenant) -> None:
    await http.get("/healthz")
    text = (await http.get("/metrics")).text
    assert 'chudan_http_requests_total{method="GET",route="/healthz",status="200"}' in text
    assert "chudan_projection_events_behind{projection=" in text


async def test_a_method_that_somebody_made_up_is_not_counted_by_its_name(
    http: httpx.AsyncClient,
) -> None:
    for number in range(3):
        assert (await http.request(f"MADEUP{number}", "/healthz")).status_code == 405
    text = (await http.get("/metrics")).text
    assert 'chudan_http_requests_total{method="(other)",route="(none)",status="405"} 3.0' in text
    assert "MADEUP" not in text


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/feed"])
async def test_every_answer_is_guarded(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path, headers={"accept": "application/json"})
    for name, _ in HEADERS:
        assert name.decode() in response.headers
    assert response.headers["x-request-id"]


async def test_an_unknown_address_is_one_clear_line(http: httpx.AsyncClient) -> None:
    response = await http.get("/nowhere/at/all", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert response.json()["code"] == "page_unknown"
