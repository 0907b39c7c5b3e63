"""What an account is to have before it is made: an address that it is known by, and a name."""

from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from domain.kernel.contacts import MAIL
from domain.kernel.errors import Refusal
from domain.kernel.values import bare_number, required
from domain.people.partner import HEAD_OFFICE_ID
from services.kernel.context import Role
from services.people.passwords import require_password

LONGEST_ADDRESS = 254

K = TypeVar("K", bound=StrEnum)


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


def role_in(tenant_id: UUID, role: Role | str) -> Role:
    """A role that is named for somebody of an organisation. Refuses `role_unknown` (roles),
    `role_needs_partner`, `role_is_head_office`, and `role_of_others` of nobody's."""
    known = one_of(Role, role, "role", field="role")
    if not known.is_of(tenant_id):
        is_head_office = tenant_id == HEAD_OFFICE_ID
        others = "role_needs_partner" if is_head_office else "role_is_head_office"
        code = "role_of_others" if known is Role.OPERATOR else others
        raise Refusal(code, field="role", role=str(known))
    return known


def one_of(kind: type[K], given: str, what: str, *, field: str) -> K:
    """What somebody calls by its value. Refuses `…_unknown` (what is known)."""
    try:
        return kind(str(given))
    except ValueError as error:
        said = {what: str(given), f"{what}s": [str(one) for one in kind]}
        raise Refusal(f"{what}_unknown", field=field, **said) from error
