"""Runs operations: limits and permissions first, then resolvers; errors tell no inner workings."""

from collections.abc import AsyncGenerator, Mapping
from inspect import isawaitable
from typing import Any

import msgspec
import structlog
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    execute,
    subscribe,
)

from api.errors import plain, sentence
from api.graphql.engine.context import OperationContext
from api.graphql.engine.documents import Document, Documents, InvalidDocumentError
from api.graphql.engine.permissions import check
from api.graphql.engine.plans import PlannedExecutor, Views
from domain.kernel.errors import ConflictError, Refusal
from infra.bootstrap import App
from services.kernel.context import Principal
from services.people.access import LoginSession

Answer = dict[str, Any]


class Operation(msgspec.Struct, rename="camel"):
    """What a client sends."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


class Caller(msgspec.Struct, frozen=True):
    """Who asks, and in which language."""

    principal: Principal | None
    session: LoginSession | None
    language: str


class Engine:
    """The schema at work; one per application."""

    def __init__(self, schema: GraphQLSchema, system: App) -> None:
        self.documents = Documents(schema)
        self._schema = schema
        self._system = system
        self._views = Views()
        self._log = structlog.get_logger("graphql")

    async def answer(
        self, caller: Caller, operation: Operation, *, only_queries: bool = False
    ) -> Answer:
        """The whole answer as GraphQL says it; never raises for what the caller did."""
        try:
            document, context = self._prepare(caller, operation)
            kind = document.operation(operation.operation_name)
            if kind is OperationType.SUBSCRIPTION or (
                only_queries and kind is not OperationType.QUERY
            ):
                raise Refusal("operation_not_here", operation=kind.value)
        except (InvalidDocumentError, Refusal) as error:
            return self.refused(error, caller.language)
        result = execute(self._schema, document.node, **_arguments(context, operation))
        if isawaitable(result):
            result = await result
        return self._formatted(result, caller.language)

    async def stream(self, caller: Caller, operation: Operation) -> AsyncGenerator[Answer, None]:
        """Every answer of a subscription; one for a query or mutation."""
        try:
            document, context = self._prepare(caller, operation)
            kind = document.operation(operation.operation_name)
        except (InvalidDocumentError, Refusal) as error:
            yield self.refused(error, caller.language)
            return
        if kind is not OperationType.SUBSCRIPTION:
            yield await self.answer(caller, operation)
            return
        source = subscribe(self._schema, document.node, **_arguments(context, operation))
        if isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            yield self._formatted(source, caller.language)
            return
        try:
            async for result in source:
                yield self._formatted(result, caller.language)
        finally:
            close = getattr(source, "aclose", None)
            if close is not None:
                await close()

    def refused(self, error: InvalidDocumentError | Refusal, language: str) -> Answer:
        """An answer without data."""
        if isinstance(error, Refusal):
            return {"errors": [_refusal(error, language)]}
        return {"errors": [self._error(one, language, "document_invalid") for one in error.errors]}

    def _prepare(self, caller: Caller, operation: Operation) -> tuple[Document, OperationContext]:
        document = self.documents.get(self._text(operation))
        principal = check(caller.principal, document.needs)
        language, session = caller.language, caller.session
        return document, OperationContext(
            self._system, principal, language, session, document.plans, self._views
        )

    def _text(self, operation: Operation) -> str:
        persisted = (operation.extensions or {}).get("persistedQuery")
        digest = persisted.get("sha256Hash") if isinstance(persisted, Mapping) else None
        if operation.query:
            if isinstance(digest, str):
                self.documents.persist(digest, operation.query)
            return operation.query
        if not isinstance(digest, str):
            raise Refusal("document_missing")
        return self.documents.persisted(digest)

    def _formatted(self, result: ExecutionResult, language: str) -> Answer:
        if not result.errors:
            return {"data": result.data}
        errors = [self._error(error, language, "input_invalid") for error in result.errors]
        return {"data": result.data, "errors": errors}

    def _error(self, error: GraphQLError, language: str, code: str) -> Answer:
        cause = error.original_error
        if isinstance(cause, Refusal):
            formatted = _refusal(cause, language)
        elif isinstance(cause, ConflictError):
            formatted = _refusal(Refusal("conflict"), language)
        elif cause is not None and not isinstance(cause, GraphQLError):
            self._log.error("resolver_failed", path=error.path, exc_info=cause)
            formatted = _refusal(Refusal("internal_error"), language)
        else:
            formatted = {"message": error.message, "extensions": {"code": code}}
        if error.path:
            formatted["path"] = error.path
        return formatted


def _arguments(context: OperationContext, operation: Operation) -> dict[str, Any]:
    return {
        "context_value": context,
        "variable_values": operation.variables,
        "operation_name": operation.operation_name,
        "hide_suggestions": True,
        "executor_class": PlannedExecutor,
    }


def _refusal(refusal: Refusal, language: str) -> Answer:
    return {
        "message": sentence(refusal.code, refusal.params, language),
        "extensions": {"code": refusal.code, "params": plain(refusal.params)},
    }
