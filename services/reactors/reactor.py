"""A reactor: event -> command or job, once for every event, and never on a rebuild.

It has a checkpoint of its own, starts at the beginning of every tenant's log, and is handed the log
in stretches. What comes of a stretch is carried out at least once and counts once: each reaction
carries an idempotency key made of the reactor, the event and `Reaction.key`, and a stretch that was
interrupted is handed on with the same ends. One that failed is handed on in parts: a command that
came of all of it must bear that others come of them.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID, uuid5

import msgspec

from domain.kernel.aggregate import Recorded
from services.kernel.context import Context
from services.kernel.ports import History


class Stretch(msgspec.Struct, frozen=True):
    """The log after one position and up to another. events: those of the reactor's topics, in
    order, at least one; personal fields read as empty."""

    after: int
    until: int
    events: Sequence[Recorded]


class Reaction(msgspec.Struct, frozen=True):
    """A command that follows from an event.

    does: a command (services/registry.py), or an Effect, which becomes a job. key: tells it from
    the reactor's other reactions to the same event.
    """

    because: Recorded
    does: msgspec.Struct
    key: str = ""


class Reactor(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence. name: its module's, `when_<event>_then_<action>`.

    topics: the events that it looks at. react: decides, and writes nothing. Its context is the
    operator's in the tenant; what it asks of the history at or before `until` is the same however
    often it is asked. A refusal of what it answers parks it.
    """

    name: str
    topics: frozenset[str]
    react: Callable[[Context, History, Stretch], Awaitable[Sequence[Reaction]]]

    @property
    def checkpoint(self) -> str:
        """The name under which it is known how far it has come, and by which it signs."""
        return f"reactor:{self.name}"


def idempotency_key(reactor: Reactor, reaction: Reaction) -> str:
    """`reactor:<name>:<position>`, and the reaction's own key where it has one."""
    key = f"{reactor.checkpoint}:{reaction.because.position}"
    return f"{key}:{reaction.key}" if reaction.key else key


def causation_id(event: Recorded) -> UUID:
    """Names the event as the cause of others: the same for everybody who derives it."""
    return uuid5(event.tenant_id, str(event.position))
