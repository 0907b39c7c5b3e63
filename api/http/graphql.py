"""GraphQL over HTTP (POST for everything, GET for queries that were sent before) and WebSocket.

On a socket, which speaks graphql-transport-ws, the credential is looked up when it is opened and
again for every operation: a connection may outlive a token, and what an operation sees is its own.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, suppress
from typing import Any

import msgspec
import structlog
from litestar import MediaType, WebSocket, get
from litestar.exceptions import WebSocketDisconnect, WebSocketException
from litestar.types import ASGIApp

from api.auth import BEARER, authenticate, guard_change, is_same_origin, language_of, signed_in
from api.errors import STATUSES
from api.graphql.engine.execution import AT_ONCE, QUERIES, Answer, Caller, Engine, Operation
from api.graphql.engine.limits import LARGEST_BATCH
from api.in_turn import turn_of
from api.plain import PlainRequest, personal, plain_door, read_body
from api.streams import STREAMS, Streams
from domain.kernel.errors import Refusal
from infra.bootstrap import is_away, out_of_turn, waited_for
from services.kernel.context import Principal

ENGINE, IDE, SDL = "graphql", "graphql_ide", "graphql_sdl"
"""Where the application's state keeps the Engine, the query page and the schema's text."""

SAID_BY_STATUS = frozenset({"not_signed_in", "database_gone"})
"""Codes of an answer without data that proxies and clients are told of by its status too."""

LARGEST_REQUEST = 256 << 10
"""Bytes: five documents and their variables."""

_OPERATION = msgspec.json.Decoder(Operation | list[Operation])
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


async def _posted(request: PlainRequest) -> ASGIApp:
    """One operation, or a batch of up to five; nothing is read of who is unknown. A cookie needs
    the CSRF header beside it.

    Refuses `media_type_unknown`, `request_invalid`, `batch_empty`, `batch_too_large`,
    `csrf_refused`, and what `read_body` refuses.
    """
    if request.user is None:
        return _response(request, (await _answers(request, Operation()))[0])
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refusal("media_type_unknown")
    guard_change(request)
    try:
        asked = _OPERATION.decode(await read_body(request, LARGEST_REQUEST))
    except _UNREADABLE as error:
        raise Refusal("request_invalid") from error
    batch = asked if isinstance(asked, list) else [asked]
    if not batch:
        raise Refusal("batch_empty")
    if len(batch) > LARGEST_BATCH:
        raise Refusal("batch_too_large", found=len(batch), most=LARGEST_BATCH)
    answers = await _answers(request, *batch)
    return _response(request, answers if isinstance(asked, list) else answers[0])


async def _got(request: PlainRequest) -> ASGIApp:
    """A persisted query, or the query page for a browser.

    Refuses `document_missing` without a hash, `request_invalid`.
    """
    given = request.query_params.get("extensions")
    if given is None:
        if "text/html" in request.headers.get("accept", ""):
            page: ASGIApp = request.app.state[IDE].page(request).to_asgi_response(None, request)
            return page
        raise Refusal("document_missing")
    if request.user is None:
        return _response(request, (await _answers(request, Operation()))[0])
    variables = request.query_params.get("variables")
    try:
        asked = Operation(
            variables=msgspec.json.decode(variables, type=dict[str, Any]) if variables else None,
            operation_name=request.query_params.get("operationName"),
            extensions=msgspec.json.decode(given, type=dict[str, Any]),
        )
    except _UNREADABLE as error:
        raise Refusal("request_invalid") from error
    return _response(request, (await _answers(request, asked, kinds=QUERIES))[0])


@get("/graphql/schema", media_type=MediaType.TEXT, sync_to_thread=False)
def graphql_schema(request: PlainRequest) -> str:
    """The schema, for signed-in principals, like introspection. Refuses `not_signed_in`."""
    signed_in(request)
    return str(request.app.state[SDL])


async def _answers(request: PlainRequest, *batch: Operation, kinds: Any = AT_ONCE) -> list[Answer]:
    engine: Engine = request.app.state[ENGINE]
    caller = Caller(request.user, request.auth, language_of(request))
    return [await engine.answer(caller, operation, kinds) for operation in batch]


def _response(request: PlainRequest, answer: Answer | list[Answer]) -> ASGIApp:
    code = None
    if isinstance(answer, dict) and answer.get("data") is None:
        code = answer["errors"][0]["extensions"]["code"]
    status = STATUSES[code] if code in SAID_BY_STATUS else 200
    modern = "application/graphql-response+json"
    media_type = modern if modern in request.headers.get("accept", "") else MediaType.JSON
    return personal(msgspec.json.encode(answer), media_type, status)


PROTOCOL = "graphql-transport-ws"
PATIENCE = 10.0
"""Seconds in which `connection_init` must come."""

RECHECK = 0.4
"""Seconds after which a connection's credential is looked up again, see RESOLVED_SECONDS."""

MOST_OPERATIONS = 20
LARGEST_MESSAGE = 64 << 10

INTERNAL_ERROR, TRY_AGAIN_LATER = 4500, 1013
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, PROTOCOL_REFUSED = 4400, 4401, 4403, 4406
INIT_TIMEOUT, SUBSCRIBER_EXISTS, TOO_MANY = 4408, 4409, 4429


class Received(msgspec.Struct):
    """A message of the client."""

    type: str
    id: str | None = None
    payload: dict[str, Any] | None = None


_RECEIVED = msgspec.json.Decoder(Received)
Socket = WebSocket[Any, Any, Any]


