"""Scalars: decimals, whose reading is wider than the library's, and Relay's global ids."""

import base64
import binascii
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import strawberry
from graphql import FloatValueNode, IntValueNode, StringValueNode, ValueNode

from domain.kernel.errors import Refusal

MOST_DIGITS = 30


def read(value: Any) -> Decimal:
    """The decimal of a text or number; a binary fraction is read as it is written.

    Refuses `decimal_invalid`, `decimal_too_long`.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Refusal("decimal_invalid")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise Refusal("decimal_invalid") from error
    if not number.is_finite() or len(number.as_tuple().digits) > MOST_DIGITS:
        raise Refusal("decimal_too_long", most=MOST_DIGITS)
    return number


def read_literal(node: ValueNode, _variables: Any = None) -> Decimal:
    if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        return read(node.value)
    raise Refusal("decimal_invalid")


DECIMAL = strawberry.scalar(
    name="Decimal",
    description="An exact decimal number, answered as text; read from text or a number.",
    serialize=str,
    parse_value=read,
    parse_literal=read_literal,
)
"""The scalar of Decimal in the schema's scalar map."""


def global_id(kind: str, own: str) -> strawberry.ID:
    """The id of a thing of this GraphQL type, unique over all types."""
    return strawberry.ID(base64.b64encode(f"{kind}:{own}".encode()).decode())


def own_id(given: str, kind: str | None = None) -> tuple[str, str]:
    """The GraphQL type and the own id. Refuses `id_invalid`, also for another type's id."""
    try:
        text = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Refusal("id_invalid", id=given[:200]) from error
    found, colon, own = text.partition(":")
    if not colon or (kind is not None and found != kind):
        raise Refusal("id_invalid", id=given[:200])
    return found, own


def own_uuid(given: str, kind: str) -> UUID:
    """The own id of a thing that is named by a UUID, from its global id or from that UUID itself.

    Refuses `id_invalid`.
    """
    try:
        return UUID(given)
    except ValueError:
        pass
    try:
        return UUID(own_id(given, kind)[1])
    except ValueError as error:
        raise Refusal("id_invalid", id=given[:200]) from error
