"""A real server, a real Chromium, and pages that let nothing foreign and no error pass."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Page, Request, async_playwright

from infra.bootstrap import App
from infra.settings import Settings
from tests import servers as own
from tests.browser.accessibility import READY
from tests.browser.chromium import chromium
from tests.browser.story import PASSWORD, Told, tell

START = 900
"""Attempts to reach the server while it starts, a tenth of a second apart."""


servers, database, app = own.servers, own.database, own.app


@pytest.fixture(scope="package")
async def site(database: Settings) -> AsyncIterator[str]:
    """The address of `chudan api`, with the other processes beside it, on the tests' servers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
    environment = {**database.environment, "CHUDAN_LOG_LEVEL": "warning"}
    address = f"http://127.0.0.1:{port}"
    processes = (["api", "--port", port], ["projector"], ["worker"], ["scheduler"])
    running = [_started(words, environment) for words in processes]
    try:
        await _answers(address, running[0])
        yield address
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=20)


def _started(words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "api.cli", *words], env=environment)


async def _answers(address: str, server: subprocess.Popen[bytes]) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(START):
            assert server.poll() is None, "the server ended"
            with suppress(httpx.TransportError):
                assert (await client.get(f"{address}/healthz")).is_success
                return
            await asyncio.sleep(0.1)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="package")
async def told(app: App) -> Told:
    """A partner that every test may look at and none may change."""
    return await tell(app, "BROWSER")


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    options: dict[str, Any] = chromium().launch_options()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**options)
        yield browser
        await browser.close()


@dataclass
class Visitor:
    """A window of a browser of its own on our site, and what went wrong in any window of that."""

    page: Page
    site: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    errors_expected: bool = False

    def watch(self) -> None:
        """Takes down what any window asks of foreign hosts, which the browser finds none of, and
        errors.

        Nothing is held up, and what may be kept is kept, as in people's browsers.
        """
        context = self.page.context

        def take_down(request: Request) -> None:
            if not (request.url.startswith(("data:", "blob:")) or self._is_ours(request.url)):
                self.foreign.append(request.url)

        context.on("request", take_down)
        context.on("weberror", lambda web: self.errors.append(str(web.error)))
        context.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type == "error" else None,
        )

    async def another_window(self) -> Self:
        """Another window of the same browser."""
        return replace(self, page=await self.page.context.new_page())

    async def log_in(self, told: Told, password: str = PASSWORD) -> None:
        await self.page.goto(f"{self.site}/login")
        await self.page.fill("main [name=email]", told.email)
        await self.page.fill("main [name=password]", password)
        await self.page.click("main button[type=submit]")

    def _is_ours(self, address: str) -> bool:
        return urlsplit(address).netloc == urlsplit(self.site).netloc


Opens = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def visit(site: str, browser: Browser) -> AsyncIterator[Opens]:
    """Opens windows: `await visit(locale=…, viewport=…)`, as Playwright's contexts are made.

    Afterwards no foreign host was asked and no page had an error.
    """
    opened: list[Visitor] = []

    async def opens(*, errors_expected: bool = False, **options: Any) -> Visitor:
        context = await browser.new_context(**{"locale": "zh-CN", **options})
        await context.add_init_script(READY)
        visitor = Visitor(await context.new_page(), site)
        visitor.watch()
        visitor.errors_expected = errors_expected
        opened.append(visitor)
        return visitor

    yield opens
    for visitor in opened:
        await visitor.page.context.close()
        assert visitor.foreign == []
        assert visitor.errors_expected or visitor.errors == []
