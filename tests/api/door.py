"""GraphQL as a client sees it: over HTTP, and over WebSocket by the application's own ASGI face."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from litestar import Litestar
from litestar.types import Message, Receive

PROTOCOL = "graphql-transport-ws"


def unpaged(data: Any) -> Any:
    """An answer with the things of each page in a list, where only its edges were asked for."""
    if isinstance(data, list):
        return [unpaged(one) for one in data]
    if not isinstance(data, dict):
        return data
    if set(data) == {"edges"} and all(set(edge) == {"node"} for edge in data["edges"]):
        return [unpaged(edge["node"]) for edge in data["edges"]]
    return {name: unpaged(one) for name, one in data.items()}


class Door:
    """One caller."""

    def __init__(self, web: Litestar, http: httpx.AsyncClient, token: str) -> None:
        self.web = web
        self.http = http
        self.token = token

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    async def send(self, body: Any, language: str = "en") -> httpx.Response:
        headers = self.headers | {"accept-language": language}
        return await self.http.post("/graphql", json=body, headers=headers)

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        response = await self.send({"query": query, "variables": variables})
        return dict(response.json())

    async def sent(
        self, receive: Receive, path: str = "/graphql", media_type: bytes = b"application/json"
    ) -> list[Any]:
        """What is sent to a client of whom the server tells so."""
        sent: list[Any] = []

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [
            (b"content-type", media_type),
            (b"content-length", b"40"),
            (b"authorization", self.headers["authorization"].encode()),
        ]
        scope: Any = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode()}
        scope |= {"query_string": b"", "headers": headers, "scheme": "http", "extensions": None}
        await self.web(scope | {"client": None, "server": ("testserver", 80)}, receive, send)
        return sent

    async def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def lines(self, query: str, **variables: Any) -> Any:
        """The same with lists in place of the pages."""
        return unpaged(await self.data(query, **variables))

    async def code(self, query: str, **variables: Any) -> str:
        """The code of the only error."""
        (error,) = (await self.answer(query, **variables))["errors"]
        return str(error["extensions"]["code"])

    async def change(self, mutation: str, **stated: Any) -> dict[str, Any]:
        """Gives a command and answers its payload: position and errors."""
        kind = mutation[0].upper() + mutation[1:]
        query = (
            f"mutation M($input: {kind}Input!) {{ {mutation}(input: $input)"
            " { position errors { code message path params } } }"
        )
        return dict((await self.data(query, input=stated))[mutation])

    async def changed(self, mutation: str, **stated: Any) -> int:
        """The position of a command that is not refused."""
        payload = await self.change(mutation, **stated)
        assert payload["errors"] == [], payload["errors"]
        return int(payload["position"])

    @asynccontextmanager
    async def socket(self, *, token: str | None = None) -> AsyncIterator["Socket"]:
        """A WebSocket on which `connection_init` was sent."""
        socket = Socket(self.web)
        try:
            await socket.open()
            given = self.token if token is None else token
            await socket.send("connection_init", payload={"Authorization": f"Bearer {given}"})
            yield socket
        finally:
            await socket.close()


class Socket:
    """The client's end of a WebSocket to an ASGI application."""

    def __init__(self, web: Litestar, protocol: str = PROTOCOL, **headers: str) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._headers = {"host": "127.0.0.1"} | headers
        self._protocol = protocol
        self._web = web
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> dict[str, Any]:
        """What the application says first: accept, or close."""
        scope: Any = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "ws",
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in self._headers.items()],
            "subprotocols": [self._protocol],
            "extensions": {},
        }
        receive: Any = self._to_app.get
        send: Any = self._from_app.put
        self._task = asyncio.create_task(self._web(scope, receive, send))
        await self._to_app.put({"type": "websocket.connect"})
        return await self._from_app.get()

    async def send(self, kind: str, **rest: Any) -> None:
        await self.say(json.dumps({"type": kind, **rest}))

    async def say(self, text: str) -> None:
        """Sends a message as it is."""
        await self._to_app.put({"type": "websocket.receive", "text": text})

    async def receive(self) -> dict[str, Any]:
        """The next message; `{"close": code}` when the application hangs up."""
        message = await self._from_app.get()
        if message["type"] == "websocket.close":
            return {"close": message["code"]}
        return dict(json.loads(message["text"]))

    async def close(self) -> None:
        if self._task is not None:
            await self._to_app.put({"type": "websocket.disconnect", "code": 1000})
            await asyncio.gather(self._task, return_exceptions=True)
