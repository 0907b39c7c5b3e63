"""What stays open as long as who asked for it likes: so many for one person and for one partner."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from domain.kernel.errors import Refusal
from services.kernel.context import Principal

STREAMS = "streams"
"""Where the application's state keeps its Streams."""


class Streams:
    """The streams of one process: event streams, sockets, and what is under way on a socket."""

    def __init__(self, of_person: int, of_partner: int) -> None:
        self._of_person, self._of_partner = of_person, of_partner
        self._open = Counter[Hashable]()

    @contextmanager
    def one_of(self, principal: Principal | None) -> Iterator[None]:
        """While one more is open. Nobody's are not counted: they are refused elsewhere.

        Refuses `too_many_streams`, and `too_many_streams_of_partner`.
        """
        if principal is None:
            yield
            return
        person, partner = (principal.tenant, principal.actor), principal.tenant
        if self._open[person] >= self._of_person:
            raise Refusal("too_many_streams", most=self._of_person)
        if self._open[partner] >= self._of_partner:
            raise Refusal("too_many_streams_of_partner", most=self._of_partner)
        self._open.update((person, partner))
        try:
            yield
        finally:
            self._open.subtract((person, partner))
            for key in (person, partner):
                if not self._open[key]:
                    del self._open[key]


class CountedStream:
    """ASGI middleware of a handler that answers with a stream."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streams: Streams = Litestar.from_scope(scope).state[STREAMS]
        with streams.one_of(scope["user"]):
            await self._app(scope, receive, send)
