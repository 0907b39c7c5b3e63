"""Sending seals to head office's address, the lines of the files as they are (decision 0041).

    seals/<partner's id>.sent

says how many bytes of it the address has taken, and which line was the last one of these: where
the file has another one there, all of it is new. Lines are sent in order, each until it is taken;
one may come twice where the sender was killed in between.
"""

import asyncio
import hashlib
import http.client
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import UUID

from infra.log.seal_file import path_of, tenants_with_file
from infra.logging import Troubles, WaitLog
from infra.servers.locks import held_alone

PAUSE = 5.0
"""Seconds between two looks at the files."""

PATIENCE = 10.0
"""Seconds for which an answer is waited for."""

SENT = ".sent"
_PLACE = struct.Struct(">QQ32s")
"""The bytes that are sent, and of these the length of the last line and its hash."""


class SealPost:
    """Sends every partner's new lines; of each partner one at a time does."""

    def __init__(self, data: Path, address: str) -> None:
        """address: of http or https; reached through the environment's proxy, if it names one."""
        self._data, self._address = data, address
        self._opener = build_opener(_NoRedirect)
        self._sent: dict[UUID, tuple[int, int, int]] = {}
        self._waits, self._troubles = WaitLog("sealer", "seals_not_sent"), Troubles("sealer")

    async def run(self) -> None:
        """Works until it is cancelled; an address that takes nothing is tried again."""
        while True:
            try:
                await asyncio.to_thread(self.round)
                self._waits.tell(None)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._waits.tell(type(error).__name__)
            await asyncio.sleep(PAUSE)

    def round(self) -> None:
        """Sends what is new. A partner's line that is refused keeps nobody else's. Raises OSError,
        HTTPException and ValueError where the address cannot be reached: nothing more is sent
        then."""
        for tenant_id in tenants_with_file(self._data):
            path = path_of(self._data, tenant_id)
            if self._sent.get(tenant_id) != (state := _state(path)):
                with held_alone(path.with_suffix(SENT)) as place, self._refused(tenant_id):
                    if place is not None:
                        self._send(path, place)
                        self._sent[tenant_id] = state

    @contextmanager
    def _refused(self, tenant_id: UUID) -> Iterator[None]:
        """Says whose line the address refused."""
        try:
            yield
        except HTTPError as error:
            self._troubles.report("seal_not_taken", tenant_id, str(error.code))

    def _send(self, path: Path, place: int) -> None:
        with path.open("rb") as file:
            sent = _taken(file, os.pread(place, _PLACE.size, 0))
            file.seek(sent)
            for line in file:
                if line.endswith(b"\n"):
                    self._post(line[:-1])
                    sent += len(line)
                    digest = hashlib.sha256(line).digest()
                    os.pwrite(place, _PLACE.pack(sent, len(line), digest), 0)

    def _post(self, line: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        request = Request(self._address, line, headers, method="POST")  # noqa: S310 - a setting
        with self._opener.open(request, timeout=PATIENCE):
            pass


class _NoRedirect(HTTPRedirectHandler):
    """A line is taken where it was sent to, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _state(path: Path) -> tuple[int, int, int]:
    """Of a file, what is another once anything in it is."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _taken(file: BinaryIO, place: bytes) -> int:
    """The bytes of a file that the address has taken; none of one that was put in its place."""
    if len(place) != _PLACE.size:
        return 0
    sent, length, digest = _PLACE.unpack(place)
    file.seek(sent - length)
    return sent if hashlib.sha256(file.read(length)).digest() == digest else 0
