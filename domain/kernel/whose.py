"""Whose a stream is: its id says so, so that no event and no table need say it again.

The id of a stream about a person goes on with the person's own id after its category, and behind
that with what tells it from others of the same person: `trainee-<uuid>`,
`follow_up-<the same uuid>.<8 hex>`.
"""

from typing import Final

OF_PEOPLE: Final = frozenset({"person", "trainee", "follow_up"})
"""The categories whose streams are about one person each."""

PERSON: Final = "person"
"""The category of the streams that say who somebody is."""

_LENGTH: Final = 36
"""Of a UUID as text."""


def person_of(stream_id: str) -> str:
    """The id of the person that a stream is about. Raises ValueError for one about nobody."""
    category, _, rest = stream_id.partition("-")
    if category not in OF_PEOPLE:
        raise ValueError(f"{stream_id} is about no person")
    return rest[:_LENGTH]


def own_stream(stream_id: str) -> str:
    """The id of the stream that says who that is. Raises ValueError likewise."""
    return f"{PERSON}-{person_of(stream_id)}"
