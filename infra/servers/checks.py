"""Can this installation run here? Its address, database and broker, and all of it, examined."""

import asyncio
import errno
import shutil
import socket
import stat
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import msgspec

from domain.kernel.errors import Refusal
from infra.access.attempts import LOCKED
from infra.database.db import connection_to, require_room
from infra.database.migrate import require_schema
from infra.database.retries import DATABASE_ERRORS, answered, lack
from infra.log.log_sealer import SEALED, UNSEALED
from infra.log.log_seals import SealKey, other_seal_key, short_of
from infra.log.sealing import key_id_of
from infra.log.secret_keys import (
    list_keys_in_use,
    list_places_left,
    not_in_force,
    require_secret_key,
)
from infra.readside.checkpoints import PARKED, names, read_models_incomplete
from infra.readside.skipped import SKIPS
from infra.servers.connections import missing_files, most_files
from infra.servers.data_folder import (
    SPACE_NEEDED,
    has_room,
    is_in_folder,
    refuse_when_full,
    serving,
)
from infra.servers.process import ServerError
from infra.servers.reasons import tells_of_no_room, why
from infra.servers.watchdog import is_watched
from infra.settings import (
    ROLES,
    SEAL_KEY,
    SECRET_KEY,
    KeyPlace,
    Settings,
    data_folder_mode,
    named_servers,
)
from projections import PROJECTIONS
from services.reactors import REACTORS

OLDEST_POSTGRES = 15
SECONDS = 10.0
"""That a database or a broker may take to accept a connection."""


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
        raise ServerError("address_unusable", host=host, port=port, reason=why(error)) from error


def refuse_unusable(host: str, port: int) -> None:
    """What `serve` needs of others, asked before anything is made: who is refused leaves no data
    folder behind.

    Raises SettingsError, and ServerError as the checks of the address and the named servers do.
    """
    database_url, broker_url = named_servers()
    refuse_unusable_address(host, port)
    if database_url is not None:
        asyncio.run(check_database(database_url))
    if broker_url is not None:
        asyncio.run(check_broker(broker_url))


async def check_database(url: str) -> int:
    """The database's major version.

    Whoever is watched waits for one that is coming back, as a question does: who ended for that
    would be begun anew, and load everything once more.

    Raises ServerError `database_unreachable` (place, reason) or `database_too_old`.
    """

    async def version_number() -> int:
        async with connection_to(url, SECONDS) as connection:
            return int(await connection.fetchval("show server_version_num"))

    try:
        found = await (answered(version_number) if is_watched() else version_number())
    except (*DATABASE_ERRORS, ValueError) as error:
        raise ServerError("database_unreachable", place=place(url), reason=why(error)) from error
    return refuse_old(found)


async def check_own_database(settings: Settings) -> int:
    """As check_database of that of the settings; where it is the data folder's own and the disk is
    full, that is why. Raises ServerError `database_without_room` (path) then."""
    url = settings.dsn("owner")
    try:
        return await check_database(url)
    except ServerError as error:
        is_ours = error.code == "database_unreachable" and is_in_folder(settings.data, url)
        if is_ours and not has_room(settings.data):
            raise ServerError("database_without_room", path=str(settings.data)) from error
        raise


def refuse_old(version_number: int) -> int:
    """The major version, unless it is too old. version_number: 150004 is 15.4."""
    major = version_number // 10_000
    if major < OLDEST_POSTGRES:
        raise ServerError("database_too_old", found=major, needed=OLDEST_POSTGRES)
    return major


async def check_broker(url: str) -> None:
    """Raises ServerError `broker_unreachable` (place, reason), and `disk_full` where it has no room
    to write."""
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
        if tells_of_no_room(str(error)):
            raise ServerError("disk_full") from error
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


class CheckResult(msgspec.Struct, frozen=True):
    """One line. check: a word (msgid `check.<word>`). problem: None, or the refusal that it is.
    note: what is left to do where nothing is wrong. found: what there is, where that is worth
    knowing. after: the check whose problem kept this one from being made."""

    check: str
    problem: Refusal | None = None
    note: Refusal | None = None
    found: str = ""
    after: str = ""


