"""An opened figure calls its parts what they are."""

import re

import httpx
import pytest

from domain.kpi.catalog import CATALOG
from infra.bootstrap import App
from tests.api.web.visiting import fresh
from tests.browser.story import Told, tell

HEADING = re.compile(r'<h2 id="part-(\w+)">([^<]+) <')
OF_ORDERS = [kpi.slug for kpi in CATALOG if kpi.facts == "orders"]


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await tell(app, fresh("OPENED"))


@pytest.mark.parametrize(
    ("language", "valid", "others"),
    [("zh-CN", "有效单", "未计为有效单"), ("en", "Valid orders", "Orders not counted as valid")],
)
async def test_orders_are_said_to_be_valid_whether_people_or_orders_are_counted(
    browser: httpx.AsyncClient, told: Told, language: str, valid: str, others: str
) -> None:
    for kpi in OF_ORDERS:
        address = f"/figures/members?month={told.month}&kpi={kpi}"
        page = (await browser.get(address, headers={"accept-language": language})).text
        said = dict(HEADING.findall(page))
        assert (said["orders_counted"], said["orders_excluded"]) == (valid, others), kpi
