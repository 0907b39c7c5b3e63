"""A person's browser, logged in."""

from collections.abc import AsyncIterator

import httpx
import pytest

from infra.readside.projector import catch_up
from tests.api.web.visiting import log_in
from tests.browser.story import Told


@pytest.fixture
async def browser(http: httpx.AsyncClient, told: Told) -> AsyncIterator[httpx.AsyncClient]:
    """As the training manager of the module's partner, `told`, of whom pages show all by then."""
    await catch_up(told.app, told.principal.tenant)
    yield await log_in(http, told.email)
    http.cookies.clear()
