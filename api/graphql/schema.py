"""The schema, assembled; `schema.graphql` beside it is its text, and a test compares them."""

from decimal import Decimal

import strawberry
from graphql import GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig

from api.graphql.engine.glossary import describe, load_glossary
from api.graphql.engine.outputs import read
from api.graphql.engine.scalars import DECIMAL
from api.graphql.types.mutations import Mutation
from api.graphql.types.roots import Query, Subscription


def build_schema() -> GraphQLSchema:
    """The executable schema; costs about a tenth of a second."""
    schema = undescribed_schema()
    describe(schema, load_glossary())
    return schema


def undescribed_schema() -> GraphQLSchema:
    """The schema with no descriptions but those of the code."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map={Decimal: DECIMAL}, default_resolver=read),
    )
    built: GraphQLSchema = schema._schema
    return built


def sdl(schema: GraphQLSchema) -> str:
    """The schema's text."""
    return print_schema(schema) + "\n"