_OF_ROLES = ("seal_key", "roles", "log_ins", "read_models", "reactors")
_IN_SCHEMA = ("row_security", *_OF_ROLES)
_IN_DATABASE = ("secret_key", "schema", *_IN_SCHEMA)
_KEPT_FROM: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(("database_unreachable", "database_without_room"), _IN_DATABASE)
    | dict.fromkeys(("secret_key_wrong", "secret_key_missing"), _OF_ROLES)
    | {"schema_missing": _IN_SCHEMA}
)
"""A problem -> the checks that can only tell of it again: the roles' passwords follow from the
secret key in force, and the first migration notes which one that is."""


async def examine(settings: Settings) -> list[CheckResult]:
    """settings: with the addresses of all servers. Never raises; what fails is a finding."""

    async def as_a_role(check: Callable[[Settings], Awaitable[object]]) -> object:
        return await check(await require_secret_key(settings))

    checks: dict[str, Callable[[], Awaitable[object]]] = {
        "space": lambda: _space(settings),
        "files": _files,
        "modes": lambda: asyncio.to_thread(_modes, settings.data),
        "processes": lambda: asyncio.to_thread(_processes, settings.data),
        "broker": lambda: check_broker(settings.broker_url or ""),
        "database": lambda: _database(settings),
        "secret_key": lambda: _secret_key(settings),
        "schema": lambda: require_schema(settings.dsn("owner")),
        "row_security": lambda: _row_security(settings),
        "seal_key": lambda: as_a_role(_seal_key),
        "roles": lambda: as_a_role(_roles),
        "log_ins": lambda: as_a_role(_log_ins),
        "read_models": lambda: as_a_role(_read_models),
        "reactors": lambda: as_a_role(_reactors),
    }
    results, after = list[CheckResult](), dict[str, str]()
    for word, check in checks.items():
        if word in after:
            results.append(CheckResult(word, after=after[word]))
            continue
        results.append(await _result(word, check))
        if problem := results[-1].problem:
            after |= dict.fromkeys(_KEPT_FROM.get(problem.code, ()), word)
    return results


async def _result(word: str, check: Callable[[], Awaitable[object]]) -> CheckResult:
    try:
        found = await check()
    except Refusal as refusal:
        return CheckResult(word, refusal)
    except DATABASE_ERRORS as error:
        return CheckResult(word, lack(error) or Refusal("check_failed", reason=why(error)))
    if isinstance(found, Refusal):
        return CheckResult(word, note=found)
    return CheckResult(word, found=found if isinstance(found, str) else "")


async def _files() -> Refusal | None:
    """A note where the API can hold fewer connections than are meant: it runs nonetheless."""
    return missing_files(most_files())


async def _space(settings: Settings) -> str:
    """How much is free in the data folder, and in that of passing files where this is on another
    disk."""
    await asyncio.to_thread(refuse_when_full, settings.data, needed=2 * SPACE_NEEDED)
    places = {path.stat().st_dev: path for path in (Path(tempfile.gettempdir()), settings.data)}
    return ", ".join(
        f"{path} {shutil.disk_usage(path).free >> 20} MB" for path in reversed(places.values())
    )


def _modes(data: Path) -> None:
    """Nobody else may look into the data folder, its files and its logs."""
    inside = [*data.glob("*"), *data.glob("log/*"), *data.glob("files/*"), *data.glob("seals/*")]
    wide = [path for path in inside if _may_be_read_by_others(path)]
    if data.stat().st_mode & 0o077 & ~data_folder_mode():
        wide.append(data)
    if wide:
        raise Refusal("data_folder_open", paths=[str(path) for path in wide])


def _may_be_read_by_others(path: Path) -> bool:
    """Of a link, what it leads to: whatever it says of itself, nobody can change that."""
    try:
        found = path.stat().st_mode
    except FileNotFoundError:  # Taken away meanwhile.
        return False
    return not stat.S_ISSOCK(found) and bool(found & 0o077)


