"""One line for what a command refuses, and for what the servers or the system refuse to it."""

from os import PathLike, fsdecode
from pathlib import Path

import asyncpg
import redis
import structlog

from api.cli.lines import language, pasteable, texts, word
from api.errors import refusal_of, sentence
from domain.kernel.errors import Refusal
from infra.bootstrap import meant_by, why


def told(error: BaseException) -> str | None:
    """The line for a refusal or an error of the machinery; None for an error of the program.

    What the system or a server itself said is in the log, for who asks for `debug`.
    """
    line = error_line(error)
    if line is not None and structlog.is_configured():
        structlog.get_logger("chudan").debug("refused", exc_info=error)
    return line


def error_line(error: BaseException) -> str | None:
    """The same, of which no log is kept."""
    if isinstance(error, BaseExceptionGroup):
        return error_line(error.exceptions[0])
    refusal = _of_a_path(error) or refusal_of(error) or _of_a_server(error)
    return None if refusal is None else refusal_line(refusal)


def refusal_line(refusal: Refusal) -> str:
    """The sentence, behind the name of the field that it is about, which pages show beside it; with
    the parameters where the catalogs have no sentence yet."""
    said = " ".join(sentence(refusal.code, refusal.params, language()).split())
    if said != refusal.code:
        label = f"field.{refusal.field}"
        named = (word(label), word("word.colon")) if label in texts().sentences else ()
        return pasteable("".join((*named, said)))
    return " ".join([said, *(f"{name}={value}" for name, value in refusal.params.items())])


def _of_a_path(error: BaseException) -> Refusal | None:
    if not isinstance(error, OSError) or not isinstance(error.filename, str | bytes | PathLike):
        return None
    path = meant_by(Path(fsdecode(error.filename)))
    return Refusal("path_unusable", path=str(path), reason=why(error))


def _of_a_server(error: BaseException) -> Refusal | None:
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError():
            return Refusal("database_refused", reason=why(error))
        case asyncpg.LockNotAvailableError():
            return Refusal("database_locked")
        case redis.ConnectionError():
            return Refusal("broker_gone", reason=why(error))
        case OSError():
            return Refusal("system_refused", reason=why(error))
    return None
