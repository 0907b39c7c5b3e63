"""What is kept of a sample: a backup of a small installation, what it said when it was made, and
who gets in there.

    tests/samples/2026-11-30/
        installation.chudan    what `chudan backup` wrote
        entering.json          the passphrase, and what people and programs get in by there, and
                               nowhere else
        answers.jsonl          questions, each with what was answered
        frozen.json            the formats of that day, and the topics that it holds
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

PLACE = Path(__file__).parent
ARCHIVE, ENTERING, ANSWERS, FROZEN = (
    "installation.chudan",
    "entering.json",
    "answers.jsonl",
    "frozen.json",
)

QUIETLY = {"CHUDAN_LOG_LEVEL": "warning"}
"""The environment of a sample's installation."""

TOPICS = "select distinct topic, class_version from events"
"""Of all partners, as the role that backs up sees them."""

T = TypeVar("T")


class Passkey(msgspec.Struct, frozen=True):
    """What somebody's device keeps. key: PEM. All others are hexadecimal."""

    credential_id: str
    handle: str
    key: str


class Once(msgspec.Struct, frozen=True):
    """An order that was recorded with an idempotency key. position: that was answered."""

    key: str
    partner: str
    employee_no: str
    order_no: str
    closed_on: date
    position: int = 0


class Entering(msgspec.Struct, frozen=True, kw_only=True):
    """By what people and programs get in. asked_at: the instant of the clock at which questions
    were asked. tokens: by the code of the partner, of programs that may read everything. refused:
    tokens that are revoked or over. with_password, with_codes, with_passkey, with_identity: the
    mail addresses of who gets in so. secret: of the codes, in base32. subject: of the identity."""

    passphrase: str
    asked_at: datetime
    tokens: dict[str, str]
    refused: list[str]
    password: str
    with_password: str
    with_codes: str
    secret: str
    recovery: str
    with_passkey: str
    passkey: Passkey
    with_identity: str
    subject: str
    once: Once


class Question(msgspec.Struct, frozen=True):
    """A question to GraphQL, and its answer. whose: the code of the partner that asks."""

    whose: str
    document: str
    variables: dict[str, Any]
    answer: Any = None


class EventShape(msgspec.Struct, frozen=True):
    """How an event is stored. fields: each with how that is."""

    version: int
    fields: dict[str, str]


class Frozen(msgspec.Struct, frozen=True):
    """The formats of a day. migrations: their checksums, in order. events: of the topics, all of
    which the sample holds."""

    migrations: dict[str, str]
    events: dict[str, EventShape]

    @property
    def versions(self) -> set[tuple[str, int]]:
        """The topics with their versions."""
        return {(topic, its.version) for topic, its in self.events.items()}


def samples() -> list[Path]:
    """The folders of all samples, the oldest first."""
    return sorted(path.parent for path in PLACE.glob(f"*/{ARCHIVE}"))


def read(path: Path, kind: type[T]) -> T:
    return msgspec.json.decode(path.read_bytes(), type=kind)


def write(path: Path, kept: Any) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")


def write_lines(path: Path, kept: Iterable[Any]) -> None:
    """What differs between two of them is then seen by the line."""
    path.write_bytes(msgspec.json.Encoder().encode_lines(kept))


def read_lines(path: Path, kind: type[T]) -> list[T]:
    return msgspec.json.Decoder(kind).decode_lines(path.read_bytes())
