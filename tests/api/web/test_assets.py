"""The scripts and styles of pages: packed, kept for a year, made of the sources as they are."""

import re
from itertools import chain

import httpx
import pytest

from api.web.kit.assets import BUILT, HERE, Assets


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("identity", None)],
)
async def test_an_asset_is_sent_as_small_as_the_browser_can_read_it(
    http: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    page = (await http.get("/login")).text
    addresses = re.findall(r'"(/static/[^"]+)"', page)
    assert len(addresses) > 3
    for address in addresses:
        asset = await http.get(address, headers={"accept-encoding": accepted})
        assert asset.status_code == 200, address
        assert "immutable" in asset.headers["cache-control"]
        assert asset.headers["vary"] == "Accept-Encoding"
        assert asset.headers.get("content-encoding") == encoding


@pytest.mark.parametrize("path", ["../pages.py", "chudan.js.br", "none.js", "%2e%2e/routes.py"])
async def test_nothing_but_assets_is_sent(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(f"/static/{path}")).status_code == 404


def test_assets_are_made_of_the_sources_as_they_are() -> None:
    sources = [*(HERE / "static").iterdir(), HERE / "bundle.mjs", HERE / "package-lock.json"]
    changed = max(path.stat().st_mtime for path in sources)
    made = min(path.stat().st_mtime for path in BUILT.iterdir())
    assert made >= changed, "run `make setup`"


def test_packages_are_sent_to_nobody_who_does_not_need_them() -> None:
    assets = Assets.load().files
    assert b"echarts" not in assets["chudan.js"].plain.lower()
    assert b"graphiql" not in assets["chudan.js"].plain.lower()
    assert not [name for name, one in assets.items() if b"@font-face" in one.plain]


def test_every_type_of_chart_that_a_page_draws_is_taken_from_the_package() -> None:
    sources = (path.read_text("utf-8") for path in HERE.glob("*/*.py"))
    drawn = chain.from_iterable(re.findall(r'"type": "(\w+)"', source) for source in sources)
    script = (HERE / "static/charts.js").read_text("utf-8")
    (taken,) = re.findall(r"import {(.+)} from 'echarts/charts'", script)
    names = re.findall(r"(\w+)Chart\b", taken)
    assert {name.lower() for name in names} == set(drawn) - {"category", "value"}
