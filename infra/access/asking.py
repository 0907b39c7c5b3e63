"""Asking a provider of identities: little, not for long, at the very address, and without a word of
it in the log: addresses and answers have secrets in them.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
import msgspec
import structlog

from domain.kernel.errors import Refusal

PATIENCE = 10.0
"""Seconds for which an answer is waited for, from the first byte that is sent to the last."""

LARGEST_ANSWER = 256 << 10
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""Not packed, so that a small answer is not a large one."""

_TOKEN = re.compile(r"[!-~][ -~]*")
"""As it may stand in a header."""
_CODE = re.compile(r"[\w.-]{1,60}")


class Asking:
    """Asks one provider. patience: seconds."""

    def __init__(self, provider: str, patience: float = PATIENCE) -> None:
        self._provider, self._patience = provider, patience
        self._log = structlog.get_logger("sign_in")

    async def get(self, url: str, headers: Mapping[str, str] | None = None, **how: Any) -> Any:
        """What is answered to GET, a JSON object. Refuses `sign_in_unavailable`."""
        return await self._ask("GET", url, headers or {}, **how)

    async def post(self, url: str, headers: Mapping[str, str] | None = None, **how: Any) -> Any:
        """The same of POST. Refuses also `sign_in_refused` where what was sent is at fault."""
        return await self._ask("POST", url, headers or {}, **how)

    def token_in(self, said: Any, name: str) -> str:
        """A token of an answer, by which the next is asked. Refuses `sign_in_unavailable` of what
        can be none."""
        token = text_in(said, name)
        if not _TOKEN.fullmatch(token):
            raise self.unavailable(name)
        return token

    def unavailable(self, reason: str, **said: Any) -> Refusal:
        """That nobody can sign in by this provider now. reason, said: for the log alone."""
        self._log.warning("sign_in_unavailable", provider=self._provider, reason=reason, **said)
        return Refusal("sign_in_unavailable")

    def refused(self, reason: str, **said: Any) -> Refusal:
        """That the provider's word is not taken; the same."""
        self._log.warning("sign_in_refused", provider=self._provider, reason=reason, **said)
        return Refusal("sign_in_refused")

    def _client(self) -> httpx.AsyncClient:
        """Reaches through the environment's proxy, if it names one; follows nobody elsewhere."""
        return httpx.AsyncClient(verify=_trust(), timeout=self._patience, follow_redirects=False)

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], **how: Any) -> Any:
        try:
            async with asyncio.timeout(self._patience), self._client() as http:
                sent = http.stream(method, url, headers={**HEADERS, **headers}, **how)
                async with sent as answer:
                    body = await _read(answer)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise self.unavailable(type(error).__name__) from None
        said = _object(body)
        if answer.is_success and said is not None:
            return said
        about = {"status": answer.status_code, "said": code_in(said or {})}
        if method == "POST" and answer.is_client_error:
            raise self.refused("answer", **about)
        raise self.unavailable("answer", **about)


def code_in(said: Mapping[str, Any]) -> str:
    """The code of an answer that says no; empty where it is nothing of the kind."""
    for name in ("error", "errcode", "code"):
        if _CODE.fullmatch(code := str(said.get(name, ""))):
            return code
    return ""


def text_in(said: Any, name: str, most: int = 4_000) -> str:
    """A text of an answer; empty where there is none, or one that is too long to be it."""
    value = said.get(name) if isinstance(said, dict) else None
    return value if isinstance(value, str) and len(value) <= most else ""


async def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise httpx.DecodingError("too large")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that the system trusts, a house's own among them."""
    return ssl.create_default_context()
