"""Scalars whose reading is wider than the library's."""

from decimal import Decimal, InvalidOperation
from typing import Any

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode

HOW = 'A decimal is written as text, like "1688.00".'


def read(value: Any) -> Decimal:
    """From text or a number; a binary fraction is read as it is written."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise GraphQLError(HOW)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise GraphQLError(HOW) from error
    if not number.is_finite() or len(number.as_tuple().digits) > 30:
        raise GraphQLError("A decimal has up to 30 digits.")
    return number


def read_literal(node: ValueNode, _variables: Any = None) -> Decimal:
    if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        return read(node.value)
    raise GraphQLError(HOW)


DECIMAL = strawberry.scalar(
    name="Decimal",
    description="An exact decimal number, answered as text; read from text or a number.",
    serialize=str,
    parse_value=read,
    parse_literal=read_literal,
)
"""The scalar of Decimal in the schema's scalar map."""
