"""GraphQL over HTTP: POST for everything, GET for queries that were sent before, and GraphiQL."""

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State

from api.auth import guard_change, language_of
from api.graphql.engine.execution import Answer, Caller, Engine, Operation
from api.graphql.engine.limits import LARGEST_BATCH
from api.web.pages.ide import Ide
from domain.kernel.errors import Refusal

ENGINE = "graphql"
"""Where the application's state keeps the Engine."""

IDE = "graphql_ide"
"""Where it keeps the query page."""

LARGEST_REQUEST = 256 << 10
"""Bytes: five documents and their variables."""

_OPERATION = msgspec.json.Decoder(Operation | list[Operation])
_ENCODER = msgspec.json.Encoder()
AnyRequest = Request[Any, Any, State]


@post("/graphql", status_code=200, request_max_body_size=LARGEST_REQUEST)
async def graphql(request: AnyRequest) -> Response[bytes]:
    """One operation, or a batch of up to five. A cookie needs the CSRF header beside it.

    Refuses `media_type_unknown`, `request_invalid`, `batch_too_large`, `csrf_refused`.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refusal("media_type_unknown")
    guard_change(request)
    try:
        asked = _OPERATION.decode(await request.body())
    except msgspec.DecodeError as error:
        raise Refusal("request_invalid") from error
    engine, caller = _engine(request), caller_of(request)
    if isinstance(asked, Operation):
        answer = await engine.answer(caller, asked)
        return _response(request, answer, _status(answer))
    if not 1 <= len(asked) <= LARGEST_BATCH:
        raise Refusal("batch_too_large", found=len(asked), most=LARGEST_BATCH)
    answers = [await engine.answer(caller, operation) for operation in asked]
    return _response(request, answers, 200)


@get("/graphql")
async def graphql_persisted(request: AnyRequest) -> Response[Any]:
    """A persisted query, or the query page for a browser.

    Refuses `document_missing` without a hash, `request_invalid`.
    """
    given = request.query_params.get("extensions")
    if given is None:
        if "text/html" in request.headers.get("accept", ""):
            ide: Ide = request.app.state[IDE]
            return ide.page(request)
        raise Refusal("document_missing")
    variables = request.query_params.get("variables")
    try:
        asked = Operation(
            variables=msgspec.json.decode(variables, type=dict[str, Any]) if variables else None,
            operation_name=request.query_params.get("operationName"),
            extensions=msgspec.json.decode(given, type=dict[str, Any]),
        )
    except msgspec.DecodeError as error:
        raise Refusal("request_invalid") from error
    answer = await _engine(request).answer(caller_of(request), asked, only_queries=True)
    return _response(request, answer, _status(answer))


def caller_of(request: Any) -> Caller:
    """Who asks, from what the credentials' middleware found."""
    return Caller(request.scope.get("user"), request.scope.get("auth"), language_of(request))


def _engine(request: AnyRequest) -> Engine:
    engine: Engine = request.app.state[ENGINE]
    return engine


def _status(answer: Answer) -> int:
    if "data" not in answer and answer["errors"][0]["extensions"]["code"] == "not_signed_in":
        return 401
    return 200


def _response(request: AnyRequest, answer: Any, status: int) -> Response[bytes]:
    modern = "application/graphql-response+json"
    media_type = modern if modern in request.headers.get("accept", "") else MediaType.JSON
    headers = {"cache-control": "no-store", "vary": "Accept-Language, Cookie, Authorization"}
    content = _ENCODER.encode(answer)
    return Response(content, status_code=status, media_type=media_type, headers=headers)
