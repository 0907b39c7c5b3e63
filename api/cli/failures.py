"""One line for what a command refuses, and for what the servers or the system refuse to it."""

import asyncpg
import redis

from api.cli.lines import language
from api.errors import refusal_of, sentence
from domain.kernel.errors import Refusal


def error_line(error: BaseException) -> str | None:
    """The line for a refusal or an error of the machinery; None for an error of the program."""
    if isinstance(error, BaseExceptionGroup):
        return error_line(error.exceptions[0])
    if (refusal := refusal_of(error)) is not None:
        return refusal_line(refusal)
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return refusal_line(Refusal("database_refused", reason=_first_line(error)))
    if isinstance(error, redis.ConnectionError):
        return refusal_line(Refusal("broker_gone", reason=_first_line(error)))
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return refusal_line(Refusal("system_refused", reason=f"{error.strerror or error}{where}"))
    return None


def refusal_line(refusal: Refusal) -> str:
    """The sentence, with the parameters where the catalogs have no sentence yet."""
    said = " ".join(sentence(refusal.code, refusal.params, language()).split())
    if said != refusal.code:
        return said
    return " ".join([said, *(f"{name}={value}" for name, value in refusal.params.items())])


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
