"""The GraphQL schema's text, for code generators and editors."""

from typing import Any

from litestar import MediaType, Request, get

from api.auth import signed_in

SDL = "graphql_sdl"
"""Where the application's state keeps it."""


@get("/graphql/schema", media_type=MediaType.TEXT, sync_to_thread=False)
def graphql_schema(request: Request[Any, Any, Any]) -> str:
    """The schema, for signed-in principals, like introspection. Refuses `not_signed_in`."""
    signed_in(request)
    text: str = request.app.state[SDL]
    return text
