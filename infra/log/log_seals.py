"""Seals of a partner's log: what is hashed, and how a seal is signed and read (decision 0041).

A seal is one line of JSON over a block of the log. What it says of rows is the hash of their
hashes, which are kept beside it, so that a row that is another is found by its position. It names
the key that signed it; which key holds where is walked back from the one at hand (decision 0044).
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.kernel.errors import Refusal
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

SHORT = 16
"""Digits of a key by which it is told."""

NAMES_FORMER = '"former":"'
"""What stands in the line of a seal by which another key begins, and in no other."""

_SIGNATURE = ',"signature":"'
_packed = msgspec.msgpack.Encoder().encode


class Seal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a line says, but for its signature.

    number: of the line, from 1. key: the public half of the one that signs it. after, until: the
    positions of the block, which is empty where the key changes. previous: hash of the line before,
    empty for the first. events, answers: of the hashes of the rows. kept_from: answers to commands
    below this position have expired. partner: of the partner's row. former: the key of the line
    before, where that is another. handover: the former key's signature for this one; empty where
    that was lost.
    """

    tenant: UUID
    number: int
    key: str
    after: int
    until: int
    previous: str
    events: str
    answers: str
    kept_from: int
    partner: str
    sealed_at: datetime
    former: str = ""
    handover: str = ""

    @property
    def begin(self) -> int:
        """The first position of the block; the one before it where the block is empty."""
        return min(self.after + 1, self.until)

    @property
    def is_handed_over(self) -> bool:
        """Whether the former key says that this one follows it here."""
        return _is_signed(self.former, self.handover, _handed_over(self))


class AnswerHash(msgspec.Struct, frozen=True):
    """The hash of an idempotency answer, and the position that it names."""

    position: int
    hash: bytes


class SealKey:
    """Signs seals. public: its public half, which they name."""

    def __init__(self, seed: bytes) -> None:
        """seed: 32 bytes that stay outside the database."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(self, seal: Seal) -> str:
        """The line of a seal that names this key."""
        said = msgspec.json.encode(seal)
        return _line(said, self._key.sign(said).hex())

    def hand_over(self, seal: Seal) -> Seal:
        """The first seal of the key that follows this one, with this one's word for it."""
        signature = self._key.sign(_handed_over(seal)).hex()
        return msgspec.structs.replace(seal, handover=signature)


def read_seal(line: str, tenant_id: UUID) -> Seal | None:
    """The seal that a line is; None where it is not of this partner, or not as the key that it
    names has signed it. Whether that key holds there is another question."""
    said, _, rest = line.rpartition(_SIGNATURE)
    signed, signature = f"{said}}}".encode(), rest.removesuffix('"}')
    try:
        seal = msgspec.json.decode(signed, type=Seal)
    except ValueError:
        return None
    is_sound = (
        seal.tenant == tenant_id
        and _line(msgspec.json.encode(seal), signature.lower()) == line
        and _is_signed(seal.key, signature, signed)
    )
    return seal if is_sound else None


def short_of(key: str) -> str:
    """By what people tell a seal key: the beginning of its public half."""
    return key[:SHORT]


def other_seal_key(
    seeds: Sequence[bytes], others: Collection[str], *, is_made: bool = False
) -> Refusal:
    """What is said where logs are signed with others than the first key at hand: `seal_key_other`
    (key, other), `seal_key_gone` where it was only just made, there being none, or
    `seal_key_unfinished` where those are at hand too, since a change of the key was interrupted.
    seeds: of all at hand."""
    key, *former = [SealKey(seed).public for seed in seeds]
    lost = {*others} - {*former}
    code = "seal_key_unfinished"
    if lost:
        code = "seal_key_gone" if is_made else "seal_key_other"
    return Refusal(code, key=short_of(key), other=short_of(min(lost or others)))


def _line(said: bytes, signature: str) -> str:
    return f'{said[:-1].decode()}{_SIGNATURE}{signature}"}}'


def _handed_over(seal: Seal) -> bytes:
    """What a former key signs of the seal by which another begins."""
    place = f"{seal.tenant} {seal.number} {seal.previous}"
    return f"chudan seal key {seal.former} {seal.key} {place}".encode()


def _is_signed(key: str, signature: str, said: bytes) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), said)
    except (InvalidSignature, ValueError):
        return False
    return True


class KeyHeld(msgspec.Struct, frozen=True):
    """A key that holds from one line of a chain on. since: the seal by which it followed another;
    None for the first."""

    key: str
    number: int
    since: Seal | None = None


def keys_held(at_hand: str, changes: Iterable[Seal]) -> list[KeyHeld]:
    """Which keys hold, the newest first: the one at hand, and before the seal by which it began the
    one that this seal names, and so on.

    changes: what there is of seals that name a former key. Those by a key that does not hold there
    say nothing, so nobody without a key brings another one in.
    """
    held, key = list[KeyHeld](), at_hand
    for seal in sorted(changes, key=lambda seal: seal.number, reverse=True):
        if seal.key == key and seal.former != key:
            held.append(KeyHeld(key, seal.number, seal))
            key = seal.former
    return [*held, KeyHeld(key, 1)]


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
