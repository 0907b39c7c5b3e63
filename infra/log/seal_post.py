"""Sending seals to head office's address, the lines of the files as they are (decision 0041).

    seals/<partner's id>.sent

says which file it was, by its inode, and how many bytes of it the address has taken. Lines are sent
in order, each until it is taken; it may come twice where the sender was killed in between.
"""

import asyncio
import fcntl
import http.client
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import UUID

import structlog

from infra.log.seal_file import path_of, tenants_with_file

PAUSE = 5.0
"""Seconds between two looks at the files."""

PATIENCE = 10.0
"""Seconds for which an answer is waited for."""

SENT = ".sent"
_PLACE = struct.Struct(">QQ")
"""The inode of a file, and the bytes of it that are sent."""


class SealPost:
    """Sends every partner's new lines; of each partner one at a time does."""

    def __init__(self, data: Path, address: str) -> None:
        """address: of http or https."""
        self._data, self._address = data, address
        self._opener = build_opener(_NoRedirect)
        self._sent: dict[UUID, tuple[int, int]] = {}
        self._log = structlog.get_logger("sealer")
        self._is_told = False

    async def run(self) -> None:
        """Works until it is cancelled; an address that takes nothing is tried again."""
        while True:
            try:
                await asyncio.to_thread(self.round)
                self._is_told = False
            except (OSError, http.client.HTTPException) as error:
                if not self._is_told:
                    self._log.warning("seals_not_sent", error=type(error).__name__)
                self._is_told = True
            await asyncio.sleep(PAUSE)

    def round(self) -> None:
        """Sends what is new. Raises OSError and HTTPException where the address does not take a
        line: nothing more is sent then."""
        for tenant_id in tenants_with_file(self._data):
            path = path_of(self._data, tenant_id)
            found = path.stat()
            if self._sent.get(tenant_id) != (found.st_ino, found.st_size):
                with _place(path) as place:
                    if place is not None:
                        self._send(tenant_id, path, place)

    def _send(self, tenant_id: UUID, path: Path, place: int) -> None:
        found = os.pread(place, _PLACE.size, 0)
        known, sent = _PLACE.unpack(found) if len(found) == _PLACE.size else (0, 0)
        with path.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            # One that was laid aside has another in its place, all of which is new.
            sent = sent if inode == known else 0
            file.seek(sent)
            for line in file:
                if line.endswith(b"\n"):
                    self._post(line[:-1])
                    sent += len(line)
                    os.pwrite(place, _PLACE.pack(inode, sent), 0)
        self._sent[tenant_id] = inode, sent

    def _post(self, line: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        request = Request(self._address, line, headers, method="POST")  # noqa: S310 - a setting
        with self._opener.open(request, timeout=PATIENCE):
            pass


class _NoRedirect(HTTPRedirectHandler):
    """A line is taken where it was sent to, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None


@contextmanager
def _place(path: Path) -> Iterator[int | None]:
    """The descriptor of what says how far a file is sent; None while somebody else sends it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(path.with_suffix(SENT), flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None
    else:
        yield descriptor
    finally:
        os.close(descriptor)
