"""Refusals at the doors: one table from codes to HTTP statuses, one way to the sentence."""

from collections.abc import Mapping
from typing import Any

from domain.kernel.errors import (
    ConflictError,
    NotFoundError,
    PermissionRefusedError,
    Refusal,
    TakenError,
)
from infra.bootstrap import App, is_away, lack
from services.kernel.context import Principal
from services.words.params import plain
from services.words.texts import FIRST_LANGUAGE, LOCALES, read_texts

STATUSES: Mapping[str, int] = {
    "not_signed_in": 401,
    "credential_refused": 401,
    "login_refused": 401,
    "permission_refused": 403,
    "everything_needed": 403,
    "conflict": 409,
    "idempotency_key_in_flight": 409,
    "request_too_large": 413,
    "file_too_large": 413,
    "request_invalid": 400,
    "parameter_too_long": 400,
    "page_unknown": 404,
    "method_not_allowed": 405,
    "request_too_slow": 408,
    "media_type_unknown": 415,
    "log_in_locked": 403,
    "log_in_later": 429,
    "sign_in_later": 429,
    "sign_in_unavailable": 503,
    "too_many_streams": 429,
    "too_many_streams_of_partner": 429,
    "client_gone": 499,
    "internal_error": 500,
    "database_gone": 503,
    "disk_full": 503,
    "too_busy": 503,
    "position_not_reached": 503,
    "figures_not_evaluated": 503,
    "role_password_refused": 503,
    "secret_key_missing": 503,
    "secret_key_wrong": 503,
    "secret_too_short": 503,
    "setting_invalid": 503,
    "setting_malformed": 503,
    "data_folder_unusable": 503,
}
"""Codes whose status does not follow from the kind of refusal; litestar's own refusals have the
first code of their status."""

KINDS: tuple[tuple[type[Refusal], int], ...] = (
    (PermissionRefusedError, 403),
    (NotFoundError, 404),
    (TakenError, 409),
    (Refusal, 422),
)


def refusal_of(error: BaseException) -> Refusal | None:
    """What an error is answered as at every door; None for a fault of the program.

    `conflict` where others were faster, again and again; `database_gone` while the database is
    away, and what the installation lacks: the caller may try once more.
    """
    if isinstance(error, BaseExceptionGroup):
        return refusal_of(error.exceptions[0])
    if isinstance(error, Refusal):
        return error
    if isinstance(error, ConflictError):
        return Refusal("conflict")
    if (lacking := lack(error)) is not None:
        return lacking
    return Refusal("database_gone") if is_away(error) else None


def told(error: BaseException, log: Any, fault: str, **about: Any) -> Refusal:
    """What a server answers an error as, and what its log has of it: of a fault of the program the
    traceback, of a database that is away or what else the installation lacks no more than that."""
    refusal = refusal_of(error)
    if refusal is None:
        log.error(fault, exc_info=error, **about)
        return Refusal("internal_error")
    if refusal.code == "database_gone" or lack(error) is not None:
        log.warning(refusal.code, error=type(error).__name__, **about)
    return refusal


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal."""
    known = STATUSES.get(refusal.code)
    return known or next(status for kind, status in KINDS if isinstance(refusal, kind))


def sentence(code: str, params: Mapping[str, Any], locale: str = FIRST_LANGUAGE) -> str:
    """The sentence of an error code. locale: `zh-CN` or `en`, also as `zh_CN`."""
    language = locale.replace("_", "-")
    texts = read_texts(language if language in LOCALES else FIRST_LANGUAGE)
    return texts.refusal(code, params)


def body(code: str, params: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """A refusal as the HTTP doors answer it."""
    return {"code": code, "message": sentence(code, params, locale), "params": plain(params)}


async def told_beside(system: App, principal: Principal | None, locale: str) -> dict[str, Any]:
    """What an answer says beside its data, where read models of a partner show less than was
    recorded."""
    warning = await system.incomplete_models.warning(principal.tenant) if principal else None
    if warning is None:
        return {}
    return {"extensions": {"warnings": [body(warning.code, warning.params, locale)]}}
