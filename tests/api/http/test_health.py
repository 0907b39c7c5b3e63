"""Alive, ready, measured; and what surrounds every answer."""

import httpx
import pytest

from api.edge import HEADERS
from infra.bootstrap import App
from services.people.access import Tenant
from services.reactors import REACTORS


async def test_is_alive_and_ready(http: httpx.AsyncClient, app: App, partner: Tenant) -> None:
    await app.wait_for(partner.tenant_id, (), 0)
    assert (await http.get("/healthz")).json() == {"status": "alive"}
    ready = await http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["database"] == "reachable"
    names = {line["projection"] for line in ready.json()["projections"]}
    assert any(name.startswith("newcomers_v") for name in names)
    assert [line["reactor"] for line in ready.json()["reactors"]] == [
        reactor.checkpoint for reactor in REACTORS
    ]


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
