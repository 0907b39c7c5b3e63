"""The demo's log-ins: the training manager of each partner, and somebody in each role of one
partner and of head office. Their password is this installation's own.

They are noted in the data folder, for the log-in page to offer and `make demo` to print.
"""

import hashlib
import hmac
from typing import Final

import msgspec

from infra.servers.data_folder import write_private
from infra.settings import Settings
from services.kernel.context import Role

NOTE = "demo.json"

USUAL: Final = (Role.TRAINING_MANAGER, Role.HEAD_OFFICE)
"""Of whom every organisation has one."""


class DemoAccount(msgspec.Struct, frozen=True):
    """A log-in that a demo system offers to everybody. partner: its name; None: head office.
    is_empty: nothing is recorded there yet."""

    partner: str | None
    email: str
    password: str
    role: Role = Role.TRAINING_MANAGER
    is_empty: bool = False

    @property
    def is_usual(self) -> bool:
        """Whether every organisation has one of this role."""
        return self.role in USUAL


def demo_accounts(settings: Settings) -> list[DemoAccount]:
    """The log-ins on offer; empty unless the installation was filled with the demo partners."""
    note = settings.data / NOTE
    if not note.exists():
        return []
    return msgspec.json.decode(note.read_bytes(), type=list[DemoAccount])


def demo_account(
    settings: Settings, code: str, name: str | None, role: Role, *, is_empty: bool = False
) -> DemoAccount:
    """The account of who has this role in the organisation with this code. The password follows
    from the secret key."""
    whose = code if role in USUAL else f"{code}-{role.replace('_', '-')}"
    email = f"demo-{whose}@chudan.example"
    words = b"demo password"
    secret = hmac.new(settings.secret_key, words, hashlib.sha256).hexdigest()
    return DemoAccount(name, email, f"demo-{secret[:10]}", role, is_empty)


def note_accounts(settings: Settings, accounts: list[DemoAccount]) -> None:
    """Writes the note of the log-ins on offer."""
    write_private(settings.data / NOTE, msgspec.json.encode(accounts))
