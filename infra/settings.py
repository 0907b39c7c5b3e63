"""Settings, parsed once from the environment and the command line; read nowhere else.

CHUDAN_DATA           data folder, default `var`
CHUDAN_DATABASE_URL   a PostgreSQL 15+ whose user owns the schema; default: the embedded one
CHUDAN_BROKER_URL     Redis or RabbitMQ; default: the embedded Redis
CHUDAN_SECRET_KEY     16 characters or more; default: made and kept in the data folder
CHUDAN_OLD_SECRET_KEY the one before, while the secret key is being changed; default: those kept
CHUDAN_SEAL_KEY       16 characters or more; default: made and kept in the data folder
CHUDAN_OLD_SEAL_KEY   the one before, while the seal key is being changed; default: those kept
CHUDAN_SEAL_ADDRESS   an http or https address that is sent every seal; default: none
CHUDAN_PASSPHRASE     of a backup or an export; default: asked for at the terminal
CHUDAN_LOG            json or text; default: text on a terminal, else json
CHUDAN_LOG_LEVEL      debug (each request too), info or warning; default: info
CHUDAN_ADDRESS        where people find the pages; default: this machine's
CHUDAN_SMTP_URL       a server that takes mails in; default: files in `mail/` of the data folder
CHUDAN_MAIL_FROM      the address that mails come from
CHUDAN_TRUSTED_PROXIES   networks whose X-Forwarded-For and -Proto are believed; default: none
CHUDAN_OIDC_…, CHUDAN_DINGTALK_…, CHUDAN_WECOM_…, CHUDAN_FEISHU_…
                      by whom people sign in, see infra/access/registrations.py; default: nobody
CHUDAN_STREAMS_OF_PERSON   that one person may have open at each process of the API; default: 30
CHUDAN_STREAMS_OF_PARTNER  the same of one partner; default: 600
"""

import hashlib
import hmac
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

import msgspec

from infra.access.registrations import ClientRegistration, registrations
from infra.logging import LOG_LEVELS
from infra.servers.environment import (
    Network,
    SettingsError,
    address,
    count,
    networks,
    one_of,
    origin,
    url,
)
from infra.servers.private_files import (
    NO_ROOM,
    draft_of,
    keep_secret,
    sync_folder,
    write_new_secret,
)
from infra.servers.reasons import why
from infra.work.mail_settings import MAIL_FROM, mails

ROLES = ("app", "log", "projector", "head_office", "backup")
"""The database roles beside the owner; the role of PostgreSQL is `chudan_<word>`."""