async def _converse(socket: Socket) -> None:
    """Browsers send their Origin: a cookie is believed from our own pages alone."""
    if PROTOCOL not in socket.scope.get("subprotocols", ()) or not is_same_origin(socket):
        await socket.accept()
        await socket.close(PROTOCOL_REFUSED, "graphql-transport-ws from this host only")
        return
    await socket.accept(subprotocols=PROTOCOL)
    with suppress(WebSocketDisconnect), ExitStack() as open_streams:
        await Conversation(socket, open_streams).run()


def closed(code: int, reason: str) -> WebSocketException:
    """The client broke the protocol: litestar closes the connection with this code."""
    return WebSocketException(detail=reason, code=code)


class Conversation:
    """One connection."""

    def __init__(self, socket: Socket, open_streams: ExitStack) -> None:
        self._socket, self._open = socket, open_streams
        self._engine: Engine = socket.app.state[ENGINE]
        self._streams: Streams = socket.app.state[STREAMS]
        self._given: str | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._log = structlog.get_logger("graphql")

    async def run(self) -> None:
        """Until it is closed, which ends what is still running."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                principal = await self._begun()
                self._tasks.create_task(self._watch(principal))
                while True:
                    await self._take(await self._receive())
        except ExceptionGroup as group:
            endings, rest = group.split((WebSocketException, WebSocketDisconnect))
            away, faults = rest.split(is_away) if rest else (None, None)
            if faults:
                self._log.error("conversation_failed", exc_info=faults)
            if endings:
                raise endings.exceptions[0] from None
            if away and not faults:  # After any other code clients give up.
                self._log.warning("database_gone", error=type(away.exceptions[0]).__name__)
                raise closed(TRY_AGAIN_LATER, "Try again later") from None
            raise closed(INTERNAL_ERROR, "Internal error") from None

    async def _begun(self) -> Principal:
        try:
            async with asyncio.timeout(PATIENCE):
                first = await self._receive()
        except TimeoutError:
            raise closed(INIT_TIMEOUT, "Connection initialisation timeout") from None
        if first.type != "connection_init":
            raise closed(UNAUTHORIZED, "Unauthorized")
        for name, value in (first.payload or {}).items():
            if name.lower() == "authorization" and isinstance(value, str):
                self._given = value if value[: len(BEARER)].lower() == BEARER else f"Bearer {value}"
        principal = (await self._caller()).principal
        if principal is None:
            raise closed(FORBIDDEN, "Forbidden")
        try:
            self._open.enter_context(self._streams.one_of(principal))
        except Refusal as refusal:
            raise closed(TOO_MANY, refusal.code) from None
        await self._socket.send_json({"type": "connection_ack"})
        return principal

    async def _receive(self) -> Received:
        text = await self._socket.receive_text()
        if len(text) > LARGEST_MESSAGE:
            raise closed(BAD_REQUEST, "Message too large")
        try:
            return _RECEIVED.decode(text)
        except _UNREADABLE as error:
            raise closed(BAD_REQUEST, "Invalid message") from error

    async def _take(self, message: Received) -> None:
        match message.type:
            case "connection_init":
                raise closed(TOO_MANY, "Too many initialisation requests")
            case "ping":
                await self._socket.send_json({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                if task := self._operations.pop(message.id or "", None):
                    task.cancel()
            case _:
                raise closed(BAD_REQUEST, "Unknown message")

    async def _watch(self, principal: Principal) -> None:
        """Ends the conversation when the credential no longer stands for the principal."""
        now: Principal | None = principal
        while now == principal:
            await asyncio.sleep(RECHECK)
            with waited_for():
                now = (await self._caller()).principal
        raise closed(FORBIDDEN, "Forbidden")

    async def _subscribe(self, message: Received) -> None:
        if not message.id:
            raise closed(BAD_REQUEST, "Missing id")
        if message.id in self._operations:
            raise closed(SUBSCRIBER_EXISTS, f"Subscriber for {message.id[:50]} already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            raise closed(TOO_MANY, "Too many operations")
        try:
            operation = msgspec.convert(message.payload or {}, Operation)
        except (msgspec.ValidationError, RecursionError) as error:
            raise closed(BAD_REQUEST, "Invalid payload") from error
        self._operations[message.id] = self._tasks.create_task(self._operate(message.id, operation))

    async def _operate(self, key: str, operation: Operation) -> None:
        last = {"type": "complete"}
        try:
            async with aclosing(self._answers(operation)) as answers:
                async for answer in answers:
                    if "data" not in answer:
                        last = {"type": "error", "payload": answer["errors"]}
                        break
                    async with out_of_turn():
                        await self._socket.send_json({"id": key, "type": "next", "payload": answer})
            await self._socket.send_json({"id": key, **last})
        finally:
            if self._operations.get(key) is asyncio.current_task():
                del self._operations[key]

    async def _answers(self, operation: Operation) -> AsyncGenerator[Answer, None]:
        """What the engine answers; the last without data where something failed."""
        try:
            caller = await self._caller()
            with self._streams.one_of(caller.principal):
                async with turn_of(self._socket.app, caller.principal):
                    begun = await self._engine.begin(caller, operation)
                    if not isinstance(begun, dict):
                        async with aclosing(begun):
                            async for answer in begun:
                                yield answer
                        return
                yield begun
        except Exception as error:
            yield self._engine.failed(error, language_of(self._socket))

    async def _caller(self) -> Caller:
        principal, session = None, None
        with suppress(Refusal):
            principal, session = await authenticate(self._socket, self._given)
        return Caller(principal, session, language_of(self._socket))


graphql = plain_door("/graphql", _converse, GET=_got, POST=_posted)
