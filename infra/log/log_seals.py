"""Seals of a partner's log: what is hashed, and how a seal is signed and read (decision 0041).

A seal is one line of JSON over a block of the log. What it says of rows is the hash of their
hashes, which are kept beside it, so that a row that is another is found by its position.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.database.db import TenantConnection

EVENT_COLUMNS = (
    "tenant_id, position, stream_id, version, topic, class_version, payload::text, actor,"
    " recorded_at, source::text, correlation_id, causation_id, is_last"
)
ANSWER_COLUMNS = "tenant_id, position, idempotency_key, fingerprint, result::text, recorded_at"
PARTNER_COLUMNS = "tenant_id, code, code_key, name, zone, created_at"
"""All columns of the three tables, in the order in which they are hashed: JSON as it is written,
since two numbers may read alike."""

_PARTNER = f"select {PARTNER_COLUMNS} from tenants where tenant_id = $1"  # noqa: S608 - our own text

HASH = hashlib.sha256().digest_size
POSITION = 8
"""Bytes of a position before the hash of an answer."""

_SIGNATURE = ',"signature":"'
_packed = msgspec.msgpack.Encoder().encode


class Seal(msgspec.Struct, frozen=True):
    """What a line says, but for its signature.

    after, until: the positions of the block. previous: hash of the line before, empty for the
    first. events, answers: of the hashes of the rows. kept_from: answers to commands below this
    position have expired. partner: of the partner's row.
    """

    tenant: UUID
    after: int
    until: int
    previous: str
    events: str
    answers: str
    kept_from: int
    partner: str
    sealed_at: datetime


class AnswerHash(msgspec.Struct, frozen=True):
    """The hash of an idempotency answer, and the position that it names."""

    position: int
    hash: bytes


class SealKey:
    """Signs seals, and tells those that it signed from others."""

    def __init__(self, seed: bytes) -> None:
        """seed: 32 bytes that stay outside the database."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._key.public_key()

    def sign(self, seal: Seal) -> str:
        """The line of a seal."""
        said = msgspec.json.encode(seal)
        signature = self._key.sign(said).hex()
        return f'{said[:-1].decode()}{_SIGNATURE}{signature}"}}'

    def read(self, line: str, tenant_id: UUID) -> Seal | None:
        """The seal that a line is; None where it is not of this partner, or not as it was
        signed."""
        said, _, signature = line.rpartition(_SIGNATURE)
        signed = f"{said}}}".encode()
        try:
            self._public.verify(bytes.fromhex(signature.removesuffix('"}')), signed)
            seal = msgspec.json.decode(signed, type=Seal)
        except (InvalidSignature, ValueError):
            return None
        return seal if seal.tenant == tenant_id and self.sign(seal) == line else None


def row_hash(row: Iterable[Any]) -> bytes:
    """The hash of a row's columns. Each is packed with its kind and length, so that no other row
    has the same bytes."""
    return hashlib.sha256(_packed(tuple(row))).digest()


async def partner_hash(tenant: TenantConnection) -> str:
    """The hash of the partner's row, as a seal says it; of nothing where there is none."""
    return row_hash(await tenant.fetchrow(_PARTNER) or ()).hex()


def hash_of(content: bytes | str) -> str:
    """The hash of hashes, or of a line, as a seal says it."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def joined(answers: Sequence[AnswerHash]) -> bytes:
    """The hashes of answers as they are kept, see 0017."""
    return b"".join(one.position.to_bytes(POSITION, "big") + one.hash for one in answers)


def separated(kept: bytes) -> Iterator[AnswerHash]:
    """The hashes of answers that are kept."""
    for at in range(0, len(kept), POSITION + HASH):
        position = int.from_bytes(kept[at : at + POSITION], "big")
        yield AnswerHash(position, kept[at + POSITION : at + POSITION + HASH])
