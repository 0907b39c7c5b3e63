"""What an account is to have before it is made: an address that it is known by, and a name."""

from domain.kernel.contacts import MAIL
from domain.kernel.errors import Refusal
from domain.kernel.values import bare_number, required
from services.people.passwords import require_password

LONGEST_ADDRESS = 254


def address_of(email: str) -> str:
    """A mail address as accounts are kept, and looked up, by it."""
    return bare_number(email).lower()


def require_address(email: str) -> str:
    """The address as it is kept. Refuses `email_invalid`."""
    address = address_of(email)
    if not address or len(address) > LONGEST_ADDRESS:
        raise Refusal("email_invalid", field="email")
    MAIL.check(address, "email")
    return address


def require_account(email: str, name: str, password: str | None) -> tuple[str, str]:
    """The address and the name as they are kept. password: None before there is one.

    Refuses `email_invalid`, `name_missing` and what `require_password` refuses.
    """
    address, name = require_address(email), required(name, "name")
    if password is not None:
        require_password(password, address.partition("@")[0], name)
    return address, name