DATABASE_SCHEMES = ("postgresql", "postgres")
BROKER_SCHEMES = ("redis", "rediss", "unix", "amqp", "amqps")
HERE = ("127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104 - what is listened at
"""This machine, as the API's host."""

LOG_FORMATS = ("json", "text")
SHORTEST_SECRET = 16
STREAMS_OF_PERSON, STREAMS_OF_PARTNER = 30, 600


class KeyPlace(msgspec.Struct, frozen=True):
    """Where a key is given, in the environment or a file of the data folder. purpose: keeps one
    text from being the same key twice. old_variable: of the one before, while it is changed."""

    purpose: str
    variable: str
    old_variable: str
    file: str

    @property
    def old_file(self) -> str:
        return f"{self.file}.old"

    @property
    def files(self) -> tuple[str, str]:
        """Of the key that is used first, and of the one before."""
        return self.file, self.old_file


SECRET_KEY = KeyPlace("secret key", "CHUDAN_SECRET_KEY", "CHUDAN_OLD_SECRET_KEY", "secret_key")
SEAL_KEY = KeyPlace("seal key", "CHUDAN_SEAL_KEY", "CHUDAN_OLD_SEAL_KEY", "seal_key")
"""The key with which seals are signed."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one installation.

    data: absolute path of the data folder. secret_key: the one in force, once the keys have been
    checked (infra/log/secret_keys.py). secret_keys: all that are given; while it is being changed,
    the new one and the old one. are_keys_kept: in the data folder, and nobody names them.
    is_old_key_named: by CHUDAN_OLD_SECRET_KEY; is_old_seal_key_named: by CHUDAN_OLD_SEAL_KEY.
    seal_keys: the one that signs seals
    (infra/log/log_seals.py), then those of before. is_seal_key_made: just now, since the data
    folder had none. seal_address: is sent the seals.
    address: what links to pages begin with. smtp_url, mail_from: see infra/work/mail_delivery.py.
    trusted_proxies: networks of proxies before the API, see api/http/proxies.py. registrations: by
    whom people sign in, and as what that one knows the installation.
    database_url, broker_url: None until the embedded servers are known (infra/servers/embedded.py
    fills them in). port: 1 to 65535.
    """

    data: Path
    secret_key: bytes
    secret_keys: tuple[bytes, ...]
    seal_keys: tuple[bytes, ...]
    are_keys_kept: bool = False
    are_seal_keys_kept: bool = False
    is_old_key_named: bool = False
    is_old_seal_key_named: bool = False
    is_seal_key_made: bool = False
    database_url: str | None = None
    broker_url: str | None = None
    seal_address: str | None = None
    address: str | None = None
    smtp_url: str | None = None
    mail_from: str = MAIL_FROM
    trusted_proxies: tuple[Network, ...] = ()
    registrations: Mapping[str, ClientRegistration] = MappingProxyType({})
    host: str = "127.0.0.1"
    port: int = 8000
    log_format: str = "json"
    log_level: str = "info"
    streams_of_person: int = STREAMS_OF_PERSON
    streams_of_partner: int = STREAMS_OF_PARTNER

    def __repr__(self) -> str:
        return f"Settings(data={str(self.data)!r})"

    def given(self) -> "Settings":
        """With the keys that are given now: another process may have changed those that the data
        folder keeps. Raises as load_settings does."""
        keys, seal_keys = self.secret_keys, self.seal_keys
        if self.are_keys_kept:
            keys = tuple(_keys({}, self.data, SECRET_KEY))
        if self.are_seal_keys_kept:
            seal_keys = tuple(_keys({}, self.data, SEAL_KEY))
        return msgspec.structs.replace(
            self, secret_key=keys[0], secret_keys=keys, seal_keys=seal_keys
        )

    def dsn(self, role: str) -> str:
        """Address of the database for a role: `owner` or a word of ROLES.

        Raises SettingsError `database_unknown` before the servers are known.
        """
        if self.database_url is None:
            raise SettingsError("database_unknown")
        if role == "owner":
            return self.database_url
        parts = urlsplit(self.database_url)
        place = parts.netloc.rpartition("@")[2]
        user = f"{role_name(role)}:{self.role_password(role)}"
        return urlunsplit(parts._replace(netloc=f"{user}@{place}"))

    def role_password(self, role: str) -> str:
        """64 hexadecimal digits that follow from the secret key."""
        words = b"database role " + role_name(role).encode()
        return hmac.new(self.secret_key, words, hashlib.sha256).hexdigest()

    @property
    def origin(self) -> str:
        """What links to pages begin with. This machine is called as browsers keep passkeys for
        it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.address or f"http://{'localhost' if self.host in HERE else host}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a child process, so that it finds the same servers."""
        known = {"CHUDAN_DATA": str(self.data)}
        if self.database_url and self.broker_url:
            named = (self.database_url, self.broker_url)
            known |= zip(("CHUDAN_DATABASE_URL", "CHUDAN_BROKER_URL"), named, strict=True)
        return known

    @property
    def role_passwords(self) -> dict[str, str]:
        """Role name of PostgreSQL -> password, for the migrations."""
        return {role_name(role): self.role_password(role) for role in ROLES}


def role_name(role: str) -> str:
    return f"chudan_{role}"


def load_settings(
    environ: Mapping[str, str] | None = None,
    *,
    data: str | Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
) -> Settings:
    """The settings; makes the data folder and the keys where they are missing.

    Raises SettingsError `setting_invalid` (name, reason), `setting_malformed` (name, example),
    `secret_too_short` (name, least) and `data_folder_unusable` (path, reason).
    """
    env = os.environ if environ is None else environ
    if not 0 < port < 65536:
        raise SettingsError("setting_invalid", name="--port", reason="1-65535")
    folder = data_folder(data, env)
    by_default = "text" if sys.stderr.isatty() else "json"
    # Whoever is refused a setting leaves no folder behind.
    database_url, broker_url = named_servers(env)
    seal_address = address(env, "CHUDAN_SEAL_ADDRESS")
    log_format = one_of(env, "CHUDAN_LOG", LOG_FORMATS, by_default)
    log_level = one_of(env, "CHUDAN_LOG_LEVEL", tuple(LOG_LEVELS), "info")
    public, (smtp_url, mail_from) = origin(env, "CHUDAN_ADDRESS"), mails(env)
    proxies, registered = networks(env, "CHUDAN_TRUSTED_PROXIES"), registrations(env)
    of_person = count(env, "CHUDAN_STREAMS_OF_PERSON", STREAMS_OF_PERSON)
    of_partner = count(env, "CHUDAN_STREAMS_OF_PARTNER", STREAMS_OF_PARTNER)
    data, keys = prepare_folder(folder), tuple(_keys(env, folder, SECRET_KEY))
    is_seal_key_there = (folder / SEAL_KEY.file).exists() or SEAL_KEY.variable in _named(
        env, SEAL_KEY
    )
    return Settings(
        data=data,
        secret_key=keys[0],
        secret_keys=keys,
        seal_keys=tuple(_keys(env, folder, SEAL_KEY)),
        are_keys_kept=not _named(env, SECRET_KEY),
        are_seal_keys_kept=not _named(env, SEAL_KEY),
        is_old_key_named=SECRET_KEY.old_variable in _named(env, SECRET_KEY),
        is_old_seal_key_named=SEAL_KEY.old_variable in _named(env, SEAL_KEY),
        is_seal_key_made=not is_seal_key_there,
        database_url=database_url,
        broker_url=broker_url,
        seal_address=seal_address,
        address=public,
        smtp_url=smtp_url,
        mail_from=mail_from,
        trusted_proxies=proxies,
        registrations=registered,
        host=host,
        port=port,
        log_format=log_format,
        log_level=log_level,
        streams_of_person=of_person,
        streams_of_partner=of_partner,
    )


def data_folder(data: str | Path | None, environ: Mapping[str, str] | None = None) -> Path:
    """Where the data folder is, or is to be."""
    named = (os.environ if environ is None else environ).get("CHUDAN_DATA")
    return Path(data or named or "var").expanduser().absolute()


def named_servers(environ: Mapping[str, str] | None = None) -> tuple[str | None, str | None]:
    """The addresses of the database and the broker that the environment names. Raises SettingsError
    `setting_invalid` (name, reason)."""
    env = os.environ if environ is None else environ
    return (
        url(env, "CHUDAN_DATABASE_URL", DATABASE_SCHEMES),
        url(env, "CHUDAN_BROKER_URL", BROKER_SCHEMES),
    )


def given_passphrase(file: Path | None) -> str | None:
    """The passphrase of an archive: the first line of a file, else what the environment says; None
    where nothing does. Raises OSError and SettingsError `passphrase_unreadable` (name)."""
    if file is None:
        name, written = "CHUDAN_PASSPHRASE", os.environb.get(b"CHUDAN_PASSPHRASE")
    else:
        name, written = str(file), file.read_bytes().partition(b"\n")[0].rstrip(b"\r")
    try:
        return None if written is None else written.decode()
    except UnicodeDecodeError as error:
        raise SettingsError("passphrase_unreadable", name=name) from error


def given_key_texts(folder: Path, place: KeyPlace) -> dict[bytes, str]:
    """How each key that is given at a place is written; the new one first."""
    return _keys(os.environ, folder, place)


def where_given(folder: Path, place: KeyPlace, keys: Iterable[bytes]) -> list[str]:
    """Variables of the environment and files of the data folder that give one of some keys."""
    written = _named(os.environ, place)
    for path in (folder / name for name in place.files):
        with suppress(OSError, UnicodeDecodeError):
            written[str(path)] = path.read_text().strip()
    hashes = set(keys)
    return [name for name, text in written.items() if _hash(text, place.purpose) in hashes]


def data_folder_mode() -> int:
    """Of the data folder, and of those above that are made for it: the servers pass through root's,
    as accounts of their own."""
    return 0o700 if os.geteuid() else 0o711


def prepare_folder(folder: Path) -> Path:
    """Makes the folder and shows that it can be written to.

    One on a full disk could be: what needs room says that there is none. Raises SettingsError
    `data_folder_unusable` (path, reason).
    """
    try:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for made in reversed(missing):
            made.mkdir(exist_ok=True, mode=0o700)
            made.chmod(data_folder_mode())  # Whatever the umask.
        with draft_of(folder / "probe") as probe:
            probe.write_bytes(b"chudan")
    except OSError as error:
        if error.errno not in NO_ROOM or not folder.exists():
            raise unusable(folder, error) from error
    return folder


def unusable(path: Path, error: OSError) -> SettingsError:
    """What is said of a data folder that the system does not let be used."""
    if error.errno in NO_ROOM:
        return SettingsError("disk_full")
    return SettingsError("data_folder_unusable", path=str(path), reason=why(error))


def keep_new_key(folder: Path, place: KeyPlace) -> None:
    """Makes a new key in the place of the one that the data folder keeps, beside the old one.
    Killed at any point, it leaves the old one there, and is called again.

    Raises SettingsError `data_folder_unusable` (path, reason) and `disk_full`.
    """
    path, old = folder / place.file, folder / place.old_file
    try:
        if not old.exists():
            os.link(path, old)
            sync_folder(folder)
        with draft_of(path) as draft:
            write_new_secret(draft)
            draft.replace(path)
        sync_folder(folder)
    except OSError as error:
        raise unusable(path, error) from error


def _named(env: Mapping[str, str], place: KeyPlace) -> dict[str, str]:
    """What the environment says of a key."""
    names = (place.variable, place.old_variable)
    return {name: text for name in names if (text := env.get(name))}


def _keys(env: Mapping[str, str], folder: Path, place: KeyPlace) -> dict[bytes, str]:
    """The keys that are given, the new one first, and how each is written. Beside a named
    one, what the folder keeps and cannot be read is not given."""
    named, purpose = _named(env, place), place.purpose
    keys = [(_key(text, name, purpose), text) for name, text in named.items()]
    if place.variable not in named:
        keys = _kept(folder / place.file, keep_secret, purpose) + keys
    if place.old_variable not in named:
        for path in (folder / place.file, folder / place.old_file):
            with suppress(SettingsError) if place.variable in named else nullcontext():
                keys += _kept(path, _read_if_there, purpose)
    # One key stands in both files where a new one was about to be made.
    return dict(keys)


def _kept(path: Path, read: Callable[[Path], str | None], purpose: str) -> list[tuple[bytes, str]]:
    """The key in a file and how it is written; none where there is no file."""
    try:
        text = read(path)
    except OSError as error:
        raise unusable(path.parent, error) from error
    except UnicodeDecodeError:
        text = ""
    return [] if text is None else [(_key(text, path.name, purpose), text)]


def _read_if_there(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return None


def _key(text: str, name: str, purpose: str) -> bytes:
    if len(text) < SHORTEST_SECRET:
        raise SettingsError("secret_too_short", name=name, least=SHORTEST_SECRET)
    return _hash(text, purpose)


def _hash(text: str, purpose: str) -> bytes:
    return hashlib.sha256(f"chudan {purpose}\0{text}".encode()).digest()
