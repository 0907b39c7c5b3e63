"""Runs operations: limits and permissions first, then resolvers; errors tell no inner workings.

Clients send the same few documents again and again: each is read, limited, validated and matched
with permissions once, then remembered.
"""

import re
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from hashlib import sha256
from inspect import isawaitable
from typing import Any, cast

import msgspec
import structlog
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Source,
    execute,
    get_operation_ast,
    parse,
    subscribe,
    validate,
)

from api.errors import body, refusal_of, told, told_beside
from api.graphql.engine import limits
from api.graphql.engine.context import OperationContext
from api.graphql.engine.permissions import Need, check, needs
from api.graphql.engine.plans import PlannedExecutor, Plans, Views
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from services.kernel.beside import beside
from services.kernel.context import Principal
from services.people.access import LoginSession
from services.reading.budget import Budget

Answer = dict[str, Any]

REMEMBERED = 1_000
"""Documents; the least recently used is forgotten first."""

MOST_PROBLEMS = 5

_PLACE = re.compile(r"Variable '\$(\w+)' has invalid value(?: at ([\w.\[\]]+))?:")
"""How a message begins that says where in the variables something does not fit."""

QUERIES = (OperationType.QUERY,)
AT_ONCE = (*QUERIES, OperationType.MUTATION)
"""What has one answer."""
ALL = tuple(OperationType)


class Document(msgspec.Struct, frozen=True):
    """A document that may run. needs: what all of its fields ask for. costs: of its operations, by
    their names."""

    node: DocumentNode
    plans: Plans
    needs: Sequence[Need]
    costs: Mapping[str | None, limits.QueryCost]


class InvalidDocumentError(Exception):
    """The text is no document of this schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("invalid document")
        self.errors = errors


class Documents:
    """The documents of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: LRUCache[str, Document | Exception] = LRUCache(REMEMBERED)
        self._persisted: LRUCache[str, str] = LRUCache(REMEMBERED)

    def get(self, text: str) -> Document:
        """Raises InvalidDocumentError; refuses what the limits refuse."""
        known = self._known.get(text)
        if known is None:
            if (length := len(text)) > limits.LONGEST_DOCUMENT:
                raise Refusal("document_too_long", length=length, most=limits.LONGEST_DOCUMENT)
            try:
                known = self._read(text)
            except (InvalidDocumentError, Refusal) as error:
                known = error
            self._known[text] = known
        if isinstance(known, Exception):
            raise copy(known)  # Else the remembered one would keep what each request held.
        return known

    def asked(self, operation: "Operation") -> Document:
        """The document of an operation, which is kept under its SHA-256 where that is stated.

        Refuses `document_missing`, `persisted_query_mismatch`, what `get` refuses, and
        `persisted_query_not_found`: the client then sends the text once.
        """
        persisted = (operation.extensions or {}).get("persistedQuery")
        stated = persisted.get("sha256Hash") if isinstance(persisted, Mapping) else None
        digest = stated if isinstance(stated, str) else None
        text = operation.query or (self._persisted.get(digest) if digest else None)
        if not text:
            raise Refusal("persisted_query_not_found" if digest else "document_missing")
        if digest and operation.query and sha256(text.encode()).hexdigest() != digest:
            raise Refusal("persisted_query_mismatch")
        document = self.get(text)
        if digest:
            self._persisted[digest] = text
        return document

    def _read(self, text: str) -> Document:
        try:
            node = parse(Source(text), no_location=True, max_tokens=limits.MOST_TOKENS)
        except GraphQLError as error:
            if f"more than {limits.MOST_TOKENS} tokens" in error.message:
                raise Refusal("document_too_many_tokens", most=limits.MOST_TOKENS) from error
            raise InvalidDocumentError([error]) from error
        costs = limits.check(node)
        errors = validate(self._schema, node, max_errors=MOST_PROBLEMS, hide_suggestions=True)
        if errors:
            raise InvalidDocumentError(errors)
        return Document(node, Plans(node), needs(self._schema, node), costs)