def _processes(data: Path) -> Refusal | None:
    """A note where `serve` does not run here: nobody can visit it, unless the processes of an
    installation of several machines run elsewhere."""
    runtime = serving(data)
    if runtime is None:
        return Refusal("processes_elsewhere" if named_servers()[0] else "processes_none")
    if runtime.away:
        raise Refusal("processes_away", names=list(runtime.away))
    return None


async def _database(settings: Settings) -> None:
    """It is there, and has room, perhaps on another machine."""
    await check_own_database(settings)
    async with connection_to(settings.dsn("owner"), SECONDS) as connection:
        await require_room(connection)


async def _secret_key(given: Settings) -> str | Refusal:
    """The id of the only one in use; a note where another is given, as after every rotation."""
    _refuse_readable(given.data, SECRET_KEY)
    in_use = await list_keys_in_use(given)
    if amiss := not_in_force(given, in_use):
        raise amiss
    new, *old = map(key_id_of, given.secret_keys)
    if old:
        return Refusal("secret_key_left", key=old[0], places=list_places_left(given))
    return new


def _refuse_readable(data: Path, place: KeyPlace) -> None:
    for path in (data / place.file, data / place.old_file):
        if path.exists() and path.stat().st_mode & 0o077:
            raise Refusal("secret_key_readable", path=str(path))


async def _seal_key(settings: Settings) -> str | Refusal:
    """By what the key is told that signs; a note where partners have waited to be sealed."""
    _refuse_readable(settings.data, SEAL_KEY)
    key = SealKey(settings.seal_keys[0]).public
    async with connection_to(settings.dsn("projector"), SECONDS) as connection:
        others = {row["key"] for row in await connection.fetch(SEALED)} - {key, None}
        unsealed = await connection.fetchval(UNSEALED)
    if others:
        raise other_seal_key(settings.seal_keys, others, is_made=settings.is_seal_key_made)
    if unsealed:
        return Refusal("seals_behind", partners=unsealed)
    return short_of(key)


async def _roles(settings: Settings) -> None:
    for role in ROLES:
        async with connection_to(settings.dsn(role), SECONDS) as connection:
            is_harmless = await connection.fetchval(
                "select not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb"
                " or has_database_privilege(current_database(), 'temporary'))"
                " from pg_roles where rolname = current_user"
            )
        if not is_harmless:
            raise Refusal("role_too_powerful", role=role)


async def _read_models(settings: Settings) -> None:
    """No projection of this version is parked or passes over something."""
    async with connection_to(settings.dsn("projector"), SECONDS) as connection:
        parked, skips = [
            await connection.fetch(query, names(PROJECTIONS)) for query in (PARKED, SKIPS)
        ]
    if found := [*parked, *skips]:
        raise read_models_incomplete((row["tenant_id"], row["consumer"]) for row in found)


async def _reactors(settings: Settings) -> None:
    """No reactor is parked."""
    async with connection_to(settings.dsn("projector"), SECONDS) as connection:
        parked = await connection.fetch(PARKED, names(REACTORS))
    if parked:
        tenants = {row["tenant_id"] for row in parked}
        found = sorted({f"{row['consumer']} ({row['position']})" for row in parked})
        raise Refusal("reactors_parked", reactors=found, partners=len(tenants))


async def _log_ins(settings: Settings) -> Refusal | None:
    """A note where mail addresses are locked, be there accounts of them or not."""
    async with connection_to(settings.dsn("app"), SECONDS) as connection:
        locked = await connection.fetchval(LOCKED)
    return Refusal("log_ins_locked", addresses=locked) if locked else None


async def _row_security(settings: Settings) -> None:
    """Every table that names a tenant has row-level security, forced."""
    async with connection_to(settings.dsn("owner"), SECONDS) as connection:
        rows = await connection.fetch(
            "select c.relname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'"
            " join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
            " where c.relkind in ('r', 'p') and not a.attisdropped"
            " and not (c.relrowsecurity and c.relforcerowsecurity) order by 1"
        )
    if rows:
        raise Refusal("tables_unguarded", tables=[row["relname"] for row in rows])
