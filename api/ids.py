"""Global ids, as Relay has them: by one, a thing of any list is named at every door of machines."""

import base64
import binascii
from contextlib import suppress
from uuid import UUID

from domain.kernel.errors import Refusal


def global_id(kind: str, own: str) -> str:
    """The id of a thing of this GraphQL type, unique over all types."""
    return base64.b64encode(f"{kind}:{own}".encode()).decode()


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
    with suppress(ValueError):
        return UUID(given)
    try:
        return UUID(own_id(given, kind)[1])
    except ValueError as error:
        raise Refusal("id_invalid", id=given[:200]) from error
