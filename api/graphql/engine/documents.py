"""Documents: read, limited, validated and matched with permissions once, then remembered.

Clients send the same few documents again and again; an unknown one costs a few milliseconds.
"""

import hashlib
from copy import copy

import msgspec
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Source,
    parse,
    validate,
)

from api.graphql.engine.limits import MOST_TOKENS, check, check_text
from api.graphql.engine.permissions import Need, needs
from api.graphql.engine.plans import Plans
from domain.kernel.errors import Refusal

REMEMBERED = 1_000
"""Documents; the least recently used is forgotten first."""

MOST_PROBLEMS = 5


class Document(msgspec.Struct, frozen=True):
    """A document that may run. needs: what all of its fields ask for."""

    node: DocumentNode
    plans: Plans
    operations: dict[str, OperationType]
    needs: frozenset[Need]

    def operation(self, name: str | None) -> OperationType:
        """The kind of the operation that is meant. Refuses `operation_unknown`."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None or name not in self.operations:
            raise Refusal("operation_unknown", name=name or "")
        return self.operations[name]


class InvalidDocumentError(Exception):
    """The text is no document of this schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("invalid document")
        self.errors = errors


class Documents:
    """Of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: LRUCache[str, Document | Exception] = LRUCache(REMEMBERED)
        self._persisted: LRUCache[str, str] = LRUCache(REMEMBERED)

    def get(self, text: str) -> Document:
        """Raises InvalidDocumentError; refuses what the limits refuse."""
        known = self._known.get(text)
        if known is None:
            check_text(text)
            try:
                known = self._read(text)
            except (InvalidDocumentError, Refusal) as error:
                known = error
            self._known[text] = known
        if isinstance(known, Exception):
            raise copy(known)  # Else the remembered one would keep what each request held.
        return known

    def persist(self, digest: str, text: str) -> None:
        """Keeps a text under its SHA-256. Refuses `persisted_query_mismatch`."""
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            raise Refusal("persisted_query_mismatch")
        self.get(text)
        self._persisted[digest] = text

    def persisted(self, digest: str) -> str:
        """Refuses `persisted_query_not_found`: the client then sends the text once."""
        text = self._persisted.get(digest)
        if text is None:
            raise Refusal("persisted_query_not_found")
        return text

    def _read(self, text: str) -> Document:
        try:
            node = parse(Source(text), no_location=True, max_tokens=MOST_TOKENS)
        except GraphQLError as error:
            if f"more than {MOST_TOKENS} tokens" in error.message:
                raise Refusal("document_too_many_tokens", most=MOST_TOKENS) from error
            raise InvalidDocumentError([error]) from error
        check(node)
        errors = validate(self._schema, node, max_errors=MOST_PROBLEMS, hide_suggestions=True)
        if errors:
            raise InvalidDocumentError(errors)
        operations = {
            definition.name.value if definition.name else "": definition.operation
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        return Document(node, Plans(node), operations, needs(self._schema, node))
