"""GraphQL over WebSocket: graphql-transport-ws and nothing else.

The credential is looked up when the connection is opened and again for every operation: a
connection may outlive a token, and what an operation sees is its own.
"""

import asyncio
from typing import Any

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from api.auth import BEARER, Connection, authenticate, bearer, language_of
from api.graphql.engine.execution import Caller, Engine, Operation
from api.graphql.engine.http import ENGINE
from domain.kernel.errors import Refusal

PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0
"""Seconds in which `connection_init` must come."""

RECHECK = 30.0
"""Seconds after which a running subscription's credential is looked up again."""

MOST_OPERATIONS = 20
LARGEST_MESSAGE = 64 << 10

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN = 4400, 4401, 4403
INIT_TIMEOUT, SUBSCRIBER_EXISTS, TOO_MANY_INIT, TOO_MANY = 4408, 4409, 4429, 4429
PROTOCOL_REFUSED = 4406


class Received(msgspec.Struct):
    """A message of the client."""

    type: str
    id: str | None = None
    payload: dict[str, Any] | None = None


_RECEIVED = msgspec.json.Decoder(Received)
Socket = WebSocket[Any, Any, Any]


@websocket("/graphql")
async def graphql_socket(socket: Socket) -> None:
    """Browsers send their Origin: a cookie is believed from our own pages alone."""
    if PROTOCOL not in socket.scope.get("subprotocols", ()) or not _same_origin(socket):
        await socket.accept()
        await socket.close(PROTOCOL_REFUSED, "graphql-transport-ws from this host only")
        return
    await socket.accept(subprotocols=PROTOCOL)
    conversation = Conversation(socket)
    try:
        await conversation.run()
    except Closed as closed:
        await socket.close(closed.code, closed.reason)
    except WebSocketDisconnect:
        pass
    finally:
        await conversation.close()


class Closed(Exception):
    """The client broke the protocol: the connection is closed with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Conversation:
    """One connection."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._engine: Engine = socket.app.state[ENGINE]
        self._given: str | None = socket.headers.get("authorization")
        self._acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._take(await self._receive())
                if not self._acknowledged:
                    raise Closed(UNAUTHORIZED, "Unauthorized")
        except TimeoutError as error:
            raise Closed(INIT_TIMEOUT, "Connection initialisation timeout") from error
        while True:
            await self._take(await self._receive())

    async def close(self) -> None:
        """Ends what is still running."""
        tasks = list(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> Received:
        text = await self._socket.receive_text()
        if len(text) > LARGEST_MESSAGE:
            raise Closed(BAD_REQUEST, "Message too large")
        try:
            return _RECEIVED.decode(text)
        except msgspec.DecodeError as error:
            raise Closed(BAD_REQUEST, "Invalid message") from error

    async def _take(self, message: Received) -> None:
        match message.type:
            case "connection_init":
                await self._initialise(message.payload or {})
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                task = self._operations.pop(message.id or "", None)
                if task is not None:
                    task.cancel()
            case _:
                raise Closed(BAD_REQUEST, "Unknown message")

    async def _initialise(self, payload: dict[str, Any]) -> None:
        if self._acknowledged:
            raise Closed(TOO_MANY_INIT, "Too many initialisation requests")
        for name, value in payload.items():
            if name.lower() == "authorization" and isinstance(value, str):
                self._given = value if value[: len(BEARER)].lower() == BEARER else f"Bearer {value}"
        if (await self._caller()).principal is None:
            raise Closed(FORBIDDEN, "Forbidden")
        self._acknowledged = True
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, message: Received) -> None:
        if not self._acknowledged:
            raise Closed(UNAUTHORIZED, "Unauthorized")
        if not message.id:
            raise Closed(BAD_REQUEST, "Missing id")
        if message.id in self._operations:
            raise Closed(SUBSCRIBER_EXISTS, f"Subscriber for {message.id[:50]} already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            raise Closed(TOO_MANY, "Too many operations")
        try:
            operation = msgspec.convert(message.payload or {}, Operation)
        except msgspec.ValidationError as error:
            raise Closed(BAD_REQUEST, "Invalid payload") from error
        task = asyncio.create_task(self._operate(message.id, operation))
        self._operations[message.id] = task

    async def _operate(self, key: str, operation: Operation) -> None:
        caller = await self._caller()
        answers = self._engine.stream(caller, operation)
        checked = asyncio.get_running_loop().time()
        try:
            async for answer in answers:
                now = asyncio.get_running_loop().time()
                sent = answer
                if now - checked > RECHECK:
                    checked = now
                    if (await self._caller()).principal != caller.principal:
                        sent = self._engine.refused(Refusal("not_signed_in"), caller.language)
                if "data" not in sent:
                    await self._send({"id": key, "type": "error", "payload": sent["errors"]})
                    return
                await self._send({"id": key, "type": "next", "payload": sent})
            await self._send({"id": key, "type": "complete"})
        except WebSocketDisconnect:
            pass
        finally:
            self._operations.pop(key, None)
            await answers.aclose()

    async def _caller(self) -> Caller:
        connection: Connection = self._socket
        language = language_of(connection)
        try:
            if self._given is not None:
                return Caller(await bearer(connection, self._given), None, language)
            principal, session = await authenticate(connection)
        except Refusal:
            return Caller(None, None, language)
        return Caller(principal, session, language)

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send_text(msgspec.json.encode(message).decode())


def _same_origin(socket: Socket) -> bool:
    origin = socket.headers.get("origin")
    return origin is None or origin.partition("://")[2] == socket.headers.get("host")
