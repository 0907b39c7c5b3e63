"""A form that was sent when the session was over: kept through the log-in, and then shown again.

The log-in page carries it, sealed with the visit's secret: nobody reads it there, and neither an
address nor anything that the browser keeps holds it. After the log-in its owner's browser sends it
once more as it was, with the token of the session that is over: so it is shown, and carried out
only when it is sent again.
"""

from typing import Final

import msgspec
from msgspec import Struct

from api.web.kit.cookies import CSRF_FIELD, local_path, visit_token
from api.web.kit.renderer import PageRequest, asked_address, here
from api.web.kit.seal import AddressSeal

UNSAVED: Final = "unsaved"
"""What the log-in sends it in."""

LARGEST_UNSAVED = 128 << 10
"""Bytes, sealed: more than the longest summary takes."""

KEPT_SECONDS = 3600
"""How long a form is kept after it was sent, whoever comes to the browser later."""

_LARGEST_SENT = 2 * LARGEST_UNSAVED
"""Bytes of a body, in which a character takes more of them."""


class UnsavedForm(Struct, frozen=True, array_like=True):
    """A form as it was sent. place: where its page is read. inputs: names and texts."""

    address: str
    place: str
    inputs: tuple[tuple[str, str], ...]

    @property
    def token(self) -> str:
        return dict(self.inputs).get(CSRF_FIELD, "")


async def sealed_form(request: PageRequest) -> str:
    """The form that was sent, for the log-in page; empty where it is too large or brings files, or
    the browser has never been at the log-in."""
    visit = visit_token(request)
    form = await sent_form(request) if visit else None
    if not visit or form is None:
        return ""
    sealed = AddressSeal(visit).close(msgspec.json.encode(form).decode())
    return sealed if len(sealed) <= LARGEST_UNSAVED else ""


async def sent_form(request: PageRequest) -> UnsavedForm | None:
    """The form that was sent; None where it is too large or brings files."""
    length = request.headers.get("content-length", "")[:9]
    if not length.isdecimal() or int(length) > _LARGEST_SENT:
        return None
    sent = tuple((await request.form()).multi_items())
    texts = tuple((name, text) for name, text in sent if isinstance(text, str))
    is_whole = len(texts) == len(sent)
    return UnsavedForm(asked_address(request), here(request), texts) if is_whole else None


def opened_form(request: PageRequest, sealed: str) -> UnsavedForm | None:
    """The form that a log-in brings; None where it brings none of this browser's of late."""
    visit = visit_token(request)
    opened = AddressSeal(visit).open(sealed, KEPT_SECONDS) if visit and sealed else ""
    try:
        form = msgspec.json.decode(opened, type=UnsavedForm)
    except msgspec.DecodeError:
        return None  # None was kept, or what was sealed with the visit's secret is none of ours.
    places = (form.address, form.place)
    return form if places == tuple(map(local_path, places)) else None
