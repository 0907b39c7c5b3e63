"""Logs: one line per event on standard error, with nothing secret or personal in them."""

import json
import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
import structlog
from cachetools import LRUCache

LOG_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}
"""The least that is written. info: requests that failed by our fault; debug: each of them."""

HIDDEN = "[hidden]"
_HIDDEN_KEYS = """
    address authorization cookie dsn email feedback id_number idempotency_key key mail mobile
    name_of_person passwd password payload person_name phone query_string secret secret_key
    set_cookie token trainee_name
"""
HIDDEN_KEYS = frozenset(_HIDDEN_KEYS.split())
"""Field names whose values are never written, in any spelling of case and dashes."""

_PATTERNS = (
    (re.compile(r"(\w+://)[^\s/@]*:[^\s/@]*@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b(password|secret|token)(['\"]?\s*[=:]\s*)\S+"), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?m)^(DETAIL:\s+).*$"), rf"\1{HIDDEN}"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b"), HIDDEN),
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), HIDDEN),
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), HIDDEN),
)
"""Passwords in addresses, credentials, PostgreSQL's details, mail, mobile and identity numbers."""

OUR_FAULT = 500
"""The first status by which the fault is the server's."""

_SUSPECTED = re.compile(r"(?i)://|@|detail:|\d{11}|bearer|basic|password|secret|token")
"""Where none of these stands, no pattern finds anything."""


def configure_logging(log_format: str, log_level: str = "info") -> None:
    """log_format: json or text. log_level: of LOG_LEVELS. Covers the standard logging too.

    What the product itself says does not go by the standard logging, which would cost a request
    more than its line is worth.
    """
    level = LOG_LEVELS[log_level]
    steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        hide,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if log_format == "text"
        else structlog.processors.JSONRenderer(_as_json)
    )
    structlog.configure(
        processors=[*steps, renderer],
        logger_factory=NamedLogger,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=steps,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_in_our_words)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Of other libraries nothing below: theirs would drown the requests, and hold what ours hide.
    root.setLevel(max(level, logging.INFO))
    # RabbitMQ's client tells of every socket, several times a minute.
    logging.getLogger("pika").setLevel(logging.WARNING)
    # The HTTP client tells of every address that it asks, with the secrets in it.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # Whoever stops the product knows that it stops.
    logging.getLogger("dramatiq.worker").setLevel(logging.WARNING)


def _in_our_words(record: logging.LogRecord) -> bool:
    """dramatiq calls a broker that is away critical, in words of its own, at each attempt."""
    is_of_worker = record.name.startswith("dramatiq.worker")
    if is_of_worker and record.levelno == logging.CRITICAL and not record.exc_info:
        record.msg, record.args = "worker_waits_for_broker", ()
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


class NamedLogger:
    """Writes lines on standard error. name: the part of the product that speaks."""

    def __init__(self, name: str = "chudan") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        _write(line)

    debug = info = warning = error = critical = msg


class RequestLog:
    """Writes lines for requests, like any other line; but nothing is looked for in their fields,
    which hold no secret: that would cost as much as a cheap request itself."""

    def __init__(self) -> None:
        *_, self._render = structlog.get_config()["processors"]
        is_enabled_for = structlog.get_logger().is_enabled_for
        self._least = 0 if is_enabled_for(logging.DEBUG) else OUR_FAULT
        self._is_on = is_enabled_for(logging.INFO)
        self._stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def write(self, *, status: int, **said: str | float) -> None:
        """status: of the answer; one that is not our fault is of interest at `debug` only."""
        if self._is_on and status >= self._least:
            level = "info" if status >= OUR_FAULT else "debug"
            line = {
                "status": status,
                **said,
                "event": "request",
                "level": level,
                "logger": "access",
            }
            _write(str(self._render(None, level, self._stamp(None, level, line))))


def _write(line: str) -> None:
    # A full disk or a closed pipe ends no request and no worker, as with the standard logging.
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")


def _as_json(line: Any, **_: Any) -> str:
    try:
        return msgspec.json.encode(line, enc_hook=repr).decode()
    except UnicodeEncodeError:  # Half of a surrogate pair, as people may send it.
        return json.dumps(line, default=repr)


class Troubles:
    """Logs a tenant's trouble once, and not at every attempt; of the 10,000 last tenants."""

    def __init__(self, name: str) -> None:
        self._log = structlog.get_logger(name)
        self._last: LRUCache[UUID, str] = LRUCache(10_000)

    def report(self, event: str, tenant_id: UUID, error: str) -> None:
        """Logs an error, its code or class, unless it is the tenant's last one."""
        if self._last.get(tenant_id) != error:
            self._last[tenant_id] = error
            self._log.error(event, tenant=str(tenant_id), error=error)


class WaitLog:
    """Logs what somebody waits for, once as long as it is the same."""

    def __init__(self, name: str, event: str) -> None:
        self._name, self._event = name, event
        self._told: str | None = None

    def tell(self, error: str | None) -> None:
        """error: its code or class; None: nothing is waited for any more."""
        if error not in (None, self._told):
            structlog.get_logger(self._name).warning(self._event, error=error)
        self._told = error


def hide(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog step that takes secrets and personal data out."""
    for key, value in event.items():
        if key != "_record":
            event[key] = _hidden(key, value)
    return event


def _hidden(key: str, value: Any) -> Any:
    if key.lower().replace("-", "_") in HIDDEN_KEYS:
        return HIDDEN
    if isinstance(value, dict):
        return {inner: _hidden(str(inner), part) for inner, part in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", part) for part in value]
    if isinstance(value, bool | int | float | None):
        return value
    text = str(value)
    if not _SUSPECTED.search(text):
        return text
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
