"""The statements that may look at several tenants, each with its reason: all that there are."""

EXCEPTIONS: dict[str, str] = {}


def is_exception(statement: str) -> bool:
    """Whether the list names it."""
    return statement in EXCEPTIONS
