"""Can this installation run here: the address it listens on, its database, its broker."""

import asyncio
import errno
import os
import socket
from importlib import import_module
from urllib.parse import urlsplit

import asyncpg

from infra.servers.process import ServerError

OLDEST_POSTGRES = 15
SECONDS = 10.0


def refuse_unusable_address(host: str, port: int) -> None:
    """Raises ServerError `port_in_use` (host, port) or `address_unusable` (host, port, reason)."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServerError("port_in_use", host=host, port=port) from error
        reason = error.strerror or str(error)
        raise ServerError("address_unusable", host=host, port=port, reason=reason) from error


async def check_database(url: str) -> int:
    """The database's major version.

    Raises ServerError `database_unreachable` (place, reason) or `database_too_old`.
    """
    try:
        connection = await asyncpg.connect(url, timeout=SECONDS)
    except (
        OSError,
        TimeoutError,
        ValueError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
    ) as error:
        raise ServerError("database_unreachable", place=place(url), reason=why(error)) from error
    try:
        return refuse_old(int(await connection.fetchval("show server_version_num")))
    finally:
        await connection.close()


def refuse_old(version_number: int) -> int:
    """The major version, unless it is too old. version_number: 150004 is 15.4."""
    major = version_number // 10_000
    if major < OLDEST_POSTGRES:
        raise ServerError("database_too_old", found=major, needed=OLDEST_POSTGRES)
    return major


async def check_broker(url: str) -> None:
    """Raises ServerError `broker_unreachable` (place, reason)."""
    try:
        if urlsplit(url).scheme.startswith("amqp"):
            parts = urlsplit(url)
            port = parts.port or (5671 if parts.scheme == "amqps" else 5672)
            opening = asyncio.open_connection(parts.hostname or "localhost", port)
            _, writer = await asyncio.wait_for(opening, SECONDS)
            writer.close()
        else:
            await asyncio.to_thread(_ping, url)
    except Exception as error:
        raise ServerError("broker_unreachable", place=place(url), reason=why(error)) from error


def _ping(url: str) -> None:
    # Loaded here, because most processes never ask and it takes a quarter of a second.
    times = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    with import_module("redis").Redis.from_url(url, **times) as client:
        client.ping()


def place(url: str) -> str:
    """An address without its user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def why(error: BaseException) -> str:
    """One line for an error of the system or of a server, without its full stop."""
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    said = error.strerror if isinstance(error, OSError) else None
    lines = (said or str(error)).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