class Operation(msgspec.Struct, rename="camel"):
    """An operation as a client sends it."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


class Caller(msgspec.Struct, frozen=True):
    """The principal that asks, its language, and what all that it asks at once may cost."""

    principal: Principal | None
    session: LoginSession | None
    language: str
    budget: Budget = msgspec.field(default_factory=Budget)


class Engine:
    """The schema at work; one per application."""

    def __init__(self, schema: GraphQLSchema, system: App) -> None:
        self.documents = Documents(schema)
        self._schema = schema
        self._system = system
        self._views = Views()
        self._log = structlog.get_logger("graphql")

    async def answer(
        self, caller: Caller, operation: Operation, kinds: Collection[OperationType] = AT_ONCE
    ) -> Answer:
        """The answer as GraphQL says it; never raises for what the caller did. kinds: what may be
        asked."""
        return cast(Answer, await self.begin(caller, operation, kinds))

    async def begin(
        self, caller: Caller, operation: Operation, kinds: Collection[OperationType] = ALL
    ) -> Answer | AsyncGenerator[Answer, None]:
        """The one answer of a query or mutation, or those of a subscription, which raise what its
        source raises: see `failed`."""
        try:
            meant, arguments = self._prepare(caller, operation)
            if (kind := meant.operation) not in kinds:
                raise Refusal("operation_not_here", operation=kind.value)
        except (InvalidDocumentError, Refusal) as error:
            return self.failed(error, caller.language)
        run: Callable[..., Any] = subscribe if kind is OperationType.SUBSCRIPTION else execute
        is_of_schema = limits.introspects_only(meant)
        found = await beside(run, **arguments) if is_of_schema else run(**arguments)
        if not isinstance(found, ExecutionResult) and isawaitable(found):
            found = await found
        is_whole = isinstance(found, ExecutionResult)
        return await self._formatted(found, caller) if is_whole else self._each(found, caller)

    async def _each(
        self, source: AsyncGenerator[ExecutionResult, None], caller: Caller
    ) -> AsyncGenerator[Answer, None]:
        async with aclosing(source):
            async for result in source:
                yield await self._formatted(result, caller)

    def failed(self, error: Exception, language: str) -> Answer:
        """An answer without data, where no resolver answers for what was raised."""
        errors, code = [GraphQLError("it failed", original_error=error)], "internal_error"
        if isinstance(error, InvalidDocumentError):
            errors, code = error.errors, "document_invalid"
        return {"errors": [self._error(one, language, code) for one in errors]}

    def _prepare(
        self, caller: Caller, operation: Operation
    ) -> tuple[OperationDefinitionNode, dict[str, Any]]:
        """The operation and what it is run with. Refuses `operation_unknown`, and what
        reading the document, checking the caller and `Budget.travel` refuse."""
        if (principal := caller.principal) is None:
            raise Refusal("not_signed_in")
        document = self.documents.asked(operation)
        check(principal, document.needs)
        meant = get_operation_ast(document.node, operation.operation_name)
        if meant is None:
            raise Refusal("operation_unknown", name=operation.operation_name or "")
        caller.budget.travel(document.costs[limits.name_of(meant)].travels)
        seen = (caller.language, caller.session, document.plans, self._views, caller.budget)
        context = OperationContext(self._system, principal, *seen)
        return meant, {
            "schema": self._schema,
            "document": document.node,
            "context_value": context,
            "variable_values": operation.variables,
            "operation_name": operation.operation_name,
            "hide_suggestions": True,
            "executor_class": PlannedExecutor,
        }

    async def _formatted(self, result: ExecutionResult, caller: Caller) -> Answer:
        beside = await told_beside(self._system, caller.principal, caller.language)
        errors = [self._error(one, caller.language, "input_invalid") for one in result.errors or ()]
        return {"data": result.data, **({"errors": errors} if errors else {}), **beside}

    def _error(self, error: GraphQLError, language: str, code: str) -> Answer:
        cause = error.original_error
        while isinstance(cause, GraphQLError):
            cause = cause.original_error
        refusal = refusal_of(cause) if cause is not None else None
        if cause is not None and code != "document_invalid":
            refusal = told(cause, self._log, "resolver_failed", path=error.path)
        said: Answer = {"message": error.message, "code": code}
        if refusal is not None:
            said = body(refusal.code, refusal.params, language)
        if place := _PLACE.match(error.message):
            said["path"] = re.findall(r"\w+", "".join(filter(None, place.groups())))
        formatted = {"message": said.pop("message"), "extensions": said}
        if error.path:
            formatted["path"] = error.path
        return formatted
