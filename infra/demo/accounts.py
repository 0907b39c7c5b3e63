"""The demo's log-ins: one training manager per partner. Their password is this installation's own.

They are noted in the data folder, for the log-in page to offer and `make demo` to print.
"""

import hashlib
import hmac

import msgspec

from infra.servers.data_folder import write_private
from infra.settings import Settings

NOTE = "demo.json"


class DemoAccount(msgspec.Struct, frozen=True):
    """A log-in that a demo system offers to everybody. partner: its name. is_empty: nothing is
    recorded there yet."""

    partner: str
    email: str
    password: str
    is_empty: bool = False


def demo_accounts(settings: Settings) -> list[DemoAccount]:
    """The log-ins on offer; empty unless the installation was filled with the demo partners."""
    note = settings.data / NOTE
    if not note.exists():
        return []
    return msgspec.json.decode(note.read_bytes(), type=list[DemoAccount])


def demo_account(
    settings: Settings, code: str, name: str, *, is_empty: bool = False
) -> DemoAccount:
    """The account of the partner with this code. The password follows from the secret key."""
    email = f"demo-{code}@chudan.example"
    words = b"demo password"
    secret = hmac.new(settings.secret_key, words, hashlib.sha256).hexdigest()
    return DemoAccount(name, email, f"demo-{secret[:10]}", is_empty)


def note_accounts(settings: Settings, accounts: list[DemoAccount]) -> None:
    """Writes the note of the log-ins on offer."""
    write_private(settings.data / NOTE, msgspec.json.encode(accounts))
